/*
 * Mounts over the directory "way", in namespaces of our own. What it holds is a link "to", to the denied directory; what is
 * mounted there has one to either. An unmount returns late, when everybody has seen it: so there are mounts of both kinds.
 */
#include "toctou.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static void write_file(const char *path, const char *content)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0 || write(fd, content, strlen(content)) < 0 || close(fd) < 0)
		broken(path);
}

static void own_namespaces(void)
{
	char uids[64], gids[64];

	snprintf(uids, sizeof uids, "0 %u 1", geteuid());
	snprintf(gids, sizeof gids, "0 %u 1", getegid());
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		broken("unshare");
	write_file("/proc/self/setgroups", "deny");
	write_file("/proc/self/uid_map", uids);
	write_file("/proc/self/gid_map", gids);
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		broken("mount");
}

static void make_directory(const char *name, const char *to)
{
	char link[64];

	snprintf(link, sizeof link, "%s/to", name);
	if (mkdir(name, 0755) < 0 || symlink(to, link) < 0)
		broken(name);
}

static void prepare_mounts(void)
{
	make_directory("way", "../denied");
	make_directory("to-denied", "../denied");
	make_directory("to-allowed", "../allowed");
	if (mkdir("aside", 0755) < 0)
		broken("aside");
	own_namespaces();
}

/* Whoever looks at it at the moment keeps it, but not its place. */
static void unmount(void)
{
	if (umount2("way", MNT_DETACH) < 0)
		broken("umount2");
}

static void swap_mount(unsigned round)
{
	if (round % 4 >= 2)
		unmount();
	else if (mount("tmpfs", "way", "tmpfs", 0, NULL) < 0 || symlink(round % 4 ? "../denied" : "../allowed", "way/to") < 0)
		broken("tmpfs");
}

static void swap_bind(unsigned round)
{
	if (round % 4 >= 2)
		unmount();
	else if (mount(round % 4 ? "to-denied" : "to-allowed", "way", NULL, MS_BIND, NULL) < 0)
		broken("bind");
}

static void prepare_move(void)
{
	prepare_mounts();
	if (mount("to-allowed", "aside", NULL, MS_BIND, NULL) < 0)
		broken("bind");
}

static void swap_move(unsigned round)
{
	if (mount(round % 2 ? "way" : "aside", round % 2 ? "aside" : "way", NULL, MS_MOVE, NULL) < 0)
		broken("move");
}

const struct change MOUNTS[] = {
	{ "mount", prepare_mounts, swap_mount, &here, "way/to/file" },
	{ "bind", prepare_mounts, swap_bind, &here, "way/to/file" },
	{ "move", prepare_move, swap_move, &here, "way/to/file" },
	{ 0 },
};

/*
 * Whatever namespace and root somebody has made for itself, and whichever of its threads asks: a mount that is read-only stays so, and one
 * of its own is changed (C44). Every combination is in a mount namespace of its own, which ends with it.
 */
#include "mounts.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ROOT "/root/work/place"
enum { NONE, MOUNTS, USERS, NAMESPACES };

static struct {
	int namespaces, chroot, pivot, thread;
} now;

/* The tree that becomes the root, or not: usr is read-only and stays so, own is not. */
static void make_tree(void)
{
	static const char *const directories[] = { ROOT "/usr", ROOT "/own", ROOT "/to", ROOT "/again" };

	must(unshare(CLONE_NEWNS), "unshare");
	must(mount("none", ROOT, "tmpfs", 0, NULL), ROOT);
	for (size_t i = 0; i < sizeof directories / sizeof directories[0]; i++)
		must(mkdir(directories[i], 0755), directories[i]);
	must(mount("/usr", ROOT "/usr", NULL, MS_BIND | MS_REC, NULL), "usr");
	must(mount("none", ROOT "/own", "tmpfs", 0, NULL), "own");
}

static void put(const char *file, const char *text)
{
	int fd = open(file, O_WRONLY | O_CLOEXEC);

	must(fd, file);
	must(write(fd, text, strlen(text)), file);
	must(close(fd), file);
}

static void enter_user_namespace(void)
{
	must(unshare(CLONE_NEWUSER | CLONE_NEWNS), "unshare");
	put("/proc/self/uid_map", "0 0 1");
	put("/proc/self/setgroups", "deny");
	put("/proc/self/gid_map", "0 0 1");
	/* what it has from above is no root to be left, a copy is */
	must(mount(ROOT, ROOT, NULL, MS_BIND | MS_REC, NULL), ROOT);
}

/* By the thread itself, so that what it has differs from what its process has. */
static void enter(void)
{
	must(unshare(now.namespaces == MOUNTS ? CLONE_NEWNS : CLONE_FS), "unshare");
	must(chdir(ROOT), ROOT);
	if (now.pivot) {
		must(syscall(SYS_pivot_root, ".", "."), "pivot_root");
		/* the old one lies on the new one */
		say("unmount the old root", umount2("/", MNT_DETACH));
	}
	if (now.chroot) {
		must(chroot(now.pivot ? "/" : "."), "chroot");
		must(chdir("/"), "chdir");
	}
}

/* The absolute path of what is in the tree. */
static const char *in_root(const char *name)
{
	static char paths[4][64];
	static unsigned turn;
	char *path = paths[turn++ % 4];

	snprintf(path, sizeof paths[0], "%s/%s", now.pivot || now.chroot ? "" : ROOT, name);
	return path;
}

static long clear_read_only(const char *place)
{
	struct mount_attr attr = { .attr_clr = MOUNT_ATTR_RDONLY };

	return syscall(SYS_mount_setattr, AT_FDCWD, place, 0, &attr, sizeof attr);
}

static void what_is_not_ours(void)
{
	say("remount usr", mount(NULL, in_root("usr"), NULL, MS_REMOUNT | MS_BIND, NULL));
	say("remount usr, relative", mount(NULL, "usr", NULL, MS_REMOUNT | MS_BIND, NULL));
	say("remount its file system", mount(NULL, in_root("usr"), NULL, MS_REMOUNT, NULL));
	say("clear its flag", clear_read_only(in_root("usr")));
	say("write there", mkdir(in_root("usr/new"), 0755));
	say("bind it", mount(in_root("usr"), in_root("to"), NULL, MS_BIND | MS_REC, NULL));
	say("remount the bind", mount(NULL, in_root("to"), NULL, MS_REMOUNT | MS_BIND, NULL));
	say("clear its flag", clear_read_only("to"));
	say("write there", mkdir(in_root("to/new"), 0755));
	say("bind the bind", mount("to", "again", NULL, MS_BIND | MS_REC, NULL));
	say("remount that", mount(NULL, in_root("again"), NULL, MS_REMOUNT | MS_BIND, NULL));
	say("write there", mkdir("again/new", 0755));
	say("unmount that", umount2(in_root("again"), 0));
	say("unmount the bind", umount2("to", 0));
	say("mount over it", mount("none", in_root("usr/share"), "tmpfs", 0, NULL));
	say("write there", mkdir(in_root("usr/share/new"), 0755));
	say("unmount that", umount2(in_root("usr/share"), 0));
	say("write there", mkdir(in_root("usr/share/new"), 0755));
}

static void what_is_ours(void)
{
	say("own to read-only", mount(NULL, in_root("own"), NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL));
	say("write there", mkdir(in_root("own/new"), 0755));
	say("and back", mount(NULL, "own", NULL, MS_REMOUNT | MS_BIND, NULL));
	say("write there", mkdir(in_root("own/new"), 0755));
	say("its file system to read-only", mount(NULL, in_root("own"), NULL, MS_REMOUNT | MS_RDONLY, NULL));
	say("write there", mkdir("own/other", 0755));
	say("its file system back", mount(NULL, in_root("own"), NULL, MS_REMOUNT, NULL));
	say("write there", mkdir("own/other", 0755));
	say("one more", mount("none", in_root("own"), "tmpfs", MS_RDONLY, NULL));
	say("write there", mkdir(in_root("own/more"), 0755));
	say("unmount that", umount2(in_root("own"), 0));
	say("write there", mkdir(in_root("own/more"), 0755));
	say("unmount own", umount2("own", 0));
	say("unmount own again", umount2(in_root("own"), 0));
	say("unmount usr", umount2(in_root("usr"), 0));
	say("unmount the root", umount2("/", 0));
	say("write there", mkdir(in_root("new"), 0755));
}

static void *try_it(void *unused)
{
	enter();
	what_is_not_ours();
	what_is_ours();
	return unused;
}

static void one(void)
{
	pthread_t thread;

	make_tree();
	if (now.namespaces == USERS)
		enter_user_namespace();
	if (!now.thread)
		try_it(NULL);
	else if (pthread_create(&thread, NULL, try_it, NULL) != 0 || pthread_join(thread, NULL) != 0)
		errx(1, "pthread_create");
}

void try_in_every_root(void)
{
	static const char *const namespaces[] = { "", " unshare", " unshare users" };
	char name[64];

	for (int i = 0; i < NAMESPACES * 2 * 2 * 2; i++) {
		now.thread = i & 1;
		now.chroot = i >> 1 & 1;
		now.pivot = i >> 2 & 1;
		now.namespaces = i >> 3;
		snprintf(name, sizeof name, "C44%s%s%s%s:", namespaces[now.namespaces], now.pivot ? " pivot_root" : "",
			 now.chroot ? " chroot" : "", now.thread ? " thread" : "");
		current = name;
		in_child(one);
	}
}

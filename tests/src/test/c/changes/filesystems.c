/* File systems that are read-only, files that are immutable or take nothing but more. */
#include "calls.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>

static void write_file(const char *path, const char *text)
{
	int fd = or_broken(open(path, O_WRONLY), path);

	if (write(fd, text, strlen(text)) < 0)
		broken(path);
	close(fd);
}

/* A tmpfs in namespaces of our own, in which we are root. */
static void read_only(void)
{
	static const char *const PATHS[] = { "dir/empty", "dir/link", "dir", "dir/.", "dir/missing/x", "dir/new/" };
	char uids[64], gids[64];

	keep_tree();
	snprintf(uids, sizeof uids, "0 %u 1", getuid());
	snprintf(gids, sizeof gids, "0 %u 1", getgid());
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0) {
		printf("unshare: %s\n", strerrorname_np(errno));
		return;
	}
	write_file("/proc/self/setgroups", "deny");
	write_file("/proc/self/uid_map", uids);
	write_file("/proc/self/gid_map", gids);
	if (mount("none", "dir", "tmpfs", 0, "mode=755") < 0)
		broken("tmpfs");
	close(or_broken(open("dir/file", O_CREAT | O_WRONLY, 0644), "dir/file"));
	show(CALL(SYS_mkdir, "dir/empty", 0755), "mkdir on a tmpfs");
	show(CALL(SYS_symlink, "file", "dir/link"), "symlink on a tmpfs");
	show(CALL(SYS_rename, "file", "dir/new"), "rename to another file system");
	show(CALL(SYS_link, "file", "dir/new"), "link to another file system");
	show(CALL(SYS_rmdir, "dir"), "rmdir of a mount point");
	show(CALL(SYS_rename, "dir", "new"), "rename of a mount point");
	if (mount("none", "dir", NULL, MS_REMOUNT | MS_RDONLY, NULL) < 0)
		broken("remount");
	every("dir/file", "dir/file");
	every("dir/new", "dir/new");
	for (size_t i = 0; i < sizeof PATHS / sizeof *PATHS; i++)
		each(PATHS[i], PATHS[i]);
}

/* chattr(1), of a file or directory; whether that is ours to do. */
static int set_flag(const char *path, int flag, int on)
{
	int fd = or_broken(open(path, O_RDONLY | O_CLOEXEC), path);
	int flags, done = ioctl(fd, FS_IOC_GETFLAGS, &flags);

	flags = on ? flags | flag : flags & ~flag;
	if (done == 0)
		done = ioctl(fd, FS_IOC_SETFLAGS, &flags);
	close(fd);
	return done;
}

static void with_flag(int flag, const char *what)
{
	static const char *const PATHS[] = { "file", "dir", "dir/inner", "dir/new", "link" };

	keep_tree();
	for (size_t p = 0; p < sizeof PATHS / sizeof *PATHS; p++)
		for (size_t i = 0; i < CHANGES_COUNT; i++) {
			/* again and again: file_setattr takes it away */
			if (set_flag("file", flag, 1) < 0 || set_flag("dir", flag, 1) < 0) {
				printf("%s: %s\n", what, strerrorname_np(errno));
				return;
			}
			show(CHANGES[i].make(PATHS[p]), "%s: %s %s", what, CHANGES[i].name, PATHS[p]);
		}
	if (set_flag("file", flag, 0) < 0 || set_flag("dir", flag, 0) < 0)
		broken(what);
}

static void immutable(void)
{
	with_flag(FS_IMMUTABLE_FL, "immutable");
}

static void append_only(void)
{
	with_flag(FS_APPEND_FL, "append-only");
}

void filesystems(void)
{
	in_child(read_only);
	in_child(immutable);
	in_child(append_only);
}

/* Where there is no room: for a descriptor, a file, or a byte. What fails has done nothing. */
#include "effects.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdint.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>

static char too_long[PATH_MAX + 1];

/* What is still as it was: files do not come into being, and are not cut off. */
static void print_state(void)
{
	static const char *const FILES[] = { "new", "full", "link-made" };
	struct stat st;

	for (size_t i = 0; i < sizeof FILES / sizeof *FILES; i++)
		if (stat(FILES[i], &st) == 0)
			printf("  %s has %ld bytes, %lu links\n", FILES[i], (long)st.st_size, (unsigned long)st.st_nlink);
	unlink("new");
	unlink("link-made");
	must(truncate("full", 4), "full");
}

/* With which error first is known to differ (missing_without_room of differences.py). */
static void fails(long returned, size_t path, int flags)
{
	printf("no room for path %zu, flags %#x: %s\n", path, (unsigned)flags, returned < 0 ? "failed" : "done");
}

static void no_descriptors(void)
{
	static const int FLAGS[] = { O_RDONLY, O_RDWR, O_WRONLY | O_TRUNC, O_CREAT | O_RDWR, O_CREAT | O_EXCL | O_RDWR,
				     O_CREAT | O_WRONLY | O_TRUNC, O_PATH, O_DIRECTORY, O_TMPFILE | O_RDWR, O_TMPFILE,
				     O_NOFOLLOW, O_CREAT | O_DIRECTORY };
	const char *const PATHS[] = { "full", "new", "link", "missing/x", "", ".", NULL, (char *)16, too_long, "closed", "pipe", "/dev/null",
				      "/proc/self/fd/0", "full/x" };
	struct rlimit limit = { 3, 3 };
	struct open_how how = { 0 };

	must(setrlimit(RLIMIT_NOFILE, &limit), "setrlimit");
	for (size_t f = 0; f < sizeof FLAGS / sizeof *FLAGS; f++)
		for (size_t p = 0; p < sizeof PATHS / sizeof *PATHS; p++) {
			fails(syscall(SYS_openat, AT_FDCWD, PATHS[p], FLAGS[f] | O_NONBLOCK, 0644), p, FLAGS[f]);
			print_state();
			how.flags = (uint64_t)FLAGS[f] | O_CLOEXEC | O_NONBLOCK;
			how.mode = FLAGS[f] & (O_CREAT | __O_TMPFILE) ? 0644 : 0;
			fails(syscall(SYS_openat2, AT_FDCWD, PATHS[p], &how, sizeof how), p, FLAGS[f]);
			print_state();
		}
	show(syscall(SYS_creat, "new", 0644), "no room for what is created");
	print_state();
	show(syscall(SYS_openat, AT_FDCWD, "full", O_WRONLY | O_TRUNC), "no room for what is cut off");
	print_state();
	show(syscall(SYS_openat, AT_FDCWD, "pipe", O_RDONLY), "no room for what would wait");
	show(syscall(SYS_openat, AT_FDCWD, ".", O_TMPFILE | O_RDWR, 0644), "no room for what has no name");
	show(syscall(SYS_openat, AT_FDCWD, "full", O_RDONLY), "no room for what is there");
	how.resolve = 1ULL << 40;
	show(syscall(SYS_openat2, AT_FDCWD, "new", &how, sizeof how), "no room, and a wrong restriction");
	show(syscall(SYS_openat2, AT_FDCWD, "new", &how, 3), "no room, and a wrong size");
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	must(fd, path);
	must(write(fd, text, strlen(text)), path);
	close(fd);
}

static void no_files(void)
{
	char uids[64], gids[64];

	snprintf(uids, sizeof uids, "0 %u 1", getuid());
	snprintf(gids, sizeof gids, "0 %u 1", getgid());
	must(mkdir("small", 0755), "small");
	if (show(unshare(CLONE_NEWUSER | CLONE_NEWNS), "unshare") < 0)
		return;
	write_file("/proc/self/setgroups", "deny");
	write_file("/proc/self/uid_map", uids);
	write_file("/proc/self/gid_map", gids);
	must(mount("none", "small", "tmpfs", 0, "nr_inodes=4,size=4k,mode=755"), "tmpfs");
	must(mkdir("small/one", 0755), "one");
	must(mkdir("small/two", 0755), "two");
	must(mkdir("small/three", 0755), "three");
	show(mkdir("small/four", 0755), "mkdir without an inode");
	show(open("small/four", O_CREAT | O_RDWR, 0644), "open without an inode");
	show(open("small", O_TMPFILE | O_RDWR, 0644), "O_TMPFILE without an inode");
	show(symlink("x", "small/four"), "symlink without an inode");
	show(mknod("small/four", S_IFREG | 0644, 0), "mknod without an inode");
	show(rename("small/three", "small/two"), "rename over a directory");
	show(open("small/four", O_CREAT | O_RDWR, 0644), "open with an inode");
	show(truncate("small/four", 1 << 20), "truncate");
	show(link("small/four", "small/five"), "link");
	show(setxattr("small/four", "user.x", too_long, 4096, 0), "setxattr");
}

/* In a directory that has been removed. */
static void no_place(void)
{
	must(mkdir("gone", 0755), "gone");
	int fd = open("gone", O_RDONLY | O_DIRECTORY);
	must(fd, "gone");
	must(rmdir("gone"), "gone");
	show(openat(fd, "new", O_CREAT | O_RDWR, 0644), "open in what is gone");
	show(openat(fd, ".", O_TMPFILE | O_RDWR, 0644), "O_TMPFILE in what is gone");
	show(openat(fd, ".", O_RDONLY), "what is gone");
	show(openat(fd, "..", O_RDONLY), "above what is gone");
	show(mkdirat(fd, "new", 0755), "mkdir in what is gone");
	show(renameat(AT_FDCWD, "full", fd, "new"), "rename to what is gone");
	show(linkat(AT_FDCWD, "full", fd, "new", 0), "link to what is gone");
	show(symlinkat("x", fd, "new"), "symlink in what is gone");
	show(unlinkat(fd, "new", 0), "unlink in what is gone");
}

void room(void)
{
	memset(too_long, 'x', PATH_MAX);
	file("full", 0644, "full");
	file("closed", 0, "");
	must(symlink("link-made", "link"), "link");
	must(mkfifo("pipe", 0644), "pipe");
	in_child(no_descriptors);
	in_child(no_files);
	in_child(no_place);
}

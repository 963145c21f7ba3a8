/* Paths that begin at a descriptor, lead through one, or mean the descriptor itself. */
#include "calls.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static const struct timespec NANOS[] = { { 1000, 1 }, { 2000, 999999999 } };
static const struct timeval MICROS[] = { { 1000, 1 }, { 2000, 999999 } };

static void at(const char *name, int fd, const char *path, int flags)
{
	struct xattr_arguments value = { .value = (uintptr_t)"value", .size = 5 };
	struct file_attributes attributes = { .xflags = FS_XFLAG_NODUMP };

	show(CALL(SYS_fchownat, fd, path, -1, 77, flags), "fchownat %#x %s", (unsigned)flags, name);
	show(CALL(SYS_fchmodat, fd, path, 0704), "fchmodat %s", name);
	show(CALL(NR_fchmodat2, fd, path, 0704, flags), "fchmodat2 %#x %s", (unsigned)flags, name);
	show(CALL(SYS_utimensat, fd, path, NANOS, flags), "utimensat %#x %s", (unsigned)flags, name);
	show(CALL(SYS_utimensat, fd, path, NULL, flags), "utimensat now %#x %s", (unsigned)flags, name);
	show(CALL(SYS_futimesat, fd, path, MICROS), "futimesat %s", name);
	show(CALL(NR_setxattrat, fd, path, flags, "user.name", &value, sizeof value), "setxattrat %#x %s", (unsigned)flags, name);
	show(CALL(NR_removexattrat, fd, path, flags, "user.name"), "removexattrat %#x %s", (unsigned)flags, name);
	show(CALL(NR_file_setattr, fd, path, &attributes, sizeof attributes, flags), "file_setattr %#x %s", (unsigned)flags,
	     name);
	show(CALL(SYS_linkat, fd, path, AT_FDCWD, "another", flags & AT_EMPTY_PATH), "linkat %s", name);
	show(CALL(SYS_mkdirat, fd, path, 0755), "mkdirat %s", name);
	show(CALL(SYS_mknodat, fd, path, S_IFIFO | 0644, 0), "mknodat %s", name);
	show(CALL(SYS_symlinkat, "target", fd, path), "symlinkat %s", name);
	show(CALL(SYS_renameat, fd, path, AT_FDCWD, "another"), "renameat of %s", name);
	show(CALL(SYS_renameat, AT_FDCWD, "suid", fd, path), "renameat to %s", name);
	show(CALL(SYS_unlinkat, fd, path, 0), "unlinkat %s", name);
}

/* With a descriptor of what lies in this tree; a change makes another. */
static void opened(const char *what, const char *path, int open_flags)
{
	static const int FLAGS[] = { 0, AT_EMPTY_PATH, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH };
	static const char *const PATHS[] = { "", NULL, "inner", "missing", "../file", "." };
	size_t count = strcmp(path, "dir") == 0 ? sizeof PATHS / sizeof *PATHS : 3;
	char name[128];

	for (size_t f = 0; f < sizeof FLAGS / sizeof *FLAGS; f++)
		for (size_t p = 0; p < count; p++) {
			int fd = open(path, open_flags | O_CLOEXEC);

			if (fd < 0) {
				show(result(-1), "%s cannot be opened", what);
				return;
			}
			keep_tree();
			close(fd);
			fd = or_broken(open(path, open_flags | O_CLOEXEC), path);
			snprintf(name, sizeof name, "%s '%s'", what, PATHS[p] ? PATHS[p] : "NULL");
			at(name, fd, PATHS[p], FLAGS[f]);
			close(fd);
		}
}

static void without_files(void)
{
	static const int NUMBERS[] = { 77, -1, -99, AT_FDCWD, 0x7fffffff };
	char name[64];
	int pipes[2], sockets[2];

	keep_tree();
	for (size_t i = 0; i < sizeof NUMBERS / sizeof *NUMBERS; i++) {
		snprintf(name, sizeof name, "descriptor %d", NUMBERS[i]);
		at(name, NUMBERS[i], "", AT_EMPTY_PATH);
		at(name, NUMBERS[i], NULL, AT_EMPTY_PATH);
		at(name, NUMBERS[i], NULL, 0);
		at(name, NUMBERS[i], "dir/inner", 0);
		keep_tree();
	}
	if (pipe(pipes) < 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) < 0)
		broken("pipe");
	at("a pipe", pipes[0], "", AT_EMPTY_PATH);
	at("a pipe, NULL", pipes[0], NULL, 0);
	at("a socket", sockets[0], "", AT_EMPTY_PATH);
	at("below a pipe", pipes[0], "x", 0);
}

/* Every change of what a descriptor leads to, opened anew for each. */
static void through(const char *format, const char *path, int flags)
{
	char name[64];

	for (size_t i = 0; i < CHANGES_COUNT; i++) {
		if (!(CHANGES[i].flags & TYPICAL))
			continue;
		int fd = or_broken(open(path, flags | O_CLOEXEC, 0644), path);

		if (flags & O_CREAT && unlink(path) < 0)
			broken(path);
		snprintf(name, sizeof name, format, fd);
		show(CHANGES[i].make(name), "%s %s of %s", CHANGES[i].name, format, path);
		close(fd);
	}
}

static void through_proc(void)
{
	through("/proc/self/fd/%d", "file", O_RDONLY);
	through("/proc/self/fd/%d", "suid", O_PATH);
	through("/proc/thread-self/fd/%d", "link", O_PATH | O_NOFOLLOW);
	through("/dev/fd/%d", "dir", O_PATH);
	through("/proc/self/fd/%d/inner", "dir", O_RDONLY);
	through("/proc/self/fd/%d/new", "dir", O_PATH);
	through("/proc/self/fd/%d/../new", "dir", O_PATH);
	through("/proc/self/fd/%d", "gone", O_CREAT | O_RDWR);
}

static void dir_opened(void)
{
	opened("a directory", "dir", O_RDONLY | O_DIRECTORY);
}

static void dir_held(void)
{
	opened("an O_PATH of a directory", "dir", O_PATH);
}

static void file_opened(void)
{
	opened("a file", "file", O_RDWR);
}

static void file_held(void)
{
	opened("an O_PATH of a file", "file", O_PATH);
}

static void link_held(void)
{
	opened("an O_PATH of a link", "link", O_PATH | O_NOFOLLOW);
}

void descriptors(void)
{
	in_child(dir_opened);
	in_child(dir_held);
	in_child(file_opened);
	in_child(file_held);
	in_child(link_held);
	in_child(without_files);
	in_child(through_proc);
}

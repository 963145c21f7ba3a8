/* Files without a name that are given one. */
#include "calls.h"

#include <fcntl.h>
#include <stdio.h>

static int unnamed(int flags)
{
	return open("dir", O_TMPFILE | O_RDWR | O_CLOEXEC | flags, 0640);
}

static void by_number(const char *name, int fd, int flags)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	show(CALL(SYS_linkat, AT_FDCWD, path, AT_FDCWD, "new", flags), "%s, by its number", name);
}

void tmpfiles(void)
{
	int fd = unnamed(0);

	if (fd < 0) {
		show(result(-1), "O_TMPFILE");
		return;
	}
	show(CALL(SYS_linkat, fd, "", AT_FDCWD, "new", AT_EMPTY_PATH), "an O_TMPFILE, by its descriptor");
	show(CALL(SYS_linkat, fd, "", AT_FDCWD, "new", 0), "an O_TMPFILE, by its descriptor without a flag");
	show(CALL(SYS_linkat, fd, "", AT_FDCWD, "file", AT_EMPTY_PATH), "an O_TMPFILE, to a name that is taken");
	fd = unnamed(0);
	by_number("an O_TMPFILE", fd, AT_SYMLINK_FOLLOW);
	fd = unnamed(0);
	by_number("an O_TMPFILE, not followed", fd, 0);
	fd = unnamed(O_EXCL);
	by_number("an O_TMPFILE O_EXCL", fd, AT_SYMLINK_FOLLOW);
	show(CALL(SYS_linkat, fd, "", AT_FDCWD, "new", AT_EMPTY_PATH), "an O_TMPFILE O_EXCL, by its descriptor");
	fd = or_broken(open("file", O_PATH | O_CLOEXEC), "file");
	by_number("an O_PATH", fd, AT_SYMLINK_FOLLOW);
	fd = or_broken(open("file", O_RDWR | O_CLOEXEC), "file");
	if (unlink("file") < 0)
		broken("file");
	by_number("a file that was unlinked", fd, AT_SYMLINK_FOLLOW);
}

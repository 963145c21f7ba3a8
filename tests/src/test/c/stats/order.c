/* Which of several errors in one call is the one it fails with. */
#include "stats.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

static char too_long[PATH_MAX + 1];

static void flags_of_one(const char *what, int dirfd, const char *path)
{
	static const int FLAGS[] = { AT_SYMLINK_FOLLOW, AT_NO_AUTOMOUNT, AT_REMOVEDIR, AT_STATX_FORCE_SYNC, AT_STATX_DONT_SYNC,
				     AT_STATX_FORCE_SYNC | AT_STATX_DONT_SYNC, AT_RECURSIVE, 1, 2, 0x10, (int)0x80000000, -1,
				     AT_EMPTY_PATH | (int)0x80000000, AT_EMPTY_PATH | AT_STATX_FORCE_SYNC | AT_STATX_DONT_SYNC,
				     AT_EMPTY_PATH | AT_REMOVEDIR, AT_EMPTY_PATH | AT_SYMLINK_FOLLOW, AT_EMPTY_PATH | 2 };

	for (size_t i = 0; i < sizeof FLAGS / sizeof *FLAGS; i++) {
		stat_case(what, SYS_newfstatat, dirfd, path, FLAGS[i]);
		statx_case(what, dirfd, path, FLAGS[i], STATX_BASIC_STATS);
		access_case(what, SYS_faccessat2, dirfd, path, R_OK, FLAGS[i]);
		getxattr_case(what, SYS_getxattrat, dirfd, path, FLAGS[i], "user.colour", 100);
		listxattr_case(what, SYS_listxattrat, dirfd, path, FLAGS[i], 100);
		file_getattr_case(what, dirfd, path, FLAGS[i], 24);
		file_getattr_case(what, dirfd, path, FLAGS[i], 4097);
		handle_case(what, dirfd, path, FLAGS[i], 128);
	}
}

static void masks_of_one(const char *what, int dirfd, const char *path)
{
	static const unsigned MASKS[] = { 0, STATX_TYPE, STATX_BASIC_STATS, STATX_ALL, STATX_MNT_ID, 0x2000, 0x4000, 0x7fffffff,
					  STATX__RESERVED, 0xffffffff };
	static const int MODES[] = { 8, 010, 0777, -1 };
	static const unsigned WATCHES[] = { 0, IN_CREATE | 0x00100000, 0x00100000, IN_ALL_EVENTS | IN_MASK_ADD, IN_CREATE | IN_MASK_CREATE,
					    IN_CREATE | IN_MASK_ADD | IN_MASK_CREATE, IN_ONESHOT, IN_ISDIR, IN_CREATE | IN_EXCL_UNLINK };

	for (size_t i = 0; i < sizeof MASKS / sizeof *MASKS; i++)
		statx_case(what, dirfd, path, 0, MASKS[i] & ~(unsigned)(STATX_MNT_ID | 0x4000));
	for (size_t i = 0; i < sizeof MODES / sizeof *MODES; i++) {
		access_case(what, SYS_faccessat2, dirfd, path, MODES[i], 0);
		access_case(what, SYS_faccessat, dirfd, path, MODES[i], 0);
		access_case(what, SYS_access, dirfd, path, MODES[i], 0);
		access_case(what, SYS_faccessat2, dirfd, path, MODES[i], -1);
	}
	for (size_t i = 0; i < sizeof WATCHES / sizeof *WATCHES; i++)
		watch_case(what, path, WATCHES[i]);
	readlink_case(what, SYS_readlink, dirfd, path, 0);
	readlink_case(what, SYS_readlinkat, dirfd, path, -1);
	getxattr_case(what, SYS_getxattr, dirfd, path, 0, "", 100);
	getxattr_case(what, SYS_getxattr, dirfd, path, 0, NULL, 100);
	getxattr_case(what, SYS_getxattr, dirfd, path, 0, too_long, 100);
	getxattr_case(what, SYS_getxattrat, dirfd, path, -1, NULL, 100);
	getxattr_case(what, SYS_getxattrat, dirfd, path, 0, "", 100);
	handle_case(what, dirfd, path, 0, 129);
	handle_case(what, dirfd, path, 0, 0);
}

/* The descriptor of inotify_add_watch is looked at before the path, and after the mask. */
static void watching(const char *what, const char *path)
{
	static const unsigned MASKS[] = { IN_CREATE, 0, IN_CREATE | IN_MASK_ADD | IN_MASK_CREATE };
	const int fds[] = { -1, 77, or_broken(open("file", O_RDONLY), "file"), or_broken(open("file", O_PATH), "file") };

	for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
		for (size_t m = 0; m < sizeof MASKS / sizeof *MASKS; m++) {
			fresh_room();
			begin("%s: inotify_add_watch by %zu %#x", what, i, MASKS[m]);
			end(sys(SYS_inotify_add_watch, fds[i], path, MASKS[m]), 0);
		}
	close(fds[2]);
	close(fds[3]);
}

void order(void)
{
	int link = or_broken(open("link", O_PATH | O_NOFOLLOW), "link");
	int file = or_broken(open("file", O_RDONLY), "file");

	memset(too_long, 'x', PATH_MAX);
	const struct {
		const char *name;
		int dirfd;
		const char *path;
	} PLACES[] = {
		{ "a file", AT_FDCWD, "file" },	      { "a link", AT_FDCWD, "link" },	  { "missing", AT_FDCWD, "missing" },
		{ "a bad pointer", AT_FDCWD, (char *)16 }, { "NULL", AT_FDCWD, NULL },	  { "nothing", AT_FDCWD, "" },
		{ "too long", AT_FDCWD, too_long },   { "a bad dirfd", 77, "file" },	  { "no dirfd", -1, "file" },
		{ "nothing from a file", file, "" },  { "nothing from a link", link, "" }, { "nothing from a bad dirfd", 77, "" },
		{ "NULL from a file", file, NULL },   { "NULL from a bad dirfd", 77, NULL }, { "nothing from no dirfd", -1, "" },
	};
	for (size_t i = 0; i < sizeof PLACES / sizeof *PLACES; i++) {
		flags_of_one(PLACES[i].name, PLACES[i].dirfd, PLACES[i].path);
		masks_of_one(PLACES[i].name, PLACES[i].dirfd, PLACES[i].path);
		if (PLACES[i].dirfd == AT_FDCWD)
			watching(PLACES[i].name, PLACES[i].path);
	}
}

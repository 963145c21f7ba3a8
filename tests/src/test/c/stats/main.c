/*
 * stats DIRECTORY [CASES...]
 *
 * Prints the cases of every file here, or of those named, in DIRECTORY, which must be empty.
 */
#include "stats.h"

#include <fcntl.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct {
	const char *name;
	void (*run)(void);
} CASES[] = {
	{ "names", names }, { "descriptors", descriptors }, { "order", order },
	{ "buffers", buffers }, { "xattrs", xattrs }, { "ids", ids },
	{ "proc", proc }, { "undumpable", undumpable }, { "threads", threads },
	{ "roots", roots }, { "nested", nested }, { "watches", watches },
	{ "i386", i386 },
};

static const int FOLLOWING[] = { 0, AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH };

void every_empty(const char *what, int dirfd, const char *path)
{
	for (size_t i = 0; i < sizeof FOLLOWING / sizeof *FOLLOWING; i++) {
		int flags = FOLLOWING[i];
		stat_case(what, SYS_newfstatat, dirfd, path, flags);
		statx_case(what, dirfd, path, flags, STATX_BASIC_STATS | STATX_BTIME);
		access_case(what, SYS_faccessat2, dirfd, path, R_OK, flags);
		getxattr_case(what, SYS_getxattrat, dirfd, path, flags, "user.colour", 100);
		listxattr_case(what, SYS_listxattrat, dirfd, path, flags, 100);
		file_getattr_case(what, dirfd, path, flags, 24);
		handle_case(what, dirfd, path, flags == AT_SYMLINK_NOFOLLOW ? AT_SYMLINK_FOLLOW : flags & AT_EMPTY_PATH, 128);
	}
	readlink_case(what, SYS_readlinkat, dirfd, path, 4096);
	access_case(what, SYS_faccessat, dirfd, path, F_OK, 0);
}

void every_call(const char *what, int dirfd, const char *path)
{
	static const int MODES[] = { F_OK, R_OK, W_OK, X_OK, R_OK | W_OK | X_OK };

	every_empty(what, dirfd, path);
	for (size_t i = 0; i < sizeof MODES / sizeof *MODES; i++)
		access_case(what, SYS_faccessat2, dirfd, path, MODES[i], AT_EACCESS);
	if (dirfd != AT_FDCWD)
		return;
	stat_case(what, SYS_stat, dirfd, path, 0);
	stat_case(what, SYS_lstat, dirfd, path, 0);
	for (size_t i = 0; i < sizeof MODES / sizeof *MODES; i++)
		access_case(what, SYS_access, dirfd, path, MODES[i], 0);
	readlink_case(what, SYS_readlink, dirfd, path, 4096);
	getxattr_case(what, SYS_getxattr, dirfd, path, 0, "user.colour", 100);
	getxattr_case(what, SYS_lgetxattr, dirfd, path, 0, "user.colour", 100);
	listxattr_case(what, SYS_listxattr, dirfd, path, 0, 100);
	listxattr_case(what, SYS_llistxattr, dirfd, path, 0, 100);
	statfs_case(what, path);
	watch_case(what, path, IN_CREATE);
	watch_case(what, path, IN_CREATE | IN_DONT_FOLLOW);
	watch_case(what, path, IN_CREATE | IN_ONLYDIR);
}

static int wanted(const char *name, char **names, int count)
{
	for (int i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return 1;
	return count == 0;
}

int main(int argc, char **argv)
{
	if (argc < 2 || chdir(argv[1]) < 0)
		broken(argc < 2 ? "usage: stats DIRECTORY [CASES...]" : "chdir");
	umask(022);
	set_tree();
	prepare();
	for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
		if (wanted(CASES[i].name, argv + 2, argc - 2)) {
			printf("# %s\n", CASES[i].name);
			in_child(CASES[i].run);
		}
	return 0;
}

/* Looks at what lies in the secret directory, without opening it. */
#include "escapes.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

enum { NR_faccessat2 = 439, NR_listxattrat = 465 };

static long status(const struct place *there)
{
	struct place file = to(there, "file");
	struct stat found;

	return syscall(SYS_newfstatat, file.dirfd, file.path, &found, 0);
}

static long extended_status(const struct place *there)
{
	struct place file = to(there, "file");
	struct statx found;

	return syscall(SYS_statx, file.dirfd, file.path, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &found);
}

static long permission(const struct place *there)
{
	struct place file = to(there, "file");

	return syscall(SYS_faccessat, file.dirfd, file.path, R_OK);
}

static long effective_permission(const struct place *there)
{
	struct place file = to(there, "file");

	return syscall(NR_faccessat2, file.dirfd, file.path, F_OK, AT_EACCESS);
}

static long where_a_link_leads(const struct place *there)
{
	struct place link = to(there, "link");
	char target[16];

	return syscall(SYS_readlinkat, link.dirfd, link.path, target, sizeof target);
}

static long attributes(const struct place *there)
{
	struct place file = to(there, "file");
	char names[1024];

	return syscall(NR_listxattrat, file.dirfd, file.path, 0, names, sizeof names);
}

static long file_system(const struct place *there)
{
	struct place file = to(there, "file");
	struct statfs found;

	if (file.dirfd != AT_FDCWD && fchdir(file.dirfd) < 0)
		broken("fchdir");
	return statfs(file.path, &found);
}

const struct deed LOOKS[] = {
	{ "newfstatat", status },
	{ "statx", extended_status },
	{ "faccessat", permission },
	{ "faccessat2", effective_permission },
	{ "readlinkat", where_a_link_leads },
	{ "listxattrat", attributes },
	{ "statfs", file_system },
	{ 0 },
};

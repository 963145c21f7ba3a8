/* The changes that are made with a path and nothing else. */
#include "calls.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/xattr.h>
#include <utime.h>

static long by_mkdir(const char *path) { return CALL(SYS_mkdir, path, 0751); }
static long by_mkdirat(const char *path) { return CALL(SYS_mkdirat, AT_FDCWD, path, 0751); }
static long by_mknod(const char *path) { return CALL(SYS_mknod, path, S_IFREG | 0640, 0); }
static long by_mknodat(const char *path) { return CALL(SYS_mknodat, AT_FDCWD, path, S_IFIFO | 0666, 0); }
static long by_symlink(const char *path) { return CALL(SYS_symlink, "to/nowhere", path); }
static long by_symlinkat(const char *path) { return CALL(SYS_symlinkat, "to/nowhere", AT_FDCWD, path); }
static long by_unlink(const char *path) { return CALL(SYS_unlink, path); }
static long by_unlinkat(const char *path) { return CALL(SYS_unlinkat, AT_FDCWD, path, 0); }
static long by_rmdir(const char *path) { return CALL(SYS_rmdir, path); }
static long by_removedir(const char *path) { return CALL(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR); }
static long by_truncate(const char *path) { return CALL(SYS_truncate, path, 3L); }
static long by_chmod(const char *path) { return CALL(SYS_chmod, path, 0750); }
static long by_fchmodat(const char *path) { return CALL(SYS_fchmodat, AT_FDCWD, path, 0750); }
static long by_fchmodat2(const char *path) { return CALL(NR_fchmodat2, AT_FDCWD, path, 0750, 0); }
static long by_lchmod(const char *path) { return CALL(NR_fchmodat2, AT_FDCWD, path, 0750, AT_SYMLINK_NOFOLLOW); }
static long by_chown(const char *path) { return CALL(SYS_chown, path, -1, 77); }
static long by_lchown(const char *path) { return CALL(SYS_lchown, path, -1, 77); }
static long by_fchownat(const char *path) { return CALL(SYS_fchownat, AT_FDCWD, path, -1, 77, 0); }
static long by_lchownat(const char *path) { return CALL(SYS_fchownat, AT_FDCWD, path, -1, 77, AT_SYMLINK_NOFOLLOW); }

static const struct utimbuf SECONDS = { 1000, 2000 };
static const struct timeval MICROS[] = { { 1000, 1 }, { 2000, 999999 } };
static const struct timespec NANOS[] = { { 1000, 1 }, { 2000, 999999999 } };

static long by_utime(const char *path) { return CALL(SYS_utime, path, &SECONDS); }
static long by_utimes(const char *path) { return CALL(SYS_utimes, path, MICROS); }
static long by_futimesat(const char *path) { return CALL(SYS_futimesat, AT_FDCWD, path, MICROS); }
static long by_utimensat(const char *path) { return CALL(SYS_utimensat, AT_FDCWD, path, NANOS, 0); }
static long by_lutimens(const char *path) { return CALL(SYS_utimensat, AT_FDCWD, path, NANOS, AT_SYMLINK_NOFOLLOW); }

static long by_setxattr(const char *path) { return CALL(SYS_setxattr, path, "user.name", "value", 5L, 0); }
static long by_lsetxattr(const char *path) { return CALL(SYS_lsetxattr, path, "user.name", "value", 5L, 0); }

static long by_setxattrat(const char *path)
{
	struct xattr_arguments value = { .value = (uintptr_t)"value", .size = 5 };

	return CALL(NR_setxattrat, AT_FDCWD, path, 0, "user.name", &value, sizeof value);
}

static long by_removexattr(const char *path) { return CALL(SYS_removexattr, path, "user.name"); }
static long by_lremovexattr(const char *path) { return CALL(SYS_lremovexattr, path, "user.name"); }
static long by_removexattrat(const char *path) { return CALL(NR_removexattrat, AT_FDCWD, path, 0, "user.name"); }

static long by_file_setattr(const char *path)
{
	struct file_attributes attributes = { .xflags = FS_XFLAG_NODUMP };

	return CALL(NR_file_setattr, AT_FDCWD, path, &attributes, sizeof attributes, 0);
}

static long link_of(const char *path) { return CALL(SYS_link, path, "another"); }
static long link_to(const char *path) { return CALL(SYS_linkat, AT_FDCWD, "file", AT_FDCWD, path, 0); }
static long link_followed(const char *path) { return CALL(SYS_linkat, AT_FDCWD, path, AT_FDCWD, "another", AT_SYMLINK_FOLLOW); }
static long rename_of(const char *path) { return CALL(SYS_rename, path, "another"); }
static long rename_file_to(const char *path) { return CALL(SYS_renameat, AT_FDCWD, "suid", AT_FDCWD, path); }
static long rename_dir_to(const char *path) { return CALL(SYS_renameat2, AT_FDCWD, "setgid", AT_FDCWD, path, 0); }
static long exchange(const char *path) { return CALL(SYS_renameat2, AT_FDCWD, "sticky", AT_FDCWD, path, RENAME_EXCHANGE); }
static long rename_new_to(const char *path) { return CALL(SYS_renameat2, AT_FDCWD, "suid", AT_FDCWD, path, RENAME_NOREPLACE); }
static long whiteout_of(const char *path) { return CALL(SYS_renameat2, AT_FDCWD, path, AT_FDCWD, "another", RENAME_WHITEOUT); }

const struct change CHANGES[] = {
	{ "mkdir", by_mkdir, HARMLESS | TYPICAL },
	{ "mkdirat", by_mkdirat, HARMLESS },
	{ "mknod", by_mknod, HARMLESS },
	{ "mknodat", by_mknodat, HARMLESS | TYPICAL },
	{ "symlink", by_symlink, HARMLESS | TYPICAL },
	{ "symlinkat", by_symlinkat, HARMLESS },
	{ "unlink", by_unlink, HARMLESS | TYPICAL },
	{ "unlinkat", by_unlinkat, HARMLESS },
	{ "rmdir", by_rmdir, HARMLESS | TYPICAL },
	{ "unlinkat AT_REMOVEDIR", by_removedir, HARMLESS },
	{ "truncate", by_truncate, HARMLESS | TYPICAL },
	{ "chmod", by_chmod, 0 },
	{ "fchmodat", by_fchmodat, 0 },
	{ "fchmodat2", by_fchmodat2, TYPICAL },
	{ "fchmodat2 AT_SYMLINK_NOFOLLOW", by_lchmod, 0 },
	{ "chown", by_chown, 0 },
	{ "lchown", by_lchown, TYPICAL },
	{ "fchownat", by_fchownat, 0 },
	{ "fchownat AT_SYMLINK_NOFOLLOW", by_lchownat, 0 },
	{ "utime", by_utime, 0 },
	{ "utimes", by_utimes, 0 },
	{ "futimesat", by_futimesat, 0 },
	{ "utimensat", by_utimensat, TYPICAL },
	{ "utimensat AT_SYMLINK_NOFOLLOW", by_lutimens, 0 },
	{ "setxattr", by_setxattr, 0 },
	{ "lsetxattr", by_lsetxattr, TYPICAL },
	{ "setxattrat", by_setxattrat, 0 },
	{ "removexattr", by_removexattr, TYPICAL },
	{ "lremovexattr", by_lremovexattr, 0 },
	{ "removexattrat", by_removexattrat, 0 },
	{ "file_setattr", by_file_setattr, 0 },
	{ "link of", link_of, HARMLESS | TYPICAL },
	{ "link to", link_to, HARMLESS },
	{ "linkat AT_SYMLINK_FOLLOW of", link_followed, HARMLESS | TYPICAL },
	{ "rename of", rename_of, HARMLESS | TYPICAL },
	{ "rename of a file to", rename_file_to, HARMLESS | TYPICAL },
	{ "rename of a directory to", rename_dir_to, HARMLESS },
	{ "exchange with", exchange, HARMLESS | TYPICAL },
	{ "rename RENAME_NOREPLACE to", rename_new_to, HARMLESS },
	{ "rename RENAME_WHITEOUT of", whiteout_of, HARMLESS },
};
const size_t CHANGES_COUNT = sizeof CHANGES / sizeof *CHANGES;

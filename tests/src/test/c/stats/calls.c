/* One case of each call: what it returns, and what it writes. */
#include "stats.h"

#include <fcntl.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* Times that a case does not set are about now; those of sockets are whatever was there before. */
static void print_time(const char *name, long seconds, long nanoseconds)
{
	if (seconds > 0 && seconds < 1000001000)
		printf(" %s %ld.%09ld", name, seconds, nanoseconds);
	else
		printf(" %s now", name);
}

static int is_clear(const void *bytes, size_t size)
{
	const unsigned char *byte = bytes;

	for (size_t i = 0; i < size; i++)
		if (byte[i] != 0)
			return 0;
	return 1;
}

void stat_case(const char *what, long nr, int dirfd, const char *path, int flags)
{
	struct stat *st = (struct stat *)fresh_room();
	long rc = nr == SYS_newfstatat ? sys(nr, dirfd, path, st, flags) : sys(nr, path, st);

	if (nr == SYS_newfstatat)
		begin("%s: newfstatat %#x", what, (unsigned)flags);
	else
		begin("%s: %s", what, nr == SYS_stat ? "stat" : "lstat");
	if (rc == 0) {
		printf("object %u mode %#o links %lu owner %u:%u rdev %#lx size %ld blksize %ld", object(st->st_dev, st->st_ino),
		       st->st_mode, (unsigned long)st->st_nlink, st->st_uid, st->st_gid, (unsigned long)st->st_rdev,
		       (long)st->st_size, (long)st->st_blksize);
		print_time("read", st->st_atim.tv_sec, st->st_atim.tv_nsec);
		print_time("written", st->st_mtim.tv_sec, st->st_mtim.tv_nsec);
		print_time("changed", st->st_ctim.tv_sec, st->st_ctim.tv_nsec);
		printf("%s ", is_clear(st->__glibc_reserved, sizeof st->__glibc_reserved) ? "" : " and more");
	}
	end(rc, sizeof *st);
}

void statx_case(const char *what, int dirfd, const char *path, int flags, unsigned mask)
{
	struct statx *st = (struct statx *)fresh_room();
	long rc = sys(SYS_statx, dirfd, path, flags, mask, st);

	begin("%s: statx %#x %#x", what, (unsigned)flags, mask);
	if (rc == 0) {
		printf("object %u mode %#o links %u owner %u:%u rdev %u:%u size %llu blksize %u mask %#x attributes %#llx of %#llx",
		       object(makedev(st->stx_dev_major, st->stx_dev_minor), st->stx_ino), st->stx_mode, st->stx_nlink, st->stx_uid,
		       st->stx_gid, st->stx_rdev_major, st->stx_rdev_minor, (unsigned long long)st->stx_size, st->stx_blksize,
		       st->stx_mask, (unsigned long long)st->stx_attributes, (unsigned long long)st->stx_attributes_mask);
		print_time("read", st->stx_atime.tv_sec, st->stx_atime.tv_nsec);
		print_time("written", st->stx_mtime.tv_sec, st->stx_mtime.tv_nsec);
		print_time("changed", st->stx_ctime.tv_sec, st->stx_ctime.tv_nsec);
		print_time("born", st->stx_btime.tv_sec, st->stx_btime.tv_nsec);
		printf(" alignment %u %u ", st->stx_dio_mem_align, st->stx_dio_offset_align);
	}
	end(rc, sizeof *st);
}

void access_case(const char *what, long nr, int dirfd, const char *path, int mode, int flags)
{
	fresh_room();
	if (nr == SYS_access)
		begin("%s: access %#x", what, (unsigned)mode);
	else if (nr == SYS_faccessat)
		begin("%s: faccessat %#x", what, (unsigned)mode);
	else
		begin("%s: faccessat2 %#x %#x", what, (unsigned)mode, (unsigned)flags);
	end(nr == SYS_access ? sys(nr, path, mode) : sys(nr, dirfd, path, mode, flags), 0);
}

void readlink_case(const char *what, long nr, int dirfd, const char *path, int size)
{
	char *text = (char *)fresh_room();
	long rc = nr == SYS_readlink ? sys(nr, path, text, size) : sys(nr, dirfd, path, text, size);

	begin("%s: %s %d", what, nr == SYS_readlink ? "readlink" : "readlinkat", size);
	if (rc > 0) {
		print_text(text, (size_t)rc);
		printf(" ");
	}
	/* its length depends on where the tree is */
	end(rc > 0 ? 0 : rc, rc > 0 ? (size_t)rc : 0);
}

void getxattr_case(const char *what, long nr, int dirfd, const char *path, int flags, const char *name, size_t size)
{
	char *value = (char *)fresh_room();
	struct xattr_arguments arguments = { .value = (uintptr_t)value, .size = (uint32_t)size };
	long rc = nr == SYS_getxattrat ? sys(nr, dirfd, path, flags, name, &arguments, sizeof arguments)
				       : sys(nr, path, name, value, size);

	if (nr == SYS_getxattrat)
		begin("%s: getxattrat %#x %zu", what, (unsigned)flags, size);
	else
		begin("%s: %s %zu", what, nr == SYS_getxattr ? "getxattr" : "lgetxattr", size);
	if (rc > 0 && size > 0) {
		print_text(value, (size_t)rc);
		printf(" ");
	}
	end(rc, size > 0 ? (size_t)rc : 0);
}

void listxattr_case(const char *what, long nr, int dirfd, const char *path, int flags, size_t size)
{
	char *list = (char *)fresh_room();
	long rc = nr == SYS_listxattrat ? sys(nr, dirfd, path, flags, list, size) : sys(nr, path, list, size);

	if (nr == SYS_listxattrat)
		begin("%s: listxattrat %#x %zu", what, (unsigned)flags, size);
	else
		begin("%s: %s %zu", what, nr == SYS_listxattr ? "listxattr" : "llistxattr", size);
	if (rc > 0 && size > 0) {
		print_text(list, (size_t)rc);
		printf(" ");
	}
	end(rc, size > 0 ? (size_t)rc : 0);
}

void file_getattr_case(const char *what, int dirfd, const char *path, int flags, size_t size)
{
	unsigned char *attributes = fresh_room();
	long rc = sys(SYS_file_getattr, dirfd, path, attributes, size, flags);

	begin("%s: file_getattr %#x %zu", what, (unsigned)flags, size);
	for (size_t i = 0; rc == 0 && i < size; i++)
		printf("%02x%s", attributes[i], i + 1 == size ? " " : "");
	end(rc, size);
}

void statfs_case(const char *what, const char *path)
{
	struct statfs *fs = (struct statfs *)fresh_room();
	long rc = sys(SYS_statfs, path, fs);

	begin("%s: statfs", what);
	if (rc == 0)
		printf("type %#lx block %ld fragment %ld name %ld flags %#lx blocks %lu files %lu%s ", (long)fs->f_type,
		       (long)fs->f_bsize, (long)fs->f_frsize, (long)fs->f_namelen, (unsigned long)fs->f_flags,
		       (unsigned long)fs->f_blocks, (unsigned long)fs->f_files, is_clear(fs->f_spare, sizeof fs->f_spare) ? "" : " and more");
	end(rc, sizeof *fs);
}

void handle_case(const char *what, int dirfd, const char *path, int flags, unsigned size)
{
	struct file_handle *handle = (struct file_handle *)fresh_room();
	uint64_t mount = 0xa5a5a5a5a5a5a5a5;

	handle->handle_bytes = size;
	long rc = sys(SYS_name_to_handle_at, dirfd, path, handle, &mount, flags);
	begin("%s: name_to_handle_at %#x %u", what, (unsigned)flags, size);
	/* what a handle holds and which number a mount has is different in every run */
	printf("%u bytes, mount %s ", handle->handle_bytes,
	       mount == 0xa5a5a5a5a5a5a5a5 ? "untouched" : mount >> 32 == 0xa5a5a5a5 ? "number" : "long number");
	if (rc == 0)
		printf("type %#x ", (unsigned)handle->handle_type);
	size_t written = rc == 0 ? sizeof *handle + handle->handle_bytes : sizeof *handle;
	memset(handle, 0xa5, written);
	end(rc, written);
}

void watch_case(const char *what, const char *path, unsigned mask)
{
	int fd = or_broken(inotify_init1(IN_CLOEXEC), "inotify_init1");

	fresh_room();
	begin("%s: inotify_add_watch %#x", what, mask);
	end(sys(SYS_inotify_add_watch, fd, path, mask), 0);
	close(fd);
}

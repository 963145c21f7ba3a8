/* The same calls as a program of i386 makes them: by int 0x80, with its numbers and its structures. */
#include "stats.h"

#include <string.h>

#ifndef __x86_64__
void i386(void)
{
}
#else
#include "int80.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OLDSTAT = 18, ACCESS = 33, OLDLSTAT = 84, READLINK = 85, STATFS = 99, STAT = 106, LSTAT = 107, STAT64 = 195, LSTAT64 = 196,
       GETXATTR = 229, LGETXATTR = 230, LISTXATTR = 232, LLISTXATTR = 233, STATFS64 = 268, INOTIFY_ADD_WATCH = 292,
       FSTATAT64 = 300, READLINKAT = 305, FACCESSAT = 307, FANOTIFY_MARK = 339, NAME_TO_HANDLE_AT = 341, STATX = 383,
       FACCESSAT2 = 439, GETXATTRAT = 464, LISTXATTRAT = 465, FILE_GETATTR = 468 };

/* Below 4 GiB: what the call is given, and what it writes. */
static unsigned char *low;
enum { PATH = 0, NAME = 1024, ARGUMENTS = 2048, RESULT = 4096, LOW_SIZE = 16384 };

static long at(int offset)
{
	return (long)(low + offset);
}

/* A structure of the kernel's for i386 programs, and what in it is different in every run. */
struct layout {
	size_t size;
	size_t hidden[3][2]; /* from, to: numbers of devices and inodes, what is free on a file system */
	size_t times[4];     /* where seconds stand, which may be about now */
	size_t time_size;
};

static const struct layout OLD = { 32, { { 0, 4 } }, { 20, 24, 28 }, 4 };
static const struct layout NEW = { 64, { { 0, 8 } }, { 32, 40, 48 }, 8 };
static const struct layout WIDE = { 96, { { 0, 8 }, { 12, 16 }, { 88, 96 } }, { 64, 72, 80 }, 8 };
static const struct layout FS = { 64, { { 12, 20 }, { 24, 28 } }, { 0 }, 0 };
static const struct layout FS64 = { 84, { { 16, 32 }, { 40, 48 } }, { 0 }, 0 };
static const struct layout X = { 256, { { 32, 40 }, { 136, 152 } }, { 64, 80, 96, 112 }, 12 };
static const struct layout NOTHING = { 0 };

static void hide(unsigned char *result, const struct layout *layout)
{
	uint32_t seconds;

	for (size_t i = 0; i < 3; i++)
		memset(result + layout->hidden[i][0], 0, layout->hidden[i][1] - layout->hidden[i][0]);
	for (size_t i = 0; i < 4 && layout->times[i] > 0; i++) {
		memcpy(&seconds, result + layout->times[i], sizeof seconds);
		if (seconds > 1000001000)
			memset(result + layout->times[i], 0, layout->time_size);
	}
}

static void show(const char *path, const char *call, long rc, const struct layout *layout)
{
	unsigned char *result = low + RESULT;
	size_t last = LOW_SIZE - RESULT;

	if (rc >= 0)
		hide(result, layout);
	while (last > 0 && result[last - 1] == 0xa5)
		last--;
	printf("%s: i386 %s: ", path, call);
	for (size_t i = 0; i < last && i < 256; i++)
		printf("%02x", result[i]);
	if (rc < 0)
		printf(" %s, %zu bytes written\n", strerrorname_np((int)-rc), last);
	else
		printf(" result %ld, %zu bytes written\n", rc, last);
	memset(result, 0xa5, LOW_SIZE - RESULT);
}

static void every(const char *path)
{
	struct xattr_arguments arguments = { .value = (uintptr_t)at(RESULT), .size = 100 };
	long name = at(PATH), nothing = at(PATH) + (long)strlen(path), result = at(RESULT), attribute = at(NAME), here = AT_FDCWD;

	strcpy((char *)low + PATH, path);
	strcpy((char *)low + NAME, "user.colour");
	memcpy(low + ARGUMENTS, &arguments, sizeof arguments);
	show(path, "oldstat", int80(OLDSTAT, name, result), &OLD);
	show(path, "oldlstat", int80(OLDLSTAT, name, result), &OLD);
	show(path, "stat", int80(STAT, name, result), &NEW);
	show(path, "lstat", int80(LSTAT, name, result), &NEW);
	show(path, "stat64", int80(STAT64, name, result), &WIDE);
	show(path, "lstat64", int80(LSTAT64, name, result), &WIDE);
	show(path, "fstatat64", int80(FSTATAT64, here, name, result, AT_SYMLINK_NOFOLLOW), &WIDE);
	show(path, "fstatat64 of nothing", int80(FSTATAT64, 77, nothing, result, AT_EMPTY_PATH), &WIDE);
	show(path, "statx", int80(STATX, here, name, 0, STATX_BASIC_STATS, result), &X);
	show(path, "access", int80(ACCESS, name, R_OK), &NOTHING);
	show(path, "faccessat", int80(FACCESSAT, here, name, W_OK), &NOTHING);
	show(path, "faccessat2", int80(FACCESSAT2, here, name, X_OK, AT_EACCESS), &NOTHING);
	show(path, "readlink", int80(READLINK, name, result, 4), &NOTHING);
	show(path, "readlinkat", int80(READLINKAT, here, name, result, 4), &NOTHING);
	show(path, "getxattr", int80(GETXATTR, name, attribute, result, 100), &NOTHING);
	show(path, "lgetxattr", int80(LGETXATTR, name, attribute, result, 100), &NOTHING);
	show(path, "getxattrat", int80(GETXATTRAT, here, name, 0, attribute, at(ARGUMENTS), sizeof arguments), &NOTHING);
	show(path, "listxattr", int80(LISTXATTR, name, result, 100), &NOTHING);
	show(path, "llistxattr", int80(LLISTXATTR, name, result, 100), &NOTHING);
	show(path, "listxattrat", int80(LISTXATTRAT, here, name, 0, result, 100), &NOTHING);
	show(path, "file_getattr", int80(FILE_GETATTR, here, name, result, 24), &NOTHING);
	show(path, "statfs", int80(STATFS, name, result), &FS);
	show(path, "statfs64", int80(STATFS64, name, 84, result), &FS64);
	show(path, "statfs64, aligned", int80(STATFS64, name, 88, result), &FS64);
	show(path, "statfs64 of another size", int80(STATFS64, name, 80, result), &FS64);
	show(path, "statfs to nowhere", int80(STATFS, name, 16), &NOTHING);
	show(path, "stat to nowhere", int80(STAT, name, 16), &NOTHING);
	show(path, "inotify_add_watch", int80(INOTIFY_ADD_WATCH, 78, name, 0x100), &NOTHING);
	memcpy(low + RESULT, &(unsigned){ 4 }, sizeof(unsigned)); /* too small for any handle: its size is told */
	show(path, "name_to_handle_at", int80(NAME_TO_HANDLE_AT, here, name, result, result + 64, 0), &NOTHING);
	show(path, "fanotify_mark", int80(FANOTIFY_MARK, 79, 1, 0x20, 0, here, name), &NOTHING);
}

void i386(void)
{
	static const char *const PATHS[] = { "file", "link", "dir", "missing", "/dev/null", "/proc/self/exe", "/proc/self/status", "big", "" };

	low = mmap(NULL, LOW_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	if (low == MAP_FAILED)
		broken("mmap");
	memset(low + RESULT, 0xa5, LOW_SIZE - RESULT);
	int big = or_broken(open("big", O_CREAT | O_WRONLY, 0644), "big");
	if (ftruncate(big, 5L << 30) < 0)
		broken("ftruncate");
	close(big);
	if (dup2(or_broken((int)sys(SYS_inotify_init1, 0), "inotify_init1"), 78) < 0)
		broken("dup2");
	if (dup2(or_broken(open("file", O_RDONLY), "file"), 77) < 0)
		broken("dup2");
	int fanotify = (int)sys(SYS_fanotify_init, 0, O_RDONLY);
	if (fanotify >= 0 && dup2(fanotify, 79) < 0)
		broken("dup2");
	for (size_t i = 0; i < sizeof PATHS / sizeof *PATHS; i++)
		every(PATHS[i]);
}
#endif

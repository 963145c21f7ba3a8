/* Where results go: memory that ends, is read-only, or is not there; and room that is too small. */
#include "stats.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PAGE = 4096, CALLS = 13 };

/* A call with its result at `to`; `size` is what it may write there, where it is told. */
static long call_with(int which, const char *path, const char *link, void *to, size_t size)
{
	struct xattr_arguments arguments = { .value = (uintptr_t)to, .size = (uint32_t)size };

	switch (which) {
	case 0: return sys(SYS_stat, path, to);
	case 1: return sys(SYS_lstat, path, to);
	case 2: return sys(SYS_newfstatat, AT_FDCWD, path, to, 0);
	case 3: return sys(SYS_statx, AT_FDCWD, path, 0, STATX_BASIC_STATS, to);
	case 4: return sys(SYS_readlink, link, to, size);
	case 5: return sys(SYS_readlinkat, AT_FDCWD, link, to, size);
	case 6: return sys(SYS_getxattr, path, "user.colour", to, size);
	case 7: return sys(SYS_lgetxattr, path, "user.colour", to, size);
	case 8: return sys(SYS_getxattrat, AT_FDCWD, path, 0, "user.colour", &arguments, sizeof arguments);
	case 9: return sys(SYS_listxattr, path, to, size);
	case 10: return sys(SYS_listxattrat, AT_FDCWD, path, 0, to, size);
	case 11: return sys(SYS_file_getattr, AT_FDCWD, path, to, 24, 0);
	default: return sys(SYS_statfs, path, to);
	}
}

static const char *const NAMES[CALLS] = { "stat",     "lstat",	   "newfstatat", "statx",     "readlink",    "readlinkat",
					  "getxattr", "lgetxattr", "getxattrat", "listxattr", "listxattrat", "file_getattr", "statfs" };

static void all_with(const char *what, void *to, size_t size)
{
	for (int i = 0; i < CALLS; i++) {
		fresh_room();
		begin("%s: %s", what, NAMES[i]);
		end(call_with(i, "file", "link", to, size), 0);
		begin("%s: %s of something missing", what, NAMES[i]);
		end(call_with(i, "missing", "missing", to, size), 0);
	}
}

/* How much of a result that does not fit arrives is the kernel's own affair, so only the error is printed. */
static void in_memory(void)
{
	char *pages = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *read_only = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *untouched = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (pages == MAP_FAILED || read_only == MAP_FAILED || untouched == MAP_FAILED || shared == MAP_FAILED ||
	    munmap(pages + PAGE, PAGE) < 0)
		broken("mmap");
	all_with("NULL", NULL, 100);
	all_with("a bad pointer", (void *)16, 100);
	all_with("a kernel pointer", (void *)0xffff800000000000, 100);
	all_with("read-only memory", read_only, 100);
	all_with("memory never touched", untouched, 100);
	all_with("shared memory", shared, 100);
	all_with("memory that ends after 4 bytes", pages + PAGE - 4, 100);
	all_with("memory that ends after 2 bytes", pages + PAGE - 2, 100);
	all_with("memory that ends after 144 bytes", pages + PAGE - 144, 100);
	all_with("memory that ends after 256 bytes", pages + PAGE - 256, 100);
	all_with("program text", (void *)(uintptr_t)in_memory, 100);
}

static void sizes(void)
{
	static const int LENGTHS[] = { -2147483647 - 1, -1, 0, 1, 3, 4, 5, 4095, 4096, 4097, 65536, 2147483647 };
	static const size_t SIZES[] = { 0, 1, 4, 5, 6, 12, 23, 24, 255, 65535, 65536, 65537, 0x7fffffff, 0xffffffff };

	for (size_t i = 0; i < sizeof LENGTHS / sizeof *LENGTHS; i++) {
		readlink_case("a link", SYS_readlink, AT_FDCWD, "link", LENGTHS[i]);
		readlink_case("a link", SYS_readlinkat, AT_FDCWD, "link", LENGTHS[i]);
		readlink_case("a file", SYS_readlink, AT_FDCWD, "file", LENGTHS[i]);
		readlink_case("a magic link", SYS_readlink, AT_FDCWD, "/proc/self/ns/user", LENGTHS[i] > 8 ? 8 : LENGTHS[i]);
	}
	for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++) {
		getxattr_case("a value", SYS_getxattr, AT_FDCWD, "file", 0, "user.colour", SIZES[i]);
		getxattr_case("a value", SYS_lgetxattr, AT_FDCWD, "file", 0, "user.colour", SIZES[i]);
		getxattr_case("a value", SYS_getxattrat, AT_FDCWD, "file", 0, "user.colour", SIZES[i]);
		getxattr_case("an empty value", SYS_getxattr, AT_FDCWD, "file", 0, "user.empty", SIZES[i]);
		getxattr_case("no value", SYS_getxattr, AT_FDCWD, "file", 0, "user.none", SIZES[i]);
		listxattr_case("names", SYS_listxattr, AT_FDCWD, "file", 0, SIZES[i]);
		listxattr_case("names", SYS_llistxattr, AT_FDCWD, "file", 0, SIZES[i]);
		listxattr_case("names", SYS_listxattrat, AT_FDCWD, "file", 0, SIZES[i]);
		listxattr_case("no names", SYS_listxattr, AT_FDCWD, "mine", 0, SIZES[i]);
	}
	getxattr_case("a size beyond 32 bits", SYS_getxattr, AT_FDCWD, "file", 0, "user.colour", (size_t)1 << 40);
	listxattr_case("a size beyond 32 bits", SYS_listxattr, AT_FDCWD, "file", 0, (size_t)1 << 40);
	for (size_t size = 22; size <= 40; size += 2)
		file_getattr_case("a file", AT_FDCWD, "file", 0, size);
	for (unsigned size = 0; size <= 132; size += 4)
		handle_case("a file", AT_FDCWD, "file", 0, size);
	handle_case("a file", AT_FDCWD, "file", 0, 0xffffffff);
}

void buffers(void)
{
	in_memory();
	sizes();
}

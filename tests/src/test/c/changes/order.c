/* Paths that are none: bad pointers, too long, at the end of what is mapped. And calls in which more than one thing is wrong. */
#include "calls.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/mman.h>

static void long_paths(void)
{
	static char path[PATH_MAX + 64];

	for (size_t i = 0; i < sizeof path; i++)
		path[i] = "./"[i % 2];
	memcpy(path + PATH_MAX - 9, "/file", 6);
	each("a path of less than PATH_MAX bytes", path);
	memcpy(path + PATH_MAX - 5, "/file", 6);
	every("a path of PATH_MAX bytes", path);
	memset(path, 'x', sizeof path);
	path[255] = 0;
	each("a name of 255 bytes", path);
	path[255] = '/';
	path[256] = 0;
	each("a name of 255 bytes and a slash", path);
	path[255] = 'x';
	every("a name of 256 bytes", path);
	path[256] = '/';
	path[257] = 0;
	each("a name of 256 bytes and a slash", path);
	path[257] = 'x';
	path[258] = 0;
	each("below a name of 256 bytes", path);
	memset(path, 'x', 3000);
	memcpy(path, "missing/", 8);
	path[3000] = 0;
	each("a long name in no directory", path);
	memcpy(path, "locked//", 8);
	each("a long name in a locked directory", path);
	memcpy(path, "file////", 8);
	each("a long name in a file", path);
}

/* Behind the NUL of the first there is nothing mapped; the other has no NUL before that. */
static void at_the_end_of_a_page(void)
{
	char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pages == MAP_FAILED || munmap(pages + 4096, 4096) < 0)
		broken("mmap");
	each("a path that ends with its page", memcpy(pages + 4096 - 5, "file", 5));
	each("a path that goes on where nothing is mapped", memcpy(pages + 4096 - 4, "file", 4));
	memset(pages, 'x', 4096);
	each("a page without an end", pages);
	show(CALL(SYS_setxattr, "file", pages + 4096 - 200, "value", 5L, 0), "an attribute's name of 200 bytes without an end");
	show(CALL(SYS_setxattr, "file", pages + 4096 - 300, "value", 5L, 0), "an attribute's name of 300 bytes without an end");
	show(CALL(SYS_setxattr, "file", "user.name", pages + 4090, 7L, 0), "a value that goes on where nothing is mapped");
	show(CALL(SYS_utimensat, AT_FDCWD, "file", pages + 4096 - 16, 0), "times that go on where nothing is mapped");
	show(CALL(SYS_symlink, pages + 4090, "new"), "a target that goes on where nothing is mapped");
	if (mprotect(pages, 4096, PROT_NONE) < 0)
		broken("mprotect");
	each("a path in a page without permissions", pages);
}

/* Flags, and both paths, are looked at in an order. */
static void more_than_one(void)
{
	static const char *const PATHS[] = { "file", "missing", "missing/x", "loop1/x", "", "file/x" };

	for (size_t i = 0; i < sizeof PATHS / sizeof *PATHS; i++) {
		const char *path = PATHS[i];

		show(CALL(SYS_unlinkat, AT_FDCWD, path, 1), "unlinkat with wrong flags '%s'", path);
		show(CALL(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR | 1), "unlinkat AT_REMOVEDIR with wrong flags '%s'", path);
		show(CALL(SYS_linkat, AT_FDCWD, path, AT_FDCWD, "missing/new", 1), "linkat with wrong flags '%s'", path);
		show(CALL(SYS_linkat, AT_FDCWD, path, 77, "new", 0), "linkat to a closed directory '%s'", path);
		show(CALL(SYS_linkat, AT_FDCWD, path, AT_FDCWD, NULL, 0), "linkat to NULL '%s'", path);
		show(CALL(SYS_renameat2, AT_FDCWD, path, AT_FDCWD, "missing/new", 8), "renameat2 with wrong flags '%s'", path);
		show(CALL(SYS_renameat2, AT_FDCWD, path, 77, "new", 0), "renameat2 to a closed directory '%s'", path);
		show(CALL(SYS_renameat2, AT_FDCWD, path, AT_FDCWD, 16L, 0), "renameat2 to a bad pointer '%s'", path);
		show(CALL(SYS_renameat2, 77, "x", AT_FDCWD, path, RENAME_EXCHANGE), "renameat2 from a closed directory '%s'", path);
		show(CALL(SYS_mknod, path, S_IFDIR, 0), "mknod of a directory '%s'", path);
		show(CALL(SYS_mknod, path, 0150000, 0), "mknod of nothing known '%s'", path);
		show(CALL(SYS_truncate, path, -1L), "truncate to less than nothing '%s'", path);
		show(CALL(SYS_fchownat, AT_FDCWD, path, 0, 0, 1), "fchownat with wrong flags '%s'", path);
		show(CALL(NR_fchmodat2, AT_FDCWD, path, 0, 1), "fchmodat2 with wrong flags '%s'", path);
		show(CALL(NR_removexattrat, AT_FDCWD, path, 1, ""), "removexattrat with wrong flags '%s'", path);
	}
}

void order(void)
{
	every("NULL", NULL);
	every("a bad pointer", (const char *)16);
	each("a kernel pointer", (const char *)0xffff800000000000);
	long_paths();
	at_the_end_of_a_page();
	more_than_one();
}

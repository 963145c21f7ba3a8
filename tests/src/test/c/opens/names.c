/* One file by many names. */
#include "opens.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void absolute(const char *name, const char *format)
{
	char here[PATH_MAX - 64], path[PATH_MAX];

	if (!getcwd(here, sizeof here))
		broken("getcwd");
	snprintf(path, sizeof path, format, here);
	each(name, path, O_RDONLY, 0);
}

static void long_paths(void)
{
	char path[PATH_MAX + 1];

	memset(path, '/', sizeof path);
	for (size_t i = 0; i < PATH_MAX; i += 2)
		path[i] = '.';
	memcpy(path + PATH_MAX - 7, "./file", 7);
	each("a path of 4095 bytes", path + 2, O_RDONLY, 0);
	memcpy(path + PATH_MAX - 6, "./file", 7);
	each("a path of 4096 bytes", path, O_RDONLY, 0);

	memset(path, 'x', 256);
	path[255] = 0;
	each("a name of 255 bytes", path, O_CREAT | O_RDWR, 0644);
	path[255] = 'x';
	path[256] = 0;
	each("a name of 256 bytes", path, O_CREAT | O_RDWR, 0644);
	strcpy(path + 256, "/x");
	each("a directory name of 256 bytes", path, O_RDONLY, 0);
}

/* Behind the NUL of the first there is nothing mapped; the other has no NUL before that. */
static void at_the_end_of_a_page(void)
{
	char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pages == MAP_FAILED || munmap(pages + 4096, 4096) < 0)
		broken("mmap");
	memcpy(pages + 4096 - 5, "file", 5);
	each("a path that ends with its page", pages + 4096 - 5, O_RDONLY, 0);
	each("a path that goes on where nothing is mapped", memcpy(pages + 4096 - 4, "file", 4), O_RDONLY, 0);
	if (mprotect(pages, 4096, PROT_NONE) < 0)
		broken("mprotect");
	each("a path in a page without permissions", pages, O_RDONLY, 0);
}

void names(void)
{
	static const char *const PATHS[] = {
		"file",
		"./file",
		".//dir/./../file",
		"dir/../file",
		"dir/inner",
		"dir/sub/../../file",
		"../../../../../../../../../../../../../../../../dev/null",
		"/dev/null",
		"//dev//null",
		"/../dev/null",
		"link",
		"link2",
		"dir/up",
		"dirlink",
		"dirlink/inner",
		"dirlink/up",
		"dirlink/../file",
		"null",
		"through-proc",
		"dangling",
		"loop1",
		"loop1/x",
		"gr\xfc\xdf",
		"file/",
		"file/.",
		"file/..",
		"file/x",
		"link/",
		"link/x",
		"dir/",
		"dir/.",
		"dir/..",
		"dirlink/",
		"dirlink/.",
		".",
		"..",
		"/",
		"",
		"missing",
		"missing/",
		"missing/x",
		"dir/missing",
		"dangling/",
		"dangling/x",
		"socket",
		"closed",
		"locked",
		"locked/x",
		"/dev/tty",
		"/dev/fd/0",
		"/dev/stdin",
	};

	for (size_t i = 0; i < sizeof PATHS / sizeof *PATHS; i++)
		each(PATHS[i], PATHS[i], O_RDONLY, 0);
	absolute("absolute", "%s/file");
	absolute("absolute with slashes", "//%s///file");
	absolute("absolute through ..", "%s/dir/../file");
	absolute("through /proc/self/root", "/proc/self/root%s/file");
	absolute("through /proc/thread-self/root", "/proc/thread-self/root%s/link");
	long_paths();
	at_the_end_of_a_page();
	each("NULL", NULL, O_RDONLY, 0);
	each("a bad pointer", (const char *)16, O_RDONLY, 0);
	each("a kernel pointer", (const char *)0xffff800000000000, O_RDONLY, 0);
}

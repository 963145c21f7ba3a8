/* Objects of every kind, by many names. */
#include "stats.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void absolute(const char *name, const char *format)
{
	char here[PATH_MAX - 64], path[PATH_MAX];

	if (!getcwd(here, sizeof here))
		broken("getcwd");
	snprintf(path, sizeof path, format, here);
	every_call(name, AT_FDCWD, path);
}

static void long_paths(void)
{
	char path[PATH_MAX + 1];

	memset(path, '/', sizeof path);
	for (size_t i = 0; i < PATH_MAX; i += 2)
		path[i] = '.';
	memcpy(path + PATH_MAX - 7, "./file", 7);
	every_call("a path of 4095 bytes", AT_FDCWD, path + 2);
	memcpy(path + PATH_MAX - 6, "./file", 7);
	every_call("a path of 4096 bytes", AT_FDCWD, path);
	memset(path, 'x', 256);
	path[255] = 0;
	every_call("a name of 255 bytes", AT_FDCWD, path);
	path[255] = 'x';
	path[256] = 0;
	every_call("a name of 256 bytes", AT_FDCWD, path);
	strcpy(path + 256, "/x");
	every_call("a directory name of 256 bytes", AT_FDCWD, path);
}

/* Behind the NUL of the first there is nothing mapped; the other has no NUL before that. */
static void at_the_end_of_a_page(void)
{
	char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pages == MAP_FAILED || munmap(pages + 4096, 4096) < 0)
		broken("mmap");
	memcpy(pages + 4096 - 5, "file", 5);
	every_call("a path that ends with its page", AT_FDCWD, pages + 4096 - 5);
	pages[4095] = 0;
	every_call("an empty path that ends with its page", AT_FDCWD, pages + 4095);
	every_call("a path that goes on where nothing is mapped", AT_FDCWD, memcpy(pages + 4096 - 4, "file", 4));
	if (mprotect(pages, 4096, PROT_NONE) < 0)
		broken("mprotect");
	every_call("a path in a page without permissions", AT_FDCWD, pages);
}

void names(void)
{
	static const char *const PATHS[] = {
		"file",	      "./file",	     ".//dir/./../file", "program",    "mine",	     "closed",	   "dir/inner",
		"twin",	      "dir/sub",     "/dev/null",	 "/dev/zero",  "/dev/tty",   "//dev//null", "/../dev/null",
		"link",	      "link2",	     "dir/up",		 "dirlink",    "dirlink/up", "dirlink/../file", "null",
		"through-proc", "to-magic",  "dangling",	 "loop1",      "loop1/x",    "gr\xfc\xdf", "file/",
		"file/.",     "file/..",     "file/x",		 "link/",      "link/x",     "dir/",	   "dir/.",
		"dir/..",     "dirlink/",    "dirlink/.",	 ".",	       "..",	     "/",	   "",
		"missing",    "missing/",    "missing/x",	 "dir/missing", "dangling/", "dangling/x", "fifo",
		"socket",     "locked",	     "locked/x",	 "searchable", "searchable/x", "/dev/fd",  "/dev/stdin",
		"/proc/version", "/proc/sys/kernel/ostype", "/sys/kernel", "/dev/pts", "/dev/ptmx",
	};

	for (size_t i = 0; i < sizeof PATHS / sizeof *PATHS; i++)
		every_call(PATHS[i], AT_FDCWD, PATHS[i]);
	absolute("absolute", "%s/file");
	absolute("absolute with slashes", "//%s///file");
	absolute("through /proc/self/root", "/proc/self/root%s/file");
	absolute("through /proc/thread-self/root", "/proc/thread-self/root%s/link");
	long_paths();
	at_the_end_of_a_page();
	every_call("NULL", AT_FDCWD, NULL);
	every_call("a bad pointer", AT_FDCWD, (const char *)16);
	every_call("a kernel pointer", AT_FDCWD, (const char *)0xffff800000000000);
}

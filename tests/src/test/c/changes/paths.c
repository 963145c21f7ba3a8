/* Changes by a path alone, of every kind. */
#include "calls.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

/* Whether it is the root, which is not ours to change, by a name that we can read. */
static int is_root(const char *path)
{
	return access(path, F_OK) == 0 && path[0] == '/' && strspn(path, "/.") == strlen(path);
}

static void change(const char *name, const char *path, int flags)
{
	for (size_t i = 0; i < CHANGES_COUNT; i++)
		if ((CHANGES[i].flags & flags) == flags && (CHANGES[i].flags & HARMLESS || !is_root(path)))
			show(CHANGES[i].make(path), "%s %s", CHANGES[i].name, name);
}

void every(const char *name, const char *path)
{
	change(name, path, 0);
}

void each(const char *name, const char *path)
{
	change(name, path, TYPICAL);
}

static void absolute(const char *name, const char *format)
{
	char here[PATH_MAX - 64], path[PATH_MAX];

	for (size_t i = 0; i < CHANGES_COUNT; i++)
		if (CHANGES[i].flags & TYPICAL) {
			if (!getcwd(here, sizeof here)) /* another after some changes */
				broken("getcwd");
			snprintf(path, sizeof path, format, here);
			show(CHANGES[i].make(path), "%s %s", CHANGES[i].name, name);
		}
}

void paths(void)
{
	static const char *const MOST[] = { "file", "dir", "empty/", "link", "dirlink/", "dangling", "new", "", "/proc/self/cwd/link" };
	static const char *const MORE[] = {
		".//dir/./../file", "dir/inner", "gr\xfc\xdf", "closed", "fifo", "suid", "file/", "file/.", "file/..", "file/x", "empty",
		"empty/.", "empty/..", "dir/", ".", "./", "..", "../", "/", "//", "/..", "new/", "new//", "new/.", "new/..", "new/x",
		"dir/new", "dir/new/", "link/", "link/x", "dirlink", "dirlink/.", "dirlink/inner", "dirlink/..", "dirlink/new",
		"dangling/", "dangling/x", "loop1", "loop1/", "loop1/x", "locked", "locked/x", "locked/.", "setgid/new", "sticky/new",
		"unwritable", "unwritable/new", "unwritable/inner", "/proc/self/cwd/new", "/proc/self/cwd/empty/",
		"/proc/thread-self/cwd/link", "/proc/self/cwd/dirlink/new", "/proc/self/cwd", "/proc/self/cwd/", "/proc/self/new",
		"/proc/self/comm", "/proc/self/fd/77", "/proc/self/exe/", "/proc/new",
	};

	for (size_t i = 0; i < sizeof MOST / sizeof *MOST; i++)
		every(MOST[i], MOST[i]);
	for (size_t i = 0; i < sizeof MORE / sizeof *MORE; i++)
		each(MORE[i], MORE[i]);
	absolute("an absolute path", "%s/file");
	absolute("an absolute path of nothing", "%s/new");
	absolute("an absolute path with slashes", "//%s///empty//");
	absolute("a path through /proc/self/root", "/proc/self/root%s/link");
}

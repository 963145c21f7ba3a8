/* openat2(2): its structure, and its restrictions on resolution. */
#include "opens.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What leads to another mount by itself: links of a process, from its /proc. */
static void stays_on_the_mount(void)
{
	static const char *const PATHS[] = { "self/cwd/file", "self/cwd", "self/root", "self/exe", "self/comm", "thread-self/comm",
					     "self/task/../comm", "self/fd/0", "self/../version", "mounts", "self/missing", ".." };
	struct open_how how = { .flags = O_RDONLY, .resolve = RESOLVE_NO_XDEV };
	char name[128];
	int proc = open("/proc", O_RDONLY | O_DIRECTORY);

	for (size_t p = 0; p < sizeof PATHS / sizeof *PATHS; p++) {
		snprintf(name, sizeof name, "NO_XDEV %s in /proc", PATHS[p]);
		show(name, sys_openat2(proc, PATHS[p], &how, sizeof how));
	}
	show("NO_XDEV /proc/self/comm from /proc", sys_openat2(proc, "/proc/self/comm", &how, sizeof how));
	show("NO_XDEV through-proc", sys_openat2(AT_FDCWD, "through-proc", &how, sizeof how));
	close(proc);
}

static void restricted(void)
{
	static const struct {
		const char *name;
		unsigned long long flags;
	} RESTRICTIONS[] = {
		{ "BENEATH", RESOLVE_BENEATH },
		{ "IN_ROOT", RESOLVE_IN_ROOT },
		{ "NO_SYMLINKS", RESOLVE_NO_SYMLINKS },
		{ "NO_MAGICLINKS", RESOLVE_NO_MAGICLINKS },
		{ "NO_XDEV", RESOLVE_NO_XDEV },
		{ "BENEATH IN_ROOT", RESOLVE_BENEATH | RESOLVE_IN_ROOT },
		{ "an unknown restriction", 1ULL << 40 },
	};
	static const char *const PATHS[] = { "file",	    "link",	    "../file",	 "/file",	  "up",
					     "sub/../inner", "inner",	    "sub",	 "/dev/null",	  "/proc/self/root/dev/null",
					     "/proc/version", "missing", "/proc/self/fd/0", "..", "/" };
	char name[128];
	int dir = open("dir", O_RDONLY | O_DIRECTORY);

	for (size_t r = 0; r < sizeof RESTRICTIONS / sizeof *RESTRICTIONS; r++)
		for (size_t p = 0; p < sizeof PATHS / sizeof *PATHS; p++) {
			struct open_how how = { .flags = O_RDONLY, .resolve = RESTRICTIONS[r].flags };
			snprintf(name, sizeof name, "%s %s", RESTRICTIONS[r].name, PATHS[p]);
			show(name, sys_openat2(dir, PATHS[p], &how, sizeof how));
			snprintf(name, sizeof name, "%s %s here", RESTRICTIONS[r].name, PATHS[p]);
			show(name, sys_openat2(AT_FDCWD, PATHS[p], &how, sizeof how));
		}
	stays_on_the_mount();
	struct open_how create = { .flags = O_CREAT | O_RDWR, .mode = 0640, .resolve = RESOLVE_BENEATH };
	show("BENEATH creates", sys_openat2(dir, "beneath", &create, sizeof create));
	show("BENEATH creates above", sys_openat2(dir, "../above", &create, sizeof create));
	create.resolve = RESOLVE_IN_ROOT;
	show("IN_ROOT creates", sys_openat2(dir, "/in-root", &create, sizeof create));
	show("IN_ROOT creates above", sys_openat2(dir, "../in-root-too", &create, sizeof create));
	unlink("dir/beneath");
	unlink("dir/in-root");
	unlink("dir/in-root-too");
	close(dir);
}

static void structure(void)
{
	struct {
		struct open_how how;
		unsigned char more[64];
	} longer = { .how = { .flags = O_RDONLY } };
	struct open_how how = { .flags = O_RDONLY };

	show("size 0", sys_openat2(AT_FDCWD, "file", &how, 0));
	show("size 23", sys_openat2(AT_FDCWD, "file", &how, 23));
	show("size 24", sys_openat2(AT_FDCWD, "file", &how, 24));
	show("longer, of zeros", sys_openat2(AT_FDCWD, "file", &longer.how, sizeof longer));
	longer.more[40] = 1;
	show("longer, not of zeros", sys_openat2(AT_FDCWD, "file", &longer.how, sizeof longer));
	show("longer than a page", sys_openat2(AT_FDCWD, "file", &longer.how, 4097));
	show("no structure", sys_openat2(AT_FDCWD, "file", NULL, sizeof how));
	show("a bad structure", sys_openat2(AT_FDCWD, "file", (struct open_how *)16, sizeof how));
	show("no structure and no path", sys_openat2(AT_FDCWD, NULL, NULL, sizeof how));
	how.mode = 0600;
	show("a mode without O_CREAT", sys_openat2(AT_FDCWD, "file", &how, sizeof how));
	how.flags = O_CREAT;
	how.mode = 010000;
	show("a mode beyond 07777", sys_openat2(AT_FDCWD, "file", &how, sizeof how));
	how.mode = 0;
	how.flags = 1ULL << 40;
	show("a flag beyond 32 bits", sys_openat2(AT_FDCWD, "file", &how, sizeof how));
	how.flags = O_PATH | O_RDWR;
	show("O_PATH with more", sys_openat2(AT_FDCWD, "file", &how, sizeof how));
	how.flags = O_RDONLY | O_CREAT | O_DIRECTORY;
	show("O_CREAT O_DIRECTORY", sys_openat2(AT_FDCWD, "file", &how, sizeof how));
}

void resolve(void)
{
	restricted();
	structure();
}

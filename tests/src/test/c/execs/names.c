/* What a path leads to. */
#include "execs.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *path;

static void execute(void)
{
	if (sys_execve(path) < 0)
		failed();
}

static void execute_by_execveat(void)
{
	if (sys_execveat(AT_FDCWD, path, 0) < 0)
		failed();
}

static void execute_what_is_no_link(void)
{
	if (sys_execveat(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW) < 0)
		failed();
}

static void each(const char *name)
{
	char label[128];

	path = name;
	in_child(name, execute);
	snprintf(label, sizeof label, "execveat %s", name);
	in_child(label, execute_by_execveat);
}

static void of_memory(const char *name, const char *address)
{
	path = address;
	in_child(name, execute);
}

static void without_a_working_directory(void)
{
	if (mkdir("gone", 0755) < 0 || chdir("gone") < 0 || rmdir("../gone") < 0)
		broken("gone");
	execute();
}

static void in_a_root_of_its_own(void)
{
	if (chroot(".") < 0)
		failed();
	path = "/script";
	execute();
}

/* Nobody has read it. */
static void and_its_time(void)
{
	static const struct timespec times[] = { { .tv_sec = 1 }, { .tv_nsec = UTIME_OMIT } };
	struct stat st;

	if (utimensat(AT_FDCWD, path, times, 0) < 0 || sys_execve(path) == 0 || stat(path, &st) < 0)
		broken(path);
	printf("read at %lld\n", (long long)st.st_atim.tv_sec);
	fflush(stdout);
}

void names(void)
{
	static const char *const ALL[] = {
		"program", "./program", "directory/../program", "program/", "link", "dangling", "loop", "missing", "missing/program",
		"program/below", "directory", "fifo", "locked/program", "not-executable", "", "script", "script-link", "blanks",
		"without-end", "nothing", "blank", "carriage-return", "missing-interpreter", "interpreter-in-missing",
		"interpreter-not-executable", "interpreter-a-directory", "interpreter-a-link", "interpreter-itself", "long-argument",
		"long-name", "text", "empty", "level1", "level4", "level5", "level6", "level7", "/proc/self/cwd/program",
		"/proc/self/cwd/script", "/dev/null",
	};
	char longer[5000];

	for (size_t i = 0; i < sizeof ALL / sizeof *ALL; i++)
		each(ALL[i]);
	path = "link";
	in_child("a link not to be followed", execute_what_is_no_link);
	path = "program";
	in_child("a program that is no link", execute_what_is_no_link);
	memset(longer, 'x', sizeof longer);
	longer[300] = '\0';
	of_memory("a name too long", longer);
	longer[300] = 'x';
	longer[sizeof longer - 1] = '\0';
	of_memory("a path too long", longer);
	of_memory("no memory", (const char *)8);
	of_memory("NULL", NULL);
	char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (pages == MAP_FAILED || munmap(pages + 4096, 4096) < 0)
		broken("mmap");
	of_memory("a path that ends with its page", memcpy(pages + 4096 - 8, "program", 8));
	of_memory("a path beyond its page", memcpy(pages + 4096 - 7, "program", 7));
	path = "not-executable";
	in_child("when it was read", and_its_time);
	path = "../program";
	in_child("in a directory that is gone", without_a_working_directory);
	in_child("in a root of its own", in_a_root_of_its_own);
}

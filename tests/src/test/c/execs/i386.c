/* The same calls as a program of i386 makes them: by int 0x80, with pointers of 32 bits. And where they lead. */
#include "execs.h"

#ifndef __x86_64__
void i386(void)
{
}
#else
#include "int80.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

enum { EXECVE = 11, CHDIR = 12, EXECVEAT = 358 };

static const char *path;

static int fail(long result)
{
	errno = (int)-result;
	failed();
	return -1;
}

/* An array of strings that ends with a null pointer. */
static long low_array(const char *first, const char *second)
{
	const uint32_t pointers[] = { (uint32_t)low_text(first), second ? (uint32_t)low_text(second) : 0, 0 };

	return low_copy(pointers, sizeof pointers);
}

static void execute(void)
{
	fail(int80(EXECVE, low_text(path), low_array("program", "show"), low_array("A=a", NULL)));
}

static void execute_by_execveat(void)
{
	fail(int80(EXECVEAT, AT_FDCWD, low_text(path), low_array("program", "show"), low_array("A=a", NULL), AT_SYMLINK_NOFOLLOW));
}

static void execute_what_is_open(void)
{
	int fd = open(path, O_PATH);

	if (fd < 0)
		failed();
	fail(int80(EXECVEAT, fd, low_text(""), low_array("program", "show"), low_array("A=a", NULL), AT_EMPTY_PATH));
}

static void execute_at_a_bad_pointer(void)
{
	fail(int80(EXECVE, 16, 0, 0));
}

static void execute_without_arguments(void)
{
	fail(int80(EXECVE, low_text("missing"), 16, 16));
}

static void each(const char *name)
{
	char label[128];

	path = name;
	snprintf(label, sizeof label, "i386 execve '%s'", name);
	in_child(label, execute);
	snprintf(label, sizeof label, "i386 execveat '%s'", name);
	in_child(label, execute_by_execveat);
	snprintf(label, sizeof label, "i386 execveat of '%s' that is open", name);
	in_child(label, execute_what_is_open);
}

static void change_directory(void)
{
	char top[PATH_MAX], here[PATH_MAX];

	if (!getcwd(top, sizeof top))
		broken("getcwd");
	long result = int80(CHDIR, low_text(path));
	if (result < 0)
		fail(result);
	if (!getcwd(here, sizeof here))
		failed();
	printf("in TREE%s\n", strncmp(here, top, strlen(top)) == 0 ? here + strlen(top) : " no more");
}

void i386(void)
{
	static const char *const PROGRAMS[] = {
		"program", "link", "dangling", "missing", "missing/program", "program/below", "directory", "not-executable", "",
		"script", "script-link", "missing-interpreter", "interpreter-not-executable", "text", "level4", "level7",
		"/proc/self/cwd/program",
	};
	static const char *const DIRECTORIES[] = { ".", "directory", "..", "/", "program", "missing", "loop", "", "/proc/self/cwd/directory" };
	char label[128];

	for (size_t i = 0; i < sizeof PROGRAMS / sizeof *PROGRAMS; i++)
		each(PROGRAMS[i]);
	in_child("i386 execve at a bad pointer", execute_at_a_bad_pointer);
	in_child("i386 execve of nothing with bad arguments", execute_without_arguments);
	for (size_t i = 0; i < sizeof DIRECTORIES / sizeof *DIRECTORIES; i++) {
		path = DIRECTORIES[i];
		snprintf(label, sizeof label, "i386 chdir '%s'", path);
		in_child(label, change_directory);
	}
}
#endif

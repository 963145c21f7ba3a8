#include "changes.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

long result(long returned)
{
	return returned < 0 ? -errno : returned;
}

_Noreturn void broken(const char *what)
{
	printf("broken: %s: %s\n", what, strerrorname_np(errno));
	_exit(99);
}

int or_broken(int fd, const char *what)
{
	if (fd < 0)
		broken(what);
	return fd;
}

static int has_line(const char *text, const char *line, size_t length)
{
	for (const char *at = text; *at; at = strchr(at, '\n') + 1)
		if (strncmp(at, line, length + 1) == 0)
			return 1;
	return 0;
}

/* The lines of `text` that the other has not. */
static void print_missing(const char *text, const char *other, char mark)
{
	for (const char *at = text; *at; at = strchr(at, '\n') + 1) {
		size_t length = (size_t)(strchr(at, '\n') - at);
		if (!has_line(other, at, length))
			printf("    %c %.*s\n", mark, (int)length, at);
	}
}

/* Above the tree, and what was there when nobody had touched it. */
static int above = -1;
static char *untouched;
static int keeps;

void begin_list(void)
{
	if (above >= 0)
		close(above);
	above = or_broken(open("..", O_RDONLY | O_DIRECTORY | O_CLOEXEC), "..");
	if (!untouched)
		untouched = list(above);
}

void keep_tree(void)
{
	prepare();
	keeps = 1;
}

/* What lies in the tree at the paths of these lines. */
static void repair_lines(const char *text, const char *other)
{
	static const char TREE[] = "./tree/";

	for (const char *at = text; *at; at = strchr(at, '\n') + 1)
		if (!has_line(other, at, (size_t)(strchr(at, '\n') - at)) && strncmp(at, TREE, sizeof TREE - 1) == 0) {
			char path[NAME_MAX + 1];

			sscanf(at + sizeof TREE - 1, "%255[^ /]", path);
			repair(path);
		}
}

/* Another tree, if this one cannot be repaired. */
static void make_anew(const char *now)
{
	repair_lines(now, untouched);
	char *without = list(above);
	repair_lines(untouched, without);
	char *repaired = list(above);
	if (strcmp(untouched, repaired) != 0)
		prepare();
	free(without);
	free(repaired);
}

static void show_changes(void)
{
	char *now = list(above);

	if (strcmp(untouched, now) == 0) {
		free(now);
		return;
	}
	print_missing(untouched, now, '-');
	print_missing(now, untouched, '+');
	if (keeps) {
		free(untouched);
		untouched = now;
	} else {
		make_anew(now);
		free(now);
	}
}

void show(long result, const char *format, ...)
{
	char name[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(name, sizeof name, format, arguments);
	va_end(arguments);
	const char *error = result < 0 ? strerrorname_np((int)-result) : NULL;
	if (result < 0)
		printf("%-60s %s\n", name, error ? error : "an errno without a name");
	else
		printf("%-60s %ld\n", name, result);
	show_changes();
}

void in_child(void (*function)(void))
{
	int status;
	pid_t child = fork();

	if (child < 0)
		broken("fork");
	if (child == 0) {
		prepare();
		function();
		_exit(0);
	}
	if (waitpid(child, &status, 0) < 0)
		broken("waitpid");
	if (status != 0)
		printf("the child ended with status %#x\n", (unsigned)status);
}

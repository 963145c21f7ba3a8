/*
 * execs DIRECTORY [CASES...]
 *
 * Prints the cases of every file here but i386.c, or of those named, in DIRECTORY, which must be empty. With "show" in place of a
 * directory it is one of the programs executed.
 */
#include "execs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct {
	const char *name;
	void (*run)(void);
} CASES[] = {
	{ "names", names },   { "descriptors", descriptors }, { "threads", threads },
	{ "spawns", spawns }, { "signals", signals },	      { "i386", i386 },
};

static char *const ARGUMENTS[] = { "program", "show", "argument", NULL };
static char *const ENVIRONMENT[] = { "A=a", NULL };

void broken(const char *what)
{
	perror(what);
	exit(1);
}

void failed(void)
{
	printf("%s\n", strerrorname_np(errno));
	_exit(100);
}

int sys_execve(const char *path)
{
	return (int)syscall(SYS_execve, path, ARGUMENTS, ENVIRONMENT);
}

int sys_execveat(int from, const char *path, int flags)
{
	return (int)syscall(SYS_execveat, from, path, ARGUMENTS, ENVIRONMENT, flags);
}

void in_child(const char *name, void (*function)(void))
{
	int status;

	printf("%s: ", name);
	pid_t child = fork();
	if (child == 0) {
		function();
		_exit(101);
	}
	if (child < 0 || waitpid(child, &status, 0) < 0)
		broken("waitpid");
	if (WIFSIGNALED(status))
		printf("%s: ended by signal %d\n", name, WTERMSIG(status));
	else
		printf("%s: status %d\n", name, WEXITSTATUS(status));
}

static int wanted(const char *name, char **list, int count)
{
	for (int i = 0; i < count; i++)
		if (strcmp(list[i], name) == 0)
			return 1;
	return count == 0 && strcmp(name, "i386") != 0;
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IONBF, 0);
	for (int i = 1; i < argc; i++) /* a script's own arguments come first */
		if (strcmp(argv[i], "show") == 0)
			show(argc, argv);
	if (argc < 2 || chdir(argv[1]) < 0)
		broken(argc < 2 ? "usage: execs DIRECTORY [CASES...]" : "chdir");
	umask(022);
	if (clearenv() != 0 || setenv("PATH", "/usr/bin:/bin", 1) < 0)
		broken("setenv");
	prepare();
	for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
		if (wanted(CASES[i].name, argv + 2, argc - 2)) {
			printf("# %s\n", CASES[i].name);
			CASES[i].run();
		}
	return 0;
}

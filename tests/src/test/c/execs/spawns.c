/* Programs executed by children that share our memory. */
#include "execs.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *path;

static void await(pid_t child)
{
	int status;

	if (child < 0 || waitpid(child, &status, 0) < 0)
		broken("waitpid");
	printf("%s, status %x\n", path, (unsigned)status);
}

static void by_vfork(const char *file)
{
	static volatile int error;

	path = file;
	error = 0;
	pid_t child = vfork();
	if (child == 0) {
		sys_execve(path);
		error = errno;
		_exit(100);
	}
	await(child); /* first, as its output may come at any time before */
	printf("vfork: %s\n", error ? strerrorname_np(error) : "executed");
}

static void by_spawn(const char *file)
{
	char *const arguments[] = { "program", "show", NULL };
	pid_t child;

	path = file;
	int error = posix_spawn(&child, path, NULL, NULL, arguments, arguments + 2);
	if (!error)
		await(child);
	printf("posix_spawn: %s\n", error ? strerrorname_np(error) : "executed");
}

static int execute(void *unused)
{
	(void)unused;
	sys_execve(path);
	_exit(100);
}

static void by_clone(const char *file, int flags)
{
	static char stack[1 << 16] __attribute__((aligned(16)));

	path = file;
	await(clone(execute, stack + sizeof stack, flags | SIGCHLD, NULL));
}

/* Whoever waits for stops sees those of job control alone. */
static void watched(const char *file)
{
	int status, stops = 0;

	path = file;
	pid_t child = fork();
	if (child == 0)
		execute(NULL);
	while (waitpid(child, &status, WUNTRACED | WCONTINUED) == child && (WIFSTOPPED(status) || WIFCONTINUED(status)))
		stops++;
	printf("%s, status %x after %d stops\n", path, (unsigned)status, stops);
}

void spawns(void)
{
	static const char *const FILES[] = { "program", "script", "text", "missing", "not-executable" };

	for (size_t i = 0; i < sizeof FILES / sizeof *FILES; i++) {
		by_vfork(FILES[i]);
		by_spawn(FILES[i]);
		by_clone(FILES[i], CLONE_VM | CLONE_VFORK);
		by_clone(FILES[i], CLONE_VM | CLONE_VFORK | CLONE_FILES | CLONE_FS);
		watched(FILES[i]);
	}
	printf("system: status %x\n", (unsigned)system("env -i ./program show | cat; exit 5"));
}

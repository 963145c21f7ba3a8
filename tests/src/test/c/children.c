/*
 * children
 *
 * Makes a device by each way there is to become another process or thread, and after it has ended itself (C13); prints a line for each.
 * Works in the current directory.
 */
#include "cases.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

static const char *self;

static void make(const char *name)
{
	int result = mknod(name, S_IFCHR | 0644, makedev(1, 3));

	printf("C13 %s %s\n", name, result == 0 ? "made" : strerrorname_np(errno));
	fflush(stdout);
}

static void forked(void)
{
	make("fork");
}

static void executed(void)
{
	execl(self, self, "exec", NULL);
	err(1, "%s", self);
}

static void by_vfork(void)
{
	int status;
	pid_t child = vfork();

	if (child == 0) {
		execl(self, self, "vfork-and-exec", NULL);
		_exit(1);
	}
	must(waitpid(child, &status, 0), "waitpid");
}

static int cloned(void *name)
{
	make(name);
	_exit(0);
}

static void by_clone(void)
{
	static char stack[1 << 16];
	pid_t child = clone(cloned, stack + sizeof stack, CLONE_VM | CLONE_FILES | CLONE_FS | SIGCHLD, "clone");

	must(child, "clone");
	must(waitpid(child, NULL, 0), "waitpid");
}

static void *in_thread(void *name)
{
	make(name);
	return NULL;
}

static void by_thread(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, in_thread, "thread") != 0)
		errx(1, "pthread_create");
	pthread_join(thread, NULL);
}

/* Goes on when the first process has ended. */
static void orphan(void)
{
	int gone[2];
	char byte;

	must(pipe(gone), "pipe");
	pid_t child = fork();
	must(child, "fork");
	if (child != 0)
		return; /* our end of the pipe stays open as long as we are there */
	close(gone[1]);
	if (read(gone[0], &byte, 1) == 0)
		make("orphan");
	_exit(0);
}

int main(int argc, char **argv)
{
	self = argv[0];
	if (argc > 1) {
		make(argv[1]);
		return 0;
	}
	in_child(forked);
	in_child(executed);
	by_vfork();
	by_clone();
	by_thread();
	orphan();
	return 0;
}

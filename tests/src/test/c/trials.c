/*
 * trials CALLS
 *
 * As root of a container, makes a device CALLS times where its own file system lets nobody open one, while a thread puts a FIFO in the
 * place of whatever lies there; and goes on, for a minute at most, until there were more swaps than CALLS. A maker whose call does not
 * return for two minutes is killed, which ends it. Prints how many calls were made, how often the FIFO came into a place that was taken,
 * and how many makers were killed.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char name[] = "/dev/trials/node", fifo[] = "/dev/trials/fifo";
static _Atomic int stop;
static _Atomic long swaps;

static void must(long result, const char *what)
{
	if (result < 0)
		err(1, "%s", what);
}

static void *swap(void *unused)
{
	(void)unused;
	while (!stop) {
		if (mkfifo(fifo, 0600) < 0 && errno != EEXIST)
			err(1, "%s", fifo);
		swaps += renameat2(AT_FDCWD, fifo, AT_FDCWD, name, RENAME_EXCHANGE) == 0;
		unlink(fifo);
	}
	return NULL;
}

static _Noreturn void make(int calls)
{
	for (;;) {
		mknod(name, S_IFCHR | 0600, makedev(1, 3));
		if (write(calls, "", 1) != 1)
			_exit(1);
		unlink(name);
	}
}

static long calls;

/* Has calls made until there were enough of them and of swaps; returns whether it was stuck. */
static int maker(long enough)
{
	int ends[2], stuck = 0;
	time_t end = time(NULL) + 60;
	char byte;

	must(pipe2(ends, O_CLOEXEC), "pipe2");
	pid_t child = fork();
	must(child, "fork");
	if (child == 0)
		make(ends[1]);
	must(close(ends[1]), "close");
	struct pollfd call = { .fd = ends[0], .events = POLLIN };
	while (!stuck && (calls < enough || (swaps <= enough && time(NULL) < end))) {
		stuck = poll(&call, 1, 120000) <= 0 || read(ends[0], &byte, 1) != 1;
		calls += !stuck;
	}
	must(kill(child, SIGKILL), "kill");
	must(waitpid(child, NULL, 0), "waitpid");
	must(close(ends[0]), "close");
	return stuck;
}

int main(int argc, char **argv)
{
	pthread_t thread;

	if (argc != 2)
		errx(2, "usage: trials CALLS");
	must(mkdir("/dev/trials", 0755), "/dev/trials");
	if (pthread_create(&thread, NULL, swap, NULL) != 0)
		errx(1, "pthread_create");
	int killed = maker(atol(argv[1]));
	stop = 1;
	if (pthread_join(thread, NULL) != 0)
		errx(1, "pthread_join");
	printf("calls=%ld swaps=%ld killed=%d\n", calls, swaps, killed);
	return 0;
}

/*
 * trials SECONDS
 *
 * As root of a container, makes a device again and again where its own file system lets nobody open one, while a thread puts a FIFO in
 * the place of whatever lies there. A maker whose call does not return for a second is killed, and another goes on. Prints how many
 * calls were made, how often the FIFO came into a place that was taken, and how many makers were killed; and waits for a line of input:
 * so that others can look at what is left.
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

/* Returns how many calls it made until it was stuck, or the time was over. */
static long maker(time_t end, int *stuck)
{
	int ends[2];
	long calls = 0;
	char byte;

	must(pipe2(ends, O_CLOEXEC), "pipe2");
	pid_t child = fork();
	must(child, "fork");
	if (child == 0)
		make(ends[1]);
	must(close(ends[1]), "close");
	struct pollfd call = { .fd = ends[0], .events = POLLIN };
	while (!*stuck && time(NULL) < end) {
		*stuck = poll(&call, 1, 1000) == 0;
		if (!*stuck && read(ends[0], &byte, 1) == 1)
			calls++;
	}
	must(kill(child, SIGKILL), "kill");
	must(waitpid(child, NULL, 0), "waitpid");
	must(close(ends[0]), "close");
	return calls;
}

int main(int argc, char **argv)
{
	pthread_t thread;
	long calls = 0, killed = 0;

	if (argc != 2)
		errx(2, "usage: trials SECONDS");
	must(mkdir("/dev/trials", 0755), "/dev/trials");
	if (pthread_create(&thread, NULL, swap, NULL) != 0)
		errx(1, "pthread_create");
	for (time_t end = time(NULL) + atoi(argv[1]) + 1; time(NULL) < end;) {
		int stuck = 0;
		calls += maker(end, &stuck);
		killed += stuck;
	}
	stop = 1;
	if (pthread_join(thread, NULL) != 0)
		errx(1, "pthread_join");
	printf("calls=%ld swaps=%ld killed=%ld\n", calls, swaps, killed);
	fflush(stdout);
	return getchar() == EOF;
}

/*
 * pending COUNT restart|interrupt
 *
 * When it reads a line, has COUNT threads make a directory each, d0 and so on, in the current directory. Once all of them wait for
 * that, it sends each three signals, which are handled with or without SA_RESTART, and says so. Prints what came of the calls.
 */
#include "cases.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

enum { MAX_THREADS = 256, SIGNALS = 3 };

static pthread_barrier_t start;
static _Atomic pid_t tids[MAX_THREADS];
static atomic_int made, interrupted, failed;

static void handle(int signal)
{
	(void)signal;
}

static void *make_directory(void *number)
{
	char name[32];

	snprintf(name, sizeof name, "d%ld", (long)number);
	tids[(long)number] = gettid();
	pthread_barrier_wait(&start);
	long result = syscall(SYS_mkdirat, AT_FDCWD, name, 0755);
	atomic_fetch_add(result == 0 ? &made : errno == EINTR ? &interrupted : &failed, 1);
	return NULL;
}

/* Whether the thread sleeps in its call: /proc/PID/syscall of proc(5). */
static int waits(pid_t tid)
{
	char path[64], text[32] = "";

	snprintf(path, sizeof path, "/proc/self/task/%d/syscall", tid);
	FILE *file = fopen(path, "r");
	if (file == NULL)
		err(1, "%s", path);
	int called = fgets(text, sizeof text, file) != NULL && atoi(text) == SYS_mkdirat;
	fclose(file);
	return called;
}

int main(int argc, char **argv)
{
	if (argc != 3 || atoi(argv[1]) > MAX_THREADS)
		errx(1, "usage: pending COUNT restart|interrupt");
	int count = atoi(argv[1]);
	struct sigaction action = { .sa_handler = handle, .sa_flags = strcmp(argv[2], "restart") == 0 ? SA_RESTART : 0 };
	pthread_t threads[MAX_THREADS];

	must(sigaction(SIGUSR1, &action, NULL), "sigaction");
	pthread_barrier_init(&start, NULL, (unsigned)count + 1);
	for (long i = 0; i < count; i++)
		if (pthread_create(&threads[i], NULL, make_directory, (void *)i) != 0)
			errx(1, "pthread_create");
	printf("ready %d\n", getpid());
	fflush(stdout);
	if (getchar() == EOF)
		errx(1, "nobody wants anything");
	pthread_barrier_wait(&start);
	for (int i = 0; i < count; i++)
		while (!waits(tids[i]))
			usleep(1000);
	for (int i = 0; i < SIGNALS * count; i++)
		if (tgkill(getpid(), tids[i % count], SIGUSR1) < 0 && errno != ESRCH) /* it may have been interrupted, and ended */
			err(1, "tgkill");
	puts("signalled");
	fflush(stdout);
	for (int i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	printf("made=%d interrupted=%d failed=%d\n", made, interrupted, failed);
	return 0;
}

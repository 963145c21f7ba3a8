/*
 * loop FILE SECONDS THREADS
 *
 * Opens a file over and over, in some threads. Says "looping" when each thread has, and at the end how many opens there
 * were, and how many failed with which errno.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MAX_ERRNO = 4095 };

static const char *path;
static double end;
static int threads;
static atomic_int looping;
static atomic_long attempts, opened, errors[MAX_ERRNO + 1];

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void *loop(void *unused)
{
	(void)unused;
	for (int first = 1; now() < end; attempts++) {
		int fd = open(path, O_RDONLY);

		if (fd < 0) {
			errors[errno]++;
			continue;
		}
		opened++;
		close(fd);
		if (first && ++looping == threads)
			puts("looping");
		first = 0;
	}
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t thread[64];

	if (argc != 4 || (threads = atoi(argv[3])) < 1 || threads > 64) {
		fputs("usage: loop FILE SECONDS THREADS\n", stderr);
		return 1;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	path = argv[1];
	end = now() + atof(argv[2]);
	for (int i = 0; i < threads; i++)
		if (pthread_create(&thread[i], NULL, loop, NULL) != 0)
			return 1;
	for (int i = 0; i < threads; i++)
		pthread_join(thread[i], NULL);
	printf("attempts=%ld opened=%ld", attempts, opened);
	for (int i = 0; i <= MAX_ERRNO; i++)
		if (errors[i] != 0)
			printf(" %s=%ld", strerrorname_np(i), errors[i]);
	puts("");
	return 0;
}

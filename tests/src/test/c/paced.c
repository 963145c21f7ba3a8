/*
 * paced FILE CALLS SECONDS
 *
 * Opens a file so often in so many seconds, at irregular intervals, for each line on standard input. Then prints a line: how long
 * each of the calls took, in nanoseconds.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { MAX_CALLS = 100000 };

static long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000 + time.tv_nsec;
}

/* Returns how long it took to open the file, or -1. */
static long call(const char *path)
{
	long begin = now();
	int fd = open(path, O_RDONLY);
	long took = now() - begin;

	return fd < 0 || close(fd) < 0 ? -1 : took;
}

int main(int argc, char **argv)
{
	static long took[MAX_CALLS];
	int calls = argc == 4 ? atoi(argv[2]) : 0;

	if (calls < 1 || calls > MAX_CALLS) {
		fputs("usage: paced FILE CALLS SECONDS\n", stderr);
		return 1;
	}
	srand48(getpid());
	while (getchar() == '\n') {
		double interval = atof(argv[3]) / calls * 1e6;

		for (int i = 0; i < calls; i++) {
			usleep((useconds_t)(2 * drand48() * interval));
			if ((took[i] = call(argv[1])) < 0) {
				perror(argv[1]);
				return 1;
			}
		}
		for (int i = 0; i < calls; i++)
			printf("%ld%c", took[i], i + 1 < calls ? ' ' : '\n');
		fflush(stdout);
	}
	return 0;
}

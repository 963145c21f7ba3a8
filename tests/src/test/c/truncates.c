/*
 * truncates FILE [thread|alone]
 *
 * Truncates FILE to three bytes, for which it has to wait if somebody has a lease on it; in its first thread, in another, or in
 * another after the first has ended. Prints its process id before and the errno afterwards.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void *change_size(void *path)
{
	printf("pid %d.\n", getpid());
	fflush(stdout);
	int failed = truncate(path, 3) < 0 ? errno : 0;
	printf("truncated: %s\n", failed ? strerrorname_np(failed) : "0");
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t thread;

	if (argc < 2) {
		fputs("usage: truncates FILE [thread|alone]\n", stderr);
		return 1;
	}
	if (argc == 2)
		change_size(argv[1]);
	else if (pthread_create(&thread, NULL, change_size, argv[1]) != 0)
		return 1;
	else if (strcmp(argv[2], "alone") == 0)
		pthread_exit(NULL);
	else if (pthread_join(thread, NULL) != 0)
		return 1;
	return 0;
}

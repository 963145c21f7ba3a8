/*
 * storm FILE SECONDS restart|interrupt
 *
 * Opens a file over and over while a timer sends a signal a thousand times a second, to a handler with SA_RESTART or
 * without; and goes on, for a minute at most, until there were enough of both. Prints how many opens gave the file, how
 * many failed with EINTR or another errno, how many gave something else, and the highest descriptor there was: all are
 * closed, so a higher one means that some were lost.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { ENOUGH = 100, PATIENCE = 60 };

static volatile sig_atomic_t signals;

static void count(int signal)
{
	(void)signal;
	signals++;
}

/* A call that is mediated may fail with EINTR; here that is not what is counted. */
static int status_of(int fd, struct stat *status)
{
	int rc;

	do
		rc = fstat(fd, status);
	while (rc < 0 && errno == EINTR);
	return rc;
}

static void start_storm(int flags)
{
	struct sigaction action = { .sa_handler = count, .sa_flags = flags };
	struct itimerval timer = { .it_interval = { 0, 1000 }, .it_value = { 0, 1000 } };

	if (sigaction(SIGALRM, &action, NULL) < 0 || setitimer(ITIMER_REAL, &timer, NULL) < 0) {
		perror("storm");
		exit(1);
	}
}

int main(int argc, char **argv)
{
	long attempts = 0, opened = 0, eintr = 0, failed = 0, wrong = 0;
	int highest = 0;
	struct stat file, found;

	if (argc != 4 || stat(argv[1], &file) < 0) {
		fputs("usage: storm FILE SECONDS restart|interrupt\n", stderr);
		return 1;
	}
	start_storm(strcmp(argv[3], "restart") == 0 ? SA_RESTART : 0);
	time_t end = time(NULL) + atoi(argv[2]) + 1;
	for (; time(NULL) < end || ((opened <= ENOUGH || signals <= ENOUGH) && time(NULL) < end + PATIENCE); attempts++) {
		int fd = open(argv[1], O_RDONLY);

		if (fd < 0) {
			eintr += errno == EINTR;
			failed += errno != EINTR;
			continue;
		}
		if (status_of(fd, &found) == 0 && found.st_ino == file.st_ino && found.st_dev == file.st_dev)
			opened++;
		else
			wrong++;
		highest = fd > highest ? fd : highest;
		close(fd);
	}
	printf("attempts=%ld opened=%ld wrong=%ld eintr=%ld failed=%ld highest=%d signals=%ld\n", attempts, opened, wrong,
	       eintr, failed, highest, (long)signals);
	return 0;
}

/*
 * mkdirs DIRECTORY COUNT restart|interrupt
 *
 * Makes COUNT directories in DIRECTORY while a timer sends a signal ten thousand times a second, to a handler with SA_RESTART
 * or without, and compares what each call says with what is there. A call that fails with EINTR has done nothing, and is made
 * again. Prints how many directories were made, how many calls failed with EINTR or another errno, how many made a directory
 * and did not say so (doubled, as a program would make the call again), and how many said so and made none (lost).
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

static volatile sig_atomic_t signals;

static void count(int signal)
{
	(void)signal;
	signals++;
}

/* A call that is mediated may fail with EINTR, which says nothing of what is there. */
static int is_there(const char *name)
{
	struct stat status;
	int rc;

	do
		rc = stat(name, &status);
	while (rc < 0 && errno == EINTR);
	return rc == 0;
}

static int start_storm(int flags)
{
	struct sigaction action = { .sa_handler = count, .sa_flags = flags };
	struct itimerval timer = { .it_interval = { 0, 100 }, .it_value = { 0, 100 } };

	return sigaction(SIGALRM, &action, NULL) < 0 || setitimer(ITIMER_REAL, &timer, NULL) < 0;
}

int main(int argc, char **argv)
{
	long made = 0, eintr = 0, failed = 0, doubled = 0, lost = 0;
	char name[32];

	if (argc != 4 || chdir(argv[1]) < 0 || start_storm(strcmp(argv[3], "restart") == 0 ? SA_RESTART : 0)) {
		fputs("usage: mkdirs DIRECTORY COUNT restart|interrupt\n", stderr);
		return 1;
	}
	for (long i = 0; i < atol(argv[2]); i++) {
		int rc, error;

		snprintf(name, sizeof name, "%ld", i);
		do {
			rc = mkdir(name, 0755);
			error = errno;
			int exists = is_there(name);
			eintr += rc < 0 && error == EINTR;
			doubled += rc < 0 && exists;
			lost += rc == 0 && !exists;
		} while (rc < 0 && error == EINTR);
		made += rc == 0;
		failed += rc < 0;
	}
	printf("mkdirs=%s made=%ld eintr=%ld failed=%ld doubled=%ld lost=%ld signals=%ld\n", argv[2], made, eintr, failed, doubled,
	       lost, (long)signals);
	return 0;
}

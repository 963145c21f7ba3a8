/*
 * mknods restart|interrupt COUNT...
 *
 * Makes COUNT device nodes, and removes each, while a timer sends a signal a millisecond to a handler with SA_RESTART or without; and
 * compares what each call says with what is there. A call that fails with EINTR has done nothing, and is made again. Prints how many
 * nodes were made, how many calls failed with EINTR or another errno, how many made a node and did not say so (doubled, as a program
 * would make the call again), and how many said so and made none, or another (lost). After each COUNT it waits for a line of input: so
 * that others can look at what is left.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <unistd.h>

static const unsigned minors[] = { 3, 5, 7, 8, 9 };
static volatile sig_atomic_t signals;

static void count(int signal)
{
	(void)signal;
	signals++;
}

static int start_storm(int flags)
{
	struct sigaction action = { .sa_handler = count, .sa_flags = flags };
	struct itimerval timer = { .it_interval = { 0, 1000 }, .it_value = { 0, 1000 } };

	return sigaction(SIGALRM, &action, NULL) < 0 || setitimer(ITIMER_REAL, &timer, NULL) < 0;
}

static void make(long number)
{
	long made = 0, eintr = 0, failed = 0, doubled = 0, lost = 0;
	char name[32];
	struct stat st;

	for (long i = 0; i < number; i++) {
		dev_t dev = makedev(1, minors[i % 5]);
		int rc, error;

		snprintf(name, sizeof name, "/tmp/node-%ld", i);
		do {
			rc = mknod(name, S_IFCHR | 0600, dev);
			error = errno;
			int exists = lstat(name, &st) == 0;
			eintr += rc < 0 && error == EINTR;
			doubled += rc < 0 && exists;
			lost += rc == 0 && (!exists || !S_ISCHR(st.st_mode) || st.st_rdev != dev);
		} while (rc < 0 && error == EINTR);
		made += rc == 0;
		failed += rc < 0 || unlink(name) < 0;
	}
	printf("mknods=%ld made=%ld eintr=%ld failed=%ld doubled=%ld lost=%ld signals=%ld\n", number, made, eintr, failed, doubled, lost,
	       (long)signals);
}

static void await_line(void)
{
	char byte;
	ssize_t rc;

	do
		rc = read(0, &byte, 1);
	while ((rc < 0 && errno == EINTR) || (rc > 0 && byte != '\n'));
}

int main(int argc, char **argv)
{
	if (argc < 3 || start_storm(strcmp(argv[1], "restart") == 0 ? SA_RESTART : 0)) {
		fputs("usage: mknods restart|interrupt COUNT...\n", stderr);
		return 1;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (int i = 2; i < argc; i++) {
		make(atol(argv[i]));
		await_line();
	}
	return 0;
}

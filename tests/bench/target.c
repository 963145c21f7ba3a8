/*
 * Measures system calls from where they are made.
 *
 *	target DIRECTORY
 *
 * DIRECTORY has the files `plain` and `a.secret`. Reads lines `CALL SAMPLES BATCH`, makes SAMPLES batches of BATCH calls each, and
 * writes a line with the median and the 99th percentile over the batches, in nanoseconds a call. Ends at any other line. Fails
 * if a call's result is not what it should be.
 */
#include "say.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { ANSWER = 4711 };

static char plain[PATH_MAX];
static char secret[PATH_MAX];

/* Each returns whether all was well. None goes through libc, which may do more than the call. */

static int call_getpid(void)
{
	return syscall(SYS_getpid) > 0;
}

static int call_getppid(void)
{
	return syscall(SYS_getppid) == ANSWER;
}

static int call_open(void)
{
	long fd = syscall(SYS_openat, AT_FDCWD, plain, O_RDONLY | O_CLOEXEC);
	return fd >= 0 && syscall(SYS_close, fd) == 0;
}

static int call_open_secret(void)
{
	return syscall(SYS_openat, AT_FDCWD, secret, O_RDONLY | O_CLOEXEC) == -1 && errno == EACCES;
}

static const struct {
	const char *name;
	int (*make)(void);
} calls[] = {
	{ "getpid", call_getpid },
	{ "getppid", call_getppid },
	{ "open", call_open },
	{ "open-secret", call_open_secret },
};

static double now(void)
{
	struct timespec time;

	if (clock_gettime(CLOCK_MONOTONIC, &time) < 0)
		die_errno("clock_gettime", NULL, errno);
	return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static int compare(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;
	return (a > b) - (a < b);
}

static void measure(const char *name, size_t samples, size_t batch)
{
	size_t i = 0;
	while (i < sizeof calls / sizeof *calls && strcmp(calls[i].name, name) != 0)
		i++;
	if (i == sizeof calls / sizeof *calls || samples == 0 || batch == 0)
		die("usage: CALL SAMPLES BATCH");

	double *ns = malloc(samples * sizeof *ns);
	if (!ns)
		die_errno("malloc", NULL, errno);
	for (size_t sample = 0; sample < samples; sample++) {
		double start = now();
		for (size_t n = 0; n < batch; n++)
			if (!calls[i].make())
				die_errno(name, "not the result there should be", errno);
		ns[sample] = (now() - start) / (double)batch;
	}
	qsort(ns, samples, sizeof *ns, compare);
	printf("%.1f %.1f\n", ns[samples / 2], ns[samples * 99 / 100]);
	fflush(stdout);
	free(ns);
}

int main(int argc, char **argv)
{
	char name[32];
	size_t samples, batch;

	if (argc != 2)
		die("usage: target DIRECTORY");
	int length = snprintf(plain, sizeof plain, "%s/plain", argv[1]);
	int secret_length = snprintf(secret, sizeof secret, "%s/a.secret", argv[1]);
	if (length < 0 || secret_length < 0 || (size_t)secret_length >= sizeof secret)
		die_errno("snprintf", argv[1], ENAMETOOLONG);
	while (scanf("%31s %zu %zu", name, &samples, &batch) == 3)
		measure(name, samples, batch);
	return 0;
}

/*
 * Measures system calls from where they are made.
 *
 *	target DIRECTORY [REFUSED]
 *
 * DIRECTORY has the files `plain`, `silent` and `a.secret` and a `link` to the first, and the file REFUSED the numbers of calls that the
 * filter refuses. Reads lines `CALL SAMPLES BATCH`, makes SAMPLES batches of BATCH calls each, and writes a line with the median
 * and the 99th percentile over the batches, in nanoseconds a call. Ends at any other line. Fails if a call's result is not what it
 * should be.
 */
#include "say.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ANSWER = 4711, MOST_REFUSED = 1024 };

static char plain[PATH_MAX];
static char silent[PATH_MAX];
static char secret[PATH_MAX];
static char link_to_plain[PATH_MAX];
static long refused[MOST_REFUSED];
static size_t refused_count;

/* Each returns whether all was well. None goes through libc, which may do more than the call. */

static int call_getpid(void)
{
	return syscall(SYS_getpid) > 0;
}

static int call_getppid(void)
{
	return syscall(SYS_getppid) == ANSWER;
}

static int call_getpgrp(void)
{
	return syscall(SYS_getpgrp) == ANSWER;
}

static int open_and_close(const char *path)
{
	long fd = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
	return fd >= 0 && syscall(SYS_close, fd) == 0;
}

static int call_open(void)
{
	return open_and_close(plain);
}

static int call_open_silent(void)
{
	return open_and_close(silent);
}

static int call_open_secret(void)
{
	return syscall(SYS_openat, AT_FDCWD, secret, O_RDONLY | O_CLOEXEC) == -1 && errno == EACCES;
}

static int call_stat(void)
{
	struct stat st;
	return syscall(SYS_newfstatat, AT_FDCWD, plain, &st, 0) == 0 && S_ISREG(st.st_mode);
}

static int call_statx(void)
{
	struct statx st;
	return syscall(SYS_statx, AT_FDCWD, plain, 0, STATX_BASIC_STATS, &st) == 0 && S_ISREG(st.stx_mode);
}

static int call_access(void)
{
	return syscall(SYS_faccessat, AT_FDCWD, plain, R_OK) == 0;
}

static int call_readlink(void)
{
	char text[PATH_MAX];
	return syscall(SYS_readlinkat, AT_FDCWD, link_to_plain, text, sizeof text) > 0;
}

static int call_getxattr(void)
{
	char value[64];
	return syscall(SYS_getxattr, plain, "user.none", value, sizeof value) == -1 && (errno == ENODATA || errno == EOPNOTSUPP);
}

/* Asks for what there is, and changes nothing. */
static int call_personality(void)
{
	return syscall(SYS_personality, 0xffffffff) >= 0;
}

/* Passes a filter that looks for namespaces, and fails at once: to share handlers of signals is to share memory. */
static int call_clone(void)
{
	return syscall(SYS_clone, CLONE_SIGHAND, 0, 0, 0, 0) == -1 && errno == EINVAL;
}

/* The next of them; only a filter keeps them from doing what they do. */
static int call_refused(void)
{
	static size_t next;

	next = next + 1 < refused_count ? next + 1 : 0;
	return refused_count > 0 && syscall(refused[next], 0, 0, 0, 0, 0, 0) == -1 && errno == EPERM;
}

/* A program that is started, and awaited: this one, which then has nothing to do. */
static int call_exec(void)
{
	static char *const arguments[] = { "target", "-", NULL };
	int status;

	pid_t child = vfork();
	if (child == 0) {
		syscall(SYS_execve, "/proc/self/exe", arguments, arguments + 2);
		_exit(1);
	}
	return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

static const struct {
	const char *name;
	int (*make)(void);
} calls[] = {
	{ "getpid", call_getpid },
	{ "getppid", call_getppid },
	{ "getpgrp", call_getpgrp },
	{ "open", call_open },
	{ "open-silent", call_open_silent },
	{ "open-secret", call_open_secret },
	{ "exec", call_exec },
	{ "stat", call_stat },
	{ "statx", call_statx },
	{ "access", call_access },
	{ "readlink", call_readlink },
	{ "getxattr", call_getxattr },
	{ "personality", call_personality },
	{ "clone", call_clone },
	{ "refused", call_refused },
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

static void in_directory(char *path, const char *directory, const char *name)
{
	int length = snprintf(path, PATH_MAX, "%s/%s", directory, name);

	if (length < 0 || length >= PATH_MAX)
		die_errno("snprintf", directory, ENAMETOOLONG);
}

static void read_refused(const char *path)
{
	FILE *file = fopen(path, "re");

	if (!file)
		die_errno("fopen", path, errno);
	if (prctl(PR_GET_SECCOMP) != SECCOMP_MODE_FILTER)
		die("there is no filter that refuses what is to be refused");
	while (refused_count < MOST_REFUSED && fscanf(file, "%ld", &refused[refused_count]) == 1)
		refused_count++;
	fclose(file);
}

int main(int argc, char **argv)
{
	static char input[BUFSIZ], output[BUFSIZ];
	char name[32];
	size_t samples, batch;

	if (argc != 2 && argc != 3)
		die("usage: target DIRECTORY [REFUSED]");
	if (strcmp(argv[1], "-") == 0)
		return 0;
	in_directory(plain, argv[1], "plain");
	in_directory(silent, argv[1], "silent");
	in_directory(secret, argv[1], "a.secret");
	in_directory(link_to_plain, argv[1], "link");
	if (argc == 3)
		read_refused(argv[2]);
	/* without buffers of ours, libc asks by newfstatat(2) what kind of files these are; the floor performs that for paths only */
	setvbuf(stdin, input, _IOFBF, sizeof input);
	setvbuf(stdout, output, _IOFBF, sizeof output);
	while (scanf("%31s %zu %zu", name, &samples, &batch) == 3)
		measure(name, samples, batch);
	return 0;
}

/*
 * mknods [-m] restart|interrupt COUNT...
 *
 * Makes COUNT device nodes, or with -m mounts as many file systems, and removes each, while a timer sends a signal a millisecond to a handler with SA_RESTART or without; and
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
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <unistd.h>

static const unsigned minors[] = { 3, 5, 7, 8, 9 };
enum { NOTHING, IT, ANOTHER };
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

static int make_device(const char *name, long number)
{
	return mknod(name, S_IFCHR | 0600, makedev(1, minors[number % 5]));
}

static int is_device(const char *name, long number)
{
	struct stat st;

	if (lstat(name, &st) < 0)
		return NOTHING;
	return S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, minors[number % 5]) ? IT : ANOTHER;
}

static int mount_tmpfs(const char *name, long number)
{
	mkdir(name, 0700);
	return mount("none", name, "tmpfs", number % 2 ? MS_NOEXEC : 0, NULL);
}

static int is_tmpfs(const char *name, long number)
{
	struct statfs status;
	struct stat above, there;

	if (stat(name, &there) < 0 || stat("/tmp", &above) < 0 || there.st_dev == above.st_dev)
		return NOTHING;
	return statfs(name, &status) == 0 && !(status.f_flags & ST_NOEXEC) == !(number % 2) ? IT : ANOTHER;
}

/* One that is there twice does not go by that. */
static int unmount(const char *name)
{
	int rc;

	do
		rc = umount2(name, 0);
	while (rc < 0 && errno == EINTR && is_tmpfs(name, 0) != NOTHING);
	if (rc < 0 && errno != EINTR)
		return rc;
	return is_tmpfs(name, 0) == NOTHING ? rmdir(name) : -1;
}

static const struct kind {
	const char *name;
	int (*make)(const char *name, long number);
	int (*is_there)(const char *name, long number);
	int (*take_away)(const char *name);
} kinds[] = { { "mknods", make_device, is_device, unlink }, { "mounts", mount_tmpfs, is_tmpfs, unmount } };

static void make(const struct kind *kind, long number)
{
	long made = 0, eintr = 0, failed = 0, doubled = 0, lost = 0;
	char name[32];

	for (long i = 0; i < number; i++) {
		int rc, error;

		snprintf(name, sizeof name, "/tmp/node-%ld", i);
		do {
			rc = kind->make(name, i);
			error = errno;
			int there = kind->is_there(name, i);
			eintr += rc < 0 && error == EINTR;
			doubled += rc < 0 && there != NOTHING;
			lost += rc == 0 && there != IT;
		} while (rc < 0 && error == EINTR);
		made += rc == 0;
		failed += rc < 0 || kind->take_away(name) < 0;
	}
	printf("%s=%ld made=%ld eintr=%ld failed=%ld doubled=%ld lost=%ld signals=%ld\n", kind->name, number, made, eintr, failed, doubled,
	       lost, (long)signals);
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
	int mounts = argc > 1 && strcmp(argv[1], "-m") == 0;

	argc -= mounts;
	argv += mounts;
	if (argc < 3 || start_storm(strcmp(argv[1], "restart") == 0 ? SA_RESTART : 0)) {
		fputs("usage: mknods [-m] restart|interrupt COUNT...\n", stderr);
		return 1;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (int i = 2; i < argc; i++) {
		make(&kinds[mounts], atol(argv[i]));
		await_line();
	}
	return 0;
}

/*
 * contained CALL COUNT
 * contained per-call PID CALL COUNT
 *
 * Times COUNT calls, mkdir, mknod or mount, in the working directory, and prints the median and the 99th of a hundred in nanoseconds. The first
 * form makes them itself. The second has each made by a new process, in the user and mount namespaces of PID and with another program, as
 * systems do that start a helper for every call.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000 + time.tv_nsec;
}

static void make(const char *call)
{
	int result;

	if (strcmp(call, "mkdir") == 0)
		result = mkdir("made", 0755);
	else if (strcmp(call, "mknod") == 0)
		result = mknod("made", S_IFCHR | 0644, makedev(1, 3));
	else
		result = mount("none", "place", "tmpfs", 0, NULL);
	if (result < 0)
		err(1, "%s", call);
}

static void undo(const char *call)
{
	int result;

	if (strcmp(call, "mkdir") == 0)
		result = rmdir("made");
	else if (strcmp(call, "mknod") == 0)
		result = unlink("made");
	else
		result = umount("place");
	if (result < 0)
		err(1, "undo %s", call);
}

static void make_by_another(int pidfd, int flags, const char *call)
{
	char *const words[] = { "contained", "make", (char *)(uintptr_t)call, NULL };
	int status, self = open("/proc/self/exe", O_PATH | O_CLOEXEC);
	pid_t child = fork();

	if (child < 0)
		err(1, "fork");
	if (child == 0) {
		if (setns(pidfd, flags) < 0 || chdir("/tmp") < 0 || setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0)
			err(1, "setns");
		fexecve(self, words, environ);
		err(1, "exec");
	}
	close(self);
	if (waitpid(child, &status, 0) < 0 || status != 0)
		errx(1, "%s failed", call);
}

static int compare(const void *left, const void *right)
{
	long a = *(const long *)left, b = *(const long *)right;

	return (a > b) - (a < b);
}

int main(int argc, char **argv)
{
	int per_call = argc == 5 && strcmp(argv[1], "per-call") == 0, pidfd = -1;

	if (argc == 3 && strcmp(argv[1], "make") == 0) {
		make(argv[2]);
		return 0;
	}
	if (argc != 3 && !per_call)
		errx(2, "usage: contained CALL COUNT | contained per-call PID CALL COUNT");
	const char *call = argv[argc - 2];
	size_t count = strtoul(argv[argc - 1], NULL, 10);
	long *times = calloc(count, sizeof *times);
	/* a node is made as the machine's root */
	int flags = strcmp(call, "mknod") == 0 ? CLONE_NEWNS : CLONE_NEWUSER | CLONE_NEWNS;
	if (!times)
		err(1, "calloc");
	if (per_call) {
		char root[64];
		pidfd = (int)syscall(SYS_pidfd_open, atoi(argv[2]), 0);
		snprintf(root, sizeof root, "/proc/%s/root/tmp", argv[2]);
		if (pidfd < 0 || chdir(root) < 0)
			err(1, "%s", argv[2]);
	}
	if (mkdir("place", 0755) < 0 && errno != EEXIST)
		err(1, "place");
	for (size_t i = 0; i < count; i++) {
		long before = now();
		if (per_call)
			make_by_another(pidfd, flags, call);
		else
			make(call);
		times[i] = now() - before;
		if (per_call && strcmp(call, "mount") == 0) {
			char *const words[] = { "nsenter", "-t", argv[2], "-U", "-m", "umount", "/tmp/place", NULL };
			pid_t child = fork();
			if (child == 0) {
				execvp(words[0], words);
				_exit(127);
			}
			if (child < 0 || waitpid(child, NULL, 0) < 0)
				err(1, "umount");
		} else {
			undo(call);
		}
	}
	qsort(times, count, sizeof *times, compare);
	printf("%ld %ld\n", times[count / 2], times[count * 99 / 100]);
	return 0;
}

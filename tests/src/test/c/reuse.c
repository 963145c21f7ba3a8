/*
 * reuse COUNT
 *
 * As root of a container, kills COUNT processes while they make a device, and gives the number of each to another at once, which has the
 * name of another node in the same place of its memory and another working directory (C22). Prints how many were killed, how many
 * numbers were given again, and how many nodes of the second kind there are, which nobody asked for.
 */
#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LONGEST_US = 400 };

static char name[] = "asked";
static int last_pid;

static void must(long result, const char *what)
{
	if (result < 0)
		err(1, "%s", what);
}

static _Noreturn void victim(int ready)
{
	must(chdir("/tmp/first"), "first");
	must(write(ready, "", 1), "write");
	for (;;) {
		mknod(name, S_IFCHR | 0600, makedev(1, 3));
		unlink(name);
	}
}

static _Noreturn void heir(void)
{
	memcpy(name, "stray", sizeof name);
	must(chdir("/tmp/second"), "second");
	for (;;)
		pause();
}

static void kill_after(pid_t pid, long us)
{
	struct timespec time = { .tv_nsec = 1000 * us };

	nanosleep(&time, NULL);
	must(kill(pid, SIGKILL), "kill");
	must(waitpid(pid, NULL, 0), "waitpid");
}

/* Whether the number was given again. */
static int replace_one(void)
{
	int ready[2];
	char byte, number[16];

	must(pipe2(ready, O_CLOEXEC), "pipe");
	pid_t first = fork();
	must(first, "fork");
	if (first == 0)
		victim(ready[1]);
	if (read(ready[0], &byte, 1) != 1)
		errx(1, "a child has ended");
	must(close(ready[0]), "close");
	must(close(ready[1]), "close");
	kill_after(first, rand() % LONGEST_US);
	int length = snprintf(number, sizeof number, "%d", first - 1);
	must(pwrite(last_pid, number, (size_t)length, 0), "ns_last_pid");
	pid_t second = fork();
	must(second, "fork");
	if (second == 0)
		heir();
	kill_after(second, 2 * LONGEST_US);
	return second == first;
}

int main(int argc, char **argv)
{
	long count = argc == 2 ? atol(argv[1]) : 0, reused = 0;
	static const char *const strays[] = { "/tmp/first/stray", "/tmp/second/stray", "/tmp/second/asked" };
	int wins = 0;

	last_pid = open("/proc/sys/kernel/ns_last_pid", O_WRONLY | O_CLOEXEC);
	must(last_pid, "ns_last_pid");
	must(mkdir("/tmp/first", 0755), "first");
	must(mkdir("/tmp/second", 0755), "second");
	for (long i = 0; i < count; i++) {
		reused += replace_one();
		for (size_t s = 0; s < 3; s++)
			wins += access(strays[s], F_OK) == 0;
	}
	printf("killed=%ld reused=%ld wins=%d\n", count, reused, wins);
	return 0;
}

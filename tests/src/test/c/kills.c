/*
 * kills FILE COUNT
 *
 * Starts processes whose threads do nothing but open FILE, and kills each with SIGKILL at some moment. After each it opens
 * FILE itself. Prints how often that worked. Before it starts and before it ends it waits for a line of input: so that
 * others can look at what is left.
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { THREADS = 4, LONGEST_US = 3000 };

static const char *path;

static void *open_for_ever(void *ready)
{
	for (int first = 1;; first = 0) {
		int fd = open(path, O_RDONLY);

		if (fd >= 0)
			close(fd);
		if (first && write(*(int *)ready, "", 1) != 1)
			_exit(1);
	}
	return NULL;
}

static _Noreturn void victim(int ready)
{
	pthread_t thread;

	for (int i = 1; i < THREADS; i++)
		if (pthread_create(&thread, NULL, open_for_ever, &ready) != 0)
			_exit(1);
	open_for_ever(&ready);
	_exit(1);
}

/* Kills one; whether it was that what ended it. */
static int kill_one(void)
{
	int pipefd[2], status;
	char bytes[THREADS];
	struct timespec time = { .tv_nsec = 1000L * (rand() % LONGEST_US) };

	if (pipe2(pipefd, O_CLOEXEC) < 0)
		return 0;
	pid_t child = fork();
	if (child == 0)
		victim(pipefd[1]);
	close(pipefd[1]);
	if (child < 0 || read(pipefd[0], bytes, sizeof bytes) < 1)
		return 0;
	close(pipefd[0]);
	nanosleep(&time, NULL);
	return kill(child, SIGKILL) == 0 && waitpid(child, &status, 0) == child && WIFSIGNALED(status);
}

static int opens(void)
{
	char byte;
	int fd = open(path, O_RDONLY);
	int readable = fd >= 0 && read(fd, &byte, 1) == 1;

	close(fd);
	return readable;
}

static void await_line(const char *message)
{
	puts(message);
	while (getchar() != '\n' && !feof(stdin))
		;
}

int main(int argc, char **argv)
{
	long killed = 0, answered = 0;

	if (argc != 3) {
		fputs("usage: kills FILE COUNT\n", stderr);
		return 1;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	path = argv[1];
	kill_one();
	await_line("ready");
	for (int i = 0; i < atoi(argv[2]); i++) {
		killed += kill_one();
		answered += opens();
	}
	await_line("over");
	printf("killed=%ld answered=%ld\n", killed, answered);
	return 0;
}

/* Signals that come while a program is executed. */
#include "execs.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t seen;

static void count(int signal)
{
	(void)signal;
	seen++;
}

static void block(int signal)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, signal);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		broken("sigprocmask");
}

static void with_one_that_waits(void)
{
	block(SIGUSR1);
	kill(getpid(), SIGUSR1);
	if (sys_execve("program") < 0)
		failed();
}

static void with_one_that_waits_for_nothing(void)
{
	signal(SIGUSR1, count);
	block(SIGUSR1);
	kill(getpid(), SIGUSR1);
	sys_execve("text");
	printf("still waiting: %d\n", seen == 0);
	_exit(0);
}

static void with_ignored_ones(void)
{
	signal(SIGUSR1, SIG_IGN);
	signal(SIGUSR2, count);
	if (sys_execve("program") < 0)
		failed();
}

/* Of many attempts that fail, in a storm. */
static void with_a_storm(void)
{
	struct sigaction action = { .sa_handler = count, .sa_flags = SA_RESTART };
	int executed = 0;

	if (sigaction(SIGUSR1, &action, NULL) < 0)
		broken("sigaction");
	pid_t self = getpid(), storm = fork();
	if (storm == 0)
		for (;;)
			kill(self, SIGUSR1);
	for (int i = 0; i < 200 || seen == 0; i++)
		executed += sys_execve("text") == 0;
	kill(storm, SIGKILL);
	waitpid(storm, NULL, 0);
	printf("executed %d, signals %s\n", executed, seen > 0 ? "seen" : "none");
	_exit(0);
}

/* A program is stopped and goes on, whenever that comes. */
static void with_stops(void)
{
	int status = 0, ended = 0;

	for (int i = 0; i < 100; i++) {
		pid_t child = fork();
		if (child == 0) {
			sys_execve("quiet");
			failed();
		}
		kill(child, SIGSTOP);
		if (waitpid(child, &status, WUNTRACED) != child)
			broken("waitpid");
		if (WIFSTOPPED(status)) {
			kill(child, SIGCONT);
			if (waitpid(child, &status, 0) != child)
				broken("waitpid");
		}
		ended += WIFEXITED(status) && WEXITSTATUS(status) == 7;
	}
	printf("%d ended\n", ended);
	_exit(0);
}

void signals(void)
{
	in_child("with a signal that waits", with_one_that_waits);
	in_child("with a signal that waits, in vain", with_one_that_waits_for_nothing);
	in_child("with signals ignored and caught", with_ignored_ones);
	in_child("in a storm", with_a_storm);
	in_child("with stops", with_stops);
}

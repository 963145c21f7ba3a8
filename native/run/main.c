/*
 * sluice-run SUPERVISOR [ARG...] -- [USER-ARG...]
 *
 * Starts the supervisor with all the arguments, and beside it the process that is to become the command, so that the
 * command has our terminal, process group, signal dispositions, limits and descriptors, and is a child of its supervisor
 * (which Yama demands of whoever reads another's memory):
 *
 *	sluice-run			in the foreground; exits with the command's status
 *	`- SUPERVISOR ARG... USER-ARG...	in a process group of its own
 *	   `- the command		in ours
 *
 * If the policy needs no supervisor, sluice-run itself becomes the command, and nothing else is left.
 *
 * The supervisor finds its two sockets in SLUICE_FRONT_FD and SLUICE_LAUNCH_FD, and in SLUICE_LAUNCH_PID who is to become
 * the command. SLUICE_FRONT_PID is ours, to be stopped and continued as the command is.
 */
#include "channel.h"
#include "front.h"
#include "launch/launch.h"
#include "protocol.h"
#include "say.h"
#include "standard.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static void pass_number(const char *name, int number)
{
	char text[16];

	snprintf(text, sizeof text, "%d", number);
	if (setenv(name, text, 1) < 0)
		die_errno("setenv", name, errno);
}

static void pass_fd(const char *name, int fd)
{
	if (fcntl(fd, F_SETFD, 0) < 0)
		die_errno("fcntl", name, errno);
	pass_number(name, fd);
}

static noreturn void become_supervisor(int front_sock, pid_t front, int launch_sock, pid_t launcher, const sigset_t *mask,
				       char **argv, int split, int argc)
{
	static const int ignored[] = { SIGHUP, SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU };

	for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
		signal(ignored[i], SIG_IGN);
	if (sigprocmask(SIG_SETMASK, mask, NULL) < 0)
		die_errno("sigprocmask", NULL, errno);
	/* what the terminal sends to the command's process group is not for us */
	if (setpgid(0, 0) < 0)
		die_errno("setpgid", NULL, errno);
	/* each makes every JVM print a line */
	unsetenv("JAVA_TOOL_OPTIONS");
	unsetenv("JDK_JAVA_OPTIONS");
	standard_open(); /* the command keeps those it was given */
	pass_fd("SLUICE_FRONT_FD", front_sock);
	pass_number("SLUICE_FRONT_PID", front);
	pass_fd("SLUICE_LAUNCH_FD", launch_sock);
	pass_number("SLUICE_LAUNCH_PID", launcher);

	char **all = calloc((size_t)argc, sizeof *all);
	if (!all)
		die_errno("calloc", NULL, errno);
	memcpy(all, argv + 1, (size_t)(split - 1) * sizeof *all);
	memcpy(all + split - 1, argv + split + 1, (size_t)(argc - split - 1) * sizeof *all);
	execvp(all[0], all);
	die_errno("execve", all[0], errno);
}

static void socket_pair(int pair[2])
{
	int rc = channel_pair(pair);

	if (rc < 0)
		die_errno("socketpair", NULL, -rc);
}

static void tell(int sock, uint32_t event, uint32_t value)
{
	struct front_message message = { .protocol = SLUICE_PROTOCOL, .event = event, .value = value };
	struct iovec iov = { &message, sizeof message };
	int rc = channel_send(sock, &iov, 1, NULL, 0);

	if (rc < 0)
		die_errno("sendmsg", "sluice-run", -rc);
}

int main(int argc, char **argv)
{
	int split = 1;
	while (split < argc && strcmp(argv[split], "--") != 0)
		split++;
	if (split < 2 || split == argc)
		die("usage: sluice-run SUPERVISOR [ARG...] -- [USER-ARG...]");

	/* with one key in all of us: see struct hello */
	static struct command command;
	command_init(&command, argc - split - 1, argv + split + 1);
	int front_pair[2], launch_pair[2];
	socket_pair(front_pair);
	socket_pair(launch_pair);
	sigset_t mask;
	front_take_signals(&mask);

	pid_t front_pid = getpid(), supervisor = fork();
	if (supervisor < 0)
		die_errno("fork", NULL, errno);
	if (supervisor == 0) {
		close(front_pair[0]);
		pid_t launcher = fork();
		if (launcher < 0)
			die_errno("fork", NULL, errno);
		if (launcher == 0) {
			close(front_pair[1]);
			close(launch_pair[0]);
			front_restore_signals(&mask);
			launch(launch_pair[1], &command);
		}
		close(launch_pair[1]);
		tell(front_pair[1], FRONT_LAUNCHER, (uint32_t)launcher);
		become_supervisor(front_pair[1], front_pid, launch_pair[0], launcher, &mask, argv, split, argc);
	}
	/* or a command of our user could trace us, who have no filter */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		die_errno("prctl", "PR_SET_DUMPABLE", errno);
	close(front_pair[1]);
	close(launch_pair[0]);
	close(launch_pair[1]);
	const struct plan *plan = front(front_pair[0], supervisor, &command);
	front_restore_signals(&mask);
	front_raise_early();
	launch_alone(plan, &command);
}

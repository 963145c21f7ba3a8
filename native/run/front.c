#include "front.h"

#include "channel.h"
#include "launch/launch.h"
#include "say.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdnoreturn.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

static const int job_control[] = { SIGTSTP, SIGTTIN, SIGTTOU };

static void signals_to_pass_on(sigset_t *set)
{
	sigfillset(set);
	for (size_t i = 0; i < sizeof job_control / sizeof *job_control; i++)
		sigdelset(set, job_control[i]);
	/* raised by our own mistakes: let them end us */
	sigdelset(set, SIGSEGV);
	sigdelset(set, SIGBUS);
	sigdelset(set, SIGFPE);
	sigdelset(set, SIGILL);
	sigdelset(set, SIGABRT);
}

static struct sigaction inherited[sizeof job_control / sizeof *job_control], inherited_child;
static sigset_t early; /* what came for the command before it began */

void front_take_signals(sigset_t *before)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, nothing = { .sa_handler = SIG_DFL };
	sigset_t set;

	for (size_t i = 0; i < sizeof job_control / sizeof *job_control; i++)
		sigaction(job_control[i], &ignore, &inherited[i]);
	/* ignored, our children would end without a status */
	sigaction(SIGCHLD, &nothing, &inherited_child);
	signals_to_pass_on(&set);
	if (sigprocmask(SIG_BLOCK, &set, before) < 0)
		die_errno("sigprocmask", NULL, errno);
}

void front_restore_signals(const sigset_t *before)
{
	for (size_t i = 0; i < sizeof job_control / sizeof *job_control; i++)
		sigaction(job_control[i], &inherited[i], NULL);
	sigaction(SIGCHLD, &inherited_child, NULL);
	sigprocmask(SIG_SETMASK, before, NULL);
}

void front_raise_early(void)
{
	for (int number = 1; number <= SIGRTMAX; number++)
		if (sigismember(&early, number) == 1)
			kill(getpid(), number);
}

static noreturn void exit_like(int status)
{
	_exit(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
}

/*
 * The terminal signals the whole process group, and so the command, by itself. Only when it is hung up the leader of the
 * session is the only one to know: SIGHUP, and SIGCONT so that it can act on it. Others from the kernel are ours alone, as
 * that of an alarm(2) which was set before we were executed.
 */
static int command_has_it_too(const struct signalfd_siginfo *info, pid_t supervisor)
{
	/* it continues us as the command has been continued */
	if (info->ssi_signo == SIGCONT && info->ssi_pid == (uint32_t)supervisor)
		return 1;
	if (info->ssi_code != SI_KERNEL)
		return 0;
	switch (info->ssi_signo) {
	case SIGINT:
	case SIGQUIT:
	case SIGWINCH:
		return 1;
	case SIGHUP:
	case SIGCONT:
		return getsid(0) != getpid();
	}
	return 0;
}

static void pass_on(int signals, int started, pid_t supervisor, int command)
{
	struct signalfd_siginfo info;

	if (read(signals, &info, sizeof info) != sizeof info)
		return;
	if (info.ssi_signo == SIGCHLD)
		return;
	if (!started)
		sigaddset(&early, (int)info.ssi_signo);
	if (command < 0 || command_has_it_too(&info, supervisor))
		return;
	pidfd_send_signal(command, (int)info.ssi_signo, NULL, 0);
}

static void pass_on_early(int command)
{
	for (int number = 1; number <= SIGRTMAX; number++)
		if (sigismember(&early, number) == 1)
			pidfd_send_signal(command, number, NULL, 0);
}

/* The supervisor is gone. Before the command started it has said why; afterwards we stay for the command's sake. */
static noreturn void outlive(pid_t supervisor, int started, int signals, int command)
{
	int status = 0;

	while (waitpid(supervisor, &status, 0) < 0 && errno == EINTR)
		;
	if (!started) {
		if (WIFSIGNALED(status))
			dprintf(2, "sluice: the supervisor was ended by signal %d; nothing was started\n", WTERMSIG(status));
		/* with 1 a JVM ends that cannot start */
		_exit(WIFSIGNALED(status) || WEXITSTATUS(status) == 1 ? EXIT_SLUICE : WEXITSTATUS(status));
	}
	dprintf(2, "sluice: the supervisor ended before the command did: mediated calls now fail with ENOSYS\n");
	for (;;) {
		struct pollfd fds[] = { { .fd = command, .events = POLLIN }, { .fd = signals, .events = POLLIN } };
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			die_errno("poll", NULL, errno);
		if (fds[0].revents)
			_exit(EXIT_SLUICE);
		if (fds[1].revents)
			pass_on(signals, started, supervisor, command);
	}
}

/* It has been told to end, and knows what lets our own execve(2) pass. */
static void end(int launcher)
{
	struct pollfd fd = { .fd = launcher, .events = POLLIN };

	pidfd_send_signal(launcher, SIGKILL, NULL, 0);
	while (poll(&fd, 1, -1) < 0)
		if (errno != EINTR)
			die_errno("poll", NULL, errno);
	close(launcher);
}

/* The command must not find a child it knows nothing of. */
static const struct plan *take_over(int sock, pid_t supervisor, int signals, int launcher)
{
	const struct plan *plan = launch_receive_plan(sock);

	while (waitpid(supervisor, NULL, 0) < 0 && errno == EINTR)
		;
	end(launcher);
	close(signals);
	close(sock);
	return plan;
}

const struct plan *front(int sock, pid_t supervisor, struct command *ours)
{
	sigset_t set;
	signals_to_pass_on(&set);
	int signals = signalfd(-1, &set, SFD_CLOEXEC);
	if (signals < 0)
		die_errno("signalfd", NULL, errno);

	int command = -1, started = 0;
	for (;;) {
		struct pollfd fds[] = { { .fd = sock, .events = POLLIN }, { .fd = signals, .events = POLLIN } };
		if (poll(fds, 2, -1) < 0) {
			if (errno == EINTR)
				continue;
			die_errno("poll", NULL, errno);
		}
		if (fds[1].revents)
			pass_on(signals, started, supervisor, command);
		if (!fds[0].revents)
			continue;

		struct front_message message;
		struct iovec iov = { &message, sizeof message };
		ssize_t size = channel_receive(sock, &iov, 1, NULL, NULL);
		if (size != sizeof message || message.protocol != SLUICE_PROTOCOL)
			outlive(supervisor, started, signals, command);
		switch (message.event) {
		case FRONT_LAUNCHER:
			command = pidfd_open((pid_t)message.value, 0);
			if (command < 0)
				die_errno("pidfd_open", NULL, errno);
			pass_on_early(command);
			break;
		case FRONT_STARTED:
			started = 1;
			command_forget_key(ours);
			/* a supervisor that has ended is noticed with the next message */
			(void)channel_send(sock, &iov, 1, NULL, 0);
			break;
		case FRONT_ENDED:
			exit_like((int)message.value);
		case FRONT_BECOME:
			return take_over(sock, supervisor, signals, command);
		}
	}
}

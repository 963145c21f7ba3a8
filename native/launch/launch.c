#include "launch.h"

#include "channel.h"
#include "say.h"

#include <errno.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

/*
 * Once the filter is on, any system call of this thread may be mediated, or denied. So a second thread is started before:
 * the filter is not synchronised to it, it shares the fd table, and it does everything that needs a system call until the
 * command has replaced us, which also ends it.
 */
enum state {
	INSTALLING,   /* this thread is about to call seccomp(2) */
	INSTALLED,    /* `listener` is the notify fd, or -1 without one */
	FAILED,	      /* seccomp(2) failed with `error` */
	GO,	      /* the supervisor, if there is one, holds the listener: execute */
	NOT_EXECUTED, /* execve(2) failed with `error` */
};

#define HELPER_STACK (256 * 1024)

static struct {
	_Atomic uint32_t state;
	int listener;
	int error;
	int sock; /* -1 without a supervisor */
	const char *agent; /* the socket of the supervisor, if that is an agent, which has no terminal to say anything at */
	const char *path;
} shared;

noreturn void launch_not_taken(const char *agent)
{
	dprintf(2, "sluice: the agent at \"%s\" did not take the command: its log says why\n", agent);
	_exit(EXIT_SLUICE);
}

/* A supervisor of our own has said why; an agent has a log for that. */
static noreturn void end_without_supervisor(void)
{
	if (shared.agent)
		launch_not_taken(shared.agent);
	_exit(EXIT_SLUICE);
}

static void report(enum report_stage stage, int error, int fd)
{
	struct report message = { .protocol = SLUICE_PROTOCOL, .stage = stage, .error = error };
	struct iovec iov = { &message, sizeof message };

	if (error && stage != REPORT_NO_COMMAND && (shared.sock < 0 || shared.agent))
		say_errno(stage == REPORT_INSTALL ? "seccomp" : stage == REPORT_HELPER ? "pthread_create" : "prctl", NULL, error);
	if (shared.sock < 0)
		return;
	int rc = channel_send(shared.sock, &iov, 1, &fd, fd >= 0 ? 1 : 0);
	if (rc < 0) {
		say_errno("sendmsg", "supervisor", -rc);
		_exit(EXIT_SLUICE);
	}
}

static void await_change_from(enum state state)
{
	const struct timespec pause = { .tv_nsec = 50 * 1000 };

	/* the other thread cannot wake us: its futex(2) may be mediated */
	while (atomic_load(&shared.state) == state)
		nanosleep(&pause, NULL);
}

static void await_verdict(void)
{
	struct verdict verdict;
	struct iovec iov = { &verdict, sizeof verdict };
	ssize_t size = channel_receive(shared.sock, &iov, 1, NULL, NULL);

	if (size != sizeof verdict || verdict.protocol != SLUICE_PROTOCOL)
		end_without_supervisor();
	if (!verdict.go && shared.agent)
		end_without_supervisor();
	if (!verdict.go)
		_exit((int)verdict.status);
}

static void *serve(void *unused)
{
	(void)unused;
	await_change_from(INSTALLING);
	if (atomic_load(&shared.state) == FAILED) {
		report(REPORT_INSTALL, shared.error, -1);
		_exit(EXIT_SLUICE);
	}
	report(REPORT_LISTENING, 0, shared.listener);
	/* a copy left open would make the command hang, not fail, when the supervisor dies */
	if (shared.listener >= 0)
		close(shared.listener);
	if (shared.sock >= 0)
		await_verdict();
	atomic_store(&shared.state, GO);
	syscall(SYS_futex, &shared.state, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
	await_change_from(GO); /* ended by execve(2), unless that fails */
	say_errno("execve", shared.path, shared.error);
	_exit(command_status(shared.error));
}

static noreturn void wait_for_the_helper_to_exit(void)
{
	for (;;)
		__asm__ volatile("" ::: "memory");
}

static void await_go(int may_futex)
{
	while (atomic_load(&shared.state) == INSTALLED)
		if (may_futex)
			syscall(SYS_futex, &shared.state, FUTEX_WAIT_PRIVATE, INSTALLED, NULL, NULL, 0);
}

static noreturn void abort_launch(const struct plan *plan, size_t size)
{
	size_t head = offsetof(struct plan, insns);

	if (size > head)
		dprintf(2, "sluice: %.*s\n", (int)(size - head), (const char *)plan->insns);
	_exit((int)plan->status);
}

const struct plan *launch_receive_plan(int sock)
{
	static struct plan plan;
	struct iovec iov = { &plan, sizeof plan };
	ssize_t size = channel_receive(sock, &iov, 1, NULL, NULL);

	if (size == 0 || size == -ECONNRESET)
		end_without_supervisor(); /* it has ended, with our greeting unread or not */
	if (size < 0)
		die_errno("recvmsg", "supervisor", (int)-size);
	size_t head = offsetof(struct plan, insns);
	int ours = (size_t)size >= head && plan.protocol == SLUICE_PROTOCOL;
	if (ours && (plan.flags & PLAN_ABORT))
		abort_launch(&plan, (size_t)size);
	if (!ours || plan.insn_count > PLAN_MAX_INSNS || (size_t)size != head + plan.insn_count * sizeof plan.insns[0])
		die("the supervisor speaks another protocol: are all programs from one build?");
	return &plan;
}

static long install(const struct plan *plan)
{
	struct sock_fprog program = { .len = (unsigned short)plan->insn_count, .filter = (struct sock_filter *)plan->insns };
	unsigned long flags = 0;

	if (plan->flags & PLAN_LISTENER)
		flags |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
	if (plan->flags & PLAN_WAIT_KILLABLE)
		flags |= SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
	long rc = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
	if (rc < 0 && errno == ENOSYS && flags == 0) /* before 3.17 */
		rc = prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
	return rc < 0 ? -errno : rc;
}

/* RLIMIT_STACK, which would be the size of its stack, is the command's, and may be more than there is memory. */
static int start_helper(void)
{
	pthread_t helper;
	pthread_attr_t attributes;
	int error = pthread_attr_init(&attributes);

	if (error)
		return error;
	error = pthread_attr_setstacksize(&attributes, HELPER_STACK);
	if (!error)
		error = pthread_create(&helper, &attributes, serve, NULL);
	pthread_attr_destroy(&attributes);
	return error;
}

static noreturn void become(const struct plan *plan, struct command *command)
{
	if (plan->argv_offset >= (uint32_t)command->argc)
		die("the plan names no command");
	int offset = (int)plan->argv_offset;
	int error = command_find(command, offset);
	if (error) {
		report(REPORT_NO_COMMAND, shared.sock < 0 ? 0 : error, -1);
		say_errno("execve", command->argv[offset], error);
		_exit(command_status(error));
	}
	if ((plan->flags & PLAN_NO_NEW_PRIVS) && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) {
		report(REPORT_NO_NEW_PRIVS, errno, -1);
		_exit(EXIT_SLUICE);
	}
	/*
	 * What we execute later is looked at by a process beside us, as only others than our parent can tell a stop from our
	 * end. Yama lets ancestors trace, and those a process names; without it there is no such option. An agent is no parent of
	 * ours: it may look at us as root, or not at all.
	 */
	if ((plan->flags & PLAN_LISTENER) && !shared.agent && prctl(PR_SET_PTRACER, getppid(), 0, 0, 0) < 0 && errno != EINVAL)
		say_errno("prctl", "PR_SET_PTRACER", errno);
	shared.path = command->path;
	shared.listener = -1;
	error = start_helper();
	if (error) {
		report(REPORT_HELPER, error, -1);
		_exit(EXIT_SLUICE);
	}

	long fd = install(plan);
	if (fd < 0) {
		shared.error = (int)-fd;
		atomic_store(&shared.state, FAILED);
		wait_for_the_helper_to_exit();
	}
	if (plan->flags & PLAN_LISTENER)
		shared.listener = (int)fd;
	atomic_store(&shared.state, INSTALLED);
	await_go(plan->flags & PLAN_MAY_FUTEX);
	shared.error = command_execute(command, offset);
	atomic_store(&shared.state, NOT_EXECUTED);
	wait_for_the_helper_to_exit();
}

static void greet(const struct command *command)
{
	struct hello hello = { .protocol = SLUICE_PROTOCOL };

	memcpy(hello.key, command->key, sizeof hello.key);
	struct iovec iov = { &hello, sizeof hello };
	int rc = channel_send(shared.sock, &iov, 1, NULL, 0);

	if (rc == -EPIPE)
		end_without_supervisor();
	if (rc < 0)
		die_errno("sendmsg", "supervisor", -rc);
}

noreturn void launch(int sock, struct command *command)
{
	int rc = channel_check_peer(sock);

	if (rc < 0)
		die_errno("SO_PEERCRED", "supervisor", -rc);
	shared.sock = sock;
	greet(command);
	become(launch_receive_plan(sock), command);
}

noreturn void launch_by_agent(const char *agent, int sock, struct command *command)
{
	shared.agent = agent;
	launch(sock, command);
}

noreturn void launch_alone(const struct plan *plan, struct command *command)
{
	shared.sock = -1;
	become(plan, command);
}

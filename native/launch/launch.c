#include "launch.h"

#include "channel.h"
#include "protocol.h"
#include "say.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
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
	INSTALLING, /* this thread is about to call seccomp(2) */
	INSTALLED,  /* `listener` is the notify fd, or -1 without one */
	FAILED,	    /* seccomp(2) failed with `error` */
	GO,	    /* the supervisor holds the listener: execute */
	NOT_EXECUTED, /* execve(2) failed with `error` */
};

static struct {
	_Atomic uint32_t state;
	int listener;
	int error;
	int sock;
	const char *path;
} shared;

static void report(int sock, enum report_stage stage, int error, int fd)
{
	struct report message = { .protocol = SLUICE_PROTOCOL, .stage = stage, .error = error };
	struct iovec iov = { &message, sizeof message };
	int rc = channel_send(sock, &iov, 1, &fd, fd >= 0 ? 1 : 0);

	if (rc < 0) {
		say_errno("sendmsg", "supervisor", -rc);
		_exit(EXIT_SLUICE);
	}
}

static int status_of_exec_error(int error)
{
	return error == ENOENT || error == ENOTDIR ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
}

static void await_change_from(enum state state)
{
	const struct timespec pause = { .tv_nsec = 50 * 1000 };

	/* the other thread cannot wake us: its futex(2) may be mediated */
	while (atomic_load(&shared.state) == state)
		nanosleep(&pause, NULL);
}

static void *serve(void *unused)
{
	(void)unused;
	await_change_from(INSTALLING);
	if (atomic_load(&shared.state) == FAILED) {
		report(shared.sock, REPORT_INSTALL, shared.error, -1);
		_exit(EXIT_SLUICE);
	}
	report(shared.sock, REPORT_LISTENING, 0, shared.listener);
	/* a copy left open would make the command hang, not fail, when the supervisor dies */
	if (shared.listener >= 0)
		close(shared.listener);

	struct verdict verdict;
	struct iovec iov = { &verdict, sizeof verdict };
	ssize_t size = channel_receive(shared.sock, &iov, 1, NULL, NULL);
	if (size != sizeof verdict || verdict.protocol != SLUICE_PROTOCOL)
		_exit(EXIT_SLUICE);
	if (!verdict.go)
		_exit((int)verdict.status);

	atomic_store(&shared.state, GO);
	syscall(SYS_futex, &shared.state, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
	await_change_from(GO); /* ended by execve(2), unless that fails */
	say_errno("execve", shared.path, shared.error);
	_exit(status_of_exec_error(shared.error));
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

static int executable(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return errno;
	if (!S_ISREG(st.st_mode))
		return EACCES;
	return access(path, X_OK) < 0 ? errno : 0;
}

/* Finds `name` as execvp(3) does, but before the filter is on. Returns 0 or an errno. */
static int find_command(const char *name, char *path, size_t size)
{
	if (strchr(name, '/')) {
		int length = snprintf(path, size, "%s", name);
		return length < 0 || (size_t)length >= size ? ENAMETOOLONG : executable(path);
	}
	const char *directory = getenv("PATH");
	int error = ENOENT;
	if (!directory)
		directory = "/usr/local/bin:/bin:/usr/bin";
	for (; *name && directory; directory = strchr(directory, ':'), directory = directory ? directory + 1 : NULL) {
		int length = (int)strcspn(directory, ":");
		int written = snprintf(path, size, "%.*s%s%s", length, directory, length ? "/" : "", name);
		if (written < 0 || (size_t)written >= size)
			continue;
		int found = executable(path);
		if (found == 0)
			return 0;
		if (found == EACCES)
			error = EACCES;
	}
	return error;
}

static const struct plan *receive_plan(int sock)
{
	static struct plan plan;
	struct iovec iov = { &plan, sizeof plan };
	ssize_t size = channel_receive(sock, &iov, 1, NULL, NULL);

	if (size == 0)
		_exit(EXIT_SLUICE); /* the supervisor has said why */
	if (size < 0)
		die_errno("recvmsg", "supervisor", (int)-size);
	size_t head = offsetof(struct plan, insns);
	if ((size_t)size < head || plan.protocol != SLUICE_PROTOCOL || plan.insn_count > PLAN_MAX_INSNS ||
	    (size_t)size != head + plan.insn_count * sizeof plan.insns[0])
		die("the supervisor speaks another protocol: are all programs from one build?");
	if (plan.flags & PLAN_ABORT)
		_exit((int)plan.status);
	return &plan;
}

/* execvp(3): a text without #! is for the shell. Made before the filter is on, which may mediate mmap(2) or brk(2). */
static char **shell_command(char **command)
{
	size_t count = 1;

	while (command[count])
		count++;
	char **shell = calloc(count + 2, sizeof *shell);
	if (!shell)
		die_errno("calloc", NULL, errno);
	shell[0] = (char *)"sh";
	shell[1] = (char *)shared.path;
	memcpy(shell + 2, command + 1, (count - 1) * sizeof *command);
	return shell;
}

noreturn void launch(int sock, char **argv, int argc)
{
	static char path[PATH_MAX];
	int rc = channel_check_peer(sock);
	if (rc < 0)
		die_errno("SO_PEERCRED", "supervisor", -rc);

	const struct plan *plan = receive_plan(sock);
	if (plan->argv_offset >= (uint32_t)argc)
		die("the plan names no command");
	char **command = argv + plan->argv_offset;
	int error = find_command(command[0], path, sizeof path);
	if (error) {
		report(sock, REPORT_NO_COMMAND, error, -1);
		say_errno("execve", command[0], error);
		_exit(status_of_exec_error(error));
	}
	if ((plan->flags & PLAN_NO_NEW_PRIVS) && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) {
		report(sock, REPORT_NO_NEW_PRIVS, errno, -1);
		_exit(EXIT_SLUICE);
	}

	shared.sock = sock;
	shared.path = path;
	shared.listener = -1;
	char **shell = shell_command(command);
	pthread_t helper;
	error = pthread_create(&helper, NULL, serve, NULL);
	if (error) {
		report(sock, REPORT_HELPER, error, -1);
		_exit(EXIT_SLUICE);
	}

	struct sock_fprog program = { .len = (unsigned short)plan->insn_count, .filter = (struct sock_filter *)plan->insns };
	unsigned long flags = 0;
	if (plan->flags & PLAN_LISTENER)
		flags |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
	if (plan->flags & PLAN_WAIT_KILLABLE)
		flags |= SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
	if (plan->flags & PLAN_LOG)
		flags |= SECCOMP_FILTER_FLAG_LOG;
	long fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
	if (fd < 0) {
		shared.error = errno;
		atomic_store(&shared.state, FAILED);
		wait_for_the_helper_to_exit();
	}
	if (plan->flags & PLAN_LISTENER)
		shared.listener = (int)fd;
	atomic_store(&shared.state, INSTALLED);

	await_go(plan->flags & PLAN_MAY_FUTEX);
	execve(path, command, environ);
	if (errno == ENOEXEC)
		execve("/bin/sh", shell, environ);
	shared.error = errno;
	atomic_store(&shared.state, NOT_EXECUTED);
	wait_for_the_helper_to_exit();
}

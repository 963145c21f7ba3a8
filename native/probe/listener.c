/*
 * A child asks for getppid(2), which its filter notifies, and exits with 0 if the answer is the one it was told to
 * expect; the parent supervises it.
 */
#include "probe.h"

#include "channel.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif
/* 6.6; takes the flags by value although it is declared _IOW */
#define NOTIF_SET_FLAGS _IOW('!', 4, __u64)
#define NOTIF_SYNC_WAKE_UP 1UL

enum { ANSWER = 4711, STORM = 50, PATIENCE_MS = 2000 };

struct target {
	pid_t pid;
	int listener;
	long (*check)(void); /* in the target: 0 if all is well */
	unsigned long flags;
};

static volatile sig_atomic_t signals_seen;

static void count_signal(int unused)
{
	(void)unused;
	signals_seen++;
}

static long install(unsigned long flags)
{
	struct sock_filter insns[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof insns / sizeof *insns, insns };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	long fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags | SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
	return fd < 0 ? -errno : fd;
}

/* Starts a target under the filter. Returns 0 or -errno of whatever failed in it. */
static long start(struct target *target)
{
	int pair[2];

	target->listener = -1;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	target->pid = fork();
	if (target->pid < 0)
		return -errno;
	if (target->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		signal(SIGUSR1, count_signal);
		long fd = install(target->flags);
		struct iovec iov = { &fd, sizeof fd };
		int number = (int)fd;
		if (channel_send(pair[1], &iov, 1, &number, fd >= 0) < 0 || fd < 0)
			_exit(1);
		close(number);
		_exit(target->check() != 0);
	}
	close(pair[1]);
	long fd = -EPIPE;
	struct iovec iov = { &fd, sizeof fd };
	size_t nfds = 1;
	ssize_t size = channel_receive(pair[0], &iov, 1, &target->listener, &nfds);
	close(pair[0]);
	return size < 0 ? size : fd < 0 ? fd : 0;
}

/* Ends the target. Returns `result`, or -EPROTO if that is 0 but the target saw something else than it should. */
static long finish(struct target *target, long result)
{
	int status = 0;

	if (target->pid <= 0)
		return result;
	if (result < 0)
		kill(target->pid, SIGKILL);
	waitpid(target->pid, &status, 0);
	if (target->listener >= 0)
		close(target->listener);
	if (result == 0 && !(WIFEXITED(status) && WEXITSTATUS(status) == 0))
		return -EPROTO;
	return result;
}

static long receive(const struct target *target, struct seccomp_notif *notif)
{
	struct pollfd pollfd = { .fd = target->listener, .events = POLLIN };

	for (;;) {
		if (poll(&pollfd, 1, PATIENCE_MS) <= 0)
			return -ETIMEDOUT;
		if (!(pollfd.revents & POLLIN))
			return -EPIPE;
		memset(notif, 0, sizeof *notif);
		if (ioctl(target->listener, SECCOMP_IOCTL_NOTIF_RECV, notif) == 0)
			return 0;
		if (errno != ENOENT && errno != EINTR)
			return -errno;
	}
}

static long answer(const struct target *target, const struct seccomp_notif *notif, long value, unsigned flags)
{
	struct seccomp_notif_resp response = { .id = notif->id, .val = value, .flags = flags };

	return ioctl(target->listener, SECCOMP_IOCTL_NOTIF_SEND, &response) < 0 ? -errno : 0;
}

static long expect_answer(void)
{
	return syscall(SYS_getppid) != ANSWER;
}

static long expect_parent(void)
{
	pid_t parent = (pid_t)syscall(SYS_getppid);

	return parent == ANSWER || parent <= 0;
}

static long expect_fd(void)
{
	return fcntl((int)syscall(SYS_getppid), F_GETFD) < 0;
}

static long expect_storm(void)
{
	for (int i = 0; i < STORM; i++)
		if (syscall(SYS_getppid) != ANSWER)
			return 1;
	return signals_seen == 0;
}

static long probe_answer(long (*check)(void), long value, unsigned flags)
{
	struct target target = { .check = check };
	struct seccomp_notif notif;
	long rc = start(&target);

	if (rc < 0)
		return finish(&target, rc);
	rc = receive(&target, &notif);
	if (rc == 0)
		rc = answer(&target, &notif, value, flags);
	return finish(&target, rc);
}

long probe_user_notif(void)
{
	return probe_answer(expect_answer, ANSWER, 0);
}

long probe_continue(void)
{
	return probe_answer(expect_parent, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
}

static long probe_injection(unsigned flags)
{
	struct target target = { .check = expect_fd };
	struct seccomp_notif notif;
	long rc = start(&target);

	if (rc < 0)
		return finish(&target, rc);
	rc = receive(&target, &notif);
	if (rc == 0) {
		struct seccomp_notif_addfd addfd = { .id = notif.id, .srcfd = 0, .flags = flags };
		int pair[2];
		if (pipe2(pair, O_CLOEXEC) < 0)
			return finish(&target, -errno);
		addfd.srcfd = (unsigned)pair[0];
		rc = ioctl(target.listener, SECCOMP_IOCTL_NOTIF_ADDFD, &addfd);
		if (rc < 0)
			rc = -errno;
		else
			rc = flags & SECCOMP_ADDFD_FLAG_SEND ? 0 : answer(&target, &notif, rc, 0);
		close(pair[0]);
		close(pair[1]);
	}
	return finish(&target, rc);
}

long probe_addfd(void)
{
	return probe_injection(0);
}

long probe_addfd_send(void)
{
	return probe_injection(SECCOMP_ADDFD_FLAG_SEND);
}

/* Some vendor kernels accept the flag and then lose calls or kill the target, so it is tried out. */
long probe_wait_killable(void)
{
	struct target target = { .check = expect_storm, .flags = SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV };
	struct seccomp_notif notif;
	long rc = start(&target);

	if (rc < 0)
		return finish(&target, rc);
	for (int i = 0; i < STORM && rc == 0; i++) {
		rc = receive(&target, &notif);
		if (rc < 0)
			break;
		kill(target.pid, SIGUSR1);
		for (int turn = 0; turn < 10; turn++)
			sched_yield();
		rc = answer(&target, &notif, ANSWER, 0);
	}
	return finish(&target, rc);
}

long probe_sync_wake_up(void)
{
	struct target target = { .check = expect_answer };
	struct seccomp_notif notif;
	long rc = start(&target);

	if (rc < 0)
		return finish(&target, rc);
	rc = ioctl(target.listener, NOTIF_SET_FLAGS, NOTIF_SYNC_WAKE_UP) < 0 ? -errno : 0;
	if (rc == 0)
		rc = receive(&target, &notif);
	if (rc == 0)
		rc = answer(&target, &notif, ANSWER, 0);
	return finish(&target, rc);
}

long probe_read_memory(void)
{
	static char text[] = "sluice";
	char copy[sizeof text] = "";
	struct target target = { .check = expect_answer };
	struct seccomp_notif notif;
	long rc = start(&target);

	if (rc < 0)
		return finish(&target, rc);
	rc = receive(&target, &notif);
	if (rc == 0) {
		struct iovec local = { copy, sizeof copy }, remote = { text, sizeof text };
		if (process_vm_readv(target.pid, &local, 1, &remote, 1, 0) < 0)
			rc = -errno;
		long sent = answer(&target, &notif, ANSWER, 0);
		rc = rc < 0 ? rc : sent;
	}
	return finish(&target, rc);
}

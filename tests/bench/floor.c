/*
 * The least a supervisor in C does, which is what Sluice is measured against.
 *
 *	floor observe|perform COMMAND [ARGUMENT...]
 *
 * getppid(2) is answered with a constant. openat(2) and newfstatat(2) go on in the kernel after a look at their path (observe), or
 * are performed in the steps that Sluice needs for a decision by where a path leads, with a rule against what ends in ".secret"
 * (perform). The command has one thread, and all of its paths are absolute.
 */
#include "channel.h"
#include "filter.h"
#include "say.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif
/* 6.6; takes the flags by value although it is declared _IOW */
#define NOTIF_SET_FLAGS _IOW('!', 4, __u64)
#define NOTIF_SYNC_WAKE_UP 1UL

#define PIDFD_THREAD O_EXCL /* 6.9 */

enum { ANSWER = 4711, FIRST_READ = 256, PAGE = 4096 };

static int listener;
static int own_descriptors; /* /proc/self/fd */
static int target = -1;	    /* a pidfd of who calls */

static void send_answer(__u64 id, long value, int error, __u32 flags)
{
	struct seccomp_notif_resp answer = { .id = id, .val = value, .error = error, .flags = flags };

	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer) < 0)
		die_errno("SECCOMP_IOCTL_NOTIF_SEND", NULL, errno);
}

static void send_fd(__u64 id, int fd, __u32 flags)
{
	struct seccomp_notif_addfd answer = {
		.id = id,
		.flags = SECCOMP_ADDFD_FLAG_SEND,
		.srcfd = (__u32)fd,
		.newfd_flags = flags,
	};

	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &answer) < 0)
		die_errno("SECCOMP_IOCTL_NOTIF_ADDFD", NULL, errno);
}

static void copy_path(const struct seccomp_notif *notif, char *path)
{
	unsigned long address = notif->data.args[1];
	size_t to_page_end = PAGE - (address & (PAGE - 1));
	struct iovec to = { path, to_page_end < FIRST_READ ? to_page_end : FIRST_READ };
	struct iovec from = { (void *)address, to.iov_len };
	ssize_t size = process_vm_readv((pid_t)notif->pid, &to, 1, &from, 1, 0);

	if (size < 0 || !memchr(path, 0, (size_t)size))
		die_errno("process_vm_readv", "path", size < 0 ? errno : ENAMETOOLONG);
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &notif->id) < 0)
		die_errno("SECCOMP_IOCTL_NOTIF_ID_VALID", NULL, errno);
}

static int is_secret(const char *path, size_t length)
{
	static const char suffix[] = ".secret";
	size_t size = sizeof suffix - 1;

	return length >= size && memcmp(path + length - size, suffix, size) == 0;
}

/* Whether the thread id still means who it meant when we looked at its credentials, which let us act for it. */
static void check_caller(pid_t pid)
{
	if (target < 0)
		target = (int)syscall(SYS_pidfd_open, pid, PIDFD_THREAD);
	if (target < 0 || syscall(SYS_pidfd_send_signal, target, 0, NULL, 0) < 0)
		die_errno("pidfd_send_signal", NULL, errno);
}

/* Gives the caller an own descriptor of the object behind /proc/self/fd/`number`. */
static void perform_open(const struct seccomp_notif *notif, const char *number)
{
	__u32 flags = (__u32)notif->data.args[2];

	/* a lease (fcntl(2)) must not make us wait */
	int fd = openat(own_descriptors, number, (int)flags | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || fcntl(fd, F_SETFL, (int)flags & (O_APPEND | O_NONBLOCK)) < 0)
		die_errno("openat", NULL, errno);
	send_fd(notif->id, fd, flags & O_CLOEXEC);
	close(fd);
}

static void perform_stat(const struct seccomp_notif *notif, struct stat *st)
{
	struct iovec from = { st, sizeof *st };
	struct iovec to = { (void *)(unsigned long)notif->data.args[2], sizeof *st };

	if (process_vm_writev((pid_t)notif->pid, &from, 1, &to, 1, 0) != (ssize_t)sizeof *st)
		die_errno("process_vm_writev", NULL, errno);
	send_answer(notif->id, 0, 0, 0);
}

static void perform(const struct seccomp_notif *notif, const char *path)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_NO_MAGICLINKS | RESOLVE_CACHED,
	};
	char number[12], canonical[PATH_MAX];
	struct stat st;

	check_caller((pid_t)notif->pid);
	int object = (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how);
	if (object < 0)
		die_errno("openat2", path, errno);
	snprintf(number, sizeof number, "%d", object);
	ssize_t length = readlinkat(own_descriptors, number, canonical, sizeof canonical);
	if (length < 0 || fstat(object, &st) < 0)
		die_errno("readlinkat", path, errno);
	if (is_secret(canonical, (size_t)length))
		send_answer(notif->id, 0, -EACCES, 0);
	else if (notif->data.nr == SYS_openat)
		perform_open(notif, number);
	else
		perform_stat(notif, &st);
	close(object);
}

static void receive(int performing)
{
	struct seccomp_notif notif = { 0 };
	char path[FIRST_READ];

	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &notif) < 0) {
		if (errno == ENOENT || errno == EINTR)
			return;
		die_errno("SECCOMP_IOCTL_NOTIF_RECV", NULL, errno);
	}
	if (notif.data.nr == SYS_getppid) {
		send_answer(notif.id, ANSWER, 0, 0);
		return;
	}
	copy_path(&notif, path);
	if (performing)
		perform(&notif, path);
	else
		send_answer(notif.id, 0, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
}

static void supervise(int performing)
{
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event event = { .events = EPOLLIN };

	own_descriptors = open("/proc/self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (epoll < 0 || own_descriptors < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event) < 0)
		die_errno("epoll_ctl", NULL, errno);
	if (ioctl(listener, NOTIF_SET_FLAGS, NOTIF_SYNC_WAKE_UP) < 0)
		die_errno("SECCOMP_IOCTL_NOTIF_SET_FLAGS", NULL, errno);
	for (;;) {
		int count = epoll_wait(epoll, &event, 1, -1);
		if (count < 0 && errno != EINTR)
			die_errno("epoll_wait", NULL, errno);
		if (count == 1 && event.events & EPOLLIN)
			receive(performing);
		else if (count == 1 && event.events & EPOLLHUP)
			return;
	}
}

static noreturn void become(int sock, char **command)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	long fd = filter_install(SECCOMP_RET_USER_NOTIF,
				 SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);
	if (fd < 0)
		die_errno("seccomp", NULL, (int)-fd);
	struct iovec iov = { (char[]){ 0 }, 1 };
	int number = (int)fd;
	int rc = channel_send(sock, &iov, 1, &number, 1);
	if (rc < 0)
		die_errno("sendmsg", NULL, -rc);
	execv(command[0], command);
	die_errno("execve", command[0], errno);
}

int main(int argc, char **argv)
{
	int pair[2], status;
	char byte;
	size_t count = 1;

	if (argc < 3 || (strcmp(argv[1], "observe") != 0 && strcmp(argv[1], "perform") != 0))
		die("usage: floor observe|perform COMMAND [ARGUMENT...]");
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		die_errno("socketpair", NULL, errno);
	pid_t child = fork();
	if (child < 0)
		die_errno("fork", NULL, errno);
	if (child == 0)
		become(pair[1], argv + 2);
	close(pair[1]);
	struct iovec iov = { &byte, sizeof byte };
	ssize_t size = channel_receive(pair[0], &iov, 1, &listener, &count);
	if (size != sizeof byte || count != 1)
		die_errno("recvmsg", "listener", size < 0 ? (int)-size : EPROTO);
	supervise(strcmp(argv[1], "perform") == 0);
	if (waitpid(child, &status, 0) < 0)
		die_errno("waitpid", NULL, errno);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

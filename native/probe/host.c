#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define LANDLOCK_CREATE_RULESET 444
#define PIDFD_THREAD_FLAG O_EXCL
#define PEERPIDFD 77 /* SO_PEERPIDFD */

static void *open_own_pidfd(void *result)
{
	long fd = syscall(SYS_pidfd_open, gettid(), PIDFD_THREAD_FLAG);

	*(long *)result = fd < 0 ? -errno : fd;
	return NULL;
}

long probe_pidfd_thread(void)
{
	pthread_t thread;
	long result = -EAGAIN;
	int error = pthread_create(&thread, NULL, open_own_pidfd, &result);

	if (error)
		return -error;
	pthread_join(thread, NULL);
	if (result >= 0)
		close((int)result);
	return result < 0 ? result : 0;
}

long probe_openat2(void)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | RESOLVE_CACHED };
	int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (root < 0)
		return -errno;
	long fd = syscall(SYS_openat2, root, "/", &how, sizeof how);
	long result = fd < 0 ? -errno : 0;
	if (fd >= 0)
		close((int)fd);
	close(root);
	return result;
}

long probe_landlock(void)
{
	long abi = syscall(LANDLOCK_CREATE_RULESET, NULL, 0, 1 /* LANDLOCK_CREATE_RULESET_VERSION */);

	return abi < 0 ? -errno : abi;
}

long probe_peer_pidfd(void)
{
	int pair[2], pidfd = -1;
	socklen_t size = sizeof pidfd;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	long result = getsockopt(pair[0], SOL_SOCKET, PEERPIDFD, &pidfd, &size) < 0 ? -errno : 0;
	close(pair[0]);
	close(pair[1]);
	if (pidfd >= 0)
		close(pidfd);
	return result;
}

long probe_user_namespace(void)
{
	pid_t child = fork();
	int status;

	if (child < 0)
		return -errno;
	if (child == 0)
		_exit(unshare(CLONE_NEWUSER) < 0 ? errno : 0);
	if (waitpid(child, &status, 0) < 0)
		return -errno;
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -ECHILD;
}

long probe_trace(void)
{
	pid_t child = fork();

	if (child < 0)
		return -errno;
	if (child == 0)
		for (;;)
			pause();
	long result = ptrace(PTRACE_SEIZE, child, 0, PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL) < 0 ? -errno : 0;
	if (kill(child, SIGKILL) < 0 || waitpid(child, NULL, __WALL) < 0)
		return -errno;
	return result;
}

static long number_in(const char *path, const char *format)
{
	char line[256];
	long value = -ENODATA;
	FILE *file = fopen(path, "re");

	if (!file)
		return -errno;
	while (fgets(line, sizeof line, file))
		if (sscanf(line, format, &value) == 1)
			break;
	fclose(file);
	return value;
}

long probe_yama(void)
{
	long scope = number_in("/proc/sys/kernel/yama/ptrace_scope", "%ld");

	return scope == -ENOENT ? 0 : scope;
}

long probe_seccomp_mode(void)
{
	return number_in("/proc/self/status", "Seccomp: %ld");
}

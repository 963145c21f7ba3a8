/*
 * sluice-fuse USERNS IMAGE PROGRAM [ARGUMENT...]
 *
 * Serves the file system in an image to a container: executes PROGRAM, which mounts it on /mnt, as the root of the user namespace
 * USERNS, with a root directory where there is little but the machine's programs. No other process sees that mount. The program
 * has no network and no IPC, and reaches no process but its own (Linux 6.12). IMAGE is opened (for writing too, if it begins with a
 * `+`), and is /fd/3 for the program.
 *
 * USERNS and IMAGE are paths, such as those in /proc/PID/fd. The program is killed when the standard input ends, unless a byte comes
 * from there before: then somebody has the mount, and the program ends with that.
 */
#include "root.h"
#include "say.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define IMAGE 3

/* linux/landlock.h, since ABI 6 */
#define SCOPE_SIGNAL (1 << 1)

static int open_or_die(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);

	if (fd < 0)
		die_errno("open", path, errno);
	return fd;
}

/* The root of a user namespace, with all capabilities there and none here. */
static void become_root_of(int userns)
{
	if (setgroups(0, NULL) < 0)
		die_errno("setgroups", NULL, errno);
	if (setns(userns, CLONE_NEWUSER) < 0)
		die_errno("setns", NULL, errno);
	if (setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0)
		die_errno("setresuid", NULL, errno);
	if (unshare(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS) < 0)
		die_errno("unshare", NULL, errno);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		die_errno("prctl", NULL, errno);
}

/*
 * The container's processes, and those of others with the same ids, are in its pid namespace. From a domain of Landlock nobody outside is
 * signalled or traced (landlock(7)). One that handles anything else could not mount.
 */
static void leave_others_alone(void)
{
	struct {
		uint64_t handled_access_fs, handled_access_net, scoped;
	} attr = { .scoped = SCOPE_SIGNAL };
	int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof attr, 0);

	if (ruleset < 0) {
		if (errno == ENOSYS || errno == EOPNOTSUPP || errno == E2BIG || errno == EINVAL)
			return; /* older */
		die_errno("landlock_create_ruleset", NULL, errno);
	}
	if (syscall(SYS_landlock_restrict_self, ruleset, 0) < 0)
		die_errno("landlock_restrict_self", NULL, errno);
	close(ruleset);
}

static void await_mount(int program)
{
	struct pollfd events[] = { { STDIN_FILENO, POLLIN, 0 }, { program, POLLIN, 0 } };
	char byte;

	while (poll(events, 2, -1) < 0 && errno == EINTR)
		;
	if (!events[1].revents && read(STDIN_FILENO, &byte, 1) != 1)
		syscall(SYS_pidfd_send_signal, program, SIGKILL, NULL, 0);
}

/* Whoever waits for the mount is no child of the program, which would not wait for it. */
static void watch(void)
{
	int self = (int)syscall(SYS_pidfd_open, getpid(), 0);
	pid_t child = self < 0 ? -1 : fork();

	if (child < 0)
		die_errno("fork", NULL, errno);
	if (child == 0) {
		pid_t watching = fork();

		if (watching == 0)
			await_mount(self);
		_exit(watching < 0);
	}
	int status;
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			die_errno("waitpid", NULL, errno);
	if (status != 0)
		die("fork: the child could not");
	close(self);
}

int main(int argc, char **argv)
{
	static char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
	static char *environment[] = { path, NULL };

	if (argc < 4)
		die("usage: sluice-fuse USERNS IMAGE PROGRAM [ARGUMENT...]");
	bool writable = argv[2][0] == '+';
	int userns = open_or_die(argv[1], O_RDONLY);
	int image = open_or_die(argv[2] + writable, writable ? O_RDWR : O_RDONLY);
	int null = open_or_die("/dev/null", O_RDWR);
	/* whoever ends the supervisor's process group, or waits for it to end, does not mean the program */
	if (setsid() < 0)
		die_errno("setsid", NULL, errno);
	enter_root();
	become_root_of(userns);
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		die_errno("prctl", NULL, errno);
	watch();
	leave_others_alone();
	/* a number that none of them has */
	int copy = fcntl(image, F_DUPFD_CLOEXEC, 10), other = fcntl(null, F_DUPFD_CLOEXEC, 10);
	if (copy < 0 || other < 0 || dup2(copy, IMAGE) < 0 || close_range(IMAGE + 1, ~0u, CLOSE_RANGE_CLOEXEC) < 0 ||
	    dup2(other, STDIN_FILENO) < 0 || dup2(other, STDOUT_FILENO) < 0 || dup2(other, STDERR_FILENO) < 0)
		die_errno("dup2", NULL, errno);
	environ = environment;
	execvp(argv[3], argv + 3);
	_exit(errno == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE);
}

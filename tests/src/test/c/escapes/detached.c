/* The secret on a mount that is no longer where it was. "home" is a mount of its own then, and we are root. */
#include "escapes.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void own_mounts(void)
{
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		broken("unshare");
}

static int home(void)
{
	int fd = open("home", O_PATH | O_DIRECTORY);

	if (fd < 0)
		broken("home");
	return fd;
}

static int detached_home(void)
{
	own_mounts();
	int fd = home();

	if (umount2("home", MNT_DETACH) < 0)
		broken("umount2");
	return fd;
}

static int by_descriptor(void)
{
	return result(openat(detached_home(), ".ssh/id", O_RDONLY));
}

static int by_way_up(void)
{
	own_mounts();
	int project = open(PROJECT, O_PATH | O_DIRECTORY);

	if (project < 0 || umount2("home", MNT_DETACH) < 0)
		broken("umount2");
	return result(openat(project, "../.ssh/id", O_RDONLY));
}

static int by_working_directory(void)
{
	if (fchdir(detached_home()) < 0)
		broken("fchdir");
	return result(open(".ssh/id", O_RDONLY));
}

static int by_root(void)
{
	if (fchdir(detached_home()) < 0 || chroot(".") < 0)
		broken("chroot");
	return result(open("/.ssh/id", O_RDONLY));
}

static int by_magic_link(void)
{
	return result(open(with_number("/proc/self/fd/%d/.ssh/id", detached_home()), O_RDONLY));
}

/* Of a mount namespace that has ended nothing is left attached. */
static int of_ended_namespace(void)
{
	int status;
	pid_t child = (pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);

	if (child < 0)
		broken("clone");
	if (child == 0) {
		own_mounts();
		_exit(home());
	}
	if (waitpid(child, &status, 0) < 0 || !WIFEXITED(status))
		broken("waitpid");
	return result(openat(WEXITSTATUS(status), ".ssh/id", O_RDONLY));
}

/* While the namespace is there, and nobody we descend from is in it. */
static int of_another_namespace(void)
{
	int told[2];
	pid_t child = pipe(told) < 0 ? -1 : (pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);
	int fd;

	if (child < 0)
		broken("clone");
	if (child == 0) {
		own_mounts();
		fd = home();
		if (write(told[1], &fd, sizeof fd) < 0)
			broken("write");
		pause();
	}
	if (read(told[0], &fd, sizeof fd) != sizeof fd)
		broken("read");
	int opened = result(openat(fd, ".ssh/id", O_RDONLY));

	kill(child, SIGKILL);
	return opened;
}

const struct escape DETACHED[] = {
	{ "detached", by_descriptor },
	{ "detached-above", by_way_up },
	{ "detached-cwd", by_working_directory },
	{ "detached-root", by_root },
	{ "detached-magic-link", by_magic_link },
	{ "ended-namespace", of_ended_namespace },
	{ "another-namespace", of_another_namespace },
	{ 0 },
};

/* Names that lead to the secret. */
#include "escapes.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int open_it(const char *path)
{
	return result(open(path, O_RDONLY));
}

static int descriptor(const char *path)
{
	int fd = open(path, O_PATH | O_DIRECTORY);

	if (fd < 0)
		broken(path);
	return fd;
}

static void link_to(const char *target, const char *path)
{
	unlink(path);
	if (symlink(target, path) < 0)
		broken(path);
}

static int relative(void)
{
	return open_it(SECRET);
}

static int absolute(void)
{
	return open_it(with_cwd("%s/" SECRET));
}

static int dots(void)
{
	return open_it("./home//project/.././../home/.ssh/./id");
}

static int above_the_root(void)
{
	return open_it(with_cwd("/../../..%s/" SECRET));
}

static int from_a_directory(void)
{
	return result(openat(descriptor("home"), ".ssh/id", O_RDONLY));
}

static int from_a_directory_upwards(void)
{
	return result(openat(descriptor(PROJECT), "../.ssh/id", O_RDONLY));
}

static int after_chdir(void)
{
	/* chdir is no open: the directory may be entered, and nothing opened there */
	return chdir(SECRET_DIR) < 0 ? result(-1) : open_it("id");
}

static int after_chroot(void)
{
	own_namespaces();
	return chroot(SECRET_DIR) < 0 ? result(-1) : open_it("/id");
}

static int symlink_to_it(void)
{
	link_to("../.ssh/id", PROJECT "/link");
	return open_it(PROJECT "/link");
}

static int symlink_chain(void)
{
	char target[32], path[64];

	link_to("../.ssh", PROJECT "/chain0");
	for (int i = 1; i < 20; i++) {
		snprintf(target, sizeof target, "chain%d", i - 1);
		snprintf(path, sizeof path, PROJECT "/chain%d", i);
		link_to(target, path);
	}
	return open_it(PROJECT "/chain19/id");
}

static int symlink_through_proc(void)
{
	link_to("/proc/self/cwd/" SECRET, PROJECT "/magic");
	return open_it(PROJECT "/magic");
}

static int proc_root(void)
{
	return open_it(with_cwd("/proc/self/root%s/" SECRET));
}

static int proc_cwd(void)
{
	return open_it("/proc/self/cwd/" SECRET);
}

static int proc_thread(void)
{
	return open_it("/proc/thread-self/cwd/" SECRET);
}

static int proc_parent(void)
{
	return open_it(with_number("/proc/%d/cwd/" SECRET, getppid()));
}

static int proc_task(void)
{
	return open_it(with_number("/proc/self/task/%d/cwd/" SECRET, getpid()));
}

static int proc_descriptor(void)
{
	return open_it(with_number("/proc/self/fd/%d/.ssh/id", descriptor("home")));
}

static int dev_descriptor(void)
{
	return open_it(with_number("/dev/fd/%d/.ssh/id", descriptor("home")));
}

const struct escape PATHS[] = {
	{ "relative", relative },
	{ "absolute", absolute },
	{ "dots", dots },
	{ "above-the-root", above_the_root },
	{ "from-a-directory", from_a_directory },
	{ "from-a-directory-upwards", from_a_directory_upwards },
	{ "after-chdir", after_chdir },
	{ "after-chroot", after_chroot },
	{ "symlink", symlink_to_it },
	{ "symlink-chain", symlink_chain },
	{ "symlink-through-proc", symlink_through_proc },
	{ "proc-root", proc_root },
	{ "proc-cwd", proc_cwd },
	{ "proc-thread-self", proc_thread },
	{ "proc-parent", proc_parent },
	{ "proc-task", proc_task },
	{ "proc-descriptor", proc_descriptor },
	{ "dev-descriptor", dev_descriptor },
	{ 0 },
};

#include "root.h"

#include "say.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* A directory that is there on every machine, and that nothing is needed of any more once something is mounted on it. */
#define PLACE "/proc"

static void make_directory(const char *path)
{
	if (mkdir(path, 0755) < 0)
		die_errno("mkdir", path, errno);
}

static void make_device(const char *path, unsigned major, unsigned minor)
{
	if (mknod(path, S_IFCHR | 0666, makedev(major, minor)) < 0)
		die_errno("mknod", path, errno);
}

/* A copy of what is mounted at `path` and below. */
static int copy(const char *path)
{
	int tree = (int)syscall(SYS_open_tree, AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);

	if (tree < 0)
		die_errno("open_tree", path, errno);
	return tree;
}

static void attach(int tree, const char *path)
{
	make_directory(path);
	if (syscall(SYS_move_mount, tree, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH) < 0)
		die_errno("move_mount", path, errno);
	close(tree);
}

/* A directory with all below it, read-only; or the link that it is where everything is in /usr. */
static void show(const char *name)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV };
	char path[PATH_MAX], link[PATH_MAX];
	ssize_t length = readlink(name, link, sizeof link - 1);

	snprintf(path, sizeof path, PLACE "%s", name);
	if (length >= 0) {
		link[length] = '\0';
		if (symlink(link, path) < 0)
			die_errno("symlink", path, errno);
	} else if (errno != ENOENT) {
		int tree = copy(name);

		if (syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr, sizeof attr) < 0)
			die_errno("mount_setattr", name, errno);
		attach(tree, path);
	}
}

void enter_root(void)
{
	static const char *const names[] = { "/bin", "/lib", "/lib32", "/lib64", "/libx32", "/sbin", "/usr" };
	int fds;

	if (unshare(CLONE_NEWNS) < 0)
		die_errno("unshare", NULL, errno);
	if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
		die_errno("mount", "/", errno);
	fds = copy("/proc/self/fd");
	if (mount("none", PLACE, "tmpfs", MS_NOSUID | MS_NOEXEC, "mode=755") < 0)
		die_errno("mount", PLACE, errno);
	umask(0);
	make_directory(PLACE "/dev");
	make_device(PLACE "/dev/fuse", 10, 229);
	make_device(PLACE "/dev/null", 1, 3);
	make_directory(PLACE "/mnt");
	attach(fds, PLACE "/fd");
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		show(names[i]);
	if (chdir(PLACE) < 0 || syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
		die_errno("pivot_root", PLACE, errno);
}

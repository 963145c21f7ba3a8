/*
 * container [-p] [-b DIRECTORY]... ROOT COMMAND [ARGUMENT]...
 *
 * Runs a command as root of an unprivileged container: in user, mount, pid, ipc, uts, network and cgroup namespaces of its own, where
 * its ids 0 to 65535 are 100000 and up of the host. ROOT becomes its root: a tmpfs of the host's, with the host's /usr and /etc and
 * every DIRECTORY read-only. What a runtime mounts there, the container mounts here: /proc, /sys, /dev, /dev/pts. With -p it
 * shares the host's pid namespace and its /proc. Exits with the command's status.
 */
#include <err.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define FIRST_ID 100000
#define NAMESPACES                                                                                                        \
	(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNET | CLONE_NEWCGROUP)

static const char usage[] = "usage: container [-p] [-b DIRECTORY]... ROOT COMMAND [ARGUMENT]...";
static int namespaces = NAMESPACES;

static void must(int result, const char *what)
{
	if (result < 0)
		err(125, "%s", what);
}

static void make_directory(const char *name, mode_t mode)
{
	must(mkdir(name, mode), name);
	must(chmod(name, mode), name);
	must(chown(name, FIRST_ID, FIRST_ID), name);
}

/* Like mkdir -p; `path` is below the root. */
static void make_directories(const char *path)
{
	char copy[4096];

	if (strlen(path) >= sizeof copy)
		errx(125, "%s is too long", path);
	strcpy(copy, path);
	for (char *slash = strchr(copy, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(copy, 0755);
		*slash = '/';
	}
	mkdir(copy, 0755);
}

static void show(const char *directory)
{
	const char *place = directory + 1;

	make_directories(place);
	must(mount(directory, place, NULL, MS_BIND | MS_REC, NULL), directory);
	must(mount(NULL, place, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL), directory);
}

static void make_root(const char *root)
{
	static const char *const links[] = { "bin", "sbin", "lib", "lib32", "lib64", "libx32" };
	static const char *const empty[] = { "proc", "sys", "dev", "run", "root", "var", "mnt", "home" };

	must(mount("none", root, "tmpfs", 0, "mode=755"), root);
	must(chdir(root), root);
	must(chown(".", FIRST_ID, FIRST_ID), root);
	for (size_t i = 0; i < sizeof empty / sizeof empty[0]; i++)
		make_directory(empty[i], 0755);
	make_directory("tmp", 01777);
	show("/usr");
	show("/etc");
	for (size_t i = 0; i < sizeof links / sizeof links[0]; i++) {
		char to[32];
		snprintf(to, sizeof to, "usr/%s", links[i]);
		must(symlink(to, links[i]), links[i]);
	}
}

static void map(pid_t child, const char *file)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/%s", child, file);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	must(fd, path);
	must(dprintf(fd, "0 %d 65536\n", FIRST_ID), path);
	must(close(fd), path);
}

static void make_dev(void)
{
	static const char *const nodes[] = { "null", "zero", "full", "random", "urandom", "tty" };

	must(mount("none", "dev", "tmpfs", MS_NOSUID, "mode=755"), "/dev");
	for (size_t i = 0; i < sizeof nodes / sizeof nodes[0]; i++) {
		char from[32], to[32];
		snprintf(from, sizeof from, "/dev/%s", nodes[i]);
		snprintf(to, sizeof to, "dev/%s", nodes[i]);
		must(mknod(to, S_IFREG | 0644, 0), to);
		must(mount(from, to, NULL, MS_BIND, NULL), from);
	}
	must(mkdir("dev/pts", 0755), "/dev/pts");
	must(mount("none", "dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=666"), "/dev/pts");
	must(symlink("pts/ptmx", "dev/ptmx"), "/dev/ptmx");
	must(mkdir("dev/shm", 01777), "/dev/shm");
}

/* The root came from another user namespace, where it may not be left: a copy may. */
static void enter_copy(void)
{
	int copy = (int)syscall(SYS_open_tree, AT_FDCWD, ".", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);

	must(copy, "open_tree");
	must((int)syscall(SYS_move_mount, copy, "", AT_FDCWD, ".", MOVE_MOUNT_F_EMPTY_PATH), "move_mount");
	must(fchdir(copy), "fchdir");
	must(close(copy), "close");
}

static void contain(int go, char **command)
{
	char byte;

	must(prctl(PR_SET_PDEATHSIG, SIGKILL), "prctl");
	if (read(go, &byte, 1) != 1)
		errx(125, "the namespaces have no ids");
	must(close(go), "close");
	must(setgroups(0, NULL), "setgroups");
	must(setresgid(0, 0, 0), "setresgid");
	must(setresuid(0, 0, 0), "setresuid");
	if (namespaces & CLONE_NEWPID)
		must(mount("none", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL), "/proc");
	must(mount("none", "sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, NULL), "/sys");
	make_dev();
	enter_copy();
	must((int)syscall(SYS_pivot_root, ".", "."), "pivot_root");
	must(umount2(".", MNT_DETACH), "umount2");
	must(chdir("/root"), "/root");
	must(setenv("HOME", "/root", 1), "setenv");
	execvp(command[0], command);
	err(127, "%s", command[0]);
}

int main(int argc, char **argv)
{
	const char *shown[16];
	int count = 0, option, go[2], status;

	while ((option = getopt(argc, argv, "+pb:")) != -1) {
		if (option == 'p')
			namespaces &= ~CLONE_NEWPID;
		else if (option == 'b' && count < 16)
			shown[count++] = optarg;
		else
			errx(125, "%s", usage);
	}
	if (argc - optind < 2)
		errx(125, "%s", usage);
	umask(022);
	must(unshare(CLONE_NEWNS), "unshare");
	must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "/");
	make_root(argv[optind]);
	while (count > 0)
		show(shown[--count]);
	if (!(namespaces & CLONE_NEWPID))
		must(mount("/proc", "proc", NULL, MS_BIND | MS_REC, NULL), "/proc");
	must(pipe2(go, O_CLOEXEC), "pipe");
	pid_t child = (pid_t)syscall(SYS_clone, namespaces | SIGCHLD, 0, 0, 0, 0);
	must(child, "clone");
	if (child == 0)
		contain(go[0], argv + optind + 1);
	map(child, "uid_map");
	map(child, "gid_map");
	if (write(go[1], "", 1) != 1)
		err(125, "write");
	must(waitpid(child, &status, 0), "waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

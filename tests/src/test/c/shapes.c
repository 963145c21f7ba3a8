/*
 * shapes
 *
 * Makes each of the calls that are made or emulated for a container, as whoever may make it: threads and processes that share more or less
 * than usual, and have another root (C10, C11). Prints a line for each, CASE WHO: CALL done, or what is wrong. Each looks at what has come
 * of it where it is itself.
 */
#include "cases.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#define OPAQUE "trusted.overlay.opaque"
#define TMPFS 0x01021994
enum { DIRECTORY = 60, THEIRS, PRIORITY = 5 };

/* Makes a call, and looks then for what is to be true. */
#define say(name, call, is_there)                                                                                              \
	do {                                                                                                                   \
		long result = (call);                                                                                          \
		const char *how = result < 0 ? strerrorname_np(errno) : (is_there) ? "done" : "done elsewhere";                \
		printf("%s: %s %s\n", current, name, how);                                                                     \
	} while (0)

static int is_null(int directory, const char *name)
{
	struct stat status;

	return fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISCHR(status.st_mode) && status.st_rdev == makedev(1, 3);
}

static int is_tmpfs(const char *path)
{
	struct statfs status;

	return statfs(path, &status) == 0 && status.f_type == TMPFS;
}

static void devices(void)
{
	say("mknod", syscall(SYS_mknod, "node", S_IFCHR | 0600, makedev(1, 3)), is_null(AT_FDCWD, "node"));
	say("mknodat", syscall(SYS_mknodat, DIRECTORY, "node-at", S_IFCHR | 0600, makedev(1, 3)), is_null(DIRECTORY, "node-at"));
	unlink("node");
	unlinkat(DIRECTORY, "node-at", 0);
}

static void attributes(void)
{
	say("setxattr", setxattr("own", OPAQUE, "y", 1, 0), getxattr("own", OPAQUE, NULL, 0) == 1);
	say("listxattr", listxattr("own", NULL, 0), 1);
	say("removexattr", removexattr("own", OPAQUE), getxattr("own", OPAQUE, NULL, 0) < 0);
	say("fsetxattr", fsetxattr(DIRECTORY, OPAQUE, "yes", 3, 0), fgetxattr(DIRECTORY, OPAQUE, NULL, 0) == 3);
	say("fremovexattr", fremovexattr(DIRECTORY, OPAQUE), fgetxattr(DIRECTORY, OPAQUE, NULL, 0) < 0);
}

static void mounts(void)
{
	say("mount", mount("none", "own", "tmpfs", 0, NULL), is_tmpfs("own/."));
	say("umount2", umount2("own", 0), umount2("own", 0) < 0 && errno == EINVAL);
	int context = (int)syscall(SYS_fsopen, "tmpfs", 1);
	say("fsopen", context, syscall(SYS_fsconfig, context, 6, NULL, NULL, 0) == 0);
	int made = (int)syscall(SYS_fsmount, context, 1, 0);
	say("fsmount", made, 1);
	say("move_mount", syscall(SYS_move_mount, made, "", DIRECTORY, "below", 4), fchdir(DIRECTORY) == 0 && is_tmpfs("below/."));
	must(umount2("below", MNT_DETACH), "below");
	must(close(made), "close");
	must(close(context), "close");
}

static void resources(void)
{
	struct sched_param param = { .sched_priority = PRIORITY }, none = { 0 };
	struct sysinfo info;

	say("sched_setscheduler", syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &param), syscall(SYS_sched_getscheduler, 0) == SCHED_FIFO);
	must(syscall(SYS_sched_setscheduler, 0, SCHED_OTHER, &none), "sched_setscheduler");
	memset(&info, 0, sizeof info);
	say("sysinfo", sysinfo(&info), info.totalram > 0);
}

/* In a directory in which own lies, with DIRECTORY another one, in which below lies. */
static void every_call(void)
{
	devices();
	attributes();
	resources();
	mounts();
}

/* What is usual: a directory, and the descriptor of another. */
static void stand(void)
{
	must(chdir("/tmp/here"), "/tmp/here");
	int directory = open("/tmp/there", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	must(directory, "/tmp/there");
	must(dup2(directory, DIRECTORY), "dup2");
	must(close(directory), "close");
}

static void run_thread(void *(*what)(void *))
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, what, NULL) != 0 || pthread_join(thread, NULL) != 0)
		errx(1, "pthread_create");
}

static void *plainly(void *unused)
{
	every_call();
	return unused;
}

static void *with_own_directory(void *unused)
{
	must(unshare(CLONE_FS), "unshare");
	must(chdir("/tmp/elsewhere"), "/tmp/elsewhere");
	every_call();
	return unused;
}

/* The same number leads its process to a file, in which nothing can be made. */
static void *with_own_descriptors(void *unused)
{
	must(unshare(CLONE_FILES), "unshare");
	must(dup2(THEIRS, DIRECTORY), "dup2");
	every_call();
	return unused;
}

static void *without_the_first(void *first)
{
	if (pthread_join(*(pthread_t *)first, NULL) != 0)
		errx(1, "pthread_join");
	every_call();
	fflush(stdout);
	_exit(0);
}

static void first(void)
{
	current = "C10 the first thread";
	stand();
	every_call();
}

static void thread(void)
{
	current = "C10 another thread";
	stand();
	run_thread(plainly);
}

static void own_directory(void)
{
	current = "C10 a thread with a directory of its own";
	stand();
	must(chdir("/"), "/");
	run_thread(with_own_directory);
}

static void own_descriptors(void)
{
	current = "C10 a thread with descriptors of its own";
	stand();
	must(dup2(DIRECTORY, THEIRS), "dup2");
	int file = open("/tmp/file", O_RDONLY | O_CREAT | O_CLOEXEC, 0600);
	must(file, "/tmp/file");
	must(dup2(file, DIRECTORY), "dup2");
	run_thread(with_own_descriptors);
}

static void last(void)
{
	static pthread_t leader, other;

	current = "C10 a thread whose first has ended";
	stand();
	leader = pthread_self();
	if (pthread_create(&other, NULL, without_the_first, &leader) != 0)
		errx(1, "pthread_create");
	pthread_exit(NULL);
}

static void sharer(void)
{
	current = "C10 a process that shares descriptors and directory";
	stand();
	fflush(stdout);
	pid_t child = (pid_t)syscall(SYS_clone, CLONE_FILES | CLONE_FS | SIGCHLD, 0, 0, 0, 0);
	must(child, "clone");
	if (child == 0) {
		every_call();
		fflush(stdout);
		_exit(0);
	}
	must(waitpid(child, NULL, 0), "waitpid");
}

static void below_chroot(void)
{
	current = "C11 after chroot";
	stand();
	must(chroot("/tmp"), "chroot");
	must(chdir("/here"), "/here");
	every_call();
}

static void in_mount_namespace(void)
{
	current = "C11 in a mount namespace";
	must(unshare(CLONE_NEWNS), "unshare");
	must(mount("none", "/tmp/elsewhere", "tmpfs", 0, NULL), "/tmp/elsewhere");
	must(mkdir("/tmp/elsewhere/own", 0755), "own");
	stand();
	must(chdir("/tmp/elsewhere"), "/tmp/elsewhere");
	every_call();
}

static void after_pivot_root(void)
{
	current = "C11 after pivot_root";
	must(unshare(CLONE_NEWNS), "unshare");
	must(mount("none", "/tmp/elsewhere", "tmpfs", 0, NULL), "/tmp/elsewhere");
	must(chdir("/tmp/elsewhere"), "/tmp/elsewhere");
	must(syscall(SYS_pivot_root, ".", "."), "pivot_root");
	must(umount2(".", MNT_DETACH), "umount2");
	must(mkdir("/tmp", 0755), "/tmp");
	must(mkdir("/tmp/here", 0755), "here");
	must(mkdir("/tmp/here/own", 0755), "own");
	must(mkdir("/tmp/there", 0755), "there");
	must(mkdir("/tmp/there/below", 0755), "below");
	stand();
	every_call();
}

static void first_there(void)
{
	stand();
	every_call();
}

static void in_pid_namespace(void)
{
	current = "C11 in a pid namespace";
	must(unshare(CLONE_NEWPID), "unshare");
	in_child(first_there);
}

int main(void)
{
	static void (*const all[])(void) = { first,	   thread,	 own_directory, own_descriptors,    last,
					     sharer, below_chroot, in_mount_namespace, after_pivot_root, in_pid_namespace };
	static const char *const directories[] = { "here", "here/own", "there", "there/below", "elsewhere", "elsewhere/own" };

	must(chdir("/tmp"), "/tmp");
	for (size_t i = 0; i < sizeof directories / sizeof directories[0]; i++)
		must(mkdir(directories[i], 0755), directories[i]);
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		in_child(all[i]);
	return 0;
}

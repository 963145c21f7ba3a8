/*
 * devices
 *
 * Makes device nodes as root of a container, in the cases C01 to C11 of what such a container may expect, and prints what came of it:
 * a line for each, CASE WHAT RESULT.
 */
#include "capabilities.h"
#include "cases.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#define NULL_DEVICE makedev(1, 3)

static void say(const char *what, long result)
{
	printf("%s %s %s\n", current, what, result < 0 ? strerrorname_np(errno) : "made");
}

static long make(const char *path, mode_t mode, dev_t dev)
{
	return syscall(SYS_mknod, path, mode, dev);
}

static long make_at(long dirfd, const char *path, mode_t mode, dev_t dev)
{
	return syscall(SYS_mknodat, dirfd, path, mode, dev);
}

/* What is there now, and whether it can be opened. */
static void look(const char *path)
{
	struct stat st;

	if (lstat(path, &st) < 0) {
		printf("%s %s %s\n", current, path, strerrorname_np(errno));
		return;
	}
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	printf("%s %s is %o %u:%u of %u:%u, %s\n", current, path, st.st_mode, major(st.st_rdev), minor(st.st_rdev), st.st_uid,
	       st.st_gid, fd < 0 ? strerrorname_np(errno) : "opened");
	if (fd >= 0)
		must(close(fd), "close");
}

static void harmless(void)
{
	static const int known[][2] = { { 1, 3 }, { 1, 5 }, { 1, 7 }, { 1, 8 }, { 1, 9 }, { 5, 0 }, { 5, 2 } };

	current = "C01";
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		char what[32];
		snprintf(what, sizeof what, "c %d:%d", known[i][0], known[i][1]);
		say(what, make("node", S_IFCHR | 0666, makedev(known[i][0], known[i][1])));
		if (known[i][0] == 1)
			look("node");
		must(unlink("node"), "node");
	}
	say("c 0:0", make("whiteout", S_IFCHR, 0));
}

/* The machine's: there is a node of it, and nobody opens it. */
static void console(const char *path)
{
	say("the console", make(path, S_IFCHR | 0620, makedev(5, 1)));
	must(chown(path, 0, 5), path);
	must(chmod(path, 0620), path);
	look(path);
	say("with devices again", mount(NULL, path, NULL, MS_REMOUNT | MS_BIND, NULL));
	must(mount(path, "place", NULL, MS_BIND, NULL), path);
	look("place");
	must(umount2("place", 0), "place");
	look(path);
	must(umount2(path, 0), path);
	must(unlink(path), path);
}

static void consoles(void)
{
	current = "C08";
	must(close(open("place", O_WRONLY | O_CREAT | O_CLOEXEC, 0600)), "place");
	console("console");
	console("/dev/console");
}

static void others(void)
{
	current = "C02";
	say("c 1:1", make("node", S_IFCHR | 0666, makedev(1, 1)));
	say("c 10:229", make("node", S_IFCHR | 0666, makedev(10, 229)));
	say("b 8:0", make("node", S_IFBLK | 0666, makedev(8, 0)));
	say("b 7:0", make("node", S_IFBLK | 0666, makedev(7, 0)));
	say("c 1:259", make("node", S_IFCHR | 0666, makedev(1, 259)));
	look("node");
	say("a file", make("plain", S_IFREG | 0666, 0));
	say("a FIFO", make("fifo", S_IFIFO | 0666, 0));
	say("a socket", make("socket", S_IFSOCK | 0666, 0));
	say("a directory", make("dir", S_IFDIR | 0777, 0));
	say("nothing", make("nothing", S_IFLNK | 0777, 0));
}

static void paths(void)
{
	current = "C03";
	must(mkdir("sub", 0755), "sub");
	say("sub/relative", make("sub/relative", S_IFCHR | 0666, NULL_DEVICE));
	look("sub/relative");
	say("sub/../up", make("sub/../up", S_IFCHR | 0666, NULL_DEVICE));
	look("up");
	say("/root/absolute", make("/root/absolute", S_IFCHR | 0600, NULL_DEVICE));
	look("/root/absolute");
	/* a file system of the container's own: nobody opens nodes there */
	say("/dev/own", make("/dev/own", S_IFCHR | 0640, NULL_DEVICE));
	look("/dev/own");
	must(mount("none", "sub", "tmpfs", MS_NODEV, NULL), "sub");
	say("sub/nodev", make("sub/nodev", S_IFCHR | 0666, NULL_DEVICE));
	look("sub/nodev");
	must(umount2("sub", MNT_DETACH), "sub");
}

static void directories(void)
{
	int dir = open("sub", O_RDONLY | O_DIRECTORY | O_CLOEXEC), path = open("sub", O_PATH | O_CLOEXEC);

	current = "C04";
	must(dir, "sub");
	must(path, "sub");
	say("AT_FDCWD", make_at(AT_FDCWD, "cwd", S_IFCHR | 0666, NULL_DEVICE));
	say("AT_FDCWD in 32 bits", make_at(0xffffff9c, "cwd32", S_IFCHR | 0666, NULL_DEVICE));
	say("a directory", make_at(dir, "dirfd", S_IFCHR | 0666, NULL_DEVICE));
	look("sub/dirfd");
	say("an O_PATH directory", make_at(path, "pathfd", S_IFCHR | 0666, NULL_DEVICE));
	look("sub/pathfd");
	say("-1, absolute", make_at(-1, "/root/minus", S_IFCHR | 0666, NULL_DEVICE));
	say("-1, relative", make_at(-1, "minus", S_IFCHR | 0666, NULL_DEVICE));
	must(close(dir), "close");
	must(close(path), "close");
}

static void errors(void)
{
	static char name[5000];
	long page = sysconf(_SC_PAGESIZE);
	char *edge = mmap(NULL, (size_t)(2 * page), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	current = "C05";
	if (edge == MAP_FAILED)
		err(1, "mmap");
	must(munmap(edge + page, (size_t)page), "munmap");
	memset(edge, 'x', (size_t)page);
	memset(name, 'x', 4096);
	say("what is there", make("up", S_IFCHR | 0666, NULL_DEVICE));
	say("in what is not there", make("none/node", S_IFCHR | 0666, NULL_DEVICE));
	say("in a file", make("plain/node", S_IFCHR | 0666, NULL_DEVICE));
	say("with a slash", make("slash/", S_IFCHR | 0666, NULL_DEVICE));
	say("with no name", make("", S_IFCHR | 0666, NULL_DEVICE));
	say("with a long name", make(name, S_IFCHR | 0666, NULL_DEVICE));
	say("on a read-only file system", make("/usr/node", S_IFCHR | 0666, NULL_DEVICE));
	say("NULL", make(NULL, S_IFCHR | 0666, NULL_DEVICE));
	say("beyond the memory", make(edge + page - 16, S_IFCHR | 0666, NULL_DEVICE));
}

static void without_the_capability(void)
{
	set_capabilities(~(1ull << CAP_MKNOD) & 0x1ffffffffff);
	say("without CAP_MKNOD", make("node", S_IFCHR | 0666, NULL_DEVICE));
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	must(fd, path);
	must(write(fd, text, strlen(text)), path);
	must(close(fd), path);
}

static void in_a_namespace_below(void)
{
	must(unshare(CLONE_NEWUSER), "unshare");
	write_file("/proc/self/uid_map", "0 0 1");
	say("in a user namespace below", make("node", S_IFCHR | 0666, NULL_DEVICE));
	say("a whiteout there", make("whiteout-below", S_IFCHR, 0));
}

static void as_a_user(void)
{
	become(1000, 1ull << CAP_MKNOD);
	say("in a directory of another", make("node", S_IFCHR | 0666, NULL_DEVICE));
	umask(077);
	say("in /tmp", make("/tmp/node", S_IFCHR | 0666, NULL_DEVICE));
	look("/tmp/node");
}

/* In a directory of another user, to which only root of the container may write. */
static void as_root(void)
{
	must(mkdir("theirs", 0700), "theirs");
	must(chown("theirs", 1000, 1000), "theirs");
	say("in a directory of a user", make("theirs/node", S_IFCHR | 0666, NULL_DEVICE));
	look("theirs/node");
	must(mkdir("setgid", 0755), "setgid");
	must(chown("setgid", 0, 1000), "setgid");
	must(chmod("setgid", 02755), "setgid");
	say("in a directory that gives its group", make("setgid/node", S_IFCHR | 0666, NULL_DEVICE));
	look("setgid/node");
}

static void on_overlay(const char *what, unsigned long flags)
{
	must(mount("none", "merged", "overlay", flags, "lowerdir=lower,upperdir=upper,workdir=upper-work"), "merged");
	say(what, make("merged/node", S_IFCHR | 0666, NULL_DEVICE));
	look("merged/node");
	must(umount2("merged", MNT_DETACH), "merged");
	must(unlink("upper/node"), "upper/node");
}

static void overlays(void)
{
	static const char *const directories[] = { "lower", "upper", "upper-work", "merged" };

	current = "C09";
	for (size_t i = 0; i < sizeof directories / sizeof directories[0]; i++)
		must(mkdir(directories[i], 0755), directories[i]);
	on_overlay("on an overlay", 0);
	on_overlay("on one with nodev", MS_NODEV);
}

static void *in_thread(void *unused)
{
	(void)unused;
	say("another thread", make("threaded", S_IFCHR | 0666, NULL_DEVICE));
	must(unshare(CLONE_FS), "unshare");
	must(chdir("sub"), "sub");
	say("its own directory", make("own-directory", S_IFCHR | 0666, NULL_DEVICE));
	return NULL;
}

static void threads(void)
{
	pthread_t thread;

	current = "C10";
	if (pthread_create(&thread, NULL, in_thread, NULL) != 0 || pthread_join(thread, NULL) != 0)
		errx(1, "pthread_create");
	look("sub/own-directory");
}

static void in_chroot(void)
{
	must(chroot("sub"), "chroot");
	say("after chroot", make("/chrooted", S_IFCHR | 0666, NULL_DEVICE));
	look("/chrooted");
}

static void in_mount_namespace(void)
{
	must(unshare(CLONE_NEWNS), "unshare");
	must(mount("none", "sub", "tmpfs", 0, NULL), "sub");
	say("in a mount namespace", make("sub/seen-there", S_IFCHR | 0666, NULL_DEVICE));
	look("sub/seen-there");
}

static void in_deleted_directory(void)
{
	must(mkdir("gone", 0755), "gone");
	must(chdir("gone"), "gone");
	must(rmdir("../gone"), "gone");
	say("in a deleted directory", make("node", S_IFCHR | 0666, NULL_DEVICE));
}

static void places(void)
{
	current = "C11";
	in_child(in_chroot);
	in_child(in_mount_namespace);
	look("sub/seen-there");
	in_child(in_deleted_directory);
}

int main(void)
{
	umask(022);
	must(mkdir("/root/work", 0755), "/root/work");
	must(chdir("/root/work"), "/root/work");
	harmless();
	others();
	paths();
	directories();
	errors();
	current = "C06";
	in_child(without_the_capability);
	in_child(in_a_namespace_below);
	current = "C07";
	in_child(as_a_user);
	as_root();
	consoles();
	overlays();
	threads();
	places();
	return 0;
}

/*
 * narrow
 *
 * The calls that are emulated for a container, or performed, as a program of i386 makes them, and by their numbers of x32 (C70); prints a line for
 * each. Root of the machine and root of a container must find the same. Works in the current directory.
 */
#include "int80.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define X32 0x40000000
#define NODE (S_IFCHR | 0640)
enum { /* of i386 */
	MKNOD = 14, MOUNT = 21, UMOUNT = 22, UMOUNT2 = 52, MOVE_MOUNT = 429, FSOPEN, FSCONFIG, FSMOUNT, SYSINFO = 116, SETPARAM = 154, SETSCHEDULER = 156, GETSCHEDULER = 157, SETXATTR = 226, LSETXATTR, FSETXATTR,
	GETXATTR, LGETXATTR, FGETXATTR, LISTXATTR, LLISTXATTR, FLISTXATTR, REMOVEXATTR, LREMOVEXATTR, FREMOVEXATTR, MKNODAT = 297
};

static void say(const char *what, long result)
{
	if (result < 0)
		printf("C70 %s %s\n", what, strerrorname_np((int)-result));
	else
		printf("C70 %s %ld\n", what, result);
}

static void look(const char *path)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		err(1, "%s", path);
	printf("C70 %s is %o %u:%u\n", path, st.st_mode, major(st.st_rdev), minor(st.st_rdev));
}

static void devices(int dir)
{
	say("mknod", int80(MKNOD, low_text("node"), NODE, makedev(1, 3)));
	look("node");
	say("mknod again", int80(MKNOD, low_text("node"), NODE, makedev(1, 3)));
	say("mknod, a mode with upper bits", int80(MKNOD, low_text("upper"), 0x7fff0000 | NODE, makedev(1, 5)));
	look("upper");
	say("mknodat", int80(MKNODAT, dir, low_text("at"), NODE, makedev(1, 7)));
	look("dir/at");
	say("mknodat, AT_FDCWD", int80(MKNODAT, AT_FDCWD, low_text("cwd"), NODE, makedev(1, 8)));
	look("cwd");
	say("mknodat, no descriptor", int80(MKNODAT, -1, low_text("none"), NODE, makedev(1, 8)));
	say("mknod, no memory", int80(MKNOD, 8, NODE, makedev(1, 8)));
}

static void attributes(int dir)
{
	long name = low_text("trusted.overlay.opaque"), path = low_text("dir"), value = low_text("yes"), room = low_text("0123456789");

	say("setxattr", int80(SETXATTR, path, name, value, 3, 0));
	say("getxattr", int80(GETXATTR, path, name, room, 10));
	say("lsetxattr", int80(LSETXATTR, path, name, value, 2, 0));
	say("lgetxattr", int80(LGETXATTR, path, name, room, 10));
	say("fsetxattr", int80(FSETXATTR, dir, name, value, 1, 0));
	say("fgetxattr", int80(FGETXATTR, dir, name, room, 10));
	say("getxattr, too little room", int80(SETXATTR, path, name, value, 3, 0) < 0 ? 0 : int80(GETXATTR, path, name, room, 2));
	say("listxattr", int80(LISTXATTR, path, 0, 0));
	say("llistxattr", int80(LLISTXATTR, path, 0, 0));
	say("flistxattr", int80(FLISTXATTR, dir, 0, 0));
	say("setxattr, a size of -1", int80(SETXATTR, path, name, value, -1, 0));
	say("removexattr", int80(REMOVEXATTR, path, name));
	say("lremovexattr", int80(LREMOVEXATTR, path, name));
	say("fremovexattr", int80(FREMOVEXATTR, dir, name));
}

static void scheduling(void)
{
	int priority = 5, higher = 6;
	struct sched_param none = { 0 };

	say("sched_setscheduler", int80(SETSCHEDULER, 0, SCHED_RR, low_copy(&priority, sizeof priority)));
	say("sched_getscheduler", int80(GETSCHEDULER, 0));
	say("sched_setparam", int80(SETPARAM, 0, low_copy(&higher, sizeof higher)));
	say("sched_setscheduler of -1", int80(SETSCHEDULER, -1, SCHED_RR, low_copy(&priority, sizeof priority)));
	say("sched_setscheduler, no memory", int80(SETSCHEDULER, 0, SCHED_RR, 8));
	if (sched_setscheduler(0, SCHED_OTHER, &none) < 0)
		err(1, "sched_setscheduler");
}

static void mounted(void)
{
	struct statfs status;

	if (statfs("dir", &status) < 0)
		err(1, "dir");
	printf("C70 there is type %lx, %s\n", (long)status.f_type, status.f_flags & ST_NOEXEC ? "noexec" : "exec");
}

static void mounts(void)
{
	long dir = low_text("dir"), none = low_text("none"), tmpfs = low_text("tmpfs");

	say("mount", int80(MOUNT, none, dir, tmpfs, MS_NOEXEC, low_text("size=64k")));
	mounted();
	say("mount, wrong data", int80(MOUNT, none, dir, tmpfs, 0, low_text("size=many")));
	say("mount, no memory", int80(MOUNT, none, dir, 8, 0, 0));
	say("remount", int80(MOUNT, 0, dir, 0, MS_REMOUNT | MS_BIND | MS_RDONLY, 0));
	say("made there", mkdir("dir/new", 0755) < 0 ? -errno : 0);
	say("umount", int80(UMOUNT, dir));
	mounted();
	say("umount again", int80(UMOUNT, dir));
	say("bind", int80(MOUNT, low_text("."), dir, 0, MS_BIND | MS_REC, 0));
	say("umount2, unknown flags", int80(UMOUNT2, dir, 64));
	say("umount2", int80(UMOUNT2, dir, MNT_DETACH));
	long context = int80(FSOPEN, tmpfs, 1);
	say("fsopen", context < 0 ? context : 0);
	say("fsconfig", int80(FSCONFIG, context, 6, 0, 0, 0));
	long made = int80(FSMOUNT, context, 1, 8);
	say("fsmount", made < 0 ? made : 0);
	say("move_mount", int80(MOVE_MOUNT, made, low_text(""), AT_FDCWD, dir, 4));
	mounted();
	close((int)made);
	close((int)context);
	say("umount2", int80(UMOUNT2, dir, 0));
}

static void x32(void)
{
	static const long numbers[] = { SYS_mknod, SYS_mknodat, SYS_setxattr, SYS_sched_setscheduler, SYS_sysinfo, SYS_mount, SYS_umount2 };

	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		say("x32", syscall(X32 | numbers[i], 0, 0, 0, 0, 0) < 0 ? -errno : 0);
}

int main(void)
{
	umask(022);
	if (mkdir("dir", 0755) < 0)
		err(1, "dir");
	int dir = open("dir", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		err(1, "dir");
	if (int80(GETSCHEDULER, 0) == -ENOSYS) {
		puts("no i386");
		return 0;
	}
	devices(dir);
	attributes(dir);
	scheduling();
	mounts();
	x32();
	return 0;
}

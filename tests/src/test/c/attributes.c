/*
 * attributes
 *
 * Extended attributes and scheduling as root of a container, in the cases C50 and C53 of what such a container may expect; prints a line
 * for each, CASE WHAT RESULT.
 */
#include "capabilities.h"
#include "cases.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>

#define OPAQUE "trusted.overlay.opaque"

static void say(const char *what, long result)
{
	if (result < 0)
		printf("%s %s %s\n", current, what, strerrorname_np(errno));
	else
		printf("%s %s %ld\n", current, what, result);
}

static void look(const char *path)
{
	char value[16] = "", names[256] = "";

	long size = lgetxattr(path, OPAQUE, value, sizeof value);
	if (size < 0)
		printf("%s %s has %s", current, path, strerrorname_np(errno));
	else
		printf("%s %s has '%.*s'", current, path, (int)size, value);
	long length = llistxattr(path, names, sizeof names);
	printf(", is listed with");
	for (char *name = names; length > 0 && name < names + length; name += strlen(name) + 1)
		printf(" %s", name);
	printf("\n");
}

static void unprivileged(void)
{
	must(setresgid(1000, 1000, 1000), "setresgid");
	must(setresuid(1000, 1000, 1000), "setresuid");
	say("set by a user", setxattr("dir", OPAQUE, "y", 1, 0));
	say("get by a user", getxattr("dir", OPAQUE, NULL, 0));
	look("dir");
}

static void below(void)
{
	must(unshare(CLONE_NEWUSER), "unshare");
	say("set in a user namespace below", setxattr("dir", OPAQUE, "y", 1, 0));
}

static void attributes(void)
{
	char value[2];
	int dir;

	current = "C50";
	must(mkdir("dir", 0755), "dir");
	must(symlink("dir", "link"), "link");
	dir = open("dir", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	must(dir, "dir");
	say("get what is not there", getxattr("dir", OPAQUE, NULL, 0));
	say("set", setxattr("dir", OPAQUE, "y", 1, 0));
	look("dir");
	say("create again", setxattr("dir", OPAQUE, "y", 1, XATTR_CREATE));
	say("replace", setxattr("dir", OPAQUE, "yes", 3, XATTR_REPLACE));
	say("its size", getxattr("dir", OPAQUE, NULL, 0));
	say("too little room", getxattr("dir", OPAQUE, value, sizeof value));
	say("too little room for the list", listxattr("dir", value, sizeof value));
	say("the size of the list", listxattr("dir", NULL, 0));
	say("wrong flags", setxattr("dir", OPAQUE, "y", 1, 4));
	say("no value", syscall(SYS_setxattr, "dir", OPAQUE, NULL, 1, 0));
	say("a value that is too long", syscall(SYS_setxattr, "dir", OPAQUE, "y", -1, 0));
	in_child(unprivileged);
	in_child(below);
	say("remove", removexattr("dir", OPAQUE));
	look("dir");
	say("set by a descriptor", fsetxattr(dir, OPAQUE, "y", 1, 0));
	look("dir");
	say("get by a descriptor", fgetxattr(dir, OPAQUE, value, sizeof value));
	say("list by a descriptor", flistxattr(dir, NULL, 0));
	say("remove by a descriptor", fremovexattr(dir, OPAQUE));
	say("remove what is not there", fremovexattr(dir, OPAQUE));
	say("by no descriptor", fsetxattr(-1, OPAQUE, "y", 1, 0));
	say("by standard input", fsetxattr(0, OPAQUE, "y", 1, 0));
	say("set through a link", setxattr("link", OPAQUE, "y", 1, 0));
	say("set on a link", lsetxattr("link", OPAQUE, "y", 1, 0));
	look("link");
	say("remove from a link", lremovexattr("link", OPAQUE));
	say("another trusted one", setxattr("dir", "trusted.other", "y", 1, 0));
	say("an ordinary one", setxattr("dir", "user.one", "value", 5, 0));
	look("dir");
	say("what is not the container's", setxattr("/usr", OPAQUE, "y", 1, 0));
	must(close(dir), "close");
}

static long set(pid_t pid, int policy, int priority)
{
	struct sched_param param = { .sched_priority = priority };

	return syscall(SYS_sched_setscheduler, pid, policy, &param);
}

static void nested(void)
{
	say("the init of a pid namespace", set(1, SCHED_RR, 3));
	say("itself", set(0, SCHED_FIFO, 4));
	printf("%s is %ld, %ld\n", current, syscall(SYS_sched_getscheduler, 0), syscall(SYS_sched_getscheduler, getpid()));
}

/* What everybody may, and what nobody may without the capability. */
static void everybody(void)
{
	struct sched_param none = { 0 };

	say("OTHER", set(getpid(), SCHED_OTHER, 0));
	say("its parameter", syscall(SYS_sched_setparam, 0, &none));
	say("BATCH", set(0, SCHED_BATCH, 0));
	say("IDLE", set(0, SCHED_IDLE, 0));
	say("DEADLINE", set(0, SCHED_DEADLINE, 0));
	say("FIFO 1", set(0, SCHED_FIFO, 1));
}

static void without_root(void)
{
	current = "C53 a user";
	must(setresuid(1000, 1000, 1000), "setresuid");
	everybody();
}

static void without_the_capability(void)
{
	current = "C53 without CAP_SYS_NICE";
	set_capabilities(~(1ull << CAP_SYS_NICE) & 0x1ffffffffff);
	everybody();
}

static void scheduling(void)
{
	struct sched_param param = { .sched_priority = 6 };

	current = "C53";
	say("FIFO 5", set(0, SCHED_FIFO, 5));
	printf("%s is %ld\n", current, syscall(SYS_sched_getscheduler, 0));
	say("its parameter", syscall(SYS_sched_setparam, 0, &param));
	say("by its number", set(getpid(), SCHED_RR, 10));
	say("beyond what is permitted", set(0, SCHED_FIFO, 11));
	say("no priority", set(0, SCHED_FIFO, 0));
	say("back", set(0, SCHED_OTHER, 0));
	say("a wrong priority", set(0, SCHED_OTHER, 1));
	say("no policy", set(0, -1, 0));
	say("an unknown policy", set(0, 77, 0));
	say("no pid", set(-1, SCHED_FIFO, 1));
	say("nobody", set(4000000, SCHED_FIFO, 1));
	say("NULL", syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, NULL));
	say("no memory", syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, (void *)8));
	in_child(without_root);
	in_child(without_the_capability);
	must(unshare(CLONE_NEWPID), "unshare");
	in_child(nested);
}

int main(void)
{
	must(chdir("/tmp"), "/tmp");
	attributes();
	scheduling();
	return 0;
}

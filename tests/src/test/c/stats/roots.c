/* Other roots: chroot(2), and mounts in a namespace of one's own. */
#include "stats.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static int may(const char *what, int rc)
{
	if (rc < 0)
		printf("%s: %s\n", what, strerrorname_np(errno));
	return rc == 0;
}

static void chrooted(void)
{
	int outside = open(".", O_PATH | O_DIRECTORY);

	if (!may("chroot", chroot("dir")))
		return;
	every_call("outside of the root", AT_FDCWD, "file");
	every_call("in the root", AT_FDCWD, "/inner");
	every_call("what is not in the root", AT_FDCWD, "/file");
	every_call(".. of the root", AT_FDCWD, "/../inner");
	every_call("a link out of the root", AT_FDCWD, "/up");
	every_call("/proc is not in the root", AT_FDCWD, "/proc/self/status");
	every_call("the root", AT_FDCWD, "/");
	every_call("a descriptor of what is outside", outside, "file");
	every_empty("a descriptor of what is outside, itself", outside, "");
	every_call("above the root", outside, "dir/../file");
	if (chdir("/") < 0)
		broken("chdir");
	every_call("in the root, relative", AT_FDCWD, "inner");
	every_call("above it, relative", AT_FDCWD, "../inner");
}

/* With a /proc inside, whose links read as seen from there. */
static void chrooted_with_proc(void)
{
	static const char *const LINKS[] = { "/proc/self/exe", "/proc/self/cwd", "/proc/self/root", "/proc/self/fd/70", "/proc/self/fd/71" };
	int outside = or_broken(open("file", O_RDONLY), "file"), inside = or_broken(open("dir/inner", O_RDONLY), "inner");

	if (dup2(outside, 70) < 0 || dup2(inside, 71) < 0)
		broken("dup2");
	if (mkdir("dir/proc", 0755) < 0 && errno != EEXIST)
		broken("dir/proc");
	if (!may("unshare", unshare(CLONE_NEWNS)) || !may("private", mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL)) ||
	    !may("mount", mount("proc", "dir/proc", "proc", 0, NULL)) || !may("chroot", chroot("dir")))
		return;
	for (size_t i = 0; i < sizeof LINKS / sizeof *LINKS; i++) {
		readlink_case(LINKS[i], SYS_readlink, AT_FDCWD, LINKS[i], 4096);
		stat_case(LINKS[i], SYS_stat, AT_FDCWD, LINKS[i], 0);
	}
	if (chdir("/") < 0)
		broken("chdir");
	for (size_t i = 0; i < sizeof LINKS / sizeof *LINKS; i++)
		readlink_case(LINKS[i], SYS_readlink, AT_FDCWD, LINKS[i], 4096);
}

static void mounted(void)
{
	if (!may("unshare", unshare(CLONE_NEWNS)) || !may("private", mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL)) ||
	    !may("mount", mount("tmpfs", "dir/sub", "tmpfs", MS_NOEXEC, "mode=0755")))
		return;
	close(or_broken(open("dir/sub/here", O_CREAT | O_WRONLY, 0755), "here"));
	every_call("a mount of one's own", AT_FDCWD, "dir/sub");
	every_call("a program where nothing is executed", AT_FDCWD, "dir/sub/here");
	if (may("remount", mount(NULL, "dir/sub", NULL, MS_REMOUNT | MS_RDONLY, NULL)))
		every_call("where nothing is written", AT_FDCWD, "dir/sub/here");
}

static void in_namespaces(void)
{
	if (!may("unshare", unshare(CLONE_NEWUSER | CLONE_NEWNS)))
		return;
	every_call("in a user namespace", AT_FDCWD, "file");
	every_call("in a user namespace, not ours", AT_FDCWD, "closed");
	every_call("in a user namespace, root's", AT_FDCWD, "/proc/1/environ");
	chrooted();
}

/* By its real ids nobody has capabilities there, but for what is its own in /proc it needs none. */
static void through_proc(void)
{
	if (may("unshare", unshare(CLONE_NEWUSER | CLONE_NEWNS)))
		every_call("in a user namespace, through proc", AT_FDCWD, "/proc/self/cwd/file");
}

void nested(void)
{
	in_child(through_proc);
}

void roots(void)
{
	in_child(chrooted);
	in_child(chrooted_with_proc);
	in_child(mounted);
	in_child(in_namespaces);
}

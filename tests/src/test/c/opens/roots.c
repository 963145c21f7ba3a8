/* Other roots: chroot(2), and mounts in a namespace of one's own. */
#include "opens.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static void chrooted(void)
{
	int outside = open(".", O_PATH | O_DIRECTORY);

	if (chroot("dir") < 0) {
		printf("chroot: %s\n", strerrorname_np(errno));
		return;
	}
	each("outside of the root", "file", O_RDONLY, 0);
	each("in the root", "/inner", O_RDONLY, 0);
	each("what is not in the root", "/file", O_RDONLY, 0);
	each(".. of the root", "/../inner", O_RDONLY, 0);
	each("a link out of the root", "/up", O_RDONLY, 0);
	each("/proc is not in the root", "/proc/self/status", O_RDONLY, 0);
	show("a descriptor of what is outside", sys_openat(outside, "file", O_RDONLY, 0));
	show("above the root", sys_openat(outside, "dir/../file", O_RDONLY, 0));
	if (chdir("/") < 0)
		broken("chdir");
	each("in the root, relative", "inner", O_RDONLY, 0);
	each("above it, relative", "../inner", O_RDONLY, 0);
	each("a new file", "/new-in-root", O_CREAT | O_EXCL | O_RDWR, 0644);
	unlink("/new-in-root");
}

static void in_namespaces(void)
{
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0) {
		printf("unshare: %s\n", strerrorname_np(errno));
		return;
	}
	each("in a user namespace", "file", O_RDONLY, 0);
	each("in a user namespace, not ours", "closed", O_RDONLY, 0);
	each("in a user namespace, a new file", "in-namespace", O_CREAT | O_RDWR, 0666);
	each("in a user namespace, through proc", "/proc/self/cwd/file", O_RDONLY, 0);
	each("in a user namespace, root's", "/proc/1/environ", O_RDONLY, 0);
	chrooted();
}

void roots(void)
{
	in_child(chrooted);
	in_child(in_namespaces);
}

/* Working directories that are gone, and other roots. */
#include "calls.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

static void gone(void)
{
	static const char *const PATHS[] = { "x", ".", "./", "..", "../x", "", "./x", "/proc/self/cwd", "/proc/self/cwd/x" };

	keep_tree();
	if (chdir("empty") < 0 || rmdir("../empty") < 0)
		broken("empty");
	for (size_t i = 0; i < sizeof PATHS / sizeof *PATHS; i++)
		each(PATHS[i], PATHS[i]);
}

/* A directory that is elsewhere by now. */
static void moved(void)
{
	keep_tree();
	int dir = or_broken(open("dir", O_PATH | O_CLOEXEC), "dir");
	if (chdir("dir") < 0 || rename("../dir", "../setgid/moved") < 0)
		broken("dir");
	show(CALL(SYS_mkdir, "subdir", 0755), "in a directory that was moved");
	show(CALL(SYS_mkdir, "../beside", 0755), "beside it");
	show(CALL(SYS_mkdirat, dir, "another", 0755), "by its descriptor");
	show(CALL(SYS_chmod, "inner", 0600), "what lies in it");
	show(CALL(SYS_rename, "inner", "../../inner"), "out of it");
}

static void chrooted(void)
{
	int outside = or_broken(open(".", O_PATH | O_DIRECTORY | O_CLOEXEC), ".");

	keep_tree();
	if (chroot(".") < 0) {
		printf("chroot: %s\n", strerrorname_np(errno));
		return;
	}
	if (chdir("/dir") < 0)
		broken("/dir");
	static const char *const PATHS[] = { "/file", "/new", "/dir/new", "../new", "../../../new", "/link", "/../file", "/..", "/",
					     "inner", "/proc/self/cwd/inner", "/dirlink/new", "", "/empty/" };
	for (size_t i = 0; i < sizeof PATHS / sizeof *PATHS; i++) {
		show(CALL(SYS_mkdir, PATHS[i], 0755), "in another root: mkdir '%s'", PATHS[i]);
		show(CALL(SYS_chmod, PATHS[i], 0711), "in another root: chmod '%s'", PATHS[i]);
		show(CALL(SYS_truncate, PATHS[i], 1L), "in another root: truncate '%s'", PATHS[i]);
		show(CALL(SYS_setxattr, PATHS[i], "user.name", "x", 1L, 0), "in another root: setxattr '%s'", PATHS[i]);
		show(CALL(SYS_rmdir, PATHS[i]), "in another root: rmdir '%s'", PATHS[i]);
		show(CALL(SYS_unlink, PATHS[i]), "in another root: unlink '%s'", PATHS[i]);
	}
	show(CALL(SYS_mkdirat, outside, "../outside", 0755), "by a descriptor of what is outside");
}

static void in_namespaces(void)
{
	keep_tree();
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0) {
		printf("unshare: %s\n", strerrorname_np(errno));
		return;
	}
	show(CALL(SYS_mkdir, "new", 0755), "in a user namespace: mkdir");
	show(CALL(SYS_chown, "file", 0, 0), "in a user namespace: chown to who is not mapped");
	show(CALL(SYS_mknod, "device", S_IFCHR | 0600, 0x103), "in a user namespace: mknod");
	show(CALL(SYS_setxattr, "file", "trusted.name", "x", 1L, 0), "in a user namespace: setxattr trusted");
	show(CALL(SYS_unlink, "/proc/self/cwd/gr\xfc\xdf"), "in a user namespace: unlink through proc");
	chrooted();
}

void places(void)
{
	in_child(gone);
	in_child(moved);
	in_child(chrooted);
	in_child(in_namespaces);
}

/* Symbolic links that the kernel does not follow: on mounts that say so (nosymfollow), and other users' in shared directories. */
#include "opens.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NOSYMFOLLOW 0x00200000 /* MOUNT_ATTR_NOSYMFOLLOW, 5.14 */

static void attach(const char *what, const char *where)
{
	struct mount_attr attr = { .attr_set = NOSYMFOLLOW };

	if (mount(what, where, NULL, MS_BIND | MS_REC, NULL) < 0 ||
	    syscall(SYS_mount_setattr, AT_FDCWD, where, 0, &attr, sizeof attr) < 0)
		broken(where);
}

static void unfollowed(void)
{
	char path[64];

	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
		broken("unshare");
	attach("dir", "away");
	each("no file is a link", "away/inner", O_RDONLY, 0);
	each("a link that is not followed", "away/short", O_RDONLY, 0);
	each("a link that is opened itself", "away/short", O_PATH | O_NOFOLLOW, 0);
	each("a link in between", "away/through/missing", O_RDONLY, 0);
	each("a link to nothing", "away/nothing", O_RDONLY, 0);
	each("nothing through a link", "away/nothing", O_CREAT | O_RDWR, 0600);
	each("a link, through proc", "/proc/self/cwd/away/short", O_RDONLY, 0);
	each("a link in between, through proc", "/proc/self/cwd/away/through/missing", O_RDONLY, 0);
	each("a link there from elsewhere", "/proc/self/cwd/dir/short", O_RDONLY, 0);
	attach("/proc", "sticky");
	each("self", "sticky/self/comm", O_RDONLY, 0);
	each("what is no link", "sticky/version", O_RDONLY, 0);
	snprintf(path, sizeof path, "sticky/%d/cwd/file", getpid());
	show("a magic link", sys_openat(AT_FDCWD, path, O_RDONLY, 0));
}

/* In a directory that everybody may write to: to whom a link belongs, and where it leads. */
static void make(const char *name, const char *to, uid_t owner)
{
	if (symlink(to, name) < 0 || lchown(name, owner, owner) < 0)
		broken(name);
}

static void others(void)
{
	static const char *const NAMES[] = { "others", "others/", "others-dir/inner", "others-dir", "others-dir/", "own", "nothing" };
	char path[64];
	int fd = open(".", O_PATH | O_DIRECTORY);

	for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
		each(NAMES[i], NAMES[i], O_RDONLY, 0);
		snprintf(path, sizeof path, "/proc/self/cwd/%s", NAMES[i]);
		each(path, path, O_RDONLY, 0);
		show("the same, O_NOFOLLOW", sys_openat(AT_FDCWD, path, O_RDONLY | O_NOFOLLOW, 0));
		snprintf(path, sizeof path, "/proc/self/fd/%d/%s", fd, NAMES[i]);
		each(path, path, O_RDONLY, 0);
		snprintf(path, sizeof path, "/dev/fd/%d/%s", fd, NAMES[i]);
		each(path, path, O_PATH, 0);
	}
	each("/proc/self/cwd/nothing, made", "/proc/self/cwd/nothing", O_CREAT | O_RDWR, 0600);
	close(fd);
}

void links(void)
{
	if (symlink("inner", "dir/short") < 0 || symlink("sub", "dir/through") < 0 || symlink("nowhere", "dir/nothing") < 0)
		broken("dir");
	in_child(unfollowed);
	if (chdir("sticky") < 0)
		broken("sticky");
	make("others", "../file", 4711);
	make("others-dir", "../dir", 4711);
	make("own", "../file", 0);
	make("nothing", "../nothing", 4711);
	others();
	if (chown(".", 4711, 4711) < 0)
		broken("sticky");
	printf("the directory is theirs\n");
	others();
}

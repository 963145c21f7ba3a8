/* Files that come into being: their names, modes and owners. */
#include "opens.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* open, openat and openat2, each of them on a name that is free again. */
static void each_new(const char *name, const char *path, const char *made, int flags, mode_t mode)
{
	struct open_how how = { .flags = (unsigned)flags, .mode = mode };
	char label[128];

	snprintf(label, sizeof label, "%s: open", name);
	show(label, sys_open(path, flags, mode));
	unlink(made);
	snprintf(label, sizeof label, "%s: openat", name);
	show(label, sys_openat(AT_FDCWD, path, flags, mode));
	unlink(made);
	snprintf(label, sizeof label, "%s: openat2", name);
	show(label, sys_openat2(AT_FDCWD, path, &how, sizeof how));
	unlink(made);
	if ((flags & O_ACCMODE) == O_WRONLY && !(flags & O_EXCL)) {
		snprintf(label, sizeof label, "%s: creat", name);
		show(label, sys_creat(path, mode));
		unlink(made);
	}
}

static void modes(void)
{
	static const mode_t UMASKS[] = { 0, 022, 027, 0777 };
	static const mode_t MODES[] = { 0, 0400, 0644, 0777, 07777 };
	char name[64];

	for (size_t u = 0; u < sizeof UMASKS / sizeof *UMASKS; u++)
		for (size_t m = 0; m < sizeof MODES / sizeof *MODES; m++) {
			umask(UMASKS[u]);
			snprintf(name, sizeof name, "mode %#o under umask %#o", MODES[m], UMASKS[u]);
			each_new(name, "new", "new", O_CREAT | O_WRONLY, MODES[m]);
		}
	umask(022);
	show("mode bits beyond 07777: openat", sys_openat(AT_FDCWD, "new", O_CREAT | O_RDWR, 0170644));
	unlink("new");
}

/* What has no name yet can be given one. */
static void unnamed(void)
{
	char path[64];
	long fd = sys_openat(AT_FDCWD, "dir", O_TMPFILE | O_RDWR, 0640);

	snprintf(path, sizeof path, "/proc/self/fd/%ld", fd);
	if (fd >= 0 && linkat(AT_FDCWD, path, AT_FDCWD, "dir/named", AT_SYMLINK_FOLLOW) < 0)
		printf("linkat of an O_TMPFILE: %s\n", strerrorname_np(errno));
	show("an O_TMPFILE that was given a name", fd);
	unlink("dir/named");
	fd = sys_openat(AT_FDCWD, "dir", O_TMPFILE | O_EXCL | O_RDWR, 0640);
	snprintf(path, sizeof path, "/proc/self/fd/%ld", fd);
	if (fd >= 0 && linkat(AT_FDCWD, path, AT_FDCWD, "dir/named", AT_SYMLINK_FOLLOW) < 0)
		printf("linkat of an O_TMPFILE O_EXCL: %s\n", strerrorname_np(errno));
	show("an O_TMPFILE O_EXCL", fd);
	show("O_TMPFILE in setgid", sys_openat(AT_FDCWD, "setgid", O_TMPFILE | O_RDWR, 0666));
	show("O_TMPFILE in unwritable", sys_openat(AT_FDCWD, "unwritable", O_TMPFILE | O_RDWR, 0666));
	show("O_TMPFILE in a file", sys_openat(AT_FDCWD, "file", O_TMPFILE | O_RDWR, 0666));
	show("O_TMPFILE in nothing", sys_openat(AT_FDCWD, "missing", O_TMPFILE | O_RDWR, 0666));
}

void creation(void)
{
	static const char *const TAKEN[] = { "file", "link", "dangling", "loop1", "dir", "dirlink", "fifo", "socket", "closed" };
	static const char *const ODD[] = { "",	    ".",	  "..",	   "/",	    "dir/",	"dir/.", "new/",
					   "new/.", "missing/new", "file/new", "dangling/", "dirlink/", "file/" };
	char name[128];

	modes();
	each_new("O_CREAT in a directory", "dir/new", "dir/new", O_CREAT | O_WRONLY, 0644);
	each_new("O_CREAT through a link to a directory", "dirlink/new", "dir/new", O_CREAT | O_WRONLY, 0644);
	each_new("O_CREAT through a dangling link", "creating", "new-through-link", O_CREAT | O_WRONLY, 0644);
	each_new("O_CREAT in setgid", "setgid/new", "setgid/new", O_CREAT | O_WRONLY, 02755);
	each_new("O_CREAT in sticky", "sticky/new", "sticky/new", O_CREAT | O_WRONLY, 0644);
	each_new("O_CREAT in unwritable", "unwritable/new", "unwritable/new", O_CREAT | O_WRONLY, 0644);
	each_new("O_CREAT in locked", "locked/new", "locked/new", O_CREAT | O_WRONLY, 0644);
	each_new("O_CREAT without write permission", "new", "new", O_CREAT | O_RDWR, 0);
	each_new("O_CREAT O_EXCL O_CLOEXEC", "new", "new", O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
	each_new("O_CREAT O_TRUNC O_APPEND", "new", "new", O_CREAT | O_TRUNC | O_APPEND | O_RDWR, 0600);
	each_new("O_CREAT O_NOFOLLOW", "new", "new", O_CREAT | O_NOFOLLOW | O_RDWR, 0600);
	for (size_t i = 0; i < sizeof TAKEN / sizeof *TAKEN; i++) {
		snprintf(name, sizeof name, "O_CREAT O_EXCL %s", TAKEN[i]);
		each(name, TAKEN[i], O_CREAT | O_EXCL | O_RDWR, 0644);
		snprintf(name, sizeof name, "O_CREAT O_NOFOLLOW %s", TAKEN[i]);
		each(name, TAKEN[i], O_CREAT | O_NOFOLLOW | O_RDWR | O_NONBLOCK, 0644);
		if (i > 2) { /* the others exist, or come into being */
			snprintf(name, sizeof name, "O_CREAT %s", TAKEN[i]);
			each(name, TAKEN[i], O_CREAT | O_RDWR | O_NONBLOCK, 0644);
		}
	}
	for (size_t i = 0; i < sizeof ODD / sizeof *ODD; i++) {
		snprintf(name, sizeof name, "O_CREAT '%s'", ODD[i]);
		each(name, ODD[i], O_CREAT | O_RDWR, 0644);
		snprintf(name, sizeof name, "O_CREAT O_EXCL '%s'", ODD[i]);
		each(name, ODD[i], O_CREAT | O_EXCL | O_RDWR, 0644);
		snprintf(name, sizeof name, "creat '%s'", ODD[i]);
		show(name, sys_creat(ODD[i], 0644));
	}
	show("creat of a file that exists", sys_creat("mine", 0644));
	show("creat of a link", sys_creat("link", 0644));
	unnamed();
}

/* How many links are followed, and what those lead to that end oddly. */
#include "effects.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static void by_every_call(const char *path)
{
	static const int FLAGS[] = { O_RDONLY, O_RDONLY | O_NOFOLLOW, O_PATH | O_NOFOLLOW, O_DIRECTORY, O_CREAT | O_RDWR,
				     O_CREAT | O_EXCL | O_RDWR, O_CREAT | O_RDWR | O_NOFOLLOW, O_TMPFILE | O_RDWR };
	struct stat st;
	char text[16];

	for (size_t f = 0; f < sizeof FLAGS / sizeof *FLAGS; f++) {
		int fd = open(path, FLAGS[f] | O_CLOEXEC, 0644);
		if (show(fd, "open %s %#x", path, (unsigned)FLAGS[f]) >= 0) {
			must(fstat(fd, &st), "fstat");
			printf("  %#o\n", st.st_mode);
			close(fd);
		}
		if (unlink("made") == 0)
			printf("  made\n");
		if (unlink("dir/made") == 0)
			printf("  made in dir\n");
	}
	show(stat(path, &st), "stat %s", path);
	show(lstat(path, &st), "lstat %s", path);
	show(readlink(path, text, sizeof text), "readlink %s", path);
	show(access(path, R_OK), "access %s", path);
	show(chmod(path, 0755), "chmod %s", path);
	show(mkdir(path, 0755), "mkdir %s", path);
	if (rmdir("made") == 0)
		printf("  made\n");
	show(mknod(path, S_IFREG | 0644, 0), "mknod %s", path);
	show(truncate(path, 3), "truncate %s", path);
	show(rmdir(path), "rmdir %s", path);
	show(rename(path, path), "rename %s", path);
	show(rename("full", path), "rename to %s", path);
	if (rename("made", "full") == 0)
		printf("  made\n");
	show(linkat(AT_FDCWD, path, AT_FDCWD, "made", AT_SYMLINK_FOLLOW), "linkat %s", path);
	unlink("made");
	show(symlink("x", path), "symlink %s", path);
	unlink("made");
}

static void with_slash(const char *path)
{
	char longer[PATH_MAX];

	by_every_call(path);
	snprintf(longer, sizeof longer, "%s/", path);
	by_every_call(longer);
	snprintf(longer, sizeof longer, "/proc/self/cwd/%s", path);
	by_every_call(longer);
}

static void chain(void)
{
	char name[16], before[16] = "file", path[64];

	for (int i = 1; i <= 42; i++) {
		snprintf(name, sizeof name, "link%d", i);
		must(symlink(before, name), name);
		strcpy(before, name);
	}
	for (int i = 38; i <= 42; i++) {
		snprintf(name, sizeof name, "link%d", i);
		by_every_call(name);
		snprintf(path, sizeof path, "/proc/self/cwd/%s", name);
		by_every_call(path);
		snprintf(path, sizeof path, "here/%s", name);
		by_every_call(path);
		snprintf(path, sizeof path, "thread/%s", name);
		by_every_call(path);
	}
	int length = 0;
	char many[PATH_MAX] = "";
	for (int i = 1; i <= 41; i++) {
		length += snprintf(many + length, sizeof many - (size_t)length, "here/");
		if (i >= 39) {
			strcpy(many + length, "file");
			by_every_call(many);
		}
	}
}

void links(void)
{
	static const char *const TARGETS[] = { "made",	   "made/",	"made/.",    "made//",	  "./made",    "dir/made", "dir/made/", "dir/../made",
					       "missing/made", "file/",	"file/.",    "file/made", "dir/",      "dir/.",	   "dir//",	".",
					       "./",	   "..",	"/",	     "//",	  "/proc/self", "/proc/self/cwd", "/proc/self/cwd/made",
					       "/proc/self/exe", "/proc/self/fd/77", "/dev/null", "/dev/null/", "odd" };

	file("file", 0644, "file");
	file("full", 0644, "full");
	must(mkdir("dir", 0755), "dir");
	must(symlink(".", "here"), "here");
	must(symlink("/proc/thread-self/cwd", "thread"), "thread");
	for (size_t i = 0; i < sizeof TARGETS / sizeof *TARGETS; i++) {
		printf("## to %s\n", TARGETS[i]);
		unlink("odd");
		must(symlink(TARGETS[i], "odd"), "odd");
		if (strspn(TARGETS[i], "/.") != strlen(TARGETS[i]) && strncmp(TARGETS[i], "/dev", 4) != 0)
			with_slash("odd");
		else {
			show(open("odd", O_RDONLY | O_CLOEXEC), "open odd");
			show(open("odd/", O_RDONLY | O_CLOEXEC), "open odd/");
			show(open("odd", O_CREAT | O_CLOEXEC, 0644), "open odd O_CREAT");
			show(open("odd/", O_CREAT | O_CLOEXEC, 0644), "open odd/ O_CREAT");
			show(mkdir("odd/", 0755), "mkdir odd/");
			show(rmdir("odd/"), "rmdir odd/");
			show(rename("odd/", "made"), "rename odd/");
			show(rename("dir", "odd/"), "rename to odd/");
			show(unlink("odd/"), "unlink odd/");
		}
	}
	chain();
}

/* The same calls as a program of i386 makes them: by int 0x80, with its numbers, and without O_LARGEFILE. */
#include "opens.h"

#ifndef __x86_64__
void i386(void)
{
}

void unlimited(void)
{
}
#else
#include "int80.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum { OPEN = 5, CREAT = 8, OPENAT = 295, OPENAT2 = 437, LARGEFILE = 0100000 };

static const struct {
	const char *name;
	int flags;
} FLAGS[] = {
	{ "O_RDONLY", O_RDONLY },
	{ "O_RDWR O_APPEND O_CLOEXEC", O_RDWR | O_APPEND | O_CLOEXEC },
	{ "O_RDONLY O_LARGEFILE", O_RDONLY | LARGEFILE },
	{ "O_WRONLY O_LARGEFILE", O_WRONLY | LARGEFILE },
	{ "O_WRONLY O_TRUNC", O_WRONLY | O_TRUNC },
	{ "O_RDWR O_CREAT", O_RDWR | O_CREAT },
	{ "O_RDWR O_CREAT O_EXCL", O_RDWR | O_CREAT | O_EXCL },
	{ "O_DIRECTORY O_NOATIME", O_DIRECTORY | O_NOATIME },
	{ "O_NOFOLLOW O_NONBLOCK", O_NOFOLLOW | O_NONBLOCK },
	{ "O_PATH", O_PATH },
	{ "O_TMPFILE O_RDWR", O_TMPFILE | O_RDWR },
	{ "O_DIRECT O_SYNC", O_RDWR | O_DIRECT | O_SYNC },
	{ "an unknown bit", 0x40000000 },
};

static void each_call(const char *flags_name, const char *path, int flags)
{
	struct open_how how = { .flags = (unsigned)flags, .mode = flags & (O_CREAT | __O_TMPFILE) ? 0640 : 0 };
	char name[256];

	snprintf(name, sizeof name, "i386 %s '%s': open", flags_name, path);
	show(name, int80(OPEN, low_text(path), flags, 0640));
	unlink("new");
	snprintf(name, sizeof name, "i386 %s '%s': openat", flags_name, path);
	show(name, int80(OPENAT, AT_FDCWD, low_text(path), flags, 0640));
	unlink("new");
	snprintf(name, sizeof name, "i386 %s '%s': openat2", flags_name, path);
	show(name, int80(OPENAT2, AT_FDCWD, low_text(path), low_copy(&how, sizeof how), sizeof how));
	unlink("new");
}

static void make_large(const char *path, off_t size)
{
	int fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0644);

	if (fd < 0 || ftruncate(fd, size) < 0)
		broken(path);
	close(fd);
}

static void from_a_directory(void)
{
	int directory = open("dir", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct open_how how = { .flags = O_RDONLY, .resolve = RESOLVE_BENEATH };

	show("i386 openat from a directory", int80(OPENAT, directory, low_text("inner"), O_RDONLY));
	show("i386 openat from nowhere", int80(OPENAT, 99, low_text("inner"), O_RDONLY));
	show("i386 openat2 beneath", int80(OPENAT2, directory, low_text("inner"), low_copy(&how, sizeof how), sizeof how));
	show("i386 openat2 above", int80(OPENAT2, directory, low_text("../file"), low_copy(&how, sizeof how), sizeof how));
	show("i386 openat2 of 16 bytes", int80(OPENAT2, directory, low_text("inner"), low_copy(&how, sizeof how), 16));
	close(directory);
}

void i386(void)
{
	static const char *const PATHS[] = {
		"file", "dir", "link", "dirlink", "dangling", "loop1", "closed", "readonly", "null", "missing/x", "new", "", "dir/",
		"file/x", "limit", "large", "/proc/self/exe", "/proc/self/cwd/mine", "/proc/self/status",
	};

	make_large("limit", (1L << 31) - 1);
	make_large("large", 1L << 31);
	for (size_t f = 0; f < sizeof FLAGS / sizeof *FLAGS; f++)
		for (size_t p = 0; p < sizeof PATHS / sizeof *PATHS; p++)
			each_call(FLAGS[f].name, PATHS[p], FLAGS[f].flags);
	show("i386 creat", int80(CREAT, low_text("mine"), 0640));
	show("i386 creat, new", int80(CREAT, low_text("new"), 0640));
	make_large("large", 1L << 31);
	show("i386 creat, large", int80(CREAT, low_text("large"), 0640));
	show("i386 open at a bad pointer", int80(OPEN, 16, O_RDONLY));
	show("i386 open of NULL", int80(OPEN, 0, O_RDONLY));
	from_a_directory();
	unlink("new");
	unlink("missing");
}

/* What is known to be different: only an open of i386 can leave O_LARGEFILE out, and with it the limit of a file's size. */
void unlimited(void)
{
	int fd = (int)int80(OPEN, low_text("file"), O_WRONLY);

	if (fd < 0)
		broken("file");
	printf("O_LARGEFILE %d\n", (fcntl(fd, F_GETFL) & LARGEFILE) != 0);
	printf("beyond 2 GiB %s\n", pwrite(fd, "x", 1, 1L << 31) < 0 ? strerrorname_np(errno) : "written");
	close(fd);
}
#endif

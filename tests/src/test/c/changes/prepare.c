/* The tree that is changed. Made natively or supervised alike: it is itself one of the things compared. */
#include "changes.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct entry {
	const char *path;
	mode_t mode;
	const char *content; /* of a file, or where a link leads */
} ENTRIES[] = {
	{ "file", S_IFREG | 0644, "content\n" },
	{ "gr\xfc\xdf", S_IFREG | 0600, "not UTF-8\n" },
	{ "suid", S_IFREG | 06755, "set-id\n" },
	{ "closed", S_IFREG | 0000, "closed\n" },
	{ "empty", S_IFDIR | 0755, NULL },
	{ "dir", S_IFDIR | 0755, NULL },
	{ "dir/inner", S_IFREG | 0644, "inner\n" },
	{ "locked", S_IFDIR | 0000, NULL },
	{ "unwritable", S_IFDIR | 0755, NULL },
	{ "unwritable/inner", S_IFREG | 0644, "inner\n" },
	{ "unwritable", S_IFDIR | 0555, NULL },
	{ "setgid", S_IFDIR | 02775, NULL },
	{ "sticky", S_IFDIR | 01777, NULL },
	{ "link", S_IFLNK, "file" },
	{ "dirlink", S_IFLNK, "dir" },
	{ "loop1", S_IFLNK, "loop2" },
	{ "loop2", S_IFLNK, "loop1" },
	{ "dangling", S_IFLNK, "missing" },
	{ "fifo", S_IFIFO | 0644, NULL },
};

/* How much of a path is its first component. */
static size_t top(const char *path)
{
	return strcspn(path, "/");
}

static void set_mode(const char *path, int flags, mode_t mode)
{
	int fd = or_broken(open(path, flags | O_CLOEXEC, 0600), path);

	if (fchmod(fd, mode) < 0)
		broken(path);
	close(fd);
}

static void make(const struct entry *entry)
{
	int fd;

	switch (entry->mode & S_IFMT) {
	case S_IFREG:
		fd = or_broken(open(entry->path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600), entry->path);
		if (write(fd, entry->content, strlen(entry->content)) < 0 || fchmod(fd, entry->mode & 07777) < 0)
			broken(entry->path);
		close(fd);
		break;
	case S_IFDIR:
		if (mkdir(entry->path, 0700) < 0 && errno != EEXIST)
			broken(entry->path);
		set_mode(entry->path, O_RDONLY | O_DIRECTORY, entry->mode & 07777);
		break;
	case S_IFLNK:
		if (symlink(entry->content, entry->path) < 0)
			broken(entry->path);
		break;
	default:
		if (mknod(entry->path, entry->mode, 0) < 0)
			broken(entry->path);
	}
}

static void fill(void)
{
	for (size_t i = 0; i < sizeof ENTRIES / sizeof *ENTRIES; i++)
		make(&ENTRIES[i]);
}

static int remove_one(const char *path, const struct stat *file, int type, struct FTW *unused)
{
	(void)file;
	(void)type;
	(void)unused;
	return remove(path) < 0 && errno != ENOENT;
}

/* Of what lies in a directory, all of it. */
void repair(const char *path)
{
	char name[NAME_MAX + 1];
	struct stat file;
	mode_t mask = umask(022);

	snprintf(name, sizeof name, "%.*s", (int)top(path), path);
	if (lstat(name, &file) == 0 && S_ISDIR(file.st_mode) && rmdir(name) < 0 &&
	    (chmod(name, 0700) < 0 || nftw(name, remove_one, 8, FTW_DEPTH | FTW_PHYS) != 0))
		broken(name);
	if (remove(name) < 0 && errno != ENOENT)
		broken(name);
	for (size_t i = 0; i < sizeof ENTRIES / sizeof *ENTRIES; i++)
		if (top(ENTRIES[i].path) == strlen(name) && strncmp(ENTRIES[i].path, name, strlen(name)) == 0)
			make(&ENTRIES[i]);
	umask(mask);
}

/* Below a directory of its own, so that what is above belongs to the tree. */
void prepare(void)
{
	static int base = -1;
	static int number;
	mode_t mask = umask(022);
	char name[64];

	if (base < 0)
		base = or_broken(open(".", O_PATH | O_DIRECTORY | O_CLOEXEC), ".");
	snprintf(name, sizeof name, "%d-%d", getpid(), number++);
	if (fchdir(base) < 0 || mkdir(name, 0755) < 0 || chdir(name) < 0 || mkdir("tree", 0755) < 0 || chdir("tree") < 0)
		broken(name);
	fill();
	umask(mask);
	begin_list();
}

/* What is compared of a tree: everything of a file that does not depend on when, where or in which order it was made. */
#include "changes.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

/* Times before this are such as a case has set. */
enum { LONG_AGO = 1000000000 };

static void print_time(FILE *to, const char *name, const struct statx_timestamp *time)
{
	if (time->tv_sec < LONG_AGO)
		fprintf(to, " %s %lld.%09u", name, (long long)time->tv_sec, time->tv_nsec);
}

static void print_value(FILE *to, const unsigned char *value, ssize_t size)
{
	for (ssize_t i = 0; i < size && i < 24; i++)
		fprintf(to, value[i] > ' ' && value[i] < 0x7f ? "%c" : "\\%02x", value[i]);
	fprintf(to, "(%zd)", size);
}

static void print_xattrs(FILE *to, const char *path)
{
	static char names[65536];
	static unsigned char value[65536];
	ssize_t size = llistxattr(path, names, sizeof names);

	for (const char *name = names; name < names + size; name += strlen(name) + 1) {
		fprintf(to, " %s=", name);
		print_value(to, value, lgetxattr(path, name, value, sizeof value));
	}
}

static void print_file(FILE *to, const char *path, const struct statx *file)
{
	char target[PATH_MAX + 1];
	ssize_t length;

	fprintf(to, "%s %o %u:%u links %u", path, file->stx_mode, file->stx_uid, file->stx_gid, file->stx_nlink);
	if (file->stx_attributes & (STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND | STATX_ATTR_NODUMP))
		fprintf(to, " attributes %#llx", (unsigned long long)file->stx_attributes);
	if (S_ISREG(file->stx_mode))
		fprintf(to, " size %llu", (unsigned long long)file->stx_size);
	if (S_ISCHR(file->stx_mode) || S_ISBLK(file->stx_mode))
		fprintf(to, " device %u:%u", file->stx_rdev_major, file->stx_rdev_minor);
	print_time(to, "accessed", &file->stx_atime);
	print_time(to, "modified", &file->stx_mtime);
	print_xattrs(to, path);
	if (S_ISLNK(file->stx_mode) && (length = readlink(path, target, sizeof target)) >= 0)
		fprintf(to, " -> %.*s", (int)length, target);
	fputc('\n', to);
}

static int by_name(const struct dirent **one, const struct dirent **other)
{
	return strcmp((*one)->d_name, (*other)->d_name);
}

static int is_child(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

static void print(FILE *to, const char *path)
{
	struct statx file;
	struct dirent **entries;
	char child[PATH_MAX];

	/* before anybody reads it, which leaves a time */
	if (statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &file) < 0) {
		fprintf(to, "%s %s\n", path, strerrorname_np(errno));
		return;
	}
	print_file(to, path, &file);
	if (!S_ISDIR(file.stx_mode))
		return;
	int count = scandir(path, &entries, is_child, by_name);
	for (int i = 0; i < count; i++) {
		snprintf(child, sizeof child, "%s/%s", path, entries[i]->d_name);
		print(to, child);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
}

char *list(int directory)
{
	char *text;
	size_t size;
	FILE *to = open_memstream(&text, &size);
	int here = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (!to || here < 0 || fchdir(directory) < 0)
		broken("list");
	print(to, ".");
	if (fclose(to) != 0 || fchdir(here) < 0)
		broken("list");
	close(here);
	return text;
}

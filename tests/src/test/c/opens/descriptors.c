/* Paths that begin at a descriptor, or lead through one. */
#include "opens.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void at(const char *name, int dirfd, const char *path, int flags)
{
	struct open_how how = { .flags = (unsigned)flags };
	char label[128];

	snprintf(label, sizeof label, "%s: openat", name);
	show(label, sys_openat(dirfd, path, flags, 0));
	snprintf(label, sizeof label, "%s: openat2", name);
	show(label, sys_openat2(dirfd, path, &how, sizeof how));
}

static void through_fd(const char *name, const char *format, int fd, int flags)
{
	char path[64];

	snprintf(path, sizeof path, format, fd);
	each(name, path, flags, 0);
}

static int or_broken(int fd, const char *path)
{
	if (fd < 0)
		broken(path);
	return fd;
}

static void reopened(void)
{
	int path = or_broken(open("file", O_PATH), "file");
	int read_only = or_broken(open("mine", O_RDONLY), "mine");
	int link = or_broken(open("link", O_PATH | O_NOFOLLOW), "link");
	int directory = or_broken(open("dir", O_RDONLY | O_DIRECTORY), "dir");
	int unlinked = or_broken(open("unlinked", O_CREAT | O_RDWR, 0644), "unlinked");
	int pipes[2];
	char name[64];

	if (unlink("unlinked") < 0 || pipe(pipes) < 0)
		broken("unlinked");
	static const char *const PLACES[] = { "/proc/self/fd/%d", "/dev/fd/%d", "/proc/thread-self/fd/%d" };
	for (size_t i = 0; i < sizeof PLACES / sizeof *PLACES; i++) {
		snprintf(name, sizeof name, "an O_PATH through %s", PLACES[i]);
		through_fd(name, PLACES[i], path, O_RDWR);
		snprintf(name, sizeof name, "more than was opened through %s", PLACES[i]);
		through_fd(name, PLACES[i], read_only, O_RDWR);
		snprintf(name, sizeof name, "a link through %s", PLACES[i]);
		through_fd(name, PLACES[i], link, O_RDONLY);
		snprintf(name, sizeof name, "a directory through %s", PLACES[i]);
		through_fd(name, PLACES[i], directory, O_RDONLY);
		snprintf(name, sizeof name, "unlinked through %s", PLACES[i]);
		through_fd(name, PLACES[i], unlinked, O_RDWR);
		snprintf(name, sizeof name, "a pipe through %s", PLACES[i]);
		through_fd(name, PLACES[i], pipes[0], O_RDONLY | O_NONBLOCK);
		snprintf(name, sizeof name, "O_NOFOLLOW through %s", PLACES[i]);
		through_fd(name, PLACES[i], path, O_RDONLY | O_NOFOLLOW);
		snprintf(name, sizeof name, "O_CREAT through %s", PLACES[i]);
		through_fd(name, PLACES[i], path, O_RDWR | O_CREAT);
		snprintf(name, sizeof name, "closed descriptor %s", PLACES[i]);
		through_fd(name, PLACES[i], 77, O_RDONLY);
	}
	through_fd("a file in a directory", "/proc/self/fd/%d/inner", directory, O_RDONLY);
	through_fd("a descriptor that nobody else has", "/proc/self/fd/%d/inner", dup2(directory, 900), O_RDONLY);
	through_fd("a descriptor that is closed", "/proc/self/fd/%d/inner", 901, O_RDONLY);
	through_fd("above a directory", "/proc/self/fd/%d/../file", directory, O_RDONLY);
	through_fd("a new file in a directory", "/proc/self/fd/%d/new-there", directory, O_CREAT | O_EXCL | O_RDWR);
	unlink("dir/new-there");
	at("below an O_PATH of a file", path, "x", O_RDONLY);
	at("an empty path", path, "", O_RDONLY);
}

/* The descriptor goes where the directory goes. */
static void moved(void)
{
	int away = or_broken(open("away", O_PATH | O_DIRECTORY), "away");

	if (rename("away", "dir/sub/elsewhere") < 0)
		broken("rename");
	at("a directory that was moved", away, "file", O_RDONLY);
	at("above a directory that was moved", away, "../../inner", O_RDONLY);
	each("the old name", "away/file", O_RDONLY, 0);
	each("the new name", "dir/sub/elsewhere/file", O_RDONLY, 0);
	if (fchdir(away) < 0)
		broken("fchdir");
	each("in a directory that was moved", "file", O_RDONLY, 0);
	each("above it", "../../../file", O_RDONLY, 0);
	each("through /proc/self/cwd", "/proc/self/cwd/file", O_RDONLY, 0);
	if (chdir("../../..") < 0 || rename("dir/sub/elsewhere", "away") < 0)
		broken("rename");
	close(away);
}

void descriptors(void)
{
	int dir = or_broken(open("dir", O_RDONLY | O_DIRECTORY), "dir");
	int file = or_broken(open("file", O_RDONLY), "file");

	at("dirfd", dir, "inner", O_RDONLY);
	at("dirfd and ..", dir, "../file", O_RDONLY);
	at("dirfd and a link", dir, "up", O_RDONLY);
	at("dirfd and an absolute path", dir, "/dev/null", O_RDONLY);
	at("dirfd and nothing", dir, "", O_RDONLY);
	at("dirfd and .", dir, ".", O_RDONLY | O_DIRECTORY);
	at("a file as dirfd", file, "inner", O_RDONLY);
	at("a file as dirfd and an absolute path", file, "/dev/null", O_RDONLY);
	at("a closed dirfd", 77, "inner", O_RDONLY);
	at("a closed dirfd and an absolute path", 77, "/dev/null", O_RDONLY);
	at("dirfd -1", -1, "inner", O_RDONLY);
	at("dirfd -99", -99, "inner", O_RDONLY);
	at("a closed dirfd and a bad pointer", 77, (const char *)16, O_RDONLY);
	at("a closed dirfd and nothing", 77, "", O_RDONLY);
	reopened();
	moved();
}

#include "toctou.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { CHANGED = 0640, UNCHANGED = 0600 };

static int first_letter(int fd)
{
	char letter = 0;
	int result;

	if (fd < 0)
		return -errno;
	result = read(fd, &letter, 1) == 1 ? letter : -errno;
	if (result < 0 && result != -EBADF) /* O_PATH */
		broken("read");
	close(fd);
	return result;
}

static int open_file(int from, const char *path)
{
	return first_letter(openat(from, path, O_RDONLY));
}

static int open_how(int from, const char *path)
{
	return first_letter((int)syscall(SYS_openat2, from, path, &how, sizeof how));
}

static int look(int from, const char *path)
{
	struct stat found;

	if (syscall(SYS_newfstatat, from, path, &found, *path ? 0 : AT_EMPTY_PATH) < 0)
		return -errno;
	if (found.st_ino == denied.number)
		return 'd';
	if (found.st_ino != allowed.number)
		broken("what was found is neither");
	return 'a';
}

/* Whether its mode was changed; and changes it back. */
static int was_changed(const struct side *side)
{
	struct stat found;

	if (syscall(SYS_fstat, side->file, &found) < 0)
		broken("fstat");
	if ((found.st_mode & 07777) != CHANGED)
		return 0;
	if (fchmod(side->file, UNCHANGED) < 0)
		broken("fchmod");
	return 1;
}

static int change_mode(int from, const char *path)
{
	if (syscall(SYS_fchmodat, from, path, CHANGED) < 0)
		return -errno;
	if (was_changed(&denied))
		return 'd';
	if (!was_changed(&allowed))
		broken("fchmodat succeeded and changed nothing");
	return 'a';
}

static int make_directory(int from, const char *path)
{
	if (mkdirat(from, path, 0755) < 0)
		return -errno;
	if (unlinkat(denied.directory, "file", AT_REMOVEDIR) == 0)
		return 'd';
	if (unlinkat(allowed.directory, "file", AT_REMOVEDIR) < 0)
		broken("mkdirat succeeded and made nothing");
	return 'a';
}

const struct call CALLS[] = {
	{ "open", open_file },      { "openat2", open_how },
	{ "stat", look },           { "chmod", change_mode },
	{ "mkdir", make_directory }, { "exec", execute },
	{ 0 },
};

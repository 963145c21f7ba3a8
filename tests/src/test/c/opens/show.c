#include "opens.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static long result(long rc)
{
	return rc < 0 ? -errno : rc;
}

long sys_open(const char *path, int flags, mode_t mode)
{
	return result(syscall(SYS_open, path, flags, mode));
}

long sys_openat(int dirfd, const char *path, int flags, mode_t mode)
{
	return result(syscall(SYS_openat, dirfd, path, flags, mode));
}

long sys_openat2(int dirfd, const char *path, const struct open_how *how, size_t size)
{
	return result(syscall(SYS_openat2, dirfd, path, how, size));
}

long sys_creat(const char *path, mode_t mode)
{
	return result(syscall(SYS_creat, path, mode));
}

_Noreturn void broken(const char *what)
{
	perror(what);
	_exit(99);
}

/* Where the descriptor leads, if there is a /proc. The tree is elsewhere in every run, and what is unlinked has a number for a name. */
static void print_place(int fd)
{
	char link[32], path[PATH_MAX], here[PATH_MAX];

	snprintf(link, sizeof link, "/proc/thread-self/fd/%d", fd);
	ssize_t length = readlink(link, path, sizeof path - 1);
	if (length < 0)
		return;
	path[length] = 0;
	if (strstr(path, " (deleted)"))
		printf(" (deleted)");
	else if (getcwd(here, sizeof here) && strncmp(path, here, strlen(here)) == 0)
		printf(" .%s", path + strlen(here));
	else if (strncmp(path, "/proc/", 6) == 0)
		printf(" /proc/...");
	else if (strncmp(path, "/dev/", 5) == 0)
		printf(" %s", path);
	else
		printf(" elsewhere");
}

/*
 * The flags a descriptor shows, but for two. O_NOFOLLOW does nothing there, and cannot be given to what is opened through /proc;
 * O_LARGEFILE is what only opens of i386 can leave out, and no supervisor can.
 */
static unsigned flags_of(int fd)
{
	return (unsigned)fcntl(fd, F_GETFL) & ~(unsigned)(O_NOFOLLOW | 0100000);
}

void show(const char *name, long fd)
{
	struct stat st;

	printf("%-60s ", name);
	if (fd < 0) {
		const char *error = strerrorname_np((int)-fd);
		printf("%s\n", error ? error : "?");
		return;
	}
	if (fstat((int)fd, &st) < 0)
		broken("fstat");
	printf("fd %ld cloexec %d flags %#o mode %#o owner %u:%u links %lu", fd, fcntl((int)fd, F_GETFD),
	       flags_of((int)fd), st.st_mode, st.st_uid, st.st_gid, (unsigned long)st.st_nlink);
	if (S_ISREG(st.st_mode))
		printf(" size %ld offset %ld", (long)st.st_size, (long)lseek((int)fd, 0, SEEK_CUR));
	print_place((int)fd);
	printf("\n");
	close((int)fd);
}

void each(const char *name, const char *path, int flags, mode_t mode)
{
	struct open_how how = { .flags = (unsigned)flags, .mode = flags & (O_CREAT | __O_TMPFILE) ? mode : 0 };
	char label[256];

	snprintf(label, sizeof label, "%s: open", name);
	show(label, sys_open(path, flags, mode));
	snprintf(label, sizeof label, "%s: openat", name);
	show(label, sys_openat(AT_FDCWD, path, flags, mode));
	snprintf(label, sizeof label, "%s: openat2", name);
	show(label, sys_openat2(AT_FDCWD, path, &how, sizeof how));
}

void in_child(void (*function)(void))
{
	int status;
	pid_t child = fork();

	if (child < 0)
		broken("fork");
	if (child == 0) {
		function();
		_exit(0);
	}
	if (waitpid(child, &status, 0) < 0)
		broken("waitpid");
	if (status != 0)
		printf("the child ended with status %#x\n", (unsigned)status);
}

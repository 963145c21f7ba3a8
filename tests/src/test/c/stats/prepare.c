/* The tree the cases are about, with times that do not depend on when it was made. */
#include "stats.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

static void age(const char *path)
{
	const struct timespec times[2] = { { 1000000001, 123456789 }, { 1000000002, 987654321 } };

	if (utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW) < 0)
		broken(path);
}

static void file(const char *path, mode_t mode, const char *text)
{
	int fd = or_broken(open(path, O_CREAT | O_EXCL | O_WRONLY, 0600), path);

	if (write(fd, text, strlen(text)) < 0 || fchmod(fd, mode) < 0)
		broken(path);
	close(fd);
	age(path);
}

static void directory(const char *path, mode_t mode)
{
	if (mkdir(path, 0700) < 0 || chmod(path, mode) < 0)
		broken(path);
}

static void link_to(const char *target, const char *path)
{
	if (symlink(target, path) < 0)
		broken(path);
	age(path);
}

static void attribute(const char *path, const char *name, const char *value)
{
	if (setxattr(path, name, value, strlen(value), 0) < 0 && errno != EOPNOTSUPP)
		broken(path);
}

static void socket_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int sock = or_broken(socket(AF_UNIX, SOCK_STREAM, 0), path);

	strcpy(address.sun_path, path);
	if (bind(sock, (struct sockaddr *)&address, sizeof address) < 0)
		broken(path);
	close(sock);
}

void prepare(void)
{
	file("file", 0644, "content\n");
	file("program", 0755, "#!/bin/sh\n");
	file("mine", 0600, "mine\n");
	file("closed", 0000, "closed\n");
	file("gr\xfc\xdf", 0644, "not UTF-8\n");
	attribute("file", "user.colour", "green");
	attribute("file", "user.empty", "");
	directory("dir", 0755);
	attribute("dir", "user.shape", "round");
	file("dir/inner", 0640, "inner\n");
	if (link("dir/inner", "twin") < 0)
		broken("twin");
	directory("dir/sub", 02775);
	directory("locked", 0000);
	directory("searchable", 0111);
	link_to("file", "link");
	link_to("dir", "dirlink");
	link_to("link", "link2");
	link_to("loop2", "loop1");
	link_to("loop1", "loop2");
	link_to("missing", "dangling");
	link_to("../file", "dir/up");
	link_to("/proc/self/cwd/file", "through-proc");
	link_to("/proc/self/exe", "to-magic");
	link_to("/dev/null", "null");
	if (mkfifo("fifo", 0644) < 0)
		broken("fifo");
	socket_at("socket");
	/* last: making names has changed them */
	age("dir");
	age("dir/sub");
	age("locked");
}

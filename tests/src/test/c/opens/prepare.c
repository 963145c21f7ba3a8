/* The tree the cases are about. Made natively or supervised alike: it is itself one of the things compared. */
#include "opens.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static void file(const char *path, mode_t mode, const char *text)
{
	int fd = open(path, O_CREAT | O_EXCL | O_WRONLY, 0600);

	if (fd < 0 || write(fd, text, strlen(text)) < 0 || fchmod(fd, mode) < 0)
		broken(path);
	close(fd);
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
}

static void socket_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int sock = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(address.sun_path, path);
	if (sock < 0 || bind(sock, (struct sockaddr *)&address, sizeof address) < 0)
		broken(path);
	close(sock);
}

void prepare(void)
{
	file("file", 0644, "content\n");
	file("mine", 0600, "mine\n");
	file("closed", 0000, "closed\n");
	file("readonly", 0444, "readonly\n");
	file("gr\xfc\xdf", 0644, "not UTF-8\n");
	directory("dir", 0755);
	file("dir/inner", 0644, "inner\n");
	directory("dir/sub", 0755);
	directory("locked", 0000);
	directory("unwritable", 0555);
	directory("setgid", 02775);
	directory("sticky", 01777);
	directory("away", 0755);
	file("away/file", 0644, "moved\n");
	link_to("file", "link");
	link_to("dir", "dirlink");
	link_to("link", "link2");
	link_to("loop2", "loop1");
	link_to("loop1", "loop2");
	link_to("missing", "dangling");
	link_to("new-through-link", "creating");
	link_to("../file", "dir/up");
	link_to("/proc/self/cwd/file", "through-proc");
	link_to("/dev/null", "null");
	if (mkfifo("fifo", 0644) < 0)
		broken("fifo");
	socket_at("socket");
}

/* Paths that begin at a descriptor, and descriptors that are the object themselves. */
#include "stats.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

static void from_directories(void)
{
	int dir = or_broken(open("dir", O_RDONLY | O_DIRECTORY), "dir");
	int path = or_broken(open("dir", O_PATH | O_DIRECTORY), "dir");
	int file = or_broken(open("file", O_RDONLY), "file");

	every_call("dirfd", dir, "inner");
	every_call("an O_PATH dirfd", path, "inner");
	every_call("dirfd and ..", dir, "../file");
	every_call("dirfd and a link", dir, "up");
	every_call("dirfd and an absolute path", dir, "/dev/null");
	every_call("dirfd and .", dir, ".");
	every_call("dirfd and something missing", dir, "missing");
	every_call("a file as dirfd", file, "inner");
	every_call("a file as dirfd and an absolute path", file, "/dev/null");
	every_call("a closed dirfd", 77, "inner");
	every_call("a closed dirfd and an absolute path", 77, "/dev/null");
	every_call("dirfd -1", -1, "inner");
	every_call("dirfd -99", -99, "inner");
	every_call("a closed dirfd and a bad pointer", 77, (const char *)16);
}

/* With AT_EMPTY_PATH; without it, and for faccessat, an empty path is an error. */
static void itself(const char *what, int fd)
{
	every_empty(what, fd, "");
	every_empty(what, fd, NULL);
	if (fd >= 0)
		close(fd);
}

/* Which there need not be on this machine. */
static void of_other_memory(void)
{
	int secret = (int)sys(447 /* memfd_secret(2), Linux 5.14 */, 0);

	if (secret >= 0)
		itself("a secret memfd", secret);
	for (unsigned bits = 21; bits <= 30; bits += 9) {
		int huge = memfd_create("huge", MFD_HUGETLB | bits << 26 /* MFD_HUGE_SHIFT */);
		if (huge >= 0)
			itself(bits == 21 ? "a memfd of huge pages" : "a memfd of the largest pages", huge);
	}
}

/* No two of a kind have the same inode natively and supervised, so that is not what these print. */
static void anonymous(void)
{
	int pipes[2], sockets[2];
	sigset_t set;

	sigemptyset(&set);
	if (pipe(pipes) < 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) < 0)
		broken("pipe");
	itself("a pipe", pipes[0]);
	itself("the other end of a pipe", pipes[1]);
	itself("a socket", sockets[0]);
	itself("an inet socket", or_broken(socket(AF_INET, SOCK_DGRAM, 0), "socket"));
	itself("an eventfd", or_broken(eventfd(0, 0), "eventfd"));
	itself("an epoll", or_broken(epoll_create1(0), "epoll_create1"));
	itself("an inotify", or_broken(inotify_init1(0), "inotify_init1"));
	itself("a timerfd", or_broken(timerfd_create(CLOCK_MONOTONIC, 0), "timerfd_create"));
	itself("a signalfd", or_broken(signalfd(-1, &set, 0), "signalfd"));
	itself("a memfd", or_broken(memfd_create("memory", 0), "memfd_create"));
	of_other_memory();
	itself("a pidfd", or_broken((int)sys(SYS_pidfd_open, getpid(), 0), "pidfd_open"));
	itself("a namespace", or_broken(open("/proc/self/ns/uts", O_RDONLY), "ns/uts"));
}

static void objects(void)
{
	itself("a file", or_broken(open("file", O_RDONLY), "file"));
	itself("a file that is written", or_broken(open("mine", O_WRONLY), "mine"));
	itself("an O_PATH of a file", or_broken(open("file", O_PATH), "file"));
	itself("an O_PATH of a file without permissions", or_broken(open("closed", O_PATH), "closed"));
	itself("an O_PATH of a link", or_broken(open("link", O_PATH | O_NOFOLLOW), "link"));
	itself("an O_PATH of a link to nothing", or_broken(open("dangling", O_PATH | O_NOFOLLOW), "dangling"));
	itself("a directory", or_broken(open("dir", O_RDONLY | O_DIRECTORY), "dir"));
	itself("an O_PATH of a directory", or_broken(open("dir", O_PATH), "dir"));
	itself("an O_PATH of a FIFO", or_broken(open("fifo", O_PATH), "fifo"));
	itself("a FIFO", or_broken(open("fifo", O_RDONLY | O_NONBLOCK), "fifo"));
	itself("an O_PATH of a socket", or_broken(open("socket", O_PATH), "socket"));
	itself("a device", or_broken(open("/dev/null", O_RDONLY), "/dev/null"));
	itself("a file of proc", or_broken(open("/proc/version", O_RDONLY), "/proc/version"));
	itself("a descriptor that nobody else has", dup2(or_broken(open("file", O_RDONLY), "file"), 900));
	itself("a closed descriptor", 77);
	itself("AT_FDCWD", AT_FDCWD);
	itself("-1", -1);
	itself("-99", -99);
}

static void gone(void)
{
	int file = or_broken(open("unlinked", O_CREAT | O_RDWR, 0644), "unlinked");
	int dir;

	if (mkdir("removed", 0755) < 0 || (dir = open("removed", O_RDONLY | O_DIRECTORY)) < 0 || rmdir("removed") < 0 ||
	    unlink("unlinked") < 0)
		broken("removed");
	every_call("a name in a directory that is gone", dir, "file");
	every_call("a directory that is gone, as .", dir, ".");
	every_call("a directory that is gone, as ..", dir, "..");
	itself("a file that is gone", file);
	itself("a directory that is gone", dir);
}

static void without_a_name(void)
{
	itself("a file without a name", or_broken(open(".", O_TMPFILE | O_RDWR, 0640), "O_TMPFILE"));
}

static void in_a_directory_that_is_gone(void)
{
	if (mkdir("gone", 0755) < 0 || chdir("gone") < 0 || rmdir("../gone") < 0)
		broken("gone");
	every_call("a file in a cwd that is gone", AT_FDCWD, "file");
	every_call("a cwd that is gone, as .", AT_FDCWD, ".");
	every_call("a cwd that is gone, as ..", AT_FDCWD, "..");
	every_call("a cwd that is gone, through proc", AT_FDCWD, "/proc/self/cwd");
	every_call("an absolute path from a cwd that is gone", AT_FDCWD, "/dev/null");
	every_empty("a cwd that is gone, by an empty path", AT_FDCWD, "");
}

void descriptors(void)
{
	from_directories();
	objects();
	anonymous();
	in_child(gone);
	in_child(without_a_name);
	in_child(in_a_directory_that_is_gone);
}

/* What is opened again by its number, and devices that make something of their own. */
#include "effects.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>

static void again(const char *name, int fd)
{
	static const int FLAGS[] = { O_RDONLY, O_WRONLY, O_RDWR, O_RDWR | O_TRUNC, O_WRONLY | O_APPEND, O_PATH, O_PATH | O_NOFOLLOW,
				     O_NOFOLLOW, O_DIRECTORY, O_CREAT | O_RDWR, O_CREAT | O_EXCL | O_RDWR, O_TMPFILE | O_RDWR, O_DIRECT,
				     O_NOATIME, 3 };
	static const char *const PLACES[] = { "/proc/self/fd/%d", "/dev/fd/%d", "/proc/self/fd/%d/", "/proc/self/task/../fd/%d" };
	char path[64];
	struct stat st;

	if (show(fd, "%s", name) < 0)
		return;
	for (size_t p = 0; p < sizeof PLACES / sizeof *PLACES; p++)
		for (size_t f = 0; f < sizeof FLAGS / sizeof *FLAGS; f++) {
			snprintf(path, sizeof path, PLACES[p], fd);
			int opened = open(path, FLAGS[f] | O_NONBLOCK | O_CLOEXEC, 0600);
			if (show(opened, "  %s %#x", PLACES[p], (unsigned)FLAGS[f]) >= 0) {
				must(fstat(opened, &st), "fstat");
				printf("    %d %#o %#x %ld\n", opened, st.st_mode, (unsigned)fcntl(opened, F_GETFL) & ~0400000U, (long)st.st_size);
				close(opened);
			}
		}
	close(fd);
}

static void terminals(void)
{
	int number = -1, locked = 0;
	char path[32];
	int master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (show(master, "/dev/ptmx") < 0)
		return;
	show(ioctl(master, TIOCGPTN, &number), "its number");
	snprintf(path, sizeof path, "/dev/pts/%d", number);
	show(open(path, O_RDWR | O_NOCTTY | O_CLOEXEC), "locked");
	show(ioctl(master, TIOCSPTLCK, &locked), "unlock");
	int terminal = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
	show(terminal, "unlocked");
	show(open(path, O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK), "once more");
	show(ioctl(terminal, TIOCEXCL), "for us alone");
	show(open(path, O_RDWR | O_NOCTTY | O_CLOEXEC), "for us alone");
	close(master);
	show(open(path, O_RDWR | O_NOCTTY | O_CLOEXEC), "after its end");
	show(open("/dev/tty", O_RDWR | O_CLOEXEC), "/dev/tty");
	show(open("/dev/pts/ptmx", O_RDWR | O_CLOEXEC | O_NOCTTY), "/dev/pts/ptmx");
	show(open("/dev/pts/99999", O_RDWR | O_CLOEXEC | O_NOCTTY), "/dev/pts/99999");
}

static void devices(void)
{
	static const char *const DEVICES[] = { "/dev/null", "/dev/zero",  "/dev/full",   "/dev/random", "/dev/urandom", "/dev/fuse",
					       "/dev/stdin", "/dev/stdout", "/dev/shm", "c240",	       "b240",	       "c1",	    "c00" };
	static const int FLAGS[] = { O_RDONLY, O_WRONLY, O_RDWR, O_CREAT | O_WRONLY, O_WRONLY | O_TRUNC, O_DIRECTORY, O_CREAT | O_EXCL | O_RDONLY, O_NOFOLLOW, O_PATH };
	char byte;

	show(mknod("c240", S_IFCHR | 0666, 240 << 8 | 99), "mknod c");
	show(mknod("b240", S_IFBLK | 0666, 240 << 8 | 99), "mknod b");
	show(mknod("c1", S_IFCHR | 0666, 1 << 8 | 3), "mknod null");
	show(mknod("c00", S_IFCHR | 0666, 0), "mknod whiteout");
	for (size_t d = 0; d < sizeof DEVICES / sizeof *DEVICES; d++)
		for (size_t f = 0; f < sizeof FLAGS / sizeof *FLAGS; f++) {
			int made = DEVICES[d][0] == '/' && FLAGS[f] & O_CREAT;
			if (made && access(DEVICES[d], F_OK) < 0)
				continue; /* it would be a file, and stay */
			int fd = open(DEVICES[d], FLAGS[f] | O_NOCTTY | O_NONBLOCK | O_CLOEXEC, 0600);
			show(fd, "%s %#x", DEVICES[d], (unsigned)FLAGS[f]);
			if (fd >= 0 && FLAGS[f] == O_RDONLY && strncmp(DEVICES[d], "/dev/std", 8) != 0)
				show(read(fd, &byte, 1) < 0 ? -1 : 0, "  read");
			if (fd >= 0)
				close(fd);
		}
}

/* What was opened with permissions that its process has no more. */
static void dropped(void)
{
	file("secret", 0600, "secret");
	int fd = open("secret", O_RDWR | O_CLOEXEC), only = open("secret", O_WRONLY | O_APPEND | O_CLOEXEC);

	must(fd, "secret");
	if (getuid() == 0)
		must(setresuid(4242, 4242, 4242), "setresuid");
	else
		must(chmod("secret", 0), "chmod");
	again("no longer ours", fd);
	again("to be appended to", only);
}

void reopens(void)
{
	int pipes[2], sockets[2];

	must(pipe2(pipes, O_CLOEXEC), "pipe");
	again("a pipe to read", pipes[0]);
	again("a pipe to write", pipes[1]);
	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets), "socketpair");
	again("a socket", sockets[0]);
	again("an eventfd", eventfd(0, EFD_CLOEXEC));
	again("an epoll", epoll_create1(EPOLL_CLOEXEC));
	again("a timer", timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC));
	again("an inotify", inotify_init1(IN_CLOEXEC));
	again("a pidfd", (int)syscall(SYS_pidfd_open, getpid(), 0));
	again("memory", memfd_create("memory", MFD_CLOEXEC));
	int sealed = memfd_create("sealed", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	must(fcntl(sealed, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK), "seals");
	again("sealed memory", sealed);
	again("a namespace", open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC));
	again("a proc file", open("/proc/self/comm", O_RDONLY | O_CLOEXEC));
	again("a directory", open(".", O_RDONLY | O_CLOEXEC));
	again("a directory, O_PATH", open(".", O_PATH | O_CLOEXEC));
	again("a terminal", open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC));
	file("deleted", 0640, "deleted");
	int deleted = open("deleted", O_RDONLY | O_CLOEXEC);
	unlink("deleted");
	again("a deleted file", deleted);
	again("a running program", open("/proc/self/exe", O_PATH | O_CLOEXEC));
	terminals();
	devices();
	in_child(dropped);
}

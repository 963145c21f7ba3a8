/*
 * restarts SOCKET DIRECTORY NAME ours|theirs
 *
 * A container called NAME for the agent at SOCKET: hands a listener over as a runtime does, and makes calls in DIRECTORY until its
 * standard input ends, while somebody kills the agent. "theirs" is in a mount namespace of its own, so that its calls are
 * workers' to make, and mounts as well. Prints "going" when all is set up, and at the end how many calls there were, how many failed
 * that must not, how many did something twice, and how many said they had done what they had not.
 */
#include "handover.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

static long calls, failed, doubled, lost;

static void must(long result, const char *what)
{
	if (result < 0) {
		perror(what);
		exit(1);
	}
}

static const int mediated[] = { SYS_mkdirat, SYS_openat, SYS_connect, SYS_mount, SYS_renameat2, SYS_unlinkat, SYS_sendto };
enum { COUNT = sizeof mediated / sizeof *mediated };

static int install(void)
{
	struct sock_filter code[COUNT + 4];
	size_t n = 0;

	code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < COUNT; i++)
		code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)mediated[i], (unsigned char)(COUNT - i), 0);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
	struct sock_fprog program = { (unsigned short)n, code };
	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl");
	long fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
	must(fd, "seccomp");
	return (int)fd;
}

static void hand_over(int sock, const char *name)
{
	char text[512];

	snprintf(text, sizeof text,
		 "{\"ociVersion\":\"1.0.2\",\"fds\":[\"seccompFd\"],\"pid\":%d,\"state\":{\"id\":\"%s\",\"bundle\":\"/\"}}", getpid(), name);
	int fd = install();
	must(send_with(sock, text, fd), "sendmsg");
	/* a descriptor of ours would keep us waiting for ever */
	must(close(fd), "close");
	must(close(sock), "close");
}

static void say(const char *what, long n, long result, int error)
{
	fprintf(stderr, "%s %ld: %ld %s\n", what, n, result, result < 0 ? strerrorname_np(error) : "");
}

/* A call that must succeed. */
static int ok(const char *what, long n, long result)
{
	int error = errno;

	calls++;
	if (result < 0) {
		failed++;
		doubled += error == EEXIST || error == EISCONN || error == ENOENT;
		say(what, n, result, error);
	}
	errno = error;
	return result >= 0;
}

static void check(const char *what, long n, int there)
{
	if (!there) {
		lost++;
		say(what, n, -1, 0);
	}
}

static int is_there(const char *name)
{
	struct stat status;

	return stat(name, &status) == 0;
}

static void directories(long n)
{
	char name[32];

	snprintf(name, sizeof name, "d%ld", n);
	if (ok("mkdirat", n, syscall(SYS_mkdirat, AT_FDCWD, name, 0755)))
		check("directory", n, is_there(name));
	must(rmdir(name), "rmdir");
}

static void files(long n)
{
	char name[32], other[32];

	snprintf(name, sizeof name, "f%ld", n);
	snprintf(other, sizeof other, "g%ld", n);
	long fd = syscall(SYS_openat, AT_FDCWD, name, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
	if (ok("openat", n, fd)) {
		check("file", n, write((int)fd, name, strlen(name)) == (ssize_t)strlen(name) && is_there(name));
		must(close((int)fd), "close");
	}
	if (ok("renameat2", n, syscall(SYS_renameat2, AT_FDCWD, name, AT_FDCWD, other, 0)))
		check("renamed", n, is_there(other) && !is_there(name));
	if (ok("unlinkat", n, syscall(SYS_unlinkat, AT_FDCWD, other, 0)))
		check("removed", n, !is_there(other));
}

static int listening, inbox;
static struct sockaddr_in there, inbox_address;

static int bound(int type, struct sockaddr_in *address)
{
	socklen_t size = sizeof *address;
	int sock = socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	must(sock, "socket");
	*address = (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	must(bind(sock, (struct sockaddr *)address, size), "bind");
	must(getsockname(sock, (struct sockaddr *)address, &size), "getsockname");
	return sock;
}

static void connections(long n)
{
	int sock = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	must(sock, "socket");
	if (ok("connect", n, connect(sock, (struct sockaddr *)&there, sizeof there))) {
		int one = accept4(listening, NULL, NULL, SOCK_CLOEXEC), two = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
		check("connection", n, one >= 0);
		doubled += two >= 0;
		close(one);
		close(two);
	}
	must(close(sock), "close");
}

static void messages(long n)
{
	char buffer[32];
	long got = 0;

	if (!ok("sendto", n, sendto(inbox, &n, sizeof n, 0, (struct sockaddr *)&inbox_address, sizeof inbox_address)))
		return;
	check("message", n, recv(inbox, &got, sizeof got, 0) == sizeof got && got == n);
	if (recv(inbox, buffer, sizeof buffer, 0) >= 0) {
		doubled++;
		say("message twice", n, 0, 0);
	}
}

static void mounts(long n)
{
	if (!ok("mount", n, mount("none", "mnt", "tmpfs", 0, NULL)))
		return;
	must(umount2("mnt", 0), "umount");
	if (umount2("mnt", 0) == 0) {
		doubled++;
		say("mount twice", n, 0, 0);
	}
}

int main(int argc, char **argv)
{
	struct sockaddr_un agent = { .sun_family = AF_UNIX };
	struct pollfd input = { .fd = 0, .events = POLLIN };

	if (argc != 5 || strlen(argv[1]) >= sizeof agent.sun_path) {
		fputs("usage: restarts SOCKET DIRECTORY NAME ours|theirs\n", stderr);
		return 1;
	}
	int theirs = strcmp(argv[4], "theirs") == 0;
	strcpy(agent.sun_path, argv[1]);
	must(chdir(argv[2]), argv[2]);
	must(mkdir(argv[3], 0755), argv[3]);
	must(chdir(argv[3]), argv[3]);
	must(mkdir("mnt", 0755), "mnt");
	if (theirs) {
		must(unshare(CLONE_NEWNS), "unshare");
		must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "/");
	}
	listening = bound(SOCK_STREAM, &there);
	must(listen(listening, 16), "listen");
	inbox = bound(SOCK_DGRAM, &inbox_address);
	int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	must(sock, "socket");
	must(connect(sock, (struct sockaddr *)&agent, sizeof agent), argv[1]);
	hand_over(sock, argv[3]);

	for (long n = 0; poll(&input, 1, 0) == 0; n++) {
		directories(n);
		files(n);
		connections(n);
		messages(n);
		if (theirs)
			mounts(n);
		if (n == 0) {
			puts("going");
			fflush(stdout);
		}
	}
	printf("calls=%ld failed=%ld doubled=%ld lost=%ld\n", calls, failed, doubled, lost);
	return 0;
}

#include "sockets.h"
#include "say.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* runc fails at once if the queue is full. */
#define BACKLOG 4096

/* SCM_MAX_FD */
#define MAX_FDS 253

static int fail(int sock)
{
	int error = errno;

	close(sock);
	return -error;
}

static int address_of(const char *path, struct sockaddr_un *address)
{
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof address->sun_path)
		return -ENAMETOOLONG;
	strcpy(address->sun_path, path);
	return 0;
}

/* 0 if nothing is there now. */
static int make_way(const char *path, const struct sockaddr_un *address, int type)
{
	struct stat status;

	if (lstat(path, &status) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(status.st_mode))
		return -EADDRINUSE;
	int sock = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	if (sock < 0)
		return -errno;
	int rc = connect(sock, (const struct sockaddr *)address, sizeof *address);
	int error = rc < 0 ? errno : EADDRINUSE;
	close(sock);
	if (error != ECONNREFUSED)
		return -error;
	return unlink(path) < 0 ? -errno : 0;
}

static int bind_at(const char *path, int type)
{
	struct sockaddr_un address;
	int rc = address_of(path, &address);

	if (rc == 0)
		rc = make_way(path, &address, type);
	if (rc < 0)
		return rc;
	int sock = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	if (sock < 0)
		return -errno;
	mode_t before = umask(0177);
	rc = bind(sock, (struct sockaddr *)&address, sizeof address);
	umask(before);
	return rc < 0 ? fail(sock) : sock;
}

static int listen_at(const char *path, int type)
{
	int sock = bind_at(path, type);

	return sock >= 0 && listen(sock, BACKLOG) < 0 ? fail(sock) : sock;
}

int sockets_listen(const char *path)
{
	return listen_at(path, SOCK_STREAM);
}

int sockets_serve(const char *path)
{
	return listen_at(path, SOCK_SEQPACKET);
}

int sockets_is_at(int sock, const char *path)
{
	struct sockaddr_un address = { 0 };
	socklen_t size = sizeof address;
	struct stat status;

	return getsockname(sock, (struct sockaddr *)&address, &size) == 0 && address.sun_family == AF_UNIX &&
	       strncmp(address.sun_path, path, sizeof address.sun_path) == 0 && lstat(path, &status) == 0 &&
	       S_ISSOCK(status.st_mode);
}

int sockets_notify(const char *path)
{
	const int on = 1;
	int sock = bind_at(path, SOCK_DGRAM);

	if (sock >= 0 && setsockopt(sock, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) < 0)
		return fail(sock);
	return sock;
}

/* Without waiting until others have taken its data, should it be a socket that lingers, of whoever sends us such a thing. */
static void drop(int fd)
{
	const struct linger never = { 0 };

	if (setsockopt(fd, SOL_SOCKET, SO_LINGER, &never, sizeof never) < 0 && errno != ENOTSOCK &&
	    errno != EBADF /* O_PATH */)
		say_errno("setsockopt", NULL, errno);
	close(fd);
}

static void take_fds(const struct cmsghdr *head, int *fds, size_t *count, size_t room)
{
	size_t came = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);

	for (size_t i = 0; i < came; i++) {
		int fd;
		memcpy(&fd, CMSG_DATA(head) + i * sizeof fd, sizeof fd);
		if (*count < room)
			fds[(*count)++] = fd;
		else
			drop(fd);
	}
}

static void say_cut_off(int flags)
{
	dprintf(2, "sluice: a message of the agent's is dropped: %s\n",
		flags & MSG_CTRUNC ? "there are too few descriptors left for those that came with it" : "it is too long");
}

ssize_t sockets_receive(int sock, pid_t pid, char *text, size_t size, int *fds, size_t *nfds)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(MAX_FDS * sizeof(int))];
	} control;
	size_t room = *nfds;

	for (;;) {
		struct iovec iov = { text, size };
		struct msghdr msg = {
			.msg_iov = &iov,
			.msg_iovlen = 1,
			.msg_control = &control,
			.msg_controllen = sizeof control,
		};
		struct ucred sender = { 0 };
		ssize_t got = recvmsg(sock, &msg, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);

		*nfds = 0;
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return errno == EAGAIN ? NO_MESSAGE : -errno;
		for (struct cmsghdr *head = CMSG_FIRSTHDR(&msg); head; head = CMSG_NXTHDR(&msg, head)) {
			if (head->cmsg_level != SOL_SOCKET)
				continue;
			if (head->cmsg_type == SCM_CREDENTIALS)
				memcpy(&sender, CMSG_DATA(head), sizeof sender);
			else if (head->cmsg_type == SCM_RIGHTS)
				take_fds(head, fds, nfds, room);
		}
		int cut_off = msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC);
		if (sender.pid == pid && got > 0 && !cut_off)
			return got;
		if (sender.pid == pid && cut_off)
			say_cut_off(cut_off);
		for (size_t i = 0; i < *nfds; i++)
			drop(fds[i]);
	}
}

#include "channel.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { CHANNEL_MAX_FDS = 16 };

union control {
	struct cmsghdr align;
	char space[CMSG_SPACE(CHANNEL_MAX_FDS * sizeof(int))];
};

/* Descriptor `fd`, ours to close, under a number that no standard stream has. Returns that or -errno. */
static int beyond_standard(int fd)
{
	if (fd > STDERR_FILENO)
		return fd;
	int moved = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	int error = errno;
	close(fd);
	return moved < 0 ? -error : moved;
}

int channel_pair(int ends[2])
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return -errno;
	for (int i = 0; i < 2; i++) {
		int moved = beyond_standard(ends[i]);
		if (moved < 0) {
			close(ends[1 - i]);
			return moved;
		}
		ends[i] = moved;
	}
	return 0;
}

static int connect_to(const char *path, int type)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof address.sun_path)
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path);
	int sock = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	if (sock < 0)
		return -errno;
	sock = beyond_standard(sock);
	if (sock < 0)
		return sock;
	if (connect(sock, (struct sockaddr *)&address, sizeof address) < 0) {
		int error = errno;
		close(sock);
		return -error;
	}
	return sock;
}

int channel_connect(const char *path)
{
	return connect_to(path, SOCK_SEQPACKET);
}

int channel_connect_stream(const char *path)
{
	return connect_to(path, SOCK_STREAM);
}

int channel_send(int sock, const struct iovec *iov, size_t iovcnt, const int *fds, size_t nfds)
{
	union control control;
	struct msghdr msg = { .msg_iov = (struct iovec *)iov, .msg_iovlen = iovcnt };

	if (nfds > CHANNEL_MAX_FDS)
		return -EINVAL;
	if (nfds > 0) {
		memset(&control, 0, sizeof control);
		msg.msg_control = &control;
		msg.msg_controllen = CMSG_SPACE(nfds * sizeof *fds);
		struct cmsghdr *head = CMSG_FIRSTHDR(&msg);
		head->cmsg_level = SOL_SOCKET;
		head->cmsg_type = SCM_RIGHTS;
		head->cmsg_len = CMSG_LEN(nfds * sizeof *fds);
		memcpy(CMSG_DATA(head), fds, nfds * sizeof *fds);
	}
	for (;;) {
		if (sendmsg(sock, &msg, MSG_NOSIGNAL) >= 0)
			return 0;
		if (errno != EINTR)
			return -errno;
	}
}

static void close_all(const int *fds, size_t nfds)
{
	for (size_t i = 0; i < nfds; i++)
		close(fds[i]);
}

ssize_t channel_receive(int sock, const struct iovec *iov, size_t iovcnt, int *fds, size_t *nfds)
{
	union control control;
	struct msghdr msg = {
		.msg_iov = (struct iovec *)iov,
		.msg_iovlen = iovcnt,
		.msg_control = &control,
		.msg_controllen = sizeof control,
	};
	size_t room = nfds ? *nfds : 0, got = 0;
	int cut = 0;
	ssize_t size;

	do
		size = recvmsg(sock, &msg, MSG_CMSG_CLOEXEC);
	while (size < 0 && errno == EINTR);
	if (size < 0)
		return -errno;
	for (struct cmsghdr *head = CMSG_FIRSTHDR(&msg); head; head = CMSG_NXTHDR(&msg, head)) {
		if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS)
			continue;
		size_t count = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < count; i++) {
			int fd;
			memcpy(&fd, CMSG_DATA(head) + i * sizeof fd, sizeof fd);
			if (got < room) {
				fds[got++] = fd;
			} else {
				close(fd);
				cut = 1;
			}
		}
	}
	if (cut || (msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC))) {
		close_all(fds, got);
		return -EMSGSIZE;
	}
	if (nfds)
		*nfds = got;
	return size;
}

int channel_check_peer(int sock)
{
	struct ucred peer;
	socklen_t size = sizeof peer;

	if (getsockopt(sock, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
		return -errno;
	return peer.uid == 0 || peer.uid == geteuid() ? 0 : -EPERM;
}

#include "remote.h"

#include "channel.h"
#include "message.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

/* Whoever is at the other end may have been stopped: we do not wait for it for ever. Returns 0 or -errno. */
static int limit(int sock, int option)
{
	const struct timeval patience = { .tv_sec = 10 };

	return setsockopt(sock, SOL_SOCKET, option, &patience, sizeof patience) < 0 ? -errno : 0;
}

static int say(int sock, const char *what, const char *name, const int *fd)
{
	char text[MESSAGE_NAME_MAX + 64];
	int size = snprintf(text, sizeof text, "%s\nFDNAME=%s", what, name);
	struct iovec iov = { text, (size_t)size };

	if (size < 0 || (size_t)size >= sizeof text)
		return -ENAMETOOLONG;
	return channel_send(sock, &iov, 1, fd, fd ? 1 : 0);
}

int remote_add(int sock, int fd, const char *name)
{
	return say(sock, "FDSTORE=1", name, &fd);
}

int remote_remove(int sock, const char *name)
{
	return say(sock, "FDSTOREREMOVE=1", name, NULL);
}

int remote_give(int sock, const struct store *store)
{
	int rc = limit(sock, SO_SNDTIMEO);

	for (size_t i = 0; i < store->count && rc == 0; i++)
		rc = remote_add(sock, store->fds[i], store->names[i]);
	return rc == 0 ? say(sock, "READY=1", "all", NULL) : rc;
}

int gone_add(struct gone *gone, const char *name)
{
	if (gone->count == STORE_MAX)
		return -ENOSPC;
	char *copy = strdup(name);
	if (!copy)
		return -ENOMEM;
	gone->names[gone->count++] = copy;
	return 0;
}

static int is_gone(const struct gone *gone, const char *name)
{
	for (size_t i = 0; i < gone->count; i++)
		if (strcmp(gone->names[i], name) == 0)
			return 1;
	return 0;
}

static int remove_gone(int sock, struct gone *gone)
{
	for (; gone->count > 0; gone->count--) {
		int rc = remote_remove(sock, gone->names[gone->count - 1]);
		if (rc < 0)
			return rc;
		free(gone->names[gone->count - 1]);
	}
	return 0;
}

/* Marks what is in both. */
static int take(struct store *store, const struct gone *gone, int fd, const char *name, char *in_both)
{
	if (is_gone(gone, name)) {
		close(fd);
		return 0;
	}
	for (size_t i = 0; i < store->count; i++) {
		if (strcmp(store->names[i], name) == 0) {
			in_both[i] = 1;
			close(fd);
			return 0;
		}
	}
	int rc = store_add(store, fd, name);
	if (rc == 0)
		in_both[store->count - 1] = 1;
	return rc;
}

static int take_all(int sock, struct store *store, const struct gone *gone, char *in_both)
{
	for (;;) {
		char text[MESSAGE_MAX];
		struct iovec iov = { text, sizeof text };
		struct message message;
		int fd = -1;
		size_t nfds = 1;
		ssize_t size = channel_receive(sock, &iov, 1, &fd, &nfds);

		if (size <= 0)
			return size < 0 ? (int)size : -ECONNRESET;
		int rc = message_parse(text, (size_t)size, &message);
		if (rc == 0 && message.store && nfds == 1)
			rc = take(store, gone, fd, message.name, in_both);
		else if (nfds == 1)
			close(fd);
		if (rc < 0 || message.ready)
			return rc;
	}
}

static int exchange(int sock, struct store *store, struct gone *gone)
{
	static char in_both[STORE_MAX];
	int rc = channel_check_peer(sock);

	memset(in_both, 0, sizeof in_both);
	if (rc == 0)
		rc = take_all(sock, store, gone, in_both);
	if (rc == 0)
		rc = remove_gone(sock, gone);
	for (size_t i = 0; i < store->count && rc == 0; i++)
		if (!in_both[i])
			rc = remote_add(sock, store->fds[i], store->names[i]);
	return rc;
}

int remote_connect(const char *path, struct store *store, struct gone *gone)
{
	int sock = channel_connect(path);

	if (sock < 0)
		return sock;
	int rc = limit(sock, SO_RCVTIMEO);
	if (rc == 0)
		rc = limit(sock, SO_SNDTIMEO);
	if (rc == 0)
		rc = exchange(sock, store, gone);
	if (rc == 0)
		return sock;
	close(sock);
	return rc;
}

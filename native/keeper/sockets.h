/* The keeper's sockets: the one it binds for the agent, the one the agent tells it things through, and that of a store beside it. */
#ifndef SLUICE_SOCKETS_H
#define SLUICE_SOCKETS_H

#include <stddef.h>
#include <sys/types.h>

/* Nothing is to be said: sockets_receive. */
#define NO_MESSAGE 0

/*
 * A SOCK_STREAM socket that listens at `path`, for its owner and root alone. One that nobody listens at any more makes way.
 * Returns a close-on-exec descriptor or -errno; -EADDRINUSE if somebody does, or if it is no socket.
 */
int sockets_listen(const char *path);

/* The same of type SOCK_SEQPACKET. */
int sockets_serve(const char *path);

/* Whether clients that connect to `path` come to `sock`: it was bound there, and what lies there is a socket. */
int sockets_is_at(int sock, const char *path);

/* A SOCK_DGRAM socket at `path` in the place of whatever socket is there, whose messages say who sent them. */
int sockets_notify(const char *path);

/*
 * Receives a message of process `pid`, without waiting, and up to *nfds close-on-exec descriptors. Those of others are
 * dropped, and so is one that is cut off, which is said. Returns its size, NO_MESSAGE, or -errno.
 */
ssize_t sockets_receive(int sock, pid_t pid, char *text, size_t size, int *fds, size_t *nfds);

#endif

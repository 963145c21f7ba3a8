/* SOCK_SEQPACKET with file descriptors. Every call retries EINTR and never raises SIGPIPE. */
#ifndef SLUICE_CHANNEL_H
#define SLUICE_CHANNEL_H

#include <stddef.h>
#include <sys/types.h>
#include <sys/uio.h>

/*
 * Two ends, close-on-exec. Returns 0 or -errno.
 *
 * What is made here never has the number of a standard stream, which whoever started us may have closed: messages for
 * standard error would go to who is at the other end.
 */
int channel_pair(int ends[2]);

/* Connects to the SOCK_SEQPACKET socket at `path`. Returns a close-on-exec fd or -errno. */
int channel_connect(const char *path);

/* The same where it is of type SOCK_STREAM, as runtimes know it. */
int channel_connect_stream(const char *path);

/* Sends one message with `nfds` descriptors. Returns 0 or -errno. */
int channel_send(int sock, const struct iovec *iov, size_t iovcnt, const int *fds, size_t nfds);

/*
 * Receives one message and up to *nfds descriptors, all of them close-on-exec. Returns its size, 0 at the end, or -errno;
 * -EMSGSIZE if message or descriptors were cut off (the descriptors that came are closed).
 */
ssize_t channel_receive(int sock, const struct iovec *iov, size_t iovcnt, int *fds, size_t *nfds);

/* 0 if the peer (SO_PEERCRED, unix(7)) is root or our own user, else -EPERM or -errno. */
int channel_check_peer(int sock);

#endif

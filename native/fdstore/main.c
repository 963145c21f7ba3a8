/*
 * sluice-fdstore PATH
 *
 * Holds descriptors for a sluice-keeper that may end, in another container for example: whoever connects to the socket at PATH next
 * is given all that were stored before. One keeper at a time; another waits until the first has ended. SIGTERM and SIGINT end it, and
 * let go of all.
 */
#include "channel.h"
#include "message.h"
#include "remote.h"
#include "say.h"
#include "sockets.h"
#include "standard.h"
#include "store.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { USAGE = 2 };

static struct store store;

static int take_signals(void)
{
	sigset_t set;

	/* who reads what we say may end before us */
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		die_errno("sigprocmask", NULL, errno);
	int signals = signalfd(-1, &set, SFD_CLOEXEC);
	if (signals < 0)
		die_errno("signalfd", NULL, errno);
	return signals;
}

/* Returns the connection to a keeper that has all now, or -1. */
static int greet(int listening)
{
	int keeper = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
	if (keeper < 0)
		return -1;
	int rc = channel_check_peer(keeper);
	if (rc == 0)
		rc = remote_give(keeper, &store);
	if (rc == 0)
		return keeper;
	say_errno("a keeper", NULL, -rc);
	close(keeper);
	return -1;
}

/* Returns whether it is still there. */
static int listen_to(int keeper)
{
	char text[MESSAGE_MAX];
	struct iovec iov = { text, sizeof text };
	struct message message;
	int fds[16];
	size_t nfds = sizeof fds / sizeof *fds;
	ssize_t size = channel_receive(keeper, &iov, 1, fds, &nfds);

	if (size <= 0)
		return 0;
	int rc = message_parse(text, (size_t)size, &message);
	for (size_t i = 0; i < nfds; i++)
		if (rc < 0 || !message.store)
			close(fds[i]);
		else
			rc = store_add(&store, fds[i], message.name);
	if (rc == 0 && message.remove)
		store_remove(&store, message.name);
	if (rc < 0)
		say_errno("a descriptor cannot be kept", NULL, -rc);
	return 1;
}

int main(int argc, char **argv)
{
	standard_open();
	if (argc != 2) {
		dprintf(2, "sluice: usage: sluice-fdstore PATH\n");
		return USAGE;
	}
	/* who shares our user cannot take our descriptors (pidfd_getfd(2)) */
	if (prctl(PR_SET_DUMPABLE, 0) < 0)
		die_errno("prctl", NULL, errno);
	int rc = store_make_room();
	if (rc < 0)
		die_errno("setrlimit", NULL, -rc);
	int signals = take_signals();
	int listening = sockets_serve(argv[1]);
	if (listening < 0) {
		say_errno("bind", argv[1], -listening);
		return USAGE;
	}
	for (int keeper = -1;;) {
		struct pollfd fds[] = { { .fd = signals, .events = POLLIN },
					{ .fd = keeper < 0 ? listening : keeper, .events = POLLIN } };
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			die_errno("poll", NULL, errno);
		if (fds[0].revents)
			break;
		if (!fds[1].revents)
			continue;
		if (keeper < 0) {
			keeper = greet(listening);
		} else if (!listen_to(keeper)) {
			close(keeper);
			keeper = -1;
		}
	}
	if (unlink(argv[1]) < 0)
		say_errno("unlink", argv[1], errno);
	return 0;
}

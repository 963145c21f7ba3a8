/*
 * sluice-keeper [-w SECONDS] [-s STORE] SOCKET COMMAND [ARG...]
 *
 * Holds what must not be lost when the agent ends: the socket that runtimes hand listeners over at, bound before the agent's
 * JVM starts, and the listeners the agent has stored. Starts COMMAND, the agent, and starts it again whenever it ends, with all of
 * these as its descriptors 3 and up. It speaks the protocol of systemd (sd_listen_fds(3), sd_notify(3)), so that the agent need
 * not know who keeps it.
 *
 * SIGTERM and SIGINT end both, SIGHUP the agent, which is then started again. An agent that ends by itself before it was ever
 * ready is not started again: its status is ours. One that says nothing for SECONDS (30 if not given; 0: never) is killed, and
 * so is one that is started again and not ready within four times as long.
 *
 * With -s, all of that is also in sluice-fdstore, at STORE, and outlives us: the keeper that comes next goes on with it, and so
 * do we if it is sluice-fdstore that ends. The agent ends with us then.
 */
#include "birth.h"
#include "clock.h"
#include "kept.h"
#include "message.h"
#include "say.h"
#include "sockets.h"
#include "standard.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define SOCKET_NAME "runtimes"

/* Between starts of an agent that did not become ready; an agent that was is started again at once. */
#define SHORTEST_PAUSE (SECOND / 10)
#define LONGEST_PAUSE (10 * SECOND)

/* So long may the agent take to end, and so long what it has left behind. */
#define PATIENCE (10 * SECOND)

/* A start takes longer than an answer: there may be many listeners to go on with. */
#define WATCHDOGS_TO_START 4

enum { USAGE = 2 };

static struct kept kept;
static const char *copy_path; /* with -s */
static char notify_path[sizeof((struct sockaddr_un *)0)->sun_path];
static int notify_sock, signals;

static struct birth birth = { .store = &kept.store, .notify_path = notify_path, .watchdog = 30 * SECOND };
static pid_t agent; /* 0 while there is none */
static int ready, ever_ready, stopping, hung_up, left_killed;
static int64_t pause_before, start_at, watchdog_at = NEVER, kill_at = NEVER, left_at = NEVER;

static noreturn void leave(int status)
{
	if (unlink(notify_path) < 0)
		say_errno("unlink", notify_path, errno);
	_exit(status);
}

static void start_later(void)
{
	pause_before = pause_before == 0 ? SHORTEST_PAUSE : 2 * pause_before;
	if (pause_before > LONGEST_PAUSE)
		pause_before = LONGEST_PAUSE;
	start_at = now() + pause_before;
}

static void start(void)
{
	birth.keeper = getpid();
	pid_t pid = fork();
	if (pid < 0) {
		say_errno("fork", NULL, errno);
		if (!ever_ready)
			leave(EXIT_SLUICE);
		/* somebody has all the processes there may be: not for ever */
		start_later();
		left_at = start_at;
		return;
	}
	if (pid == 0)
		become_agent(&birth);
	agent = pid;
	ready = 0;
	hung_up = 0;
	left_killed = 0;
	left_at = NEVER;
	if (ever_ready && birth.watchdog > 0)
		watchdog_at = now() + WATCHDOGS_TO_START * birth.watchdog;
}

static void send_signal(pid_t pid, int number)
{
	if (pid > 0 && kill(pid, number) < 0 && errno != ESRCH)
		say_errno("kill", NULL, errno);
}

static void note(const struct message *message, const int *fds, size_t nfds)
{
	for (size_t i = 0; i < nfds; i++) {
		int rc = 0;
		if (message->store)
			rc = kept_add(&kept, fds[i], message->name);
		else
			close(fds[i]);
		if (rc < 0)
			say_errno("a listener cannot be kept", message->name, -rc);
	}
	if (message->remove && strcmp(message->name, SOCKET_NAME) != 0)
		kept_remove(&kept, message->name);
	if (message->ready)
		ready = ever_ready = 1;
	if (birth.watchdog > 0 && (message->ready || message->watchdog))
		watchdog_at = now() + birth.watchdog;
}

static void listen_to_agent(void)
{
	char text[MESSAGE_MAX];
	int fds[16];

	for (;;) {
		struct message message;
		size_t nfds = sizeof fds / sizeof *fds;
		ssize_t size = sockets_receive(notify_sock, agent, text, sizeof text, fds, &nfds);

		if (size == NO_MESSAGE)
			return;
		if (size < 0)
			die_errno("recvmsg", notify_path, (int)-size);
		int rc = message_parse(text, (size_t)size, &message);
		if (rc < 0) {
			say_errno("FDNAME", notify_path, -rc);
			memset(&message, 0, sizeof message);
		}
		note(&message, fds, nfds);
	}
}

static void ended(int status)
{
	listen_to_agent(); /* its last words */
	agent = 0;
	watchdog_at = kill_at = NEVER;
	if (stopping)
		leave(0);
	if (!ever_ready && !hung_up)
		leave(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
	if (ready) {
		pause_before = 0;
		start_at = now();
	} else {
		start_later();
	}
	left_at = now() + PATIENCE;
	dprintf(2, "sluice: the agent ended (%s %d) and is started again\n", WIFSIGNALED(status) ? "signal" : "status",
		WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}

/* Returns whether any child of our process group is left. What serves a file system to a container has another, and stays. */
static int reap(void)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (pid == agent)
			ended(status);
	if (pid < 0 && errno != ECHILD)
		die_errno("waitpid", NULL, errno);
	siginfo_t none;
	return pid == 0 && waitid(P_PGID, (id_t)getpgrp(), &none, WEXITED | WNOHANG | WNOWAIT) == 0;
}

static void take_signals(void)
{
	struct signalfd_siginfo info;

	while (read(signals, &info, sizeof info) == sizeof info) {
		if (info.ssi_signo == SIGCHLD)
			continue;
		if (info.ssi_signo != SIGHUP)
			stopping = 1;
		if (stopping && agent == 0)
			leave(0);
		if (agent == 0)
			continue; /* the one to come is new anyway */
		hung_up |= info.ssi_signo == SIGHUP;
		send_signal(agent, SIGTERM);
		kill_at = now() + PATIENCE;
	}
}

/* What an agent has started is our child when it is gone. */
static void kill_what_is_left(void)
{
	FILE *children = fopen("/proc/thread-self/children", "re");
	int pid;

	if (!children) {
		say_errno("open", "/proc/thread-self/children", errno);
		return;
	}
	while (fscanf(children, "%d", &pid) == 1)
		if (getpgid(pid) == getpgrp())
			send_signal(pid, SIGKILL);
	fclose(children);
}

/*
 * The calls that a worker was making when its agent ended are finished, and their results noted, when the next one looks for
 * them. So nothing is started before the last process of an agent has ended; unless not even SIGKILL ends it.
 */
static void start_when_alone(int children)
{
	int64_t time = now();

	if (children && time < left_at)
		return;
	if (children && !left_killed) {
		kill_what_is_left();
		left_killed = 1;
		left_at = time + PATIENCE;
		return;
	}
	if (children)
		dprintf(2, "sluice: a process of the agent before does not end\n");
	if (time >= start_at)
		start();
}

static int until(int64_t deadline)
{
	int64_t time = now();

	if (deadline == NEVER)
		return -1;
	return deadline <= time ? 0 : (int)((deadline - time + 999) / 1000);
}

static int64_t earliest(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t next_deadline(int children)
{
	if (agent != 0)
		return earliest(kept.retry_at, earliest(watchdog_at, kill_at));
	return earliest(kept.retry_at, children ? left_at : start_at);
}

static noreturn void keep(void)
{
	for (;;) {
		int children = reap();

		if (agent == 0)
			start_when_alone(children);
		struct pollfd fds[] = { { .fd = signals, .events = POLLIN },
					{ .fd = notify_sock, .events = POLLIN },
					{ .fd = kept.sock, .events = POLLIN } };
		if (poll(fds, 3, until(next_deadline(children))) < 0 && errno != EINTR)
			die_errno("poll", NULL, errno);
		if (fds[2].revents)
			kept_lost(&kept, EPIPE); /* it has nothing to say */
		kept_retry(&kept);
		listen_to_agent();
		take_signals();
		if (now() >= watchdog_at) {
			dprintf(2, "sluice: the agent does not answer and is killed\n");
			send_signal(agent, SIGKILL);
			watchdog_at = NEVER;
		}
		if (now() >= kill_at) {
			send_signal(agent, SIGKILL);
			kill_at = NEVER;
		}
	}
}

static void prepare_signals(void)
{
	static const int taken[] = { SIGCHLD, SIGTERM, SIGINT, SIGHUP };
	sigset_t set;

	/* ignored, the agent would end unnoticed */
	signal(SIGCHLD, SIG_DFL);
	/* who reads what we say may end before us */
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
		sigaddset(&set, taken[i]);
	if (sigprocmask(SIG_BLOCK, &set, &birth.signals) < 0)
		die_errno("sigprocmask", NULL, errno);
	signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signals < 0)
		die_errno("signalfd", NULL, errno);
}

static noreturn void usage(void)
{
	dprintf(2, "sluice: usage: sluice-keeper [-w SECONDS] [-s STORE] SOCKET COMMAND [ARG...]\n");
	exit(USAGE);
}

static void take_options(int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "+w:s:")) != -1) {
		char *end;
		if (option == 's') {
			copy_path = optarg;
			continue;
		}
		if (option != 'w')
			usage();
		errno = 0;
		long seconds = strtol(optarg, &end, 10);
		if (errno != 0 || *end != '\0' || end == optarg || seconds < 0 || seconds > 86400)
			usage();
		birth.watchdog = seconds * SECOND;
	}
	if (argc - optind < 2)
		usage();
}

static void bind_socket(const char *path)
{
	int sock = sockets_listen(path);

	if (sock < 0) {
		say_errno("--socket: bind", path, -sock);
		exit(USAGE);
	}
	int rc = kept_add(&kept, sock, SOCKET_NAME);
	if (rc < 0)
		die_errno("store", path, -rc);
}

int main(int argc, char **argv)
{
	standard_open();
	take_options(argc, argv);
	const char *path = argv[optind];
	birth.command = argv + optind + 1;
	int size = snprintf(notify_path, sizeof notify_path, "%s.notify", path);
	if (size < 0 || (size_t)size >= sizeof notify_path) {
		say_errno("--socket: bind", path, ENAMETOOLONG);
		return USAGE;
	}
	/* who shares our user cannot take our descriptors (pidfd_getfd(2)); what the agent leaves behind becomes our child */
	if (prctl(PR_SET_DUMPABLE, 0) < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		die_errno("prctl", NULL, errno);
	int rc = store_make_room();
	if (rc < 0)
		die_errno("setrlimit", NULL, -rc);
	birth.ends_with_keeper = copy_path != NULL;
	kept_begin(&kept, copy_path);
	prepare_signals();
	/* the one in the store may be of another path, or its file may be gone: no client would come to it */
	int sock = store_find(&kept.store, SOCKET_NAME);
	if (sock >= 0 && !sockets_is_at(sock, path)) {
		kept_remove(&kept, SOCKET_NAME);
		sock = -1;
	}
	if (sock < 0)
		bind_socket(path);
	notify_sock = sockets_notify(notify_path);
	if (notify_sock < 0) {
		say_errno("bind", notify_path, -notify_sock);
		return EXIT_SLUICE;
	}
	keep();
}

/*
 * sluice-worker [-f] SOCKET
 *
 * Performs batches of system calls for the supervisor at the Unix socket SOCKET, in the namespaces and with the
 * credentials that earlier batches put on. It knows no policy and reads no byte that a target chose, but as an argument.
 *
 * It ends with the supervisor; with -f it finishes first what it has been given, for a supervisor that comes after and must know what
 * became of it. A call that waits for somebody else is interrupted then.
 */
#include "batch.h"
#include "channel.h"
#include "say.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <unistd.h>

static pid_t supervisor;

/*
 * From the supervisor, or because it has ended: then it comes again and again, as it does nothing in between two calls. Where a child
 * makes the calls, it is the one to be interrupted; should its credentials be others that we may not signal, only its end ends them. What
 * the handler does are system calls, which may be made in it.
 */
static void interrupt(int signal)
{
	static const struct itimerval often = { .it_interval = { 0, 50000 }, .it_value = { 0, 50000 } };
	int error = errno;

	if (batch_child > 0)
		kill(batch_child, SIGUSR1);
	if (signal == SIGUSR1 && batch_child >= 0 && getppid() != supervisor)
		setitimer(ITIMER_REAL, &often, NULL);
	errno = error;
}

/*
 * SIGUSR1 makes a call that waits fail with EINTR: without SA_RESTART, and without a handler it would end us. SIGXFSZ is for
 * the target, should a file become too long.
 */
static int prepare_signals(void)
{
	struct sigaction action = { .sa_handler = interrupt };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGALRM);
	if (sigaction(SIGUSR1, &action, NULL) < 0 || sigaction(SIGALRM, &action, NULL) < 0 || sigprocmask(SIG_UNBLOCK, &set, NULL) < 0 ||
	    signal(SIGXFSZ, SIG_IGN) == SIG_ERR)
		return -errno;
	return 0;
}

/*
 * -f: what comes to all of the agent's processes is not for us either: SIGTERM from the service manager, and what a terminal says to those in
 * its foreground, or when it is gone.
 */
static int prepare_to_finish(void)
{
	static const int ignored[] = { SIGTERM, SIGINT, SIGQUIT, SIGHUP };

	batch_death_signal = SIGUSR1;
	for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
		if (signal(ignored[i], SIG_IGN) == SIG_ERR)
			return -errno;
	return 0;
}

/* Nobody is left to answer. */
static int is_over(int rc)
{
	return batch_death_signal != SIGKILL && (rc == -EPIPE || rc == -ECONNRESET);
}

int main(int argc, char **argv)
{
	static struct batch batch;
	int finish = argc == 3 && strcmp(argv[1], "-f") == 0;

	if (argc != 2 + finish)
		die("usage: sluice-worker [-f] SOCKET");
	const char *path = argv[1 + finish];
	supervisor = getppid();
	if (finish && prepare_to_finish() < 0)
		die_errno("signal", NULL, errno);
	/*
	 * Not dumpable: unreachable for ptrace(2) and /proc/PID/mem of whoever shares our credentials. PDEATHSIG comes when the
	 * parent's thread ends, so the supervisor starts us from one that lives as long as it does.
	 */
	if (prctl(PR_SET_DUMPABLE, 0) < 0 || prctl(PR_SET_PDEATHSIG, batch_death_signal) < 0)
		die_errno("prctl", NULL, errno);
	if (prepare_signals() < 0)
		die_errno("sigaction", NULL, errno);
	int sock = channel_connect(path);
	if (sock < 0)
		die_errno("connect", path, -sock);
	int rc = channel_check_peer(sock);
	if (rc < 0)
		die_errno("SO_PEERCRED", path, -rc);

	for (;;) {
		ssize_t size = batch_receive(sock, &batch);
		if (size == 0 || is_over((int)size))
			return 0;
		if (size < 0)
			die_errno("recvmsg", path, (int)-size);
		rc = batch.request.flags & BATCH_FORK ? batch_run_in_child(sock, &batch) : batch_run(sock, &batch);
		if (is_over(rc))
			return 0;
		if (rc < 0)
			die_errno("sendmsg", path, -rc);
	}
}

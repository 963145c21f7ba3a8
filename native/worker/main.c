/*
 * sluice-worker SOCKET
 *
 * Performs batches of system calls for the supervisor at the Unix socket SOCKET, in the namespaces and with the
 * credentials that earlier batches put on. It knows no policy and reads no byte that a target chose, but as an argument.
 */
#include "batch.h"
#include "channel.h"
#include "say.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* A batch that changes namespaces for good runs in a child. */
static int run_in_child(int sock, struct batch *batch)
{
	pid_t child = fork();

	if (child < 0)
		return -errno;
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit(batch_run(sock, batch) < 0);
	}
	for (size_t i = 0; i < batch->nfds; i++)
		close(batch->fds[i]);
	while (waitpid(child, NULL, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

static void ignore(int signal)
{
	(void)signal;
}

/*
 * SIGUSR1 makes a call that waits fail with EINTR: without SA_RESTART, and without a handler it would end us. SIGXFSZ is for
 * the target, should a file become too long.
 */
static int prepare_signals(void)
{
	struct sigaction action = { .sa_handler = ignore };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	if (sigaction(SIGUSR1, &action, NULL) < 0 || sigprocmask(SIG_UNBLOCK, &set, NULL) < 0 ||
	    signal(SIGXFSZ, SIG_IGN) == SIG_ERR)
		return -errno;
	return 0;
}

int main(int argc, char **argv)
{
	static struct batch batch;

	if (argc != 2)
		die("usage: sluice-worker SOCKET");
	/*
	 * Not dumpable: unreachable for ptrace(2) and /proc/PID/mem of whoever shares our credentials. PDEATHSIG comes when the
	 * parent's thread ends, so the supervisor starts us from one that lives as long as it does.
	 */
	if (prctl(PR_SET_DUMPABLE, 0) < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		die_errno("prctl", NULL, errno);
	if (prepare_signals() < 0)
		die_errno("sigaction", NULL, errno);
	int sock = channel_connect(argv[1]);
	if (sock < 0)
		die_errno("connect", argv[1], -sock);
	int rc = channel_check_peer(sock);
	if (rc < 0)
		die_errno("SO_PEERCRED", argv[1], -rc);

	for (;;) {
		ssize_t size = batch_receive(sock, &batch);
		if (size == 0)
			return 0;
		if (size < 0)
			die_errno("recvmsg", argv[1], (int)-size);
		rc = batch.request.flags & BATCH_FORK ? run_in_child(sock, &batch) : batch_run(sock, &batch);
		if (rc < 0)
			die_errno("sendmsg", argv[1], -rc);
	}
}

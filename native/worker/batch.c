#include "batch.h"

#include "channel.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdnoreturn.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

/* STATX_MNT_ID_UNIQUE, since 6.8 */
#define MNT_ID_UNIQUE 0x4000u

int batch_death_signal = SIGKILL;
volatile pid_t batch_child;

/* In a child: a pipe whose other end is the parent's alone. The parent's number would not do: in another pid namespace it is always 0. */
static int parent = -1;

static int well_formed_store(const struct batch *batch, const struct batch_call *call)
{
	return call->kind[0] == ARG_BLOB && call->kind[2] == ARG_VALUE && call->arg[2] <= sizeof(uint64_t) &&
	       call->arg[2] <= batch->request.blob_size - call->arg[0];
}

static int well_formed(const struct batch *batch, size_t size)
{
	const struct batch_request *request = &batch->request;
	size_t head = offsetof(struct batch_request, calls);

	if (size < head || request->protocol != SLUICE_PROTOCOL || request->call_count > BATCH_MAX_CALLS ||
	    request->blob_size > BATCH_MAX_BLOB)
		return 0;
	if (size != head + request->call_count * sizeof request->calls[0] + request->blob_size)
		return 0;
	for (uint32_t i = 0; i < request->call_count; i++) {
		const struct batch_call *call = &request->calls[i];
		for (int a = 0; a < 6; a++) {
			uint64_t value = call->arg[a];
			if ((call->kind[a] == ARG_BLOB && value >= request->blob_size) ||
			    (call->kind[a] == ARG_FD && value >= batch->nfds) ||
			    (call->kind[a] == ARG_RESULT && value >= i) || call->kind[a] > ARG_RESULT)
				return 0;
		}
		if (call->nr == BATCH_STORE && !well_formed_store(batch, call))
			return 0;
	}
	return 1;
}

ssize_t batch_receive(int sock, struct batch *batch)
{
	static unsigned char message[sizeof(struct batch_request) + BATCH_MAX_BLOB];
	struct iovec iov = { message, sizeof message };
	const size_t head = offsetof(struct batch_request, calls);

	batch->nfds = BATCH_MAX_FDS;
	ssize_t size = channel_receive(sock, &iov, 1, batch->fds, &batch->nfds);
	if (size <= 0)
		return size;
	memset(&batch->request, 0, sizeof batch->request);
	memcpy(&batch->request, message, (size_t)size < head ? (size_t)size : head);
	size_t calls = batch->request.call_count * sizeof batch->request.calls[0];
	if (batch->request.call_count <= BATCH_MAX_CALLS && (size_t)size >= head + calls) {
		memcpy(batch->request.calls, message + head, calls);
		size_t blob = (size_t)size - head - calls;
		memcpy(batch->blob, message + head + calls, blob < BATCH_MAX_BLOB ? blob : BATCH_MAX_BLOB);
	}
	if (!well_formed(batch, (size_t)size)) {
		for (size_t i = 0; i < batch->nfds; i++)
			close(batch->fds[i]);
		return -EPROTO;
	}
	return size;
}

static long argument(struct batch *batch, const struct batch_reply *reply, const struct batch_call *call, int a)
{
	uint64_t value = call->arg[a];

	switch (call->kind[a]) {
	case ARG_BLOB:
		return (long)(batch->blob + value);
	case ARG_FD:
		return batch->fds[value];
	case ARG_RESULT:
		return (long)reply->result[value];
	default:
		return (long)value;
	}
}

/* The lower bytes come first on every machine we are built for. */
static long store(struct batch *batch, const struct batch_reply *reply, const struct batch_call *call)
{
	long value = argument(batch, reply, call, 1);

	memcpy(batch->blob + call->arg[0], &value, call->arg[2]);
	return 0;
}

/*
 * Whoever takes on other credentials is made dumpable again where fs.suid_dumpable says so (proc(5)), and no longer ends with its
 * parent (PR_SET_PDEATHSIG(2const)).
 */
static int changes_credentials(uint32_t nr)
{
	return nr == SYS_setresuid || nr == SYS_setresgid || nr == SYS_setfsuid || nr == SYS_setfsgid || nr == SYS_setns ||
	       nr == SYS_unshare || nr == SYS_capset;
}

/* Of a parent that has ended before, no signal comes. */
static int end_with_parent(void)
{
	struct pollfd end = { .fd = parent };

	if (prctl(PR_SET_PDEATHSIG, batch_death_signal) < 0)
		return -1;
	if (poll(&end, 1, 0) > 0)
		_exit(1);
	return 0;
}

static long protect(long result)
{
	int error = errno;

	if (prctl(PR_SET_DUMPABLE, 0) < 0 || end_with_parent() < 0)
		return -1;
	errno = error;
	return result;
}

static long make_call(struct batch *batch, const struct batch_reply *reply, const struct batch_call *call)
{
	if (call->nr == BATCH_STORE)
		return store(batch, reply, call);
	long result = syscall((long)call->nr, argument(batch, reply, call, 0), argument(batch, reply, call, 1),
			      argument(batch, reply, call, 2), argument(batch, reply, call, 3), argument(batch, reply, call, 4),
			      argument(batch, reply, call, 5));
	return changes_credentials((uint32_t)call->nr) ? protect(result) : result;
}

static void make_calls(struct batch *batch, struct batch_reply *reply)
{
	for (uint32_t i = 0; i < batch->request.call_count; i++) {
		const struct batch_call *call = &batch->request.calls[i];
		long rc = make_call(batch, reply, call);
		reply->result[i] = rc < 0 ? -errno : rc;
		reply->done = i + 1;
		if (rc < 0 && !(call->flags & CALL_MAY_FAIL))
			return;
	}
}

/* Returns when they have been fetched. */
static int send_numbers(int sock, const int *fds, size_t nfds)
{
	struct batch_numbers message = { .protocol = SLUICE_PROTOCOL, .count = (uint32_t)nfds, .of_child = batch_child < 0 };
	struct batch_fds fetched;
	struct iovec iov = { &message, sizeof message }, answer = { &fetched, sizeof fetched };

	for (uint32_t i = 0; i < message.count; i++)
		message.fd[i] = fds[i];
	int rc = channel_send(sock, &iov, 1, NULL, 0);
	if (rc < 0)
		return rc;
	ssize_t size = channel_receive(sock, &answer, 1, NULL, NULL);
	if (size <= 0)
		return size < 0 ? (int)size : -EPIPE;
	return size == sizeof fetched && fetched.protocol == SLUICE_PROTOCOL ? 0 : -EPROTO;
}

static int send_fds(int sock, const struct batch *batch, const struct batch_reply *reply)
{
	struct batch_fds message = { .protocol = SLUICE_PROTOCOL };
	struct iovec iov = { &message, sizeof message };
	int fds[BATCH_MAX_FDS];
	size_t nfds = 0;

	for (uint32_t i = 0; i < reply->done; i++)
		if ((batch->request.calls[i].flags & CALL_SEND) && reply->result[i] >= 0 && nfds < BATCH_MAX_FDS)
			fds[nfds++] = (int)reply->result[i];
	int rc = nfds > 0 ? channel_send(sock, &iov, 1, fds, nfds) : 0;
	return rc == -ETOOMANYREFS ? send_numbers(sock, fds, nfds) : rc;
}

static void close_fds(const struct batch *batch, const struct batch_reply *reply)
{
	for (uint32_t i = 0; i < reply->done; i++)
		if ((batch->request.calls[i].flags & (CALL_FD | CALL_SEND)) && reply->result[i] >= 0)
			close((int)reply->result[i]);
	for (size_t i = 0; i < batch->nfds; i++)
		close(batch->fds[i]);
}

/*
 * Back to the root: what a process is in cannot be unmounted, and nobody knows for how long we are not called. Whoever may not enter its
 * own root stays where it is.
 */
static int leave_directory(const struct batch *batch, const struct batch_reply *reply)
{
	for (uint32_t i = 0; i < reply->done; i++)
		if (batch->request.calls[i].nr == SYS_fchdir)
			return chdir("/") < 0 && errno != EACCES ? -errno : 0;
	return 0;
}

/* pivot_root(2) gives another root to all in a mount namespace who have the one before. */
static int is_root(const struct batch_root *root)
{
	struct statx now;

	if (statx(AT_FDCWD, "/", AT_STATX_DONT_SYNC, STATX_INO | STATX_MNT_ID | MNT_ID_UNIQUE, &now) < 0)
		return 0;
	return now.stx_mnt_id == root->mount && makedev(now.stx_dev_major, now.stx_dev_minor) == root->device && now.stx_ino == root->inode;
}

int batch_run(int sock, struct batch *batch)
{
	static struct batch_reply reply;

	memset(&reply, 0, sizeof reply);
	reply.protocol = SLUICE_PROTOCOL;
	if (batch->request.root.mount == 0 || is_root(&batch->request.root))
		make_calls(batch, &reply);
	int left = leave_directory(batch, &reply);
	int rc = left < 0 ? left : send_fds(sock, batch, &reply);
	close_fds(batch, &reply);
	if (rc < 0)
		return rc;
	struct iovec iov[] = { { &reply, sizeof reply }, { batch->blob, batch->request.blob_size } };
	return channel_send(sock, iov, 2, NULL, 0);
}

/* How a child ends that could not reply because nobody is left to. */
#define EXIT_ALONE 2

static noreturn void run_as_child(int sock, struct batch *batch, const sigset_t *signals)
{
	batch_death_signal = SIGKILL;
	batch_child = -1;
	if (end_with_parent() < 0 || sigprocmask(SIG_SETMASK, signals, NULL) < 0)
		_exit(1);
	int rc = batch_run(sock, batch);
	_exit(rc == -EPIPE || rc == -ECONNRESET ? EXIT_ALONE : rc < 0);
}

/* Waits for its end. Until that has been asked for a second time, its number is nobody else's, and signals for it reach nobody else. */
static int wait_for(pid_t child, int *status)
{
	siginfo_t end;

	while (waitid(P_PID, (id_t)child, &end, WEXITED | WNOWAIT) < 0)
		if (errno != EINTR)
			return -errno;
	batch_child = 0;
	while (waitpid(child, status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

int batch_run_in_child(int sock, struct batch *batch)
{
	int ends[2], status;
	sigset_t interrupting, before;

	/* what comes before it is known whom to forward it to waits until then */
	sigemptyset(&interrupting);
	sigaddset(&interrupting, SIGUSR1);
	sigaddset(&interrupting, SIGALRM);
	if (pipe2(ends, O_CLOEXEC) < 0 || sigprocmask(SIG_BLOCK, &interrupting, &before) < 0)
		return -errno;
	pid_t child = fork();
	if (child == 0) {
		close(ends[1]);
		parent = ends[0];
		run_as_child(sock, batch, &before);
	}
	int rc = child < 0 ? -errno : 0;
	batch_child = child < 0 ? 0 : child;
	if (sigprocmask(SIG_SETMASK, &before, NULL) < 0)
		rc = -errno;
	for (size_t i = 0; i < batch->nfds; i++)
		close(batch->fds[i]);
	if (rc == 0)
		rc = wait_for(child, &status);
	batch_child = 0;
	close(ends[0]);
	close(ends[1]);
	if (rc < 0)
		return rc;
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_ALONE)
		return -EPIPE;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -ECHILD;
}

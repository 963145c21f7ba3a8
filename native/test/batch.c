/* worker/batch: what a worker makes of a batch, and of a message that is none. */
#include "batch.h"
#include "channel.h"
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const size_t head = offsetof(struct batch_request, calls);
static int ends[2];
static struct batch batch;

/* Puts `batch.request` and the blob on the wire, `less` bytes short, and receives it again. */
static ssize_t travel(struct batch_request request, const void *blob, size_t less, const int *fds, size_t nfds)
{
	static unsigned char message[sizeof request + BATCH_MAX_BLOB];
	size_t calls = request.call_count * sizeof request.calls[0];

	request.protocol = request.protocol ? request.protocol : SLUICE_PROTOCOL;
	memcpy(message, &request, head + calls);
	memcpy(message + head + calls, blob, request.blob_size);
	struct iovec iov = { message, head + calls + request.blob_size - less };
	CHECK(channel_send(ends[0], &iov, 1, fds, nfds) == 0);
	return batch_receive(ends[1], &batch);
}

static struct batch_reply reply(int *fds, size_t *nfds)
{
	struct batch_reply got;
	char blob[64];
	struct iovec iov[] = { { &got, sizeof got }, { blob, sizeof blob } };

	CHECK(channel_receive(ends[0], iov, 2, fds, nfds) >= (ssize_t)sizeof(struct batch_fds));
	if (nfds && *nfds > 0)
		CHECK(channel_receive(ends[0], iov, 2, NULL, NULL) >= (ssize_t)sizeof got);
	return got;
}

static void calls_are_made_in_turn_and_use_what_came_before(void)
{
	char name[] = "/dev/null";
	struct batch_request request = { .call_count = 2, .blob_size = sizeof name };
	request.calls[0] = (struct batch_call){ .nr = SYS_openat, .flags = CALL_SEND,
		.kind = { ARG_VALUE, ARG_BLOB }, .arg = { (uint64_t)AT_FDCWD, 0, O_RDONLY } };
	request.calls[1] = (struct batch_call){ .nr = SYS_fcntl, .kind = { ARG_RESULT }, .arg = { 0, F_GETFL } };
	int before = open_fds(), fds[16];
	size_t nfds = 16;

	CHECK(travel(request, name, 0, NULL, 0) > 0);
	CHECK(batch_run(ends[1], &batch) == 0);
	struct batch_reply got = reply(fds, &nfds);
	CHECK(got.done == 2 && got.result[0] >= 0 && (got.result[1] & O_ACCMODE) == O_RDONLY && nfds == 1);
	CHECK(open_fds() == before + 1);
	close(fds[0]);
}

/* Makes us a user who has as many descriptors on their way as may be. */
static void put_descriptors_on_their_way(void)
{
	struct rlimit few = { 64, 64 };
	int pair[2], fds[16] = { 0 };
	struct iovec iov = { "", 1 };
	int rc = 0;

	CHECK(setrlimit(RLIMIT_NOFILE, &few) == 0);
	CHECK(getuid() != 0 || setresuid(65534, 65534, 65534) == 0);
	CHECK(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, pair) == 0);
	for (int i = 0; i < 8 && rc == 0; i++)
		rc = channel_send(pair[0], &iov, 1, fds, 16);
	CHECK(rc == -ETOOMANYREFS);
}

static void what_cannot_be_sent_is_fetched(uint32_t flags)
{
	char name[] = "/dev/null";
	struct batch_request request = { .call_count = 1, .blob_size = sizeof name, .flags = flags };
	request.calls[0] = (struct batch_call){ .nr = SYS_openat, .flags = CALL_SEND,
		.kind = { ARG_VALUE, ARG_BLOB }, .arg = { (uint64_t)AT_FDCWD, 0, O_RDONLY } };
	struct batch_numbers numbers;
	struct batch_fds fetched = { .protocol = SLUICE_PROTOCOL };
	struct iovec iov = { &fetched, sizeof fetched }, into = { &numbers, sizeof numbers };
	int status;

	pid_t child = fork();
	CHECK(child >= 0);
	if (child == 0) {
		put_descriptors_on_their_way();
		CHECK(travel(request, name, 0, NULL, 0) > 0);
		CHECK(channel_send(ends[0], &iov, 1, NULL, 0) == 0);
		int before = open_fds();
		CHECK((flags & BATCH_FORK ? batch_run_in_child(ends[1], &batch) : batch_run(ends[1], &batch)) == 0);
		CHECK(channel_receive(ends[0], &into, 1, NULL, NULL) == (ssize_t)sizeof numbers);
		struct batch_reply got = reply(NULL, NULL);
		CHECK(got.done == 1 && got.result[0] >= 0);
		CHECK(numbers.count == 1 && numbers.fd[0] == got.result[0] && numbers.of_child == (flags == BATCH_FORK));
		CHECK(open_fds() == before);
		_exit(0);
	}
	CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void an_error_ends_a_batch_unless_it_may_fail(void)
{
	struct batch_request request = { .call_count = 3 };
	request.calls[0] = (struct batch_call){ .nr = SYS_close, .flags = CALL_MAY_FAIL, .arg = { 12345 } };
	request.calls[1] = (struct batch_call){ .nr = SYS_close, .arg = { 12345 } };
	request.calls[2] = (struct batch_call){ .nr = SYS_getpid };

	CHECK(travel(request, "", 0, NULL, 0) > 0);
	CHECK(batch_run(ends[1], &batch) == 0);
	struct batch_reply got = reply(NULL, NULL);
	CHECK(got.done == 2 && got.result[0] == -EBADF && got.result[1] == -EBADF && got.result[2] == 0);
}

static void a_store_puts_an_address_or_an_fd_into_the_blob(void)
{
	unsigned char blob[32] = { [24] = 'x' };
	struct batch_request request = { .call_count = 3, .blob_size = sizeof blob };
	request.calls[0] = (struct batch_call){ .nr = BATCH_STORE, .kind = { ARG_BLOB, ARG_BLOB }, .arg = { 0, 24, 8 } };
	request.calls[1] = (struct batch_call){ .nr = BATCH_STORE, .kind = { ARG_BLOB, ARG_FD }, .arg = { 28, 0, 4 } };
	request.calls[2] = (struct batch_call){ .nr = SYS_getpid };
	int zero = 0;

	CHECK(travel(request, blob, 0, &zero, 1) > 0);
	CHECK(batch_run(ends[1], &batch) == 0);
	CHECK(reply(NULL, NULL).done == 3);
	unsigned char *address;
	int fd;
	memcpy(&address, batch.blob, sizeof address);
	memcpy(&fd, batch.blob + 28, sizeof fd);
	CHECK(address == batch.blob + 24 && *address == 'x' && fd == batch.fds[0]);
}

static void malformed(struct batch_request request, size_t less)
{
	static const char blob[8];
	int before = open_fds(), zero = 0;

	CHECK(travel(request, blob, less, &zero, 1) == -EPROTO);
	CHECK(open_fds() == before);
}

static void what_points_outside_is_refused(void)
{
	struct batch_request request = { .call_count = 1, .blob_size = 8 };

	request.calls[0] = (struct batch_call){ .nr = SYS_getpid, .kind = { ARG_BLOB }, .arg = { 8 } };
	malformed(request, 0);
	request.calls[0] = (struct batch_call){ .nr = SYS_getpid, .kind = { ARG_FD }, .arg = { 1 } };
	malformed(request, 0);
	request.calls[0] = (struct batch_call){ .nr = SYS_getpid, .kind = { ARG_RESULT }, .arg = { 0 } };
	malformed(request, 0);
	request.calls[0] = (struct batch_call){ .nr = SYS_getpid, .kind = { ARG_RESULT + 1 } };
	malformed(request, 0);
	request.calls[0] = (struct batch_call){ .nr = BATCH_STORE, .arg = { 0, 0, 8 } };
	malformed(request, 0);
	request.calls[0] = (struct batch_call){ .nr = BATCH_STORE, .kind = { ARG_BLOB }, .arg = { 1, 0, 8 } };
	malformed(request, 0);
	request.calls[0] = (struct batch_call){ .nr = BATCH_STORE, .kind = { ARG_BLOB }, .arg = { 0, 0, 9 } };
	malformed(request, 0);
	request.calls[0] = (struct batch_call){ .nr = SYS_getpid };
	malformed(request, 1);
	request.protocol = SLUICE_PROTOCOL + 1;
	malformed(request, 0);
}

/* Whatever comes, it is refused or taken, and nothing is read or written outside (the sanitizers say so). */
static void noise_is_refused(void)
{
	static unsigned char noise[4096];
	int before = open_fds(), taken = 0, attempts = 50000;

	srandom(1);
	for (int i = 0; i < attempts; i++) {
		size_t size = 1 + (size_t)random() % sizeof noise;
		for (size_t byte = 0; byte < size; byte++)
			noise[byte] = (unsigned char)random();
		struct batch_request *request = (void *)noise;
		request->protocol = SLUICE_PROTOCOL;
		request->call_count = (uint32_t)random() % (BATCH_MAX_CALLS + 2);
		if (random() % 2)
			request->blob_size = (uint32_t)(size - head - request->call_count * sizeof request->calls[0]);
		struct iovec iov = { noise, size };
		CHECK(channel_send(ends[0], &iov, 1, NULL, 0) == 0);
		ssize_t got = batch_receive(ends[1], &batch);
		CHECK(got == -EPROTO || got == (ssize_t)size);
		taken += got > 0;
	}
	CHECK(taken > 0 && taken < attempts);
	CHECK(open_fds() == before);
}

static void it_ends_where_it_began(void)
{
	struct batch_request request = { .call_count = 1 };
	request.calls[0] = (struct batch_call){ .nr = SYS_fchdir, .kind = { ARG_FD } };
	int proc = open("/proc", O_PATH | O_DIRECTORY);
	char directory[64];

	CHECK(travel(request, "", 0, &proc, 1) > 0);
	CHECK(batch_run(ends[1], &batch) == 0);
	CHECK(reply(NULL, NULL).result[0] == 0);
	CHECK(getcwd(directory, sizeof directory) && strcmp(directory, "/") == 0);
	close(proc);
}

static void a_child_that_is_killed_is_no_reply(void)
{
	struct batch_request request = { .call_count = 2 };
	request.calls[0] = (struct batch_call){ .nr = SYS_getpid };
	request.calls[1] = (struct batch_call){ .nr = SYS_kill, .kind = { ARG_RESULT }, .arg = { 0, 0 } };

	CHECK(travel(request, "", 0, NULL, 0) > 0);
	CHECK(batch_run_in_child(ends[1], &batch) == 0);
	CHECK(reply(NULL, NULL).result[1] == 0);

	request.calls[1].arg[1] = SIGKILL;
	CHECK(travel(request, "", 0, NULL, 0) > 0);
	CHECK(batch_run_in_child(ends[1], &batch) == -ECHILD);
}

/* Whoever holds it lives. */
static int lives(int end, int millis)
{
	struct pollfd event = { .fd = end };

	return poll(&event, 1, millis) == 0;
}

static void spin(long nanos)
{
	struct timespec start, now;

	clock_gettime(CLOCK_MONOTONIC, &start);
	do
		clock_gettime(CLOCK_MONOTONIC, &now);
	while ((now.tv_sec - start.tv_sec) * 1000000000 + now.tv_nsec - start.tv_nsec < nanos);
}

/* However soon it has ended: also in between the child's beginning and its asking for the signal. */
static void a_child_ends_with_its_parent(void)
{
	struct batch_request request = { .call_count = 1 };
	int holders[2], ready[2];
	char byte;

	request.calls[0] = (struct batch_call){ .nr = SYS_ppoll };
	for (long i = 0; i < 200; i++) {
		CHECK(travel(request, "", 0, NULL, 0) > 0);
		CHECK(pipe2(holders, O_CLOEXEC) == 0 && pipe2(ready, O_CLOEXEC) == 0);
		pid_t worker = fork();
		CHECK(worker >= 0);
		if (worker == 0) {
			if (write(ready[1], "", 1) == 1)
				batch_run_in_child(ends[1], &batch);
			_exit(1);
		}
		close(holders[1]);
		CHECK(read(ready[0], &byte, 1) == 1);
		spin(i % 100 * 20000);
		CHECK(kill(worker, SIGKILL) == 0 && waitpid(worker, NULL, 0) == worker);
		CHECK(!lives(holders[0], 10000));
		close(holders[0]);
		close(ready[0]);
		close(ready[1]);
	}
}

int main(void)
{
	CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0);
	calls_are_made_in_turn_and_use_what_came_before();
	what_cannot_be_sent_is_fetched(0);
	what_cannot_be_sent_is_fetched(BATCH_FORK);
	an_error_ends_a_batch_unless_it_may_fail();
	a_store_puts_an_address_or_an_fd_into_the_blob();
	it_ends_where_it_began();
	a_child_that_is_killed_is_no_reply();
	a_child_ends_with_its_parent();
	what_points_outside_is_refused();
	noise_is_refused();
	return 0;
}

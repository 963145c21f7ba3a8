/* worker PROGRAM: what interrupts the calls that `sluice-worker` (PROGRAM) makes, itself or in a child. */
#include "channel.h"
#include "protocol.h"
#include "test.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *program;
static struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "/tmp/sluice-test-worker-XXXXXX" };
static int listening;

static void listen_in_directory(void)
{
	CHECK(mkdtemp(address.sun_path));
	strcat(address.sun_path, "/socket");
	listening = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	CHECK(listening >= 0 && bind(listening, (struct sockaddr *)&address, sizeof address) == 0 && listen(listening, 1) == 0);
}

static void leave_directory(void)
{
	CHECK(unlink(address.sun_path) == 0);
	*strrchr(address.sun_path, '/') = '\0';
	CHECK(rmdir(address.sun_path) == 0);
}

static _Noreturn void execute(const char *option)
{
	if (option)
		execl(program, program, option, address.sun_path, NULL);
	else
		execl(program, program, address.sun_path, NULL);
	_exit(127);
}

/* Returns its socket. Its parent is us, or with an option somebody else; *pid is whose child it is, or itself. */
static int start(const char *option, pid_t *pid)
{
	*pid = fork();
	CHECK(*pid >= 0);
	if (*pid == 0 && option && (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || fork() > 0))
		for (;;)
			pause();
	if (*pid == 0)
		execute(option);
	int sock = accept(listening, NULL, NULL);
	CHECK(sock >= 0);
	return sock;
}

/* Of a call that waits for ever. */
static void send_wait(int sock, uint32_t flags)
{
	struct batch_request request = { .protocol = SLUICE_PROTOCOL, .flags = flags, .call_count = 1 };
	struct iovec iov = { &request, offsetof(struct batch_request, calls) + sizeof request.calls[0] };

	request.calls[0] = (struct batch_call){ .nr = SYS_ppoll };
	CHECK(channel_send(sock, &iov, 1, NULL, 0) == 0);
}

/* The one result, once there is a reply; while there is none, `pid` gets `signal`, unless that is 0. */
static int64_t result(int sock, pid_t pid, int signal)
{
	struct pollfd answer = { .fd = sock, .events = POLLIN };
	struct batch_reply reply;
	struct iovec iov = { &reply, sizeof reply };

	for (int i = 0; i < 500 && poll(&answer, 1, 20) == 0; i++)
		CHECK(kill(pid, signal) == 0);
	CHECK(answer.revents & POLLIN);
	CHECK(channel_receive(sock, &iov, 1, NULL, NULL) == (ssize_t)sizeof reply && reply.done == 1);
	return reply.result[0];
}

static void a_signal_interrupts_a_call(uint32_t flags)
{
	pid_t worker;
	int status, sock = start(NULL, &worker);

	for (int i = 0; i < 10; i++) {
		send_wait(sock, flags);
		CHECK(result(sock, worker, SIGUSR1) == -EINTR);
	}
	close(sock);
	CHECK(waitpid(worker, &status, 0) == worker && WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* Whoever comes after it wants to know what became of the call. */
static void the_end_of_its_parent_interrupts_a_call(uint32_t flags)
{
	pid_t supervisor;
	int sock = start("-f", &supervisor);

	send_wait(sock, flags);
	CHECK(kill(supervisor, SIGKILL) == 0 && waitpid(supervisor, NULL, 0) == supervisor);
	CHECK(result(sock, getpid(), 0) == -EINTR);
	close(sock);
}

/* Its number, by that of its parent: start. */
static pid_t child_of(pid_t parent)
{
	char path[64];
	int child = 0;

	snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)parent, (int)parent);
	FILE *children = fopen(path, "re");
	CHECK(children && fscanf(children, "%d", &child) == 1 && fclose(children) == 0);
	return child;
}

static void what_ends_its_agent_does_not_end_it(void)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGQUIT, SIGHUP };
	pid_t supervisor;
	int sock = start("-f", &supervisor);
	pid_t worker = child_of(supervisor);

	send_wait(sock, 0);
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		CHECK(kill(worker, signals[i]) == 0);
	CHECK(result(sock, worker, SIGUSR1) == -EINTR);
	close(sock);
	CHECK(kill(supervisor, SIGKILL) == 0 && waitpid(supervisor, NULL, 0) == supervisor);
}

int main(int argc, char **argv)
{
	CHECK(argc == 2);
	program = argv[1];
	listen_in_directory();
	a_signal_interrupts_a_call(0);
	a_signal_interrupts_a_call(BATCH_FORK);
	the_end_of_its_parent_interrupts_a_call(0);
	the_end_of_its_parent_interrupts_a_call(BATCH_FORK);
	what_ends_its_agent_does_not_end_it();
	leave_directory();
	return 0;
}

/* common/channel: messages with descriptors between two ends of a SOCK_SEQPACKET socket. */
#include "channel.h"
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int ends[2];

static ssize_t receive(char *buffer, size_t size, int *fds, size_t *nfds)
{
	struct iovec iov = { buffer, size };
	return channel_receive(ends[1], &iov, 1, fds, nfds);
}

static int send_text(const char *text, const int *fds, size_t nfds)
{
	struct iovec iov = { (void *)text, strlen(text) };
	return channel_send(ends[0], &iov, 1, fds, nfds);
}

static void a_message_arrives_with_its_descriptors(void)
{
	char buffer[16] = "";
	int pipes[2], got[16];
	size_t ngot = 16;

	CHECK(pipe(pipes) == 0);
	CHECK(send_text("hello", pipes, 2) == 0);
	CHECK(receive(buffer, sizeof buffer, got, &ngot) == 5 && strcmp(buffer, "hello") == 0);
	CHECK(ngot == 2 && (fcntl(got[0], F_GETFD) & FD_CLOEXEC) && (fcntl(got[1], F_GETFD) & FD_CLOEXEC));
	CHECK(write(got[1], "x", 1) == 1 && read(pipes[0], buffer, 1) == 1 && buffer[0] == 'x');
	for (int i = 0; i < 2; i++) {
		close(pipes[i]);
		close(got[i]);
	}
}

static void what_is_cut_off_is_an_error_and_leaves_no_descriptor(void)
{
	char buffer[4];
	int both[2] = { 0, 1 }, got[1];
	size_t ngot = 1;
	int before = open_fds();

	CHECK(send_text("more than four", NULL, 0) == 0);
	CHECK(receive(buffer, sizeof buffer, NULL, NULL) == -EMSGSIZE);
	CHECK(send_text("two", both, 2) == 0);
	CHECK(receive(buffer, sizeof buffer, got, &ngot) == -EMSGSIZE);
	CHECK(send_text("two", both, 2) == 0);
	CHECK(receive(buffer, sizeof buffer, NULL, NULL) == -EMSGSIZE);
	CHECK(open_fds() == before);
}

static void there_is_a_limit_to_descriptors(void)
{
	int many[17] = { 0 };

	CHECK(send_text("x", many, 17) == -EINVAL);
}

static void the_peer_is_ourselves(void)
{
	CHECK(channel_check_peer(ends[0]) == 0);
}

static void the_end_is_told_from_an_error(void)
{
	char buffer[4];

	close(ends[0]);
	CHECK(receive(buffer, sizeof buffer, NULL, NULL) == 0);
	struct iovec iov = { buffer, 1 };
	CHECK(channel_send(ends[1], &iov, 1, NULL, 0) == -EPIPE);
	close(ends[1]);
}

static void an_address_that_is_too_long_is_refused(void)
{
	char path[sizeof(((struct sockaddr_un *)0)->sun_path) + 1];

	memset(path, 'x', sizeof path - 1);
	path[sizeof path - 1] = '\0';
	CHECK(channel_connect(path) == -ENAMETOOLONG);
	CHECK(channel_connect("/nowhere/to/be/found") == -ENOENT);
}

/* With standard input and error closed, as the shell's <&- and 2>&- do. */
static void no_end_is_a_standard_stream(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "target/check/socket" };
	int pair[2], in = dup(0), err = dup(2);

	CHECK(in > 2 && err > 2);
	close(0);
	close(2);
	int rc = channel_pair(pair);
	unlink(address.sun_path);
	int listening = socket(AF_UNIX, SOCK_STREAM, 0); /* number 0 */
	int bound = bind(listening, (struct sockaddr *)&address, sizeof address), listens = listen(listening, 1);
	int connected = channel_connect_stream(address.sun_path);
	CHECK(dup2(err, 2) == 2);
	CHECK(rc == 0 && pair[0] > 2 && pair[1] > 2);
	CHECK((fcntl(pair[0], F_GETFD) & FD_CLOEXEC) && (fcntl(pair[1], F_GETFD) & FD_CLOEXEC));
	CHECK(listening == 0 && bound == 0 && listens == 0);
	CHECK(connected > 2 && (fcntl(connected, F_GETFD) & FD_CLOEXEC));
	CHECK(dup2(in, 0) == 0);
	close(in);
	close(err);
	close(connected);
	close(pair[0]);
	close(pair[1]);
	unlink(address.sun_path);
}

int main(void)
{
	CHECK(channel_pair(ends) == 0);
	no_end_is_a_standard_stream();
	a_message_arrives_with_its_descriptors();
	what_is_cut_off_is_an_error_and_leaves_no_descriptor();
	there_is_a_limit_to_descriptors();
	the_peer_is_ourselves();
	the_end_is_told_from_an_error();
	an_address_that_is_too_long_is_refused();
	return 0;
}

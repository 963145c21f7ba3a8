/* keeper/message, keeper/store and keeper/sockets: what the agent says, and what is kept for it. */
#include "channel.h"
#include "message.h"
#include "remote.h"
#include "sockets.h"
#include "store.h"
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static struct message message;

static int parse(const char *text)
{
	/* of exactly that size, so that reading beyond it is noticed */
	char *copy = strndup(text, strlen(text));
	CHECK(copy);
	char *exact = malloc(strlen(text) + 1);
	CHECK(exact);
	memcpy(exact, text, strlen(text));
	int rc = message_parse(exact, strlen(text), &message);
	free(exact);
	free(copy);
	return rc;
}

static void a_message_is_read_line_by_line(void)
{
	CHECK(parse("FDSTORE=1\nFDNAME=listener-1\nFDPOLL=0") == 0);
	CHECK(message.store && !message.remove && !message.ready && strcmp(message.name, "listener-1") == 0);
	CHECK(parse("FDNAME=x\nFDSTOREREMOVE=1\n") == 0 && message.remove && strcmp(message.name, "x") == 0);
	CHECK(parse("STATUS=READY=1\nREADY=12\n\nWATCHDOG=1") == 0 && !message.ready && message.watchdog);
	CHECK(parse("READY=1") == 0 && message.ready && strcmp(message.name, "stored") == 0);
	CHECK(parse("") == 0 && !message.ready);
}

static void a_name_must_fit_into_the_environment(void)
{
	char text[300] = "FDNAME=";

	memset(text + 7, 'x', 255);
	CHECK(parse(text) == 0 && strlen(message.name) == 255);
	text[7 + 255] = 'x';
	CHECK(parse(text) == -EINVAL);
	CHECK(parse("FDNAME=") == -EINVAL);
	CHECK(parse("FDNAME=a:b") == -EINVAL);
	CHECK(parse("FDNAME=a b") == -EINVAL);
	CHECK(parse("FDNAME=\xc3\xa4") == -EINVAL);
}

static void what_is_stored_is_passed_on_in_order(void)
{
	static struct store store;
	int pipes[2], status;

	CHECK(pipe(pipes) == 0 && write(pipes[1], "abc", 3) == 3);
	CHECK(store_add(&store, pipes[0], "first") == 0);
	CHECK(store_add(&store, open("/dev/null", O_RDONLY | O_CLOEXEC), "gone") == 0);
	CHECK(store_add(&store, pipes[1], "last") == 0);
	int before = open_fds();
	store_remove(&store, "gone");
	CHECK(open_fds() == before - 1 && store.count == 2);
	char *names = store_names(&store);
	CHECK(names && strcmp(names, "first:last") == 0);
	free(names);

	pid_t child = fork();
	CHECK(child >= 0);
	if (child == 0) {
		char text[4] = "";
		/* the two in each other's place */
		int first = store.fds[0];
		store.fds[0] = STORE_FIRST_FD + 1;
		CHECK(dup2(first, STORE_FIRST_FD + 20) >= 0 && dup2(store.fds[1], STORE_FIRST_FD + 21) >= 0);
		CHECK(dup2(STORE_FIRST_FD + 20, STORE_FIRST_FD + 1) >= 0 && dup2(STORE_FIRST_FD + 21, STORE_FIRST_FD) >= 0);
		store.fds[1] = STORE_FIRST_FD;
		CHECK(store_pass(&store) == 0);
		CHECK(read(STORE_FIRST_FD, text, 3) == 3 && strcmp(text, "abc") == 0);
		CHECK(write(STORE_FIRST_FD + 1, "d", 1) == 1);
		CHECK(fcntl(STORE_FIRST_FD, F_GETFD) == 0 && fcntl(STORE_FIRST_FD + 1, F_GETFD) == 0);
		_exit(0);
	}
	CHECK(waitpid(child, &status, 0) == child && status == 0);
	store_remove(&store, "first");
	store_remove(&store, "last");
	CHECK(store.count == 0 && store.names_size == 0);
}

static void there_is_a_limit(void)
{
	static struct store store;
	char name[MESSAGE_NAME_MAX + 1];
	int before = open_fds(), rc;

	memset(name, 'x', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	while ((rc = store_add(&store, dup(0), name)) == 0)
		CHECK(store.names_size <= STORE_NAMES_MAX);
	CHECK(rc == -ENOSPC && open_fds() == before + (int)store.count);
	store_remove(&store, name);
	CHECK(store.count == 0 && open_fds() == before);
}

static void what_could_not_be_passed_on_finds_no_room(void)
{
	static struct store store;
	struct rlimit few = { 60, 60 };
	int status, child = fork();

	CHECK(child >= 0);
	if (child == 0) {
		CHECK(setrlimit(RLIMIT_NOFILE, &few) == 0);
		while (store_has_room(&store))
			CHECK(store_add(&store, dup(0), "kept") == 0);
		CHECK(store.count == 22 && store_pass(&store) == 0);
		_exit(0);
	}
	CHECK(waitpid(child, &status, 0) == child && status == 0);
}

/* The store beside us: has "both", "theirs" and "gone", and must be told of the last and of "ours" alone. */
static void serve(int listening)
{
	static struct store store;
	char text[64];
	struct iovec iov = { text, sizeof text };
	int fd, keeper = accept(listening, NULL, NULL);
	size_t nfds = 1;

	CHECK(keeper >= 0 && store_add(&store, dup(0), "both") == 0 && store_add(&store, dup(0), "theirs") == 0);
	CHECK(store_add(&store, dup(0), "gone") == 0);
	CHECK(remote_give(keeper, &store) == 0);
	ssize_t size = channel_receive(keeper, &iov, 1, &fd, &nfds);
	CHECK(size > 0 && nfds == 0 && message_parse(text, (size_t)size, &message) == 0);
	CHECK(message.remove && strcmp(message.name, "gone") == 0);
	nfds = 1;
	size = channel_receive(keeper, &iov, 1, &fd, &nfds);
	CHECK(size > 0 && nfds == 1 && message_parse(text, (size_t)size, &message) == 0);
	CHECK(message.store && strcmp(message.name, "ours") == 0);
	nfds = 1;
	size = channel_receive(keeper, &iov, 1, &fd, &nfds);
	CHECK(size > 0 && nfds == 0 && message_parse(text, (size_t)size, &message) == 0);
	CHECK(message.remove && strcmp(message.name, "theirs") == 0);
	CHECK(channel_receive(keeper, &iov, 1, NULL, NULL) == 0);
	_exit(0);
}

static void both_stores_have_what_either_had(void)
{
	static struct store store;
	static struct gone gone;
	char directory[] = "/tmp/keeper-XXXXXX", path[64];
	int status, before = open_fds();

	CHECK(mkdtemp(directory));
	snprintf(path, sizeof path, "%s/store", directory);
	CHECK(remote_connect(path, &store, &gone) == -ENOENT);
	int listening = sockets_serve(path);
	CHECK(listening >= 0);
	pid_t child = fork();
	CHECK(child >= 0);
	if (child == 0)
		serve(listening);
	CHECK(store_add(&store, dup(0), "ours") == 0 && store_add(&store, dup(0), "both") == 0);
	CHECK(gone_add(&gone, "gone") == 0);
	int sock = remote_connect(path, &store, &gone);
	CHECK(sock >= 0 && gone.count == 0 && store.count == 3 && store_find(&store, "theirs") >= 0 && open_fds() == before + 5);
	CHECK(remote_remove(sock, "theirs") == 0);
	close(sock);
	CHECK(waitpid(child, &status, 0) == child && status == 0);
	store_remove(&store, "ours");
	store_remove(&store, "both");
	store_remove(&store, "theirs");
	close(listening);
	CHECK(remote_connect(path, &store, &gone) == -ECONNREFUSED && open_fds() == before);
	CHECK(unlink(path) == 0 && rmdir(directory) == 0);
}

static void send_to(const char *path, const char *text, int fd)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec iov = { (void *)text, strlen(text) };
	struct msghdr msg = { .msg_name = &address, .msg_namelen = sizeof address, .msg_iov = &iov, .msg_iovlen = 1,
			      .msg_control = &control, .msg_controllen = sizeof control };

	strcpy(address.sun_path, path);
	struct cmsghdr *head = CMSG_FIRSTHDR(&msg);
	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof fd);
	memcpy(CMSG_DATA(head), &fd, sizeof fd);
	int sock = socket(AF_UNIX, SOCK_DGRAM, 0);
	CHECK(sock >= 0 && sendmsg(sock, &msg, 0) == (ssize_t)strlen(text));
	close(sock);
}

static void only_the_agent_is_heard(void)
{
	char directory[] = "/tmp/keeper-XXXXXX", path[64], text[16];
	int fds[4];
	size_t nfds = 4;

	CHECK(mkdtemp(directory));
	snprintf(path, sizeof path, "%s/notify", directory);
	int sock = sockets_notify(path);
	CHECK(sock >= 0);
	int before = open_fds();
	send_to(path, "of another", 0);
	send_to(path, "of another", 0);
	CHECK(sockets_receive(sock, getpid() + 1, text, sizeof text, fds, &nfds) == NO_MESSAGE && open_fds() == before);
	send_to(path, "longer than there is room for", 0);
	send_to(path, "ours", 0);
	nfds = 4;
	CHECK(sockets_receive(sock, getpid(), text, sizeof text, fds, &nfds) == 4 && memcmp(text, "ours", 4) == 0 && nfds == 1);
	CHECK(fcntl(fds[0], F_GETFD) == FD_CLOEXEC);
	close(fds[0]);
	CHECK(open_fds() == before);
	/* somebody is there */
	CHECK(sockets_notify(path) == -EADDRINUSE);
	close(sock);
	sock = sockets_notify(path);
	CHECK(sock >= 0);
	close(sock);
	CHECK(unlink(path) == 0 && rmdir(directory) == 0);
}

/* Says what it is, on standard error: a pipe. */
static void receives_nothing_but_says(int sock, const char *why)
{
	char text[8], said[256] = "";
	int fds[4], pipes[2], err = dup(2);
	size_t nfds = 4;

	CHECK(err > 2 && pipe(pipes) == 0 && dup2(pipes[1], 2) == 2);
	struct rlimit before, few;
	CHECK(getrlimit(RLIMIT_NOFILE, &before) == 0);
	few = (struct rlimit){ 3, before.rlim_max };
	CHECK(setrlimit(RLIMIT_NOFILE, &few) == 0);
	ssize_t got = sockets_receive(sock, getpid(), text, sizeof text, fds, &nfds);
	CHECK(setrlimit(RLIMIT_NOFILE, &before) == 0 && dup2(err, 2) == 2);
	CHECK(got == NO_MESSAGE && read(pipes[0], said, sizeof said - 1) > 0 && strstr(said, why));
	CHECK(close(err) == 0 && close(pipes[0]) == 0 && close(pipes[1]) == 0);
}

static void what_is_cut_off_is_dropped_and_said(void)
{
	char directory[] = "/tmp/keeper-XXXXXX", path[64];

	CHECK(mkdtemp(directory));
	snprintf(path, sizeof path, "%s/notify", directory);
	int sock = sockets_notify(path), before = open_fds();
	CHECK(sock >= 0);
	send_to(path, "ours", 0);
	receives_nothing_but_says(sock, "too few descriptors left");
	CHECK(open_fds() == before && close(sock) == 0 && unlink(path) == 0 && rmdir(directory) == 0);
}

static void what_others_send_does_not_linger(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof address;
	const struct linger hour = { .l_onoff = 1, .l_linger = 3600 };
	char directory[] = "/tmp/keeper-XXXXXX", path[64], text[4096] = "";
	int fds[4];
	size_t nfds = 4;

	CHECK(mkdtemp(directory));
	snprintf(path, sizeof path, "%s/notify", directory);
	int notify = sockets_notify(path);
	int listening = socket(AF_INET, SOCK_STREAM, 0), sending = socket(AF_INET, SOCK_STREAM, 0);
	CHECK(notify >= 0 && listening >= 0 && sending >= 0);
	CHECK(bind(listening, (struct sockaddr *)&address, size) == 0 && listen(listening, 1) == 0);
	CHECK(getsockname(listening, (struct sockaddr *)&address, &size) == 0);
	CHECK(connect(sending, (struct sockaddr *)&address, size) == 0);
	while (send(sending, text, sizeof text, MSG_DONTWAIT) > 0)
		;
	CHECK(errno == EAGAIN && setsockopt(sending, SOL_SOCKET, SO_LINGER, &hour, sizeof hour) == 0);
	send_to(path, "of another", sending);
	CHECK(close(sending) == 0);
	alarm(60); /* or this test would take that hour */
	CHECK(sockets_receive(notify, getpid() + 1, text, sizeof text, fds, &nfds) == NO_MESSAGE);
	alarm(0);
	CHECK(close(listening) == 0 && close(notify) == 0 && unlink(path) == 0 && rmdir(directory) == 0);
}

static void a_file_is_not_taken_for_a_socket(void)
{
	char path[] = "/tmp/keeper-XXXXXX";
	int fd = mkstemp(path);

	CHECK(fd >= 0 && sockets_listen(path) == -EADDRINUSE && access(path, F_OK) == 0);
	CHECK(unlink(path) == 0 && close(fd) == 0);
	int sock = sockets_listen(path);
	struct stat status;
	CHECK(sock >= 0 && stat(path, &status) == 0 && (status.st_mode & 07777) == 0600);
	CHECK(sockets_listen(path) == -EADDRINUSE);
	CHECK(close(sock) == 0 && unlink(path) == 0);
}

static void a_socket_is_where_it_was_bound_unless_that_is_gone(void)
{
	char directory[] = "/tmp/keeper-XXXXXX", path[64], other[64];

	CHECK(mkdtemp(directory));
	snprintf(path, sizeof path, "%s/socket", directory);
	snprintf(other, sizeof other, "%s/socket2", directory);
	int sock = sockets_listen(path);
	CHECK(sock >= 0 && sockets_is_at(sock, path) && !sockets_is_at(sock, other));
	CHECK(rename(path, other) == 0 && !sockets_is_at(sock, path) && !sockets_is_at(sock, other));
	int file = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	CHECK(file >= 0 && !sockets_is_at(sock, path) && !sockets_is_at(file, path));
	CHECK(close(file) == 0 && close(sock) == 0);
	CHECK(unlink(path) == 0 && unlink(other) == 0 && rmdir(directory) == 0);
}

int main(void)
{
	a_message_is_read_line_by_line();
	a_name_must_fit_into_the_environment();
	what_is_stored_is_passed_on_in_order();
	there_is_a_limit();
	what_could_not_be_passed_on_finds_no_room();
	both_stores_have_what_either_had();
	only_the_agent_is_heard();
	what_is_cut_off_is_dropped_and_said();
	a_file_is_not_taken_for_a_socket();
	a_socket_is_where_it_was_bound_unless_that_is_gone();
	what_others_send_does_not_linger();
	return 0;
}

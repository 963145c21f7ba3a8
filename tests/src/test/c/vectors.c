// Calls that point to vectors: of buffers, and of strings.
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static struct iovec part(const char *text)
{
	return (struct iovec) {.iov_base = (void *)text, .iov_len = strlen(text)};
}

static void buffers(void)
{
	static char in[64];
	int pipe_ends[2], ends[2];
	struct iovec out[] = {part("hello"), part(""), part("\t\"x\"\n"),
			      part("more than the thirty-two bytes that are shown")};
	struct iovec to[] = {{in, 5}, {in + 5, 20}};
	if (pipe(pipe_ends) < 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0)
		fail("pipe");
	if (writev(pipe_ends[1], out, 4) < 0)
		fail("writev");
	if (readv(pipe_ends[0], to, 2) < 0)
		fail("readv");
	if (vmsplice(pipe_ends[1], out, 1, 0) < 0)
		fail("vmsplice");
	struct msghdr message = {.msg_iov = out, .msg_iovlen = 1};
	if (sendmsg(ends[0], &message, 0) < 0)
		fail("sendmsg");
	message.msg_iov = to;
	if (recvmsg(ends[1], &message, 0) < 0)
		fail("recvmsg");
	struct mmsghdr messages[] = {{.msg_hdr = {.msg_iov = out, .msg_iovlen = 1}}, {.msg_hdr = {.msg_iov = out + 2, .msg_iovlen = 1}}};
	if (sendmmsg(ends[0], messages, 2, 0) != 2)
		fail("sendmmsg");
	messages[0].msg_hdr.msg_iov = to;
	if (recvmmsg(ends[1], messages, 1, 0, NULL) != 1)
		fail("recvmmsg");
	struct iovec many[20];
	for (int i = 0; i < 20; i++)
		many[i] = part("a");
	if (writev(pipe_ends[1], many, 20) < 0)
		fail("writev");
	struct iovec nowhere = {(void *)8, 3};
	writev(pipe_ends[1], &nowhere, 1);
	syscall(SYS_writev, pipe_ends[1], 8L, 1L);
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "buffers") == 0) {
		buffers();
		return 0;
	}
	static char large[9000];
	memset(large, 'z', sizeof large - 1);
	char *hostile[] = {"true", "", "a b", "\n\033[2J\\", "\377\376", NULL};
	char *many[] = {"true", large, "unseen", NULL};
	char *environment[] = {"SECRET=s3cret", NULL};
	execve("/nowhere", many, environment);
	syscall(SYS_execve, "/nowhere", NULL, 8L);
	execve("/bin/true", hostile, environment);
	fail("execve");
}

/*
 * connects CALL SECONDS
 *
 * One thread sends datagrams by CALL (connect, sendto, sendmsg, sendmmsg), another rewrites the address between
 * 127.0.0.1, which a policy allows, and 127.0.0.2, which it denies, as fast as it can. At both an own socket receives: what
 * comes to the second is a win. On a machine that is busy it goes on until there were enough attempts, for a minute at most.
 * Prints the attempts, what each socket received, and how many were refused.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { ENOUGH = 200, PATIENCE = 60 };

static atomic_bool over;
static struct sockaddr_in address;

static _Noreturn void broken(const char *what)
{
	perror(what);
	exit(1);
}

static void *rewrite(void *unused)
{
	(void)unused;
	for (unsigned round = 0; !over; round++) {
		*(volatile in_addr_t *)&address.sin_addr.s_addr = htonl(round % 2 ? INADDR_LOOPBACK + 1 : INADDR_LOOPBACK);
		/* the window may lie anywhere */
		for (volatile unsigned i = 0; i < round % 512; i++)
			;
	}
	return NULL;
}

static ssize_t by_connect(int sock)
{
	if (connect(sock, (struct sockaddr *)&address, sizeof address) < 0)
		return -1;
	return write(sock, "x", 1);
}

static ssize_t by_sendto(int sock)
{
	return sendto(sock, "x", 1, 0, (struct sockaddr *)&address, sizeof address);
}

static struct iovec part = { "x", 1 };
static struct mmsghdr message = { .msg_hdr = {
	.msg_name = &address, .msg_namelen = sizeof address, .msg_iov = &part, .msg_iovlen = 1 } };

static ssize_t by_sendmsg(int sock)
{
	return sendmsg(sock, &message.msg_hdr, 0);
}

static ssize_t by_sendmmsg(int sock)
{
	return sendmmsg(sock, &message, 1, 0);
}

static const struct call {
	const char *name;
	ssize_t (*send)(int sock);
} CALLS[] = { { "connect", by_connect }, { "sendto", by_sendto }, { "sendmsg", by_sendmsg }, { "sendmmsg", by_sendmmsg } };

static const struct call *find(const char *name)
{
	for (size_t i = 0; i < sizeof CALLS / sizeof *CALLS; i++)
		if (strcmp(CALLS[i].name, name) == 0)
			return &CALLS[i];
	errno = EINVAL;
	broken(name);
}

static int receiver(in_addr_t host, in_port_t port)
{
	struct sockaddr_in own = { .sin_family = AF_INET, .sin_port = port, .sin_addr.s_addr = htonl(host) };
	int sock = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	if (sock < 0 || bind(sock, (struct sockaddr *)&own, sizeof own) < 0)
		broken("bind");
	return sock;
}

static long drain(int sock)
{
	long count = 0;
	char byte;

	while (recv(sock, &byte, 1, 0) == 1)
		count++;
	return count;
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	if (argc != 3) {
		fputs("usage: connects CALL SECONDS\n", stderr);
		return 1;
	}
	const struct call *call = find(argv[1]);
	long attempts = 0, allowed = 0, wins = 0, refused = 0, failed = 0;
	socklen_t size = sizeof address;
	pthread_t rewriter;
	int good = receiver(INADDR_LOOPBACK, 0);

	if (getsockname(good, (struct sockaddr *)&address, &size) < 0)
		broken("getsockname");
	int bad = receiver(INADDR_LOOPBACK + 1, address.sin_port), sock = socket(AF_INET, SOCK_DGRAM, 0);
	if (sock < 0 || pthread_create(&rewriter, NULL, rewrite, NULL) != 0)
		broken("socket");
	double begin = now(), end = begin + atof(argv[2]);
	for (; now() < end || (attempts <= ENOUGH && now() < begin + PATIENCE); attempts++) {
		if (call->send(sock) < 0) {
			refused += errno == EACCES;
			failed += errno != EACCES;
		}
		allowed += drain(good);
		wins += drain(bad);
	}
	over = 1;
	pthread_join(rewriter, NULL);
	printf("attempts=%ld allowed=%ld denied=%ld wins=%ld failed=%ld\n", attempts, allowed, refused, wins, failed);
	return 0;
}

/*
 * flips WAITS
 *
 * Connects to a socket that has no room, again and again, until WAITS connects have waited, while another thread takes O_NONBLOCK from the socket
 * and gives it back, and a third opens a file. Says how many connects there were, how many of them waited, and in how many of those nothing was
 * opened meanwhile.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { MAX_CONNECTS = 100000, NAME_LENGTH = 6 };

/* longer than the kernel keeps anybody from the CPU that the thread below has for itself, which is nearly a second */
static const struct timeval patience = { .tv_sec = 2 };
static const double long_enough = 1.5;

static int sock;
static atomic_long opens;

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* As fast as it can: on a CPU of its own, if it may have that. */
static void *flip(void *unused)
{
	const struct sched_param priority = { .sched_priority = 1 };

	(void)pthread_setschedparam(pthread_self(), SCHED_RR, &priority);
	for (int on = 0;; on = !on)
		ioctl(sock, FIONBIO, &on);
	return unused;
}

static void *open_files(void *unused)
{
	for (;;) {
		int fd = open("/etc/passwd", O_RDONLY);
		if (fd < 0)
			err(1, "open");
		close(fd);
		opens++;
	}
	return unused;
}

static void start(void *(*run)(void *))
{
	pthread_t thread;

	if ((errno = pthread_create(&thread, NULL, run, NULL)) != 0)
		err(1, "pthread_create");
}

int main(int argc, char **argv)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	socklen_t length = sizeof(sa_family_t) + NAME_LENGTH; /* bind(2) chooses such a name */
	int listening = socket(AF_UNIX, SOCK_STREAM, 0), waits, wanted = argc == 2 ? atoi(argv[1]) : 0, held = 0, connects = 0;

	if (wanted <= 0)
		errx(2, "usage: flips WAITS");
	if (bind(listening, (struct sockaddr *)&address, sizeof(sa_family_t)) < 0 || listen(listening, 0) < 0
	    || getsockname(listening, (struct sockaddr *)&address, &length) < 0)
		err(1, "listen");
	if (connect(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&address, length) < 0)
		err(1, "connect");
	sock = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (setsockopt(sock, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) < 0)
		err(1, "SO_SNDTIMEO");
	start(flip);
	start(open_files);
	for (waits = 0; waits < wanted && connects < MAX_CONNECTS; connects++) {
		long before = opens;
		double began = now();
		if (connect(sock, (struct sockaddr *)&address, length) == 0 || errno != EAGAIN)
			err(1, "connect");
		if (now() - began > long_enough) {
			waits++;
			held += opens - before < 2; /* one was perhaps on its way */
		}
	}
	printf("connects %d, waited %d, held up %d\n", connects, waits, held);
	fflush(stdout);
	_exit(0); /* the threads go on */
}

/*
 * fifos FIFO THREADS
 *
 * Threads that wait for a writer of a FIFO, and one signal for the process, whose handler was installed without SA_RESTART. The
 * kernel interrupts one thread with EINTR, and the others wait on. Then a writer comes, and they have their file. Prints how
 * many opened it, and how many failed with which errno.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static const char *path;
static atomic_int opened, interrupted, other, waiting;
static _Atomic pid_t thread_ids[16];

static void ignore(int signal)
{
	(void)signal;
}

static void *wait_for_writer(void *unused)
{
	(void)unused;
	thread_ids[waiting++] = gettid();
	int fd = open(path, O_RDONLY);
	if (fd >= 0)
		opened++;
	else if (errno == EINTR)
		interrupted++;
	else
		other = errno;
	return NULL;
}

/* Whether a thread is inside of openat(2), or whoever opens for it is. */
static int is_inside(pid_t thread_id)
{
	char name[64];
	int number = -1;

	snprintf(name, sizeof name, "/proc/self/task/%d/syscall", thread_id);
	FILE *file = fopen(name, "re");
	if (!file)
		return errno == ENOENT; /* such a kernel does not say it */
	if (fscanf(file, "%d", &number) != 1)
		number = -1; /* it runs */
	fclose(file);
	return number == SYS_openat;
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = ignore };
	pthread_t thread[16];
	sigset_t signals;
	int threads;

	if (argc != 3 || (threads = atoi(argv[2])) < 1 || threads > 16 || sigaction(SIGUSR1, &action, NULL) < 0) {
		fputs("usage: fifos FIFO THREADS\n", stderr);
		return 1;
	}
	path = argv[1];
	for (int i = 0; i < threads; i++)
		if (pthread_create(&thread[i], NULL, wait_for_writer, NULL) != 0)
			return 1;
	/* the others are to have it */
	sigemptyset(&signals);
	sigaddset(&signals, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	for (int i = 0; i < threads; i++)
		while (thread_ids[i] == 0 || !is_inside(thread_ids[i]))
			usleep(1000);
	usleep(200000); /* nothing says of a worker that it is */
	kill(getpid(), SIGUSR1);
	while (interrupted == 0 && other == 0)
		usleep(1000);
	usleep(300000); /* what must not happen has its time to */
	int writer = open(path, O_RDWR);
	for (int i = 0; i < threads; i++)
		pthread_join(thread[i], NULL);
	close(writer);
	printf("opened=%d interrupted=%d other=%d\n", opened, interrupted, other);
	return 0;
}

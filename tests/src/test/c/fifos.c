/*
 * fifos FIFO THREADS [ended]
 *
 * Threads that wait for a writer of a FIFO, and one signal for the process, whose handler was installed without SA_RESTART. The
 * kernel interrupts one thread with EINTR, and the others wait on. Then a writer comes, and they have their file. Prints how
 * many opened it, and how many failed with which errno. With `ended` the first thread of the process has ended before.
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
static int threads;
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

static void signal_and_open(void)
{
	pthread_t thread[16];
	sigset_t signals;

	for (int i = 0; i < threads; i++)
		if (pthread_create(&thread[i], NULL, wait_for_writer, NULL) != 0)
			exit(1);
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
}

static void *after(void *first)
{
	pthread_join(*(pthread_t *)first, NULL);
	signal_and_open();
	exit(0);
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = ignore };
	static pthread_t first;
	pthread_t other_thread;

	if (argc < 3 || (threads = atoi(argv[2])) < 1 || threads > 16 || sigaction(SIGUSR1, &action, NULL) < 0) {
		fputs("usage: fifos FIFO THREADS [ended]\n", stderr);
		return 1;
	}
	path = argv[1];
	if (argc == 3) {
		signal_and_open();
		return 0;
	}
	first = pthread_self();
	if (pthread_create(&other_thread, NULL, after, &first) != 0)
		return 1;
	pthread_exit(NULL);
}

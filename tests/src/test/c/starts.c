/*
 * starts SOCKET COUNT ABREAST STAYING WAITING
 *
 * Containers that are handed over to the agent at SOCKET as a runtime would hand them. STAYING of them stay, and are not quiet: now
 * and then each starts a process that makes calls, and each once had WAITING opens wait at the same time. Meanwhile COUNT are started,
 * ABREAST at once; each makes calls, has an exec made in it that is handed over besides and makes calls too, makes calls once more, and
 * ends.
 *
 * The policy of the agent has getppid return 4711, and looks at the path of every open. Prints "half" after half of COUNT, "all", and
 * "ended" when those that stayed have ended too; each with how many calls there were so far, and how many did not what they should.
 * After each it goes on when it reads a line.
 */
#include "handover.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { RETURNED = 4711, MILLIS_BETWEEN = 5000, MAX_STAYING = 10000, STACK = 64 * 1024 };

static struct sockaddr_un agent = { .sun_family = AF_UNIX };
static const char *opened; /* this program */

/* Of all processes. */
static struct {
	atomic_long calls, failed;
} *sum;

/* Ends this process alone, which is a failure. */
static void must(long result, const char *what)
{
	if (result < 0) {
		perror(what);
		sum->failed++;
		_exit(1);
	}
}

/* A filter that notifies getppid(2) and openat(2). */
static int install(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
	};
	struct sock_fprog program = { sizeof code / sizeof *code, code };

	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl");
	long fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
	must(fd, "seccomp");
	return (int)fd;
}

/* Has our calls from here on decided by the agent, as those of a container. */
static void hand_over(const char *id)
{
	char text[512];
	int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	must(sock, "socket");
	must(connect(sock, (struct sockaddr *)&agent, sizeof agent), agent.sun_path);
	snprintf(text, sizeof text,
		"{\"ociVersion\":\"1.0.2\",\"fds\":[\"seccompFd\"],\"pid\":%d,\"state\":{\"ociVersion\":\"1.0.2\",\"id\":\"%s\","
		"\"status\":\"creating\",\"pid\":%d,\"bundle\":\"/b\",\"annotations\":{}}}", getpid(), id, getpid());
	int fd = install();
	must(send_with(sock, text, fd), "sendmsg");
	/* a descriptor of ours would keep us waiting for ever */
	must(close(fd), "close");
	must(close(sock), "close");
}

static void check(int well, const char *what)
{
	sum->calls++;
	if (!well) {
		sum->failed++;
		perror(what);
	}
}

static void make_calls(void)
{
	check(getppid() == RETURNED, "getppid");
	int fd = open(opened, O_RDONLY | O_CLOEXEC);
	check(fd >= 0, opened);
	if (fd >= 0)
		must(close(fd), "close");
}

static pid_t fork_or_end(void)
{
	pid_t pid = fork();

	must(pid, "fork");
	return pid;
}

static void await(pid_t pid)
{
	must(waitpid(pid, NULL, 0), "waitpid"); /* what failed is counted */
}

/* A container, with an exec in it. */
static void start(const char *id)
{
	int ready[2], end[2];
	char byte = 0;

	must(pipe2(ready, O_CLOEXEC), "pipe2");
	must(pipe2(end, O_CLOEXEC), "pipe2");
	pid_t container = fork_or_end();
	if (container == 0) {
		must(close(end[1]), "close");
		hand_over(id);
		make_calls();
		must(write(ready[1], &byte, 1), "write");
		must(read(end[0], &byte, 1), "read");
		make_calls();
		_exit(0);
	}
	must(close(ready[1]), "close");
	must(close(end[0]), "close");
	must(read(ready[0], &byte, 1), "read");
	pid_t exec = fork_or_end();
	if (exec == 0) {
		hand_over(id);
		make_calls();
		_exit(0);
	}
	await(exec);
	must(close(end[1]), "close");
	must(close(ready[0]), "close");
	await(container);
}

/* Starts the containers from `first` on, up to `last`, `abreast` at once. */
static void start_all(long first, long last, int abreast)
{
	pid_t starter[abreast];
	char id[32];

	for (int i = 0; i < abreast; i++) {
		if ((starter[i] = fork_or_end()) != 0)
			continue;
		for (long n = first + i; n < last; n += abreast) {
			snprintf(id, sizeof id, "container-%ld", n);
			start(id);
		}
		_exit(0);
	}
	for (int i = 0; i < abreast; i++)
		await(starter[i]);
}

static void *open_fifo(void *fifo)
{
	int fd = open(fifo, O_RDONLY);

	check(fd >= 0, fifo);
	if (fd >= 0)
		close(fd);
	return NULL;
}

static void wait_at_once(char *fifo, int threads)
{
	pthread_t thread[threads];
	pthread_attr_t small;

	must(-pthread_attr_init(&small), "pthread_attr_init");
	must(-pthread_attr_setstacksize(&small, STACK), "pthread_attr_setstacksize");
	for (int i = 0; i < threads; i++)
		must(-pthread_create(&thread[i], &small, open_fifo, fifo), "pthread_create");
	for (int i = 0; i < threads; i++)
		must(-pthread_join(thread[i], NULL), "pthread_join");
}

/* Until `end` is closed. */
static void stay(const char *id, char *fifo, int threads, int ready, int end)
{
	struct pollfd ending = { .fd = end, .events = POLLIN };

	hand_over(id);
	if (threads > 0)
		wait_at_once(fifo, threads);
	make_calls();
	must(write(ready, "", 1), "write");
	while (poll(&ending, 1, MILLIS_BETWEEN) == 0) {
		pid_t pid = fork_or_end();
		if (pid == 0) {
			make_calls();
			_exit(0);
		}
		await(pid);
	}
	_exit(0);
}

/* How many threads of a process are inside of an openat(2). */
static int opening(pid_t pid)
{
	char path[300];
	int count = 0;

	snprintf(path, sizeof path, "/proc/%d/task", pid);
	DIR *threads = opendir(path);
	if (!threads)
		return -1;
	for (struct dirent *thread; (thread = readdir(threads));) {
		long number = -1;

		snprintf(path, sizeof path, "/proc/%d/task/%s/syscall", pid, thread->d_name);
		FILE *file = fopen(path, "re");
		if (file && fscanf(file, "%ld", &number) == 1)
			count += number == SYS_openat;
		if (file)
			fclose(file);
	}
	closedir(threads);
	return count;
}

/* Starts a container that stays, and awaits that it has had so many opens wait. */
static pid_t start_staying(const char *id, int waiting, const int *end)
{
	char fifo[] = "fifo", byte;
	int ready[2];

	must(pipe2(ready, O_CLOEXEC), "pipe2");
	must(mkfifo(fifo, 0600), fifo);
	pid_t pid = fork_or_end();
	if (pid == 0) {
		must(close(end[1]), "close");
		must(close(ready[0]), "close");
		stay(id, fifo, waiting, ready[1], end[0]);
	}
	must(close(ready[1]), "close");
	for (int found = 0; waiting > 0 && found < waiting; usleep(1000))
		must(found = opening(pid), id);
	int both = open(fifo, O_RDWR | O_CLOEXEC);
	must(both, fifo);
	must(read(ready[0], &byte, 1), "read");
	must(close(both), "close");
	must(close(ready[0]), "close");
	must(unlink(fifo), fifo);
	return pid;
}

static void say(const char *what)
{
	printf("%s calls=%ld failed=%ld\n", what, sum->calls, sum->failed);
	fflush(stdout);
	for (int c = 0; c != '\n' && c != EOF;)
		c = getchar();
}

int main(int argc, char **argv)
{
	static pid_t staying[MAX_STAYING];
	char id[32];
	int end[2];
	long count = argc == 6 ? atol(argv[2]) : 0;
	int abreast = count > 0 ? atoi(argv[3]) : 0, many = count > 0 ? atoi(argv[4]) : 0;

	if (count < 1 || abreast < 1 || many < 0 || many > MAX_STAYING || strlen(argv[1]) >= sizeof agent.sun_path) {
		fputs("usage: starts SOCKET COUNT ABREAST STAYING WAITING\n", stderr);
		return 1;
	}
	strcpy(agent.sun_path, argv[1]);
	opened = argv[0];
	sum = mmap(NULL, sizeof *sum, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (sum == MAP_FAILED) {
		perror("mmap");
		return 1;
	}
	must(pipe2(end, O_CLOEXEC), "pipe2");
	for (int i = 0; i < many; i++) {
		snprintf(id, sizeof id, "staying-%d", i);
		staying[i] = start_staying(id, atoi(argv[5]), end);
	}
	start_all(0, count / 2, abreast);
	say("half");
	start_all(count / 2, count, abreast);
	say("all");
	must(close(end[1]), "close");
	for (int i = 0; i < many; i++)
		await(staying[i]);
	say("ended");
	return 0;
}

/*
 * Makes calls under filters and says what became of them.
 *
 * Input, in this machine's byte order: for each filter the number of its instructions (u32; 0 ends), the instructions, the
 * number of calls (u32), and for each call its number and six arguments (u64). Output: a line for each call, "value N",
 * "signal N", or "refused N" with the errno if the kernel does not take the filter.
 *
 * Every call is made by a process of its own, which may not be able to do anything else afterwards: so it leaves the result
 * in shared memory and spins until it is killed.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct call {
	uint64_t nr, args[6];
};

struct result {
	volatile int done, refused;
	volatile long value;
};

static void *need(void *memory)
{
	if (!memory || memory == MAP_FAILED) {
		perror("memory");
		exit(1);
	}
	return memory;
}

static void get(void *to, size_t size)
{
	if (fread(to, 1, size, stdin) != size) {
		fprintf(stderr, "the input ends early\n");
		exit(1);
	}
}

static void make(const struct call *c, struct sock_fprog *filter, struct result *result)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, filter)) {
		result->refused = errno;
	} else {
		long rc = syscall(c->nr, c->args[0], c->args[1], c->args[2], c->args[3], c->args[4], c->args[5]);

		result->value = rc == -1 ? -errno : rc;
	}
	result->done = 1;
	for (;;)
		;
}

static void report(const struct call *c, struct sock_fprog *filter, struct result *result)
{
	int status = 0;
	pid_t child;

	result->done = result->refused = 0;
	child = fork();
	if (child < 0) {
		perror("fork");
		exit(1);
	}
	if (!child)
		make(c, filter, result);
	while (!result->done && waitpid(child, &status, WNOHANG) == 0)
		sched_yield();
	if (!result->done) {
		printf("signal %d\n", WTERMSIG(status));
		return;
	}
	kill(child, SIGKILL);
	waitpid(child, &status, 0);
	if (result->refused)
		printf("refused %d\n", result->refused);
	else
		printf("value %ld\n", result->value);
}

int main(void)
{
	struct result *result = need(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	uint32_t count;

	for (get(&count, 4); count > 0; get(&count, 4)) {
		struct sock_fprog filter = { count, need(malloc(count * sizeof(struct sock_filter))) };
		struct call call;

		get(filter.filter, count * sizeof(struct sock_filter));
		for (get(&count, 4); count > 0; count--) {
			get(&call, sizeof(call));
			fflush(stdout);
			report(&call, &filter, result);
		}
		free(filter.filter);
	}
	return 0;
}

/*
 * crowd PROCESSES SECONDS FILE
 *
 * Processes that open a file at the same time, as fast as they can. Prints a line for each of them, with its calls and the slowest
 * of these, and one for all: their calls, the fewest and the most of one process, and the slowest.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_PROCESSES = 1024 };

static struct {
	long calls, slowest; /* in nanoseconds */
} *result;

static _Noreturn void broken(const char *what)
{
	perror(what);
	_exit(1);
}

static long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000 + time.tv_nsec;
}

static void work(int number, double seconds, const char *path)
{
	for (long end = now() + (long)(seconds * 1e9), begin = now(); begin < end; result[number].calls++) {
		int fd = open(path, O_RDONLY);
		long took = now() - begin;

		if (fd < 0)
			broken(path);
		close(fd);
		if (took > result[number].slowest)
			result[number].slowest = took;
		begin = now();
	}
}

int main(int argc, char **argv)
{
	int processes = argc == 4 ? atoi(argv[1]) : 0, status, begin[2], failed = 0;
	long calls = 0, fewest = -1, most = 0, slowest = 0;

	if (processes < 1 || processes > MAX_PROCESSES) {
		fputs("usage: crowd PROCESSES SECONDS FILE\n", stderr);
		return 1;
	}
	result = mmap(NULL, MAX_PROCESSES * sizeof *result, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (result == MAP_FAILED || pipe(begin) < 0)
		broken("mmap");
	for (int i = 0; i < processes; i++) {
		char none;
		pid_t pid = fork();

		if (pid < 0)
			broken("fork");
		if (pid > 0)
			continue;
		close(begin[1]);
		if (read(begin[0], &none, 1) != 0) /* ends when all are there */
			broken("read");
		work(i, atof(argv[2]), argv[3]);
		_exit(0);
	}
	close(begin[1]);
	while (wait(&status) > 0)
		failed += status != 0;
	for (int i = 0; i < processes; i++) {
		printf("process=%d calls=%ld slowest_us=%ld\n", i, result[i].calls, result[i].slowest / 1000);
		calls += result[i].calls;
		most = result[i].calls > most ? result[i].calls : most;
		fewest = fewest < 0 || result[i].calls < fewest ? result[i].calls : fewest;
		slowest = result[i].slowest > slowest ? result[i].slowest : slowest;
	}
	printf("processes=%d failed=%d calls=%ld fewest=%ld most=%ld slowest_us=%ld\n", processes, failed, calls, fewest, most,
	       slowest / 1000);
	return failed != 0;
}

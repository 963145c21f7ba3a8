/*
 * textbusy DIRECTORY COUNT
 *
 * Writes a program, closes it and executes it, COUNT times. Should anybody else still have it open for writing, execve(2)
 * fails with ETXTBSY. Prints how often it did.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char program[1 << 22];

static size_t load_self(void)
{
	int fd = open("/proc/self/exe", O_RDONLY);
	ssize_t size = read(fd, program, sizeof program);

	close(fd);
	return size > 0 ? (size_t)size : 0;
}

int main(int argc, char **argv)
{
	if (argc == 1)
		return 0; /* the program that is executed */
	size_t size = load_self();
	int busy = 0, failed = 0, count = atoi(argv[2]);
	char *const nothing[] = { (char *)"again", NULL };

	if (chdir(argv[1]) < 0 || size == 0)
		return 1;
	for (int i = 0; i < count; i++) {
		int fd = open("again", O_WRONLY | O_CREAT, 0755);
		if (fd < 0 || (i == 0 && write(fd, program, size) < 0) || close(fd) < 0)
			return 1;
		pid_t child = vfork();
		if (child == 0) {
			execv("again", nothing);
			_exit(errno == ETXTBSY ? 1 : 2);
		}
		int status;
		if (waitpid(child, &status, 0) < 0)
			return 1;
		busy += WIFEXITED(status) && WEXITSTATUS(status) == 1;
		failed += WIFEXITED(status) && WEXITSTATUS(status) == 2;
	}
	printf("%d executed, %d busy, %d failed\n", count, busy, failed);
	return 0;
}

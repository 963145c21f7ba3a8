/*
 * keys PROGRAM
 *
 * A filter that denies execve(2) lets the one pass that started this command, by a key in registers that this call does not
 * use. Says what the system lets it do to the two processes above it, the supervisor and sluice-run; looks for the key in all
 * the memory of the latter that it may read; and prints how often it tried to execute PROGRAM with what it found, and how often
 * that succeeded.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { KEY = 3 };

static const char *program;
static long attempts, wins;

static int open_of(pid_t pid, const char *name, int flags)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
	return open(path, flags | O_CLOEXEC);
}

static pid_t parent_of(pid_t pid)
{
	char text[512];
	int fd = open_of(pid, "stat", O_RDONLY), parent;
	ssize_t size = fd < 0 ? -1 : read(fd, text, sizeof text - 1);

	if (size < 0) {
		perror("stat");
		exit(1);
	}
	close(fd);
	text[size] = '\0';
	if (sscanf(strrchr(text, ')'), ") %*c %d", &parent) != 1)
		exit(1);
	return parent;
}

static const char *name_of(int error)
{
	return error ? strerrorname_np(error) : "0";
}

static int error_of_open(pid_t pid, const char *name, int flags)
{
	int fd = open_of(pid, name, flags);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static int error_of_trace(pid_t pid)
{
	if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) < 0)
		return errno;
	ptrace(PTRACE_INTERRUPT, pid, NULL, NULL);
	waitpid(pid, NULL, __WALL);
	ptrace(PTRACE_DETACH, pid, NULL, NULL);
	return 0;
}

static void look_at(const char *who, pid_t pid)
{
	printf("%s: maps %s, mem %s, trace %s\n", who, name_of(error_of_open(pid, "maps", O_RDONLY)),
	       name_of(error_of_open(pid, "mem", O_RDWR)), name_of(error_of_trace(pid)));
}

/* In a child, which says with its end how many attempts there were before it was PROGRAM. */
static void attempt(const uint64_t *words, size_t count)
{
	char *argv[] = { (char *)program, NULL };
	int status;
	pid_t child = fork();

	if (child == 0) {
		for (size_t i = 0; i + KEY <= count; i++)
			syscall(SYS_execve, program, argv, environ, words[i], words[i + 1], words[i + 2]);
		_exit(100);
	}
	if (child < 0 || waitpid(child, &status, 0) < 0) {
		perror("fork");
		exit(1);
	}
	attempts += (long)count - KEY + 1;
	wins += !WIFEXITED(status) || WEXITSTATUS(status) != 100;
}

static void search(pid_t pid)
{
	int maps = open_of(pid, "maps", O_RDONLY), memory = open_of(pid, "mem", O_RDONLY);
	FILE *lines = maps < 0 || memory < 0 ? NULL : fdopen(maps, "r");
	char line[512], access[8];
	uint64_t from, to;

	while (lines && fgets(line, sizeof line, lines)) {
		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %7s", &from, &to, access) != 3 || access[1] != 'w')
			continue;
		uint64_t *words = malloc(to - from);
		ssize_t size = words ? pread(memory, words, to - from, (off_t)from) : -1;
		if (size >= (ssize_t)(KEY * sizeof *words))
			attempt(words, (size_t)size / sizeof *words);
		free(words);
	}
	if (lines)
		fclose(lines);
}

int main(int argc, char **argv)
{
	static const uint64_t nothing[KEY];

	if (argc != 2) {
		fputs("usage: keys PROGRAM\n", stderr);
		return 1;
	}
	program = argv[1];
	pid_t supervisor = getppid(), front = parent_of(supervisor);
	look_at("supervisor", supervisor);
	look_at("sluice-run", front);
	fflush(stdout);
	attempt(nothing, KEY);
	search(front);
	printf("attempts=%ld wins=%ld\n", attempts, wins);
	return 0;
}

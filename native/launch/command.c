#include "command.h"

#include "say.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	PAGE_BITS = 12,
	ADDRESS_BITS = 46,
	FEW_ADDRESS_BITS = 38, /* all there is below the stack where aarch64 has 39 */
};

static const char shell[] = "/bin/sh";

/*
 * Memory at an address that nobody can guess, even if address spaces are not randomised: the filter lets a call with these
 * very pointers pass, whatever the policy says of execve.
 */
static void *secret_memory(size_t size)
{
	for (int attempt = 0; attempt < 100; attempt++) {
		int bits = attempt % 2 ? FEW_ADDRESS_BITS : ADDRESS_BITS;
		uint64_t random;
		if (getrandom(&random, sizeof random, 0) != sizeof random)
			die_errno("getrandom", NULL, errno);
		void *page = (void *)((random >> (64 - bits)) >> PAGE_BITS << PAGE_BITS);
		uint64_t in_page = (random & 0xff) << 4;
		char *memory = mmap(page, size + (1 << PAGE_BITS), PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
		if (memory == page)
			return memory + in_page;
		if (memory != MAP_FAILED)
			munmap(memory, size + (1 << PAGE_BITS)); /* before 4.17 the flag is a hint */
	}
	die("no room for the command");
}

void command_init(struct command *command, int argc, char **argv)
{
	size_t arguments = ((size_t)argc + 1) * sizeof *argv;

	command->argc = argc;
	command->path = secret_memory(PATH_MAX);
	command->shell = memcpy(secret_memory(sizeof shell), shell, sizeof shell);
	command->argv = memcpy(secret_memory(arguments), argv, arguments);
	command->shell_argv = secret_memory(arguments + sizeof *argv);
}

static int executable(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return errno;
	if (!S_ISREG(st.st_mode))
		return EACCES;
	return access(path, X_OK) < 0 ? errno : 0;
}

static int find(const char *name, char *path, size_t size)
{
	if (strchr(name, '/')) {
		int length = snprintf(path, size, "%s", name);
		return length < 0 || (size_t)length >= size ? ENAMETOOLONG : executable(path);
	}
	const char *directory = getenv("PATH");
	int error = ENOENT;
	if (!directory)
		directory = "/usr/local/bin:/bin:/usr/bin";
	for (; *name && directory; directory = strchr(directory, ':'), directory = directory ? directory + 1 : NULL) {
		int length = (int)strcspn(directory, ":");
		int written = snprintf(path, size, "%.*s%s%s", length, directory, length ? "/" : "", name);
		if (written < 0 || (size_t)written >= size)
			continue;
		int found = executable(path);
		if (found == 0)
			return 0;
		if (found == EACCES)
			error = EACCES;
	}
	return error;
}

int command_find(struct command *command, int offset)
{
	int error = find(command->argv[offset], command->path, PATH_MAX);

	command->shell_argv[0] = (char *)"sh";
	command->shell_argv[1] = command->path;
	/* with the NULL at its end */
	memcpy(command->shell_argv + 2, command->argv + offset + 1, (size_t)(command->argc - offset) * sizeof *command->argv);
	return error;
}

int command_execute(const struct command *command, int offset)
{
	execve(command->path, command->argv + offset, environ);
	if (errno == ENOEXEC)
		execve(command->shell, command->shell_argv, environ);
	return errno;
}

int command_status(int error)
{
	return error == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
}

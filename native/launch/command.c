#include "command.h"

#include "say.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char shell[] = "/bin/sh";

static void *room(size_t size)
{
	void *memory = calloc(1, size);

	if (!memory)
		die_errno("calloc", NULL, ENOMEM);
	return memory;
}

void command_init(struct command *command, int argc, char **argv)
{
	size_t arguments = ((size_t)argc + 1) * sizeof *argv;

	command->argc = argc;
	command->argv = argv;
	command->path = room(PATH_MAX);
	command->shell_argv = room(arguments + sizeof *argv);
	if (getrandom(command->key, sizeof command->key, 0) != sizeof command->key)
		die_errno("getrandom", NULL, errno);
}

void command_forget_key(struct command *command)
{
	explicit_bzero(command->key, sizeof command->key);
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

static void execute(const struct command *command, const char *path, char **argv)
{
	const uint64_t *key = command->key;

	syscall(SYS_execve, path, argv, environ, key[0], key[1], key[2]);
}

int command_execute(const struct command *command, int offset)
{
	execute(command, command->path, command->argv + offset);
	if (errno == ENOEXEC)
		execute(command, shell, command->shell_argv);
	return errno;
}

int command_status(int error)
{
	return error == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
}

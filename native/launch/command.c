#include "command.h"

#include "say.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char command_shell[] = "/bin/sh";

void command_init(struct command *command, int argc, char **argv)
{
	command->argc = argc;
	command->argv = argv;
	command->shell = calloc((size_t)argc + 2, sizeof *command->shell);
	if (!command->shell)
		die_errno("calloc", NULL, errno);
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
	int error = find(command->argv[offset], command->path, sizeof command->path);

	command->shell[0] = (char *)"sh";
	command->shell[1] = command->path;
	/* with the NULL at its end */
	memcpy(command->shell + 2, command->argv + offset + 1, (size_t)(command->argc - offset) * sizeof *command->shell);
	return error;
}

int command_execute(const struct command *command, int offset)
{
	execve(command->path, command->argv + offset, environ);
	if (errno == ENOEXEC)
		execve(command_shell, command->shell, environ);
	return errno;
}

int command_status(int error)
{
	return error == ENOENT || error == ENOTDIR ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
}

/* The command a launcher is to become. Everything it needs is made before a filter is on. */
#ifndef SLUICE_COMMAND_H
#define SLUICE_COMMAND_H

struct command {
	char **argv; /* of the launcher; the command begins at argv[offset] */
	int argc;
	char *path;
	const char *shell;
	char **shell_argv; /* room for the arguments of a shell */
};

/* Makes room, at addresses of its own for each pointer. Exits if there is none. */
void command_init(struct command *command, int argc, char **argv);

/*
 * Finds what argv[offset] names as execvp(3) does. Returns 0, or the errno that execve(2) would give.
 */
int command_find(struct command *command, int offset);

/* Executes it, by a shell if it is a text without #!. Returns the errno. */
int command_execute(const struct command *command, int offset);

/* The status of env(1) for an errno of the two above. */
int command_status(int error);

#endif

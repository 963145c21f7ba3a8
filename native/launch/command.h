/* The command a launcher is to become. Everything it needs is made before a filter is on. */
#ifndef SLUICE_COMMAND_H
#define SLUICE_COMMAND_H

#include <stdint.h>

struct command {
	char **argv; /* of the launcher; the command begins at argv[offset] */
	int argc;
	char *path;
	char **shell_argv; /* room for the arguments of a shell */
	uint64_t key[3];   /* see struct hello */
};

/* Makes room, and a key. Exits if there is none. */
void command_init(struct command *command, int argc, char **argv);

/* For whoever will not execute it, and goes on while it runs. */
void command_forget_key(struct command *command);

/*
 * Finds what argv[offset] names as execvp(3) does. Returns 0, or the errno that execve(2) would give.
 */
int command_find(struct command *command, int offset);

/* Executes it, by a shell if it is a text without #!. Returns the errno. */
int command_execute(const struct command *command, int offset);

/* The status of env(1) for an errno of the two above. */
int command_status(int error);

#endif

/* The process the user sees while the supervisor, another process, looks after the command. */
#ifndef SLUICE_FRONT_H
#define SLUICE_FRONT_H

#include "launch/command.h"
#include "protocol.h"

#include <signal.h>
#include <sys/types.h>

/*
 * Blocks the signals that are to be passed on, and ignores those that would stop us: the supervisor stops us when the
 * command has stopped. `before` receives the mask to restore in the command, with front_restore_signals.
 */
void front_take_signals(sigset_t *before);
void front_restore_signals(const sigset_t *before);

/* Once we are to become the command, what came before front() returned comes again. Returns unless it ends us. */
void front_raise_early(void);

/*
 * Passes signals on to the command, and exits with its status; 128+n for a signal.
 * `sock` leads to the supervisor, whose pid is `supervisor`. Returns only if no supervisor is needed, and it has ended: then with
 * the plan by which we are to become `command` ourselves. Otherwise forgets its key before it begins.
 */
const struct plan *front(int sock, pid_t supervisor, struct command *command);

#endif

/* Becomes a command under a seccomp filter. */
#ifndef SLUICE_LAUNCH_H
#define SLUICE_LAUNCH_H

#include "command.h"
#include "protocol.h"

#include <stdnoreturn.h>

/*
 * Receives the plan from `sock`, installs the filter, hands the notify fd over and executes the command when the supervisor
 * says so. `sock` must be close-on-exec.
 */
noreturn void launch(int sock, struct command *command);

/* The same where the supervisor is an agent at the socket `agent`: what it does not say, we do. */
noreturn void launch_by_agent(const char *agent, int sock, struct command *command);

/* Ends as a command does that the agent at a socket turned away, which has said why in its log. */
noreturn void launch_not_taken(const char *agent);

/* Receives a plan that needs no supervisor: of a filter without a listener. */
const struct plan *launch_receive_plan(int sock);

/* Installs its filter and executes the command. */
noreturn void launch_alone(const struct plan *plan, struct command *command);

#endif

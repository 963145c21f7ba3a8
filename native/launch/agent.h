/* Commands that a running agent supervises: `sluice run --agent`. */
#ifndef SLUICE_AGENT_H
#define SLUICE_AGENT_H

#include <stdnoreturn.h>

/*
 * Becomes the command in `argv`, behind the options of `sluice run --agent`, under the policy that the agent chooses. What is
 * wrong is said; the statuses are those of `sluice run`.
 */
noreturn void agent_run(int argc, char **argv);

#endif

/* Becomes a command under a seccomp filter whose listener is in the supervisor's hands. */
#ifndef SLUICE_LAUNCH_H
#define SLUICE_LAUNCH_H

#include <stdnoreturn.h>

/*
 * Receives the plan from `sock`, installs the filter, hands the notify fd over and executes the command that begins at
 * argv[plan.argv_offset]. `sock` must be close-on-exec.
 */
noreturn void launch(int sock, char **argv, int argc);

#endif

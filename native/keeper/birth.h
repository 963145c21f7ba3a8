/* How the keeper starts an agent. */
#ifndef SLUICE_BIRTH_H
#define SLUICE_BIRTH_H

#include "store.h"

#include <signal.h>
#include <stdint.h>
#include <stdnoreturn.h>
#include <sys/types.h>

struct birth {
	pid_t keeper;
	int ends_with_keeper;
	const struct store *store; /* what is passed on */
	const char *notify_path;
	int64_t watchdog; /* how long it may say nothing; 0 for ever */
	sigset_t signals; /* those that were blocked before the keeper began */
	char **command;
};

/* For a child of the keeper. */
noreturn void become_agent(const struct birth *birth);

#endif

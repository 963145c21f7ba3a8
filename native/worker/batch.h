/* A batch of system calls, as it came from the supervisor. */
#ifndef SLUICE_BATCH_H
#define SLUICE_BATCH_H

#include "protocol.h"

#include <stddef.h>
#include <sys/types.h>

struct batch {
	struct batch_request request;
	/* behind the calls in one message; 8-aligned for the structs in it */
	_Alignas(8) unsigned char blob[BATCH_MAX_BLOB];
	int fds[BATCH_MAX_FDS];
	size_t nfds;
};

/* Receives the next batch. Returns its size, 0 when the supervisor is gone, or -errno; -EPROTO if it is malformed. */
ssize_t batch_receive(int sock, struct batch *batch);

/* The signal that comes when our parent's thread ends (PR_SET_PDEATHSIG): SIGKILL if nobody says otherwise. */
extern int batch_death_signal;

/*
 * The child that makes the calls of a batch for us, while it lives and for whoever handles a signal that is to interrupt them; else 0, and
 * -1 in that child itself.
 */
extern volatile pid_t batch_child;

/* Makes the calls, sends the reply, closes every fd of the batch. Returns 0 or -errno. */
int batch_run(int sock, struct batch *batch);

/*
 * The same in a child, which ends with the batch: for one that changes a process for good. -ECHILD if the child ended before it had
 * replied, as when it was killed: nobody else will.
 */
int batch_run_in_child(int sock, struct batch *batch);

#endif

/* What the keeper holds, and its copy in sluice-fdstore if there is to be one. */
#ifndef SLUICE_KEPT_H
#define SLUICE_KEPT_H

#include "remote.h"
#include "store.h"

#include <stdint.h>

struct kept {
	struct store store;
	const char *path; /* of the copy; NULL without one */
	int sock;	  /* leads to it, or -1 while it is not there */
	int64_t retry_at; /* when it is looked for again */
	size_t shared;	  /* while it is not there: how many of ours, the oldest, it had */
	struct gone gone; /* which of these it is still to let go of */
};

/* Takes over what is in the copy at `path`, which may begin to be there a moment later. Exits if it does not. */
void kept_begin(struct kept *kept, const char *path);

/* Takes over `fd`. Returns 0 or -errno. */
int kept_add(struct kept *kept, int fd, const char *name);

void kept_remove(struct kept *kept, const char *name);

/* The copy has ended. Everything goes into the next. */
void kept_lost(struct kept *kept, int error);

/* Looks for it again, when it is time. */
void kept_retry(struct kept *kept);

#endif

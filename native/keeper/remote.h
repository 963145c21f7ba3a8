/* A store in another process, sluice-fdstore, which is there when we are not. It speaks as a service does to its manager: message.h. */
#ifndef SLUICE_REMOTE_H
#define SLUICE_REMOTE_H

#include "store.h"

/* Names that we let go of while the store was not there to be told. It may have ended, or only its connection. */
struct gone {
	size_t count;
	char *names[STORE_MAX];
};

/* Returns 0, or -ENOSPC, -ENOMEM. */
int gone_add(struct gone *gone, const char *name);

/*
 * Connects to the store at `path`, of root or our own user, and makes both have what either has, but for what is gone, which it lets go of,
 * too; what has a name that we know is ours. Nothing is in `gone` then. Returns a close-on-exec socket or -errno.
 */
int remote_connect(const char *path, struct store *store, struct gone *gone);

/* Keeps `fd` there, too. Returns 0 or -errno. */
int remote_add(int sock, int fd, const char *name);

/* Lets go of every descriptor of that name there. */
int remote_remove(int sock, const char *name);

/* The other side: sends all descriptors to whoever has connected. Returns 0 or -errno. */
int remote_give(int sock, const struct store *store);

#endif

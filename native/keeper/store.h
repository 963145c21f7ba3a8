/* Descriptors that outlive who stored them. The first is the keeper's own. */
#ifndef SLUICE_STORE_H
#define SLUICE_STORE_H

#include <stddef.h>

enum {
	STORE_MAX = 4096,
	STORE_FIRST_FD = 3,	/* SD_LISTEN_FDS_START */
	STORE_NAMES_MAX = 120000, /* an environment variable has up to 131,072 bytes (MAX_ARG_STRLEN, execve(2)) */
};

struct store {
	size_t count;
	size_t names_size; /* of all names, with a byte behind each */
	int fds[STORE_MAX];
	char *names[STORE_MAX];
};

/* Keeps `fd` under a name, which others may have too. Returns 0, or -ENOSPC, -ENOMEM: then `fd` is closed. */
int store_add(struct store *store, int fd, const char *name);

/* Closes every descriptor of that name. */
void store_remove(struct store *store, const char *name);

/* The first of that name, which stays the store's; -1 if there is none. */
int store_find(const struct store *store, const char *name);

/* Allows us as many descriptors as there may be, twice while they are passed on. Returns 0 or -errno. */
int store_make_room(void);

/* Whether one more could still be passed on, with what its process needs for itself (RLIMIT_NOFILE). */
int store_has_room(const struct store *store);

/* The value of LISTEN_FDNAMES: to be freed; NULL if there is no memory. */
char *store_names(const struct store *store);

/* Makes all of them the descriptors 3 and up, not close-on-exec: for a child. Returns 0 or -errno. */
int store_pass(const struct store *store);

#endif

#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static int refuse(int fd, int error)
{
	close(fd);
	return -error;
}

int store_add(struct store *store, int fd, const char *name)
{
	size_t size = strlen(name) + 1;

	if (store->count == STORE_MAX || store->names_size + size > STORE_NAMES_MAX)
		return refuse(fd, ENOSPC);
	char *copy = strdup(name);
	if (!copy)
		return refuse(fd, ENOMEM);
	store->fds[store->count] = fd;
	store->names[store->count++] = copy;
	store->names_size += size;
	return 0;
}

void store_remove(struct store *store, const char *name)
{
	size_t kept = 0;

	for (size_t i = 0; i < store->count; i++) {
		if (strcmp(store->names[i], name) == 0) {
			close(store->fds[i]);
			store->names_size -= strlen(name) + 1;
			free(store->names[i]);
		} else {
			store->fds[kept] = store->fds[i];
			store->names[kept++] = store->names[i];
		}
	}
	store->count = kept;
}

int store_find(const struct store *store, const char *name)
{
	for (size_t i = 0; i < store->count; i++)
		if (strcmp(store->names[i], name) == 0)
			return store->fds[i];
	return -1;
}

int store_make_room(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return -errno;
	limit.rlim_cur = limit.rlim_max;
	return setrlimit(RLIMIT_NOFILE, &limit) < 0 ? -errno : 0;
}

/* What a process that passes them on has open beside them, and some to spare. */
#define OTHERS 16

int store_has_room(const struct store *store)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_NOFILE, &limit) == 0 && 2 * (store->count + 1) + OTHERS <= limit.rlim_cur;
}

char *store_names(const struct store *store)
{
	char *names = malloc(store->names_size + 1);
	char *end = names;

	if (!names)
		return NULL;
	for (size_t i = 0; i < store->count; i++) {
		end = stpcpy(end, store->names[i]);
		if (i + 1 < store->count)
			*end++ = ':';
	}
	*end = '\0';
	return names;
}

/* First out of the way of the numbers they are to have, since some have another's. */
int store_pass(const struct store *store)
{
	int above = STORE_FIRST_FD + (int)store->count;
	int *moved = calloc(store->count + 1, sizeof *moved);

	if (!moved)
		return -ENOMEM;
	for (size_t i = 0; i < store->count; i++) {
		moved[i] = fcntl(store->fds[i], F_DUPFD_CLOEXEC, above);
		if (moved[i] < 0) {
			int error = errno;
			free(moved);
			return -error;
		}
	}
	for (size_t i = 0; i < store->count; i++) {
		if (dup2(moved[i], STORE_FIRST_FD + (int)i) < 0) {
			int error = errno;
			free(moved);
			return -error;
		}
	}
	free(moved);
	return 0;
}

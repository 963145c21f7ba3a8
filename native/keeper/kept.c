#include "kept.h"

#include "clock.h"
#include "say.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE (10 * SECOND)

void kept_begin(struct kept *kept, const char *path)
{
	const struct timespec pause = { .tv_nsec = 100 * 1000 * 1000 };
	int64_t deadline = now() + PATIENCE;

	kept->path = path;
	kept->sock = -1;
	kept->retry_at = NEVER;
	while (path && (kept->sock = remote_connect(path, &kept->store, &kept->gone)) < 0) {
		if (now() >= deadline)
			die_errno("connect", path, -kept->sock);
		nanosleep(&pause, NULL);
	}
}

void kept_lost(struct kept *kept, int error)
{
	say_errno("what is kept is with us alone for now", kept->path, error);
	close(kept->sock);
	kept->sock = -1;
	kept->retry_at = now() + SECOND;
	kept->shared = kept->store.count;
}

void kept_retry(struct kept *kept)
{
	if (now() < kept->retry_at)
		return;
	kept->sock = remote_connect(kept->path, &kept->store, &kept->gone);
	kept->retry_at = kept->sock < 0 ? now() + SECOND : NEVER;
	if (kept->sock >= 0)
		dprintf(2, "sluice: what is kept is at \"%s\" too\n", kept->path);
}

int kept_add(struct kept *kept, int fd, const char *name)
{
	/* better one fewer than an agent that could not be started any more */
	if (!store_has_room(&kept->store)) {
		close(fd);
		return -ENOSPC;
	}
	int rc = kept->sock < 0 ? 0 : remote_add(kept->sock, fd, name);

	if (rc < 0)
		kept_lost(kept, -rc);
	return store_add(&kept->store, fd, name);
}

/* Or it would come back from there, and with it a container that has ended. */
static void remove_later(struct kept *kept, const char *name)
{
	size_t others = 0;

	for (size_t i = 0; i < kept->shared; i++)
		others += strcmp(kept->store.names[i], name) != 0;
	if (others == kept->shared)
		return;
	kept->shared = others;
	int rc = gone_add(&kept->gone, name);
	if (rc < 0)
		say_errno("what has ended may come back", name, -rc);
}

void kept_remove(struct kept *kept, const char *name)
{
	int rc = kept->sock < 0 ? 0 : remote_remove(kept->sock, name);

	if (rc < 0)
		kept_lost(kept, -rc);
	if (kept->sock < 0)
		remove_later(kept, name);
	store_remove(&kept->store, name);
}

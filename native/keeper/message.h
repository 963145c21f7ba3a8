/* What a service says to its manager (sd_notify(3)), as far as the keeper understands it. */
#ifndef SLUICE_MESSAGE_H
#define SLUICE_MESSAGE_H

#include <stddef.h>

enum {
	MESSAGE_MAX = 4096,
	MESSAGE_NAME_MAX = 255, /* sd_pid_notify_with_fds(3) */
};

struct message {
	int ready;    /* READY=1 */
	int watchdog; /* WATCHDOG=1 */
	int store;    /* FDSTORE=1: the descriptors that came with it */
	int remove;   /* FDSTOREREMOVE=1 */
	char name[MESSAGE_NAME_MAX + 1]; /* FDNAME; "stored" if there is none */
};

/* Reads the lines of a message. What else they say is nobody's business. Returns 0, or -EINVAL for a name that is none. */
int message_parse(const char *text, size_t size, struct message *message);

#endif

#include "message.h"

#include <errno.h>
#include <string.h>

static int is(const char *line, size_t length, const char *text)
{
	return length == strlen(text) && memcmp(line, text, length) == 0;
}

/* LISTEN_FDNAMES separates names by colons (sd_listen_fds(3)). */
static int take_name(const char *name, size_t length, struct message *message)
{
	if (length == 0 || length > MESSAGE_NAME_MAX)
		return -EINVAL;
	for (size_t i = 0; i < length; i++)
		if (name[i] <= ' ' || name[i] >= 127 || name[i] == ':')
			return -EINVAL;
	memcpy(message->name, name, length);
	message->name[length] = '\0';
	return 0;
}

int message_parse(const char *text, size_t size, struct message *message)
{
	static const char name[] = "FDNAME=";
	const size_t prefix = sizeof name - 1;

	memset(message, 0, sizeof *message);
	strcpy(message->name, "stored");
	while (size > 0) {
		const char *end = memchr(text, '\n', size);
		size_t length = end ? (size_t)(end - text) : size;
		message->ready |= is(text, length, "READY=1");
		message->watchdog |= is(text, length, "WATCHDOG=1");
		message->store |= is(text, length, "FDSTORE=1");
		message->remove |= is(text, length, "FDSTOREREMOVE=1");
		if (length >= prefix && memcmp(text, name, prefix) == 0) {
			int rc = take_name(text + prefix, length - prefix, message);
			if (rc < 0)
				return rc;
		}
		text += length + (end != NULL);
		size -= length + (end != NULL);
	}
	return 0;
}

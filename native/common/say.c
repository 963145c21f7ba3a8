#include "say.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void say_errno(const char *call, const char *object, int error)
{
	const char *name = strerrorname_np(error);

	if (object)
		dprintf(2, "sluice: %s \"%s\": %s (%s)\n", call, object, name ? name : "?", strerror(error));
	else
		dprintf(2, "sluice: %s: %s (%s)\n", call, name ? name : "?", strerror(error));
}

noreturn void die(const char *text)
{
	dprintf(2, "sluice: %s\n", text);
	exit(EXIT_SLUICE);
}

noreturn void die_errno(const char *call, const char *object, int error)
{
	say_errno(call, object, error);
	exit(EXIT_SLUICE);
}

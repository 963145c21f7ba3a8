#include "clock.h"

#include "say.h"

#include <errno.h>
#include <stddef.h>
#include <time.h>

int64_t now(void)
{
	struct timespec time;

	if (clock_gettime(CLOCK_MONOTONIC, &time) < 0)
		die_errno("clock_gettime", NULL, errno);
	return time.tv_sec * SECOND + time.tv_nsec / 1000;
}

#include "mounts.h"

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/statfs.h>
#include <sys/wait.h>
#include <unistd.h>

const char *current;

void must(long result, const char *what)
{
	if (result < 0)
		err(1, "%s: %s", current, what);
}

static const char *name_of(long result)
{
	return result < 0 ? strerrorname_np(errno) : "done";
}

void say(const char *what, long result)
{
	printf("%s %s %s\n", current, what, name_of(result));
}

void look(const char *what, long result, const char *place)
{
	struct statfs status;

	if (result < 0) {
		say(what, result);
		return;
	}
	must(statfs(place, &status), place);
	printf("%s %s type %lx flags %lx", current, what, (long)status.f_type, (long)status.f_flags);
	printf(" %s\n", name_of(umount2(place, MNT_DETACH)));
}

void in_child(void (*what)(void))
{
	int status;

	fflush(stdout);
	pid_t child = fork();
	must(child, "fork");
	if (child == 0) {
		what();
		fflush(stdout);
		_exit(0);
	}
	must(waitpid(child, &status, 0), "waitpid");
	if (status != 0)
		errx(1, "%s: a child ended with %d", current, status);
}

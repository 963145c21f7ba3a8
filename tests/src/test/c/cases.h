/* What programs that print a line for each of their cases have in common. */
#ifndef CASES_H
#define CASES_H

#include <err.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

/* The case that runs. */
static const char *current = "";

/* For what is not under test. */
static inline void must(long result, const char *what)
{
	if (result < 0)
		err(1, "%s", what);
}

static inline void in_child(void (*what)(void))
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

#endif

/* Messages for the user, and the statuses of env(1). */
#ifndef SLUICE_SAY_H
#define SLUICE_SAY_H

#include <stdnoreturn.h>

enum {
	EXIT_SLUICE = 125,	   /* sluice itself failed */
	EXIT_NOT_EXECUTABLE = 126, /* the command was found but cannot be executed */
	EXIT_NOT_FOUND = 127,
};

/* Writes `sluice: call "object": ENAME (text)` to standard error. */
void say_errno(const char *call, const char *object, int error);

/* Writes `sluice: text` to standard error and exits with EXIT_SLUICE. */
noreturn void die(const char *text);

/* say_errno, then exits with EXIT_SLUICE. */
noreturn void die_errno(const char *call, const char *object, int error);

#endif

/*
 * Opens and changes files, and prints what else came of it: what others are told, what is used up, what stays as it was. Two runs,
 * one of them supervised, must print the same.
 */
#ifndef EFFECTS_H
#define EFFECTS_H

#include "cases.h"

#include <errno.h>
#include <string.h>

/* Prints a case, and what it returned: 0 or more is "done". Returns that. */
__attribute__((format(printf, 2, 3))) long show(long returned, const char *format, ...);

/* A file of the tree, made anew. */
void file(const char *path, unsigned mode, const char *text);

/* The cases. The working directory is empty but for what they make. */
void events(void);
void locks(void);
void room(void);
void links(void);
void reopens(void);
void memory(void);
void bits(void);
void restricted(void);

#endif

/*
 * Changes files in every way there is but by writing to them, and prints what came of it: a line a case, and below it the
 * lines of the tree that became others. Two runs, one of them supervised, must print the same.
 */
#ifndef CHANGES_H
#define CHANGES_H

#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>

/* The result of a call, or -errno. */
long result(long returned);

/* Prints one case, and what has changed in the tree; makes it anew then. */
__attribute__((format(printf, 2, 3))) void show(long result, const char *format, ...);

/* Makes a tree that nobody has touched, and enters it. */
void prepare(void);

/* Makes anew what lies at a path in the tree, with all that lies beside it in the same directory there. */
void repair(const char *path);

/* The tree, in which we are, is what is compared from now on. */
void begin_list(void);

/* From now on one tree takes all changes: for cases that cannot enter another. */
void keep_tree(void);

/* What of the tree is compared, a line for each file; to be freed. It is found whatever the working directory and root. */
char *list(int directory);

/* Runs the cases of `function` in a child, which may spoil its own state. */
void in_child(void (*function)(void));

/* Ends the program: the test itself is wrong. */
_Noreturn void broken(const char *what);

/* The number, or what it means that it is negative. */
int or_broken(int fd, const char *what);

/* Changes by a path alone. */
enum {
	HARMLESS = 1, /* does nothing to a directory that is the root */
	TYPICAL = 2,  /* others do the same to the same kind of path */
};
struct change {
	const char *name;
	long (*make)(const char *path);
	int flags;
};
extern const struct change CHANGES[];
extern const size_t CHANGES_COUNT;

/* All of them with one path, and those that are typical. */
void every(const char *name, const char *path);
void each(const char *name, const char *path);

/* The cases. */
void paths(void);
void pairs(void);
void creation(void);
void modes(void);
void owners(void);
void times(void);
void sizes(void);
void xattrs(void);
void order(void);
void descriptors(void);
void tmpfiles(void);
void places(void);
void threads(void);
void filesystems(void);
void known(void);
void i386(void);

#endif

/* What changes while it is used, and what is done with it. */
#ifndef TOCTOU_H
#define TOCTOU_H

#include <linux/openat2.h>
#include <sys/types.h>

/* A way to lead to the file of either side. */
struct change {
	const char *name;
	void (*prepare)(void);
	void (*swap)(unsigned round); /* to the denied side if `round` is odd */
	const int *from;              /* the directory descriptor it starts from */
	const char *path;
};
extern const struct change CHANGES[], MOUNTS[]; /* the last has no name */

/* What is done. */
struct call {
	const char *name;
	/* The first letter of the side whose file was opened, looked at, changed or executed, `KILLED`, or -errno. */
	int (*attempt)(int from, const char *path);
};
enum { KILLED = 0 };
extern const struct call CALLS[];
int execute(int from, const char *path);

/* The directories `allowed` and `denied`, and the file of each: -1 if it is missing, or may not be opened. */
struct side {
	int directory, file;
	ino_t number; /* of the file */
};
extern struct side allowed, denied;

extern volatile struct open_how how;
extern const int here;

/* Makes `link` lead to something else at once. */
void point(const char *link, const char *to);

_Noreturn void broken(const char *what);

#endif

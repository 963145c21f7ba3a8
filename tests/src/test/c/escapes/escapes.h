/*
 * Ways around a decision by path. Each is a function that tries to get a descriptor of the secret, and returns it or
 * -errno of the first call that failed. It runs in a process of its own, in a directory with
 *   home/.ssh/id         the secret
 *   home/.ssh/file       others there, and what else there is
 *   home/.ssh/directory
 *   home/.ssh/link
 *   home/project         what the command may use
 */
#ifndef ESCAPES_H
#define ESCAPES_H

#define SECRET "home/.ssh/id"
#define SECRET_DIR "home/.ssh"
#define PROJECT "home/project"

/* What an attempt returns in place of a descriptor: it needs none, or the machine has no such call. */
enum { DONE = 1 << 30, ABSENT };

struct escape {
	const char *name;
	int (*attempt)(void);
};

extern const struct escape PATHS[], CALLS[], NAMES[], MOUNTS[], DETACHED[], DOORS[]; /* each ends with a name of NULL */

/*
 * What something in the secret directory is called at the end of a way to it; and a file beside, and what another name for
 * that may be, by their absolute paths.
 */
struct place {
	int dirfd;
	char path[3000];
	char plain[3000];
	char another[3000];
};

struct way {
	const char *name;
	void (*lead)(struct place *place);
};

/* What is done at the end of each way, without a descriptor. Returns a negative number if it could not be done. */
struct deed {
	const char *name;
	long (*make)(const struct place *there);
};

extern const struct way WAYS[];
extern const struct deed CHANGES[], LOOKS[];

/* A place in the secret directory. */
struct place to(const struct place *there, const char *name);

/* A failure that is none of the escape's: the precondition is missing, or the program is wrong. */
_Noreturn void broken(const char *what);

/* The descriptor, or -errno. */
int result(long returned);

/* `format` with the working directory's absolute path, or a number. */
const char *with_cwd(const char *format);
const char *with_number(const char *format, int number);

/* Enters a user namespace in which we are root, and a mount namespace. */
void own_namespaces(void);

#endif

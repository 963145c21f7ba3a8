/*
 * Ways around a decision by path. Each is a function that tries to get a descriptor of the secret, and returns it or
 * -errno of the first call that failed. It runs in a process of its own, in a directory with
 *   home/.ssh/id    the secret
 *   home/project    what the command may use
 */
#ifndef ESCAPES_H
#define ESCAPES_H

#define SECRET "home/.ssh/id"
#define SECRET_DIR "home/.ssh"
#define PROJECT "home/project"

struct escape {
	const char *name;
	int (*attempt)(void);
};

extern const struct escape PATHS[], CALLS[], NAMES[], MOUNTS[], DOORS[]; /* each ends with a name of NULL */

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

/*
 * Opens files in every way there is and prints what came of it, one line a case. Two runs, one of them supervised, must
 * print the same.
 */
#ifndef OPENS_H
#define OPENS_H

#include <linux/openat2.h>
#include <sys/types.h>

/* The calls themselves, without what libc makes of them. Return a descriptor or -errno. */
long sys_open(const char *path, int flags, mode_t mode);
long sys_openat(int dirfd, const char *path, int flags, mode_t mode);
long sys_openat2(int dirfd, const char *path, const struct open_how *how, size_t size);
long sys_creat(const char *path, mode_t mode);

/* Prints one case: the errno, or everything fstat(2) and fcntl(2) say of the descriptor, which is closed. */
void show(const char *name, long fd);

/* The same case through open, openat and openat2. */
void each(const char *name, const char *path, int flags, mode_t mode);

/* Runs the cases of `function` in a child, which may spoil its own state. */
void in_child(void (*function)(void));

/* Ends the program: the test itself is wrong. */
_Noreturn void broken(const char *what);

/* The cases. The working directory is the tree that prepare() has made. */
void prepare(void);
void names(void);
void flags(void);
void creation(void);
void errors(void);
void resolve(void);
void descriptors(void);
void proc(void);
void threads(void);
void roots(void);
void links(void);
void i386(void);
void unlimited(void);
void undumpable(void);

#endif

/*
 * Makes every call that looks at a file by its path, in every way there is, and prints what came of it, one line a case. Two
 * runs, one of them supervised, must print the same.
 */
#ifndef STATS_H
#define STATS_H

#include <stdint.h>
#include <stdio.h>
#include <sys/syscall.h>

/* 6.13 */
#ifndef SYS_getxattrat
#define SYS_getxattrat 464
#define SYS_listxattrat 465
#endif
/* 6.17 */
#ifndef SYS_file_getattr
#define SYS_file_getattr 468
#endif

struct xattr_arguments {
	uint64_t value;
	uint32_t size;
	uint32_t flags;
};

/* A system call as the kernel answers it: the result, or -errno. Up to six arguments, numbers or pointers. */
#define sys(...) SYS_PADDED(__VA_ARGS__, 0, 0, 0, 0, 0, 0)
#define SYS_PADDED(nr, a, b, c, d, e, f, ...) sys6(nr, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
long sys6(long nr, long a, long b, long c, long d, long e, long f);

/* The result of a call: where calls write to. Filled with a pattern before each, so that what is not written shows. */
enum { ROOM = 70000 };
unsigned char *fresh_room(void);

/* Begins the line of one case. */
void begin(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Ends it with the errno, or with the result; says if something else than the first `written` bytes of the room was written. */
void end(long result, size_t written);

/*
 * A number for an object, the same whenever the object is met again in this process: what inodes have natively, they do not have
 * supervised.
 */
unsigned object(uint64_t dev, uint64_t inode);

/* Prints text with what is different in every run replaced: where the tree is, and our numbers. */
void set_tree(void);
void print_text(const char *text, size_t length);

/* The cases of one call: `what` is part of the name. */
void stat_case(const char *what, long nr, int dirfd, const char *path, int flags);
void statx_case(const char *what, int dirfd, const char *path, int flags, unsigned mask);
void access_case(const char *what, long nr, int dirfd, const char *path, int mode, int flags);
void readlink_case(const char *what, long nr, int dirfd, const char *path, int size);
void getxattr_case(const char *what, long nr, int dirfd, const char *path, int flags, const char *name, size_t size);
void listxattr_case(const char *what, long nr, int dirfd, const char *path, int flags, size_t size);
void file_getattr_case(const char *what, int dirfd, const char *path, int flags, size_t size);
void statfs_case(const char *what, const char *path);
void handle_case(const char *what, int dirfd, const char *path, int flags, unsigned size);
void watch_case(const char *what, const char *path, unsigned mask);

/* All of them: from a directory descriptor, or AT_FDCWD. */
void every_call(const char *what, int dirfd, const char *path);

/* Those that take an empty path for the descriptor itself. */
void every_empty(const char *what, int dirfd, const char *path);

/* Runs the cases of `function` in a child, which may spoil its own state. */
void in_child(void (*function)(void));

/* Ends the program: the test itself is wrong. */
_Noreturn void broken(const char *what);
int or_broken(int fd, const char *what);

/* The cases. The working directory is the tree that prepare() has made. */
void prepare(void);
void names(void);
void descriptors(void);
void order(void);
void buffers(void);
void xattrs(void);
void ids(void);
void proc(void);
void undumpable(void);
void threads(void);
void roots(void);
void nested(void);
void watches(void);
void i386(void);

#endif

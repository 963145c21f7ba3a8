/* The root directory of a program that serves a file system. */
#ifndef SLUICE_ROOT_H
#define SLUICE_ROOT_H

/*
 * Gives this process, in a mount namespace of its own, a root directory with the machine's programs and libraries (read-only),
 * /dev/fuse and /dev/null, its own descriptors in /fd, and the empty directory /mnt; and nothing else. As root. Exits with a
 * message if that cannot be done.
 */
void enter_root(void);

#endif

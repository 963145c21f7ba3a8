/* A test is a program: it says what does not hold and exits with 1, or ends with 0. */
#ifndef SLUICE_TEST_H
#define SLUICE_TEST_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#define CHECK(condition)                                                             \
	do {                                                                         \
		if (!(condition)) {                                                  \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
			exit(1);                                                     \
		}                                                                    \
	} while (0)

/* How many descriptors we have. */
static inline int open_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int count = 0;

	CHECK(dir);
	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

#endif

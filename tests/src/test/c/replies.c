/*
 * replies THREADS CALLS
 *
 * Threads that make calls at the same time whose answer only they can get, in the order in which they make them: the length of an
 * attribute that is longer for each, a device of a number of its own, and errors by turns. Prints how many calls were made, and how many
 * were answered with something else.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#define OPAQUE "trusted.overlay.opaque"
enum { MAX_THREADS = 1000 };

static long calls;
static struct reply {
	pthread_t thread;
	long number, made, wrong;
} replies[MAX_THREADS];

static int is_device(const char *path, dev_t dev)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == dev;
}

static int turn(const struct reply *of, long round, const char *file, const char *node)
{
	static const unsigned minors[] = { 3, 5, 7, 8, 9 };
	dev_t dev = makedev(1, minors[(of->number + round) % 5]);

	switch (round % 4) {
	case 0:
		return getxattr(file, OPAQUE, NULL, 0) == of->number + 1;
	case 1:
		unlink(node);
		return mknod(node, S_IFCHR | 0600, dev) == 0 && is_device(node, dev);
	case 2:
		return of->number % 2 ? mknod(node, S_IFCHR | 0600, dev) < 0 && errno == EEXIST
				      : mknod("none/node", S_IFCHR | 0600, dev) < 0 && errno == ENOENT;
	default:
		return of->number % 2 ? mknod("forbidden", S_IFCHR | 0600, makedev(1, 1)) < 0 && errno == EPERM
				      : mknod("plain/node", S_IFCHR | 0600, dev) < 0 && errno == ENOTDIR;
	}
}

static void *work(void *argument)
{
	static const char value[MAX_THREADS + 1];
	struct reply *mine = argument;
	char file[32], node[32];

	snprintf(file, sizeof file, "file-%ld", mine->number);
	snprintf(node, sizeof node, "node-%ld", mine->number);
	if (mkdir(file, 0700) < 0 || setxattr(file, OPAQUE, value, (size_t)mine->number + 1, 0) < 0)
		mine->wrong++;
	for (long i = 0; i < calls; i++, mine->made++)
		mine->wrong += !turn(mine, i, file, node);
	return NULL;
}

int main(int argc, char **argv)
{
	long threads = argc == 3 ? atol(argv[1]) : 0, made = 0, wrong = 0;

	if (threads < 1 || threads > MAX_THREADS || chdir("/tmp") < 0 || mknod("plain", S_IFREG | 0600, 0) < 0) {
		fputs("usage: replies THREADS CALLS\n", stderr);
		return 1;
	}
	calls = atol(argv[2]);
	for (long i = 0; i < threads; i++) {
		replies[i].number = i;
		if (pthread_create(&replies[i].thread, NULL, work, &replies[i]) != 0)
			return 1;
	}
	for (long i = 0; i < threads; i++) {
		if (pthread_join(replies[i].thread, NULL) != 0)
			return 1;
		made += replies[i].made;
		wrong += replies[i].wrong;
	}
	printf("threads=%ld calls=%ld wrong=%ld\n", threads, made, wrong);
	return 0;
}

/*
 * toctou CALL CHANGE SECONDS [ATTEMPTS]
 *
 * One thread makes a call with a path in a loop, another changes what the path leads to between "allowed/file" and "denied/file",
 * of the working directory, as fast as it can. Who decides on one thing and does it to another lets something be done to
 * "denied/file": a win. Goes on for SECONDS at least, for ATTEMPTS, and until it has met both sides. What is done:
 *   open, openat2  the file is read; it begins with the first letter of its directory
 *   stat           it is looked at
 *   chmod          its mode is changed
 *   mkdir          it is made, as a directory; there must be none before
 *   exec           it is executed: a program that exits with the first letter of its directory (see marked.c)
 * What changes:
 *   memory         the bytes of the path are rewritten
 *   how            so is struct open_how of openat2(2), between reading, writing and O_PATH, and the path
 *   symlink        the path is a symbolic link, and another is renamed over it
 *   directory      the path's directory is exchanged for the other
 *   cwd            the working directory, which the threads share
 *   descriptor     the directory descriptor it starts from is replaced
 *   magic          so is one in the path, as /proc/self/fd/N
 *   file           and one of the file itself (AT_EMPTY_PATH), for stat and exec
 *   script         the path leads to another script, by the other interpreter, for exec
 *   mount          a tmpfs is mounted over a directory in the path, and unmounted, in namespaces of its own
 *   bind           so is another directory
 *   move           a mount is moved there, and away
 * Prints the changes and the attempts, and how many of these did it to the allowed file, were refused, did it to the denied file,
 * were killed, or failed otherwise (as when a name is missing for a moment).
 */
#include "toctou.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE = 30 };

struct side allowed, denied;

static atomic_bool over;
static unsigned changes;

_Noreturn void broken(const char *what)
{
	perror(what);
	exit(1);
}

/* A pause that differs from round to round: the window may lie anywhere. */
static void pause_for(unsigned round)
{
	for (volatile unsigned i = 0; i < round % 512; i++)
		;
}

static void *swap(void *change)
{
	for (; !over; changes++) {
		((const struct change *)change)->swap(changes);
		pause_for(changes);
	}
	return NULL;
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static const struct call *find_call(const char *name)
{
	const struct call *call = CALLS;

	while (call->name && strcmp(call->name, name) != 0)
		call++;
	return call;
}

static const struct change *find_change(const struct change *change, const char *name)
{
	while (change->name && strcmp(change->name, name) != 0)
		change++;
	return change;
}

static void open_side(struct side *side, const char *directory)
{
	struct stat found;

	side->directory = open(directory, O_PATH | O_DIRECTORY);
	if (side->directory < 0)
		broken(directory);
	side->file = openat(side->directory, "file", O_RDONLY);
	if (side->file >= 0 && syscall(SYS_fstat, side->file, &found) < 0)
		broken("fstat");
	side->number = side->file < 0 ? 0 : found.st_ino;
}

int main(int argc, char **argv)
{
	const struct call *call = find_call(argc > 2 ? argv[1] : "");
	const struct change *change = find_change(CHANGES, argc > 2 ? argv[2] : "");
	pthread_t swapper;

	if (!change->name)
		change = find_change(MOUNTS, argc > 2 ? argv[2] : "");
	if (argc < 4 || argc > 5 || !call->name || !change->name) {
		fputs("usage: toctou CALL CHANGE SECONDS [ATTEMPTS]\n", stderr);
		return 1;
	}
	long attempts = 0, done = 0, wins = 0, refused = 0, killed = 0, failed = 0;
	long enough = argc == 5 ? atol(argv[4]) : 0;

	open_side(&allowed, "allowed");
	open_side(&denied, "denied");
	change->prepare();
	if (pthread_create(&swapper, NULL, swap, (void *)(size_t)change) != 0)
		broken("pthread_create");
	double begin = now(), end = begin + atof(argv[3]);
	for (; attempts < enough || now() < end || (!(done && wins + refused) && now() < begin + PATIENCE); attempts++) {
		int result = call->attempt(*change->from, change->path);

		done += result == 'a';
		wins += result == 'd';
		refused += result == -EACCES;
		killed += result == KILLED;
		failed += result < 0 && result != -EACCES;
	}
	over = 1;
	pthread_join(swapper, NULL);
	printf("%s %s: changes=%u attempts=%ld allowed=%ld denied=%ld wins=%ld killed=%ld failed=%ld\n", call->name, change->name,
	       changes, attempts, done, refused, wins, killed, failed);
	return 0;
}

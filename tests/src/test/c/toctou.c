/*
 * toctou MODE SECONDS
 *
 * One thread opens a path in a loop, another changes what it leads to between "allowed/file" and "denied/file", of the
 * working directory, as fast as it can. Who decides on one thing and opens another lets the contents of "denied/file"
 * through: a win. Modes:
 *   memory     the bytes of the path are rewritten
 *   how        so is struct open_how of openat2(2), between reading and writing, and a path
 *   symlink    the path is a symbolic link, and another is renamed over it
 *   directory  the path's directory is exchanged for the other
 *   descriptor the directory descriptor it starts from is replaced
 * Prints the attempts, and how many read the allowed file, the denied file, were refused, or failed otherwise (as when a name
 * is missing for a moment).
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static atomic_bool over;
static char path[] = "allowed/file";
static volatile struct open_how how = { .flags = O_RDONLY };
static int allowed_dir, denied_dir, dir;

static _Noreturn void broken(const char *what)
{
	perror(what);
	exit(1);
}

/* Byte by byte, with a pause that differs from round to round: the window may lie anywhere. */
static void rewrite(const char *text)
{
	for (size_t i = 0; i < sizeof path - 1; i++)
		((volatile char *)path)[i] = text[i];
}

static void pause_for(unsigned round)
{
	for (volatile unsigned i = 0; i < round % 512; i++)
		;
}

static void swap_memory(unsigned round)
{
	rewrite(round % 2 ? "denied//file" : "allowed/file");
}

static void swap_how(unsigned round)
{
	rewrite(round % 2 ? "denied//file" : "allowed/file");
	how.flags = round % 4 < 2 ? O_RDONLY : O_RDWR;
}

static void swap_symlink(unsigned round)
{
	if (symlink(round % 2 ? "denied/file" : "allowed/file", "next") < 0 || rename("next", "link") < 0)
		broken("symlink");
}

static void swap_directory(unsigned round)
{
	(void)round;
	if (renameat2(AT_FDCWD, "swapped", AT_FDCWD, "allowed", RENAME_EXCHANGE) < 0)
		broken("renameat2");
}

static void swap_descriptor(unsigned round)
{
	if (dup2(round % 2 ? denied_dir : allowed_dir, dir) < 0)
		broken("dup2");
}

static int open_path(void)
{
	return open(path, O_RDONLY);
}

static int open_how(void)
{
	return (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how);
}

static int open_link(void)
{
	return open("link", O_RDONLY);
}

static int open_descriptor(void)
{
	return openat(dir, "file", O_RDONLY);
}

static const struct mode {
	const char *name;
	void (*swap)(unsigned round);
	int (*open)(void);
} MODES[] = {
	{ "memory", swap_memory, open_path },	       { "how", swap_how, open_how },
	{ "symlink", swap_symlink, open_link },	       { "directory", swap_directory, open_path },
	{ "descriptor", swap_descriptor, open_descriptor },
};

static void *swap(void *mode)
{
	for (unsigned round = 0; !over; round++) {
		((const struct mode *)mode)->swap(round);
		pause_for(round);
	}
	return NULL;
}

static void prepare(void)
{
	allowed_dir = open("allowed", O_PATH | O_DIRECTORY);
	denied_dir = open("denied", O_PATH | O_DIRECTORY);
	dir = dup(allowed_dir);
	if (allowed_dir < 0 || denied_dir < 0 || dir < 0)
		broken("open");
	if (symlink("allowed/file", "link") < 0 || symlink("denied", "swapped") < 0)
		broken("symlink");
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static const struct mode *find(const char *name)
{
	for (size_t i = 0; i < sizeof MODES / sizeof *MODES; i++)
		if (strcmp(MODES[i].name, name) == 0)
			return &MODES[i];
	errno = EINVAL;
	broken(name);
}

int main(int argc, char **argv)
{
	if (argc != 3) {
		fputs("usage: toctou MODE SECONDS\n", stderr);
		return 1;
	}
	const struct mode *mode = find(argv[1]);
	long attempts = 0, allowed = 0, wins = 0, refused = 0, failed = 0;
	pthread_t swapper;

	prepare();
	if (pthread_create(&swapper, NULL, swap, (void *)(size_t)mode) != 0)
		broken("pthread_create");
	for (double end = now() + atof(argv[2]); now() < end; attempts++) {
		int fd = mode->open();
		char content = 0;

		if (fd < 0) {
			refused += errno == EACCES;
			failed += errno != EACCES;
			continue;
		}
		if (read(fd, &content, 1) != 1)
			broken("read");
		close(fd);
		allowed += content == 'a';
		wins += content == 'd';
	}
	over = 1;
	pthread_join(swapper, NULL);
	printf("attempts=%ld allowed=%ld denied=%ld wins=%ld failed=%ld\n", attempts, allowed, refused, wins, failed);
	return 0;
}

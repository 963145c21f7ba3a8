/*
 * waits CALL PATTERN COUNT
 *
 * Makes a call in COUNT threads at once, each with a path of its own: PATTERN with the number of the thread in it. Says "called"
 * when each of them is about to, and in the end how many succeeded, and how many failed with which errno.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_ERRNO = 4095, MAX_THREADS = 4096, STACK = 64 * 1024, PAGE = 4096 };

static int open_file(const char *path)
{
	return open(path, O_RDONLY);
}

/* Opens what the content of a file names, without a copy of that. */
static int open_named_in(const char *path)
{
	int fd = open(path, O_RDONLY);
	const char *name = fd < 0 ? MAP_FAILED : mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0);

	return name == MAP_FAILED ? -1 : open(name, O_RDONLY);
}

static int create_file(const char *path)
{
	return open(path, O_WRONLY | O_CREAT, 0600);
}

static int stat_file(const char *path)
{
	struct stat status;

	return stat(path, &status);
}

static int make_directory(const char *path)
{
	return mkdir(path, 0700);
}

static int change_mode(const char *path)
{
	return chmod(path, 0600);
}

static const struct {
	const char *name;
	int (*make)(const char *path);
} CALLS[] = {
	{ "open", open_file },	      { "create", create_file }, { "stat", stat_file },
	{ "mkdir", make_directory }, { "unlink", unlink },      { "chmod", change_mode },
	{ "named-in", open_named_in },
};

static int (*make)(const char *path);
static const char *pattern;
static int count;
static atomic_int calling;
static atomic_long succeeded, errors[MAX_ERRNO + 1];

/* PATTERN has a single %d. */
static void fill_in(char *path, size_t size, int number)
{
	const char *place = strstr(pattern, "%d");

	if (place == NULL)
		snprintf(path, size, "%s", pattern);
	else
		snprintf(path, size, "%.*s%d%s", (int)(place - pattern), pattern, number, place + 2);
}

static void *call(void *number)
{
	char path[4096];

	fill_in(path, sizeof path, (int)(intptr_t)number);
	if (++calling == count)
		puts("called");
	if (make(path) >= 0)
		succeeded++;
	else
		errors[errno]++;
	return NULL;
}

int main(int argc, char **argv)
{
	static pthread_t thread[MAX_THREADS];
	pthread_attr_t small;

	for (size_t i = 0; argc == 4 && i < sizeof CALLS / sizeof *CALLS; i++)
		if (strcmp(argv[1], CALLS[i].name) == 0)
			make = CALLS[i].make;
	if (make == NULL || (count = atoi(argv[3])) < 1 || count > MAX_THREADS) {
		fputs("usage: waits CALL PATTERN COUNT\n", stderr);
		return 1;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	pattern = argv[2];
	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, STACK);
	for (int i = 0; i < count; i++)
		if (pthread_create(&thread[i], &small, call, (void *)(intptr_t)i) != 0)
			return 1;
	for (int i = 0; i < count; i++)
		pthread_join(thread[i], NULL);
	printf("succeeded=%ld", succeeded);
	for (int i = 0; i <= MAX_ERRNO; i++)
		if (errors[i] != 0)
			printf(" %s=%ld", strerrorname_np(i), errors[i]);
	puts("");
	return 0;
}

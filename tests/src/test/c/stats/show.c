#include "stats.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATTERN = 0xa5, MAX_OBJECTS = 4096 };

static _Alignas(64) unsigned char room[ROOM];
static char tree[PATH_MAX];

void set_tree(void)
{
	if (!getcwd(tree, sizeof tree))
		broken("getcwd");
}

long sys6(long nr, long a, long b, long c, long d, long e, long f)
{
	long rc = syscall(nr, a, b, c, d, e, f);
	return rc < 0 ? -errno : rc;
}

unsigned char *fresh_room(void)
{
	memset(room, PATTERN, sizeof room);
	return room;
}

void begin(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	vprintf(format, list);
	va_end(list);
	printf(": ");
}

void end(long result, size_t written)
{
	size_t last = sizeof room;

	if (result < 0) {
		const char *error = strerrorname_np((int)-result);
		printf("%s", error ? error : "?");
		written = 0;
	} else {
		printf("%ld", result);
	}
	while (last > 0 && room[last - 1] == PATTERN)
		last--;
	if (last > written)
		printf(", and %zu bytes were written", last);
	printf("\n");
}

static struct {
	uint64_t dev, inode;
} known[MAX_OBJECTS];
static unsigned count;

unsigned object(uint64_t dev, uint64_t inode)
{
	for (unsigned i = 0; i < count; i++)
		if (known[i].dev == dev && known[i].inode == inode)
			return i;
	if (count == MAX_OBJECTS)
		broken("too many objects");
	known[count].dev = dev;
	known[count].inode = inode;
	return count++;
}

/* The length of what stands at `text` and is to be replaced, if `what` stands there. */
static size_t match(const char *text, size_t length, const char *what)
{
	size_t size = strlen(what);
	return size <= length && memcmp(text, what, size) == 0 ? size : 0;
}

/* The same for a number that is a whole component of a path. */
static size_t match_number(const char *text, size_t at, size_t length, int number)
{
	char digits[16];

	snprintf(digits, sizeof digits, "%d", number);
	size_t size = match(text + at, length - at, digits);
	return (at == 0 || text[at - 1] == '/') && (at + size == length || text[at + size] == '/') ? size : 0;
}

void print_text(const char *text, size_t length)
{
	size_t size;

	for (size_t i = 0; i < length; i += size) {
		if ((size = match(text + i, length - i, tree)) > 0)
			printf("TREE");
		else if ((size = match_number(text, i, length, getpid())) > 0)
			printf("PID");
		else if ((size = match_number(text, i, length, gettid())) > 0)
			printf("TID");
		else if (i > 1 && text[i - 1] == '[' && text[i - 2] == ':' && (size = strspn(text + i, "0123456789")) > 0)
			printf("NUMBER");
		else if (text[i] >= ' ' && text[i] <= '~')
			size = 1, putchar(text[i]);
		else
			size = 1, printf("\\x%02x", (unsigned char)text[i]);
	}
}

_Noreturn void broken(const char *what)
{
	fflush(stdout);
	perror(what);
	_exit(99);
}

int or_broken(int fd, const char *what)
{
	if (fd < 0)
		broken(what);
	return fd;
}

void in_child(void (*function)(void))
{
	int status;

	fflush(stdout);
	pid_t child = fork();
	if (child < 0)
		broken("fork");
	if (child == 0) {
		count = 0; /* numbers of inodes that are gone may be used again, or not */
		function();
		fflush(stdout);
		_exit(0);
	}
	if (waitpid(child, &status, 0) < 0)
		broken("waitpid");
	if (status != 0)
		printf("the child ended with status %#x\n", (unsigned)status);
}

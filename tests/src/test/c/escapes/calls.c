/* Every call and flag that opens. */
#include "escapes.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

static int by_open(void)
{
	return result(syscall(SYS_open, SECRET, O_RDONLY));
}

static int by_openat(void)
{
	return result(syscall(SYS_openat, AT_FDCWD, SECRET, O_RDONLY));
}

static int by_openat2(void)
{
	struct open_how how = { .flags = O_RDONLY };

	return result(syscall(SYS_openat2, AT_FDCWD, SECRET, &how, sizeof how));
}

/* A structure longer than any kernel knows, whose end is zero: that is no error. */
static int by_long_openat2(void)
{
	struct {
		struct open_how how;
		char zero[1024];
	} how = { .how = { .flags = O_RDONLY } };

	return result(syscall(SYS_openat2, AT_FDCWD, SECRET, &how, sizeof how));
}

static int in_root(void)
{
	struct open_how how = { .flags = O_RDONLY, .resolve = RESOLVE_IN_ROOT };
	int home = open("home", O_PATH | O_DIRECTORY);

	return result(syscall(SYS_openat2, home, "/../../.ssh/id", &how, sizeof how));
}

static int by_creat(void)
{
	return result(syscall(SYS_creat, SECRET, 0600));
}

static int created(void)
{
	return result(open(SECRET, O_RDWR | O_CREAT, 0600));
}

static int to_append(void)
{
	return result(open(SECRET, O_WRONLY | O_APPEND));
}

static int with_high_bits(void)
{
	/* the kernel looks at 32 bits of dirfd and flags */
	return result(syscall(SYS_openat, 0x100000000L | (unsigned)AT_FDCWD, SECRET, 0x100000000L | O_RDONLY));
}

static int reopened(void)
{
	int fd = open(SECRET, O_PATH);

	return fd < 0 ? result(-1) : result(open(with_number("/proc/self/fd/%d", fd), O_RDONLY));
}

const struct escape CALLS[] = {
	{ "open", by_open },		     { "openat", by_openat },
	{ "openat2", by_openat2 },	     { "openat2-long", by_long_openat2 },
	{ "openat2-in-root", in_root },	     { "creat", by_creat },
	{ "create", created },		     { "append", to_append },
	{ "high-bits", with_high_bits },     { "path-descriptor-reopened", reopened },
	{ 0 },
};

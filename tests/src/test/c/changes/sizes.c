/* truncate: sizes, limits on them, and who may. */
#include "calls.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>

static volatile sig_atomic_t exceeded;

static void count(int signal)
{
	(void)signal;
	exceeded++;
}

static void limited(void)
{
	static const long LENGTHS[] = { 0, 99, 100, 101, 1L << 40, LONG_MAX, -1 };
	static const char *const FILES[] = { "file", "suid", "closed", "missing", "dir", "fifo", "unwritable/inner" };
	struct rlimit limit;

	if (getrlimit(RLIMIT_FSIZE, &limit) < 0)
		broken("getrlimit");
	limit.rlim_cur = 100;
	if (setrlimit(RLIMIT_FSIZE, &limit) < 0)
		broken("setrlimit");
	for (size_t f = 0; f < sizeof FILES / sizeof *FILES; f++)
		for (size_t l = 0; l < sizeof LENGTHS / sizeof *LENGTHS; l++) {
			exceeded = 0;
			show(CALL(SYS_truncate, FILES[f], LENGTHS[l]), "truncate %s to %ld within 100", FILES[f], LENGTHS[l]);
			printf("    SIGXFSZ %d\n", (int)exceeded);
		}
	limit.rlim_cur = 2;
	if (setrlimit(RLIMIT_FSIZE, &limit) < 0)
		broken("setrlimit");
	show(CALL(SYS_truncate, "file", 5L), "to be shortened beyond the limit");
}

/* Its default action. */
static void killed(void)
{
	struct rlimit limit = { 100, 100 };

	signal(SIGXFSZ, SIG_DFL);
	if (setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 }) < 0 || setrlimit(RLIMIT_FSIZE, &limit) < 0)
		broken("setrlimit");
	show(CALL(SYS_truncate, "file", 50L), "truncate within the limit");
	show(CALL(SYS_truncate, "file", 101L), "truncate beyond the limit");
}

static void ignored(void)
{
	struct rlimit limit = { 100, 100 };

	signal(SIGXFSZ, SIG_IGN);
	if (setrlimit(RLIMIT_FSIZE, &limit) < 0)
		broken("setrlimit");
	show(CALL(SYS_truncate, "file", 101L), "truncate beyond the limit, ignored");
}

void sizes(void)
{
	static const long LENGTHS[] = { 0, 1, 8, 9, 65536, 1L << 40, 1L << 50, LONG_MAX, -1, LONG_MIN };
	static const char *const FILES[] = { "file", "suid", "link", "closed", "dir", "fifo", "missing", "unwritable/inner",
					     "/proc/self/exe", "/proc/self/comm", "/proc/self/cwd/file", "missing/x" };
	struct sigaction action = { .sa_handler = count };

	for (size_t f = 0; f < sizeof FILES / sizeof *FILES; f++)
		for (size_t l = 0; l < sizeof LENGTHS / sizeof *LENGTHS; l++)
			show(CALL(SYS_truncate, FILES[f], LENGTHS[l]), "truncate %s to %ld", FILES[f], LENGTHS[l]);
	if (sigaction(SIGXFSZ, &action, NULL) < 0)
		broken("sigaction");
	in_child(limited);
	show(CALL(SYS_truncate, "file", 101L), "truncate where others were limited");
	in_child(ignored);
	in_child(killed);
}

/* Timestamps in every form, right and wrong. */
#include "calls.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/time.h>
#include <utime.h>

static void seconds(void)
{
	static const struct utimbuf TIMES[] = { { 1, 2 }, { -1, -2 }, { 0, 0 }, { 999999999, 5 } };

	for (size_t i = 0; i < sizeof TIMES / sizeof *TIMES; i++)
		show(CALL(SYS_utime, "file", &TIMES[i]), "utime %ld %ld", TIMES[i].actime, TIMES[i].modtime);
	show(CALL(SYS_utime, "file", NULL), "utime now");
	show(CALL(SYS_utime, "file", 16L), "utime at a bad pointer");
	show(CALL(SYS_utime, "missing", 16L), "utime of nothing at a bad pointer");
}

static void micros(void)
{
	static const struct timeval TIMES[][2] = {
		{ { 1, 2 }, { 3, 4 } },	      { { 1, 0 }, { 1, 999999 } }, { { 1, 1000000 }, { 1, 1 } },
		{ { 1, 1 }, { 1, 1000000 } }, { { 1, -1 }, { 1, 1 } },	   { { -1, 1 }, { 1, 1 } },
	};

	for (size_t i = 0; i < sizeof TIMES / sizeof *TIMES; i++) {
		show(CALL(SYS_utimes, "file", TIMES[i]), "utimes %zu", i);
		show(CALL(SYS_futimesat, AT_FDCWD, "link", TIMES[i]), "futimesat %zu", i);
		show(CALL(SYS_utimes, "missing/x", TIMES[i]), "utimes of nothing %zu", i);
	}
	show(CALL(SYS_utimes, "file", NULL), "utimes now");
	show(CALL(SYS_utimes, "file", 16L), "utimes at a bad pointer");
	show(CALL(SYS_utimes, "missing/x", 16L), "utimes of nothing at a bad pointer");
	show(CALL(SYS_utimes, NULL, TIMES[0]), "utimes of NULL");
	show(CALL(SYS_futimesat, AT_FDCWD, NULL, TIMES[0]), "futimesat of NULL");
}

static void nanos(void)
{
	static const struct timespec TIMES[][2] = {
		{ { 1, 2 }, { 3, 4 } },
		{ { 1, 999999999 }, { 2, 0 } },
		{ { 1, 1000000000 }, { 2, 0 } },
		{ { 1, 0 }, { 2, -1 } },
		{ { 1, UTIME_NOW }, { 2, 5 } },
		{ { 1, 5 }, { 2, UTIME_NOW } },
		{ { 1, UTIME_NOW }, { 2, UTIME_NOW } },
		{ { 1, UTIME_OMIT }, { 2, 5 } },
		{ { 1, 5 }, { 2, UTIME_OMIT } },
		{ { 1, UTIME_OMIT }, { 2, UTIME_OMIT } },
		{ { 1, UTIME_OMIT }, { 2, UTIME_NOW } },
		{ { 1, UTIME_OMIT }, { 2, 1000000000 } },
		{ { LONG_MIN, 0 }, { 5, 0 } },
	};
	static const char *const OBJECTS[] = { "file", "link", "closed", "unwritable/inner", "dangling", "missing/x", "" };

	for (size_t t = 0; t < sizeof TIMES / sizeof *TIMES; t++)
		for (size_t o = 0; o < sizeof OBJECTS / sizeof *OBJECTS; o++) {
			show(CALL(SYS_utimensat, AT_FDCWD, OBJECTS[o], TIMES[t], 0), "utimensat %zu '%s'", t, OBJECTS[o]);
			show(CALL(SYS_utimensat, AT_FDCWD, OBJECTS[o], TIMES[t], AT_SYMLINK_NOFOLLOW),
			     "utimensat AT_SYMLINK_NOFOLLOW %zu '%s'", t, OBJECTS[o]);
			show(CALL(SYS_utimensat, AT_FDCWD, OBJECTS[o], TIMES[t], 1), "utimensat, wrong flags, %zu '%s'", t,
			     OBJECTS[o]);
		}
	show(CALL(SYS_utimensat, AT_FDCWD, "file", NULL, 0), "utimensat now");
	show(CALL(SYS_utimensat, AT_FDCWD, "closed", NULL, 0), "utimensat now, closed");
	show(CALL(SYS_utimensat, AT_FDCWD, NULL, NULL, 0), "utimensat of NULL");
	show(CALL(SYS_utimensat, AT_FDCWD, NULL, TIMES[9], 0), "utimensat of NULL, nothing to do");
	show(CALL(SYS_utimensat, AT_FDCWD, 16L, TIMES[9], 1), "utimensat of a bad pointer, nothing to do");
	show(CALL(SYS_utimensat, AT_FDCWD, "missing/x", 16L, 1), "utimensat, all wrong");
}

void times(void)
{
	seconds();
	micros();
	nanos();
}

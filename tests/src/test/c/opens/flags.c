/* Every flag, alone and in odd company. */
#include "opens.h"

#include <fcntl.h>
#include <stdio.h>

static const struct {
	const char *name;
	int flags;
} FLAGS[] = {
	{ "O_RDONLY", O_RDONLY },
	{ "O_WRONLY", O_WRONLY },
	{ "O_RDWR", O_RDWR },
	{ "access mode 3", O_ACCMODE },
	{ "O_APPEND", O_WRONLY | O_APPEND },
	{ "O_ASYNC", O_RDONLY | O_ASYNC },
	{ "O_CLOEXEC", O_RDONLY | O_CLOEXEC },
	{ "O_DIRECT", O_RDONLY | O_DIRECT },
	{ "O_DIRECTORY", O_RDONLY | O_DIRECTORY },
	{ "O_DSYNC", O_WRONLY | O_DSYNC },
	{ "O_EXCL", O_RDONLY | O_EXCL },
	{ "O_LARGEFILE", O_RDONLY | 0100000 },
	{ "O_NOATIME", O_RDONLY | O_NOATIME },
	{ "O_NOCTTY", O_RDONLY | O_NOCTTY },
	{ "O_NOFOLLOW", O_RDONLY | O_NOFOLLOW },
	{ "O_NONBLOCK", O_RDONLY | O_NONBLOCK },
	{ "O_RDWR O_NONBLOCK O_APPEND", O_RDWR | O_NONBLOCK | O_APPEND },
	{ "O_SYNC", O_WRONLY | O_SYNC },
	{ "O_PATH", O_PATH },
	{ "O_PATH O_CLOEXEC", O_PATH | O_CLOEXEC },
	{ "O_PATH O_NOFOLLOW", O_PATH | O_NOFOLLOW },
	{ "O_PATH O_DIRECTORY", O_PATH | O_DIRECTORY },
	{ "O_PATH O_WRONLY", O_PATH | O_WRONLY },
	{ "O_TMPFILE", O_TMPFILE | O_RDWR },
	{ "O_TMPFILE O_RDONLY", O_TMPFILE | O_RDONLY },
	{ "O_TMPFILE O_EXCL", O_TMPFILE | O_EXCL | O_WRONLY },
	{ "O_TMPFILE O_CREAT", O_TMPFILE | O_CREAT | O_RDWR },
	{ "half an O_TMPFILE", __O_TMPFILE | O_RDWR },
	{ "O_TRUNC O_RDONLY O_DIRECTORY", O_TRUNC | O_DIRECTORY },
	{ "O_CREAT O_DIRECTORY", O_CREAT | O_DIRECTORY | O_RDONLY },
	{ "an unknown bit", 0x40000000 },
};

void flags(void)
{
	static const char *const PATHS[] = { "file", "dir", "link", "dirlink", "dangling", "readonly", "closed", "null", "socket" };
	char name[128];

	for (size_t f = 0; f < sizeof FLAGS / sizeof *FLAGS; f++)
		for (size_t p = 0; p < sizeof PATHS / sizeof *PATHS; p++) {
			snprintf(name, sizeof name, "%s %s", FLAGS[f].name, PATHS[p]);
			each(name, PATHS[p], FLAGS[f].flags, 0640);
		}
	/* wrong whatever the path leads to */
	each("half an O_TMPFILE missing", "missing", __O_TMPFILE | O_RDWR, 0640);
	each("half an O_TMPFILE missing/x", "missing/x", __O_TMPFILE | O_RDONLY, 0640);
	/* O_TRUNC does what it says */
	each("before O_TRUNC", "mine", O_RDONLY, 0);
	each("O_TRUNC without write", "mine", O_RDONLY | O_TRUNC, 0);
	each("O_TRUNC readonly", "readonly", O_WRONLY | O_TRUNC, 0);
	each("O_TRUNC dir", "dir", O_WRONLY | O_TRUNC, 0);
	/* a FIFO that does not wait */
	each("fifo O_RDONLY O_NONBLOCK", "fifo", O_RDONLY | O_NONBLOCK, 0);
	each("fifo O_WRONLY O_NONBLOCK", "fifo", O_WRONLY | O_NONBLOCK, 0);
	each("fifo O_RDWR", "fifo", O_RDWR, 0);
	each("fifo O_PATH", "fifo", O_PATH, 0);
}

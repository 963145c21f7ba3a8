/*
 * A descriptor is closed when its owner has closed it: nobody else has another. Those that only read are known to differ
 * (closed_for_all of differences.py).
 */
#include "effects.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/stat.h>

enum { TIMES = 300 };

static int other;

static int refused_lock(int flags)
{
	int fd = open("lock", flags | O_CLOEXEC);

	must(fd, "lock");
	must(flock(fd, LOCK_EX), "flock");
	close(fd);
	int refused = flock(other, LOCK_EX | LOCK_NB) < 0;
	must(flock(other, LOCK_UN), "flock");
	return refused;
}

static int refused_lease(int flags)
{
	int fd = open("leased", flags | O_CLOEXEC);

	must(fd, "leased");
	int refused = fcntl(fd, F_SETLEASE, flags == O_RDONLY ? F_RDLCK : F_WRLCK) < 0;
	close(fd);
	return refused;
}

static int refused_write_lease(int flags)
{
	int fd = open("leased", flags | O_CLOEXEC);

	must(fd, "leased");
	int refused = fcntl(fd, F_SETLEASE, F_WRLCK) < 0;
	close(fd);
	return refused;
}

/* A FIFO that nobody reads any more. */
static int written_to_nobody(int flags)
{
	int reader = open("fifo", O_RDONLY | O_NONBLOCK | flags), writer = open("fifo", O_WRONLY | O_NONBLOCK);

	must(reader, "fifo");
	must(writer, "fifo");
	close(reader);
	int written = write(writer, "x", 1) == 1;
	close(writer);
	return written;
}

static int closed_later(int flags)
{
	char bytes[4096];
	int told = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

	must(told, "inotify_init1");
	must(inotify_add_watch(told, "lock", IN_CLOSE), "lock");
	close(open("lock", flags | O_CLOEXEC));
	int late = read(told, bytes, sizeof bytes) < 0;
	close(told);
	return late;
}

static void count(const char *name, int (*once)(int), int flags)
{
	int times = 0;

	for (int i = 0; i < TIMES; i++)
		times += once(flags);
	printf("%s %#x: %d\n", name, (unsigned)flags, times);
}

void locks(void)
{
	file("lock", 0644, "");
	file("leased", 0644, "");
	must(mkfifo("fifo", 0644), "fifo");
	must(other = open("lock", O_RDONLY | O_CLOEXEC), "lock");
	signal(SIGPIPE, SIG_IGN);
	signal(SIGIO, SIG_IGN);
	count("locked by nobody", refused_lock, O_RDONLY | O_CREAT);
	count("locked by nobody", refused_lock, O_RDWR);
	close(other);
	count("leased by nobody", refused_lease, O_RDONLY);
	count("leased by nobody", refused_lease, O_WRONLY);
	count("opened by nobody else", refused_write_lease, O_RDONLY);
	count("opened by nobody else", refused_write_lease, O_RDWR);
	count("read by nobody", written_to_nobody, 0);
	count("closed later", closed_later, O_RDWR);
}

/*
 * sharers thread|process COUNT
 *
 * Makes calls while another thread, or another process (CLONE_FILES), shares its descriptors and changes them. Prints how many calls were
 * made; during how many of them the other changed nothing ("stable"), which must find what was there, and how many others ("moved"), which
 * must find what was there before or after; how many descriptors the other has closed as soon as they were there ("stolen"); how many are
 * left; and what was wrong. Works in the current directory.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PLACE = 60, ONE, TWO, MOST = 1024, LONGEST_US = 300 };
enum { AT_ONE, AT_TWO, CLOSED, KINDS };

static struct {
	atomic_long generation; /* odd while the descriptor is being changed */
	atomic_int kind, stop, fd, other;
	atomic_long wrong;
	sem_t asked, answered;
} *shared;

static int by_process;
static ino_t inode[2];
static long calls, stable, moved, stolen;

static void must(long result, const char *what)
{
	if (result < 0)
		err(1, "%s", what);
}

static void check(int right, const char *what)
{
	if (!right) {
		fprintf(stderr, "%s\n", what);
		shared->wrong++;
	}
}

/* The one that shares: all of them run until they return, or until they are told to stop. */
static struct sharer {
	pthread_t thread;
	pid_t process;
} sharer;

static void start(void *(*what)(void *))
{
	shared->stop = 0;
	if (!by_process) {
		if (pthread_create(&sharer.thread, NULL, what, NULL) != 0)
			errx(1, "pthread_create");
		return;
	}
	sharer.process = (pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);
	must(sharer.process, "clone");
	if (sharer.process == 0) {
		what(NULL);
		_exit(0);
	}
}

static void end(void)
{
	int status = 0;

	shared->stop = 1;
	if (by_process)
		must(waitpid(sharer.process, &status, 0), "waitpid");
	else if (pthread_join(sharer.thread, NULL) != 0)
		errx(1, "pthread_join");
	check(status == 0, "the sharer has failed");
}

static void post(sem_t *semaphore)
{
	must(sem_post(semaphore), "sem_post");
}

static void await(sem_t *semaphore)
{
	while (sem_wait(semaphore) < 0)
		if (errno != EINTR)
			err(1, "sem_wait");
}

static ino_t inode_of(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 ? status.st_ino : 0;
}

static int is_closed(int fd)
{
	return fcntl(fd, F_GETFD) < 0 && errno == EBADF;
}

static void *change(void *unused)
{
	unsigned seed = 1;

	for (int i = 0; !shared->stop; i++) {
		struct timespec time = { .tv_nsec = 1000L * (rand_r(&seed) % LONGEST_US) };

		shared->generation++;
		shared->kind = i % KINDS;
		if (i % KINDS == CLOSED)
			must(close(PLACE), "close");
		else
			must(dup2(i % KINDS == AT_ONE ? ONE : TWO, PLACE), "dup2");
		shared->generation++;
		nanosleep(&time, NULL);
	}
	return unused;
}

/* What a call finds behind the descriptor, or -1 if it is wrong. */
static int opened(void)
{
	int fd = openat(PLACE, "file", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return errno == EBADF ? CLOSED : -1;
	ino_t found = inode_of(fd);
	must(close(fd), "close");
	return found == inode[0] ? AT_ONE : found == inode[1] ? AT_TWO : -1;
}

static int looked_at(void)
{
	struct stat status;

	if (fstatat(PLACE, "file", &status, 0) < 0)
		return errno == EBADF ? CLOSED : -1;
	return status.st_ino == inode[0] ? AT_ONE : status.st_ino == inode[1] ? AT_TWO : -1;
}

static int made(void)
{
	if (mkdirat(PLACE, "new", 0755) < 0)
		return errno == EBADF ? CLOSED : -1;
	int in_one = unlinkat(ONE, "new", AT_REMOVEDIR) == 0, in_two = unlinkat(TWO, "new", AT_REMOVEDIR) == 0;
	return in_one == in_two ? -1 : in_one ? AT_ONE : AT_TWO;
}

static void changed_meanwhile(long count)
{
	static int (*const finds[])(void) = { opened, looked_at, made };

	start(change);
	for (long i = 0; i < count; i++, calls++) {
		long before = shared->generation;
		int kind = shared->kind, found = finds[i % 3]();

		check(found >= 0, "a call found neither what was there before nor after");
		if (before % 2 == 0 && before > 0 && before == shared->generation) {
			stable++;
			check(found == kind, "a call found what was not there");
		} else {
			moved++;
		}
	}
	end();
}

static int open_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	must(fd, path);
	return fd;
}

static void *use(void *unused)
{
	for (;;) {
		await(&shared->asked);
		if (shared->stop)
			return unused;
		check(inode_of(shared->fd) == inode[0], "the other has another file, or none");
		check(close(shared->fd) == 0, "the other could not close it");
		shared->other = open_file("two/file");
		post(&shared->answered);
	}
}

/* What one opens the other can use, and close; then its number is free for both. */
static void used_by_the_other(long count)
{
	start(use);
	for (long i = 0; i < count; i++, calls += 2) {
		shared->fd = open_file("one/file");
		post(&shared->asked);
		await(&shared->answered);
		check(shared->other == shared->fd, "the number of what was closed is not the lowest");
		check(inode_of(shared->fd) == inode[1], "what the other has opened is not there");
		must(close(shared->fd), "close");
	}
	shared->stop = 1;
	post(&shared->asked);
	end();
}

static void *open_too(void *unused)
{
	for (;;) {
		await(&shared->asked);
		if (shared->stop)
			return unused;
		shared->other = open_file("two/file");
		post(&shared->answered);
	}
}

static void opened_at_once(long count, int lowest)
{
	start(open_too);
	for (long i = 0; i < count; i++, calls += 2) {
		post(&shared->asked);
		int fd = open_file("one/file");
		await(&shared->answered);
		check(fd != shared->other && fd + shared->other == 2 * lowest + 1, "these are not the two lowest numbers");
		check(inode_of(fd) == inode[0] && inode_of(shared->other) == inode[1], "a number has the other's file");
		must(close(fd), "close");
		must(close(shared->other), "close");
	}
	shared->stop = 1;
	post(&shared->asked);
	end();
}

static void *steal(void *unused)
{
	while (!shared->stop)
		if (close(shared->fd) < 0)
			sched_yield();
	return unused;
}

static void closed_at_once(long count, int lowest)
{
	shared->fd = lowest;
	start(steal);
	for (long i = 0; i < count; i++, calls++) {
		int fd = open_file("one/file");
		sched_yield();
		int is_stolen = close(fd) < 0;

		check(fd == lowest, "that is not the lowest number");
		stolen += is_stolen;
	}
	end();
}

static void *leave(void *unused)
{
	check(opened() == AT_ONE, "before: the other has another directory");
	must(unshare(CLONE_FILES), "unshare");
	must(dup2(TWO, PLACE), "dup2");
	check(opened() == AT_TWO, "after: the other has not its own directory");
	post(&shared->answered);
	await(&shared->asked);
	check(is_closed(shared->fd), "after: the other has got a descriptor");
	int own = open_file("two/file");
	check(own == shared->fd, "after: the other's number is not its lowest");
	check(opened() == AT_TWO, "after: the other has lost its own directory");
	post(&shared->answered);
	await(&shared->asked);
	return unused;
}

/* Who shares no longer has what it had, and nothing that comes. */
static void left(long count)
{
	for (long i = 0; i < count; i++, calls += 5) {
		must(dup2(ONE, PLACE), "dup2");
		check(opened() == AT_ONE, "another directory");
		start(leave);
		await(&shared->answered);
		check(opened() == AT_ONE, "what the other has done to its own counts here");
		shared->fd = open_file("one/file");
		post(&shared->asked);
		await(&shared->answered);
		check(inode_of(shared->fd) == inode[0], "a descriptor has changed");
		must(close(shared->fd), "close");
		post(&shared->asked);
		end();
	}
}

static int count_descriptors(void)
{
	int count = 0;

	for (int fd = 0; fd < MOST; fd++)
		count += !is_closed(fd);
	return count;
}

static void prepare(void)
{
	static const char *const names[] = { "one", "two" };

	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		err(1, "mmap");
	must(sem_init(&shared->asked, 1, 0), "sem_init");
	must(sem_init(&shared->answered, 1, 0), "sem_init");
	for (int i = 0; i < 2; i++) {
		must(mkdir(names[i], 0755), names[i]);
		int directory = open(names[i], O_RDONLY | O_DIRECTORY);
		must(directory, names[i]);
		must(dup2(directory, i == 0 ? ONE : TWO), "dup2");
		must(close(directory), "close");
		int file = openat(i == 0 ? ONE : TWO, "file", O_WRONLY | O_CREAT, 0644);
		must(file, "file");
		inode[i] = inode_of(file);
		must(close(file), "close");
	}
	must(dup2(ONE, PLACE), "dup2");
}

int main(int argc, char **argv)
{
	long count = argc == 3 ? atol(argv[2]) : 0;

	if (count < 1) {
		fputs("usage: sharers thread|process COUNT\n", stderr);
		return 1;
	}
	by_process = strcmp(argv[1], "process") == 0;
	prepare();
	int before = count_descriptors(), lowest = open_file("one/file");
	must(close(lowest), "close");
	changed_meanwhile(count);
	used_by_the_other(count / 4);
	opened_at_once(count / 4, lowest);
	closed_at_once(count, lowest);
	left(count / 40 + 1);
	printf("calls=%ld stable=%ld moved=%ld stolen=%ld left=%d wrong=%ld\n", calls, stable, moved, stolen, count_descriptors() - before,
	       (long)shared->wrong);
	return 0;
}

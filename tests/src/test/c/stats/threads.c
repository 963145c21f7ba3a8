/* Threads that are not the first of their process, and tasks that share more or less than usual. */
#include "stats.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void *plain(void *unused)
{
	(void)unused;
	every_call("in a thread", AT_FDCWD, "file");
	every_call("in a thread, through self", AT_FDCWD, "/proc/self/cwd/file");
	every_call("in a thread, through thread-self", AT_FDCWD, "/proc/thread-self/cwd/file");
	every_call("in a thread, self", AT_FDCWD, "/proc/self");
	every_call("in a thread, thread-self", AT_FDCWD, "/proc/thread-self");
	return NULL;
}

static void *with_own_fs(void *unused)
{
	(void)unused;
	if (unshare(CLONE_FS) < 0 || chdir("dir") < 0)
		broken("unshare(CLONE_FS)");
	every_call("in a thread with a cwd of its own", AT_FDCWD, "inner");
	every_call("the other cwd is not ours", AT_FDCWD, "dir/inner");
	every_call("thread-self/cwd", AT_FDCWD, "/proc/thread-self/cwd/inner");
	every_call("self/cwd is the process's", AT_FDCWD, "/proc/self/cwd/dir/inner");
	return NULL;
}

static void *with_own_files(void *dir)
{
	if (unshare(CLONE_FILES) < 0 || dup2(or_broken(open(".", O_RDONLY | O_DIRECTORY), "."), *(int *)dir) < 0)
		broken("unshare(CLONE_FILES)");
	every_call("a dirfd that another thread uses otherwise", *(int *)dir, "file");
	every_empty("the same without a path", *(int *)dir, "");
	every_call("thread-self/fd", AT_FDCWD, "/proc/thread-self/fd/60/file");
	every_call("self/fd is the process's", AT_FDCWD, "/proc/self/fd/60/inner");
	return NULL;
}

static void run(void *(*function)(void *), void *argument)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, function, argument) != 0 || pthread_join(thread, NULL) != 0)
		broken("pthread");
}

/* The first thread has ended, and with it what /proc/PID says of the process. */
static void *without_leader(void *leader)
{
	pthread_join(*(pthread_t *)leader, NULL);
	every_call("after the first thread has ended", AT_FDCWD, "file");
	every_call("/dev/null after the first thread has ended", AT_FDCWD, "/dev/null");
	exit(0);
}

static void end_first_thread(void)
{
	static pthread_t leader, thread;

	leader = pthread_self();
	if (pthread_create(&thread, NULL, without_leader, &leader) != 0)
		broken("pthread_create");
	pthread_exit(NULL);
}

static int go_elsewhere(void *unused)
{
	(void)unused;
	return chdir("dir") < 0;
}

/* Another process that changes our working directory. */
static void share_fs(void)
{
	static _Alignas(16) char stack[65536];
	int status;

	every_call("before another has moved us", AT_FDCWD, "inner");
	pid_t other = clone(go_elsewhere, stack + sizeof stack, CLONE_FS | SIGCHLD, NULL);
	if (other < 0 || waitpid(other, &status, 0) < 0 || status != 0)
		broken("clone");
	every_call("after another has moved us", AT_FDCWD, "inner");
	every_call("where we were", AT_FDCWD, "dir/inner");
}

void threads(void)
{
	int dir = 60;

	run(plain, NULL);
	run(with_own_fs, NULL);
	every_call("the first thread is where it was", AT_FDCWD, "dir/inner");
	if (dup2(or_broken(open("dir", O_RDONLY | O_DIRECTORY), "dir"), dir) < 0)
		broken("dup2");
	run(with_own_files, &dir);
	every_call("the dirfd is what it was", dir, "inner");
	in_child(end_first_thread);
	in_child(share_fs);
}

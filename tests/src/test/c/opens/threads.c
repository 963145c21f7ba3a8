/* Threads that are not the first of their process, and share less than usual. */
#include "opens.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

static void *plain(void *unused)
{
	(void)unused;
	prctl(PR_SET_NAME, "a-thread");
	each("in a thread", "file", O_RDONLY, 0);
	each("in a thread, through proc", "/proc/self/cwd/file", O_RDONLY, 0);
	each("in a thread, through thread-self", "/proc/thread-self/cwd/file", O_RDONLY, 0);
	each("in a thread, a new file", "in-a-thread", O_CREAT | O_RDWR, 0666);
	return NULL;
}

static void *with_own_fs(void *unused)
{
	(void)unused;
	if (unshare(CLONE_FS) < 0 || chdir("dir") < 0)
		broken("unshare(CLONE_FS)");
	each("in a thread with a cwd of its own", "inner", O_RDONLY, 0);
	each("the other cwd is not ours", "dir/inner", O_RDONLY, 0);
	each("thread-self/cwd", "/proc/thread-self/cwd/inner", O_RDONLY, 0);
	each("self/cwd is the process's", "/proc/self/cwd/dir/inner", O_RDONLY, 0);
	return NULL;
}

static void *with_own_files(void *dir)
{
	if (unshare(CLONE_FILES) < 0 || dup2(open(".", O_RDONLY | O_DIRECTORY), *(int *)dir) < 0)
		broken("unshare(CLONE_FILES)");
	show("a dirfd that another thread uses otherwise", sys_openat(*(int *)dir, "file", O_RDONLY, 0));
	show("thread-self/fd", sys_openat(AT_FDCWD, "/proc/thread-self/fd/60/file", O_RDONLY, 0));
	show("self/fd is the process's", sys_openat(AT_FDCWD, "/proc/self/fd/60/inner", O_RDONLY, 0));
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
	each("after the first thread has ended", "file", O_RDONLY, 0);
	each("a new file after the first thread has ended", "without-leader", O_CREAT | O_RDWR, 0666);
	each("/dev/null after the first thread has ended", "/dev/null", O_RDONLY, 0);
	_exit(0);
}

static void end_first_thread(void)
{
	static pthread_t leader, thread;

	leader = pthread_self();
	if (pthread_create(&thread, NULL, without_leader, &leader) != 0)
		broken("pthread_create");
	pthread_exit(NULL);
}

void threads(void)
{
	int dir = 60;

	run(plain, NULL);
	run(with_own_fs, NULL);
	each("the first thread is where it was", "dir/inner", O_RDONLY, 0);
	if (dup2(open("dir", O_RDONLY | O_DIRECTORY), dir) < 0)
		broken("dup2");
	run(with_own_files, &dir);
	show("the dirfd is what it was", sys_openat(dir, "inner", O_RDONLY, 0));
	in_child(end_first_thread);
}

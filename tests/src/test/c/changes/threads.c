/* Threads that are not the first of their process, and share less than usual; and who they act as. */
#include "calls.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <sys/fsuid.h>

static void *plain(void *unused)
{
	(void)unused;
	show(CALL(SYS_mkdir, "in-a-thread", 0777), "mkdir in a thread");
	show(CALL(SYS_rmdir, "/proc/self/cwd/in-a-thread"), "rmdir in a thread, through proc");
	show(CALL(SYS_chmod, "/proc/thread-self/cwd/file", 0600), "chmod in a thread, through thread-self");
	return NULL;
}

static void *with_own_fs(void *unused)
{
	(void)unused;
	if (unshare(CLONE_FS) < 0 || chdir("dir") < 0)
		broken("unshare(CLONE_FS)");
	umask(077);
	show(CALL(SYS_mkdir, "own", 0777), "mkdir in a thread with a cwd and umask of its own");
	show(CALL(SYS_unlink, "/proc/thread-self/cwd/inner"), "unlink, thread-self/cwd");
	show(CALL(SYS_mkdir, "/proc/self/cwd/others", 0777), "mkdir, self/cwd");
	return NULL;
}

static void *with_own_files(void *dir)
{
	if (unshare(CLONE_FILES) < 0 || dup2(open("sticky", O_RDONLY | O_DIRECTORY), *(int *)dir) < 0)
		broken("unshare(CLONE_FILES)");
	show(CALL(SYS_mkdirat, *(int *)dir, "new", 0755), "mkdirat where another thread has another directory");
	return NULL;
}

static void *with_another_fsuid(void *unused)
{
	(void)unused;
	syscall(SYS_setfsgid, 78);
	syscall(SYS_setfsuid, 4343);
	show(CALL(SYS_mkdir, "sticky/of-fsuid", 0755), "mkdir with another fsuid");
	show(CALL(SYS_mkdir, "of-fsuid", 0755), "mkdir with another fsuid, where it may not");
	show(CALL(SYS_chmod, "file", 0611), "chmod with another fsuid");
	show(CALL(SYS_utimensat, AT_FDCWD, "file", NULL, 0), "utimensat now with another fsuid");
	show(CALL(SYS_unlink, "sticky/of-fsuid"), "unlink with another fsuid");
	show(CALL(SYS_chown, "sticky/of-fsuid", -1, 77), "chown with another fsuid");
	return NULL;
}

static void *without_capabilities(void *unused)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct none[2] = { 0 };

	(void)unused;
	if (syscall(SYS_capset, &header, none) < 0)
		broken("capset");
	show(CALL(SYS_mknod, "device", S_IFCHR | 0600, 0x103), "mknod without capabilities");
	show(CALL(SYS_chown, "dir/inner", 77, -1), "chown without capabilities");
	show(CALL(SYS_mkdir, "locked/new", 0755), "mkdir without capabilities");
	show(CALL(SYS_mkdir, "unwritable/new", 0755), "mkdir where none may, without capabilities");
	show(CALL(SYS_truncate, "closed", 2L), "truncate without capabilities");
	show(CALL(SYS_truncate, "suid", 2L), "truncate of a set-id program without capabilities");
	show(CALL(SYS_setxattr, "dir", "trusted.name", "x", 1L, 0), "setxattr trusted without capabilities");
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
	show(CALL(SYS_mkdir, "without-leader", 0777), "mkdir after the first thread has ended");
	show(CALL(SYS_truncate, "file", 3L), "truncate after the first thread has ended");
	_exit(0);
}

static void end_first_thread(void)
{
	static pthread_t leader, thread;

	keep_tree();
	leader = pthread_self();
	if (pthread_create(&thread, NULL, without_leader, &leader) != 0)
		broken("pthread_create");
	pthread_exit(NULL);
}

void threads(void)
{
	int dir = 100;

	keep_tree();
	run(plain, NULL);
	run(with_own_fs, NULL);
	if (dup2(open("dir", O_RDONLY | O_DIRECTORY), dir) < 0)
		broken("dup2");
	run(with_own_files, &dir);
	show(CALL(SYS_mkdirat, dir, "new", 0755), "mkdirat in the first thread");
	run(with_another_fsuid, NULL);
	run(without_capabilities, NULL);
	show(CALL(SYS_chmod, "file", 0644), "chmod in the first thread");
	in_child(end_first_thread);
}

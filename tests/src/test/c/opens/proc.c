/* Names in /proc that mean whoever uses them. */
#include "opens.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile uint64_t marker = 0x1234567812345678;

/* Whether the file holds `text`. */
static void holds(const char *path, const char *text, size_t length)
{
	static char content[1 << 20];
	long fd = sys_openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
	size_t size = 0;
	ssize_t got;

	if (fd < 0) {
		show(path, fd);
		return;
	}
	while (size < sizeof content && (got = read((int)fd, content + size, sizeof content - size)) > 0)
		size += (size_t)got;
	printf("%-60s %s\n", path, memmem(content, size, text, length) ? "mine" : "not mine");
	close((int)fd);
}

static void same_file(const char *path, const char *as)
{
	struct stat one, other;
	long fd = sys_openat(AT_FDCWD, path, O_RDONLY, 0);

	if (fd < 0) {
		show(path, fd);
		return;
	}
	if (fstat((int)fd, &one) < 0 || stat(as, &other) < 0)
		broken(as);
	printf("%-60s %s\n", path, one.st_ino == other.st_ino && one.st_dev == other.st_dev ? "mine" : "not mine");
	close((int)fd);
}

static void memory(const char *path)
{
	uint64_t value = 0;
	long fd = sys_openat(AT_FDCWD, path, O_RDWR, 0);

	if (fd < 0) {
		show(path, fd);
		return;
	}
	if (pread((int)fd, &value, sizeof value, (off_t)(uintptr_t)&marker) != sizeof value)
		value = 0;
	printf("%-60s %s\n", path, value == marker ? "mine" : "not mine");
	close((int)fd);
}

/* Another task, by its number: its root, cwd and descriptors. */
static void another(void)
{
	char path[128];
	int ready[2], hold[2];

	if (pipe(ready) < 0 || pipe(hold) < 0)
		broken("pipe");
	pid_t child = fork();
	if (child == 0) {
		int fd = open("inner", O_RDONLY);
		close(hold[1]);
		if (chdir("dir") < 0 || (fd = open("inner", O_RDONLY)) < 0 || dup2(fd, 50) < 0 || write(ready[1], "", 1) < 0)
			_exit(1);
		_exit(read(hold[0], path, 1) < 0);
	}
	if (read(ready[0], path, 1) < 0)
		broken("read");
	static const char *const PATHS[] = { "/proc/%d/root/dev/null", "/proc/%d/cwd", "/proc/%d/cwd/inner", "/proc/%d/cwd/../file",
					     "/proc/%d/fd/50",	      "/proc/%d/fd/51", "/proc/%d/status",   "/proc/%d/mem" };
	for (size_t i = 0; i < sizeof PATHS / sizeof *PATHS; i++) {
		snprintf(path, sizeof path, PATHS[i], child);
		show(PATHS[i], sys_openat(AT_FDCWD, path, O_RDONLY, 0));
	}
	close(hold[1]);
	waitpid(child, NULL, 0);
	snprintf(path, sizeof path, "/proc/%d/status", child);
	show("a process that has ended", sys_openat(AT_FDCWD, path, O_RDONLY, 0));
}

void proc(void)
{
	char pid[32], path[64];

	prctl(PR_SET_NAME, "opens-in-proc");
	setenv("MARKER", "here", 1);
	snprintf(pid, sizeof pid, "\nPid:\t%d\n", getpid());
	holds("/proc/self/status", pid, strlen(pid));
	holds("/proc/thread-self/status", pid, strlen(pid));
	holds("/proc/self/../self/status", pid, strlen(pid));
	holds("/proc/self/task/../status", pid, strlen(pid));
	holds("/proc/self/comm", "opens-in-proc", 13);
	holds("/proc/thread-self/comm", "opens-in-proc", 13);
	holds("/proc/self/maps", "/opens\n", 7);
	holds("/proc/self/cmdline", "opens", 6);
	holds("/proc/self/root/proc/self/comm", "opens-in-proc", 13);
	holds("/proc/self/cwd/../../../../../../../../proc/self/comm", "opens-in-proc", 13);
	snprintf(path, sizeof path, "/proc/%d/comm", getpid());
	long fd = sys_openat(AT_FDCWD, path, O_RDONLY, 0);
	printf("/proc/PID/comm: %s\n", fd < 0 ? strerrorname_np((int)-fd) : "opened");
	close((int)fd);
	holds("/proc/mounts", " / ", 3);
	same_file("/proc/self/exe", "/proc/self/exe");
	same_file("/proc/self/cwd", ".");
	same_file("/proc/self/root", "/");
	same_file("/proc/self/fd/0", "/proc/self/fd/0");
	memory("/proc/self/mem");
	memory("/proc/thread-self/mem");
	each("/proc/self", "/proc/self", O_RDONLY | O_DIRECTORY, 0);
	each("/proc/self O_NOFOLLOW", "/proc/self", O_RDONLY | O_NOFOLLOW, 0);
	each("/proc/self/missing", "/proc/self/missing", O_RDONLY, 0);
	each("/proc/self/comm for writing", "/proc/self/comm", O_WRONLY, 0);
	each("/proc/self/comm/", "/proc/self/comm/", O_RDONLY, 0);
	each("/proc/self/cwd/file/", "/proc/self/cwd/file/", O_RDONLY, 0);
	each("/proc/self/cwd/dir/", "/proc/self/cwd/dir/", O_RDONLY, 0);
	each("/proc/self/cwd/dirlink/", "/proc/self/cwd/dirlink/", O_RDONLY | O_NOFOLLOW, 0);
	each("/proc/self/exe for writing", "/proc/self/exe", O_WRONLY, 0);
	each("/proc/self/exe O_NOFOLLOW", "/proc/self/exe", O_RDONLY | O_NOFOLLOW, 0);
	each("/proc/self/ns/user", "/proc/self/ns/user", O_RDONLY, 0);
	each("/proc/self/fd", "/proc/self/fd", O_RDONLY | O_DIRECTORY, 0);
	each("/proc/1/environ", "/proc/1/environ", O_RDONLY, 0);
	each("/proc/1/root/dev/null", "/proc/1/root/dev/null", O_RDONLY, 0);
	each("creating in /proc", "/proc/new", O_CREAT | O_RDWR, 0644);
	each("/proc/sys/kernel/ostype", "/proc/sys/kernel/ostype", O_RDONLY, 0);
	another();
}

/* Whose memory nobody else may read can still open its own. */
void undumpable(void)
{
	static const char *const DIRECTORIES[] = { "/proc/self", "/proc/thread-self", "/proc/%1$d", "/proc/%1$d/task/%1$d" };
	static const char *const FILES[] = { "maps", "smaps", "smaps_rollup", "auxv", "environ", "mem", "io", "comm", "pagemap", "fd", "fd/70",
					     "fd/70/missing", "fd/71", "fdinfo", "fdinfo/70", "fdinfo/71", "map_files", "map_files/0-0",
					     "map_files/%2$lx-%3$lx", "task", "ns", "ns/user", "cwd/file", "exe" };
	unsigned long from = 0, to = 0;
	char path[128], name[128];
	FILE *maps = fopen("/proc/self/maps", "r");

	if (maps == NULL || fscanf(maps, "%lx-%lx", &from, &to) != 2 || fclose(maps) != 0)
		broken("maps");
	if (dup2(open("file", O_RDONLY), 70) < 0 || prctl(PR_SET_DUMPABLE, 0) < 0)
		broken("prctl");
	holds("/proc/self/maps", "/opens\n", 7);
	for (size_t d = 0; d < sizeof DIRECTORIES / sizeof *DIRECTORIES; d++)
		for (size_t f = 0; f < sizeof FILES / sizeof *FILES; f++) {
			snprintf(name, sizeof name, "%s/%s", DIRECTORIES[d], FILES[f]);
			snprintf(path, sizeof path, name, getpid(), from, to);
			each(name, path, O_RDONLY, 0);
		}
}

/* Names in /proc that mean whoever uses them. */
#include "stats.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* The text of a link, and what stat and lstat say of it. */
static void look(const char *what, const char *path)
{
	readlink_case(what, SYS_readlink, AT_FDCWD, path, 4096);
	readlink_case(what, SYS_readlinkat, AT_FDCWD, path, 4096);
	stat_case(what, SYS_stat, AT_FDCWD, path, 0);
	stat_case(what, SYS_lstat, AT_FDCWD, path, 0);
	statx_case(what, AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS);
	access_case(what, SYS_access, AT_FDCWD, path, R_OK, 0);
	access_case(what, SYS_faccessat2, AT_FDCWD, path, W_OK, AT_SYMLINK_NOFOLLOW);
	getxattr_case(what, SYS_getxattr, AT_FDCWD, path, 0, "user.colour", 100);
	listxattr_case(what, SYS_llistxattr, AT_FDCWD, path, 0, 100);
	statfs_case(what, path);
	handle_case(what, AT_FDCWD, path, 0, 128);
}

static void look_at(const char *format, int number)
{
	char path[128];

	snprintf(path, sizeof path, format, number);
	look(format, path);
}

static void descriptors_of_ours(void)
{
	static const char *const PLACES[] = { "/proc/self/fd/%d", "/dev/fd/%d", "/proc/thread-self/fd/%d" };
	int pipes[2], sockets[2], unlinked = or_broken(open("unlinked", O_CREAT | O_RDWR, 0644), "unlinked");

	if (pipe(pipes) < 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) < 0 || unlink("unlinked") < 0)
		broken("pipe");
	const int fds[] = {
		unlinked,
		pipes[0],
		sockets[0],
		or_broken(eventfd(0, 0), "eventfd"),
		or_broken(memfd_create("memory", 0), "memfd_create"),
		or_broken(open("file", O_RDONLY), "file"),
		or_broken(open("file", O_PATH), "file"),
		or_broken(open("link", O_PATH | O_NOFOLLOW), "link"),
		or_broken(open("dir", O_RDONLY), "dir"),
		or_broken(open("/dev/null", O_RDWR), "/dev/null"),
		dup2(unlinked, 900),
		77,
	};
	for (size_t p = 0; p < sizeof PLACES / sizeof *PLACES; p++)
		for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
			look_at(PLACES[p], fds[i]);
	look_at("/proc/self/fd/%d/inner", fds[8]);
	look_at("/proc/self/fd/%d/up", fds[8]);
	look_at("/proc/self/fd/%d/missing", fds[8]);
	look_at("/proc/self/fd/%d/..", fds[8]);
	look_at("/proc/self/fdinfo/%d", fds[5]);
}

/* Another task, by its number: its program, root, cwd and descriptors. */
static void another(void)
{
	static const char *const PATHS[] = { "/proc/%d",	 "/proc/%d/exe",  "/proc/%d/root", "/proc/%d/cwd", "/proc/%d/cwd/inner",
					     "/proc/%d/cwd/../file", "/proc/%d/fd/50", "/proc/%d/fd/51", "/proc/%d/status", "/proc/%d/ns/user",
					     "/proc/%1$d/task/%1$d/cwd", "/proc/%d/no-such-file" };
	int ready[2], hold[2];
	char byte = 0;

	if (pipe(ready) < 0 || pipe(hold) < 0)
		broken("pipe");
	pid_t child = fork();
	if (child == 0) {
		close(hold[1]);
		int fd = chdir("dir") < 0 ? -1 : open("inner", O_RDONLY);
		if (fd < 0 || dup2(fd, 50) < 0 || write(ready[1], "", 1) < 0)
			_exit(1);
		_exit(read(hold[0], &byte, 1) < 0);
	}
	if (read(ready[0], &byte, 1) < 0)
		broken("read");
	for (size_t i = 0; i < sizeof PATHS / sizeof *PATHS; i++)
		look_at(PATHS[i], child);
	close(hold[1]);
	waitpid(child, NULL, 0);
	look_at("/proc/%d", child);
	look_at("/proc/%d/exe", child);
}

void proc(void)
{
	static const char *const PATHS[] = {
		"/proc/self",	      "/proc/self/",	    "/proc/thread-self",  "/proc/self/exe",	 "/proc/self/cwd",
		"/proc/self/root",    "/proc/self/ns/user", "/proc/self/ns/mnt",  "/proc/self/ns/none",	 "/proc/self/status",
		"/proc/self/maps",    "/proc/self/mem",	    "/proc/self/task",	  "/proc/self/fd",	 "/proc/self/missing",
		"/proc/self/cwd/file", "/proc/self/cwd/link", "/proc/self/cwd/dangling", "/proc/self/cwd/missing", "/proc/self/cwd/file/",
		"/proc/self/cwd/..",  "/proc/self/exe/x",   "/proc/self/../self/exe", "/proc/self/root/proc/self/exe",
		"/proc/thread-self/exe", "/proc/thread-self/cwd", "/proc/thread-self/root", "/proc/thread-self/comm",
		"/proc/mounts",	      "/proc/net",	    "/proc/net/dev",	  "/proc/1",		 "/proc/1/exe",
		"/proc/1/cwd/x",      "/proc/1/environ",    "/proc/999999999",	  "/proc/self/attr/current", "/dev/stdin",
		"/dev/fd",	    "through-proc",	  "to-magic",		 "/proc/self/map_files/0-0",
	};

	for (size_t i = 0; i < sizeof PATHS / sizeof *PATHS; i++)
		look(PATHS[i], PATHS[i]);
	look_at("/proc/%d/cwd", getpid());
	look_at("/proc/%1$d/task/%1$d/exe", getpid());
	descriptors_of_ours();
	another();
}

/* Who may not be looked into by others still may look at itself. */
void undumpable(void)
{
	static const char *const PATHS[] = {
		"/proc/self", "/proc/self/exe", "/proc/self/cwd", "/proc/self/cwd/file", "/proc/self/ns/user",
		"/proc/self/fd/70", "/proc/self/fd/71", "/proc/thread-self/fd/70", "/dev/fd/70", "/proc/self/status", "/proc/self/mem",
		"/proc/self/maps", "/proc/self/fd/../cwd/file",
	};
	/* there is no asking for their attributes */
	static const char *const DIRECTORIES[] = { "/proc/self/fd", "/proc/self/fdinfo", "/proc/self/map_files", "/proc/self/fdinfo/70" };
	char path[64];

	if (dup2(or_broken(open("file", O_RDONLY), "file"), 70) < 0 || prctl(PR_SET_DUMPABLE, 0) < 0)
		broken("prctl");
	for (size_t i = 0; i < sizeof PATHS / sizeof *PATHS; i++)
		look(PATHS[i], PATHS[i]);
	for (size_t i = 0; i < sizeof DIRECTORIES / sizeof *DIRECTORIES; i++) {
		stat_case(DIRECTORIES[i], SYS_stat, AT_FDCWD, DIRECTORIES[i], 0);
		for (int mode = 0; mode <= (R_OK | W_OK | X_OK); mode++)
			access_case(DIRECTORIES[i], SYS_access, AT_FDCWD, DIRECTORIES[i], mode, 0);
	}
	look_at("/proc/%d/fd/70", getpid());
	look_at("/proc/%d/fd/71", getpid());
	look_at("/proc/%d/exe", getpid());
	look_at("/proc/%1$d/task/%1$d/fd/70", getpid());
	snprintf(path, sizeof path, "/proc/%d/map_files", getpid());
	stat_case("/proc/PID/map_files", SYS_stat, AT_FDCWD, path, 0);
}

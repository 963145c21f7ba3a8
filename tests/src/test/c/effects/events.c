/* What inotify(7) tells of a call: each event once, in the kernel's order. */
#include "effects.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <poll.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>

static int told, of_directory, of_file;

static void watch(void)
{
	must(told = inotify_init1(IN_NONBLOCK | IN_CLOEXEC), "inotify_init1");
	must(of_directory = inotify_add_watch(told, "watched", IN_ALL_EVENTS), "watched");
	must(of_file = inotify_add_watch(told, "watched/file", IN_ALL_EVENTS), "watched/file");
}

static const char *name_of(const struct inotify_event *event)
{
	return event->wd == of_directory ? "directory" : event->wd == of_file ? "file" : "overflow";
}

/* What has no name has a number for one, another in every run. */
static const char *shown(const struct inotify_event *event)
{
	return event->len == 0 ? "" : event->name[0] == '#' ? "unnamed" : event->name;
}

/* Once a close has been told, all has: each case ends with one of a file of its own. */
static void print_events(void)
{
	_Alignas(struct inotify_event) char bytes[4096];
	struct pollfd ready = { .fd = told, .events = POLLIN };

	close(open("watched/mark", O_RDWR));
	for (int ended = 0; !ended && poll(&ready, 1, 60000) > 0;) {
		ssize_t size = read(told, bytes, sizeof bytes);
		for (ssize_t at = 0; at < size;) {
			const struct inotify_event *event = (const struct inotify_event *)(bytes + at);
			at += (ssize_t)(sizeof *event + event->len);
			int is_mark = event->len > 0 && strcmp(event->name, "mark") == 0;
			if (!is_mark)
				printf("  %s %#x %s\n", name_of(event), event->mask, shown(event));
			ended |= is_mark && event->mask & IN_CLOSE;
		}
	}
}

static void opened(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0644);

	show(fd, "open %s %#x", path, (unsigned)flags);
	if (fd >= 0)
		close(fd);
	print_events();
}

static void changed(long returned, const char *name)
{
	show(returned, "%s", name);
	print_events();
}

static void opens(void)
{
	static const int FLAGS[] = { O_RDONLY, O_WRONLY, O_RDWR | O_APPEND, O_RDWR | O_CREAT, O_CREAT | O_EXCL, O_PATH, O_NOFOLLOW,
				     O_WRONLY | O_TRUNC, O_RDWR | O_TRUNC | O_CREAT, O_DIRECTORY, O_NOATIME, O_RDONLY | O_NONBLOCK };
	static const char *const PATHS[] = { "watched/file", "watched/link", "watched", "watched/missing/x" };

	for (size_t p = 0; p < sizeof PATHS / sizeof *PATHS; p++)
		for (size_t f = 0; f < sizeof FLAGS / sizeof *FLAGS; f++)
			opened(PATHS[p], FLAGS[f]);
	opened("watched/new", O_CREAT | O_WRONLY);
	opened("watched/newer", O_CREAT | O_EXCL | O_RDWR | O_TRUNC);
	opened("watched/missing", O_RDONLY);
	opened("watched/through", O_CREAT | O_RDWR);
	opened("watched", O_TMPFILE | O_RDWR);
}

static void looks(void)
{
	char text[64];
	struct stat st;

	changed(stat("watched/file", &st), "stat");
	changed(access("watched/file", W_OK), "access");
	changed(readlink("watched/link", text, sizeof text), "readlink");
	changed(getxattr("watched/file", "user.x", text, sizeof text), "getxattr");
	changed(chdir("watched"), "chdir");
	changed(chdir(".."), "chdir back");
}

static void changes(void)
{
	static const struct timespec TIMES[] = { { 1, 2 }, { 3, 4 } }, ATIME[] = { { 1, 2 }, { 0, UTIME_OMIT } };

	changed(chmod("watched/file", 0640), "chmod");
	changed(chmod("watched/link", 0644), "chmod of a link");
	changed(chown("watched/file", -1, -1), "chown");
	changed(truncate("watched/file", 2), "truncate");
	changed(truncate("watched/file", 2), "truncate to what it is");
	changed(utimensat(AT_FDCWD, "watched/file", TIMES, 0), "utimensat");
	changed(utimensat(AT_FDCWD, "watched/file", ATIME, 0), "utimensat, atime only");
	changed(utimensat(AT_FDCWD, "watched/file", NULL, 0), "utimensat now");
	changed(setxattr("watched/file", "user.x", "x", 1, 0), "setxattr");
	changed(removexattr("watched/file", "user.x"), "removexattr");
	changed(removexattr("watched/file", "user.x"), "removexattr again");
	changed(mkdir("watched/dir", 0755), "mkdir");
	changed(mkdir("watched/dir", 0755), "mkdir again");
	changed(mknod("watched/fifo", S_IFIFO | 0600, 0), "mknod");
	changed(symlink("file", "watched/symlink"), "symlink");
	changed(link("watched/file", "watched/hard"), "link");
	changed(rename("watched/hard", "watched/harder"), "rename");
	changed(rename("watched/symlink", "watched/fifo"), "rename over another");
	changed(syscall(SYS_renameat2, AT_FDCWD, "watched/dir", AT_FDCWD, "watched/fifo", RENAME_EXCHANGE), "exchange");
	changed(syscall(SYS_renameat2, AT_FDCWD, "watched/dir", AT_FDCWD, "watched/fifo", RENAME_NOREPLACE), "no replacement");
	changed(rename("watched/harder", "outside"), "rename out");
	changed(rename("outside", "watched/inside"), "rename in");
	changed(rmdir("watched/fifo"), "rmdir");
	changed(rmdir("watched/dir"), "rmdir of none");
	changed(unlink("watched/inside"), "unlink of one name");
}

static void ends(void)
{
	int fd = open("watched/file", O_RDONLY | O_CLOEXEC);

	must(fd, "watched/file");
	changed(unlink("watched/file"), "unlink of what is open");
	close(fd);
	print_events();
	file("watched/other", 0644, "other");
	must(of_file = inotify_add_watch(told, "watched/other", IN_ALL_EVENTS), "watched/other");
	changed(unlink("watched/other"), "unlink of the last name");
	file("watched/other", 0644, "other");
	must(of_file = inotify_add_watch(told, "watched/other", IN_ALL_EVENTS), "watched/other");
	file("another", 0644, "another");
	changed(rename("another", "watched/other"), "rename over the last name");
	must(mkdir("watched/last", 0755), "watched/last");
	print_events();
	must(of_file = inotify_add_watch(told, "watched/last", IN_ALL_EVENTS), "watched/last");
	changed(rmdir("watched/last"), "rmdir of what is watched");
}

void events(void)
{
	must(mkdir("watched", 0755), "watched");
	file("watched/file", 0644, "content");
	file("watched/mark", 0644, "");
	must(symlink("file", "watched/link"), "watched/link");
	must(symlink("made", "watched/through"), "watched/through");
	watch();
	opens();
	looks();
	changes();
	ends();
}

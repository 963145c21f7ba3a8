/* inotify(7) and fanotify(7): what a watch that was added tells. */
#include "stats.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

static void add(int fd, const char *path, unsigned mask)
{
	begin("inotify_add_watch %s %#x", path, mask);
	printf("%ld\n", sys(SYS_inotify_add_watch, fd, path, mask));
}

static void touch(const char *path)
{
	close(or_broken(open(path, O_CREAT | O_WRONLY, 0644), path));
}

static void print_events(int fd)
{
	_Alignas(struct inotify_event) char bytes[4096];
	ssize_t size = read(fd, bytes, sizeof bytes);

	for (ssize_t at = 0; at < size;) {
		const struct inotify_event *event = (const struct inotify_event *)(bytes + at);
		printf("event of watch %d mask %#x name %s\n", event->wd, event->mask, event->len > 0 ? event->name : "-");
		at += (ssize_t)(sizeof *event + event->len);
	}
	if (size < 0)
		printf("no event: %s\n", strerrorname_np(errno));
}

static void by_inotify(void)
{
	int fd = or_broken(inotify_init1(IN_NONBLOCK | IN_CLOEXEC), "inotify_init1");

	add(fd, "dir", IN_CREATE | IN_DELETE);
	add(fd, "dir/inner", IN_ATTRIB);
	add(fd, "dirlink", IN_ATTRIB);		     /* the first watch again, now for something else */
	add(fd, "dir", IN_CREATE | IN_MASK_ADD);     /* and for both */
	add(fd, "dir", IN_CREATE | IN_MASK_CREATE);  /* there is one */
	add(fd, "dirlink", IN_ATTRIB | IN_DONT_FOLLOW);
	add(fd, "dir", IN_ATTRIB | IN_CREATE | IN_DELETE | IN_ONLYDIR);
	add(fd, "file", IN_ATTRIB | IN_ONESHOT);
	add(fd, "file", IN_ATTRIB | IN_ONLYDIR);
	add(fd, "closed", IN_OPEN);
	add(fd, "/proc/self/fd/0", IN_OPEN);
	touch("dir/new");
	unlink("dir/new");
	chmod("dir/inner", 0600);
	chmod("dir/inner", 0640);
	chmod("file", 0644);
	chmod("file", 0644);
	print_events(fd);
	print_events(fd);
	close(fd);
}

static void mark(int fd, unsigned flags, uint64_t mask, int dirfd, const char *path)
{
	fresh_room();
	begin("fanotify_mark %#x %#llx %s", flags, (unsigned long long)mask,
	      !path ? "NULL" : (uintptr_t)path < 4096 ? "a bad pointer" : path);
	end(sys(SYS_fanotify_mark, fd, flags, mask, dirfd, path), 0);
}

static void print_marks_event(const struct fanotify_event_metadata *event)
{
	int ours = event->pid == getpid();
	struct stat st = { 0 };

	if (event->fd >= 0 && fstat(event->fd, &st) < 0)
		broken("fstat");
	/* others may close what they like in /dev/shm */
	if (ours || !(event->mask & FAN_CLOSE_WRITE))
		printf("event %#llx on %#o, %s\n", (unsigned long long)event->mask, st.st_mode, ours ? "of ours" : "of another");
	if (event->fd >= 0)
		close(event->fd);
}

static void print_marks_events(int fd)
{
	_Alignas(struct fanotify_event_metadata) char bytes[4096];
	ssize_t size;

	while ((size = read(fd, bytes, sizeof bytes)) > 0) {
		const struct fanotify_event_metadata *event = (const struct fanotify_event_metadata *)bytes;
		for (; FAN_EVENT_OK(event, size); event = FAN_EVENT_NEXT(event, size))
			print_marks_event(event);
	}
	printf("no more events: %s\n", strerrorname_np(errno));
}

static void by_fanotify(unsigned class)
{
	int fd = fanotify_init(class | FAN_NONBLOCK | FAN_CLOEXEC, O_RDONLY | O_CLOEXEC);
	int dir = or_broken(open("dir", O_RDONLY | O_DIRECTORY), "dir"), file = or_broken(open("file", O_RDONLY), "file");

	printf("fanotify_init %#x: %s\n", class, fd < 0 ? strerrorname_np(errno) : "done");
	mark(fd, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, "file");
	mark(fd, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, "link");
	mark(fd, FAN_MARK_ADD | FAN_MARK_DONT_FOLLOW, FAN_OPEN, AT_FDCWD, "link");
	mark(fd, FAN_MARK_ADD | FAN_MARK_ONLYDIR, FAN_OPEN, AT_FDCWD, "link");
	mark(fd, FAN_MARK_ADD | FAN_MARK_ONLYDIR, FAN_OPEN | FAN_EVENT_ON_CHILD, AT_FDCWD, "dirlink");
	mark(fd, FAN_MARK_ADD, FAN_CLOSE_WRITE, dir, "inner");
	mark(fd, FAN_MARK_ADD, FAN_OPEN, dir, NULL);
	mark(fd, FAN_MARK_ADD | FAN_MARK_ONLYDIR, FAN_OPEN, file, NULL);
	mark(fd, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, NULL);
	mark(fd, FAN_MARK_ADD, FAN_OPEN, 77, NULL);
	mark(fd, FAN_MARK_ADD, FAN_OPEN, 77, "file");
	mark(fd, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, "");
	mark(fd, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, "missing");
	mark(fd, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, (const char *)16);
	mark(fd, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, "closed");
	mark(fd, FAN_MARK_ADD, 0, AT_FDCWD, "missing");
	mark(fd, FAN_MARK_ADD, (uint64_t)1 << 40, AT_FDCWD, "missing");
	mark(fd, FAN_MARK_ADD | FAN_MARK_REMOVE, FAN_OPEN, AT_FDCWD, "missing");
	mark(fd, FAN_MARK_REMOVE, FAN_OPEN, AT_FDCWD, "mine");
	mark(fd, FAN_MARK_ADD | FAN_MARK_MOUNT, FAN_CLOSE_WRITE, AT_FDCWD, "/dev/shm");
	mark(fd, FAN_MARK_ADD | FAN_MARK_FILESYSTEM, FAN_CLOSE_WRITE, AT_FDCWD, "/dev/shm");
	mark(77, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, "missing");
	mark(file, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, "missing");
	close(open("file", O_RDONLY));
	close(open("dir/inner", O_WRONLY));
	if (fd >= 0)
		print_marks_events(fd);
	mark(fd, FAN_MARK_FLUSH, 0, AT_FDCWD, "file");
	mark(fd, FAN_MARK_FLUSH, 0, 77, (const char *)16);
	mark(fd, FAN_MARK_FLUSH | FAN_MARK_MOUNT, 0, AT_FDCWD, NULL);
	mark(fd, FAN_MARK_FLUSH, FAN_OPEN, AT_FDCWD, NULL);
	close(open("file", O_RDONLY));
	if (fd >= 0)
		print_marks_events(fd);
	close(fd);
	close(dir);
	close(file);
}

void watches(void)
{
	by_inotify();
	by_fanotify(FAN_CLASS_NOTIF);
	by_fanotify(FAN_CLASS_NOTIF | FAN_REPORT_FID);
}

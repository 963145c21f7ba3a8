/* What stays of a file's bits and times when it is opened: set-id bits, access times, flags of files. */
#include "effects.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/xattr.h>

static void print_bits(const char *path)
{
	struct stat st;
	char value[32];

	must(lstat(path, &st), path);
	ssize_t size = getxattr(path, "security.capability", value, sizeof value);
	printf("  %s %#o %ld bytes, capabilities of %ld bytes\n", path, st.st_mode, (long)st.st_size, (long)size);
}

static void as_another(void)
{
	static const int FLAGS[] = { O_RDONLY, O_WRONLY, O_RDWR | O_TRUNC, O_WRONLY | O_CREAT | O_TRUNC, O_RDONLY | O_TRUNC };
	static const unsigned MODES[] = { 04777, 02777, 02767, 06777, 01777 };
	static const uint32_t NET_RAW[] = { 0x02000001, 1 << 13, 0, 0, 0 };
	const int ids[] = { 0, 4242 };

	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
		if (getuid() == 0)
			must(seteuid((uid_t)ids[i]), "seteuid");
		for (size_t m = 0; m < sizeof MODES / sizeof *MODES; m++)
			for (size_t f = 0; f < sizeof FLAGS / sizeof *FLAGS; f++) {
				if (getuid() == 0)
					must(seteuid(0), "seteuid");
				file("bits", MODES[m], "bits");
				setxattr("bits", "security.capability", NET_RAW, sizeof NET_RAW, 0);
				if (getuid() == 0)
					must(seteuid((uid_t)ids[i]), "seteuid");
				int fd = open("bits", FLAGS[f] | O_CLOEXEC, 0644);
				show(fd, "open %#o %#x", MODES[m], (unsigned)FLAGS[f]);
				if (fd >= 0)
					close(fd);
				print_bits("bits");
			}
	}
	if (getuid() == 0)
		must(seteuid(0), "seteuid");
}

static void access_time(const char *path, int flags)
{
	static const struct timespec OLD[] = { { 1, 0 }, { 2, 0 } };
	struct stat st;
	char byte;

	utimensat(AT_FDCWD, "link", OLD, AT_SYMLINK_NOFOLLOW);
	utimensat(AT_FDCWD, path, OLD, 0);
	int fd = open(path, flags | O_CLOEXEC);
	show(fd, "open %s %#x", path, (unsigned)flags);
	must(lstat("link", &st), "link");
	printf("  the link was %s\n", st.st_atime == 1 ? "not read" : "read");
	must(stat(path, &st), path);
	printf("  opened %ld %ld\n", (long)st.st_atime, (long)st.st_mtime);
	if (fd >= 0 && read(fd, &byte, 1) >= 0) {
		must(stat(path, &st), path);
		printf("  read: %s\n", st.st_atime == 1 ? "no trace" : "a trace");
	}
	close(fd);
}

static void with_flag(int flag, const char *what)
{
	static const int FLAGS[] = { O_RDONLY, O_WRONLY, O_RDWR, O_WRONLY | O_APPEND, O_WRONLY | O_TRUNC, O_WRONLY | O_APPEND | O_TRUNC, O_RDONLY | O_TRUNC, O_NOATIME,
				     O_CREAT | O_WRONLY | O_APPEND, O_CREAT | O_WRONLY, O_PATH, O_TMPFILE | O_RDWR };
	static const char *const PATHS[] = { "flagged", "flags", "flags/new", "flags/inner" };
	int set = 0, fds[2];

	file("flagged", 0644, "flagged");
	must(mkdir("flags", 0755), "flags");
	file("flags/inner", 0644, "inner");
	must(fds[0] = open("flagged", O_RDONLY | O_CLOEXEC), "flagged");
	must(fds[1] = open("flags", O_RDONLY | O_CLOEXEC), "flags");
	for (int i = 0; i < 2; i++)
		if (ioctl(fds[i], FS_IOC_GETFLAGS, &set) < 0 || (set |= flag, ioctl(fds[i], FS_IOC_SETFLAGS, &set)) < 0)
			show(-1, "%s", what);
	for (size_t p = 0; p < sizeof PATHS / sizeof *PATHS; p++)
		for (size_t f = 0; f < sizeof FLAGS / sizeof *FLAGS; f++) {
			int fd = open(PATHS[p], FLAGS[f] | O_CLOEXEC, 0644);
			if (show(fd, "%s %s %#x", what, PATHS[p], (unsigned)FLAGS[f]) >= 0) {
				show(fcntl(fd, F_SETFL, 0), "  no flags");
				show(fcntl(fd, F_SETFL, O_NOATIME), "  O_NOATIME");
				close(fd);
			}
		}
	for (int i = 0; i < 2; i++)
		if (ioctl(fds[i], FS_IOC_GETFLAGS, &set) == 0 && (set &= ~flag, 1))
			ioctl(fds[i], FS_IOC_SETFLAGS, &set);
	unlink("flags/new");
	unlink("flags/inner");
	rmdir("flags");
	unlink("flagged");
}

void bits(void)
{
	file("read", 0644, "read");
	must(symlink("read", "link"), "link");
	in_child(as_another);
	access_time("read", O_RDONLY);
	access_time("link", O_RDONLY);
	access_time("link", O_RDONLY | O_NOATIME);
	access_time("link", O_RDWR);
	with_flag(FS_IMMUTABLE_FL, "immutable");
	with_flag(FS_APPEND_FL, "append-only");
}

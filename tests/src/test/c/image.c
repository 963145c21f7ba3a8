/*
 * image TYPE FILE DIRECTORY
 *
 * Mounts a file system image and tries what its user might. In the image are "file", and "null", the device. Prints a line for
 * each attempt, with the errno or "ok".
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int say(const char *what, long returned)
{
	printf("%s %s\n", what, returned < 0 ? strerrorname_np(errno) : "ok");
	return returned < 0;
}

static long clear(const char *directory, unsigned long attribute)
{
	struct mount_attr attr = { .attr_clr = attribute };

	return syscall(SYS_mount_setattr, AT_FDCWD, directory, 0, &attr, sizeof attr);
}

static long remount(const char *directory, unsigned long flags)
{
	return mount(NULL, directory, NULL, MS_REMOUNT | flags, NULL);
}

int main(int argc, char **argv)
{
	char content[64] = "";

	if (argc != 4) {
		fputs("usage: image TYPE FILE DIRECTORY\n", stderr);
		return 1;
	}
	const char *directory = argv[3];
	if (say("mount", mount(argv[2], directory, argv[1], 0, NULL)))
		return 0;
	int below = open(directory, O_RDONLY | O_DIRECTORY);
	int file = openat(below, "file", O_RDONLY);
	say("read", read(file, content, sizeof content - 1));
	close(file);
	printf("content %s\n", content);
	say("create", openat(below, "new", O_WRONLY | O_CREAT, 0600));
	say("write", openat(below, "file", O_WRONLY));
	say("device", openat(below, "null", O_RDONLY));
	close(below);
	say("remount-rw", remount(directory, MS_BIND | MS_NOSUID | MS_NODEV));
	say("remount-dev", remount(directory, MS_BIND | MS_NOSUID | MS_RDONLY));
	say("remount-suid", remount(directory, MS_BIND | MS_NODEV | MS_RDONLY));
	say("remount-file-system-rw", remount(directory, MS_NOSUID | MS_NODEV));
	say("setattr-rw", clear(directory, MOUNT_ATTR_RDONLY));
	say("setattr-dev", clear(directory, MOUNT_ATTR_NODEV));
	say("setattr-suid", clear(directory, MOUNT_ATTR_NOSUID));
	say("umount", umount2(directory, 0));
	return 0;
}

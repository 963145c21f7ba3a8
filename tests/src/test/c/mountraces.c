/*
 * mountraces swap|context|flags SECONDS IMAGE
 *
 * Tries to get more out of mounts than it should, over and over, as the root of a container. Nothing may be mounted below "denied".
 *   swap     mounts on a link that another thread changes between "allowed" and "denied"
 *   context  opens a context of a type that another thread changes between tmpfs and ramfs, which is denied
 *   flags    mounts IMAGE, in which "null" is a device, while another thread tries to open that, and to take the mount's flags off
 * On a machine that is busy it goes on until there was a mount, for a minute at most. Prints how many attempts there were, how many
 * mounts, and how often it won.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE = 60 };

static double end;
static atomic_long attempts, mounts, wins;

/* changed as a whole */
static union {
	volatile uint64_t all;
	char name[8];
} type = { .name = "tmpfs" };


static void must(long result, const char *what)
{
	if (result < 0)
		err(1, "%s", what);
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Longer where the machine is busy, and there was nothing yet. */
static int going(void)
{
	double time = now();

	return time < end || ((attempts == 0 || mounts == 0) && time < end + PATIENCE);
}

static void *change_link(void *unused)
{
	(void)unused;
	must(symlink("allowed", "first"), "first");
	must(symlink("denied", "second"), "second");
	must(symlink("allowed", "way"), "way");
	while (going()) {
		must(syscall(SYS_renameat2, AT_FDCWD, "first", AT_FDCWD, "way", 2), "renameat2");
		must(syscall(SYS_renameat2, AT_FDCWD, "second", AT_FDCWD, "way", 2), "renameat2");
	}
	return NULL;
}

static void swap(void)
{
	struct stat here, there;

	must(stat(".", &here), ".");
	while (going()) {
		attempts++;
		if (mount("none", "way", "tmpfs", 0, NULL) == 0)
			mounts++;
		must(stat("denied", &there), "denied");
		if (there.st_dev != here.st_dev)
			wins++;
		while (umount2("denied", MNT_DETACH) == 0 || umount2("allowed", MNT_DETACH) == 0)
			;
	}
}

static void *change_type(void *unused)
{
	uint64_t tmpfs = 0, ramfs = 0;

	(void)unused;
	memcpy(&tmpfs, "tmpfs", 5);
	memcpy(&ramfs, "ramfs", 5);
	while (going()) {
		for (int i = 0; i < 1000; i++) {
			type.all = ramfs;
			type.all = tmpfs;
		}
	}
	return NULL;
}

static void context(void)
{
	while (going()) {
		attempts++;
		int fd = (int)syscall(SYS_fsopen, type.name, 1);
		if (fd < 0)
			continue;
		mounts++;
		/* only tmpfs knows this option; ramfs ignores all it does not know */
		if (syscall(SYS_fsconfig, fd, 1, "nr_inodes", "wrong", 0) == 0)
			wins++;
		must(close(fd), "close");
	}
}

static long clear(uint64_t attribute)
{
	struct mount_attr attr = { .attr_clr = attribute };

	return syscall(SYS_mount_setattr, AT_FDCWD, "allowed", 0, &attr, sizeof attr);
}

/* Where no image is mounted there is no mount to change, and no device. */
static void *change_flags(void *unused)
{
	(void)unused;
	while (going()) {
		attempts++;
		int fd = open("allowed/null", O_RDWR | O_CLOEXEC);
		if (fd >= 0) {
			wins++;
			must(close(fd), "close");
		}
		if (clear(MOUNT_ATTR_NODEV) == 0 || clear(MOUNT_ATTR_RDONLY) == 0 || clear(MOUNT_ATTR_NOSUID) == 0)
			wins++;
		if (mount(NULL, "allowed", NULL, MS_REMOUNT | MS_BIND, NULL) == 0)
			wins++;
	}
	return NULL;
}

static int by_context(const char *image)
{
	int fd = (int)syscall(SYS_fsopen, "ext4", 1), made = -1;

	if (fd >= 0 && syscall(SYS_fsconfig, fd, 1, "source", image, 0) == 0 && syscall(SYS_fsconfig, fd, 6, NULL, NULL, 0) == 0)
		made = (int)syscall(SYS_fsmount, fd, 1, 0);
	int result = made < 0 ? -1 : (int)syscall(SYS_move_mount, made, "", AT_FDCWD, "allowed", MOVE_MOUNT_F_EMPTY_PATH);
	close(fd);
	close(made);
	return result;
}

static void flags(const char *image)
{
	for (int i = 0; going(); i++) {
		int result = i % 2 ? by_context(image) : mount(image, "allowed", "ext4", 0, NULL);
		must(result, image);
		mounts++;
		while (umount2("allowed", MNT_DETACH) == 0)
			;
	}
}

int main(int argc, char **argv)
{
	pthread_t thread;

	if (argc != 4)
		errx(1, "usage: mountraces swap|context|flags SECONDS IMAGE");
	must(mkdir("/root/work", 0755), "/root/work");
	must(chdir("/root/work"), "/root/work");
	must(mkdir("allowed", 0755), "allowed");
	must(mkdir("denied", 0755), "denied");
	end = now() + atof(argv[2]);
	int swaps = strcmp(argv[1], "swap") == 0, types = strcmp(argv[1], "context") == 0;
	if (pthread_create(&thread, NULL, swaps ? change_link : types ? change_type : change_flags, NULL) != 0)
		errx(1, "pthread_create");
	if (swaps)
		swap();
	else if (types)
		context();
	else
		flags(argv[3]);
	pthread_join(thread, NULL);
	printf("attempts=%ld mounts=%ld wins=%ld\n", attempts, mounts, wins);
	return 0;
}

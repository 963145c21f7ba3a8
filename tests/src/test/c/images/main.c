/*
 * images DIRECTORY
 *
 * Mounts file system images as the root of a container may if somebody does it for it, and tries what it might gain. In DIRECTORY are
 * TYPE.image for some types, each with "file", "null" (the device), "suid" (a program of root's) and the directory "of-1000"; and
 * "text", which is no image; or the block devices "named", "other" and "secret"; or "named" and "used", to be written to; or
 * "subvolumes.image" of btrfs. Prints a line for each attempt, with the errno or "done". The cases are numbered as in ImagesTest.
 */
#include "capabilities.h"
#include "images.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

const char *current;
static const char *directory;

void must(long result, const char *what)
{
	if (result < 0)
		err(1, "%s: %s", current, what);
}

int say(const char *what, long result)
{
	printf("%s %s %s\n", current, what, result < 0 ? strerrorname_np(errno) : "done");
	return result >= 0;
}

/* Like open(2) of what nobody needs any longer. */
long attempt(const char *path, int flags, mode_t mode)
{
	int fd = open(path, flags | O_CLOEXEC, mode);

	if (fd >= 0)
		must(close(fd), path);
	return fd;
}

const char *image(const char *name)
{
	static char path[256];

	snprintf(path, sizeof path, "%s/%s", directory, name);
	return path;
}

/* Says how a mount went, and takes it away. */
void try(const char *what, const char *source, const char *type, unsigned long flags, const char *options)
{
	if (say(what, mount(source, "place", type, flags, options)))
		must(umount2("place", 0), "umount2");
}

long clear(const char *place, uint64_t attribute)
{
	struct mount_attr attr = { .attr_clr = attribute };

	return syscall(SYS_mount_setattr, AT_FDCWD, place, 0, &attr, sizeof attr);
}

void owner(const char *what, const char *path)
{
	struct stat status;

	must(stat(path, &status), path);
	printf("%s %s of %u:%u\n", current, what, status.st_uid, status.st_gid);
}

static void gains(void)
{
	int copy;

	say("create", attempt("place/new", O_CREAT | O_WRONLY, 0600));
	say("write", attempt("place/file", O_WRONLY, 0));
	say("device", attempt("place/null", O_RDONLY, 0));
	say("remount rw", mount(NULL, "place", NULL, MS_REMOUNT | MS_BIND | MS_NOSUID | MS_NODEV, NULL));
	say("remount dev", mount(NULL, "place", NULL, MS_REMOUNT | MS_BIND | MS_NOSUID | MS_RDONLY, NULL));
	say("remount suid", mount(NULL, "place", NULL, MS_REMOUNT | MS_BIND | MS_NODEV | MS_RDONLY, NULL));
	say("remount the file system", mount(NULL, "place", NULL, MS_REMOUNT | MS_NOSUID | MS_NODEV, NULL));
	say("clear ro", clear("place", MOUNT_ATTR_RDONLY));
	say("clear nodev", clear("place", MOUNT_ATTR_NODEV));
	say("clear nosuid", clear("place", MOUNT_ATTR_NOSUID));
	must(mount("place", "other", NULL, MS_BIND, NULL), "bind");
	say("clear nodev of a bind", clear("other", MOUNT_ATTR_NODEV));
	must(umount2("other", 0), "other");
	copy = (int)syscall(SYS_open_tree, AT_FDCWD, "place", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	must(copy, "open_tree");
	struct mount_attr attr = { .attr_clr = MOUNT_ATTR_NODEV };
	say("clear nodev of a copy", syscall(SYS_mount_setattr, copy, "", AT_EMPTY_PATH, &attr, sizeof attr));
	must(close(copy), "close");
}

void content(void)
{
	char text[64] = "";
	int fd = open("place/file", O_RDONLY | O_CLOEXEC);

	must(fd, "place/file");
	must(read(fd, text, sizeof text - 1), "read");
	must(close(fd), "close");
	printf("%s content %s\n", current, text);
}

void mounted(const char *source, const char *type)
{
	struct statfs status;

	if (!say("mount", mount(source, "place", type, 0, NULL)))
		return;
	must(statfs("place", &status), "statfs");
	printf("%s flags %lx\n", current, (long)status.f_flags & (ST_RDONLY | ST_NOSUID | ST_NODEV));
	content();
	owner("root", "place");
	owner("of-1000", "place/of-1000");
	gains();
	say("umount", umount2("place", 0));
}

static void one_type(const char *type)
{
	char name[64];

	snprintf(name, sizeof name, "%s.image", type);
	if (access(image(name), R_OK) != 0)
		return;
	current = type;
	mounted(image(name), type);
}

static void arguments(void)
{
	const char *ext4 = image("ext4.image");
	char copy[256];

	current = "C40";
	strcpy(copy, ext4);
	try("read-only", copy, "ext4", MS_RDONLY, NULL);
	try("with magic", copy, "ext4", 0xc0ed0000ul | MS_RDONLY, NULL);
	try("nosymfollow", copy, "ext4", 256, NULL);
	try("noatime, noexec", copy, "ext4", MS_NOATIME | MS_NOEXEC, NULL);
	must(chdir(directory), directory);
	if (say("relative", mount("ext4.image", "/root/work/place", "ext4", 0, NULL)))
		must(umount2("/root/work/place", 0), "umount2");
	must(chdir("/root/work"), "work");
	must(symlink(copy, "image-link"), "symlink");
	try("a link", "image-link", "ext4", 0, NULL);
	try("/proc/self/cwd", "/proc/self/cwd/image-link", "ext4", 0, NULL);
	try("no source", NULL, "ext4", 0, NULL);
	try("an empty source", "", "ext4", 0, NULL);
	try("nothing", "nothing", "ext4", 0, NULL);
	try("a directory", "/root", "ext4", 0, NULL);
	try("a device", "/dev/null", "ext4", 0, NULL);
	try("no image", image("text"), "ext4", 0, NULL);
	try("another type", copy, "squashfs", 0, NULL);
	try("secret image", image("secret.image"), "ext4", 0, NULL);
	say("on a file", mount(copy, "image-link", "ext4", 0, NULL));
	say("on nothing", mount(copy, "nothing", "ext4", 0, NULL));
	current = "C41";
	try("noload", copy, "ext4", 0, "noload");
	try("ro,errors=continue", copy, "ext4", 0, "ro,errors=continue");
	try("errors=panic", copy, "ext4", 0, "errors=panic");
	try("journal_path", copy, "ext4", 0, "journal_path=/dev/null");
	try("ro,errors=panic", copy, "ext4", 0, "ro,errors=panic");
	try("unknown", copy, "ext4", 0, "x");
	try("a comma", copy, "ext4", 0, ",,ro,");
}

long config(int context, unsigned int command, const char *key, const char *value)
{
	return syscall(SYS_fsconfig, context, command, key, value, 0);
}

int opened(const char *type, const char *source)
{
	int context = (int)syscall(SYS_fsopen, type, FSOPEN_CLOEXEC);

	must(context, "fsopen");
	must(config(context, FSCONFIG_SET_STRING, "source", source), "source");
	return context;
}

long attach(int fd)
{
	return syscall(SYS_move_mount, fd, "", AT_FDCWD, "place", MOVE_MOUNT_F_EMPTY_PATH);
}

/* By the calls of mount(8): what is mounted is the same, and nobody gets hold of it before its flags are locked. */
static void by_contexts(void)
{
	char path[256];
	int status;
	struct mount_attr attr = { .attr_clr = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV };

	current = "C43";
	strcpy(path, image("ext4.image"));
	say("what there is not", syscall(SYS_fsopen, "nosuchfs", 0));
	say("an unknown flag", syscall(SYS_fsopen, "ext4", 64));
	say("no type", syscall(SYS_fsopen, NULL, 0));
	int context = opened("ext4", path);
	say("a second source", config(context, FSCONFIG_SET_STRING, "source", path));
	say("a flag with a value", config(context, FSCONFIG_SET_FLAG, "ro", "x"));
	say("ro", config(context, FSCONFIG_SET_FLAG, "ro", NULL));
	say("errors=panic", config(context, FSCONFIG_SET_STRING, "errors", "panic"));
	say("errors=continue", config(context, FSCONFIG_SET_STRING, "errors", "continue"));
	say("journal_path", config(context, FSCONFIG_SET_PATH, "journal_path", "/dev/null"));
	say("not created", syscall(SYS_fsmount, context, 0, 0));
	int copy = dup(context);
	must(copy, "dup");
	say("create", config(copy, FSCONFIG_CMD_CREATE, NULL, NULL));
	say("create again", config(context, FSCONFIG_CMD_CREATE, NULL, NULL));
	say("too late", config(context, FSCONFIG_SET_FLAG, "rw", NULL));
	say("reconfigure", config(context, FSCONFIG_CMD_RECONFIGURE, NULL, NULL));
	say("an unknown attribute", syscall(SYS_fsmount, context, 0, 0x40000000));
	fflush(stdout);
	pid_t child = fork();
	must(child, "fork");
	if (child == 0) {
		must(unshare(CLONE_NEWUSER | CLONE_NEWNS), "unshare");
		say("fsmount in a user namespace below", syscall(SYS_fsmount, context, 0, 0));
		fflush(stdout);
		_exit(0);
	}
	must(waitpid(child, &status, 0), "waitpid");
	int made = (int)syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOEXEC);
	say("fsmount", made);
	say("clear before it is attached", syscall(SYS_mount_setattr, made, "", AT_EMPTY_PATH, &attr, sizeof attr));
	int clone = (int)syscall(SYS_open_tree, made, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	/* old kernels refuse the copy */
	if (clone >= 0 && syscall(SYS_mount_setattr, clone, "", AT_EMPTY_PATH, &attr, sizeof attr) == 0)
		say("cleared in a copy", 0);
	int below = openat(made, "null", O_RDONLY | O_CLOEXEC);
	say("device before it is attached", below);
	say("move_mount", attach(made));
	owner("root", "place");
	int picked = (int)syscall(SYS_fspick, AT_FDCWD, "place", FSPICK_CLOEXEC);
	say("pick", picked);
	must(config(picked, FSCONFIG_SET_FLAG, "rw", NULL), "rw");
	say("reconfigure", config(picked, FSCONFIG_CMD_RECONFIGURE, NULL, NULL));
	must(close(picked), "close");
	must(close(made), "close");
	if (clone >= 0)
		must(close(clone), "close");
	gains();
	say("umount", umount2("place", 0));
	must(close(context), "close");
	must(close(copy), "close");
	context = opened("ext4", "");
	say("an empty source", config(context, FSCONFIG_CMD_CREATE, NULL, NULL));
	must(close(context), "close");
	context = opened("ext4", image("text"));
	say("no image", config(context, FSCONFIG_CMD_CREATE, NULL, NULL));
	must(close(context), "close");
	context = opened("ext4", image("secret.image"));
	say("secret image", config(context, FSCONFIG_CMD_CREATE, NULL, NULL));
	must(close(context), "close");
	context = opened("tmpfs", "none");
	say("its own", config(context, FSCONFIG_CMD_CREATE, NULL, NULL));
	made = (int)syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, 0);
	say("its own", attach(made));
	must(close(made), "close");
	say("umount", umount2("place", 0));
	must(close(context), "close");
	context = (int)syscall(SYS_fsopen, "proc", FSOPEN_CLOEXEC);
	must(context, "fsopen");
	must(config(context, FSCONFIG_CMD_CREATE, NULL, NULL), "create");
	made = (int)syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	must(made, "fsmount");
	must(attach(made), "move_mount");
	say("its processes are its own", access("place/1/status", F_OK));
	say("umount", umount2("place", MNT_DETACH));
	must(close(made), "close");
	must(close(context), "close");
}

#define ALL 0x1ffffffffffull
#define DAC (1ull << CAP_DAC_OVERRIDE | 1ull << CAP_DAC_READ_SEARCH)

static void as(const char *what, uid_t uid, uint64_t capabilities)
{
	int status;

	fflush(stdout);
	pid_t child = fork();
	must(child, "fork");
	if (child == 0) {
		become(uid, capabilities);
		say(what, mount(image("ext4.image"), "closed/place", "ext4", 0, NULL));
		fflush(stdout);
		_exit(0);
	}
	must(waitpid(child, &status, 0), "waitpid");
	umount2("closed/place", MNT_DETACH);
}

static void below(const char *what, int flags)
{
	int status;

	fflush(stdout);
	pid_t child = fork();
	must(child, "fork");
	if (child == 0) {
		must(unshare(flags), "unshare");
		say(what, mount(image("ext4.image"), "place", "ext4", 0, NULL));
		fflush(stdout);
		_exit(0);
	}
	must(waitpid(child, &status, 0), "waitpid");
}

static void capabilities(void)
{
	current = "C42";
	must(mkdir("closed", 0700), "closed");
	must(mkdir("closed/place", 0755), "closed/place");
	must(chown("closed", 7, 7), "closed");
	must(chmod("/root", 0755), "/root");
	must(chmod("closed", 0600), "closed");
	as("root", 0, ALL);
	as("root without CAP_SYS_ADMIN", 0, ALL & ~(1ull << CAP_SYS_ADMIN));
	as("root without CAP_DAC_*", 0, ALL & ~DAC);
	as("a user with both", 1000, DAC | 1ull << CAP_SYS_ADMIN);
	as("a user", 1000, 0);
	below("in a mount namespace below", CLONE_NEWNS);
	below("in a user namespace below", CLONE_NEWUSER | CLONE_NEWNS);
}

int main(int argc, char **argv)
{
	static const char *const types[] = { "ext4", "xfs", "btrfs", "squashfs", "erofs" };

	if (argc != 2)
		errx(1, "usage: images DIRECTORY");
	directory = argv[1];
	umask(022);
	must(mkdir("/root/work", 0755), "/root/work");
	must(chdir("/root/work"), "/root/work");
	must(mkdir("place", 0755), "place");
	must(mkdir("other", 0755), "other");
	if (access(image("writable.image"), F_OK) == 0) {
		writable();
		return 0;
	}
	if (access(image("used"), F_OK) == 0) {
		writable_devices();
		return 0;
	}
	if (access(image("named"), F_OK) == 0)
		devices();
	if (access(image("subvolumes.image"), F_OK) == 0)
		subvolumes();
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		one_type(types[i]);
	if (access(image("ext4.image"), F_OK) == 0) {
		arguments();
		capabilities();
		by_contexts();
	}
	return 0;
}

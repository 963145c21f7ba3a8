#include "mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef MOVE_MOUNT_BENEATH
#define MOVE_MOUNT_BENEATH 0x200
#endif

/* A file system that is attached nowhere. */
static int detached(void)
{
	int context = fsopen("tmpfs", FSOPEN_CLOEXEC);

	must(context, "fsopen");
	must(fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0), "fsconfig");
	int mount = fsmount(context, FSMOUNT_CLOEXEC, 0);
	must(mount, "fsmount");
	must(close(context), "close");
	return mount;
}

static void attach(const char *what, int from, const char *source, int to, const char *target, unsigned flags)
{
	say(what, move_mount(from, source, to, target, flags));
}

static void moves(void)
{
	current = "move_mount";
	int mount = detached();
	int work = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	must(work, ".");
	attach("an unknown flag", mount, "", AT_FDCWD, "place", 0x8000);
	attach("without saying so", mount, "", AT_FDCWD, "place", 0);
	attach("to nothing", mount, "", AT_FDCWD, "nothing", MOVE_MOUNT_F_EMPTY_PATH);
	attach("to no path", mount, "", AT_FDCWD, (char *)16, MOVE_MOUNT_F_EMPTY_PATH);
	attach("to a file", mount, "", AT_FDCWD, "file", MOVE_MOUNT_F_EMPTY_PATH);
	attach("to a link", mount, "", AT_FDCWD, "link", MOVE_MOUNT_F_EMPTY_PATH);
	attach("through a link", mount, "", work, "link", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_SYMLINKS);
	must(close(mount), "close");
	attach("again, by its path", AT_FDCWD, "place", work, "to", 0);
	attach("what is no mount", AT_FDCWD, "lower", work, "place", 0);
	attach("back", work, "to", AT_FDCWD, "place", 0);
	int place = open("place", O_PATH | O_DIRECTORY | O_CLOEXEC);
	must(place, "place");
	int to = open("to", O_PATH | O_DIRECTORY | O_CLOEXEC);
	must(to, "to");
	attach("by two descriptors", place, "", to, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
	must(close(place), "close");
	must(close(to), "close");
	attach("of no descriptor", 99, "", work, "place", MOVE_MOUNT_F_EMPTY_PATH);
	look("there", 0, "to");
	mount = detached();
	must(move_mount(mount, "", work, "to", MOVE_MOUNT_F_EMPTY_PATH), "to");
	must(close(mount), "close");
	mount = detached();
	attach("beneath", mount, "", work, "to", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_BENEATH);
	must(close(mount), "close");
	look("the upper", 0, "to");
	look("the lower", 0, "to");
	must(close(work), "close");
}

static void pick(const char *what, const char *path, unsigned flags)
{
	int context = fspick(AT_FDCWD, path, flags);

	say(what, context);
	if (context < 0)
		return;
	printf("%s %s close-on-exec %d\n", current, what, fcntl(context, F_GETFD) & FD_CLOEXEC);
	say("made read-only", fsconfig(context, FSCONFIG_SET_FLAG, "ro", NULL, 0));
	say("so it is", fsconfig(context, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0));
	say("made", mkdir("place/new", 0755));
	say("made writable", fsconfig(context, FSCONFIG_SET_FLAG, "rw", NULL, 0));
	say("so it is", fsconfig(context, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0));
	must(close(context), "close");
}

static void picks(void)
{
	current = "fspick";
	must(mount("none", "place", "tmpfs", 0, NULL), "place");
	pick("a mount", "place", FSPICK_CLOEXEC);
	pick("through a link", "link", 0);
	pick("a link", "link", FSPICK_SYMLINK_NOFOLLOW);
	pick("what is no mount", "lower", 0);
	pick("nothing", "nothing", 0);
	pick("an empty path", "", 0);
	pick("an unknown flag", "place", 64);
	look("unmounted", 0, "place");
}

static void set(const char *what, const char *path, unsigned flags, struct mount_attr attr, size_t size)
{
	say(what, mount_setattr(AT_FDCWD, path, flags, &attr, size));
}

static void attributes(void)
{
	struct mount_attr readonly = { .attr_set = MOUNT_ATTR_RDONLY };
	struct mount_attr writable = { .attr_clr = MOUNT_ATTR_RDONLY };
	struct mount_attr idmapped = { .attr_set = MOUNT_ATTR_IDMAP, .userns_fd = 99 };
	struct {
		struct mount_attr attr;
		char rest[4096];
	} longer = { .attr = readonly };

	current = "mount_setattr";
	must(mount("none", "place", "tmpfs", 0, NULL), "place");
	set("read-only", "place", 0, readonly, sizeof readonly);
	say("made", mkdir("place/new", 0755));
	set("writable, through a link", "link", AT_RECURSIVE, writable, sizeof writable);
	say("made", mkdir("place/new", 0755));
	set("a link", "link", AT_SYMLINK_NOFOLLOW, readonly, sizeof readonly);
	set("what is no mount", "lower", 0, readonly, sizeof readonly);
	set("nothing", "nothing", 0, readonly, sizeof readonly);
	set("nothing, to nothing", "nothing", 0, (struct mount_attr){ 0 }, sizeof readonly);
	set("an empty path", "", 0, readonly, sizeof readonly);
	set("an unknown flag", "place", 1, readonly, sizeof readonly);
	set("an unknown attribute", "place", 0, (struct mount_attr){ .attr_set = 1ull << 40 }, sizeof readonly);
	set("propagation", "place", 0, (struct mount_attr){ .propagation = MS_PRIVATE }, sizeof readonly);
	set("too short", "place", 0, readonly, 8);
	set("too long", "place", 0, readonly, 5000);
	set("ids of no namespace", "place", 0, idmapped, sizeof idmapped);
	int self = open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC);
	must(self, "/proc/self/ns/user");
	idmapped.userns_fd = (uint64_t)self;
	set("ids of our own namespace", "place", 0, idmapped, sizeof idmapped);
	must(close(self), "close");
	say("from a later kernel", mount_setattr(AT_FDCWD, "place", 0, &longer.attr, 64));
	longer.rest[8] = 1;
	say("from a later kernel, and used", mount_setattr(AT_FDCWD, "place", 0, &longer.attr, 64));
	say("from nowhere", mount_setattr(AT_FDCWD, "place", 0, (struct mount_attr *)16, sizeof readonly));
	look("unmounted", 0, "place");
}

void try_open_tree(void)
{
	struct stat status;

	current = "open_tree";
	must(mkdir("place", 0755), "place");
	must(symlink("place", "link"), "link");
	int tree = open_tree(AT_FDCWD, "link", OPEN_TREE_CLOEXEC);
	say("a directory", tree);
	say("it is", fstat(tree, &status));
	must(close(tree), "close");
	say("nothing", open_tree(AT_FDCWD, "nothing", 0));
	say("an unknown flag", open_tree(AT_FDCWD, "place", 64));
	say("a copy", open_tree(AT_FDCWD, "place", OPEN_TREE_CLONE));
}

void try_newer_calls(void)
{
	moves();
	picks();
	attributes();
}

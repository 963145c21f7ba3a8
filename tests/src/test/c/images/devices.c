/* Block devices, and the volumes of btrfs. */
#include "images.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

static void subvolume(const char *what, const char *options)
{
	if (!say(what, mount(image("subvolumes.image"), "place", "btrfs", 0, options)))
		return;
	content();
	must(umount2("place", 0), "umount2");
}

void subvolumes(void)
{
	current = "btrfs";
	subvolume("by default", NULL);
	subvolume("by its name", "subvol=below");
	subvolume("by its name, from the root", "subvol=/below");
	subvolume("by its number", "subvolid=256");
	subvolume("what there is not", "subvol=nothing");
	subvolume("what is outside", "subvol=../../etc");
	subvolume("no number", "subvolid=below");
	subvolume("another device", "subvol=below,device=/dev/null");
	subvolume("degraded", "degraded");
	int context = opened("btrfs", image("subvolumes.image"));
	say("in a context", config(context, FSCONFIG_SET_STRING, "subvol", "below"));
	say("another device", config(context, FSCONFIG_SET_STRING, "device", "/dev/null"));
	must(config(context, FSCONFIG_CMD_CREATE, NULL, NULL), "create");
	int made = (int)syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, 0);
	must(made, "fsmount");
	must(attach(made), "move_mount");
	content();
	must(close(made), "close");
	must(close(context), "close");
	must(umount2("place", 0), "umount2");
}

static void by_context(const char *name)
{
	int context = opened("ext4", image(name));

	if (say("create", config(context, FSCONFIG_CMD_CREATE, NULL, NULL))) {
		int made = (int)syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, 0);
		must(made, "fsmount");
		must(attach(made), "move_mount");
		must(close(made), "close");
		owner("root", "place");
		must(umount2("place", 0), "umount2");
	}
	must(close(context), "close");
}

/* The policy names all of them but "other". */
void devices(void)
{
	current = "device";
	mounted(image("named"), "ext4");
	try("with an option", image("named"), "ext4", 0, "errors=panic");
	try("of another type", image("named"), "xfs", 0, NULL);
	try("that is not named", image("other"), "ext4", 0, NULL);
	try("of root's", image("secret"), "ext4", 0, NULL);
	by_context("named");
	by_context("other");
}

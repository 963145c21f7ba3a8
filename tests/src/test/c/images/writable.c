/* What is mounted to be written to. */
#include "images.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static void copy(const char *from, const char *to)
{
	char buffer[65536];
	ssize_t count;
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	must(in, from);
	must(out, to);
	while ((count = read(in, buffer, sizeof buffer)) > 0)
		must(write(out, buffer, (size_t)count), to);
	must(count, from);
	must(close(in), from);
	must(close(out), to);
}

/* What may be written to may be: by whom it belongs to, and not by way of a device. */
void writable(void)
{
	current = "writable";
	copy(image("writable.image"), "image");
	if (!say("mount", mount("image", "place", "ext4", 0, NULL)))
		return;
	say("create", attempt("place/new", O_CREAT | O_WRONLY, 0600));
	owner("new", "place/new");
	say("make a device", mknod("place/zero", S_IFCHR | 0666, 0x105));
	say("device", attempt("place/null", O_RDONLY, 0));
	say("clear nodev", clear("place", MOUNT_ATTR_NODEV));
	say("clear nosuid", clear("place", MOUNT_ATTR_NOSUID));
	say("umount", umount2("place", 0));
	say("read-only", mount("image", "place", "ext4", MS_RDONLY, NULL));
	say("it is there", access("place/new", F_OK));
	say("create", attempt("place/other", O_CREAT | O_WRONLY, 0600));
	say("umount", umount2("place", 0));
	say("what may only be read", mount(image("ext4.image"), "place", "ext4", 0, NULL));
}

/* One that the machine has mounted itself, and one that it has not. */
void writable_devices(void)
{
	current = "writable device";
	try("in use", image("used"), "ext4", 0, NULL);
	if (say("mount", mount(image("named"), "place", "ext4", 0, NULL))) {
		say("create", attempt("place/new", O_CREAT | O_WRONLY, 0600));
		owner("new", "place/new");
		must(umount2("place", 0), "umount2");
	}
}

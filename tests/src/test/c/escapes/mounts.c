/* Other places for the secret, in namespaces of our own. */
#include "escapes.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int bind_mount(void)
{
	own_namespaces();
	if (mount(SECRET_DIR, PROJECT, NULL, MS_BIND, NULL) < 0)
		return result(-1);
	return result(open(PROJECT "/id", O_RDONLY));
}

static int bind_mount_of_all(void)
{
	own_namespaces();
	if (mount("home", PROJECT, NULL, MS_BIND | MS_REC, NULL) < 0)
		return result(-1);
	return result(open(PROJECT "/.ssh/id", O_RDONLY));
}

static int detached_tree(void)
{
	own_namespaces();
	long tree = syscall(SYS_open_tree, AT_FDCWD, SECRET_DIR, OPEN_TREE_CLONE);

	return tree < 0 ? result(-1) : result(openat((int)tree, "id", O_RDONLY));
}

static int overlay(void)
{
	own_namespaces();
	if (mount("overlay", PROJECT, "overlay", MS_RDONLY, "lowerdir=" SECRET_DIR ":" PROJECT) < 0)
		return result(-1);
	return result(open(PROJECT "/id", O_RDONLY)); /* whose numbers are not those of the secret */
}

static int pivot(void)
{
	own_namespaces();
	if (mount("tmpfs", PROJECT, "tmpfs", 0, NULL) < 0 || mkdir(PROJECT "/old", 0700) < 0)
		return result(-1);
	const char *path = with_cwd("/old%s/" SECRET);
	if (syscall(SYS_pivot_root, PROJECT, PROJECT "/old") < 0)
		return result(-1);
	return result(open(path, O_RDONLY));
}

/* Entered before there was a mount over it, by a descriptor. */
static int below_a_mount(void)
{
	own_namespaces();
	int home = open("home", O_PATH | O_DIRECTORY);

	if (mount("tmpfs", "home", "tmpfs", 0, NULL) < 0)
		return result(-1);
	return result(openat(home, ".ssh/id", O_RDONLY));
}

const struct escape MOUNTS[] = {
	{ "bind-mount", bind_mount },	  { "bind-mount-above", bind_mount_of_all },
	{ "open-tree", detached_tree },	  { "overlay", overlay },
	{ "pivot-root", pivot },	  { "below-a-mount", below_a_mount },
	{ 0 },
};

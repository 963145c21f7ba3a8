/*
 * mounts FUSE
 * mounts trees
 * mounts stays
 *
 * Mounts and unmounts what a container's root may mount and unmount by itself, in all the ways there are to say it. FUSE is the device of
 * fuse(4). Or looks at directories with open_tree(2), in an empty one, as whoever may copy mounts. Or changes what is read-only, in all the
 * ways there are to have another root. Prints a line for each attempt, with the errno, or what is mounted there then. The cases are numbered as in MountsTest.
 */
#include "capabilities.h"
#include "mounts.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAGIC 0xc0ed0000ul
#define NOSYMFOLLOW 256ul

static void try(const char *what, const char *source, const char *target, const char *type, unsigned long flags, const void *data)
{
	look(what, mount(source, target, type, flags, data), target ? target : "/");
}

/* What mountinfo has for it (proc(5)). */
static void source(const char *what, const char *given)
{
	char line[4096];
	FILE *mounts;

	must(mount(given, "place", "tmpfs", 0, NULL), what);
	mounts = fopen("/proc/self/mountinfo", "re");
	if (!mounts)
		err(1, "mountinfo");
	while (fgets(line, sizeof line, mounts)) {
		char *type = strstr(line, " - tmpfs ");
		char *options = type ? strstr(type, " rw") : NULL;
		if (options && strstr(line, "/place ")) {
			*options = '\0';
			printf("%s %s is '%s'\n", current, what, options > type + 9 ? type + 9 : "");
		}
	}
	fclose(mounts);
	must(umount2("place", 0), "place");
}

static void kinds(void)
{
	current = "C40";
	must(mkdir("lower", 0755), "lower");
	must(mkdir("upper", 0755), "upper");
	must(mkdir("work", 0755), "work");
	try("tmpfs", "none", "place", "tmpfs", 0, "size=64k");
	try("proc", "none", "place", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	try("sysfs", "none", "place", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, NULL);
	try("devpts", "none", "place", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance");
	try("mqueue", "none", "place", "mqueue", 0, NULL);
	try("overlay", "none", "place", "overlay", 0, "lowerdir=/root/work/lower,upperdir=/root/work/upper,workdir=/root/work/work");
	try("relative overlay", "none", "place", "overlay", 0, "lowerdir=lower:upper");
	try("ext4", "none", "place", "ext4", 0, NULL);
	try("what there is not", "none", "place", "nosuchfs", 0, NULL);
	try("empty type", "none", "place", "", 0, NULL);
	try("no type", "none", "place", NULL, 0, NULL);
	try("no source", NULL, "place", "tmpfs", 0, NULL);
	try("empty source", "", "place", "tmpfs", 0, NULL);
	try("wrong data", "none", "place", "tmpfs", 0, "size=many");
	source("a source", "given");
	source("a source that is empty", "");
	source("a source that is not given", NULL);
}

/* Nobody serves it, so nobody looks at it either. */
static void fuse(const char *device)
{
	char data[128];
	int fd = open(device, O_RDWR | O_CLOEXEC);

	must(fd, device);
	snprintf(data, sizeof data, "fd=%d,rootmode=40000,user_id=0,group_id=0", fd);
	say("fuse", mount("none", "place", "fuse.nobody", 0, data));
	say("unmounted", umount2("place", MNT_DETACH));
	say("fuse without a descriptor", mount("none", "place", "fuse", 0, "fd=1,rootmode=40000,user_id=0,group_id=0"));
	must(close(fd), "close");
}

static void flags(void)
{
	try("magic", "none", "place", "tmpfs", MAGIC, NULL);
	try("magic and flags", "none", "place", "tmpfs", MAGIC | MS_NOSUID | MS_NOEXEC, NULL);
	try("half of the magic", "none", "place", "tmpfs", 0xc0ec0000ul, NULL);
	try("nosymfollow", "none", "place", "tmpfs", NOSYMFOLLOW, NULL);
	try("noatime", "none", "place", "tmpfs", MS_NOATIME | MS_NODIRATIME, NULL);
	try("strictatime", "none", "place", "tmpfs", MS_STRICTATIME, NULL);
	try("an unknown flag", "none", "place", "tmpfs", 1ul << 29, NULL);
	try("the upper half", "none", "place", "tmpfs", 1ul << 40, NULL);
}

static void data(void)
{
	static char page[4096], longer[8192];
	long size = sysconf(_SC_PAGESIZE);

	memset(page, ',', sizeof page);
	memcpy(page, "mode=700", 8);
	try("a page of data", "none", "place", "tmpfs", 0, page);
	memset(longer, 'x', sizeof longer);
	memcpy(longer, "mode=700,", 9);
	try("more than a page", "none", "place", "tmpfs", 0, longer);
	memset(longer, ',', sizeof longer);
	memcpy(longer + 5000, "wrong", 5);
	try("wrong behind a page", "none", "place", "tmpfs", 0, longer);
	char *edge = mmap(NULL, (size_t)(2 * size), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	must(munmap(edge + size, (size_t)size), "munmap");
	strcpy(edge + size - 9, "mode=711");
	try("at the end of the memory", "none", "place", "tmpfs", 0, edge + size - 9);
	try("beyond the memory", "none", "place", "tmpfs", 0, edge + size);
	memset(edge, 'x', (size_t)size);
	try("a type beyond the memory", "none", "place", edge + size - 4, 0, NULL);
	try("a source beyond the memory", edge + size - 4, "place", "tmpfs", 0, NULL);
	try("a target beyond the memory", "none", edge + size - 4, "tmpfs", 0, NULL);
	longer[sizeof longer - 1] = '\0';
	memset(longer, 'x', sizeof longer - 1);
	try("a long type", "none", "place", longer, 0, NULL);
	try("a long source", longer, "place", "tmpfs", 0, NULL);
	try("a long target", "none", longer, "tmpfs", 0, NULL);
}

static void targets(void)
{
	char path[128];

	must(symlink("place", "link"), "link");
	must(symlink("nowhere", "dangling"), "dangling");
	must(mkdir("place/below", 0755), "place/below");
	must(close(open("file", O_CREAT | O_WRONLY, 0644)), "file");
	try("no target", "none", NULL, "tmpfs", 0, NULL);
	try("an empty target", "none", "", "tmpfs", 0, NULL);
	try("a link", "none", "link", "tmpfs", 0, NULL);
	try("a link to nothing", "none", "dangling", "tmpfs", 0, NULL);
	try("nothing", "none", "nothing", "tmpfs", 0, NULL);
	try("a file", "none", "file", "tmpfs", 0, NULL);
	try("below a file", "none", "file/place", "tmpfs", 0, NULL);
	try("a slash", "none", "place/", "tmpfs", 0, NULL);
	try("up and down", "none", "lower/../place/./.", "tmpfs", 0, NULL);
	try("an absolute one", "none", "/root/work/place", "tmpfs", 0, NULL);
	try("/proc/self/cwd", "none", "/proc/self/cwd/place", "tmpfs", 0, NULL);
	snprintf(path, sizeof path, "/proc/self/task/%d/cwd/place", (int)syscall(SYS_gettid));
	try("/proc/self/task", "none", path, "tmpfs", 0, NULL);
	int fd = open("place", O_PATH | O_DIRECTORY | O_CLOEXEC);
	must(fd, "place");
	snprintf(path, sizeof path, "/proc/thread-self/fd/%d", fd);
	say("/proc/thread-self/fd", mount("none", path, "tmpfs", 0, NULL));
	say("unmounted", umount2("place", 0));
	must(close(fd), "close");
	must(chdir("place"), "place");
	say(".", mount("none", ".", "tmpfs", 0, NULL));
	say("unmounted", umount2("../place", 0));
	must(chdir("below"), "below");
	say("..", mount("none", "..", "tmpfs", 0, NULL));
	must(chdir("/root/work"), "work");
	say("unmounted", umount2("place", 0));
}

static void changes(void)
{
	static const unsigned long propagation[] = { MS_PRIVATE, MS_SHARED, MS_SLAVE, MS_UNBINDABLE, MS_SHARED | MS_PRIVATE };
	char what[64];

	must(mkdir("from", 0755), "from");
	must(mkdir("to", 0755), "to");
	must(mount("none", "from", "tmpfs", 0, NULL), "from");
	must(close(open("from/file", O_CREAT | O_WRONLY, 0644)), "from/file");
	try("bind", "from", "to", NULL, MS_BIND, NULL);
	try("bind with a type", "from", "to", "nosuchfs", MS_BIND, NULL);
	try("bind of a file on a directory", "from/file", "to", NULL, MS_BIND, NULL);
	try("bind of a file", "from/file", "file", NULL, MS_BIND, NULL);
	try("bind of nothing", "nothing", "to", NULL, MS_BIND, NULL);
	try("bind without a source", NULL, "to", NULL, MS_BIND, NULL);
	try("bind with an empty source", "", "to", NULL, MS_BIND, NULL);
	say("move", mount("from", "to", NULL, MS_MOVE, NULL));
	say("move back", mount("to", "from", NULL, MS_MOVE, NULL));
	say("move without a source", mount(NULL, "to", NULL, MS_MOVE, NULL));
	say("move what is no mount", mount("lower", "to", NULL, MS_MOVE, NULL));
	for (size_t i = 0; i < sizeof propagation / sizeof propagation[0]; i++) {
		snprintf(what, sizeof what, "propagation %lx", propagation[i]);
		say(what, mount("no path", "from", NULL, propagation[i], NULL));
	}
	say("propagation of what is no mount", mount(NULL, "to", NULL, MS_PRIVATE, NULL));
	say("remount", mount("no path", "from", NULL, MS_REMOUNT | MS_RDONLY, "size=1m"));
	say("made", mkdir("from/new", 0755));
	say("remount back", mount(NULL, "from", "nosuchfs", MS_REMOUNT, NULL));
	say("made", mkdir("from/new", 0755));
	say("remount with wrong data", mount(NULL, "from", NULL, MS_REMOUNT, "size=many"));
	say("remount of the mount", mount(NULL, "from", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL));
	say("made", mkdir("from/other", 0755));
	say("remount of what is no mount", mount(NULL, "to", NULL, MS_REMOUNT, NULL));
	say("unmounted", umount2("from", 0));
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
		say(what, mount("none", "closed/place", "tmpfs", 0, NULL));
		fflush(stdout);
		_exit(0);
	}
	must(waitpid(child, &status, 0), "waitpid");
	umount2("closed/place", MNT_DETACH);
}

/* The only one that mount(2) asks for. */
static void with_one_capability(void)
{
	set_capabilities(1ull << CAP_SYS_ADMIN);
	try("a tmpfs with CAP_SYS_ADMIN alone", "none", "place", "tmpfs", 0, NULL);
	try("an overlay with it", "none", "place", "overlay", 0, "lowerdir=/root/work/lower,upperdir=/root/work/upper,workdir=/root/work/work");
	try("a relative overlay with it", "none", "place", "overlay", 0, "lowerdir=lower:upper");
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
	in_child(with_one_capability);
}

/* What is read-only stays so, wherever else it is shown. */
static void unchangeable(void)
{
	current = "C44";
	say("remount /usr", mount(NULL, "/usr", NULL, MS_REMOUNT | MS_BIND, NULL));
	say("remount /usr by all means", mount(NULL, "/usr", NULL, MS_REMOUNT, NULL));
	say("bind /usr", mount("/usr", "to", NULL, MS_BIND | MS_REC, NULL));
	say("remount it", mount(NULL, "to", NULL, MS_REMOUNT | MS_BIND, NULL));
	say("write there", open("to/new", O_CREAT | O_WRONLY, 0644));
	say("unmount it", umount2("to", MNT_DETACH));
	say("mount over it", mount("none", "/usr/share", "tmpfs", 0, NULL));
	say("and unmount that", umount2("/usr/share", 0));
	say("unmount /usr", umount2("/usr", 0));
	say("unmount the root", umount2("/", 0));
}

static void unmounts(void)
{
	char path[32];

	current = "C45";
	must(mount("none", "place", "tmpfs", 0, NULL), "place");
	int fd = open("place", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	must(fd, "place");
	say("what is busy", umount2("place", 0));
	say("what is busy, as it is", umount2("place", MNT_EXPIRE));
	must(close(fd), "close");
	say("an unknown flag", umount2("place", 64));
	say("two flags that exclude each other", umount2("place", MNT_EXPIRE | MNT_DETACH));
	say("a link that is not followed", umount2("link", UMOUNT_NOFOLLOW));
	say("expired", umount2("place", MNT_EXPIRE));
	say("expired twice", umount2("place", MNT_EXPIRE));
	say("what is no mount", umount2("place", 0));
	say("nothing", umount2("nothing", 0));
	say("no target", umount2(NULL, 0));
	say("an empty target", umount2("", 0));
	must(mount("none", "place", "tmpfs", 0, NULL), "place");
	must(mount("none", "place", "tmpfs", 0, NULL), "place");
	say("the upper", umount2("link", MNT_FORCE));
	fd = open("place", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	must(fd, "place");
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	say("by its descriptor", umount2(path, MNT_DETACH));
	must(close(fd), "close");
	say("none is left", umount2("place", 0));
}

static void *in_thread(void *unused)
{
	(void)unused;
	try("by another thread", "none", "place", "tmpfs", 0, NULL);
	return NULL;
}

static void in_chroot(void)
{
	must(chroot("lower"), "chroot");
	must(chdir("/"), "chdir");
	must(mkdir("inner", 0755), "inner");
	try("after chroot", "none", "/inner", "tmpfs", 0, NULL);
}

int main(int argc, char **argv)
{
	pthread_t thread;

	if (argc != 2)
		errx(1, "usage: mounts FUSE|trees|stays");
	if (strcmp(argv[1], "trees") == 0) {
		try_open_tree();
		return 0;
	}
	umask(022);
	must(mkdir("/root/work", 0755), "/root/work");
	must(chdir("/root/work"), "/root/work");
	must(mkdir("place", 0755), "place");
	if (strcmp(argv[1], "stays") == 0) {
		try_in_every_root();
		return 0;
	}
	kinds();
	fuse(argv[1]);
	flags();
	data();
	targets();
	if (pthread_create(&thread, NULL, in_thread, NULL) != 0 || pthread_join(thread, NULL) != 0)
		errx(1, "pthread_create");
	in_child(in_chroot);
	changes();
	capabilities();
	unchangeable();
	unmounts();
	try_newer_calls();
	return 0;
}

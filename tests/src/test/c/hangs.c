/*
 * hangs DIRECTORY [room]
 *
 * Mounts a file system at DIRECTORY and serves it (FUSE), until it is killed. What its names begin with says what it does:
 *   lookup-  is never found, nor found to be missing     link-   is a symbolic link whose text never comes
 *   stat-    is a file whose status never comes          new-    is missing, and whatever is to make it never returns
 *   open-    is a file whose open never returns          read-   is a file whose content never comes
 *   flush-   is a file whose close never returns         there-  is missing, but is there when it is to be made
 *   dir      is a directory
 * Everything else is a file that contains its name. Nor does it ever say how much room there is (statfs(2)), unless it is to:
 * whoever mounts something on it asks. Prints "mounted",
 * then a line for each request that it has read and does not answer: what is asked for, and the name.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { MAX_NODES = 65536, MAX_NAME = 64, HOUR = 3600 };

static const struct {
	uint32_t opcode;
	const char *request;
	const char *prefix; /* "" for any name */
} NEVER_ANSWERED[] = {
	{ FUSE_LOOKUP, "lookup", "lookup-" }, { FUSE_GETATTR, "stat", "stat-" },   { FUSE_OPEN, "open", "open-" },
	{ FUSE_READLINK, "readlink", "link-" }, { FUSE_CREATE, "create", "new-" }, { FUSE_MKNOD, "mknod", "new-" },
	{ FUSE_MKDIR, "mkdir", "new-" },      { FUSE_SYMLINK, "symlink", "new-" }, { FUSE_STATFS, "statfs", "" },
	{ FUSE_READ, "read", "read-" },       { FUSE_FLUSH, "flush", "flush-" },
};

/* The node with the number of the root is the root. Others are numbered as they are first looked for. */
static char names[MAX_NODES][MAX_NAME];
static uint64_t last_node = FUSE_ROOT_ID;
static int device;
static int says_room;

static _Noreturn void broken(const char *what)
{
	fprintf(stderr, "hangs: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int begins(const char *name, const char *prefix)
{
	return strncmp(name, prefix, strlen(prefix)) == 0;
}

/* ENOENT: whoever asked has been killed meanwhile. */
static void reply(const struct fuse_in_header *to, int error, const void *data, size_t size)
{
	struct fuse_out_header head = { .len = (uint32_t)(sizeof head + size), .error = -error, .unique = to->unique };
	struct iovec parts[] = { { &head, sizeof head }, { (void *)(uintptr_t)data, size } };

	if (writev(device, parts, 2) < 0 && errno != ENOENT)
		broken("write");
}

static struct fuse_attr attributes(uint64_t node)
{
	const char *name = names[node];
	struct fuse_attr attr = { .ino = node, .nlink = 1, .size = strlen(name), .mode = S_IFREG | 0666, .blksize = 4096 };

	if (node == FUSE_ROOT_ID || begins(name, "dir"))
		attr.mode = S_IFDIR | 0777;
	else if (begins(name, "link-"))
		attr.mode = S_IFLNK | 0777;
	return attr;
}

static void look_up(const struct fuse_in_header *request, const char *name)
{
	if (begins(name, "new-") || begins(name, "there-") || strlen(name) >= MAX_NAME || last_node + 1 == MAX_NODES) {
		reply(request, ENOENT, NULL, 0);
		return;
	}
	strcpy(names[++last_node], name);
	struct fuse_entry_out entry = {
		.nodeid = last_node,
		.entry_valid = HOUR,
		.attr_valid = begins(name, "stat-") ? 0 : HOUR,
		.attr = attributes(last_node),
	};
	reply(request, 0, &entry, sizeof entry);
}

/* The name that a request is about: that of its node, or one in its node. */
static const char *subject(const struct fuse_in_header *request, const void *arguments)
{
	switch (request->opcode) {
	case FUSE_LOOKUP:
	case FUSE_SYMLINK:
		return arguments;
	case FUSE_CREATE:
		return (const char *)arguments + sizeof(struct fuse_create_in);
	case FUSE_MKNOD:
		return (const char *)arguments + sizeof(struct fuse_mknod_in);
	case FUSE_MKDIR:
		return (const char *)arguments + sizeof(struct fuse_mkdir_in);
	default:
		return request->nodeid < MAX_NODES ? names[request->nodeid] : "";
	}
}

static void answer(const struct fuse_in_header *request, const void *arguments)
{
	switch (request->opcode) {
	case FUSE_INIT: {
		/* without the flag, the kernel looks for one name in a directory at a time */
		struct fuse_init_out out = { FUSE_KERNEL_VERSION, 31, .flags = FUSE_PARALLEL_DIROPS, .max_write = 4096 };
		reply(request, 0, &out, sizeof out);
		break;
	}
	case FUSE_LOOKUP:
		look_up(request, arguments);
		break;
	case FUSE_GETATTR: {
		struct fuse_attr_out out = { .attr_valid = HOUR, .attr = attributes(request->nodeid) };
		reply(request, 0, &out, sizeof out);
		break;
	}
	case FUSE_OPEN:
	case FUSE_OPENDIR: {
		struct fuse_open_out out = { 0 };
		reply(request, 0, &out, sizeof out);
		break;
	}
	case FUSE_CREATE:
	case FUSE_MKNOD:
		reply(request, begins(subject(request, arguments), "there-") ? EEXIST : ENOSYS, NULL, 0);
		break;
	case FUSE_STATFS: {
		struct fuse_statfs_out out = { .st = { .bsize = 4096, .namelen = MAX_NAME - 1 } };
		reply(request, 0, &out, sizeof out);
		break;
	}
	case FUSE_READ: {
		const struct fuse_read_in *in = arguments;
		const char *name = names[request->nodeid];
		reply(request, 0, name, in->offset == 0 ? strlen(name) : 0);
		break;
	}
	case FUSE_READDIR:
	case FUSE_RELEASE:
	case FUSE_RELEASEDIR:
	case FUSE_FLUSH:
		reply(request, 0, NULL, 0);
		break;
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT: /* no answer is expected */
		break;
	default:
		reply(request, ENOSYS, NULL, 0);
	}
}

static int is_never_answered(const struct fuse_in_header *request, const char *name)
{
	for (size_t i = 0; i < sizeof NEVER_ANSWERED / sizeof *NEVER_ANSWERED; i++)
		if (request->opcode == NEVER_ANSWERED[i].opcode && !(request->opcode == FUSE_STATFS && says_room) &&
		    begins(name, NEVER_ANSWERED[i].prefix)) {
			printf("%s %s\n", NEVER_ANSWERED[i].request, name);
			return 1;
		}
	return 0;
}

static void mount_at(const char *directory)
{
	char options[128];

	device = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	if (device < 0)
		broken("/dev/fuse");
	snprintf(options, sizeof options, "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other", device);
	if (mount("hangs", directory, "fuse", MS_NOSUID | MS_NODEV, options) < 0)
		broken(directory);
}

int main(int argc, char **argv)
{
	static _Alignas(8) char buffer[FUSE_MIN_READ_BUFFER + 4096];

	if (argc < 2 || argc > 3) {
		fputs("usage: hangs DIRECTORY [room]\n", stderr);
		return 1;
	}
	says_room = argc == 3;
	setvbuf(stdout, NULL, _IOLBF, 0);
	mount_at(argv[1]);
	puts("mounted");
	for (;;) {
		const struct fuse_in_header *request = (const void *)buffer;
		ssize_t size = read(device, buffer, sizeof buffer);

		if (size < 0 && errno == ENODEV)
			return 0; /* it has been unmounted */
		if (size < 0 && errno != EINTR && errno != ENOENT)
			broken("read");
		if (size < (ssize_t)sizeof *request)
			continue;
		if (!is_never_answered(request, subject(request, request + 1)))
			answer(request, request + 1);
	}
}

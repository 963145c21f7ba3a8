/*
 * mirror FROM TO COMMAND [ARGUMENT...]
 *
 * Mounts a file system in user space (FUSE) at TO that shows what lies in FROM, in a mount namespace of its own, and runs the
 * command there. Ends with its status. It is for reading only, and FROM an absolute path where nothing changes. It needs root.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fuse.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAX_NODES = 65536, HOUR = 3600 };

/* By their number; that of the root is FUSE_ROOT_ID. */
static char *paths[MAX_NODES];
static uint64_t last_node;
static int device;

static _Noreturn void broken(const char *what)
{
	fprintf(stderr, "mirror: %s: %s\n", what, strerror(errno));
	exit(99);
}

static void reply(const struct fuse_in_header *to, int error, const void *data, size_t size)
{
	struct fuse_out_header head = { .len = (uint32_t)(sizeof head + size), .error = -error, .unique = to->unique };
	struct iovec parts[] = { { &head, sizeof head }, { (void *)(uintptr_t)data, size } };

	if (writev(device, parts, 2) < 0 && errno != ENOENT)
		broken("write");
}

static uint64_t node_of(const char *path)
{
	for (uint64_t node = FUSE_ROOT_ID; node <= last_node; node++)
		if (strcmp(paths[node], path) == 0)
			return node;
	if (last_node + 1 == MAX_NODES || !(paths[++last_node] = strdup(path)))
		broken("nodes");
	return last_node;
}

static int get_attributes(const char *path, struct fuse_attr *attr)
{
	struct stat file;

	if (lstat(path, &file) < 0)
		return errno;
	*attr = (struct fuse_attr){ .ino = file.st_ino, .size = (uint64_t)file.st_size, .mode = file.st_mode,
				    .nlink = (uint32_t)file.st_nlink, .uid = file.st_uid, .gid = file.st_gid, .blksize = 4096 };
	return 0;
}

static void look_up(const struct fuse_in_header *request, const char *name)
{
	char path[PATH_MAX + NAME_MAX + 2];
	struct fuse_entry_out entry = { .entry_valid = HOUR, .attr_valid = HOUR };

	snprintf(path, sizeof path, "%s/%s", paths[request->nodeid], name);
	int error = get_attributes(path, &entry.attr);
	if (error == 0)
		entry.nodeid = node_of(path);
	reply(request, error, &entry, error ? 0 : sizeof entry);
}

static void tell_attributes(const struct fuse_in_header *request)
{
	struct fuse_attr_out out = { .attr_valid = HOUR };
	int error = get_attributes(paths[request->nodeid], &out.attr);

	reply(request, error, &out, error ? 0 : sizeof out);
}

/* As many entries as there is room for; the offset of each is how many there are up to it. */
static void list(const struct fuse_in_header *request, const struct fuse_read_in *in)
{
	static char data[1 << 17];
	size_t used = 0;
	struct dirent *entry;
	DIR *directory = opendir(paths[request->nodeid]);

	if (!directory)
		broken(paths[request->nodeid]);
	for (uint64_t number = 1; (entry = readdir(directory)); number++) {
		struct fuse_dirent head = { .ino = entry->d_ino, .off = number, .namelen = (uint32_t)strlen(entry->d_name),
					    .type = entry->d_type };
		size_t size = FUSE_DIRENT_ALIGN(FUSE_NAME_OFFSET + head.namelen);
		if (number <= in->offset)
			continue;
		if (used + size > in->size || used + size > sizeof data)
			break;
		memset(data + used, 0, size);
		memcpy(data + used, &head, FUSE_NAME_OFFSET);
		memcpy(data + used + FUSE_NAME_OFFSET, entry->d_name, head.namelen);
		used += size;
	}
	closedir(directory);
	reply(request, 0, data, used);
}

static void tell_content(const struct fuse_in_header *request, const struct fuse_read_in *in)
{
	static char data[1 << 17];
	int fd = open(paths[request->nodeid], O_RDONLY | O_CLOEXEC);
	ssize_t size = fd < 0 ? -1 : pread(fd, data, in->size < sizeof data ? in->size : sizeof data, (off_t)in->offset);

	reply(request, size < 0 ? errno : 0, data, size < 0 ? 0 : (size_t)size);
	if (fd >= 0)
		close(fd);
}

static void tell_target(const struct fuse_in_header *request)
{
	char target[PATH_MAX];
	ssize_t size = readlink(paths[request->nodeid], target, sizeof target);

	reply(request, size < 0 ? errno : 0, target, size < 0 ? 0 : (size_t)size);
}

static void answer(const struct fuse_in_header *request, const void *arguments)
{
	static const struct fuse_init_out INIT = { .major = FUSE_KERNEL_VERSION, .minor = 31, .max_write = 4096 };
	static const struct fuse_open_out OPENED;

	switch (request->opcode) {
	case FUSE_INIT:
		reply(request, 0, &INIT, sizeof INIT);
		break;
	case FUSE_LOOKUP:
		look_up(request, arguments);
		break;
	case FUSE_GETATTR:
		tell_attributes(request);
		break;
	case FUSE_OPEN:
	case FUSE_OPENDIR:
		reply(request, 0, &OPENED, sizeof OPENED);
		break;
	case FUSE_READDIR:
		list(request, arguments);
		break;
	case FUSE_READ:
		tell_content(request, arguments);
		break;
	case FUSE_READLINK:
		tell_target(request);
		break;
	case FUSE_RELEASE:
	case FUSE_RELEASEDIR:
	case FUSE_FLUSH:
		reply(request, 0, NULL, 0);
		break;
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT:
		break; /* nobody waits for an answer */
	default:
		reply(request, ENOSYS, NULL, 0);
	}
}

static void mount_at(const char *directory)
{
	char options[128];

	device = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	snprintf(options, sizeof options, "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other,default_permissions", device);
	if (device < 0 || unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("mirror", directory, "fuse", MS_NOSUID | MS_NODEV, options) < 0)
		broken(directory);
}

/* In a child, which ends as the command does, and our work with it. */
static void run(char **command, const char *mounted)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		execvp(command[0], command);
		broken(command[0]);
	}
	if (child < 0 || waitpid(child, &status, 0) < 0 || umount2(mounted, MNT_DETACH) < 0)
		broken("the command");
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 99);
}

int main(int argc, char **argv)
{
	static char request[1 << 16];
	ssize_t size;
	int status;

	if (argc < 4)
		broken("usage: mirror FROM TO COMMAND [ARGUMENT...]");
	last_node = FUSE_ROOT_ID;
	paths[FUSE_ROOT_ID] = argv[1];
	mount_at(argv[2]);
	pid_t runner = fork();
	if (runner < 0)
		broken("fork");
	if (runner == 0)
		run(argv + 3, argv[2]);
	while ((size = read(device, request, sizeof request)) > 0 || errno == ENOENT || errno == EINTR)
		if (size > 0)
			answer((const void *)request, request + sizeof(struct fuse_in_header));
	if (errno != ENODEV || waitpid(runner, &status, 0) < 0)
		broken("read");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}

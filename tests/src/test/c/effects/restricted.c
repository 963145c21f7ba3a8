/* openat2(2) with every two of its restrictions, from every kind of directory. */
#include "effects.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static const unsigned RESTRICTIONS[] = { 0, RESOLVE_NO_XDEV, RESOLVE_NO_MAGICLINKS, RESOLVE_NO_SYMLINKS, RESOLVE_BENEATH, RESOLVE_IN_ROOT };
static const char *const PATHS[] = { "file",	"link",	   "dangling", "dangling-out", "made",	"sub/made", "through/made", "sub/../file", "..",   ".",
				     "/file",	"../made",  "in",	       "in/x",	"self",	    "self/file",    "absolute",	   "sub/", "made/", "loop", "/proc/self/cwd", "self-made" };

/* What would be created in the machine's root. */
static int is_outside(unsigned flags, unsigned long long resolve, const char *path)
{
	return (flags & O_CREAT) && !(resolve & (RESOLVE_BENEATH | RESOLVE_IN_ROOT)) &&
	       (strcmp(path, "/file") == 0 || strcmp(path, "absolute") == 0);
}

static void from(const char *name, int dirfd)
{
	static const unsigned FLAGS[] = { O_RDONLY, O_CREAT | O_RDWR, O_CREAT | O_RDWR | O_NOFOLLOW };
	enum { COUNT = sizeof RESTRICTIONS / sizeof *RESTRICTIONS };

	for (size_t r = 0; r < COUNT; r++)
		for (size_t s = r; s < COUNT; s++)
			for (size_t f = 0; f < sizeof FLAGS / sizeof *FLAGS; f++)
				for (size_t p = 0; p < sizeof PATHS / sizeof *PATHS; p++) {
					struct open_how how = { .flags = FLAGS[f] | O_CLOEXEC, .mode = FLAGS[f] & O_CREAT ? 0644 : 0,
								.resolve = RESTRICTIONS[r] | RESTRICTIONS[s] };
					if (how.resolve == 0 || is_outside(FLAGS[f], how.resolve, PATHS[p]))
						continue;
					struct stat st;
					int fd = (int)syscall(SYS_openat2, dirfd, PATHS[p], &how, sizeof how);
					if (show(fd, "%s %#llx %#x %s", name, (unsigned long long)how.resolve, FLAGS[f], PATHS[p]) >= 0) {
						must(fstat(fd, &st), "fstat");
						printf("  %#o %ld\n", st.st_mode, (long)st.st_size);
						close(fd);
					}
					if (unlink("made") == 0 || unlink("tree/made") == 0 || unlink("tree/sub/made") == 0)
						printf("  made\n");
				}
}

void restricted(void)
{
	must(mkdir("tree", 0755), "tree");
	must(mkdir("tree/sub", 0755), "tree/sub");
	file("tree/file", 0644, "in the tree");
	file("file", 0644, "above");
	must(symlink("file", "tree/link"), "link");
	must(symlink("made", "tree/dangling"), "dangling");
	must(symlink("../made", "tree/dangling-out"), "dangling-out");
	must(symlink("sub", "tree/through"), "through");
	must(symlink("/proc/self/fd/0", "tree/in"), "in");
	must(symlink("/proc/self/cwd", "tree/self"), "self");
	must(symlink("/proc/self/cwd/made", "tree/self-made"), "self-made");
	must(symlink("/file", "tree/absolute"), "absolute");
	must(symlink("loop", "tree/loop"), "loop");
	int fd = open("tree", O_PATH | O_CLOEXEC);
	must(fd, "tree");
	from("a directory", fd);
}

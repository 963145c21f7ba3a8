/* Extended attributes: their names, values of every size, and those that depend on who asks. */
#include "stats.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/xattr.h>
#include <unistd.h>

static void set(const char *path, const char *name, const void *value, size_t size)
{
	begin("setting %s of %zu bytes", name, size);
	printf("%s\n", setxattr(path, name, value, size, 0) < 0 ? strerrorname_np(errno) : "done");
}

static void get(const char *path, const char *name, size_t size)
{
	char what[64];

	snprintf(what, sizeof what, "%.40s", name);
	getxattr_case(what, SYS_getxattr, AT_FDCWD, path, 0, name, size);
	getxattr_case(what, SYS_lgetxattr, AT_FDCWD, path, 0, name, size);
	getxattr_case(what, SYS_getxattrat, AT_FDCWD, path, 0, name, size);
}

static void names_of_attributes(void)
{
	static const char *const NAMES[] = { "user.colour", "user.none",  "user.",     "user",	    "nonsense", "nonsense.x",
					     "trusted.x",   "security.x", "system.x", "USER.colour", "user.colour ", "" };
	char longest[258] = "user.";

	for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
		get("file", NAMES[i], 100);
		get("link", NAMES[i], 100);
		get("fifo", NAMES[i], 100);
		get("/proc/version", NAMES[i], 100);
	}
	memset(longest + 5, 'x', 250);
	set("file", longest, "long", 4);
	get("file", longest, 100);
	listxattr_case("a name of 255 bytes", SYS_listxattr, AT_FDCWD, "file", 0, 1000);
	listxattr_case("a name of 255 bytes", SYS_listxattr, AT_FDCWD, "file", 0, 200);
	removexattr("file", longest);
	longest[255] = 'x';
	get("file", longest, 100);
	longest[256] = 'x';
	get("file", longest, 100);
}

static void values(void)
{
	static char big[65536];
	static const size_t SIZES[] = { 0, 65535, 65536, 65537, 1 << 20 };
	int memory = or_broken(memfd_create("memory", 0), "memfd_create");
	char path[32], name[32];

	snprintf(path, sizeof path, "/proc/self/fd/%d", memory);
	memset(big, 'b', sizeof big);
	set(path, "user.big", big, sizeof big);
	for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++)
		get(path, "user.big", SIZES[i]);
	for (int i = 0; i < 300; i++) {
		snprintf(name, sizeof name, "user.a-name-that-is-%d", i);
		if (setxattr(path, name, "", 0, 0) < 0)
			break;
	}
	for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++)
		listxattr_case("many names", SYS_listxattr, AT_FDCWD, path, 0, SIZES[i]);
	close(memory);
}

/* What these show depends on the user namespace and the capabilities of who asks. */
static void of_users(void)
{
	static const unsigned char ACL[] = { 2, 0, 0, 0, 1, 0, 6, 0, 0xff, 0xff, 0xff, 0xff, 2, 0, 4, 0, 0x92, 0x10, 0, 0,
					     4, 0, 4, 0, 0xff, 0xff, 0xff, 0xff, 0x10, 0, 6, 0, 0xff, 0xff, 0xff, 0xff,
					     0x20, 0, 4, 0, 0xff, 0xff, 0xff, 0xff };
	static const unsigned char CAPABILITY[] = { 1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 };

	set("mine", "system.posix_acl_access", ACL, sizeof ACL);
	set("program", "security.capability", CAPABILITY, sizeof CAPABILITY);
	set("program", "trusted.secret", "hidden", 6);
	set("program", "user.open", "shown", 5);
	for (size_t size = 0; size <= 100; size += 100) {
		get("mine", "system.posix_acl_access", size);
		get("mine", "system.posix_acl_default", size);
		get("program", "security.capability", size);
		get("program", "trusted.secret", size);
		listxattr_case("with an ACL", SYS_listxattr, AT_FDCWD, "mine", 0, size);
		listxattr_case("with capabilities", SYS_listxattrat, AT_FDCWD, "program", 0, size);
	}
	get("closed", "user.colour", 100);
	listxattr_case("without permissions", SYS_listxattr, AT_FDCWD, "closed", 0, 100);
}

/* struct xattr_args: its size, and what it must not hold. */
static void structure(void)
{
	struct {
		struct xattr_arguments known;
		unsigned char more[64];
	} longer;
	static const size_t SIZES[] = { 0, 8, 15, 16, 17, 24, 80, 4096, 4097, (size_t)-1 };
	void *args[] = { &longer, NULL, (void *)16 };

	for (size_t a = 0; a < sizeof args / sizeof *args; a++)
		for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++)
			for (int more = 0; more < 3; more++) {
				memset(&longer, 0, sizeof longer);
				longer.known.value = (uintptr_t)fresh_room();
				longer.known.size = 100;
				longer.known.flags = more == 2 ? 1 : 0;
				longer.more[3] = more == 1;
				/* the memory behind it is the stack's, which is not the same every time */
				if (SIZES[i] > sizeof longer && SIZES[i] <= 4096)
					continue;
				begin("getxattrat with struct %zu of size %zu, filled %d", a, SIZES[i], more);
				end(sys(SYS_getxattrat, AT_FDCWD, "file", 0, "user.colour", args[a], SIZES[i]), 5);
				begin("getxattrat of something missing with struct %zu of size %zu, filled %d", a, SIZES[i], more);
				end(sys(SYS_getxattrat, AT_FDCWD, "missing", -1, "", args[a], SIZES[i]), 5);
			}
}

void xattrs(void)
{
	names_of_attributes();
	values();
	of_users();
	structure();
}

/* Extended attributes: names, values and flags, right and wrong. */
#include "calls.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <linux/xattr.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void names_of(const char *path)
{
	static const char *const NAMES[] = { "user.name", "user.", "user", "", "trusted.name", "security.name", "security.capability",
					     "system.name", "system.posix_acl_access", "other.name", "name", "user.gr\xfc\xdf" };

	for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
		show(CALL(SYS_setxattr, path, NAMES[i], "value", 5L, 0), "setxattr %s '%s'", path, NAMES[i]);
		show(CALL(SYS_lsetxattr, path, NAMES[i], "", 0L, 0), "lsetxattr %s '%s'", path, NAMES[i]);
		show(CALL(SYS_removexattr, path, NAMES[i]), "removexattr %s '%s'", path, NAMES[i]);
		show(CALL(SYS_lremovexattr, path, NAMES[i]), "lremovexattr %s '%s'", path, NAMES[i]);
	}
}

static void long_names(void)
{
	static char name[4200];

	memset(name, 'n', sizeof name);
	memcpy(name, "user.", 5);
	static const size_t LENGTHS[] = { 254, 255, 256, 300, 4095, 4096 };
	for (size_t i = 0; i < sizeof LENGTHS / sizeof *LENGTHS; i++) {
		name[LENGTHS[i]] = 0;
		show(CALL(SYS_setxattr, "file", name, "value", 5L, 0), "setxattr with a name of %zu bytes", LENGTHS[i]);
		show(CALL(SYS_removexattr, "file", name), "removexattr with a name of %zu bytes", LENGTHS[i]);
		name[LENGTHS[i]] = 'n';
	}
	show(CALL(SYS_setxattr, "file", NULL, "value", 5L, 0), "setxattr with NULL for a name");
	show(CALL(SYS_removexattr, "missing/x", NULL), "removexattr of nothing with NULL for a name");
}

static void values(void)
{
	static const size_t SIZES[] = { 0, 1, 100, 1000, 4096, 65535, 65536, 65537, 1UL << 32, -1UL };
	char *value = calloc(1, 65537);

	if (!value)
		broken("calloc");
	memset(value, 'v', 65537);
	for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++) {
		show(CALL(SYS_setxattr, "file", "user.name", value, SIZES[i], 0), "a value of %zu bytes", SIZES[i]);
		show(CALL(SYS_setxattr, "missing/x", "user.name", value, SIZES[i], 0), "a value of %zu bytes for nothing",
		     SIZES[i]);
	}
	show(CALL(SYS_setxattr, "file", "user.name", NULL, 0L, 0), "no value at NULL");
	show(CALL(SYS_setxattr, "file", "user.name", NULL, 1L, 0), "a value at NULL");
	free(value);
}

static void flags(void)
{
	static const int FLAGS[] = { 0, XATTR_CREATE, XATTR_REPLACE, XATTR_CREATE | XATTR_REPLACE, 4, 0x1000 };

	keep_tree();
	for (size_t i = 0; i < sizeof FLAGS / sizeof *FLAGS; i++) {
		show(CALL(SYS_setxattr, "file", "user.there", "x", 1L, FLAGS[i]), "setxattr %#x", (unsigned)FLAGS[i]);
		show(CALL(SYS_setxattr, "file", "user.missing", "x", 1L, FLAGS[i]), "setxattr %#x, new", (unsigned)FLAGS[i]);
		show(CALL(SYS_removexattr, "file", "user.missing"), "removexattr");
		show(CALL(SYS_setxattr, "missing/x", NULL, "x", 1L, FLAGS[i]), "setxattr %#x, all wrong", (unsigned)FLAGS[i]);
	}
}

static void structs(void)
{
	struct {
		struct xattr_arguments known;
		char more[5000];
	} arguments = { .known = { .value = (uintptr_t)"value", .size = 5 } };
	static const size_t SIZES[] = { 0, 15, 16, 17, 32, 4096, 4097 };

	for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++)
		show(CALL(NR_setxattrat, AT_FDCWD, "file", 0, "user.name", &arguments, SIZES[i]), "setxattrat of %zu bytes",
		     SIZES[i]);
	arguments.more[3] = 1;
	show(CALL(NR_setxattrat, AT_FDCWD, "file", 0, "user.name", &arguments, 32L), "setxattrat with something behind");
	show(CALL(NR_setxattrat, AT_FDCWD, "file", 0, "user.name", 16L, 16L), "setxattrat at a bad pointer");
	arguments.known.flags = 4;
	show(CALL(NR_setxattrat, AT_FDCWD, "missing/x", 0, NULL, &arguments, 16L), "setxattrat, all wrong");
	for (int flag = 1; flag <= 0x10000; flag <<= 1) {
		arguments.known.flags = 0;
		show(CALL(NR_setxattrat, AT_FDCWD, "link", flag, "user.name", &arguments, 16L), "setxattrat with flags %#x",
		     (unsigned)flag);
		show(CALL(NR_removexattrat, AT_FDCWD, "link", flag, "user.name"), "removexattrat with flags %#x",
		     (unsigned)flag);
	}
}

static void file_attributes(void)
{
	struct {
		struct file_attributes known;
		char more[5000];
	} attributes = { .known = { .xflags = FS_XFLAG_NODUMP } };
	static const size_t SIZES[] = { 0, 23, 24, 25, 48, 4096, 4097 };
	static const uint64_t FLAGS[] = { 0, FS_XFLAG_NOATIME, FS_XFLAG_SYNC, FS_XFLAG_PREALLOC, 1UL << 40 };

	for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++)
		show(CALL(NR_file_setattr, AT_FDCWD, "file", &attributes, SIZES[i], 0), "file_setattr of %zu bytes", SIZES[i]);
	for (size_t i = 0; i < sizeof FLAGS / sizeof *FLAGS; i++) {
		attributes.known.xflags = FLAGS[i];
		show(CALL(NR_file_setattr, AT_FDCWD, "file", &attributes, 24L, 0), "file_setattr %#lx", (long)FLAGS[i]);
		show(CALL(NR_file_setattr, AT_FDCWD, "link", &attributes, 24L, AT_SYMLINK_NOFOLLOW),
		     "file_setattr AT_SYMLINK_NOFOLLOW %#lx", (long)FLAGS[i]);
	}
	show(CALL(NR_file_setattr, AT_FDCWD, "missing/x", 16L, 24L, 0), "file_setattr at a bad pointer");
	show(CALL(NR_file_setattr, AT_FDCWD, "missing/x", 16L, 3L, 1), "file_setattr, all wrong");
	attributes.more[0] = 1;
	show(CALL(NR_file_setattr, AT_FDCWD, "file", &attributes, 48L, 0), "file_setattr with something behind");
}

void xattrs(void)
{
	names_of("file");
	names_of("link");
	names_of("sticky");
	names_of("fifo");
	long_names();
	values();
	in_child(flags);
	structs();
	file_attributes();
}

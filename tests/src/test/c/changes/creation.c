/* What comes into being: its mode and owner, under umasks, in set-group-id directories and under default ACLs. */
#include "calls.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>

static const mode_t TYPES[] = { 0, S_IFREG, S_IFIFO, S_IFSOCK, S_IFCHR, S_IFBLK, S_IFDIR, S_IFLNK, 0030000, 0170000 };

static void under(mode_t mask, mode_t mode)
{
	umask(mask);
	show(CALL(SYS_mkdir, "new", mode), "mkdir %#o under %#o", mode, mask);
	umask(mask);
	show(CALL(SYS_mkdirat, AT_FDCWD, "setgid/new", mode), "mkdirat setgid %#o under %#o", mode, mask);
	umask(mask);
	show(CALL(SYS_mknod, "new", S_IFREG | mode, 0), "mknod %#o under %#o", mode, mask);
	umask(mask);
	show(CALL(SYS_mknodat, AT_FDCWD, "setgid/new", S_IFIFO | mode, 0), "mknodat setgid %#o under %#o", mode, mask);
	umask(mask);
	show(CALL(SYS_symlink, "target", "setgid/new"), "symlink under %#o", mask);
	umask(022);
}

static void nodes(void)
{
	static const unsigned DEVICES[] = { 0, 0x103, 0x12310345 }; /* none, 1:3, 259:74565 */

	for (size_t t = 0; t < sizeof TYPES / sizeof *TYPES; t++)
		for (size_t d = 0; d < sizeof DEVICES / sizeof *DEVICES; d++) {
			show(CALL(SYS_mknod, "new", TYPES[t] | 0640, DEVICES[d]), "mknod type %#o device %#x",
			     TYPES[t], DEVICES[d]);
			show(CALL(SYS_mknodat, AT_FDCWD, "missing/new", TYPES[t] | 0640, DEVICES[d]),
			     "mknodat nowhere type %#o device %#x", TYPES[t], DEVICES[d]);
		}
}

/* A default ACL (acl(5)) in place of the umask: version 2, then tag, permissions and id of each entry. */
static void with_default_acl(void)
{
	static const struct {
		uint32_t version;
		struct {
			uint16_t tag, permissions;
			uint32_t id;
		} entries[5];
	} ACL = { 2, { { 1, 7, -1U }, { 2, 6, 77 }, { 4, 5, -1U }, { 16, 7, -1U }, { 32, 1, -1U } } };
	static const mode_t MASKS[] = { 0, 027, 0777 };

	for (size_t i = 0; i < sizeof MASKS / sizeof *MASKS; i++) {
		keep_tree();
		show(CALL(SYS_setxattr, "dir", "system.posix_acl_default", &ACL, sizeof ACL, 0), "a default ACL");
		umask(MASKS[i]);
		show(CALL(SYS_mkdir, "dir/subdir", 0777), "mkdir under a default ACL and %#o", MASKS[i]);
		show(CALL(SYS_mknodat, AT_FDCWD, "dir/node", S_IFREG | 0666, 0), "mknod under a default ACL and %#o", MASKS[i]);
		show(CALL(SYS_symlink, "target", "dir/symlink"), "symlink under a default ACL and %#o", MASKS[i]);
		show(CALL(SYS_chmod, "dir/node", 0640), "chmod where there is an ACL");
		show(CALL(SYS_removexattr, "dir/subdir", "system.posix_acl_default"), "no default ACL");
		show(CALL(SYS_setxattr, "file", "system.posix_acl_access", &ACL, sizeof ACL - 1, 0), "no ACL");
		umask(022);
	}
}

static void targets(void)
{
	static char target[4097];

	memset(target, 't', sizeof target);
	for (size_t length = 4094; length <= 4096; length++) {
		target[length] = 0;
		show(CALL(SYS_symlink, target, "new"), "symlink to %zu bytes", length);
		target[length] = 't';
	}
	show(CALL(SYS_symlink, "", "new"), "symlink to nothing");
	show(CALL(SYS_symlink, NULL, "new"), "symlink to NULL");
	show(CALL(SYS_symlink, "gr\xfc\xdf", "new"), "symlink to what is not UTF-8");
	show(CALL(SYS_symlink, "new", "new"), "symlink to itself");
	show(CALL(SYS_symlink, NULL, "missing/new"), "symlink to NULL, nowhere");
	show(CALL(SYS_symlink, "", (char *)16), "symlink to nothing at a bad pointer");
}

void creation(void)
{
	static const mode_t MASKS[] = { 0, 022, 0777 };
	static const mode_t MODES[] = { 0, 0644, 0777, 07777, 0177777 };

	for (size_t u = 0; u < sizeof MASKS / sizeof *MASKS; u++)
		for (size_t m = 0; m < sizeof MODES / sizeof *MODES; m++)
			under(MASKS[u], MODES[m]);
	nodes();
	targets();
	in_child(with_default_acl);
}

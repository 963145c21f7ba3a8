/* Modes and owners, and what changes with them: set-id bits, capabilities of files. */
#include "calls.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/xattr.h>

static const char *const OBJECTS[] = { "file", "suid", "dir", "setgid", "fifo", "link", "closed", "locked" };

void modes(void)
{
	static const mode_t MODES[] = { 0, 0600, 0777, 01777, 02755, 04711, 07777, 0177777 };

	for (size_t o = 0; o < sizeof OBJECTS / sizeof *OBJECTS; o++)
		for (size_t m = 0; m < sizeof MODES / sizeof *MODES; m++) {
			show(CALL(SYS_chmod, OBJECTS[o], MODES[m]), "chmod %s %#o", OBJECTS[o], MODES[m]);
			show(CALL(NR_fchmodat2, AT_FDCWD, OBJECTS[o], MODES[m], AT_SYMLINK_NOFOLLOW),
			     "fchmodat2 AT_SYMLINK_NOFOLLOW %s %#o", OBJECTS[o], MODES[m]);
		}
	for (int flags = 1; flags <= 0x10000; flags <<= 1)
		show(CALL(NR_fchmodat2, AT_FDCWD, "file", 0600, flags), "fchmodat2 with flags %#x", (unsigned)flags);
	show(CALL(SYS_fchmodat, AT_FDCWD, "link", 0600, AT_SYMLINK_NOFOLLOW), "fchmodat, which takes no flags");
}

static void with_file_capabilities(void)
{
	static const uint32_t NET_RAW[] = { 0x02000001, 1 << 13, 0, 0, 0 };

	keep_tree();
	show(CALL(SYS_setxattr, "file", "security.capability", NET_RAW, sizeof NET_RAW, 0), "a file's capabilities");
	show(CALL(SYS_chown, "file", -1, -1), "chown to nobody else");
	show(CALL(SYS_setxattr, "file", "security.capability", NET_RAW, sizeof NET_RAW, 0), "once more");
	show(CALL(SYS_truncate, "file", 0L), "truncate where there are capabilities");
	show(CALL(SYS_removexattr, "file", "security.capability"), "and no more");
}

void owners(void)
{
	static const long IDS[][2] = {
		{ -1, -1 }, { -1, 77 }, { -1, 78 }, { -1, 79 }, { 77, -1 }, { 77, 78 }, { 0, 0 }, { -1, 0 },
		{ 4242, 4242 }, { 0x100000000L | 77, -1 }, { 0xfffffffe, 77 }, { 65535, 65535 },
	};

	for (size_t o = 0; o < sizeof OBJECTS / sizeof *OBJECTS; o++)
		for (size_t i = 0; i < sizeof IDS / sizeof *IDS; i++) {
			show(CALL(SYS_chown, OBJECTS[o], IDS[i][0], IDS[i][1]), "chown %s %ld:%ld", OBJECTS[o], IDS[i][0],
			     IDS[i][1]);
			show(CALL(SYS_lchown, OBJECTS[o], IDS[i][0], IDS[i][1]), "lchown %s %ld:%ld", OBJECTS[o],
			     IDS[i][0], IDS[i][1]);
		}
	for (int flags = 1; flags <= 0x10000; flags <<= 1)
		show(CALL(SYS_fchownat, AT_FDCWD, "file", -1, 77, flags), "fchownat with flags %#x", (unsigned)flags);
	in_child(with_file_capabilities);
}

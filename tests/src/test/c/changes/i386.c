/* The same calls as a program of i386 makes them: by int 0x80, with its numbers, ids, offsets and times. */
#include "calls.h"

#ifndef __x86_64__
void i386(void)
{
}
#else
#include "int80.h"

#include <fcntl.h>
#include <linux/fs.h>

enum { LINK = 9, UNLINK = 10, MKNOD = 14, CHMOD = 15, LCHOWN16 = 16, UTIME = 30, RENAME = 38, MKDIR = 39, RMDIR = 40, SYMLINK = 83,
       TRUNCATE = 92, CHOWN16 = 182, TRUNCATE64 = 193, LCHOWN = 198, CHOWN = 212, SETXATTR = 226, LSETXATTR = 227,
       REMOVEXATTR = 235, LREMOVEXATTR = 236, UTIMES = 271, MKDIRAT = 296, MKNODAT = 297, FCHOWNAT = 298, FUTIMESAT = 299,
       UNLINKAT = 301, RENAMEAT = 302, LINKAT = 303, SYMLINKAT = 304, FCHMODAT = 306, UTIMENSAT = 320, RENAMEAT2 = 353,
       UTIMENSAT64 = 412 };
enum { HERE = AT_FDCWD, NOFOLLOW = AT_SYMLINK_NOFOLLOW };

/* Its structures: times in twice 32 bits, and what is behind them if they are not read as such. */
struct time32 {
	int32_t seconds, fraction;
};
struct time64 {
	int64_t seconds;
	uint32_t nanos, padding;
};

static const struct time32 SECONDS[] = { { 1000, 2000 }, { -1, -1 } };
static const struct time32 MICROS[] = { { 1000, 1 }, { 2000, 999999 }, { -1, -1 } };
static const struct time32 NANOS[] = { { 1000, 1 }, { 2000, 999999999 }, { -1, -1 } };

static void names(const char *path, long low)
{
	long another = low_text("another"), file = low_text("file"), suid = low_text("suid"), to = low_text("to/nowhere");

	show(int80(MKDIR, low, 0751), "i386 mkdir '%s'", path);
	show(int80(MKDIRAT, HERE, low, 0751), "i386 mkdirat '%s'", path);
	show(int80(MKNOD, low, S_IFREG | 0640, 0), "i386 mknod '%s'", path);
	show(int80(MKNODAT, HERE, low, S_IFIFO | 0666, 0), "i386 mknodat '%s'", path);
	show(int80(SYMLINK, to, low), "i386 symlink '%s'", path);
	show(int80(SYMLINKAT, to, HERE, low), "i386 symlinkat '%s'", path);
	show(int80(UNLINK, low), "i386 unlink '%s'", path);
	show(int80(UNLINKAT, HERE, low, 0), "i386 unlinkat '%s'", path);
	show(int80(UNLINKAT, HERE, low, AT_REMOVEDIR), "i386 unlinkat AT_REMOVEDIR '%s'", path);
	show(int80(RMDIR, low), "i386 rmdir '%s'", path);
	show(int80(LINK, low, another), "i386 link of '%s'", path);
	show(int80(LINK, file, low), "i386 link to '%s'", path);
	show(int80(LINKAT, HERE, low, HERE, another, AT_SYMLINK_FOLLOW), "i386 linkat of '%s'", path);
	show(int80(RENAME, low, another), "i386 rename of '%s'", path);
	show(int80(RENAME, suid, low), "i386 rename to '%s'", path);
	show(int80(RENAMEAT, HERE, low, HERE, another), "i386 renameat of '%s'", path);
	show(int80(RENAMEAT2, HERE, suid, HERE, low, RENAME_NOREPLACE), "i386 renameat2 to '%s'", path);
	show(int80(RENAMEAT2, HERE, suid, HERE, low, RENAME_EXCHANGE), "i386 renameat2 with '%s'", path);
}

static void attributes(const char *path, long low)
{
	struct xattr_arguments arguments = { .value = (uint64_t)low_text("value"), .size = 5 };
	struct file_attributes nodump = { .xflags = FS_XFLAG_NODUMP };
	long name = low_text("user.name"), value = low_text("value");

	show(int80(CHMOD, low, 0750), "i386 chmod '%s'", path);
	show(int80(FCHMODAT, HERE, low, 0750), "i386 fchmodat '%s'", path);
	show(int80(NR_fchmodat2, HERE, low, 0750, NOFOLLOW), "i386 fchmodat2 '%s'", path);
	show(int80(CHOWN16, low, 0xffff, 77), "i386 chown16 '%s'", path);
	show(int80(LCHOWN16, low, -1, 77), "i386 lchown16 '%s'", path);
	show(int80(CHOWN, low, -1, 77), "i386 chown '%s'", path);
	show(int80(LCHOWN, low, -1, 77), "i386 lchown '%s'", path);
	show(int80(FCHOWNAT, HERE, low, -1, 77, NOFOLLOW), "i386 fchownat '%s'", path);
	show(int80(SETXATTR, low, name, value, 5, 0), "i386 setxattr '%s'", path);
	show(int80(LSETXATTR, low, name, value, 5, 0), "i386 lsetxattr '%s'", path);
	show(int80(REMOVEXATTR, low, name), "i386 removexattr '%s'", path);
	show(int80(LREMOVEXATTR, low, name), "i386 lremovexattr '%s'", path);
	show(int80(NR_setxattrat, HERE, low, 0, name, low_copy(&arguments, sizeof arguments), sizeof arguments),
	     "i386 setxattrat '%s'", path);
	show(int80(NR_removexattrat, HERE, low, 0, name), "i386 removexattrat '%s'", path);
	show(int80(NR_file_setattr, HERE, low, low_copy(&nodump, sizeof nodump), sizeof nodump, 0), "i386 file_setattr '%s'", path);
}

static void sizes_and_times(const char *path, long low)
{
	const struct time64 nanos[] = { { 1L << 33, 1, 7 }, { -2, 999999999, 7 } };

	show(int80(TRUNCATE, low, 3), "i386 truncate '%s'", path);
	show(int80(TRUNCATE64, low, 3, 0), "i386 truncate64 '%s'", path);
	show(int80(UTIME, low, low_copy(SECONDS, sizeof SECONDS)), "i386 utime '%s'", path);
	show(int80(UTIMES, low, low_copy(MICROS, sizeof MICROS)), "i386 utimes '%s'", path);
	show(int80(FUTIMESAT, HERE, low, low_copy(MICROS, sizeof MICROS)), "i386 futimesat '%s'", path);
	show(int80(UTIMENSAT, HERE, low, low_copy(NANOS, sizeof NANOS), 0), "i386 utimensat '%s'", path);
	show(int80(UTIMENSAT, HERE, low, low_copy(NANOS, sizeof NANOS), NOFOLLOW), "i386 lutimens '%s'", path);
	show(int80(UTIMENSAT64, HERE, low, low_copy(nanos, sizeof nanos), 0), "i386 utimensat_time64 '%s'", path);
}

/* Of 16 bits in the older calls, whatever else is in the registers. */
static void ids(void)
{
	static const long IDS[] = { 0, 77, 0xfffe, 0xffff, 0x10000, 0x1004d, 0x1ffff, 0xfffffffe, -1 };

	for (size_t u = 0; u < sizeof IDS / sizeof *IDS; u++)
		for (size_t g = 0; g < sizeof IDS / sizeof *IDS; g++) {
			show(int80(CHOWN16, low_text("file"), IDS[u], IDS[g]), "i386 chown16 %#lx %#lx", IDS[u], IDS[g]);
			show(int80(LCHOWN16, low_text("link"), IDS[u], IDS[g]), "i386 lchown16 %#lx %#lx", IDS[u], IDS[g]);
			show(int80(CHOWN, low_text("file"), IDS[u], IDS[g]), "i386 chown %#lx %#lx", IDS[u], IDS[g]);
		}
}

/* Of 32 bits with a sign, or in two registers. */
static void lengths(void)
{
	static const long HALVES[] = { 0, 1, 5, 0x7fffffff, 0x80000000, 0xffffffff };

	for (size_t h = 0; h < sizeof HALVES / sizeof *HALVES; h++) {
		show(int80(TRUNCATE, low_text("file"), HALVES[h]), "i386 truncate to %#lx", HALVES[h]);
		for (size_t l = 0; l < sizeof HALVES / sizeof *HALVES; l++)
			show(int80(TRUNCATE64, low_text("file"), HALVES[l], HALVES[h]), "i386 truncate64 to %#lx %#lx", HALVES[h],
			     HALVES[l]);
	}
}

static void fractions(void)
{
	static const int32_t ALL[] = { 0, 1, 999999, 1000000, 999999999, 1000000000, -1, UTIME_NOW, UTIME_OMIT };

	for (size_t i = 0; i < sizeof ALL / sizeof *ALL; i++) {
		const struct time32 times[] = { { -5, ALL[i] }, { 1 << 20, 3 } };
		const struct time64 longer[] = { { -5, (uint32_t)ALL[i], 0xffffffff }, { 1 << 20, 3, 1 } };
		long two = low_copy(times, sizeof times), file = low_text("file");
		show(int80(UTIMES, file, two), "i386 utimes %d", ALL[i]);
		show(int80(FUTIMESAT, HERE, file, two), "i386 futimesat %d", ALL[i]);
		show(int80(UTIMENSAT, HERE, file, two, 0), "i386 utimensat %d", ALL[i]);
		show(int80(UTIMENSAT64, HERE, file, low_copy(longer, sizeof longer), 0), "i386 utimensat_time64 %d", ALL[i]);
	}
	const struct time32 nothing[] = { { 1, UTIME_OMIT }, { 2, UTIME_OMIT } };
	show(int80(UTIMENSAT, HERE, 16, low_copy(nothing, sizeof nothing), 99), "i386 utimensat, nothing to do");
	show(int80(UTIMENSAT, HERE, low_text("file"), 16, 0), "i386 utimensat at a bad pointer");
	show(int80(UTIME, low_text("file"), 0), "i386 utime now");
}

void i386(void)
{
	static const char *const PATHS[] = {
		"file", "link", "dir", "dirlink", "empty", "dangling", "missing", "missing/x", "file/x", "closed", "locked/x",
		"unwritable/inner", "fifo", "loop1", "empty/", "", ".", "/proc/self/cwd/file", "gr\xfc\xdf",
	};

	for (size_t i = 0; i < sizeof PATHS / sizeof *PATHS; i++) {
		long low = low_text(PATHS[i]);
		names(PATHS[i], low);
		attributes(PATHS[i], low);
		sizes_and_times(PATHS[i], low);
	}
	ids();
	lengths();
	fractions();
}
#endif

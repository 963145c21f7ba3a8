/*
 * hostile
 *
 * Memory that ends too early (C21) and lengths that are none (C23), in the calls that are emulated for a container; prints a line for each,
 * CASE WHAT RESULT. Root of the machine and root of a container must find the same. Works in the current directory.
 */
#include <err.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define OPAQUE "trusted.overlay.opaque"
#define NULL_DEVICE makedev(1, 3)
enum { PAGE = 4096, LARGEST = 65536 };

static void must(long result, const char *what)
{
	if (result < 0)
		err(1, "%s", what);
}

static void say(const char *what, long result)
{
	if (result < 0)
		printf("%s %s\n", what, strerrorname_np(errno));
	else
		printf("%s %ld\n", what, result);
}

/* The end of a page, behind which there is none. */
static char *edge(void)
{
	char *pages = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pages == MAP_FAILED)
		err(1, "mmap");
	must(munmap(pages + PAGE, PAGE), "munmap");
	return pages + PAGE;
}

static char *page(int protection)
{
	char *mapped = mmap(NULL, PAGE, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (mapped == MAP_FAILED)
		err(1, "mmap");
	return mapped;
}

static char *copied_before(char *end, const char *text)
{
	return memcpy(end - strlen(text) - 1, text, strlen(text) + 1);
}

static void memory(void)
{
	char *end = edge(), *none = page(PROT_NONE), *constant = page(PROT_READ);

	say("C21 mknod, a name without an end", syscall(SYS_mknod, memset(end - 3, 'x', 3), S_IFCHR | 0600, NULL_DEVICE));
	say("C21 mknod, a name that just fits", syscall(SYS_mknod, copied_before(end, "fits"), S_IFCHR | 0600, NULL_DEVICE));
	say("C21 mknod, a name in no memory", syscall(SYS_mknod, none, S_IFCHR | 0600, NULL_DEVICE));
	say("C21 sysinfo, half of it in no memory", syscall(SYS_sysinfo, end - 56));
	say("C21 sysinfo, in no memory", syscall(SYS_sysinfo, none));
	say("C21 sysinfo, in constant memory", syscall(SYS_sysinfo, constant));
	say("C21 sched_setscheduler, half of it in no memory", syscall(SYS_sched_setscheduler, 0, 1, end - 2));
	say("C21 sched_setscheduler, in no memory", syscall(SYS_sched_setscheduler, 0, 1, none));
	say("C21 the policy is still", syscall(SYS_sched_getscheduler, 0));
	say("C21 setxattr, a name without an end", syscall(SYS_setxattr, "dir", memset(end - 3, 'x', 3), "y", 1, 0));
	say("C21 setxattr, a name that just fits", syscall(SYS_setxattr, "dir", copied_before(end, OPAQUE), "y", 1, 0));
	say("C21 setxattr, half of the value in no memory", syscall(SYS_setxattr, "dir", OPAQUE, end - 2, 4, 0));
	say("C21 setxattr, the value in no memory", syscall(SYS_setxattr, "dir", OPAQUE, none, 1, 0));
	say("C21 the value is as long as before", syscall(SYS_getxattr, "dir", OPAQUE, NULL, 0));
	must((long)syscall(SYS_setxattr, "dir", OPAQUE, "yes", 3, 0), "setxattr");
	say("C21 getxattr, half of it in no memory", syscall(SYS_getxattr, "dir", OPAQUE, end - 2, 4));
	say("C21 getxattr, in constant memory", syscall(SYS_getxattr, "dir", OPAQUE, constant, 4));
	say("C21 getxattr, more room than there is", syscall(SYS_getxattr, "dir", OPAQUE, end - 3, 100));
	say("C21 listxattr, half of it in no memory", syscall(SYS_listxattr, "dir", end - 2, 100));
}

static void lengths(void)
{
	static char value[LARGEST + 1];
	static const unsigned long sizes[] = { 0, 1, 255, LARGEST + 1, 1ul << 31, 1ul << 32, 1ul << 63, -1ul };
	char what[64];

	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		snprintf(what, sizeof what, "C23 setxattr %lx", sizes[i]);
		say(what, syscall(SYS_setxattr, "dir", OPAQUE, value, sizes[i], 0));
	}
	must((long)syscall(SYS_setxattr, "dir", OPAQUE, "yes", 3, 0), "setxattr");
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		snprintf(what, sizeof what, "C23 getxattr %lx", sizes[i]);
		say(what, syscall(SYS_getxattr, "dir", OPAQUE, value, sizes[i]));
		snprintf(what, sizeof what, "C23 listxattr %lx", sizes[i]);
		say(what, syscall(SYS_listxattr, "dir", value, sizes[i]));
	}
}

int main(void)
{
	must(mkdir("dir", 0755), "dir");
	memory();
	lengths();
	return 0;
}

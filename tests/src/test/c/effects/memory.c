/* Where a path lies. What cannot be read is known to differ (unreadable_memory of differences.py). */
#include "effects.h"

#include <fcntl.h>
#include <stdint.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>

static void at(const char *name, char *address)
{
	struct stat st;

	show(open(address, O_RDONLY | O_CLOEXEC), "open of a path in %s", name);
	show(stat(address, &st), "stat of a path in %s", name);
	show(mkdir(address, 0755), "mkdir of a path in %s", name);
	show(rename("path", address), "rename to a path in %s", name);
	show(symlink(address, "path"), "symlink to a path in %s", name);
	show(stat("path", (struct stat *)address), "stat of something to %s", name);
}

static char *mapped(int protection, int flags, int fd, off_t offset)
{
	char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, flags, fd, offset);

	if (pages == MAP_FAILED)
		return NULL;
	if (offset == 0 && !(flags & MAP_PRIVATE && fd >= 0))
		strcpy(pages, "path");
	must(mprotect(pages, 8192, protection), "mprotect");
	return pages;
}

void memory(void)
{
	file("path", 0644, "path");
	file("in-file", 0644, "path");
	int fd = open("in-file", O_RDWR | O_CLOEXEC), zero = open("/dev/zero", O_RDWR | O_CLOEXEC);

	at("memory that is read only", mapped(PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	at("memory of nobody", mapped(PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	at("shared memory", mapped(PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	at("shared memory of nobody", mapped(PROT_NONE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	at("a file", mapped(PROT_READ, MAP_SHARED, fd, 0));
	at("a file, privately", mapped(PROT_READ, MAP_PRIVATE, fd, 0));
	at("a file, beyond its end", mapped(PROT_READ, MAP_SHARED, fd, 8192));
	at("zeros", mapped(PROT_READ, MAP_SHARED, zero, 0));
	at("the vdso", (char *)getauxval(AT_SYSINFO_EHDR));
	at("the vsyscall", (char *)0xffffffffff600000);
	at("program text", (char *)(uintptr_t)at);
}

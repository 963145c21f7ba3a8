/*
 * resources
 *
 * Prints what sysinfo(2) says: total RAM, total swap, uptime, tasks; as a 64-bit call and, if the kernel has them, as one of i386; and
 * what comes of a buffer that is none.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#define NR_sysinfo_i386 116

/* As i386 has it. */
struct sysinfo32 {
	int32_t uptime;
	uint32_t loads[3], totalram, freeram, sharedram, bufferram, totalswap, freeswap;
	uint16_t procs, pad;
	uint32_t totalhigh, freehigh, mem_unit;
	char rest[8];
};

static int sysinfo32(struct sysinfo32 *info)
{
	int result;

	__asm__ volatile("int $0x80" : "=a"(result) : "0"(NR_sysinfo_i386), "b"(info) : "memory", "cc");
	return result;
}

int main(void)
{
	struct sysinfo info;
	struct sysinfo32 *narrow =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	if (sysinfo(&info) < 0 || narrow == MAP_FAILED) {
		perror("sysinfo");
		return 1;
	}
	printf("total %lu, in use %s, swap %lu, younger than a minute %s\n", info.totalram * info.mem_unit,
	       info.freeram < info.totalram ? "some" : "none", info.totalswap * info.mem_unit, info.uptime < 60 ? "yes" : "no");
	int result = sysinfo32(narrow);
	if (result == -ENOSYS)
		puts("no i386");
	else
		printf("i386: %d, total %lu in units of %u\n", result, (unsigned long)narrow->totalram * narrow->mem_unit,
		       narrow->mem_unit);
	printf("no buffer: %s\n", syscall(SYS_sysinfo, NULL) < 0 ? strerrorname_np(errno) : "written");
	return 0;
}

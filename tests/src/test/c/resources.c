/*
 * resources
 *
 * Prints what sysinfo(2) says: total RAM, total swap, uptime, tasks; as a 64-bit call and, if the machine has them, as one of i386; and
 * what comes of a buffer that is none.
 */
#include "int80.h"

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
	if (has_int80()) {
		int result = int80(NR_sysinfo_i386, narrow);
		printf("i386: %d, total %lu in units of %u\n", result, (unsigned long)narrow->totalram * narrow->mem_unit,
		       narrow->mem_unit);
	}
	printf("no buffer: %s\n", syscall(SYS_sysinfo, NULL) < 0 ? strerrorname_np(errno) : "written");
	return 0;
}

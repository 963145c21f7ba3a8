/* The calls themselves, without what libc makes of them; each returns its result or -errno. */
#ifndef CALLS_H
#define CALLS_H

#include "changes.h"

#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Those that are newer than some headers; they have one number everywhere. */
enum {
	NR_fchmodat2 = 452,
	NR_setxattrat = 463,
	NR_removexattrat = 466,
	NR_file_setattr = 469,
};

struct xattr_arguments {
	_Alignas(8) uint64_t value;
	uint32_t size;
	uint32_t flags;
};

struct file_attributes {
	uint64_t xflags;
	uint32_t extsize, nextents, projid, cowextsize;
};

#define CALL(...) result(syscall(__VA_ARGS__))

#endif

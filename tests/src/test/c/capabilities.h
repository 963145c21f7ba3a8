/* Becoming somebody with certain capabilities, for good. */
#ifndef CAPABILITIES_H
#define CAPABILITIES_H

#include <err.h>
#include <linux/capability.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static inline void set_capabilities(uint64_t set)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { { (uint32_t)set, (uint32_t)set, 0 },
						  { (uint32_t)(set >> 32), (uint32_t)(set >> 32), 0 } };

	if (syscall(SYS_capset, &header, data) < 0)
		err(1, "capset");
}

static inline void become(uid_t uid, uint64_t capabilities)
{
	if (prctl(PR_SET_KEEPCAPS, 1) < 0 || setresgid(uid, uid, uid) < 0 || setresuid(uid, uid, uid) < 0)
		err(1, "become user %u", uid);
	set_capabilities(capabilities);
}

#endif

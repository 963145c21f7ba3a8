/* Programs of bpf(2) for devices: what the cases load, and how. */
#ifndef PROGRAMS_H
#define PROGRAMS_H

#include "cases.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>

#define FOREIGN_PROGRAM 8
#define FOREIGN_CGROUP 9
#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

#define CODE(op, dst, src, offset, value) { .code = (op), .dst_reg = (dst), .src_reg = (src), .off = (offset), .imm = (value) }
#define ANSWER(number) CODE(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, number), CODE(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)

static const struct bpf_insn all[] = { ANSWER(1) };

static inline long bpf(int command, void *attr, unsigned size)
{
	return syscall(SYS_bpf, command, attr, size);
}

static inline long say(const char *what, long result)
{
	if (result < 0)
		printf("%s %s\n", what, strerrorname_np(errno));
	else
		printf("%s 0\n", what);
	return result;
}

static inline union bpf_attr program(const struct bpf_insn *code, size_t count)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof attr);
	attr.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
	attr.insns = (uintptr_t)code;
	attr.insn_cnt = (unsigned)count;
	attr.license = (uintptr_t) "MIT";
	return attr;
}

static inline long load(const struct bpf_insn *code, size_t count)
{
	union bpf_attr attr = program(code, count);

	return bpf(BPF_PROG_LOAD, &attr, sizeof attr);
}

static inline long attach(int command, int cgroup, long prog, unsigned flags, long replaced)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof attr);
	attr.target_fd = (unsigned)cgroup;
	attr.attach_bpf_fd = (unsigned)prog;
	attr.attach_type = BPF_CGROUP_DEVICE;
	attr.attach_flags = flags;
	attr.replace_bpf_fd = (unsigned)replaced;
	return bpf(command, &attr, sizeof attr);
}

/* What the kernel refuses, and what we do. */
void refused(void);

#endif

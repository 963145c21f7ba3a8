#include "programs.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>

static const struct bpf_insn nothing_set[] = { CODE(BPF_JMP | BPF_EXIT, 0, 0, 0, 0) };
static const struct bpf_insn calls[] = { CODE(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_ktime_get_ns), ANSWER(1) };
static const struct bpf_insn loops[] = { CODE(BPF_JMP | BPF_JA, 0, 0, -1, 0), ANSWER(1) };
static const struct bpf_insn maps[] = { CODE(BPF_LD | BPF_IMM | BPF_DW, 1, BPF_PSEUDO_MAP_FD, 0, 3), CODE(0, 0, 0, 0, 0), ANSWER(1) };
static const struct bpf_insn stores[] = { CODE(BPF_ST | BPF_MEM | BPF_DW, 10, 0, -8, 1), ANSWER(1) };
static const struct bpf_insn half[] = { ANSWER(1), CODE(BPF_LD | BPF_IMM | BPF_DW, 1, 0, 0, 3) };


static char log_text[4096];

void refused(void)
{
	char page[4096] = "";
	char *unmapped = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) + 4096;
	union bpf_attr good = program(all, LENGTH(all)), attr = good;

	must(munmap(unmapped, 4096), "munmap");
	attr.prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
	say("another type", bpf(BPF_PROG_LOAD, &attr, sizeof attr));
	attr.prog_type = BPF_PROG_TYPE_CGROUP_SKB;
	attr.insn_cnt = 3;
	say("a program for the network", bpf(BPF_PROG_LOAD, &attr, sizeof attr));
	attr.insn_cnt = LENGTH(all);
	long trial = say("one that does nothing", bpf(BPF_PROG_LOAD, &attr, sizeof attr));
	int own = open("/mnt", O_RDONLY | O_CLOEXEC);
	say("cannot be attached", attach(BPF_PROG_ATTACH, own, trial, BPF_F_ALLOW_MULTI, 0));
	memset(&attr, 0, sizeof attr);
	attr.target_fd = (unsigned)own;
	attr.attach_bpf_fd = (unsigned)trial;
	attr.attach_type = BPF_CGROUP_INET_INGRESS;
	attr.attach_flags = BPF_F_ALLOW_MULTI;
	say("nor as what it is", bpf(BPF_PROG_ATTACH, &attr, sizeof attr));
	close(own);
	close((int)trial);
	say("no size", bpf(BPF_PROG_LOAD, &good, 0));
	say("size 1", bpf(BPF_PROG_LOAD, &good, 1));
	say("size 65536", bpf(BPF_PROG_LOAD, &good, 65536));
	say("size 2^31", bpf(BPF_PROG_LOAD, &good, 1u << 31));
	memcpy(page, &good, sizeof good);
	long fd = say("a page", bpf(BPF_PROG_LOAD, page, sizeof page));
	close((int)fd);
	page[4095] = 1;
	say("a page with something behind", bpf(BPF_PROG_LOAD, page, sizeof page));
	memcpy(unmapped - 8, &good, 8);
	say("attributes that end", bpf(BPF_PROG_LOAD, unmapped - 8, sizeof good));
	say("no attributes", bpf(BPF_PROG_LOAD, NULL, sizeof good));
	static const unsigned counts[] = { 0, 4097, 65536, 1u << 31 };
	for (size_t i = 0; i < LENGTH(counts); i++) {
		attr = good;
		attr.insn_cnt = counts[i];
		printf("%u instructions: ", counts[i]);
		say("load", bpf(BPF_PROG_LOAD, &attr, sizeof attr));
	}
	attr = good;
	attr.insns = 0;
	say("no instructions", bpf(BPF_PROG_LOAD, &attr, sizeof attr));
	attr.insns = (uintptr_t)unmapped - 8;
	say("instructions that end", bpf(BPF_PROG_LOAD, &attr, sizeof attr));
	attr = good;
	attr.license = 0;
	say("no license", bpf(BPF_PROG_LOAD, &attr, sizeof attr));
	memset(unmapped - 64, 'x', 64);
	attr.license = (uintptr_t)unmapped - 64;
	say("a license that ends", bpf(BPF_PROG_LOAD, &attr, sizeof attr));
	attr = good;
	attr.prog_flags = BPF_F_SLEEPABLE;
	say("flags", bpf(BPF_PROG_LOAD, &attr, sizeof attr));
	attr = good;
	attr.prog_btf_fd = 3;
	say("types", bpf(BPF_PROG_LOAD, &attr, sizeof attr));
	attr = good;
	strcpy(attr.prog_name, "a b");
	say("a wrong name", bpf(BPF_PROG_LOAD, &attr, sizeof attr));
	say("a call", load(calls, LENGTH(calls)));
	say("a loop", load(loops, LENGTH(loops)));
	say("a map", load(maps, LENGTH(maps)));
	say("a store", load(stores, LENGTH(stores)));
	say("half an instruction", load(half, LENGTH(half)));
	attr = program(nothing_set, LENGTH(nothing_set));
	attr.log_level = 1;
	attr.log_size = sizeof log_text;
	attr.log_buf = (uintptr_t)log_text;
	say("no answer", bpf(BPF_PROG_LOAD, &attr, sizeof attr));
	printf("the log %s\n", strstr(log_text, "R0 !read_ok") ? "says why" : log_text);
	attr.log_buf = (uintptr_t)unmapped;
	say("a log that is nowhere", bpf(BPF_PROG_LOAD, &attr, sizeof attr));
	attr.log_buf = 0;
	attr.log_size = 0;
	say("a log of no size", bpf(BPF_PROG_LOAD, &attr, sizeof attr));
	attr.log_size = 1u << 30;
	attr.log_buf = (uintptr_t)log_text;
	say("a log that is too long", bpf(BPF_PROG_LOAD, &attr, sizeof attr));
	attr = program(all, LENGTH(all));
	attr.log_level = 2;
	attr.log_size = 1u << 29;
	attr.log_buf = (uintptr_t)log_text;
	fd = say("with a log", bpf(BPF_PROG_LOAD, &attr, sizeof attr));
	printf("the log %s\n", strstr(log_text, "processed 2 insns") ? "says how" : log_text);
	close((int)fd);
}

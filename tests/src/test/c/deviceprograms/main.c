/*
 * deviceprograms [-n]
 *
 * Loads programs for devices and attaches them to cgroups as root of a container that a cgroup of version 2 was delegated to; prints a line
 * for each case, WHAT RESULT. Descriptor 9 is the directory of a cgroup that is another's, descriptor 8 a program of the machine's.
 *
 * deviceprograms -n
 *
 * Only loads one.
 *
 * deviceprograms -t
 *
 * Attaches one that allows everything to the cgroup of the container and to one below, and looks at what there is in that.
 *
 * deviceprograms -a FLAGS DIRECTORY
 *
 * Attaches one that forbids /dev/zero to a cgroup.
 *
 * deviceprograms -m COMMAND [ARGUMENT]...
 *
 * Loads one, and executes a command that has it as descriptor 8.
 */
#include "programs.h"

#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>

/* All but c 1:5, which is /dev/zero. */
static const struct bpf_insn no_zero[] = {
	CODE(BPF_LDX | BPF_MEM | BPF_W, 2, 1, 4, 0), /* major */
	CODE(BPF_LDX | BPF_MEM | BPF_W, 3, 1, 8, 0), /* minor */
	CODE(BPF_JMP | BPF_JNE | BPF_K, 2, 0, 2, 1),
	CODE(BPF_JMP | BPF_JNE | BPF_K, 3, 0, 1, 5),
	CODE(BPF_JMP | BPF_JA, 0, 0, 2, 0),
	ANSWER(1),
	ANSWER(0),
};

static void look(const char *what)
{
	printf("%s:", what);
	for (const char *const *file = (const char *const[]){ "/dev/zero", "/dev/null", NULL }; *file; file++) {
		int fd = open(*file, O_RDONLY | O_CLOEXEC);
		printf(" %s %s", *file, fd < 0 ? strerrorname_np(errno) : "opened");
		if (fd >= 0)
			close(fd);
	}
	printf("\n");
}

static int make(const char *path)
{
	must(mkdir(path, 0755), path);
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	must(fd, path);
	return fd;
}

static void enter(const char *procs)
{
	int fd = open(procs, O_WRONLY | O_CLOEXEC);

	must(fd, procs);
	must(write(fd, "0", 1), procs);
	must(close(fd), procs);
}

static unsigned query(int cgroup, unsigned *ids, unsigned room)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof attr);
	attr.query.target_fd = (unsigned)cgroup;
	attr.query.attach_type = BPF_CGROUP_DEVICE;
	attr.query.prog_ids = (uintptr_t)ids;
	attr.query.prog_cnt = room;
	long result = bpf(BPF_PROG_QUERY, &attr, sizeof attr);
	printf("%s, %u programs, flags %u\n", result < 0 ? strerrorname_np(errno) : "0", attr.query.prog_cnt, attr.query.attach_flags);
	return attr.query.prog_cnt;
}

/* By its number, and what is known of it. */
static long again(unsigned id)
{
	struct bpf_prog_info info;
	union bpf_attr attr;

	memset(&attr, 0, sizeof attr);
	attr.prog_id = id;
	long fd = say("by its number", bpf(BPF_PROG_GET_FD_BY_ID, &attr, sizeof attr));
	memset(&attr, 0, sizeof attr);
	memset(&info, 0, sizeof info);
	attr.info.bpf_fd = (unsigned)fd;
	attr.info.info_len = sizeof info;
	attr.info.info = (uintptr_t)&info;
	say("its information", bpf(BPF_OBJ_GET_INFO_BY_FD, &attr, sizeof attr));
	printf("type %u, %s, %u bytes, called %s\n", info.type, info.id == id ? "that number" : "another number", attr.info.info_len, info.name);
	memset(&attr, 0, sizeof attr);
	attr.prog_id = 1;
	say("another's by its number", bpf(BPF_PROG_GET_FD_BY_ID, &attr, sizeof attr));
	return fd;
}

static void decides(int inner)
{
	unsigned ids[4] = { 0 };
	union bpf_attr attr = program(no_zero, LENGTH(no_zero));

	strcpy(attr.prog_name, "no_zero");
	long denying = say("load", bpf(BPF_PROG_LOAD, &attr, sizeof attr));
	printf("close-on-exec %d\n", fcntl((int)denying, F_GETFD));
	look("before");
	say("attach", attach(BPF_PROG_ATTACH, inner, denying, BPF_F_ALLOW_MULTI, 0));
	enter("/mnt/inner/cgroup.procs");
	look("attached");
	query(inner, NULL, 0);
	query(inner, ids, LENGTH(ids));
	long allowing = say("load another", load(all, LENGTH(all)));
	say("attach another", attach(BPF_PROG_ATTACH, inner, allowing, BPF_F_ALLOW_MULTI, 0));
	look("both count");
	query(inner, ids + 1, 1);
	say("attach it again", attach(BPF_PROG_ATTACH, inner, allowing, BPF_F_ALLOW_MULTI, 0));
	close((int)denying);
	denying = again(ids[0]);
	say("detach", attach(BPF_PROG_DETACH, inner, denying, 0, 0));
	look("detached");
	say("detach again", attach(BPF_PROG_DETACH, inner, denying, 0, 0));
	say("replace", attach(BPF_PROG_ATTACH, inner, denying, BPF_F_ALLOW_MULTI | BPF_F_REPLACE, allowing));
	look("replaced");
	say("detach at last", attach(BPF_PROG_DETACH, inner, denying, 0, 0));
	close((int)denying);
	close((int)allowing);
}

static void elsewhere(int inner)
{
	union bpf_attr attr;
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC), tmp = open("/tmp", O_RDONLY | O_CLOEXEC);
	int path = open("/mnt/inner", O_PATH | O_CLOEXEC), procs = open("/mnt/inner/cgroup.procs", O_RDONLY | O_CLOEXEC);
	long prog = load(all, LENGTH(all));

	must(prog, "load");
	say("at another's cgroup", attach(BPF_PROG_ATTACH, FOREIGN_CGROUP, prog, BPF_F_ALLOW_MULTI, 0));
	say("from another's cgroup", attach(BPF_PROG_DETACH, FOREIGN_CGROUP, prog, 0, 0));
	printf("another's cgroup: ");
	query(FOREIGN_CGROUP, NULL, 0);
	say("at a device", attach(BPF_PROG_ATTACH, null, prog, BPF_F_ALLOW_MULTI | BPF_F_REPLACE, 0));
	say("at a directory", attach(BPF_PROG_ATTACH, tmp, prog, BPF_F_ALLOW_MULTI, 0));
	say("at a file of a cgroup", attach(BPF_PROG_ATTACH, procs, prog, BPF_F_ALLOW_MULTI, 0));
	say("at nothing", attach(BPF_PROG_ATTACH, -1, prog, BPF_F_ALLOW_MULTI, 0));
	say("no program", attach(BPF_PROG_ATTACH, inner, -1, BPF_F_ALLOW_MULTI, 0));
	say("a file as program", attach(BPF_PROG_ATTACH, inner, null, BPF_F_ALLOW_MULTI, 0));
	say("the machine's program", attach(BPF_PROG_ATTACH, inner, FOREIGN_PROGRAM, BPF_F_ALLOW_MULTI, 0));
	say("the machine's detached", attach(BPF_PROG_DETACH, inner, FOREIGN_PROGRAM, 0, 0));
	say("the machine's replaced", attach(BPF_PROG_ATTACH, inner, prog, BPF_F_ALLOW_MULTI | BPF_F_REPLACE, FOREIGN_PROGRAM));
	say("alone", attach(BPF_PROG_ATTACH, inner, prog, 0, 0));
	say("to be overridden", attach(BPF_PROG_ATTACH, inner, prog, BPF_F_ALLOW_OVERRIDE, 0));
	say("unknown flags", attach(BPF_PROG_ATTACH, inner, prog, 0x4000, 0));
	say("by O_PATH", attach(BPF_PROG_ATTACH, path, prog, BPF_F_ALLOW_MULTI, 0));
	say("detach by O_PATH", attach(BPF_PROG_DETACH, path, prog, 0, 0));
	memset(&attr, 0, sizeof attr);
	attr.link_create.prog_fd = (unsigned)prog;
	attr.link_create.target_fd = FOREIGN_CGROUP;
	attr.link_create.attach_type = BPF_CGROUP_DEVICE;
	say("a link at another's cgroup", bpf(BPF_LINK_CREATE, &attr, sizeof attr));
	rmdir("/mnt/gone");
	int gone = make("/mnt/gone");
	must(rmdir("/mnt/gone"), "rmdir");
	say("at one that was removed", attach(BPF_PROG_ATTACH, gone, prog, BPF_F_ALLOW_MULTI, 0));
	close((int)prog);
}

static void many(void)
{
	long fd = 0, last = 0;
	int count = 0;

	while ((fd = load(all, LENGTH(all))) >= 0) {
		last = fd;
		count++;
	}
	printf("%d programs, then %s\n", count, strerrorname_np(errno));
	must(close((int)last), "close");
	say("once one is closed", load(all, LENGTH(all)));
}

static void unentitled(void)
{
	must(setresuid(1000, 1000, 1000), "setresuid");
	say("by a user", load(all, LENGTH(all)));
}

static void below(void)
{
	must(unshare(CLONE_NEWUSER), "unshare");
	say("in a user namespace below", load(all, LENGTH(all)));
}

static void without_capabilities(void)
{
	must(prctl(PR_CAPBSET_DROP, 21 /* CAP_SYS_ADMIN */, 0, 0, 0), "prctl");
	must(prctl(PR_CAPBSET_DROP, 12 /* CAP_NET_ADMIN */, 0, 0, 0), "prctl");
	execl("/proc/self/exe", "deviceprograms", "-n", NULL);
}

static void allow(void)
{
	long prog = load(all, LENGTH(all));

	must(prog, "load");
	must(mount("none", "/mnt", "cgroup2", 0, NULL), "cgroup2");
	int own = open("/mnt", O_RDONLY | O_CLOEXEC);
	say("attach", attach(BPF_PROG_ATTACH, own, prog, BPF_F_ALLOW_MULTI, 0));
	printf("there: ");
	query(own, NULL, 0);
	if (mkdir("/mnt/inner", 0755) == 0) {
		int inner = open("/mnt/inner", O_RDONLY | O_CLOEXEC);
		say("attach below", attach(BPF_PROG_ATTACH, inner, prog, BPF_F_ALLOW_MULTI, 0));
		enter("/mnt/inner/cgroup.procs");
		look("below");
		enter("/mnt/cgroup.procs");
		must(rmdir("/mnt/inner"), "rmdir");
	}
}

static void forbid(unsigned flags, const char *cgroup)
{
	long prog = load(no_zero, LENGTH(no_zero));

	must(prog, "load");
	must(attach(BPF_PROG_ATTACH, open(cgroup, O_RDONLY | O_CLOEXEC), prog, flags, 0), cgroup);
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "-t") == 0) {
		allow();
		return 0;
	}
	if (argc == 4 && strcmp(argv[1], "-a") == 0) {
		forbid((unsigned)strtoul(argv[2], NULL, 0), argv[3]);
		return 0;
	}
	if (argc > 1 && strcmp(argv[1], "-n") == 0) {
		say("load", load(all, LENGTH(all)));
		return 0;
	}
	if (argc > 2 && strcmp(argv[1], "-m") == 0) {
		long fd = load(all, LENGTH(all));
		must(fd, "load");
		must(dup2((int)fd, FOREIGN_PROGRAM), "dup2");
		execvp(argv[2], argv + 2);
		err(127, "%s", argv[2]);
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	must(mount("none", "/mnt", "cgroup2", 0, NULL), "cgroup2");
	int inner = make("/mnt/inner");
	decides(inner);
	elsewhere(inner);
	refused();
	in_child(unentitled);
	in_child(below);
	in_child(without_capabilities);
	many();
	enter("/mnt/cgroup.procs");
	must(rmdir("/mnt/inner"), "rmdir");
	return 0;
}

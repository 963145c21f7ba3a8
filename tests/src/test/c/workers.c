/*
 * workers SECONDS
 *
 * As root of a container, looks for processes of the supervisor's and attacks each in every way that one process has over another; while
 * a child of its own makes devices, so that there are some. Each way is tried on another child first, where it must succeed. Then it
 * tries to get more for itself. Prints how many ways there are and how many of them succeeded on the child, how many processes were
 * found, and how many attempts were made and won; and each win on standard error. Signals are no way to anything, but where they are
 * permitted they are sent: a device that is said to be made then, and is not, is lost.
 */
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct {
	volatile long made, failed, lost;
} *shared;

static int opens(pid_t pid, const char *name, int flags)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
	int fd = open(path, flags | O_CLOEXEC);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* One that is ending has no memory any more: its files can be opened, and are empty. */
static int reads(pid_t pid, const char *name)
{
	char path[64], byte;

	snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t size = fd < 0 ? -1 : read(fd, &byte, 1);
	if (fd >= 0)
		close(fd);
	return size > 0;
}

static int seize(pid_t pid)
{
	if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) < 0)
		return 0;
	kill(pid, SIGSTOP);
	waitpid(pid, NULL, __WALL);
	ptrace(PTRACE_DETACH, pid, NULL, SIGCONT);
	return 1;
}

/* EFAULT: it was permitted, and there is nothing at that address. */
static int transfer(pid_t pid, ssize_t (*call)(pid_t, const struct iovec *, unsigned long, const struct iovec *, unsigned long,
						unsigned long))
{
	char byte = 0;
	struct iovec here = { &byte, 1 }, there = { (void *)8, 1 };

	return call(pid, &here, 1, &there, 1, 0) >= 0 || errno == EFAULT;
}

static int vm_read(pid_t pid) { return transfer(pid, process_vm_readv); }
static int vm_write(pid_t pid) { return transfer(pid, process_vm_writev); }
static int memory(pid_t pid) { return opens(pid, "mem", O_RDWR); }
static int memory_to_read(pid_t pid) { return opens(pid, "mem", O_RDONLY); }
static int maps(pid_t pid) { return reads(pid, "maps"); }
static int environment(pid_t pid) { return reads(pid, "environ"); }
static int auxiliary(pid_t pid) { return reads(pid, "auxv"); }
static int root(pid_t pid) { return opens(pid, "root/", O_PATH); }
static int working_directory(pid_t pid) { return opens(pid, "cwd/", O_PATH); }
static int program(pid_t pid) { return opens(pid, "exe", O_PATH); }
static int descriptors(pid_t pid) { return opens(pid, "fd", O_RDONLY | O_DIRECTORY); }
static int descriptor(pid_t pid) { return opens(pid, "fd/0", O_PATH); }
static int mapped_files(pid_t pid) { return opens(pid, "map_files", O_RDONLY | O_DIRECTORY); }
static int namespace(pid_t pid) { return opens(pid, "ns/mnt", O_RDONLY); }
static int thread_root(pid_t pid)
{
	char name[64];

	snprintf(name, sizeof name, "task/%d/root/", pid);
	return opens(pid, name, O_PATH);
}
static int oom(pid_t pid) { return opens(pid, "oom_score_adj", O_WRONLY); }
static int references(pid_t pid) { return opens(pid, "clear_refs", O_WRONLY); }
static int core(pid_t pid) { return opens(pid, "coredump_filter", O_WRONLY); }
static int compare(pid_t pid) { return syscall(SYS_kcmp, getpid(), pid, KCMP_VM, 0, 0) >= 0; }

static int stolen(pid_t pid)
{
	int process = (int)syscall(SYS_pidfd_open, pid, 0);
	int fd = process < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, process, 0, 0);

	if (process >= 0)
		close(process);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static const struct {
	const char *name;
	int (*try)(pid_t pid);
} ways[] = {
	{ "ptrace", seize },       { "process_vm_readv", vm_read }, { "process_vm_writev", vm_write }, { "mem", memory },
	{ "mem, to read", memory_to_read }, { "maps", maps },       { "environ", environment },        { "auxv", auxiliary },
	{ "root", root },          { "cwd", working_directory },    { "exe", program },                { "fd", descriptors },
	{ "fd/0", descriptor },    { "map_files", mapped_files },   { "ns/mnt", namespace },           { "task/root", thread_root },
	{ "oom_score_adj", oom },  { "clear_refs", references },    { "coredump_filter", core },       { "kcmp", compare },
	{ "pidfd_getfd", stolen },
};
enum { WAYS = sizeof ways / sizeof ways[0], ENOUGH = 1200 };

static int raised_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_CORE, &limit) < 0)
		err(1, "getrlimit");
	limit.rlim_max = 1000;
	limit.rlim_cur = 1000;
	if (setrlimit(RLIMIT_CORE, &limit) < 0)
		err(1, "setrlimit");
	limit.rlim_max = RLIM_INFINITY;
	return setrlimit(RLIMIT_CORE, &limit) == 0;
}

static int lowered_oom(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	int won = fd >= 0 && write(fd, "-1000", 5) == 5;

	if (fd >= 0)
		close(fd);
	return won;
}

static pid_t child(void (*work)(void))
{
	pid_t pid = fork();

	if (pid < 0)
		err(1, "fork");
	if (pid == 0) {
		work();
		_exit(0);
	}
	return pid;
}

static void idle(void)
{
	for (;;)
		pause();
}

static void make_devices(void)
{
	struct stat st;

	for (;;) {
		if (mknod("/tmp/node", S_IFCHR | 0600, makedev(1, 3)) < 0) {
			shared->failed++;
		} else {
			shared->made++;
			shared->lost += lstat("/tmp/node", &st) < 0 || st.st_rdev != makedev(1, 3);
		}
		unlink("/tmp/node");
	}
}

/* The parent of a process, and its name; 0 if there is no such process. */
static pid_t parent_of(pid_t pid, char name[32])
{
	char path[64], line[256];
	pid_t parent = 0;

	snprintf(path, sizeof path, "/proc/%d/stat", pid);
	FILE *file = fopen(path, "re");
	if (!file)
		return 0;
	if (!fgets(line, sizeof line, file) || sscanf(line, "%*d (%31[^)]) %*c %d", name, &parent) != 2)
		parent = 0;
	fclose(file);
	return parent;
}

/* The JVM we descend from; 0 where it cannot be seen. */
static pid_t supervisor(void)
{
	char name[32] = "";
	pid_t pid = getpid(), parent;

	while ((parent = parent_of(pid, name)) > 0 && strcmp(name, "java") != 0)
		pid = parent;
	return parent > 0 ? pid : 0;
}

/* Whether it is our supervisor or a worker of it. Where no supervisor is to be seen, every worker is. */
static int is_theirs(pid_t pid, pid_t ours)
{
	char name[32] = "";
	pid_t parent = parent_of(pid, name);

	return pid == ours || (strcmp(name, "sluice-worker") == 0 && (ours == 0 || parent == ours));
}

static long found, attempts, wins, signals;

static void attack(pid_t pid)
{
	static const int sent[] = { SIGUSR1, SIGSTOP, SIGCONT, SIGSTOP, SIGKILL };

	found++;
	for (int i = 0; i < WAYS; i++, attempts++) {
		if (ways[i].try(pid)) {
			fprintf(stderr, "won: %s of %d\n", ways[i].name, pid);
			wins++;
		}
	}
	if (found % 8 == 0)
		for (size_t i = 0; i < sizeof sent / sizeof sent[0]; i++)
			signals += kill(pid, sent[i]) == 0;
}

static void attack_all(pid_t ours)
{
	DIR *proc = opendir("/proc");

	if (!proc)
		err(1, "/proc");
	for (struct dirent *entry; (entry = readdir(proc));)
		if (atoi(entry->d_name) > 0 && is_theirs(atoi(entry->d_name), ours))
			attack(atoi(entry->d_name));
	closedir(proc);
}

int main(int argc, char **argv)
{
	int control = 0;
	pid_t ours = supervisor();

	if (argc != 2)
		errx(2, "usage: workers SECONDS");
	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		err(1, "mmap");
	pid_t other = child(idle), maker = child(make_devices);
	for (int i = 0; i < WAYS; i++) {
		int won = ways[i].try(other);
		control += won;
		if (!won)
			fprintf(stderr, "%s: not even of a child\n", ways[i].name);
	}
	wins += raised_limit() + lowered_oom();
	attempts += 2;
	/* longer where the machine is busy, and there was not much of it */
	time_t end = time(NULL) + atoi(argv[1]) + 1, last = end + 60;
	while (time(NULL) < end || (ours > 0 && attempts < ENOUGH && time(NULL) < last))
		attack_all(ours);
	kill(maker, SIGKILL);
	kill(other, SIGKILL);
	printf("ways=%d control=%d found=%ld attempts=%ld wins=%ld signals=%ld made=%ld failed=%ld lost=%ld\n", WAYS, control, found,
	       attempts, wins, signals, shared->made, shared->failed, shared->lost);
	return 0;
}

/*
 * Programs that libseccomp makes of profiles, for comparison.
 *
 * Reads, for each profile:
 *   profile DEFAULT-ACTION OPTIMIZE
 *   arch TOKEN                                    any number of times; the native one is there anyway
 *   rule ACTION NAME [REGISTER OPERATOR A B]...   any number of times
 *   end
 * in the numbers of seccomp.h, hexadecimal but for OPTIMIZE, and writes a line: the program in hexadecimal, or
 * "refused ERRNO RULE", or "died SIGNAL" if libseccomp did not survive it. Rules are given as a container runtime does it:
 * those with the default action, and those of unknown calls, are left out.
 */
#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

/* Many times what the largest profile takes. */
#define PATIENCE_MICROSECONDS 200000

struct rule {
	uint32_t action;
	int call;
	unsigned count;
	struct scmp_arg_cmp args[6];
};

static struct rule rules[65536];
static unsigned rule_count;
static uint32_t arches[16];
static unsigned arch_count;

static void die(const char *what)
{
	fprintf(stderr, "libseccomp.c: %s\n", what);
	exit(1);
}

static uint64_t number(char **rest)
{
	char *word = strsep(rest, " ");
	if (!word)
		die("a number is missing");
	return strtoull(word, NULL, 16);
}

static void read_rule(char *rest)
{
	struct rule *rule = &rules[rule_count];
	rule->action = number(&rest);
	rule->call = seccomp_syscall_resolve_name(strsep(&rest, " "));
	for (rule->count = 0; rest; rule->count++) {
		struct scmp_arg_cmp *arg = &rule->args[rule->count];
		arg->arg = number(&rest);
		arg->op = number(&rest);
		arg->datum_a = number(&rest);
		arg->datum_b = number(&rest);
	}
	rule_count++;
}

static void export(uint32_t default_action, int optimize)
{
	struct itimerval patience = { .it_value.tv_usec = PATIENCE_MICROSECONDS };
	if (setitimer(ITIMER_PROF, &patience, NULL))
		die("setitimer");
	scmp_filter_ctx filter = seccomp_init(default_action);
	if (!filter || seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, optimize))
		die("a filter cannot be made");
	for (unsigned i = 0; i < arch_count; i++) {
		int rc = seccomp_arch_add(filter, arches[i]);
		if (rc && rc != -EEXIST)
			die("an architecture cannot be added");
	}
	for (unsigned i = 0; i < rule_count; i++) {
		if (rules[i].action == default_action || rules[i].call == __NR_SCMP_ERROR)
			continue;
		int rc = seccomp_rule_add_array(filter, rules[i].action, rules[i].call, rules[i].count, rules[i].args);
		if (rc) {
			printf("refused %d %u\n", -rc, i);
			return;
		}
	}
	int fd = memfd_create("program", 0);
	int rc = seccomp_export_bpf(filter, fd);
	if (rc) {
		printf("refused %d %u\n", -rc, rule_count);
		return;
	}
	unsigned char byte;
	lseek(fd, 0, SEEK_SET);
	FILE *program = fdopen(fd, "r");
	while (fread(&byte, 1, 1, program) == 1)
		printf("%02x", byte);
	printf("\n");
}

int main(void)
{
	static char line[65536];
	uint32_t default_action = 0;
	int optimize = 0;
	while (fgets(line, sizeof line, stdin)) {
		line[strcspn(line, "\n")] = 0;
		char *rest = line, *word = strsep(&rest, " ");
		if (!strcmp(word, "profile")) {
			default_action = number(&rest);
			optimize = number(&rest);
			arch_count = rule_count = 0;
		} else if (!strcmp(word, "arch")) {
			arches[arch_count++] = number(&rest);
		} else if (!strcmp(word, "rule")) {
			read_rule(rest);
		} else {
			/* in a process of its own, as it may crash or never come back */
			int status;
			pid_t child = fork();
			if (!child) {
				export(default_action, optimize);
				fflush(stdout);
				_exit(0);
			}
			if (child < 0 || waitpid(child, &status, 0) < 0)
				die("fork");
			if (WIFSIGNALED(status))
				printf("died %d\n", WTERMSIG(status));
			else if (WEXITSTATUS(status))
				die("a child failed");
			fflush(stdout);
		}
	}
	return 0;
}

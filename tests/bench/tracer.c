/*
 * ptrace(2) doing what a supervisor does with getppid(2): it answers it with a constant.
 *
 *	tracer strace|seccomp COMMAND [ARGUMENT...]
 *
 * `strace` stops the command at entry and exit of every system call (PTRACE_SYSCALL), as strace(1) does; `seccomp` only where a
 * filter asks for it (SECCOMP_RET_TRACE), the fastest ptrace there is. The command has one thread.
 */
#include "filter.h"
#include "say.h"

#include <elf.h>
#include <errno.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef __x86_64__
#error "tracer knows the registers of x86-64 only"
#endif

enum { ANSWER = 4711 };

static void get_registers(pid_t pid, struct user_regs_struct *registers)
{
	if (ptrace(PTRACE_GETREGS, pid, NULL, registers) < 0)
		die_errno("PTRACE_GETREGS", NULL, errno);
}

/* Has the call that is about to take place return `ANSWER` instead. */
static void answer(pid_t pid, struct user_regs_struct *registers)
{
	registers->orig_rax = (unsigned long long)-1;
	registers->rax = ANSWER;
	if (ptrace(PTRACE_SETREGS, pid, NULL, registers) < 0)
		die_errno("PTRACE_SETREGS", NULL, errno);
}

static int await_stop(pid_t pid, int *status)
{
	if (waitpid(pid, status, __WALL) < 0)
		die_errno("waitpid", NULL, errno);
	return WIFSTOPPED(*status);
}

static int trace(pid_t pid, int by_filter)
{
	struct user_regs_struct registers;
	int status, entering = 1, signal = 0;
	long options = PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC |
		       (by_filter ? PTRACE_O_TRACESECCOMP : 0);
	long resume = by_filter ? PTRACE_CONT : PTRACE_SYSCALL;

	if (!await_stop(pid, &status) || ptrace(PTRACE_SETOPTIONS, pid, NULL, options) < 0)
		die_errno("PTRACE_SETOPTIONS", NULL, errno);
	for (;;) {
		if (ptrace(resume, pid, NULL, signal) < 0)
			die_errno("PTRACE_SYSCALL", NULL, errno);
		if (!await_stop(pid, &status))
			return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
		signal = 0;
		if (WSTOPSIG(status) == (SIGTRAP | 0x80)) {
			get_registers(pid, &registers);
			if (entering && registers.orig_rax == SYS_getppid)
				answer(pid, &registers);
			entering = !entering;
		} else if (status >> 8 == (SIGTRAP | PTRACE_EVENT_SECCOMP << 8)) {
			get_registers(pid, &registers);
			if (registers.orig_rax == SYS_getppid)
				answer(pid, &registers);
		} else if (WSTOPSIG(status) != SIGTRAP) {
			signal = WSTOPSIG(status);
		}
	}
}

int main(int argc, char **argv)
{
	if (argc < 3 || (strcmp(argv[1], "strace") != 0 && strcmp(argv[1], "seccomp") != 0))
		die("usage: tracer strace|seccomp COMMAND [ARGUMENT...]");
	int by_filter = strcmp(argv[1], "seccomp") == 0;
	pid_t child = fork();
	if (child < 0)
		die_errno("fork", NULL, errno);
	if (child > 0)
		return trace(child, by_filter);
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0 || raise(SIGSTOP) != 0)
		die_errno("PTRACE_TRACEME", NULL, errno);
	long rc = by_filter ? filter_install(SECCOMP_RET_TRACE, 0) : 0;
	if (rc < 0)
		die_errno("seccomp", NULL, (int)-rc);
	execv(argv[2], argv + 2);
	die_errno("execve", argv[2], errno);
}

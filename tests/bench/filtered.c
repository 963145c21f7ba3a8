/*
 * Puts a command under a filter.
 *
 *	filtered FILTER COMMAND [ARGUMENT...]
 *
 * FILTER is a file with an array of struct sock_filter.
 */
#include "say.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct sock_filter insns[BPF_MAXINSNS];

int main(int argc, char **argv)
{
	if (argc < 3)
		die("usage: filtered FILTER COMMAND [ARGUMENT...]");
	int fd = open(argv[1], O_RDONLY | O_CLOEXEC);
	ssize_t size = fd < 0 ? -1 : read(fd, insns, sizeof insns);
	if (size < 0)
		die_errno("read", argv[1], errno);

	struct sock_fprog program = { (unsigned short)((size_t)size / sizeof *insns), insns };
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		die_errno("prctl", "PR_SET_NO_NEW_PRIVS", errno);
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0)
		die_errno("seccomp", argv[1], errno);
	execv(argv[2], argv + 2);
	die_errno("execve", argv[2], errno);
}

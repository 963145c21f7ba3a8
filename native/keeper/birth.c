#include "birth.h"

#include "say.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

static void put(const char *name, const char *value)
{
	if (setenv(name, value, 1) < 0)
		die_errno("setenv", name, errno);
}

static void put_number(const char *name, int64_t number)
{
	char text[24];

	snprintf(text, sizeof text, "%lld", (long long)number);
	put(name, text);
}

noreturn void become_agent(const struct birth *birth)
{
	/* without us it could not tell the store anything, and another would be started beside it */
	if (birth->ends_with_keeper && prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		die_errno("prctl", "PR_SET_PDEATHSIG", errno);
	if (getppid() != birth->keeper)
		_exit(EXIT_SLUICE);

	char *names = store_names(birth->store);

	if (!names)
		die_errno("malloc", NULL, ENOMEM);
	put("LISTEN_FDNAMES", names);
	put_number("LISTEN_FDS", (int64_t)birth->store->count);
	put_number("LISTEN_PID", getpid());
	put("NOTIFY_SOCKET", birth->notify_path);
	if (birth->watchdog > 0) {
		put_number("WATCHDOG_USEC", birth->watchdog);
		put_number("WATCHDOG_PID", getpid());
	}
	int rc = store_pass(birth->store);
	if (rc < 0)
		die_errno("dup2", NULL, -rc);
	signal(SIGPIPE, SIG_DFL);
	if (sigprocmask(SIG_SETMASK, &birth->signals, NULL) < 0)
		die_errno("sigprocmask", NULL, errno);
	execvp(birth->command[0], birth->command);
	die_errno("execve", birth->command[0], errno);
}

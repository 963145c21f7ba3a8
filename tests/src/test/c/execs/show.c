/* The program that is executed. */
#include "execs.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <unistd.h>

/* Without 32 and 33, which are the C library's own. */
static unsigned long long signals_of(const char *mask)
{
	return strtoull(mask, NULL, 16) & ~(3ULL << 31);
}

static void show_status(void)
{
	static const char *const wanted[] = { "TracerPid", "SigPnd", "ShdPnd", "SigBlk", "SigIgn", "SigCgt", "Uid", "Gid", "Umask" };
	FILE *status = fopen("/proc/self/status", "re");
	char line[256];

	if (!status)
		return; /* in a root without it */
	while (fgets(line, sizeof line, status)) {
		char *value = strchr(line, '\t');
		if (!value)
			continue;
		*value++ = '\0';
		for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
			if (strncmp(line, wanted[i], strlen(wanted[i])) == 0) {
				if (line[0] == 'S')
					printf(" %s %llx", line, signals_of(value));
				else
					printf(" %s %d", line, atoi(value));
			}
	}
	fclose(status);
}

_Noreturn void show(int argc, char **argv)
{
	char name[16] = "";

	prctl(PR_GET_NAME, name);
	printf("executed");
	for (int i = 0; i < argc; i++)
		printf(" %s", argv[i]);
	for (char **variable = environ; *variable; variable++)
		printf(" %s", *variable);
	printf(" named %s from %s", name, (const char *)getauxval(AT_EXECFN));
	printf(" secure %lu dumpable %d", getauxval(AT_SECURE), prctl(PR_GET_DUMPABLE));
	printf(" fds");
	for (int fd = 0; fd < 100; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			printf(" %d", fd);
	show_status();
	printf("\n");
	exit(7);
}

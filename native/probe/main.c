/*
 * sluice-probe [NAME...]
 *
 * Prints one line a probe, all of them or those named: `name value`, where value is `yes`, a number, or `no ENAME`.
 */
#include "probe.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	long (*run)(void);
	int numeric;
} probes[] = {
	{ "user_notif", probe_user_notif, 0 },	   { "continue", probe_continue, 0 },
	{ "addfd", probe_addfd, 0 },		   { "addfd_send", probe_addfd_send, 0 },
	{ "wait_killable", probe_wait_killable, 0 }, { "sync_wake_up", probe_sync_wake_up, 0 },
	{ "read_memory", probe_read_memory, 0 },   { "pidfd_thread", probe_pidfd_thread, 0 },
	{ "openat2", probe_openat2, 0 },	   { "landlock", probe_landlock, 1 },
	{ "user_namespace", probe_user_namespace, 0 }, { "trace", probe_trace, 0 },
	{ "peer_pidfd", probe_peer_pidfd, 0 },	   { "yama", probe_yama, 1 },
	{ "seccomp_mode", probe_seccomp_mode, 1 },
};

static int wanted(const char *name, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], name) == 0)
			return 1;
	return argc == 1;
}

int main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof probes / sizeof *probes; i++) {
		if (!wanted(probes[i].name, argc, argv))
			continue;
		long value = probes[i].run();
		if (value < 0)
			printf("%s no %s\n", probes[i].name, strerrorname_np((int)-value));
		else if (probes[i].numeric)
			printf("%s %ld\n", probes[i].name, value);
		else
			printf("%s yes\n", probes[i].name);
		fflush(stdout);
	}
	return 0;
}

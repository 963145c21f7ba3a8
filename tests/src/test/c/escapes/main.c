/*
 * escapes DIRECTORY GROUP...
 *
 * Prints a line for each escape of these groups: its name, what came of it and an errno.
 *   reached -        it has a descriptor of the secret, or did what it was for
 *   opened -         it has a descriptor of something else
 *   refused ERRNO    a call failed
 *   broken -         it could not be tried
 * and nothing for what the machine does not have.
 */
#include "escapes.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct stat secret;
static char text[4096];

void broken(const char *what)
{
	fprintf(stderr, "escapes: %s: %s\n", what, strerror(errno));
	exit(1);
}

int result(long returned)
{
	return returned < 0 ? -errno : (int)returned;
}

const char *with_cwd(const char *format)
{
	char cwd[2048];

	if (getcwd(cwd, sizeof cwd) == NULL)
		broken("getcwd");
	snprintf(text, sizeof text, format, cwd);
	return text;
}

const char *with_number(const char *format, int number)
{
	snprintf(text, sizeof text, format, number);
	return text;
}

static void write_file(const char *path, const char *content)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0 || write(fd, content, strlen(content)) < 0 || close(fd) < 0)
		broken(path);
}

void own_namespaces(void)
{
	char uids[64], gids[64];

	snprintf(uids, sizeof uids, "0 %u 1", getuid());
	snprintf(gids, sizeof gids, "0 %u 1", getgid());
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		broken("unshare");
	write_file("/proc/self/setgroups", "deny");
	write_file("/proc/self/uid_map", uids);
	write_file("/proc/self/gid_map", gids);
}

static void report(const struct escape *escape)
{
	int fd = escape->attempt();
	struct stat found;

	if (fd == ABSENT)
		exit(0);
	if (fd < 0)
		printf("%s refused %s\n", escape->name, strerrorname_np(-fd));
	else if (fd == DONE)
		printf("%s reached -\n", escape->name);
	else if (fstat(fd, &found) < 0)
		broken("fstat");
	else
		printf("%s %s -\n", escape->name,
		       found.st_ino == secret.st_ino && found.st_dev == secret.st_dev ? "reached" : "opened");
	exit(0);
}

static void try(const struct escape *escape)
{
	int status;
	pid_t child = fork();

	if (child < 0)
		broken("fork");
	if (child == 0)
		report(escape);
	if (waitpid(child, &status, 0) < 0)
		broken("waitpid");
	if (status != 0)
		printf("%s broken -\n", escape->name);
}

static const struct way *way;
static const struct deed *deed;

static int do_it_there(void)
{
	struct place place = { .dirfd = AT_FDCWD };

	strcpy(place.plain, with_cwd("%s/" PROJECT "/plain"));
	strcpy(place.another, with_cwd("%s/" PROJECT "/another"));
	way->lead(&place);
	return deed->make(&place) < 0 ? result(-1) : DONE;
}

static void try_each(const struct deed *deeds)
{
	char name[64];
	const struct escape escape = { name, do_it_there };

	for (deed = deeds; deed->name != NULL; deed++)
		for (way = WAYS; way->name != NULL; way++) {
			snprintf(name, sizeof name, "%s-%s", deed->name, way->name);
			try(&escape);
		}
}

static const struct {
	const char *name;
	const struct escape *escapes;
	const struct deed *deeds;
} GROUPS[] = {
	{ "paths", PATHS, NULL }, { "calls", CALLS, NULL },	  { "names", NAMES, NULL }, { "mounts", MOUNTS, NULL },
	{ "doors", DOORS, NULL }, { "detached", DETACHED, NULL }, { "changes", NULL, CHANGES }, { "looks", NULL, LOOKS },
};

static void try_group(const char *name)
{
	for (size_t i = 0; i < sizeof GROUPS / sizeof *GROUPS; i++)
		if (strcmp(GROUPS[i].name, name) == 0) {
			for (const struct escape *escape = GROUPS[i].escapes; escape && escape->name; escape++)
				try(escape);
			if (GROUPS[i].deeds)
				try_each(GROUPS[i].deeds);
			return;
		}
	broken(name);
}

int main(int argc, char **argv)
{
	if (argc < 3 || chdir(argv[1]) < 0)
		broken("usage: escapes DIRECTORY GROUP...");
	setvbuf(stdout, NULL, _IOLBF, 0);
	/* where even that is refused, nothing but refusals is expected */
	if (stat(SECRET, &secret) < 0 && errno != EACCES)
		broken(SECRET);
	for (int i = 2; i < argc; i++)
		try_group(argv[i]);
	return 0;
}

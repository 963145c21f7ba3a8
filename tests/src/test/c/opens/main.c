/*
 * opens DIRECTORY [CASES...]
 *
 * Prints the cases of every file here but i386.c and links.c, which mounts, or of those named, in DIRECTORY, which must be empty.
 */
#include "opens.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct {
	const char *name;
	void (*run)(void);
} CASES[] = {
	{ "names", names },	      { "flags", flags }, { "creation", creation }, { "errors", errors }, { "resolve", resolve },
	{ "descriptors", descriptors }, { "proc", proc },   { "threads", threads },   { "roots", roots },
	{ "links", links },	      { "i386", i386 },   { "unlimited", unlimited }, { "undumpable", undumpable },
};

static int wanted(const char *name, char **names, int count)
{
	static const char *const OTHERS[] = { "i386", "unlimited", "links", "undumpable" };

	for (int i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return 1;
	for (size_t i = 0; i < sizeof OTHERS / sizeof *OTHERS; i++)
		if (strcmp(name, OTHERS[i]) == 0)
			return 0;
	return count == 0;
}

int main(int argc, char **argv)
{
	if (argc < 2 || chdir(argv[1]) < 0)
		broken(argc < 2 ? "usage: opens DIRECTORY [CASES...]" : "chdir");
	setvbuf(stdout, NULL, _IONBF, 0);
	umask(022);
	prepare();
	for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
		if (wanted(CASES[i].name, argv + 2, argc - 2)) {
			printf("# %s\n", CASES[i].name);
			in_child(CASES[i].run);
		}
	return 0;
}

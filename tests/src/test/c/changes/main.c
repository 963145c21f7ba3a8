/*
 * changes DIRECTORY CASES...
 *
 * Prints the cases of the files here that are named, in DIRECTORY, which must be empty.
 */
#include "changes.h"

#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
	const char *name;
	void (*run)(void);
} CASES[] = {
	{ "paths", paths },	  { "pairs", pairs },	{ "creation", creation }, { "modes", modes },
	{ "owners", owners },	  { "times", times },	{ "sizes", sizes },	  { "xattrs", xattrs },
	{ "order", order },	  { "descriptors", descriptors }, { "tmpfiles", tmpfiles }, { "places", places },
	{ "threads", threads },	  { "filesystems", filesystems }, { "known", known }, { "i386", i386 },
};

static int open_up(const char *path, const struct stat *file, int type, struct FTW *unused)
{
	(void)unused;
	int closed = (type == FTW_D || type == FTW_DNR) && (file->st_mode & S_IRWXU) != S_IRWXU;

	return closed && chmod(path, 0755) < 0;
}

static int wanted(const char *name, char **names, int count)
{
	for (int i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return 1;
	return 0;
}

int main(int argc, char **argv)
{
	char base[PATH_MAX];

	if (argc < 3 || chdir(argv[1]) < 0 || !getcwd(base, sizeof base))
		broken(argc < 3 ? "usage: changes DIRECTORY CASES..." : "chdir");
	setvbuf(stdout, NULL, _IONBF, 0);
	umask(022);
	prepare();
	for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
		if (wanted(CASES[i].name, argv + 2, argc - 2)) {
			printf("# %s\n", CASES[i].name);
			in_child(CASES[i].run);
		}
	/* whoever removes it need not be root */
	if (chdir(base) < 0 || nftw(".", open_up, 8, FTW_PHYS) != 0)
		broken(base);
	return 0;
}

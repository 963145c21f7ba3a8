#include "toctou.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

const int here = AT_FDCWD;
volatile struct open_how how = { .flags = O_RDONLY };

static char path[] = "allowed/file", magic[64];
static int directory, file;

static void nothing(void)
{
}

/* Byte by byte: the path may be read in the middle of it. */
static void swap_memory(unsigned round)
{
	const char *text = round % 2 ? "denied//file" : "allowed/file";

	for (size_t i = 0; text[i]; i++)
		((volatile char *)path)[i] = text[i];
}

static void swap_how(unsigned round)
{
	static const int FLAGS[] = { O_RDONLY, O_RDWR, O_PATH };

	swap_memory(round);
	how.flags = FLAGS[round / 2 % 3];
}

void point(const char *link, const char *to)
{
	if (symlink(to, "next") < 0 || rename("next", link) < 0)
		broken("symlink");
}

static void swap_symlink(unsigned round)
{
	point("link", round % 2 ? "denied/file" : "allowed/file");
}

static void prepare_symlink(void)
{
	swap_symlink(0);
}

static void swap_directory(unsigned round)
{
	(void)round;
	if (renameat2(AT_FDCWD, "swapped", AT_FDCWD, "allowed", RENAME_EXCHANGE) < 0)
		broken("renameat2");
}

static void prepare_directory(void)
{
	point("swapped", "denied");
}

static void swap_cwd(unsigned round)
{
	if (fchdir(round % 2 ? denied.directory : allowed.directory) < 0)
		broken("fchdir");
}

static void prepare_cwd(void)
{
	swap_cwd(0);
}

static void swap_descriptor(unsigned round)
{
	if (dup2(round % 2 ? denied.directory : allowed.directory, directory) < 0)
		broken("dup2");
}

static void prepare_descriptor(void)
{
	directory = dup(allowed.directory);
	if (directory < 0)
		broken("dup");
	snprintf(magic, sizeof magic, "/proc/self/fd/%d/file", directory);
}

static void swap_file(unsigned round)
{
	if (dup2(round % 2 ? denied.file : allowed.file, file) < 0)
		broken("dup2");
}

static void prepare_file(void)
{
	file = dup(allowed.file);
	if (file < 0)
		broken("dup");
}

static void swap_script(unsigned round)
{
	point("script", round % 2 ? "by-denied" : "by-allowed");
}

/* A script that a file interprets. */
static void write_script(const char *name, const char *interpreter)
{
	FILE *script = fopen(name, "w");

	if (!script || fprintf(script, "#!%s\n", interpreter) < 0 || fclose(script) != 0 || chmod(name, 0755) < 0)
		broken(name);
}

static void prepare_script(void)
{
	write_script("by-allowed", "allowed/file");
	write_script("by-denied", "denied/file");
	swap_script(0);
}

const struct change CHANGES[] = {
	{ "memory", nothing, swap_memory, &here, path },
	{ "how", nothing, swap_how, &here, path },
	{ "symlink", prepare_symlink, swap_symlink, &here, "link" },
	{ "directory", prepare_directory, swap_directory, &here, "allowed/file" },
	{ "cwd", prepare_cwd, swap_cwd, &here, "file" },
	{ "descriptor", prepare_descriptor, swap_descriptor, &directory, "file" },
	{ "magic", prepare_descriptor, swap_descriptor, &here, magic },
	{ "file", prepare_file, swap_file, &file, "" },
	{ "script", prepare_script, swap_script, &here, "script" },
	{ 0 },
};

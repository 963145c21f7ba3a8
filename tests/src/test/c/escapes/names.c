/* Other names for the secret, which a decision by path would not know. What succeeds is taken back. */
#include "escapes.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static int hard_link(void)
{
	unlink(PROJECT "/hard");
	return link(SECRET, PROJECT "/hard") < 0 ? result(-1) : result(open(PROJECT "/hard", O_RDONLY));
}

static int hard_link_at(void)
{
	int home = open("home", O_PATH | O_DIRECTORY);

	unlink(PROJECT "/hard");
	if (linkat(home, "project/../.ssh/id", home, "project/hard", 0) < 0)
		return result(-1);
	return result(open(PROJECT "/hard", O_RDONLY));
}

static int hard_link_of_a_symlink(void)
{
	unlink(PROJECT "/hard");
	unlink(PROJECT "/soft");
	if (symlink("../.ssh/id", PROJECT "/soft") < 0)
		broken("symlink");
	if (linkat(AT_FDCWD, PROJECT "/soft", AT_FDCWD, PROJECT "/hard", AT_SYMLINK_FOLLOW) < 0)
		return result(-1);
	return result(open(PROJECT "/hard", O_RDONLY));
}

/* Opens `path` after `from` has become `to`. */
static int renamed(const char *from, const char *to, unsigned flags, const char *path)
{
	if (renameat2(AT_FDCWD, from, AT_FDCWD, to, flags) < 0)
		return result(-1);
	int fd = result(open(path, O_RDONLY));
	if (renameat2(AT_FDCWD, to, AT_FDCWD, from, flags) < 0)
		broken(to);
	return fd;
}

static int rename_it(void)
{
	return renamed(SECRET, PROJECT "/renamed", 0, PROJECT "/renamed");
}

static int rename_directory(void)
{
	return renamed(SECRET_DIR, PROJECT "/renamed", 0, PROJECT "/renamed/id");
}

static int rename_directory_above(void)
{
	return renamed("home", "renamed", 0, "renamed/.ssh/id");
}

static int exchange(void)
{
	return renamed(SECRET, PROJECT "/plain", RENAME_EXCHANGE, PROJECT "/plain");
}

static int exchange_the_other_way(void)
{
	return renamed(PROJECT "/plain", SECRET, RENAME_EXCHANGE, PROJECT "/plain");
}

static int exchange_directory(void)
{
	return renamed(PROJECT, SECRET_DIR, RENAME_EXCHANGE, PROJECT "/id");
}

const struct escape NAMES[] = {
	{ "link", hard_link },
	{ "linkat", hard_link_at },
	{ "link-of-a-symlink", hard_link_of_a_symlink },
	{ "rename", rename_it },
	{ "rename-directory", rename_directory },
	{ "rename-directory-above", rename_directory_above },
	{ "exchange", exchange },
	{ "exchange-the-other-way", exchange_the_other_way },
	{ "exchange-directory", exchange_directory },
	{ 0 },
};

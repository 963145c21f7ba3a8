/* Changes of what lies in the secret directory. What is not refused is taken back, or changes nothing. */
#include "escapes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { NR_fchmodat2 = 452, NR_setxattrat = 463, NR_removexattrat = 466 };

static long and_back(long made, const struct place *place, int flags)
{
	if (made == 0 && unlinkat(place->dirfd, place->path, flags) < 0)
		broken(place->path);
	return made;
}

static long or_broken(long made)
{
	if (made < 0)
		broken("to take it back");
	return made;
}

static long make_directory(const struct place *there)
{
	struct place new = to(there, "new");

	return and_back(mkdirat(new.dirfd, new.path, 0755), &new, AT_REMOVEDIR);
}

static long make_node(const struct place *there)
{
	struct place new = to(there, "new");

	return and_back(mknodat(new.dirfd, new.path, S_IFIFO | 0600, 0), &new, 0);
}

static long make_link(const struct place *there)
{
	struct place new = to(there, "new");

	return and_back(symlinkat("id", new.dirfd, new.path), &new, 0);
}

static long give_another_name(const struct place *there)
{
	struct place new = to(there, "new");

	return and_back(linkat(AT_FDCWD, there->plain, new.dirfd, new.path, 0), &new, 0);
}

/* Puts a file in place of what is there, by the second path of its call. */
static long replace(const struct place *there)
{
	struct place link = to(there, "link");

	if (linkat(AT_FDCWD, there->plain, AT_FDCWD, there->another, 0) < 0)
		broken(there->another);
	if (renameat2(AT_FDCWD, there->another, link.dirfd, link.path, RENAME_EXCHANGE) < 0) {
		int refused = errno;

		unlink(there->another);
		errno = refused;
		return -1;
	}
	or_broken(renameat2(AT_FDCWD, there->another, link.dirfd, link.path, RENAME_EXCHANGE));
	return or_broken(unlink(there->another));
}

static long remove_file(const struct place *there)
{
	struct place file = to(there, "file");

	if (unlinkat(file.dirfd, file.path, 0) < 0)
		return -1;
	return or_broken(mknodat(file.dirfd, file.path, S_IFREG | 0666, 0));
}

static long remove_directory(const struct place *there)
{
	struct place directory = to(there, "directory");

	if (unlinkat(directory.dirfd, directory.path, AT_REMOVEDIR) < 0)
		return -1;
	return or_broken(mkdirat(directory.dirfd, directory.path, 0777));
}

static long rename_there(const struct place *there)
{
	struct place file = to(there, "file"), new = to(there, "new");

	if (renameat(file.dirfd, file.path, new.dirfd, new.path) < 0)
		return -1;
	return or_broken(renameat(new.dirfd, new.path, file.dirfd, file.path));
}

static long change_size(const struct place *there)
{
	struct place file = to(there, "file");

	if (file.dirfd != AT_FDCWD && fchdir(file.dirfd) < 0)
		broken("fchdir");
	return truncate(file.path, 0);
}

static long change_mode(const struct place *there)
{
	struct place file = to(there, "file");

	return fchmodat(file.dirfd, file.path, 0666, 0);
}

static long change_mode_of_itself(const struct place *there)
{
	struct place file = to(there, "file");

	return syscall(NR_fchmodat2, file.dirfd, file.path, 0666, AT_SYMLINK_NOFOLLOW);
}

static long change_owner(const struct place *there)
{
	struct place file = to(there, "file");

	return fchownat(file.dirfd, file.path, (uid_t)-1, (gid_t)-1, 0);
}

static long change_times(const struct place *there)
{
	struct place file = to(there, "file");

	return utimensat(file.dirfd, file.path, NULL, AT_SYMLINK_NOFOLLOW);
}

static long change_attribute(const struct place *there)
{
	struct {
		_Alignas(8) uint64_t value;
		uint32_t size, flags;
	} value = { .value = (uintptr_t)"x", .size = 1 };
	struct place file = to(there, "file");

	if (syscall(NR_setxattrat, file.dirfd, file.path, 0, "user.name", &value, sizeof value) < 0)
		return -1;
	return or_broken(syscall(NR_removexattrat, file.dirfd, file.path, 0, "user.name"));
}

const struct deed CHANGES[] = {
	{ "mkdirat", make_directory },	{ "mknodat", make_node },      { "symlinkat", make_link },
	{ "linkat", give_another_name }, { "unlinkat", remove_file },	{ "rmdir", remove_directory },
	{ "renameat", rename_there },	{ "replace", replace },	{ "truncate", change_size },	{ "fchmodat", change_mode },
	{ "fchmodat2", change_mode_of_itself }, { "fchownat", change_owner },	{ "utimensat", change_times },
	{ "setxattrat", change_attribute },
	{ 0 },
};

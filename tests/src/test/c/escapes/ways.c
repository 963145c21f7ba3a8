/* Every kind of way to what lies in the secret directory, for what does not open it. */
#include "escapes.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct place to(const struct place *there, const char *name)
{
	struct place place = *there;

	strcat(strcat(place.path, "/"), name);
	return place;
}

static int descriptor(const char *path)
{
	int fd = open(path, O_PATH | O_DIRECTORY);

	if (fd < 0)
		broken(path);
	return fd;
}

static void relative(struct place *place)
{
	strcpy(place->path, SECRET_DIR);
}

static void absolute(struct place *place)
{
	strcpy(place->path, with_cwd("%s/" SECRET_DIR));
}

static void dots(struct place *place)
{
	strcpy(place->path, "./home//project/.././../home/.ssh/.");
}

static void from_a_directory(struct place *place)
{
	place->dirfd = descriptor(PROJECT);
	strcpy(place->path, "../.ssh");
}

static void through_a_link(struct place *place)
{
	unlink(PROJECT "/way");
	if (symlink("../.ssh", PROJECT "/way") < 0)
		broken("symlink");
	strcpy(place->path, PROJECT "/way");
}

static void through_proc(struct place *place)
{
	strcpy(place->path, "/proc/self/cwd/" SECRET_DIR);
}

static void through_a_descriptor(struct place *place)
{
	strcpy(place->path, with_number("/proc/self/fd/%d/.ssh", descriptor("home")));
}

static void from_there(struct place *place)
{
	if (chdir(SECRET_DIR) < 0)
		broken("chdir");
	strcpy(place->path, ".");
}

const struct way WAYS[] = {
	{ "relative", relative },
	{ "absolute", absolute },
	{ "dots", dots },
	{ "from-a-directory", from_a_directory },
	{ "through-a-link", through_a_link },
	{ "through-proc", through_proc },
	{ "through-a-descriptor", through_a_descriptor },
	{ "from-there", from_there },
	{ 0 },
};

/*
 * effects DIRECTORY [CASES...]
 *
 * Prints the cases of every file here, or of those named, in DIRECTORY, which must be empty.
 */
#include "effects.h"

#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>

static const struct {
	const char *name;
	void (*run)(void);
} CASES[] = {
	{ "events", events }, { "locks", locks },	{ "room", room }, { "links", links },
	{ "reopens", reopens }, { "memory", memory }, { "bits", bits }, { "restricted", restricted },
};

long show(long returned, const char *format, ...)
{
	int error = errno;
	va_list arguments;

	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	printf(": %s\n", returned < 0 ? strerrorname_np(error) : "done");
	errno = error;
	return returned;
}

void file(const char *path, unsigned mode, const char *text)
{
	unlink(path);
	int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);

	must(fd, path);
	must(write(fd, text, strlen(text)), path);
	must(fchmod(fd, mode), path);
	close(fd);
}

static int wanted(const char *name, char **names, int count)
{
	for (int i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return 1;
	return count == 0;
}

int main(int argc, char **argv)
{
	must(argc < 2 ? -1 : chdir(argv[1]), "usage: effects DIRECTORY [CASES...]");
	setvbuf(stdout, NULL, _IONBF, 0);
	umask(022);
	for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
		if (wanted(CASES[i].name, argv + 2, argc - 2)) {
			current = CASES[i].name;
			printf("# %s\n", current);
			must(mkdir(current, 0755), current);
			must(chdir(current), current);
			in_child(CASES[i].run);
			must(chdir(".."), current);
		}
	return 0;
}

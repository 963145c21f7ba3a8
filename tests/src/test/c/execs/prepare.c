/* The tree the cases are about. */
#include "execs.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

static void text(const char *path, const char *content, mode_t mode)
{
	int fd = open(path, O_CREAT | O_EXCL | O_WRONLY, 0600);

	if (fd < 0 || write(fd, content, strlen(content)) != (ssize_t)strlen(content) || fchmod(fd, mode) < 0)
		broken(path);
	close(fd);
}

static void copy_of_ourselves(const char *path, mode_t mode)
{
	int from = open("/proc/self/exe", O_RDONLY), to = open(path, O_CREAT | O_EXCL | O_WRONLY, 0700);
	struct stat st;

	if (from < 0 || to < 0 || fstat(from, &st) < 0)
		broken(path);
	while (lseek(from, 0, SEEK_CUR) < st.st_size)
		if (sendfile(to, from, NULL, (size_t)st.st_size) <= 0)
			broken("sendfile");
	if (fchmod(to, mode) < 0)
		broken(path);
	close(from);
	close(to);
}

static void script_of(int level)
{
	char name[16], content[32];

	snprintf(name, sizeof name, "level%d", level);
	snprintf(content, sizeof content, level == 1 ? "#!program\n" : "#!level%d\n", level - 1);
	text(name, content, 0755);
}

void prepare(void)
{
	char line[300];

	copy_of_ourselves("program", 0755);
	copy_of_ourselves("not-executable", 0644);
	text("script", "#!program one two\nrest\n", 0755);
	text("blanks", "#! \t program\tone  two \t\n", 0755);
	text("without-end", "#!program", 0755);
	text("nothing", "#!\n", 0755);
	text("blank", "#!  \n", 0755);
	text("carriage-return", "#!program\r\n", 0755);
	text("missing-interpreter", "#!missing\n", 0755);
	text("interpreter-in-missing", "#!missing/program\n", 0755);
	text("interpreter-not-executable", "#!not-executable\n", 0755);
	text("interpreter-a-directory", "#!directory\n", 0755);
	text("interpreter-a-link", "#!link\n", 0755);
	text("interpreter-itself", "#!interpreter-itself\n", 0755);
	memset(line, 'x', sizeof line);
	memcpy(line, "#!program ", strlen("#!program "));
	line[sizeof line - 1] = '\0';
	text("long-argument", line, 0755);
	line[strlen("#!program")] = 'x';
	text("long-name", line, 0755);
	text("quiet", "#!/bin/sh\nexit 7\n", 0755);
	text("text", "echo not a program\n", 0755);
	text("empty", "", 0755);
	for (int level = 1; level <= 7; level++)
		script_of(level);
	if (mkdir("directory", 0755) < 0 || mkdir("locked", 0000) < 0 || mkfifo("fifo", 0755) < 0)
		broken("mkdir");
	if (symlink("program", "link") < 0 || symlink("loop", "loop") < 0 || symlink("missing", "dangling") < 0 ||
	    symlink("script", "script-link") < 0)
		broken("symlink");
}

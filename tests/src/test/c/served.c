/*
 * served TYPE IMAGE [flags]
 *
 * Mounts an image on the directory "mounted", and tries what its user might. In it are "file", and "null", the device. Prints a line
 * for each attempt, with the errno or "done". Stays mounted if FLAGS is `stay`; writes to it if FLAGS is `write`.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

static long say(const char *what, long result)
{
	printf("%s %s\n", what, result < 0 ? strerrorname_np(errno) : "done");
	return result;
}

static void say_content(void)
{
	char content[64] = "";
	int fd = open("mounted/file", O_RDONLY | O_CLOEXEC);

	if (say("read", fd < 0 ? fd : read(fd, content, sizeof content - 1)) >= 0)
		printf("content %s\n", content);
	close(fd);
}

int main(int argc, char **argv)
{
	const char *how = argc > 3 ? argv[3] : "";
	struct stat status;
	struct statfs system;

	if (argc < 3)
		return 2;
	if (mkdir("mounted", 0755) < 0 && errno != EEXIST)
		return 1;
	if (say("mount", mount(argv[2], "mounted", argv[1], 0, strcmp(how, "option") == 0 ? "noload" : NULL)) < 0)
		return 0;
	if (statfs("mounted", &system) == 0)
		printf("type %lx\n", (long)system.f_type);
	say_content();
	if (say("status", stat("mounted/file", &status)) == 0)
		printf("owner %u\n", status.st_uid);
	say("open of a device", open("mounted/null", O_RDONLY | O_CLOEXEC));
	int fd = open("mounted/new", O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
	say("write", fd < 0 ? fd : write(fd, "new", 3));
	close(fd);
	if (strcmp(how, "stay") == 0)
		return 0;
	say("umount", umount2("mounted", 0));
	say("umount", umount2("mounted", 0));
	return 0;
}

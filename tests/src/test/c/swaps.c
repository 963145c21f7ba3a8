/*
 * swaps SECONDS
 *
 * A user of a container, who may make devices, but nothing in `/tmp/closed`, has a path lead there every other moment: by a symbolic link
 * or a directory in the middle, by the string itself, by what lies at its last name. Each way goes on, for half a minute at most, until
 * there were enough calls and one of them made a node. Prints for each way how many calls were made and how many made a node where it may
 * be made, and for all how many made one in the closed directory.
 */
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

static char path[] = "open/node";
static _Atomic int stop, way;
enum { LINK, DIRECTORY, STRING, NAME, WAYS };
enum { ENOUGH = 25, PATIENCE = 30 };
static const char *const names[] = { "link", "directory", "string", "name" };

static void must(long result, const char *what)
{
	if (result < 0)
		err(1, "%s", what);
}

static void *swap(void *unused)
{
	(void)unused;
	for (unsigned i = 0; !stop; i++) {
		switch (way) {
		case LINK:
			renameat2(AT_FDCWD, "to-open", AT_FDCWD, "to-closed", RENAME_EXCHANGE);
			break;
		case DIRECTORY: /* a directory, and a link in its place */
			renameat2(AT_FDCWD, "directory", AT_FDCWD, "to-closed-too", RENAME_EXCHANGE);
			break;
		case STRING:
			memcpy(path, i % 2 ? "clos/node" : "open/node", sizeof path);
			break;
		default: /* what lies there is a link to where nothing lies yet */
			unlink("open/node");
			if (symlink("/tmp/closed/node", "open/node") == 0)
				unlink("open/node");
		}
	}
	return NULL;
}

static long nodes(const char *directory)
{
	long count = 0;
	DIR *dir = opendir(directory);

	if (!dir)
		err(1, "%s", directory);
	for (struct dirent *entry; (entry = readdir(dir));)
		count += entry->d_name[0] != '.';
	closedir(dir);
	return count;
}

/* As a user with nothing but the capability to make devices. */
static void become_user(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { { 1u << CAP_MKNOD, 1u << CAP_MKNOD, 0 }, { 0, 0, 0 } };

	must(prctl(PR_SET_KEEPCAPS, 1), "prctl");
	must(setresgid(1000, 1000, 1000), "setresgid");
	must(setresuid(1000, 1000, 1000), "setresuid");
	must(syscall(SYS_capset, &header, data), "capset");
}

static void prepare(void)
{
	must(mkdir("/tmp/closed", 0755), "closed");
	become_user();
	must(mkdir("/tmp/mine", 0755), "mine");
	must(chdir("/tmp/mine"), "mine");
	must(mkdir("open", 0755), "open");
	must(mkdir("directory", 0755), "directory");
	must(symlink("open", "to-open"), "to-open");
	must(symlink("/tmp/closed", "to-closed"), "to-closed");
	must(symlink("/tmp/closed", "to-closed-too"), "to-closed-too");
	must(symlink("/tmp/closed", "clos"), "clos");
}

static const char *path_of(int of)
{
	static const char *const paths[] = { "to-open/node", "directory/node", path, "open/node" };

	return paths[of];
}

int main(int argc, char **argv)
{
	pthread_t thread;
	long attempts = 0, all = 0;

	if (argc != 2)
		errx(2, "usage: swaps SECONDS");
	prepare();
	if (pthread_create(&thread, NULL, swap, NULL) != 0)
		errx(1, "pthread_create");
	for (int of = 0; of < WAYS; of++, attempts = 0) {
		long made = 0;

		way = of;
		time_t end = time(NULL) + atoi(argv[1]) + 1;
		for (; time(NULL) < end || ((made == 0 || attempts <= ENOUGH) && time(NULL) < end + PATIENCE); attempts++) {
			made += syscall(SYS_mknod, path_of(of), S_IFCHR | 0600, makedev(1, 3)) == 0;
			unlink("open/node");
			unlink("directory/node");
		}
		printf("%s: attempts=%ld made=%ld\n", names[of], attempts, made);
		all += attempts;
	}
	stop = 1;
	if (pthread_join(thread, NULL) != 0)
		errx(1, "pthread_join");
	printf("swaps=%ld wins=%ld\n", all, nodes("/tmp/closed"));
	return 0;
}

/*
 * asks FILE
 *
 * Is asked about every open of FILE (fanotify(7), FAN_OPEN_PERM): says so, and allows it when a line of input comes.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/fanotify.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct fanotify_event_metadata event;
	int group;

	if (argc != 2) {
		fputs("usage: asks FILE\n", stderr);
		return 1;
	}
	group = fanotify_init(FAN_CLASS_CONTENT | FAN_CLOEXEC, O_RDONLY);
	if (group < 0 || fanotify_mark(group, FAN_MARK_ADD, FAN_OPEN_PERM, AT_FDCWD, argv[1]) < 0) {
		perror(argv[1]);
		return 1;
	}
	puts("ready");
	fflush(stdout);
	while (read(group, &event, sizeof event) == (ssize_t)sizeof event) {
		struct fanotify_response response = { .fd = event.fd, .response = FAN_ALLOW };
		char line[2];

		puts("asked");
		fflush(stdout);
		if (fgets(line, sizeof line, stdin) == NULL || write(group, &response, sizeof response) < 0)
			return 1;
		close(event.fd);
	}
	perror("fanotify");
	return 1;
}

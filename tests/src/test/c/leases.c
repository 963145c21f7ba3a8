/*
 * leases FILE
 *
 * Holds a lease on FILE (fcntl(2)) until a line of input comes: whoever opens it or changes its size waits. Says when somebody
 * does.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void asked(int signal)
{
	static const char MESSAGE[] = "asked\n";

	(void)signal;
	if (write(1, MESSAGE, sizeof MESSAGE - 1) < 0)
		_exit(1);
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = asked, .sa_flags = SA_RESTART };
	char byte;
	int fd;

	if (argc != 2) {
		fputs("usage: leases FILE\n", stderr);
		return 1;
	}
	if (sigaction(SIGIO, &action, NULL) < 0 || (fd = open(argv[1], O_RDWR)) < 0 || fcntl(fd, F_SETLEASE, F_WRLCK) < 0) {
		perror(argv[1]);
		return 1;
	}
	puts("leased");
	fflush(stdout);
	return read(0, &byte, 1) < 0;
}

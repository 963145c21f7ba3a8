#include "standard.h"
#include "say.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

void standard_open(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
			die_errno("open", "/dev/null", errno);
}

/* What the process itself is short of. */
#include "opens.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

void errors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		broken("getrlimit");
	limit.rlim_cur = 3;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		broken("setrlimit");
	each("without room for a descriptor", "file", O_RDONLY, 0);
	limit.rlim_cur = 4;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		broken("setrlimit");
	each("with room for one descriptor", "file", O_RDONLY, 0);
	show("with room for one descriptor: creat", sys_creat("dir/one", 0600));

	/* a directory that is gone */
	if (mkdir("gone", 0755) < 0 || chdir("gone") < 0 || rmdir("../gone") < 0)
		broken("gone");
	each("a file in a directory that is gone", "file", O_RDONLY, 0);
	each("a new file in a directory that is gone", "file", O_CREAT | O_RDWR, 0644);
	each("the directory that is gone", ".", O_RDONLY, 0);
	each("above the directory that is gone", "..", O_RDONLY | O_DIRECTORY, 0);
	each("/proc/self/cwd of a directory that is gone", "/proc/self/cwd", O_RDONLY, 0);
	if (chdir("..") < 0 || mkdir("unsearchable", 0700) < 0 || chdir("unsearchable") < 0 || chmod(".", 0600) < 0)
		broken("unsearchable");
	each("a new file in a directory without search permission", "new", O_CREAT | O_RDWR, 0644);
	each("a new file with a slash there", "new/", O_CREAT | O_RDWR, 0644);
	show("creat with a slash there", sys_creat("new//", 0644));
}

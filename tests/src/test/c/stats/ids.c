/* Who asks: access(2) goes by the real ids, all others by the effective ones. */
#include "stats.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SOMEBODY = 4747, ANYBODY = 4848 };

static void ask(const char *who)
{
	static const char *const PATHS[] = { "file", "mine",	"closed", "program", "dir/inner", "locked/x", "searchable/x",
					     "/",    "/dev/null", "locked", "owned",  "grouped",   "private/file" };
	static const int MODES[] = { F_OK, R_OK, W_OK, X_OK };
	char what[128];

	for (size_t i = 0; i < sizeof PATHS / sizeof *PATHS; i++) {
		snprintf(what, sizeof what, "%s, %s", who, PATHS[i]);
		for (size_t m = 0; m < sizeof MODES / sizeof *MODES; m++) {
			access_case(what, SYS_access, AT_FDCWD, PATHS[i], MODES[m], 0);
			access_case(what, SYS_faccessat, AT_FDCWD, PATHS[i], MODES[m], 0);
			access_case(what, SYS_faccessat2, AT_FDCWD, PATHS[i], MODES[m], 0);
			access_case(what, SYS_faccessat2, AT_FDCWD, PATHS[i], MODES[m], AT_EACCESS);
		}
		stat_case(what, SYS_stat, AT_FDCWD, PATHS[i], 0);
		getxattr_case(what, SYS_getxattr, AT_FDCWD, PATHS[i], 0, "user.colour", 100);
	}
	int path = open("closed", O_PATH);
	snprintf(what, sizeof what, "%s, an O_PATH", who);
	access_case(what, SYS_faccessat2, path, "", R_OK, AT_EMPTY_PATH);
	access_case(what, SYS_faccessat2, path, "", R_OK, AT_EMPTY_PATH | AT_EACCESS);
	close(path);
}

static int may(const char *what, int rc)
{
	if (rc < 0)
		printf("%s: %s\n", what, strerrorname_np(errno));
	return rc == 0;
}

static void real_user(void)
{
	if (may("setresuid", setresuid(SOMEBODY, (uid_t)-1, (uid_t)-1)))
		ask("really somebody else");
}

static void effective_user(void)
{
	if (may("setresuid", setresuid((uid_t)-1, SOMEBODY, (uid_t)-1)))
		ask("effectively somebody else");
}

static void user(void)
{
	if (may("setresuid", setresuid(SOMEBODY, SOMEBODY, SOMEBODY)))
		ask("somebody else");
}

static void two_users(void)
{
	if (may("setresuid", setresuid(SOMEBODY, ANYBODY, 0)))
		ask("really one, effectively another");
}

static void file_system_user(void)
{
	setfsuid(SOMEBODY);
	ask("with another fsuid");
}

static void real_group(void)
{
	if (may("setgroups", setgroups(0, NULL)) && may("setresgid", setresgid(SOMEBODY, ANYBODY, 0)) &&
	    may("setresuid", setresuid(SOMEBODY, SOMEBODY, SOMEBODY)))
		ask("really in one group, effectively in another");
}

static void more_groups(void)
{
	const gid_t groups[] = { SOMEBODY, ANYBODY };

	if (may("setgroups", setgroups(2, groups)) && may("setresuid", setresuid(ANYBODY, ANYBODY, ANYBODY)))
		ask("in more groups");
}

static int capabilities(unsigned effective, unsigned permitted)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2] = { { effective, permitted, 0 }, { 0, 0, 0 } };

	return (int)syscall(SYS_capset, &header, data);
}

static void no_capabilities(void)
{
	if (may("capset", capabilities(0, 0)))
		ask("without capabilities");
}

static void ineffective_capabilities(void)
{
	if (may("capset", capabilities(0, 1 << CAP_DAC_OVERRIDE)))
		ask("with a capability that is only permitted");
}

static void one_capability(void)
{
	unsigned one = 1 << CAP_DAC_READ_SEARCH;

	if (may("capset", capabilities(one, one)))
		ask("with one capability");
}

void ids(void)
{
	static void (*const WHO[])(void) = { real_user,	     effective_user,  user,		       two_users,      file_system_user, real_group,
					     more_groups, no_capabilities, ineffective_capabilities, one_capability };
	int fd = or_broken(open("owned", O_CREAT | O_WRONLY, 0600), "owned");

	close(fd);
	close(or_broken(open("grouped", O_CREAT | O_WRONLY, 0060), "grouped"));
	if (mkdir("private", 0700) < 0 || chmod("grouped", 0060) < 0)
		broken("private");
	close(or_broken(open("private/file", O_CREAT | O_WRONLY, 0666), "private/file"));
	may("chown", chown("owned", SOMEBODY, SOMEBODY));
	may("chown", chown("grouped", 0, SOMEBODY));
	may("chown", chown("private", SOMEBODY, SOMEBODY));
	ask("as it is");
	for (size_t i = 0; i < sizeof WHO / sizeof *WHO; i++)
		in_child(WHO[i]);
}

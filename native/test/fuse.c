/*
 * fuse PROGRAM: what `sluice-fuse` (PROGRAM) gives to the program it executes, when that ends, and what it says of arguments that are
 * none. It reads nothing else; requests of fuse(4) are between the kernel and the program it executes. As another than root only the
 * arguments are tested.
 */
#include "say.h"
#include "test.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define INHERITED 50

static const char *program;
static char image[] = "/tmp/sluice-test-fuse-XXXXXX/image", writable[sizeof image + 1], userns[64];
static int results, messages[2];

struct run {
	pid_t pid;
	int input;
};

static struct run start(const char *user, const char *file, const char *command, const char *argument)
{
	char *words[] = { (char *)program, (char *)user, (char *)file, (char *)command, "-c", (char *)argument, NULL };
	int ends[2];

	CHECK(pipe2(ends, O_CLOEXEC) == 0);
	struct run run = { fork(), ends[1] };
	CHECK(run.pid >= 0);
	if (run.pid == 0) {
		/* neither /proc nor ptrace(2) are there for it in the end */
		setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
		if (dup2(ends[0], STDIN_FILENO) < 0 || dup2(messages[1], STDERR_FILENO) < 0 || dup2(results, INHERITED) < 0)
			_exit(1);
		execv(program, words);
		_exit(1);
	}
	close(ends[0]);
	return run;
}

/* Its wait status. */
static int end(struct run run)
{
	int status;

	CHECK(waitpid(run.pid, &status, 0) == run.pid);
	close(run.input);
	return status;
}

static void says(const char *what)
{
	static char text[65536];
	ssize_t length = read(messages[0], text, sizeof text - 1);

	CHECK(length > 0 && text[length - 1] == '\n');
	text[length] = '\0';
	CHECK(strncmp(text, "sluice: ", 8) == 0);
	if (!strstr(text, what))
		fprintf(stderr, "%s", text);
	CHECK(strstr(text, what));
}

static void refuses(const char *user, const char *file, const char *what)
{
	int status = end(start(user, file, "sh", "exit 0"));

	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SLUICE);
	says(what);
}

static void arguments_that_are_none_are_refused(void)
{
	static char longer[20000];
	struct run run = start("/dev/null", NULL, NULL, NULL);
	int status = end(run);

	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SLUICE);
	says("usage");
	memset(longer, 'x', sizeof longer - 1);
	refuses("", image, "ENOENT");
	refuses(longer, image, "ENAMETOOLONG");
	refuses("/dev/null", "", "ENOENT");
	refuses("/dev/null", "+", "ENOENT");
	refuses("/dev/null", "+/", "EISDIR");
	refuses("/dev/null", longer, "ENAMETOOLONG");
	refuses("\n\033[2J", image, "ENOENT");
}

static void what_is_no_user_namespace_is_refused(void)
{
	refuses("/dev/null", image, "EINVAL");
	refuses("/proc/self/ns/net", image, "EINVAL");
}

/* What comes through the image up to the line "end". */
static const char *result(void)
{
	static char text[4096];
	size_t length = 0;

	while (length < 4 || memcmp(text + length - 4, "end\n", 4) != 0) {
		ssize_t count = read(results, text + length, sizeof text - 1 - length);
		CHECK(count > 0);
		length += (size_t)count;
	}
	text[length] = '\0';
	return text;
}

static void check_result(const char *script, const char *expected)
{
	struct run run = start(userns, writable, "sh", script);
	const char *text = result();

	if (strcmp(text, expected) != 0)
		fprintf(stderr, "%s", text);
	CHECK(strcmp(text, expected) == 0);
	CHECK(end(run) == 0);
}

static void a_program_finds_the_image_and_little_else(void)
{
	check_result("ls -A / | grep -v -e lib -e bin >&3; ls -A /dev /mnt >&3; echo end >&3",
		     "dev\nfd\nmnt\nusr\n/dev:\nfuse\nnull\n\n/mnt:\nend\n");
	check_result("for fd in 0 1 2 3 4 50; do [ -h /fd/$fd ] && echo $fd; done >&3; echo end >&3",
		     "0\n1\n2\n3\nend\n");
	check_result("env | grep -v -e ^PWD -e ^OLDPWD -e ^_ -e ^SHLVL >&3; echo end >&3", "PATH=/usr/sbin:/usr/bin:/sbin:/bin\nend\n");
}

static void it_may_do_little(void)
{
	check_result("id -u >&3; id -G >&3; setpriv --dump | grep -i no_new >&3; echo end >&3", "0\n0\nno_new_privs: 1\nend\n");
	check_result("for file in /new /usr/new /dev/new; do (: >$file) 2>/dev/null || echo refused; done >&3; echo end >&3",
		     "refused\nrefused\nrefused\nend\n");
	check_result("hostname other && mount -t tmpfs none /mnt && : >/mnt/new && ls /mnt >&3; echo end >&3", "new\nend\n");
	char ours[64];
	CHECK(gethostname(ours, sizeof ours) == 0 && strcmp(ours, "other") != 0);
}

/* The container's, or another's that has the same ids. */
static void it_reaches_no_other_process(void)
{
	char script[256];
	int ready[2];
	char byte;

	CHECK(pipe2(ready, O_CLOEXEC) == 0);
	pid_t other = fork();
	CHECK(other >= 0);
	if (other == 0) {
		if (setresgid(100000, 100000, 100000) < 0 || setresuid(100000, 100000, 100000) < 0 || write(ready[1], "", 1) != 1)
			_exit(1);
		pause();
		_exit(0);
	}
	CHECK(read(ready[0], &byte, 1) == 1);
	snprintf(script, sizeof script, "kill -0 $$ && echo itself >&3; kill -KILL %d 2>/dev/null && echo other >&3; echo end >&3", other);
	check_result(script, "itself\nend\n");
	CHECK(waitpid(other, NULL, WNOHANG) == 0);
	CHECK(kill(other, SIGKILL) == 0 && waitpid(other, NULL, 0) == other);
	close(ready[0]);
	close(ready[1]);
}

static void the_image_is_written_to_only_if_that_is_asked_for(void)
{
	int status = end(start(userns, image, "sh", "(echo no >&3) 2>/dev/null && exit 1; exit 42"));

	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 42);
}

static void what_cannot_be_executed_has_the_status_of_env(void)
{
	int status = end(start(userns, image, "no-such-program", ""));

	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_NOT_FOUND);
	status = end(start(userns, image, "/usr/bin", ""));
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_NOT_EXECUTABLE);
}

static void it_ends_with_its_standard_input(void)
{
	struct run run = start(userns, writable, "sh", "echo end >&3; exec sleep 1000");
	int status;

	result();
	close(run.input);
	CHECK(waitpid(run.pid, &status, 0) == run.pid);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void it_stays_once_it_is_told_to(void)
{
	struct run run = start(userns, writable, "sh", "echo end >&3; exec sleep 1000");
	struct pollfd nobody_reads = { .fd = run.input };

	result();
	CHECK(write(run.input, "\n", 1) == 1);
	CHECK(poll(&nobody_reads, 1, -1) == 1 && (nobody_reads.revents & POLLERR));
	CHECK(kill(run.pid, SIGTERM) == 0);
	int status = end(run);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
}

/* Returns a process in a user namespace of its own, whose path is `userns` then. */
static pid_t make_user_namespace(void)
{
	int ready[2];
	char byte, path[64];

	CHECK(pipe2(ready, O_CLOEXEC) == 0);
	pid_t child = fork();
	CHECK(child >= 0);
	if (child == 0) {
		if (unshare(CLONE_NEWUSER) < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || write(ready[1], "", 1) != 1)
			_exit(1);
		pause();
		_exit(0);
	}
	close(ready[1]);
	CHECK(read(ready[0], &byte, 1) == 1);
	close(ready[0]);
	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof path, "/proc/%d/%s", child, i ? "gid_map" : "uid_map");
		int map = open(path, O_WRONLY | O_CLOEXEC);
		CHECK(map >= 0 && dprintf(map, "0 100000 65536\n") > 0);
		close(map);
	}
	snprintf(userns, sizeof userns, "/proc/%d/ns/user", child);
	return child;
}

static void as_root(void)
{
	pid_t owner = make_user_namespace();

	what_is_no_user_namespace_is_refused();
	a_program_finds_the_image_and_little_else();
	it_may_do_little();
	it_reaches_no_other_process();
	the_image_is_written_to_only_if_that_is_asked_for();
	what_cannot_be_executed_has_the_status_of_env();
	it_ends_with_its_standard_input();
	it_stays_once_it_is_told_to();
	CHECK(kill(owner, SIGKILL) == 0 && waitpid(owner, NULL, 0) == owner);
}

int main(int argc, char **argv)
{
	char *slash = strrchr(image, '/');

	CHECK(argc == 2);
	program = argv[1];
	signal(SIGPIPE, SIG_IGN);
	alarm(300); /* whoever waits in vain */
	*slash = '\0';
	CHECK(mkdtemp(image));
	*slash = '/';
	CHECK(mkfifo(image, 0600) == 0);
	results = open(image, O_RDWR | O_CLOEXEC);
	CHECK(results >= 0 && pipe2(messages, O_CLOEXEC | O_NONBLOCK) == 0);
	snprintf(writable, sizeof writable, "+%s", image);
	arguments_that_are_none_are_refused();
	if (geteuid() == 0)
		as_root();
	CHECK(unlink(image) == 0);
	*slash = '\0';
	CHECK(rmdir(image) == 0);
	return 0;
}

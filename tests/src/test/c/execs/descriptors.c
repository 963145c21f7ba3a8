/* Programs that are open already. */
#include "execs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FD = 50 };

static const char *file;
static int flags;

static int opened(void)
{
	int fd = open(file, flags & ~O_CLOEXEC);

	if (fd < 0 || dup3(fd, FD, flags & O_CLOEXEC) < 0)
		broken(file);
	close(fd);
	return FD;
}

static void execute_it(void)
{
	if (sys_execveat(opened(), "", AT_EMPTY_PATH) < 0)
		failed();
}

static void execute_without_a_flag(void)
{
	if (sys_execveat(opened(), "", 0) < 0)
		failed();
}

static void execute_below(void)
{
	if (sys_execveat(opened(), "program", 0) < 0)
		failed();
}

static void execute_through_proc(void)
{
	opened();
	if (sys_execve("/proc/self/fd/50") < 0)
		failed();
}

static void execute_through_dev(void)
{
	opened();
	if (sys_execve("/dev/fd/50") < 0)
		failed();
}

static void execute_while_written(void)
{
	flags = O_RDWR;
	opened();
	if (sys_execve(file) < 0)
		failed();
}

static void execute_itself(void)
{
	if (sys_execve("/proc/self/exe") < 0)
		failed();
}

static void execute_what_has_no_name(void)
{
	opened();
	if (unlink(file) < 0)
		broken("unlink");
	if (sys_execveat(FD, "", AT_EMPTY_PATH) < 0)
		failed();
}

static void execute_what_is_in_memory(void)
{
	int from = open("program", O_RDONLY), to = memfd_create("in-memory", MFD_CLOEXEC);
	struct stat st;

	if (from < 0 || to < 0 || fstat(from, &st) < 0 || fchmod(to, 0755) < 0)
		broken("memfd_create");
	while (lseek(from, 0, SEEK_CUR) < st.st_size)
		if (sendfile(to, from, NULL, (size_t)st.st_size) <= 0)
			broken("sendfile");
	close(from);
	if (sys_execveat(to, "", AT_EMPTY_PATH) < 0)
		failed();
}

static void execute_with_wrong_flags(void)
{
	if (sys_execveat(AT_FDCWD, "program", 0x40000000) < 0)
		failed();
}

static void execute_nothing_wrongly(void)
{
	if (sys_execveat(AT_FDCWD, "missing", 0x40000000) < 0)
		failed();
}

static void execute_what_is_nowhere_wrongly(void)
{
	if (sys_execveat(AT_FDCWD, NULL, 0x800) < 0)
		failed();
}

static void execute_no_name_wrongly(void)
{
	if (sys_execveat(AT_FDCWD, "", 0x200) < 0)
		failed();
}

static void execute_no_descriptor(void)
{
	if (sys_execveat(99, "program", 0) < 0)
		failed();
}

static void only_check(void)
{
	if (sys_execveat(AT_FDCWD, "program", 0x10000 /* AT_EXECVE_CHECK, 6.14 */) < 0)
		failed();
	printf("may be executed\n");
	_exit(0);
}

/* The interpreter is nobody's business then. */
static void only_check_without_an_interpreter(void)
{
	if (sys_execveat(AT_FDCWD, "missing-interpreter", 0x10000) < 0)
		failed();
	printf("may be executed\n");
	_exit(0);
}

static void only_check_what_is_none(void)
{
	if (sys_execveat(AT_FDCWD, "not-executable", 0x10000) < 0)
		failed();
	_exit(0);
}

static void of(const char *name, const char *path, int how, void (*function)(void))
{
	file = path;
	flags = how;
	in_child(name, function);
}

void descriptors(void)
{
	of("a descriptor", "program", O_RDONLY, execute_it);
	of("a descriptor to be closed", "program", O_RDONLY | O_CLOEXEC, execute_it);
	of("a place", "program", O_PATH, execute_it);
	of("a script's descriptor", "script", O_RDONLY, execute_it);
	of("a script's descriptor to be closed", "script", O_RDONLY | O_CLOEXEC, execute_it);
	of("a directory's descriptor", "directory", O_RDONLY, execute_it);
	of("a descriptor without a flag", "program", O_RDONLY, execute_without_a_flag);
	of("below a directory", ".", O_PATH, execute_below);
	of("below a program", "program", O_RDONLY, execute_below);
	of("through proc", "program", O_RDONLY, execute_through_proc);
	of("through dev", "script", O_RDONLY, execute_through_dev);
	of("itself", "program", O_RDONLY, execute_itself);
	of("while it is written", "program", O_RDWR, execute_while_written);
	in_child("in memory", execute_what_is_in_memory);
	in_child("with wrong flags", execute_with_wrong_flags);
	in_child("nothing with wrong flags", execute_nothing_wrongly);
	in_child("what is nowhere with wrong flags", execute_what_is_nowhere_wrongly);
	in_child("no name with wrong flags", execute_no_name_wrongly);
	in_child("no descriptor", execute_no_descriptor);
	in_child("only to check", only_check);
	in_child("only to check without an interpreter", only_check_without_an_interpreter);
	in_child("only to check what is none", only_check_what_is_none);
	of("without a name", "level1", O_RDONLY, execute_what_has_no_name);
}

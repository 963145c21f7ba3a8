/* Ways past the filter itself. */
#include "escapes.h"

#ifdef __x86_64__
#include "int80.h"
#endif

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/io_uring.h>
#include <linux/seccomp.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A ring opens files without making the call. */
static int io_uring(void)
{
	struct io_uring_params params = { 0 };
	int ring = (int)syscall(SYS_io_uring_setup, 4, &params);

	if (ring < 0)
		return result(-1);
	size_t size = params.sq_off.array + params.sq_entries * sizeof(unsigned);
	size_t cq_size = params.cq_off.cqes + params.cq_entries * sizeof(struct io_uring_cqe);
	char *sq = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQ_RING);
	char *cq = mmap(NULL, cq_size, PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_CQ_RING);
	struct io_uring_sqe *entry = mmap(NULL, params.sq_entries * sizeof *entry, PROT_READ | PROT_WRITE, MAP_SHARED,
					  ring, IORING_OFF_SQES);
	if (sq == MAP_FAILED || cq == MAP_FAILED || entry == MAP_FAILED)
		broken("mmap");
	entry[0] = (struct io_uring_sqe){ .opcode = IORING_OP_OPENAT, .fd = AT_FDCWD, .addr = (uintptr_t)SECRET };
	((unsigned *)(sq + params.sq_off.array))[0] = 0;
	atomic_store((_Atomic unsigned *)(sq + params.sq_off.tail), 1);
	if (syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) < 0)
		return result(-1);
	return ((struct io_uring_cqe *)(cq + params.cq_off.cqes))[0].res;
}

#ifdef __x86_64__
enum {
	I386_OPEN = 5,
	I386_OPENAT = 295,
	X32_BIT = 0x40000000,
};

static int by_int80(void)
{
	return has_int80() ? int80(I386_OPEN, low_text(SECRET), O_RDONLY) : ABSENT;
}

static int at_by_int80(void)
{
	return has_int80() ? int80(I386_OPENAT, AT_FDCWD, low_text(SECRET), O_RDONLY) : ABSENT;
}

static int by_x32(void)
{
	return result(syscall(X32_BIT | SYS_openat, AT_FDCWD, SECRET, O_RDONLY));
}
#endif

static int by_handle(void)
{
	struct {
		struct file_handle handle;
		unsigned char bytes[MAX_HANDLE_SZ];
	} file = { .handle = { .handle_bytes = MAX_HANDLE_SZ } };
	int mount_id, here = open(".", O_RDONLY | O_DIRECTORY);

	if (name_to_handle_at(AT_FDCWD, SECRET, &file.handle, &mount_id, 0) < 0)
		broken("name_to_handle_at");
	return result(open_by_handle_at(here, &file.handle, O_RDONLY));
}

/* A supervisor of the target's own, which could answer its calls with CONTINUE. */
static int listener(unsigned flags)
{
	struct sock_filter notify[] = { BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW) };
	struct sock_fprog program = { .len = 1, .filter = notify };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		broken("prctl");
	return result(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program));
}

static int own_listener(void)
{
	return listener(SECCOMP_FILTER_FLAG_NEW_LISTENER);
}

static int own_listener_for_all_threads(void)
{
	return listener(SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_TSYNC_ESRCH);
}

const struct escape DOORS[] = {
	{ "io-uring", io_uring },
#ifdef __x86_64__
	{ "int80-open", by_int80 },
	{ "int80-openat", at_by_int80 },
	{ "x32-openat", by_x32 },
#endif
	{ "open-by-handle", by_handle },
	{ "own-listener", own_listener },
	{ "own-listener-tsync", own_listener_for_all_threads },
	{ 0 },
};

/* Calls as a program of i386 makes them: by int 0x80, with its numbers, and with all they point to below 4 GiB. */
#ifndef INT80_H
#define INT80_H

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* A call as the kernel answers it: the result, or -errno. Up to six arguments, numbers or addresses. */
#define int80(...) INT80_PADDED(__VA_ARGS__, 0, 0, 0, 0, 0, 0)
#define INT80_PADDED(nr, a, b, c, d, e, f, ...) int80_of(nr, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))

static inline long int80_of(int nr, long a, long b, long c, long d, long e, long f)
{
	long result;

	/* the sixth argument is in ebp, which the compiler may be using */
	__asm__ volatile("xchgq %%rbp, %1\n\tint $0x80\n\txchgq %%rbp, %1"
			 : "=a"(result), "+&r"(f)
			 : "0"((long)nr), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
			 : "memory", "cc", "r8", "r9", "r10", "r11");
	return (int)result;
}

/* Whether such calls are answered at all. Some hypervisors do without (seen with Linux 6.18), and the kernel then says SIGSEGV. */
static inline int has_int80(void)
{
	enum { GETPID = 20 };
	int status = 1;
	pid_t child = fork();

	if (child == 0) {
		int80(GETPID);
		_exit(0);
	}
	return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

/* The address of a copy that such a call can read. The copies of the last 64 KiB last. */
static inline long low_copy(const void *bytes, size_t size)
{
	enum { SIZE = 1 << 17 };
	static unsigned char *memory;
	static size_t used;

	if (!memory) {
		memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
		if (memory == MAP_FAILED)
			abort();
	}
	if (used + size > SIZE)
		used = 0;
	unsigned char *copy = memcpy(memory + used, bytes, size);
	used = (used + size + 7) & ~(size_t)7;
	return (long)copy;
}

static inline long low_text(const char *text)
{
	return low_copy(text, strlen(text) + 1);
}

#endif

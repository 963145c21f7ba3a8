/*
 * marked: exits with the last byte of its own file, whatever that is called. Without a C library, so that it is executed fast.
 */
#include <asm/unistd.h>
#include <fcntl.h>

void _start(void);

static long call(long number, long a, long b, long c)
{
#if defined __x86_64__
	long returned;
	__asm__ volatile("syscall" : "=a"(returned) : "a"(number), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
	return returned;
#elif defined __aarch64__
	register long x8 __asm__("x8") = number, x0 __asm__("x0") = a, x1 __asm__("x1") = b, x2 __asm__("x2") = c;
	__asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2) : "memory");
	return x0;
#endif
}

void _start(void)
{
	unsigned char mark = 0;
	long file = call(__NR_openat, AT_FDCWD, (long)"/proc/self/exe", O_RDONLY);

	call(__NR_lseek, file, -1, 2 /* SEEK_END */);
	call(__NR_read, file, (long)&mark, 1);
	call(__NR_exit, mark, 0, 0);
}

#include <asm/unistd.h>
#include <linux/resource.h>

/*
 * One system call, for Java: the result of the kernel itself, which is -errno on error.
 *
 * syscall(2) of a C library puts errno where the JVM may change it before Java looks. To have Java keep it
 * (Linker.Option.captureCallState) allocates 40 bytes a call unless the JVM's second compiler has inlined all of it, and a
 * call that is answered shall allocate nothing. Needs no C library, and so goes with any.
 */
long sluice_syscall(long nr, long a, long b, long c, long d, long e, long f);

#if defined __x86_64__

long sluice_syscall(long nr, long a, long b, long c, long d, long e, long f)
{
	long result;
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
}

#elif defined __aarch64__

long sluice_syscall(long nr, long a, long b, long c, long d, long e, long f)
{
	register long x8 __asm__("x8") = nr;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;
	register long x5 __asm__("x5") = f;

	__asm__ volatile("svc 0"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
			 : "memory");
	return x0;
}

#else
#error "how does this machine make a system call?"
#endif

/*
 * The same, with what the thread had used (getrusage(2)) before and after it. In Java the way back from a call may wait for
 * the JVM itself, at a safepoint, and that would count as the call's.
 */
long sluice_syscall_watched(long nr, long a, long b, long c, long d, long e, struct rusage usage[2]);

long sluice_syscall_watched(long nr, long a, long b, long c, long d, long e, struct rusage usage[2])
{
	long result;

	sluice_syscall(__NR_getrusage, RUSAGE_THREAD, (long)&usage[0], 0, 0, 0, 0);
	result = sluice_syscall(nr, a, b, c, d, e, 0);
	sluice_syscall(__NR_getrusage, RUSAGE_THREAD, (long)&usage[1], 0, 0, 0, 0);
	return result;
}

/* A signal handler: the signal ends what the thread waits in, with EINTR, and does nothing else. */
void sluice_interrupted(int signal);

void sluice_interrupted(int signal)
{
	(void)signal;
}

/* Where handlers return to: rt_sigreturn(2). */
#if defined __x86_64__
__asm__(".text\n"
	".globl sluice_sigreturn\n"
	".type sluice_sigreturn, @function\n"
	"sluice_sigreturn:\n"
	"	mov $15, %eax\n"
	"	syscall\n");
#else
__asm__(".text\n"
	".globl sluice_sigreturn\n"
	".type sluice_sigreturn, %function\n"
	"sluice_sigreturn:\n"
	"	mov x8, #139\n"
	"	svc #0\n");
#endif

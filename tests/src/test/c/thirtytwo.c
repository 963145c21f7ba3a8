/*
 * thirtytwo FILE PROGRAM, a program of i386: copies a file to standard output, and executes a program with no more than its name.
 * Exits with the errno of what fails. Without a C library, which few machines have for i386.
 */
enum { EXIT = 1, READ = 3, WRITE = 4, OPEN = 5, EXECVE = 11 };

void begin(char **arguments);

__asm__(".globl _start\n"
	"_start:\n\t"
	"leal 4(%esp), %eax\n\t" /* behind their count */
	"andl $-16, %esp\n\t"
	"subl $12, %esp\n\t"
	"pushl %eax\n\t"
	"call begin\n");

static int call(int number, int a, const void *b, const void *c)
{
	int returned;

	__asm__ volatile("int $0x80" : "=a"(returned) : "0"(number), "b"(a), "c"(b), "d"(c) : "memory");
	return returned;
}

static int or_end(int returned)
{
	if (returned < 0)
		call(EXIT, -returned, 0, 0);
	return returned;
}

void begin(char **arguments)
{
	char text[256];
	char *const program[] = { arguments[2], 0 };
	int size, file = or_end(call(OPEN, (int)arguments[1], 0, 0));

	while ((size = or_end(call(READ, file, text, (void *)sizeof text))) > 0)
		or_end(call(WRITE, 1, text, (void *)size));
	or_end(call(EXECVE, (int)arguments[2], program, 0));
}

/*
 * Memory as a hostile or unlucky target has it: strings at the ends of pages, beside holes, in pages that cannot be read.
 * Prints "name address" for each, then waits until its input ends.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096

/* Pages that can be read and written, with a hole on either side. */
static char *map(int pages)
{
	char *memory = mmap(NULL, (pages + 2) * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED || munmap(memory, PAGE) || munmap(memory + (pages + 1) * PAGE, PAGE)) {
		perror("mmap");
		exit(1);
	}
	return memory + PAGE;
}

static void protect(char *page, int protection)
{
	if (mprotect(page, PAGE, protection)) {
		perror("mprotect");
		exit(1);
	}
}

static void put(const char *name, const char *address)
{
	printf("%s %lu\n", name, (unsigned long)address);
}

/* A string of this many letters at the address, and a NUL behind it if there is room. */
static char *fill(char *at, int letters, int nul)
{
	for (int i = 0; i < letters; i++)
		at[i] = 'a' + i % 26;
	if (nul)
		at[letters] = 0;
	return at;
}

int main(void)
{
	char *one = map(1), *two = map(2), *guarded = map(2), *readonly = map(1), *unreadable = map(1), *large = map(4);
	char end;

	put("empty", one);
	put("short", fill(one + 100, 5, 1));
	put("ends_with_the_page", fill(one + PAGE - 6, 5, 1));
	put("nul_is_first_of_next_page", fill(two + PAGE - 5, 5, 1));
	put("crosses_a_page", fill(two + PAGE - 3 - 300, 600, 1));
	put("runs_into_a_hole", fill(two + 2 * PAGE - 5, 5, 0));
	put("runs_into_an_unreadable_page", fill(guarded + PAGE - 5, 5, 0));
	protect(guarded + PAGE, PROT_NONE);
	put("is_readonly", fill(readonly, 5, 1));
	protect(readonly, PROT_READ);
	put("is_unreadable", fill(unreadable, 5, 1));
	protect(unreadable, PROT_NONE);
	put("is_a_hole", unreadable - PAGE);
	put("255_letters", fill(large, 255, 1));
	put("256_letters", fill(large + 256, 256, 1));
	put("257_letters", fill(large + 600, 257, 1));
	put("4095_letters", fill(large + PAGE + 1, 4095, 1));
	put("4096_letters", fill(map(2), 4096, 1));
	put("8192_letters", fill(map(3) + 1, 8192, 1));
	if (fflush(stdout))
		return 1;
	return read(0, &end, 1) != 0;
}

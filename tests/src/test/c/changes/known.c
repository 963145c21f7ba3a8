/* What is known to be different, natively and performed. */
#include "calls.h"

#include <fcntl.h>

static int unnamed;

static void make_unnamed(void)
{
	unnamed = or_broken(open("dir", O_TMPFILE | O_RDWR | O_CLOEXEC, 0640), "O_TMPFILE");
}

static void of_the_parent(void)
{
	show(CALL(SYS_linkat, unnamed, "", AT_FDCWD, "new", AT_EMPTY_PATH), "an O_TMPFILE of another process");
}

void known(void)
{
	make_unnamed();
	in_child(of_the_parent);
	/* one that has lost the name it was given gets no other */
	make_unnamed();
	show(CALL(SYS_linkat, unnamed, "", AT_FDCWD, "new", AT_EMPTY_PATH), "an O_TMPFILE of its own");
}

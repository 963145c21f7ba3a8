/* Calls with two paths: which of them is wrong first, and what they are to each other. */
#include "calls.h"

#include <fcntl.h>
#include <linux/fs.h>

static const unsigned FLAGS[] = { 0,
				  RENAME_NOREPLACE,
				  RENAME_EXCHANGE,
				  RENAME_WHITEOUT,
				  RENAME_NOREPLACE | RENAME_WHITEOUT,
				  RENAME_EXCHANGE | RENAME_NOREPLACE,
				  RENAME_EXCHANGE | RENAME_WHITEOUT,
				  8 };

static void both(const char *from, const char *to)
{
	show(CALL(SYS_link, from, to), "link '%s' '%s'", from, to);
	show(CALL(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, AT_SYMLINK_FOLLOW), "linkat, followed '%s' '%s'", from, to);
	show(CALL(SYS_rename, from, to), "rename '%s' '%s'", from, to);
	for (size_t i = 0; i < sizeof FLAGS / sizeof *FLAGS; i++)
		show(CALL(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, FLAGS[i]), "renameat2 %#x '%s' '%s'", FLAGS[i],
		     from, to);
}

void pairs(void)
{
	static const char *const PAIRS[][2] = {
		{ "file", "file" },	     { "file", "./dir/../file" }, { "file", "link" },	       { "link", "file" },
		{ "file", "suid" },	     { "file", "empty" },	  { "file", "dir" },	       { "file", "new/" },
		{ "file/", "new" },	     { "empty", "file" },	  { "empty", "dir" },	       { "empty/", "new/" },
		{ "dir", "empty" },	     { "dir/", "empty/" },	  { "dir", "new/" },	       { "dir", "dir/inner" },
		{ "dir", "dir/new" },	     { "dir", "dir/new/" },	  { "dir/inner", "dir" },      { "dir/inner", "inner" },
		{ "dirlink", "new" },	     { "dirlink/", "new" },	  { "dirlink", "dir/new" },    { "dirlink/inner", "new" },
		{ "dangling", "new" },	     { "loop1", "new" },	  { "loop1/x", "new" },	       { "fifo", "new" },
		{ "missing", "new" },	     { "missing", "missing/new" }, { "missing/x", "loop1/x" },  { "loop1/x", "missing/x" },
		{ "file", "missing/x" },     { "file", "loop1/x" },	  { "file", "file/x" },	       { "file", "locked/x" },
		{ "locked/x", "file/x" },    { "unwritable/inner", "new" }, { "file", "unwritable/new" }, { "", "new" },
		{ "file", "" },		     { "", "" },		  { ".", "new" },	       { "file", "." },
		{ "..", "file" },	     { "file", ".." },		  { "/", "new" },	       { "file", "/" },
		{ "file", "/proc/new" },     { "/proc/self/comm", "new" }, { "file", "/proc/self/cwd/new" },
		{ "/proc/self/cwd/file", "new" }, { "/proc/self/cwd/dir", "/proc/self/cwd/new" }, { "closed", "new" },
		{ "suid", "new" },	     { "file", "sticky/new" },	  { "setgid", "sticky" },
	};

	for (size_t i = 0; i < sizeof PAIRS / sizeof *PAIRS; i++)
		both(PAIRS[i][0], PAIRS[i][1]);
}

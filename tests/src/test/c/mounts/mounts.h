/* What the attempts of mounts are called, and what is said of them. */
#ifndef MOUNTS_H
#define MOUNTS_H

/* The case that is tried. */
extern const char *current;

/* Ends the program if `result` is an error of what it takes for granted. */
void must(long result, const char *what);

/* Says how a call went. */
void say(const char *what, long result);

/* Says how a mount went and what is at `place` then, and takes it away. */
void look(const char *what, long result, const char *place);

/* The calls of 5.2 and later, in the directory that the older ones have left. */
void try_newer_calls(void);

/* open_tree(2), in an empty directory. */
void try_open_tree(void);

/* What stays read-only and what does not, in an empty directory, for whoever has another root, or another namespace. */
void try_in_every_root(void);

/* Runs in a child, and ends the program if that fails. */
void in_child(void (*what)(void));

#endif

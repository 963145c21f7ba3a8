/*
 * Executes programs in every way there is and prints what came of it, one line a case. Two runs, one of them supervised, must
 * print the same.
 */
#ifndef EXECS_H
#define EXECS_H

/* Runs `function` in a child, which executes a program or prints why not; prints how that ended. */
void in_child(const char *name, void (*function)(void));

/* Prints why execve failed. */
void failed(void);

/* The calls themselves, of a program with the arguments "program" and "argument" and the variable A. Return -1 and errno. */
int sys_execve(const char *path);
int sys_execveat(int from, const char *path, int flags);

/* What the program that is executed says of itself: its arguments and environment, and all it has from its caller. */
_Noreturn void show(int argc, char **argv);

/* Ends the program: the test itself is wrong. */
_Noreturn void broken(const char *what);

/* The cases. The working directory is the tree that prepare() has made. */
void prepare(void);
void names(void);
void descriptors(void);
void threads(void);
void spawns(void);
void signals(void);
void i386(void);

#endif

/* Programs executed by threads, which end with the others of their process. */
#include "execs.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

static atomic_int ready;

static void *execute(void *path)
{
	if (sys_execve(path) < 0)
		failed();
	return NULL;
}

static void *wait_for_ever(void *unused)
{
	ready++;
	for (;;)
		pause();
	return unused;
}

static void *calculate_for_ever(void *unused)
{
	ready++;
	for (;;)
		atomic_thread_fence(memory_order_seq_cst);
	return unused;
}

static void *execute_with_others(void *path)
{
	ready++;
	while (ready < 2)
		;
	return execute(path);
}

static void start(void *(*function)(void *), const char *path)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, function, (void *)(size_t)path) != 0)
		broken("pthread_create");
}

static void from_another_thread(void)
{
	start(execute, "program");
	wait_for_ever(NULL);
}

static void script_from_another_thread(void)
{
	start(execute, "script");
	wait_for_ever(NULL);
}

static void missing_from_another_thread(void)
{
	start(execute, "text");
	wait_for_ever(NULL);
}

static void from_the_first_thread(void)
{
	start(wait_for_ever, NULL);
	start(calculate_for_ever, NULL);
	while (ready < 2)
		;
	execute("program");
}

static void from_two_threads(void)
{
	start(execute_with_others, "program");
	start(execute_with_others, "program");
	wait_for_ever(NULL);
}

static void from_the_first_thread_too(void)
{
	start(execute_with_others, "program");
	execute_with_others("program");
}

static void *execute_without_the_first(void *leader)
{
	pthread_join(*(pthread_t *)leader, NULL);
	return execute("program");
}

static void from_the_last_thread(void)
{
	static pthread_t leader;
	pthread_t thread;

	leader = pthread_self();
	if (pthread_create(&thread, NULL, execute_without_the_first, &leader) != 0)
		broken("pthread_create");
	pthread_exit(NULL);
}

void threads(void)
{
	in_child("from another thread", from_another_thread);
	in_child("a script from another thread", script_from_another_thread);
	in_child("a text from another thread", missing_from_another_thread);
	in_child("from the first thread", from_the_first_thread);
	for (int i = 0; i < 20; i++)
		in_child("from two threads at once", from_two_threads);
	for (int i = 0; i < 20; i++)
		in_child("from the first thread and another at once", from_the_first_thread_too);
	in_child("from the last thread", from_the_last_thread);
}

/*
 * nothreads.c - preloaded: a system that gives no process a second thread, as limits of shared hosting do.  Before it
 * refuses the first one, it runs the command in MSGEXT_FIRST, where that is set: then a log's parts are known, and none
 * of them has been read.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

int
pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *),
    void *argument)
{
	static int refused;
	const char *command = getenv("MSGEXT_FIRST");

	(void)thread;
	(void)attributes;
	(void)start;
	(void)argument;
	unsetenv("LD_PRELOAD");
	if (refused++ == 0 && command != NULL && system(command) != 0)
		abort();
	return EAGAIN;
}

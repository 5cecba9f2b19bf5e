/*
 * service.h - a program that a web server runs, receiver or viewer: all around one request
 *
 *	static const struct service_program program = { "msgext", ... };
 *
 *	int
 *	main(int argc, char **argv)
 *	{
 *		return service_main(&program, &context, argc, argv);
 *	}
 */
#ifndef SERVICE_H
#define SERVICE_H

#include <stdbool.h>

struct fault;
struct front;
struct request;

/* Each function gets the context that service_main got. */
struct service_program {
	const char *name;
	/* The configuration's path, where the command line names none. */
	const char *(*path_default)(const char **source);
	/* Loads it: the data directory, or NULL and fault.  free releases it either way. */
	const char *(*load)(void *context, const char *path, struct fault *fault);
	void (*free)(void *context);
	/* Has it changed since?  Then the process ends, to be started again.  NULL: never asked. */
	bool (*changed)(void *context);
	/* The data directory is in order: gives up what the process will not need. */
	void (*harden)(void *context);
	/*
	 * Answers the request that was taken.  fault: why it cannot be served, DATA_DIR where the data
	 * directory does not work now, else what is wrong with the configuration; or NULL.
	 */
	void (*answer)(void *context, struct front *front, const struct request *request,
	    const struct fault *fault);
};

/* Does what the command line says; the exit status, as in sysexits(3). */
int service_main(const struct service_program *program, void *context, int argc, char **argv);

#endif

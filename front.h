/*
 * front.h - CGI and FastCGI: requests in, replies out
 *
 *	front = front_open("msgext");
 *	if (front_is_served(front) && front_start(front) == 0)
 *		while (front_wait(front)) {
 *			... look whether the program can still work, and break where not ...
 *			if (front_take(front, &request)) {
 *				... make the reply ...
 *				front_reply(front, &reply);
 *			}
 *		}
 *
 * Under CGI that goes round once; under FastCGI until the process is told to stop.  The same
 * lines serve both.  A process has one front: its descriptors 0 to 2.
 */
#ifndef FRONT_H
#define FRONT_H

#include <stdbool.h>
#include <stddef.h>

#include "request.h"

struct fault;
struct front;

struct front_reply {
	int status;
	const char *type;  /* Content-Type, or NULL: there is no body */
	const char *cache; /* Cache-Control, or NULL: no-store */
	const char
	    *headers;     /* further header lines, each with its CRLF, 3,000 bytes at most; or "" */
	const char *body; /* not sent to HEAD */
	size_t length;    /* of the body */
};

/*
 * To be called first of all.  program: for lines of the error log.  NULL: one of the
 * descriptors 0 to 2 is closed, and /dev/null cannot be opened.
 */
struct front *front_open(const char *program);

/* May the arguments be options?  Not where a client can have given them. */
bool front_takes_options(const struct front *front);

/* Is there anybody to serve?  Not where a person started the program. */
bool front_is_served(const struct front *front);

/* Does this process serve one request after another, by FastCGI? */
bool front_is_worker(const struct front *front);

/* Makes ready for the first request; -1: this process cannot serve. */
int front_start(struct front *front);

/*
 * Waits until somebody calls, for half a second at most: so the caller looks after its
 * own now and then, and always before it takes a request, which another worker
 * may take in its place.  False: there will be no request any more.
 */
bool front_wait(struct front *front);

/*
 * Takes a request, which is valid until its reply; false: nobody called, or he was not worth a
 * reply, and front_wait is next.
 */
bool front_take(struct front *front, struct request *request);

/* The value of a CGI variable of the request that was taken; NULL: the server gave none. */
const char *front_variable(const struct front *front, const char *name);

/* Puts a fault into the error log, in one line; of code FAULT_NONE there is nothing to tell. */
void front_tell(struct front *front, const struct fault *fault);

/* Answers the request that was taken, and ends it. */
void front_reply(struct front *front, const struct front_reply *reply);

#endif

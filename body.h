/* body.h - the body of a request, read whole */
#ifndef BODY_H
#define BODY_H

#include <stddef.h>
#include <stdint.h>

struct fault;
struct request;

struct body {
	char *bytes; /* length of them, for free(), whatever the result; NULL: none were read */
	size_t length;
};

/*
 * Reads the announced bytes, or all that come, until the deadline (as struct request's started).
 * Fails with LENGTH_MALFORMED, BODY_TOO_LARGE (max: bytes), BODY_SHORT, BODY_LONG, BODY_STALLED or
 * MEMORY.  body: all 0.
 */
int body_read(struct body *body, const struct request *request, size_t max, int64_t deadline,
    struct fault *fault);

#endif

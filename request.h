/* request.h - one request, whatever carried it */
#ifndef REQUEST_H
#define REQUEST_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

/* What struct request's read gives besides a count of bytes. */
#define READ_BROKEN (-1)  /* the sender has gone */
#define READ_STALLED (-2) /* the deadline has passed */

/* A deadline that lets read wait for nothing. */
#define READ_NOW 0

struct request {
	const char *method; /* each NULL where the server gave none (RFC 3875) */
	const char *query;
	const char *content_length;
	const char *content_encoding;
	struct timespec now; /* CLOCK_REALTIME at its arrival */
	int64_t started;     /* CLOCK_MONOTONIC milliseconds at its arrival */
	/*
	 * Reads up to size bytes of the body until the deadline (as started).
	 * Returns the count, 0 at its end, READ_BROKEN or READ_STALLED.  With
	 * READ_NOW, which says that the body is whole: what has come after it,
	 * or 0 where nothing has.
	 */
	ssize_t (*read)(void *context, char *buffer, size_t size, int64_t deadline);
	void *context;
};

#endif

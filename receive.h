/* receive.h - one request -> one reply, whatever carried it */
#ifndef RECEIVE_H
#define RECEIVE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "base/fault.h"

struct config;

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
	 * READ_NOW, which says that the body is whole: what has come behind it,
	 * or 0 where nothing has.
	 */
	ssize_t (*read)(void *context, char *buffer, size_t size, int64_t deadline);
	void *context;
};

struct reply {
	int status;
	const char *header;                     /* one further header line with its CRLF, or "" */
	char body[2 * FAULT_DETAIL_SIZE + 128]; /* JSON */
	struct fault
	    fault; /* code FAULT_NONE, or what belongs in the error log, be the answer OK or not */
};

/*
 * Answers one request: the gate in order (method, command, app id, signature,
 * length, body, fields), then the append.  config NULL: there is none that
 * works, for the reason in config_fault.
 */
void receive(const struct config *config, const struct fault *config_fault,
    const struct request *request, struct reply *reply);

#endif

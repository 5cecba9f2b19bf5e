/* receive.h - one request -> one reply, whatever carried it */
#ifndef RECEIVE_H
#define RECEIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fault.h"
#include "request.h"

struct config;

struct reply {
	int status;
	const char *header;                     /* one further header line with its CRLF, or "" */
	char body[2 * FAULT_DETAIL_SIZE + 128]; /* JSON */
	struct fault fault; /* for the error log, be the answer OK or not; or FAULT_NONE */
};

/* What was told of other callbacks, by one process; all 0 at its start. */
struct foreign {
	int64_t quiet_until; /* CLOCK_MONOTONIC milliseconds: until then nothing is told */
	unsigned long long untold;
};

/*
 * Answers one request: the gate in order (method, command, app id, signature,
 * length, body, fields), then the append.  config NULL: no configuration
 * works, for the reason in config_fault.
 */
void receive(const struct config *config, const struct fault *config_fault,
    const struct request *request, struct reply *reply);

/*
 * Is the reply's fault a line of the error log?  That another callback was answered OK is one at
 * most once a minute, and none where foreign is NULL; its detail then says how many were not told.
 * started: the request's.
 */
bool reply_is_told(struct reply *reply, struct foreign *foreign, int64_t started);

#endif

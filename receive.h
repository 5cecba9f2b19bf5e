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
	bool genuine;       /* an event of ours, whose sender has shown who he is */
	bool begins_log;    /* which is stored, and its log's first line */
};

/* One kind of line that anyone can cause without end, and is answered OK; all 0 at the start. */
struct repeated {
	int64_t quiet_until; /* CLOCK_MONOTONIC milliseconds: until then no line is written */
	unsigned long long untold;
};

/* What one process told of other callbacks, of requests without command and signature, of a full disk. */
struct told {
	struct repeated other, unknown, low;
};

/*
 * Answers one request: the gate in order (method, command, app id, signature,
 * length, body, fields), then the append.  config NULL: no configuration
 * works, for the reason in config_fault.
 */
void receive(const struct config *config, const struct fault *config_fault,
    const struct request *request, struct reply *reply);

/*
 * Is the reply's fault a line of the error log?  COMMAND_OTHER, COMMAND_UNKNOWN and DISK_LOW are
 * one at most once a minute each; the detail then says how many were left out.  told NULL, for a
 * process that does not know of other requests: COMMAND_OTHER is none, the others one each time.
 * started: the request's.
 */
bool reply_is_told(struct reply *reply, struct told *told, int64_t started);

/*
 * To be called once the answer is sent: counts a genuine event that the receiver did not store for
 * a reason of its own, for msgextctl alarm.  Fails silently.
 */
void reply_remember(const struct reply *reply, const struct config *config);

#endif

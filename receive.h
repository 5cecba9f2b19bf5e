/* receive.h - one request -> one reply, whatever carried it */
#ifndef RECEIVE_H
#define RECEIVE_H

#include "base/fault.h"
#include "request.h"

struct config;

struct reply {
	int status;
	const char *header;                     /* one further header line with its CRLF, or "" */
	char body[2 * FAULT_DETAIL_SIZE + 128]; /* JSON */
	struct fault fault; /* for the error log, be the answer OK or not; or FAULT_NONE */
};

/*
 * Answers one request: the gate in order (method, command, app id, signature,
 * length, body, fields), then the append.  config NULL: no configuration
 * works, for the reason in config_fault.
 */
void receive(const struct config *config, const struct fault *config_fault,
    const struct request *request, struct reply *reply);

#endif

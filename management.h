/* management.h - FastCGI's management records, answered before libfcgi reads */
#ifndef MANAGEMENT_H
#define MANAGEMENT_H

#include <stdbool.h>
#include <stdint.h>

struct records;

/*
 * Answers the management records with which a connection begins; what follows is
 * left there.  False: nothing follows by the deadline (clock_milliseconds), or
 * what came is malformed, and the caller closes the connection.  next: receives a copy of what follows, as
 * much as has come and has room, and its length.
 */
bool management_answer(int connection, int64_t deadline, struct records *next);

#endif

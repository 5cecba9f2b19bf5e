/* management.h - FastCGI's management records, answered before libfcgi reads */
#ifndef MANAGEMENT_H
#define MANAGEMENT_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Answers the management records with which a connection begins; what follows is
 * left there for libfcgi.  False: nothing follows by the deadline (clock_milliseconds), or
 * what came is malformed, and the caller closes the connection.  whole: all that follows has come, to
 * the end of the request's body, so that reading it waits for nobody.
 */
bool management_answer(int connection, int64_t deadline, bool *whole);

#endif

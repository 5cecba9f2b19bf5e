/*
 * arrivals.h - in which hours of the last four weeks did events arrive?
 *
 *	struct arrivals arrivals = { 0 };
 *
 *	arrivals_take(&arrivals, time, now);            of each event, in any order
 *	if (arrivals.last > 0 && now - arrivals.last > arrivals_limit(&arrivals))
 *		it has been silent for longer than usual
 */
#ifndef LOG_ARRIVALS_H
#define LOG_ARRIVALS_H

#include <stdint.h>

#define ARRIVALS_BYTES 128 /* a bit for each hour: more than four weeks of them */

struct arrivals {
	int64_t last;                 /* milliseconds since 1970; 0: nothing is known of */
	int64_t hour;                 /* of the newest bit, since 1970 */
	uint8_t bits[ARRIVALS_BYTES]; /* bit HOUR modulo their number */
};

/* Takes in when an event arrived.  A time that is well after now is a wrong clock's, and counts not. */
void arrivals_take(struct arrivals *arrivals, int64_t time, int64_t now);

/* The longest pause of the four weeks before the last arrival, in hours; 0: there was none. */
int64_t arrivals_pause(const struct arrivals *arrivals);

/*
 * After so many milliseconds without an event something is wrong: twice the longest pause, and a
 * day at least.  INT64_MAX: too little has arrived, or for too short a time, to know.
 */
int64_t arrivals_limit(const struct arrivals *arrivals);

#endif

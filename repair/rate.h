/*
 * rate.h - how many calls may be made now
 *
 *	rate_begin(&rate, 5);
 *	count = rate_room(&rate, now, &until);            0: ask again at that time, or at an end
 *	rate_start(&rate, count);
 *	...
 *	rate_end(&rate, now);                             for each call
 *
 * Times are CLOCK_MONOTONIC milliseconds.
 */
#ifndef REPAIR_RATE_H
#define REPAIR_RATE_H

#include <stddef.h>
#include <stdint.h>

#include "repair/repair_config.h"

struct rate {
	/* private */
	size_t limit;            /* calls a second */
	size_t flying;           /* calls under way */
	int64_t ended[RATE_MAX]; /* when calls ended, the last ones, in a ring */
	size_t next;
	int64_t pause;  /* no call before that time */
	size_t refused; /* times in a row, at one call a second */
};

void rate_begin(struct rate *rate, uint64_t limit);
/* How many more may be started; 0: until that time, or until a call ends. */
size_t rate_room(const struct rate *rate, int64_t now, int64_t *until);
void rate_start(struct rate *rate, size_t count);
void rate_end(struct rate *rate, int64_t now);
/* No call for a second. */
void rate_pause(struct rate *rate, int64_t now);
/* A call was too many: halves the rate.  The result: how often in a row at the lowest rate. */
size_t rate_halve(struct rate *rate, int64_t now);
/* A call was taken. */
void rate_taken(struct rate *rate);

#endif

/*
 * turn.h - a writer's turn at a group's log: it is open, locked, and its tail whole.
 *
 *	struct log log = log_make(options, group_id, fault);
 *	int result = turn_begin(&log, deadline);
 *	if (result == 0) {
 *		result = ...;
 *		result = turn_end(&log, result);
 *	}
 */
#ifndef STORE_TURN_H
#define STORE_TURN_H

#include <stdint.h>

struct log;

/* A leader has dealt with the line (batch.c). */
#define TURN_LED 2

/*
 * deadline: CLOCK_MONOTONIC milliseconds; before it, lock_timeout ends the wait.  0; TURN_LED and -1: there is
 * no turn, nor anything to end.
 */
int turn_begin(struct log *log, int64_t deadline);

/* result: of what was done, which it returns, or -1 where closing says that it was not. */
int turn_end(const struct log *log, int result);

/* The lock without anything else, on an open file.  As turn_begin, or LOG_RETRY. */
int turn_lock(const struct log *log, int64_t until);

#endif

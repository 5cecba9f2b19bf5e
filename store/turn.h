/*
 * turn.h - a writer's turn at a group's log: the log is open, locked, and its tail is whole.
 *
 *	struct log log;
 *	int result;
 *
 *	log_make(&log, options, group_id, fault);
 *	result = turn_begin(&log, deadline);
 *	if (result == 0) {
 *		result = ...;
 *		result = turn_end(&log, result);
 *	}
 */
#ifndef STORE_TURN_H
#define STORE_TURN_H

#include <stdint.h>

struct log;

/* A leader has dealt with the line (batch.c): there is no turn. */
#define TURN_LED 2

/*
 * Begins a turn.  deadline: CLOCK_MONOTONIC milliseconds; lock_timeout can end the wait before it.
 * 0: the turn has begun.  TURN_LED and -1: it has not, and turn_end must not be called.
 */
int turn_begin(struct log *log, int64_t deadline);

/*
 * Ends a turn.  result: the result of what was done in it, which turn_end returns; but -1 where
 * closing the log says that it was not done.
 */
int turn_end(const struct log *log, int result);

/* Locks an open log and does nothing else.  Returns as turn_begin, or LOG_RETRY. */
int turn_lock(const struct log *log, int64_t until);

#endif

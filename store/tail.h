/* tail.h - the end of a log: is it whole, and what to do if it is not */
#ifndef STORE_TAIL_H
#define STORE_TAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/fingerprint.h"

struct fault;
struct log;

#define TORN_ENDING ".torn" /* in place of a log's own: what the next append has set aside */

/*
 * Would the next append keep a last line of these bytes (without its newline), and not set it
 * aside?
 */
bool store_line_is_whole(const char *line, size_t length);

/* What was seen of an open log while no writer was at work. */
struct store_settled {
	off_t end;               /* up to here the next append leaves the log as it is */
	struct fingerprint last; /* the last line before that, where the log ends with it */
};

/*
 * Waits until no writer is at work on an open log, but not after that time of clock_milliseconds,
 * and looks at its end before one can be.  What is before settled->end is not taken back any more.
 * Fails with LOCK_TIMEOUT, LOCK_FAILED, and as store_append where the log cannot be read.  Uses
 * SIGALRM and ITIMER_REAL.
 *
 * A last line that is whole settles all before it, even where the next append will look for gaps
 * that a power cut left: a reader that waited for that could hold back acknowledged lines for ever
 * after damage of another kind.  Such an append moves lines.  So a reader asks afterwards, with
 * fingerprint_holds, whether the last line is still in its place.  If it is not, what was read can
 * be anything.
 */
int store_settle(int fd, int64_t until, struct store_settled *settled, struct fault *fault);

/*
 * Makes the locked log end in a whole line, or be empty. 0; LOG_RETRY: it was replaced; -1: fault.
 */
int tail_repair(struct log *log);

#endif

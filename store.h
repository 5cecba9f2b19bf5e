/* store.h - the append: one line to its group's log, durable */
#ifndef STORE_H
#define STORE_H

#include <stddef.h>
#include <stdint.h>

#include "store/options.h"

struct fault;

/* A line on its way to a group's log. */
struct store_entry {
	const char *group_id;
	const char *line; /* its newline included */
	size_t length;
	int64_t deadline; /* CLOCK_MONOTONIC milliseconds: the lock is not waited for any longer */
};

/*
 * Appends the line to the group's log under an exclusive lock.  When it returns 0 the line is on
 * disk (P1) and the only thing of its kind (P2).  When it fails nothing of the line is left that a
 * reader or the next append would take for an event.
 *
 * span: receives the log up to the line's end, or NULL.
 * A LOCK_TIMEOUT can say of a line that was given to another writer (batch.c) that it is not known
 * whether it was stored.
 * Uses SIGALRM and ITIMER_REAL while it waits.  The caller ignores SIGXFSZ.
 */
int store_append(const struct store_options *options, const struct store_entry *entry,
    struct store_span *span, struct fault *fault);

/* A line that is appended only where the log allows it. */
struct store_condition {
	const char *line; /* its newline included */
	size_t length;
	/*
	 * Called under the lock: the log's first span->size bytes are whole lines.  -1: nothing is
	 * appended, for the reason in fault.  Everybody waits meanwhile: it does nothing that can
	 * block, and reads only what is new.
	 */
	int (*allow)(void *context, const struct store_span *span, struct fault *fault);
	void *context;
};

/* As store_append; waits for the lock as long as lock_timeout says. */
int store_append_if(const struct store_options *options, const char *group_id,
    const struct store_condition *condition, struct fault *fault);

#endif

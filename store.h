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
	int64_t deadline; /* CLOCK_MONOTONIC milliseconds: how long to wait for the lock */
};

/*
 * Appends the line to the group's log under an exclusive lock.  When it returns 0, the line is on
 * disk (P1) and is whole (P2).  When it fails, it leaves nothing of the line that a reader or the
 * next append would take for an event.
 *
 * span: receives the log up to the line's end; may be NULL.
 *
 * A line can be given to another writer (batch.c).  Then a LOCK_TIMEOUT can mean that it is not
 * known whether the line was stored.
 *
 * Uses SIGALRM and ITIMER_REAL while it waits.  The caller must ignore SIGXFSZ.
 */
int store_append(const struct store_options *options, const struct store_entry *entry,
    struct store_span *span, struct fault *fault);

/* A line that is appended only if a check of the log allows it. */
struct store_condition {
	const char *line; /* its newline included */
	size_t length;
	/*
	 * Called under the lock.  The log's first span->size bytes are whole lines. -1, with the
	 * reason in fault: nothing is appended.  All other writers wait meanwhile: so it must do
	 * nothing that can block, and must read only what is new.
	 */
	int (*allow)(void *context, const struct store_span *span, struct fault *fault);
	void *context;
};

/* As store_append, but waits for the lock as long as lock_timeout says. */
int store_append_if(const struct store_options *options, const char *group_id,
    const struct store_condition *condition, struct fault *fault);

#endif

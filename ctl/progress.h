/*
 * progress.h - how far a long scan is
 *
 *	struct progress progress = { 0 };
 *
 *	while (there is more)
 *		progress_show(&progress, done, total);
 *	progress_clear(&progress);
 */
#ifndef CTL_PROGRESS_H
#define CTL_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct progress {
	const char *of; /* what is put before it, or NULL */
	/* private */
	bool started, shown;
	unsigned calls;
	int64_t start, next; /* CLOCK_MONOTONIC, milliseconds */
};

/* Shows how many of total bytes are done: on standard error if that is a terminal, after a second. */
void progress_show(struct progress *progress, off_t done, off_t total);
/* Likewise, at each call, how many of several things are done. */
void progress_count(struct progress *progress, size_t done, size_t total);
/* Takes it away, before anything else is printed. */
void progress_clear(struct progress *progress);

#endif

/*
 * progress.c - how far a long scan is, for who waits at a terminal.
 */
#include "ctl/progress.h"

#include <stdio.h>
#include <unistd.h>

#include "base/time.h"

#define PROGRESS_AFTER 1000
#define PROGRESS_EVERY 200

/* Is there somebody to show it to, and has he waited long enough? */
static bool
progress_is_due(struct progress *progress)
{
	int64_t now;

	if (!progress->started && isatty(STDERR_FILENO) != 1)
		return false;
	now = clock_milliseconds();
	if (!progress->started) {
		progress->started = true;
		progress->start = now;
		progress->next = now + PROGRESS_AFTER;
	}
	if (now < progress->next)
		return false;
	progress->next = now + PROGRESS_EVERY;
	progress->shown = true;
	return true;
}

void
progress_count(struct progress *progress, size_t done, size_t total)
{
	if (!progress_is_due(progress))
		return;
	fprintf(stderr, "\r%s %zu of %zu \033[K", progress->of == NULL ? "" : progress->of, done,
	    total);
	fflush(stderr);
}

void
progress_show(struct progress *progress, off_t done, off_t total)
{
	double seconds, rate;

	if (++progress->calls % 256 != 0 || !progress_is_due(progress))
		return;
	seconds = (double)(clock_milliseconds() - progress->start) / 1000;
	rate = (double)done / seconds;
	fprintf(stderr, "\r%s%3.0f%%  %.0f of %.0f MB  %.0f MB/s  %.0f s left \033[K",
	    progress->of == NULL ? "" : progress->of,
	    total > 0 && done <= total ? 100.0 * (double)done / (double)total : 100.0,
	    (double)done / 1e6, (double)total / 1e6, rate / 1e6,
	    rate > 0 && total > done ? (double)(total - done) / rate : 0.0);
	fflush(stderr);
}

void
progress_clear(struct progress *progress)
{
	if (progress->shown)
		fputs("\r\033[K", stderr);
	progress->shown = false;
}

/* progress.h - how far a long scan is */
#ifndef CTL_PROGRESS_H
#define CTL_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* How far a long scan is: on standard error if that is a terminal, after a second. */
struct progress {
	bool started, shown;
	unsigned calls;
	int64_t start, next;
};

void progress_show(struct progress *progress, off_t done, off_t total);
void progress_clear(struct progress *progress);

#endif

/*
 * watch.h - what has happened to the logs since they were looked at last
 *
 *	struct watch watch = { .data_dir = data_dir, .before = &before, .after = &after, ... };
 *
 *	if (watch_run(&watch, fault) == 0)
 *		use what it has counted;
 */
#ifndef LOG_WATCH_H
#define LOG_WATCH_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "names.h"

struct alarm_state;
struct fault;
struct repairs;

#define WATCH_NAMES 3
#define WATCH_WHOLE ((off_t)64 << 20)

/* Where something was found: so many files, and the first ones' names. */
struct watch_where {
	uint64_t count;
	char names[WATCH_NAMES][STORE_NAME_SIZE];
};

struct watch {
	/* set by the caller */
	const char *data_dir;
	const struct alarm_state *before; /* as it was read */
	struct alarm_state *after;        /* receives the logs, and when events arrived */
	const struct repairs *repairs;    /* what msgext-repair could not repair */
	int64_t now;                      /* milliseconds since 1970 */
	off_t whole; /* bytes: a larger log is asked for gaps once an hour; 0: WATCH_WHOLE */
	/* what there is */
	uint64_t logs, bytes;
	uint64_t lost;   /* versions that never arrived, but for those that were given up */
	uint64_t torn;   /* bytes that were set aside */
	int64_t changed; /* when a log changed last, in milliseconds since 1970; 0: never */
	/* of that, what is new */
	uint64_t new_lost, new_damaged, new_torn;
	struct watch_where lost_in, damaged_in, torn_in;
	/* where there are gaps, and what cannot be read */
	struct watch_where gaps_in, closed_in;
};

/* 0; -1: DATA_DIR, MEMORY. A log that cannot be read is one of closed_in. */
int watch_run(struct watch *watch, struct fault *fault);

#endif

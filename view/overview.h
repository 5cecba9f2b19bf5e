/*
 * overview.h - the groups that have a log, those of the newest logs first
 *
 * Which are shown is told by file names and times of change alone; only the logs of the rows that
 * are shown are opened, and as many of them read as a budget allows.
 */
#ifndef VIEW_OVERVIEW_H
#define VIEW_OVERVIEW_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "record.h"

struct fault;

#define OVERVIEW_BUDGET ((off_t)32 << 20) /* bytes of logs that are read whole */

struct group_row {
	char group[GROUP_ID_MAX + 1];
	uint64_t events; /* as `msgextctl groups` counts them; UINT64_MAX: not known */
	uint64_t lost;   /* versions that never arrived, of all messages; UINT64_MAX: not known */
	off_t size;      /* bytes of the log */
	int64_t time;    /* of the last activity, in milliseconds since 1970 */
};

struct overview_query {
	const char *data_dir;
	const char
	    *search;   /* what the group's id has somewhere, ASCII letters of either case; NULL */
	uint64_t skip; /* rows that are passed over, */
	size_t rows;   /* and how many are wanted after them */
	off_t budget;  /* 0: OVERVIEW_BUDGET */
};

struct overview {
	struct group_row *rows; /* newest first */
	size_t count;
	uint64_t total;      /* rows that there are */
	uint64_t unreadable; /* lines of what was read that could not be */
	size_t closed;       /* rows whose log could not be opened or read */
	/* private */
	size_t shown; /* logs that rows were made of */
	off_t budget; /* bytes that may still be read whole */
};

/* 0; -1: DATA_DIR, MEMORY.  The caller calls overview_free in any case. */
int overview_read(struct overview *overview, const struct overview_query *query,
    struct fault *fault);
void overview_free(struct overview *overview);

#endif

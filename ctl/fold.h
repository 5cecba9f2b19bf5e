/* fold.h - what a log holds, folded by several threads */
#ifndef CTL_FOLD_H
#define CTL_FOLD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "record.h"

struct ctl;
struct progress;
struct source;
struct state;

/* Sums, minima, maxima and unions: those of a log's parts add up to those of the log. */
struct fold {
	/* what is wanted: the caller's, before fold_log */
	bool versions; /* the state is to have no pairs */
	/* Looks at each record that is folded; -1: no memory.  Then there are no threads.  Or NULL. */
	int (*look)(void *context, const struct record *record);
	void *context;
	struct progress
	    *progress; /* shows how many of total bytes are read, the log's after done; or NULL */
	off_t done, total;
	/* what there is */
	struct state *state;             /* for state_free */
	char group_id[GROUP_ID_MAX + 1]; /* of the first record; "": there is none */
	uint64_t events, snapshots;
	int64_t first, last; /* their times; -1: none is known */
	/* of the records behind the time and the version that ctl asks for, which are in nothing above */
	bool snapshot_passed; /* there is a compaction's */
	int64_t first_time;   /* the first one's; INT64_MAX, UINT64_MAX: there is none */
	uint64_t first_seq;
};

/* Folds the records that ctl selects of the log at hand.  -1: ctl->fault. */
int fold_log(struct ctl *ctl, struct source *source, struct fold *fold);

#endif

/*
 * result.h - one message as its page shows it, now or as it was
 *
 *	struct result result;
 *
 *	switch (result_read(&result, &query, fault)) {
 *	case 1: ... use it ...
 *	case 0: ... result.has_log: the group has a log, and nothing of the message ...
 *	}
 *	result_free(&result);                   in any case
 */
#ifndef VIEW_RESULT_H
#define VIEW_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "log/tally.h"
#include "record.h"

struct fault;
struct history;
struct message;
struct state;

#define RESULT_GAPS_MAX 100
#define RESULT_LINE_MAX 200
#define RESULT_MOMENTS_MAX 6

/* Strings live as long as the query is used. */
struct result_query {
	const char *data_dir;
	const char *group;
	uint64_t message;
	uint64_t version;      /* as it was at that version; 0: now */
	uint64_t changes_skip; /* rows of the history that are passed over, */
	size_t changes_rows;   /* and how many are wanted after them; 0: none, which is cheaper */
};

/* A key's present answer. */
struct result_pair {
	const char *key, *value;
	uint64_t seq;
	int64_t time; /* when that version arrived, in milliseconds since 1970; -1: not known */
};

enum change_kind {
	CHANGE_SET,
	CHANGE_DELETE,
	CHANGE_CLEAR,
	CHANGE_SNAPSHOT, /* value: SNAPSHOT_IMPORT or SNAPSHOT_COMPACT */
	CHANGE_GAP       /* versions that never arrived */
};

/*
 * A row of the history: of a set or delete a row for each of its pairs, one if it has none; of
 * all else one.  They are what `msgextctl log --csv` prints, but by version.
 */
struct result_change {
	enum change_kind kind;
	bool again;         /* an event of that version had arrived before */
	uint64_t seq;       /* the version; of a gap the last one */
	int64_t time;       /* when it arrived; -1: not known */
	const char *key;    /* of a set or delete; NULL: it has none */
	const char *value;  /* of a set or snapshot; else NULL */
	const char *before; /* what the key had at the version before; NULL: nothing */
	struct seq_range gap;
};

/* How many answers there were at a version: what the result of that version has. */
struct result_moment {
	uint64_t version;
	int64_t time; /* until when it arrived */
	uint64_t answers;
};

struct result {
	bool has_log; /* has the group a log? */
	bool
	    compacted; /* the log was compacted after the version that is asked for: the archive has it */
	uint64_t latest; /* version of all */
	uint64_t first;  /* the lowest version that there is something of, */
	uint64_t
	    version; /* and the one that is shown; 0: nothing is, as all that is known is later */
	uint64_t clear_seq; /* of what is shown, as all that follows; 0: never cleared */
	int64_t time;       /* when the last of it arrived; -1: not known */
	uint64_t lost;      /* versions that never arrived: in gap_total ranges, */
	size_t gap_total;
	size_t gap_count; /* of which the last are here, in order */
	struct seq_range gaps[RESULT_GAPS_MAX];
	struct tally_row *tally; /* most first */
	size_t tally_count;
	struct result_pair *pairs; /* newest first, then by key */
	size_t pair_count;
	struct result_change *changes; /* newest first: those wanted, */
	size_t change_count;
	uint64_t change_total; /* of so many */
	/*
	 * Of the whole history, in order of version and time.  The last is the present.  A version
	 * whose count would need all of the log's lines in memory is left out.
	 */
	struct result_moment line[RESULT_LINE_MAX];
	size_t line_count;
	struct result_moment moments[RESULT_MOMENTS_MAX]; /* a few of these */
	size_t moment_count;
	uint64_t unreadable;           /* lines that could not be read, and may be of the message */
	const struct message *message; /* log/state.h; NULL where version is 0 */
	/* private */
	struct state *state;
	struct history *history; /* owns changes */
};

/*
 * Reads the log as far as it goes when it is opened.  What is held in memory is what the message's
 * pairs and the rows asked for need, however long the log.  1; 0: there is no such group or
 * message; -1: DATA_DIR, OPEN_FAILED, LOG_UNSAFE, LOG_CHANGED, MEMORY.
 */
int result_read(struct result *result, const struct result_query *query, struct fault *fault);
void result_free(struct result *result);

#endif

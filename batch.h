/*
 * batch.h - writers that come to one log at the same time share one write and one sync.
 *
 * What the writer of a line does (store.c and store/turn.c):
 *
 *     batch_begin(&batch, line, length, deadline);
 *     while the lock is taken: batch_join(&batch, &log, until);
 *     with the lock: batch_leave(&batch): true, a leader has dealt with the line;
 *     else batch_gather, batch_compose, and one write and one sync of batch.bytes;
 *     batch_end(&batch, result, &span, fault);
 */
#ifndef BATCH_H
#define BATCH_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "store/options.h"

/* In bytes.  A longer line is not shared: its writer waits for the lock alone. */
#define BATCH_LINE_MAX (128 << 10)
/* The most lines of one write, ours included: store/tail.c looks for the gaps of so many. */
#define BATCH_LINES_MAX 512

/* A line that is written with others. */
struct batch_line {
	int fd;                   /* the connection to its writer; our own line: -1 */
	size_t start;             /* in the batch's bytes */
	size_t length;            /* its newline included */
	bool orphaned;            /* a leader took it and died: the log may hold it */
	struct store_span before; /* the log at a time when the line was not yet in it */
	bool found;               /* the log does hold it, */
	off_t end;                /* and the line ends there; not found: where it will end */
};

/* One append's part in a batch.  batch_begin makes it, batch_end ends it. */
struct batch {
	const char *line; /* ours */
	size_t length;
	int64_t deadline; /* CLOCK_MONOTONIC milliseconds */
	int listener;     /* >= 0: we are the next leader */
	int connection;   /* >= 0: a leader has the line, or will get it */
	int64_t ask;      /* when to try the lock although a leader has the line */
	int64_t refused;  /* since when no leader can be reached, or 0 */
	unsigned lost;    /* connections that ended without a verdict */
	bool moved;       /* the name may now belong to another log than the leader's */
	bool orphaned;    /* as of a line: it is not known whether it is stored */
	struct store_span before;
	/* A leader's: the lines to write, ours first.  NULL for everybody else. */
	struct batch_line *lines;
	size_t line_count;
	char *bytes;
	size_t size;
	/* What a leader reported of our line: 0, or -1 and the fault. */
	int result;
	bool found; /* a leader stored it and then died */
	struct store_span span;
	struct fault fault;
};

/* What to do while another writer has the lock. */
enum batch_turn {
	BATCH_WAIT,    /* wait for it */
	BATCH_RETRY,   /* try it again */
	BATCH_DONE,    /* stop: a leader has reported what became of the line */
	BATCH_TIMEOUT, /* stop: the time is over */
};

/* Where a line goes.  fd: the log, open. */
struct batch_log {
	const char *data_dir;
	const char *name;
	int fd;
};

/*
 * Does a process of another user listen at the address of that log's leader, in this network
 * namespace?  log->fd is not used.  False where this cannot be known.
 */
bool batch_address_is_taken(const struct batch_log *log);

/* Begins the append of a line.  The line stays the caller's.  Makes no system call. */
void batch_begin(struct batch *batch, const char *line, size_t length, int64_t deadline);

/*
 * Another writer has the log's lock: gives the line to the log's next leader, or becomes that
 * leader. until: as deadline; after it the lock is no longer waited for.
 */
enum batch_turn batch_join(struct batch *batch, const struct batch_log *log, int64_t until);

/*
 * Call it with the lock of the log that has the name.  True: a leader had the lock before and has
 * reported what became of the line.  False: the line is ours again, and no leader will write it.
 */
bool batch_leave(struct batch *batch);

/*
 * Call it with the lock of a log that has lost the name.  This lock does not tell what our leader
 * does, for the leader may be at work on that log or on the new one.  As long as the leader is
 * there, the lock of any other log does not tell it either.
 */
void batch_move(struct batch *batch);

/* Is there more to do than to append this one line? */
bool batch_is_needed(const struct batch *batch);

/*
 * Call it under the lock.  Takes the lines that have come so far and gives up the address: a writer
 * that comes now waits for the next leader.  May use all descriptors that are left.  Fails with
 * MEMORY.
 */
int batch_gather(struct batch *batch, struct fault *fault);

/*
 * Did the leader of some line die?  Then what that leader may have written must first be made
 * durable and searched.
 */
bool batch_has_orphans(const struct batch *batch);

/*
 * The offset from which on that log can hold an orphaned line.  The log's size: it can hold none.
 */
off_t batch_orphans_start(const struct batch *batch, const struct store_span *log);

/*
 * Finds the orphaned lines among these bytes, which begin at that offset of the log and are
 * durable.
 */
void batch_orphans_find(struct batch *batch, const char *bytes, size_t length, off_t offset);

/* Puts what is to be appended to a log of that size into bytes and size. */
void batch_compose(struct batch *batch, off_t log_size);

/*
 * Call it after the lock is given back.  result: 0, what was composed is appended to that log; or
 * -1 and the fault.  Reports to each follower what became of its line.  Closes and frees
 * everything.
 */
void batch_end(struct batch *batch, int result, const struct store_span *log,
    const struct fault *fault);

#endif

/*
 * batch.h - writers of one log that come at once share one write and one sync.
 */
#ifndef BATCH_H
#define BATCH_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "store/options.h"

/* A longer line waits for the lock by itself, in bytes. */
#define BATCH_LINE_MAX (128 << 10)

/* A line that is written with others. */
struct batch_line {
	int fd;                   /* of whose it is; our own: -1 */
	size_t start;             /* in the batch's bytes */
	size_t length;            /* its newline included */
	bool orphaned;            /* a leader that had it died: it may stand in the log */
	struct store_span before; /* the log, where it stood in none yet */
	bool found;               /* it does stand in the log, */
	off_t end;                /* and ends there; else where it will end */
};

/* One append's part in it.  Made by batch_begin, ended by batch_end. */
struct batch {
	const char *line; /* ours */
	size_t length;
	int64_t deadline; /* CLOCK_MONOTONIC milliseconds */
	int listener;     /* >= 0: the next leader is ours */
	int connection;   /* >= 0: a leader has the line, or will */
	int64_t ask;      /* when the lock is to be tried though a leader has the line */
	int64_t refused;  /* since when there is no leader to be had, or 0 */
	unsigned lost;    /* connections that ended without a verdict */
	bool moved;       /* the leader may be at work on another log than the name's */
	bool orphaned;    /* as a line's: whether it is stored is not known */
	struct store_span before;
	/* Of a leader: the lines to write, ours first; of anybody else NULL. */
	struct batch_line *lines;
	size_t line_count;
	char *bytes;
	size_t size;
	/* What a leader told of our line: 0 or -1, and then the fault. */
	int result;
	bool found; /* it was stored by a leader that died */
	struct store_span span;
	struct fault fault;
};

/* What is to be done about a lock that another has. */
enum batch_turn {
	BATCH_WAIT,    /* wait for it */
	BATCH_RETRY,   /* try it again */
	BATCH_DONE,    /* nothing: a leader has told what became of the line */
	BATCH_TIMEOUT, /* nothing: the time is over */
};

/* Where a line is to go.  fd: the log, open. */
struct batch_log {
	const char *data_dir;
	const char *name;
	int fd;
};

/*
 * Does another user listen on the address of that log's leader, in this network namespace?  fd is
 * not used.  False where it cannot be told.
 */
bool batch_address_is_taken(const struct batch_log *log);

/* Begins an append of that line, which stays the caller's; makes no system call. */
void batch_begin(struct batch *batch, const char *line, size_t length, int64_t deadline);

/*
 * The log's lock is another's: gives the line to the log's next leader, or becomes that.  until: as
 * deadline, after which the lock is no longer waited for.
 */
enum batch_turn batch_join(struct batch *batch, const struct batch_log *log, int64_t until);

/*
 * The lock is had of the log that has the name.  True: a leader had it before and has written the line.
 * Else the line is ours again, and no leader will write it.
 */
bool batch_leave(struct batch *batch);

/*
 * The lock is had of a log that has lost the name: it says nothing of the leader that has the line, and as
 * long as that is there, nor does any other log's, for the leader may be at work on the one or the other.
 */
void batch_move(struct batch *batch);

/* Is there more to do than to append the one line? */
bool batch_is_needed(const struct batch *batch);

/*
 * Under the lock: takes the lines that have come so far, and gives up the address: who comes now
 * waits for the next leader.  May use all descriptors that are left.  Fails with MEMORY.
 */
int batch_gather(struct batch *batch, struct fault *fault);

/* Has a line's leader died?  Then what it may have written must be durable, and looked at, first. */
bool batch_has_orphans(const struct batch *batch);

/* From where on an orphaned line can stand in that log; its size: nowhere. */
off_t batch_orphans_start(const struct batch *batch, const struct store_span *log);

/* Those bytes, of the log from that offset on, are durable: which orphaned lines stand there? */
void batch_orphans_find(struct batch *batch, const char *bytes, size_t length, off_t offset);

/* Leaves in bytes, and size, what is to be appended to a log of that size. */
void batch_compose(struct batch *batch, off_t log_size);

/*
 * The lock is given back, and what was composed is appended to that log: 0, or -1 and the fault.
 * Tells each follower what became of its line; closes and frees everything.
 */
void batch_end(struct batch *batch, int result, const struct store_span *log,
    const struct fault *fault);

#endif

/* store.h - one log file a group */
#ifndef STORE_H
#define STORE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct fault;

/* The longest line, its newline included: above Content-Length's 7 digits and an envelope. */
#define LINE_SIZE_MAX (10 << 20)
/* What an import may bring at most, so that a compaction's snapshot of the same is none too long. */
#define LINE_IMPORT_MAX (LINE_SIZE_MAX - 4096)

struct store_options {
	const char *data_dir;
	uid_t owner;         /* whose the logs must be: ours */
	mode_t file_mode;    /* of new files */
	bool sync;           /* false: answer before the disk has it */
	int lock_timeout;    /* milliseconds */
	uint64_t max_groups; /* no further log is created beside so many; 0: no limit */
	/* Receives TAIL_TORN and what was set aside where a log's torn end was mended; or NULL. */
	struct fault *notice;
};

/*
 * Is the data directory there, a directory, and not for others to write?
 * store_check_access: and can we?  Both fail with DATA_DIR.
 */
int store_check(const struct store_options *options, struct fault *fault);
int store_check_access(const struct store_options *options, struct fault *fault);

/* Which directory a path leads to. */
struct store_place {
	dev_t device;
	ino_t inode;
	int64_t born; /* nanoseconds since 1970; 0 where the file system does not say */
};

/* As store_check, and which directory is it? */
int store_look(const struct store_options *options, struct store_place *place, struct fault *fault);
bool store_place_equals(const struct store_place *one, const struct store_place *other);

/*
 * Does an append work?  Makes a file in the data directory, locks, writes and cuts it, in vain;
 * nothing is synced.  At most a file .msgext-probe stays.  deadline, SIGALRM, ITIMER_REAL,
 * SIGXFSZ: as store_append.  Fails with DATA_DIR, or as store_append.
 */
int store_probe(const struct store_options *options, int64_t deadline, struct fault *fault);

/* A log, as far as nothing that stands in it can be taken back any more. */
struct store_extent {
	dev_t device;
	ino_t inode;
	off_t size;
};

/*
 * Appends one line, its newline included, to the group's log under an
 * exclusive lock.  When it returns 0 the line is on disk (P1) and the only
 * thing of its kind (P2).  When it fails nothing of the line is left that a
 * reader or the next append would take for an event.
 *
 * deadline: CLOCK_MONOTONIC milliseconds after which the lock is no longer waited for.
 * extent: receives the log up to the line's end, or NULL.
 * A LOCK_TIMEOUT can say of a line that was given to another writer (batch.c) that it is not known
 * whether it was stored.
 * Uses SIGALRM and ITIMER_REAL while it waits.  The caller ignores SIGXFSZ.
 */
int store_append(const struct store_options *options, const char *group_id, const char *line,
    size_t length, int64_t deadline, struct store_extent *extent, struct fault *fault);

/* A line that is appended only where the log allows it. */
struct store_condition {
	const char *line; /* its newline included */
	size_t length;
	/*
	 * Called under the lock: the log's first extent->size bytes are whole lines.  -1: nothing is
	 * appended, for the reason in fault.  Everybody waits meanwhile: it does nothing that can
	 * block, and reads only what is new.
	 */
	int (*allow)(void *context, const struct store_extent *extent, struct fault *fault);
	void *context;
};

/* As store_append; waits for the lock as long as lock_timeout says. */
int store_append_if(const struct store_options *options, const char *group_id,
    const struct store_condition *condition, struct fault *fault);

/*
 * Mends the log's tail under its lock, as an append does, and measures it.  Removes what
 * replacements that were killed have left.
 */
int store_mend(const struct store_options *options, const char *group_id, int64_t deadline,
    struct store_extent *extent, struct fault *fault);

/* What is to stand in a log's place, and what of the log it already covers. */
struct store_replacement {
	/* The new file, opened by store_open_beside and written so far. */
	int fd;
	char *path; /* its path; "" as soon as nothing of ours stands there any more */
	/* Where it fails: was the log replaced all the same, or may the next writer do it? */
	bool in_doubt;
	struct store_extent read; /* the log, as far as it was read */
	const char *before;       /* what stood there before its end, to make sure */
	size_t before_length;
	const char *last; /* a line to end the new file with */
	size_t last_length;
};

/*
 * Under the log's lock: appends to the new file what the log has behind
 * what was read, then the last line, makes it durable and renames it to the log's
 * name.  Killed at any moment it leaves the old log or the new one, and loses
 * no event (P1).  Fails with LOG_CHANGED where the log is no longer the one read.
 */
int store_replace(const struct store_options *options, const char *group_id,
    struct store_replacement *replacement, int64_t deadline, struct fault *fault);

/*
 * Is that line (newline left out) the mark at the end of a log that was replaced?  It
 * is for the next writer, and no event: readers pass it over.
 */
bool store_line_is_mark(const char *line, size_t length);

/* The path of a file beside the group's log, .jsonl replaced by ending.  Fails with DATA_DIR. */
int store_path_beside(const struct store_options *options, const char *group_id, const char *ending,
    char path[PATH_MAX], struct fault *fault);

/*
 * Makes and locks a file beside the group's log, .jsonl replaced by .ID and ending; its path goes to
 * path, "" where it fails.  For a replacement ".new" comes first, and then ".gz.new".  The descriptor,
 * or -1: as store_append, LOCK_TIMEOUT where another replacement of the log is at work.
 */
int store_open_beside(const struct store_options *options, const char *group_id, const char *ending,
    char path[PATH_MAX], struct fault *fault);

/* Makes the names in the data directory durable.  Fails with SYNC_FAILED. */
int store_sync_directory(const struct store_options *options, struct fault *fault);

/* Would the next append leave a last line of these bytes (newline left out) where it is, and not set it aside? */
bool store_line_is_whole(const char *line, size_t length);

/*
 * Up to where the next append would leave an open log of that size as it is, without a lock: end.  Fails
 * as store_append, in fault, where the log cannot be read.  Where the last line is whole that is all of
 * it, also where the append would look for gaps that a power cut left: who waited for that could
 * withhold lines that were acknowledged, behind damage of another kind, for ever.
 */
int store_tail_look(int fd, off_t size, off_t *end, struct fault *fault);

/*
 * Waits until no writer is at work on an open log, and keeps writers away until
 * store_settle_end.  -1: errno, EINTR where it was not had in time.  Uses SIGALRM
 * and ITIMER_REAL as store_append does.
 */
int store_settle(int fd, int milliseconds);
void store_settle_end(int fd);

#endif

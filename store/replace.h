/* replace.h - another file in a log's place, while writers go on */
#ifndef STORE_REPLACE_H
#define STORE_REPLACE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fingerprint.h"
#include "store/options.h"

struct fault;

/*
 * Mends the log's tail under its lock, as an append does, and measures it.  Removes what
 * replacements that were killed have left.
 */
int store_repair(const struct store_options *options, const char *group_id, int64_t deadline,
    struct store_span *span, struct fault *fault);

/* What is to stand in a log's place, and what of the log it already covers. */
struct store_replacement {
	/* The new file, opened by store_open_sibling and written so far. */
	int fd;
	char *path; /* its path; "" as soon as nothing of ours stands there any more */
	/* Where it fails: was the log replaced all the same, or may the next writer do it? */
	bool in_doubt;
	struct store_span read;       /* the log, as far as it was read */
	struct fingerprint last_read; /* the last line of that */
	const char *last;             /* a line to end the new file with */
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

/* The path of a file beside the group's log, .jsonl replaced by ending.  Fails with DATA_DIR. */
int store_path_sibling(const struct store_options *options, const char *group_id,
    const char *ending, char path[PATH_MAX], struct fault *fault);

/*
 * Makes and locks a file beside the group's log, .jsonl replaced by .ID and ending; its path goes to
 * path, "" where it fails.  For a replacement ".new" comes first, and then ".gz.new".  The descriptor,
 * or -1: as store_append, LOCK_TIMEOUT where another replacement of the log is at work.
 */
int store_open_sibling(const struct store_options *options, const char *group_id,
    const char *ending, char path[PATH_MAX], struct fault *fault);

/* Makes the names in the data directory durable.  Fails with SYNC_FAILED. */
int store_sync_directory(const struct store_options *options, struct fault *fault);

#endif

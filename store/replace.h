/*
 * replace.h - put another file in a log's place while writers go on
 *
 *     store_repair(options, group_id, deadline, &replacement.read, fault);
 *     replacement.fd = store_open_sibling(options, group_id, ".new", path, fault);
 *     write the new file from the first read.size bytes of the log;
 *     store_replace(options, group_id, &replacement, deadline, fault);
 */
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
 * Is this the name of a file that a replacement makes, NAME.ID.new or NAME.ID.gz.new?  The length
 * of NAME, or 0.  Such a file is there while a replacement is at work, and after one was killed.
 */
size_t store_name_unfinished(const char *name);

/*
 * Repairs the log's tail under its lock, as an append does, and fills in the log's span.  Removes
 * the files that earlier replacements left when they were killed.
 */
int store_repair(const struct store_options *options, const char *group_id, int64_t deadline,
    struct store_span *span, struct fault *fault);

/*
 * Removes the files that killed replacements left, as store_repair does, also where there is no
 * log: none is made.
 */
int store_clean(const struct store_options *options, const char *group_id, int64_t deadline,
    struct fault *fault);

/* The new file, and the part of the log that it already covers. */
struct store_replacement {
	/* The new file, opened by store_open_sibling, with what was written so far. */
	int fd;
	char *path; /* its path; "" once no file of ours has that path any more */
	/* On failure: can the log be replaced all the same, now or by the next writer? */
	bool in_doubt;
	struct store_span read;       /* the part of the log that was read */
	struct fingerprint last_read; /* the last line of that part */
	const char *last;             /* the last line of the new file */
	size_t last_length;
};

/*
 * Under the log's lock it appends to the new file what the log has after the part that was read,
 * and then the last line; makes the new file durable; and renames it to the log's name.  If it is
 * killed at any moment, the old log or the new one is there, and no event is lost (P1).  Fails with
 * LOG_CHANGED where the log is no longer the one that was read.
 */
int store_replace(const struct store_options *options, const char *group_id,
    struct store_replacement *replacement, int64_t deadline, struct fault *fault);

/*
 * What edits a .torn file: the new content, or NULL where it stays as it is, or with a fault.  The
 * result is freed.
 */
struct store_edit {
	char *(*edit)(void *context, const char *bytes, size_t length, size_t *new_length,
	    struct fault *fault);
	void *context;
};

/*
 * Puts another file in the place of the log's .torn file, in one step and under the log's lock, so
 * that no writer sets a tail aside meanwhile.  Nothing is done where there is none.  Fails as
 * store_repair and edit do, and with FIELD_RANGE where the file has over 64 MiB.
 */
int store_edit_torn(const struct store_options *options, const char *group_id,
    const struct store_edit *edit, int64_t deadline, struct fault *fault);

/*
 * The path of a sibling of the group's log, with ending in place of .jsonl.  Fails with DATA_DIR.
 */
int store_path_sibling(const struct store_options *options, const char *group_id,
    const char *ending, char path[PATH_MAX], struct fault *fault);

/*
 * Makes and locks a sibling of the group's log, with .ID and ending in place of .jsonl. path
 * receives its path, or "" on failure.  A replacement makes its ".new" first and its ".gz.new"
 * after that.  The descriptor, or -1: as store_append, and LOCK_TIMEOUT where another replacement
 * of the log is at work.
 */
int store_open_sibling(const struct store_options *options, const char *group_id,
    const char *ending, char path[PATH_MAX], struct fault *fault);

/* Syncs the data directory: the names in it are durable.  Fails with SYNC_FAILED. */
int store_sync_directory(const struct store_options *options, struct fault *fault);

#endif

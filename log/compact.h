/* compact.h - a log rewritten to what its state needs */
#ifndef LOG_COMPACT_H
#define LOG_COMPACT_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct erasure;
struct fault;
struct record;
struct store_options;

struct compaction {
	const struct store_options *options;
	const char *group_id;
	bool discard; /* keep no archive */
	/* > 0: archive messages whose last record arrived before that time, milliseconds since 1970 */
	int64_t before;
	/* take the last import of that message out, and leave all else; or NULL */
	const uint64_t *undo;
	/* take that out of the lines, and change nothing else; the caller begins and ends it; or NULL */
	struct erasure *erasure;
	int64_t addresses_before; /* > 0: ClientIP leaves lines that arrived before, likewise */
	void (*progress)(void *context, off_t done, off_t total); /* or NULL */
	void *context;
	/* what became of it */
	bool unchanged; /* there was nothing to compact */
	char archive[PATH_MAX];
	uint64_t lines_before, lines_after; /* but for those appended meanwhile */
	uint64_t lines_unreadable;          /* copied as they were */
	uint64_t lines_edited;              /* something left them */
	off_t bytes_before, bytes_after;
};

/*
 * The last import of a message:
 *
 *     struct last_import import = { .msg_seq = 10 };
 *     while (there is a line with a record)
 *         import_look(&import, line.number, &record);
 *     import_check(&import, &fault)                 0: import.line can be taken out; -1
 */
struct last_import {
	uint64_t msg_seq;
	uint64_t line;           /* its number, or 0 */
	uint64_t complete_up_to; /* what it says */
	bool compacted;          /* a later snapshot has what it brought */
};

/* Looks at the record of the line of that number. */
void import_look(struct last_import *import, uint64_t line, const struct record *record);
/* Can it be taken out?  Fails with FIELD_RANGE. */
int import_check(const struct last_import *import, struct fault *fault);

/* What a compaction's last snapshot says it replaces, for a log of that inode. */
uint64_t compact_replaces(ino_t inode);

/*
 * Would compact_log change the log, for what is in it now?  1, 0, or -1 as compact_log.  Reads
 * without a lock and makes nothing, so it is cheap where there is nothing to do.  Not for undo.
 */
int compact_is_needed(const struct compaction *compaction, struct fault *fault);

/*
 * Compacts a group's log while writers go on; the original is kept as
 * NAME.<time>.jsonl.gz unless discard.  Or moves the lines of old messages there
 * and leaves the others as they are.  Or takes an import out; FIELD_RANGE where there is
 * none, or a later snapshot has what it brought.  Or takes out what an erasure says, and keeps no
 * original.  When it fails the log is as it was, or
 * whole and compacted; so it is when the process is killed.
 */
int compact_log(struct compaction *compaction, struct fault *fault);

#endif

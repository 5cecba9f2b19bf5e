/*
 * importer.h - an answer of the vendor's appended to its message's log, under the lock
 *
 *	struct importer importer = { .options = &store, .judge = import_judge };
 *
 *	importer_begin(&importer, group_id, msg_seq);
 *	if (importer_take(&importer, &answer, fault) == 0 && importer_append(&importer, fault) == 0)
 *		use(&importer.import.change);
 *	importer_end(&importer);
 */
#ifndef LOG_IMPORTER_H
#define LOG_IMPORTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "log/import.h"
#include "log/line.h"
#include "log/scan.h"
#include "names.h"
#include "record.h"
#include "store/tail.h"

struct answer;
struct fault;
struct store_options;

struct importer {
	/* set by the caller; what is pointed to must live until importer_end */
	const struct store_options *options;
	/* Says whether the log speaks against the answer; NULL: it is not asked. */
	int (*judge)(const struct import *import, struct fault *fault);
	/* Folds what is known of the message elsewhere, each time that the log is read; or NULL. */
	int (*fold_others)(void *context, struct import *import, struct fault *fault);
	void *context;
	bool dry_run; /* reads and judges, and appends nothing */
	/* what became of it */
	struct import import; /* its change, after importer_append and importer_compare */
	char log_name[STORE_NAME_SIZE];
	uint64_t unreadable; /* lines of the log that are no records of the group */
	/* private */
	char *line; /* the snapshot */
	size_t length;
	char needle[48];
	struct line_reader reader;
	struct scan scan; /* not open: there is no log */
	struct store_settled settled;
	off_t offset;    /* after the last line that was read */
	uint64_t number; /* of that line */
};

/* The group's id must live until importer_end. */
void importer_begin(struct importer *importer, const char *group_id, uint64_t msg_seq);
void importer_end(struct importer *importer);

/* Makes the snapshot of the answer.  Fails with FIELD_RANGE where it would be too long, MEMORY. */
int importer_take(struct importer *importer, struct answer *answer, struct fault *fault);

/*
 * Reads the log, judges, and appends the snapshot: in one step with what arrived meanwhile, as
 * store_append_if does; a log is made where there is none.  Fails as judge, store_append_if and
 * scan_open do, and with LOG_CHANGED where the log is replaced again and again.
 */
int importer_append(struct importer *importer, struct fault *fault);

/*
 * For an import that is taken out: opens the log, and reads the message's records.
 * importer_open: fails with LOG_CHANGED where there is no log.  importer_next: 1, and number is
 * that of the record's line; 0: there is no other; -1: fault.  importer_compare: opens it, folds
 * all records but that of the line, and finds what changes.
 */
int importer_open(struct importer *importer, struct fault *fault);
int importer_next(struct importer *importer, struct record *record, uint64_t *number,
    struct fault *fault);
int importer_compare(struct importer *importer, uint64_t taken_out, struct fault *fault);

#endif

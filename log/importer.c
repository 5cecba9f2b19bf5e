/*
 * importer.c - an answer of the vendor's appended to its message's log, under the lock.
 *
 * The whole log is read without a lock.  What an event says that arrives between
 * that and the append is read under the log's lock, and judged with the rest, in the
 * same step as the append (store_append_if); so what is reported is what was done.
 *
 * Whether the log speaks against the answer is the caller's question: a person who
 * imports a file is asked more than a program that has just asked for this message.
 */
#include "log/importer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/time.h"
#include "log/answer.h"
#include "store/options.h"
#include "store.h"

#define SETTLE_MILLISECONDS 5000
#define TRIES_MAX 10 /* where the log is replaced again and again */

void
importer_begin(struct importer *importer, const char *group_id, uint64_t msg_seq)
{
	importer->import = (struct import){ .group_id = group_id, .msg_seq = msg_seq };
	importer->scan.fd = -1;
	store_name_find(importer->options->data_dir, group_id, importer->log_name);
	snprintf(importer->needle, sizeof(importer->needle), "\"MsgSeq\":%llu",
	    (unsigned long long)msg_seq);
}

int
importer_take(struct importer *importer, struct answer *answer, struct fault *fault)
{
	struct record *record = &answer->record;

	record->time = time_now();
	record->event.group_id = importer->import.group_id;
	record->event.msg_seq = importer->import.msg_seq;
	importer->import.answer = answer;
	importer->line = record_line(record, &importer->length);
	if (importer->line == NULL)
		return fault_memory(fault);
	if (importer->length > LINE_SIZE_MAX)
		return fault_set(fault, FAULT_FIELD_RANGE,
		    "answer: its snapshot would be over %d bytes", LINE_SIZE_MAX);
	return 0;
}

/* Forgets what was read of the log. */
static void
log_forget(struct importer *importer)
{
	scan_close(&importer->scan);
	import_end(&importer->import);
	importer->offset = 0;
	importer->number = 0;
	importer->unreadable = 0;
}

void
importer_end(struct importer *importer)
{
	uint64_t unreadable = importer->unreadable;

	log_forget(importer);
	importer->unreadable = unreadable; /* is told of afterwards */
	line_reader_free(&importer->reader);
	free(importer->line);
	importer->line = NULL;
}

/* 1: the line is a record of the message; 0: it is not; -1: fault. */
static int
line_is_ours(struct importer *importer, const struct line *line, struct record *record,
    struct fault *fault)
{
	int result;

	if (memmem(line->bytes, line->length, importer->needle, strlen(importer->needle)) == NULL)
		return 0;
	result = line_record(&importer->reader, line, record, fault);
	if (result < 0)
		return -1;
	if (result == 0 || strcmp(record->event.group_id, importer->import.group_id) != 0) {
		importer->unreadable++;
		return 0;
	}
	return record->event.msg_seq == importer->import.msg_seq;
}

/*
 * 1: the message's next record, in a line that ends at or before that offset; 0: there is no other;
 * -1: fault.
 */
static int
record_next(struct importer *importer, off_t end, struct record *record, struct fault *fault)
{
	struct scan *scan = &importer->scan;
	struct line line;
	int more = 0;

	while (importer->offset < end && (more = scan_next(scan, &line, fault)) == 1) {
		if (scan_offset(scan) > end)
			return 0;
		importer->offset = scan_offset(scan);
		importer->number = line.number;
		more = line_is_ours(importer, &line, record, fault);
		if (more != 0)
			return more;
	}
	return more < 0 ? -1 : 0;
}

/* Folds what stands before that offset and was not folded yet. */
static int
log_fold(struct importer *importer, off_t end, uint64_t taken_out, struct fault *fault)
{
	struct record record;
	int more;

	/* Once more from the last whole line: what was unfinished may have been cut off. */
	scan_seek(&importer->scan, importer->offset, importer->number);
	while ((more = record_next(importer, end, &record, fault)) == 1)
		if (import_fold(&importer->import, &record, importer->number == taken_out, fault) !=
		    0)
			return -1;
	return more;
}

/* Opens the log: 1; 0: there is none, and it stays closed; -1: fault. */
static int
log_open(struct importer *importer, struct fault *fault)
{
	log_forget(importer);
	if (import_begin(&importer->import, fault) != 0)
		return -1;
	return scan_open(&importer->scan, importer->options->data_dir, importer->log_name, fault);
}

/* Finds out up to where no writer takes anything back any more. */
static int
log_settle(struct importer *importer, struct fault *fault)
{
	if (store_settle(importer->scan.fd, clock_milliseconds() + SETTLE_MILLISECONDS,
		&importer->settled, fault) == 0)
		return 0;
	if (fault->code == FAULT_LOCK_TIMEOUT)
		return fault_set(fault, FAULT_LOCK_TIMEOUT,
		    "%s: the lock was not free in time (try again)", importer->log_name);
	return fault_name(fault, importer->log_name);
}

/* Finds what would change, and whether the log speaks against it. */
static int
importer_judge(const struct importer *importer, struct import *import, struct fault *fault)
{
	if (import_compare(import, fault) != 0)
		return -1;
	return importer->judge == NULL ? 0 : importer->judge(import, fault);
}

/* Is the log that is locked the one that was read? */
static bool
log_is_read(const struct importer *importer, const struct store_span *span)
{
	const struct scan *scan = &importer->scan;

	if (scan->fd < 0)
		return span->size == 0;
	return scan->device == span->device && scan->inode == span->inode &&
	    importer->offset <= span->size &&
	    fingerprint_holds(&importer->settled.last, scan->fd) == 1;
}

/* Under the log's lock: judges with what has arrived since. */
static int
import_allow(void *context, const struct store_span *span, struct fault *fault)
{
	struct importer *importer = context;

	if (!log_is_read(importer, span))
		return fault_set(fault, FAULT_LOG_CHANGED,
		    "%s: was replaced or cut meanwhile; nothing was changed (try again)",
		    importer->log_name);
	if (importer->scan.fd < 0 || importer->offset == span->size)
		return 0;
	if (log_fold(importer, span->size, 0, fault) != 0)
		return -1;
	return importer_judge(importer, &importer->import, fault);
}

/* Reads the log, and judges. */
static int
log_read(struct importer *importer, struct fault *fault)
{
	struct import *import = &importer->import;
	int found = log_open(importer, fault);

	if (found < 0)
		return -1;
	import->has_log = found == 1;
	if (importer->fold_others != NULL &&
	    importer->fold_others(importer->context, import, fault) != 0)
		return -1;
	importer->settled = (struct store_settled){ .end = INT64_MAX };
	if (found == 1 && !importer->dry_run && log_settle(importer, fault) != 0)
		return -1;
	if (found == 1 && log_fold(importer, importer->settled.end, 0, fault) != 0)
		return -1;
	return importer_judge(importer, import, fault);
}

int
importer_append(struct importer *importer, struct fault *fault)
{
	struct store_condition condition = { .line = importer->line,
		.length = importer->length,
		.allow = import_allow,
		.context = importer };

	for (int i = 1;; i++) {
		if (log_read(importer, fault) != 0)
			return -1;
		if (importer->dry_run ||
		    store_append_if(importer->options, importer->import.group_id, &condition,
			fault) == 0)
			return 0;
		if (fault->code != FAULT_LOG_CHANGED || i == TRIES_MAX)
			return -1;
		fault->code = FAULT_NONE;
	}
}

int
importer_open(struct importer *importer, struct fault *fault)
{
	int found = log_open(importer, fault);

	if (found == 0)
		return fault_set(fault, FAULT_LOG_CHANGED, "%s: is gone", importer->log_name);
	return found < 0 ? -1 : 0;
}

int
importer_next(struct importer *importer, struct record *record, uint64_t *number,
    struct fault *fault)
{
	int more = record_next(importer, INT64_MAX, record, fault);

	*number = importer->number;
	return more;
}

int
importer_compare(struct importer *importer, uint64_t taken_out, struct fault *fault)
{
	if (importer_open(importer, fault) != 0 ||
	    log_fold(importer, INT64_MAX, taken_out, fault) != 0)
		return -1;
	return import_compare(&importer->import, fault);
}

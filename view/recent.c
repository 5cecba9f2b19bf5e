/*
 * recent.c - the last events of all groups, newest first.
 *
 * The end of each of the logs that changed last is read, at the same cost however long the logs are.
 * A line longer than such an end gets a second, longer look, so that a large event is not missed.
 *
 * Rows are in the order of the time when they arrived.  Those of one millisecond are numbered, for the
 * link to the page that goes on after a row: new events are put above, and move no row.
 */
#include <stdlib.h>
#include <string.h>

#include "view/recent.h"
#include "base/fault.h"
#include "view/directory.h"
#include "view/history.h"
#include "view/reader.h"

#define TAIL_LONG ((off_t)1 << 20)

/* A row, and where it stands. */
struct placed {
	struct recent_row row;
	size_t log; /* number of its log */
	off_t offset;
};

struct gathering {
	const struct recent_query *query;
	struct recent *recent;
	struct placed *rows;
	size_t count, size;
	size_t text_size;
	struct fault *fault;
};

/* Newest first; of one millisecond by log, and the last line of each first. */
static int
placed_compare(const void *a, const void *b)
{
	const struct placed *left = a, *right = b;

	if (left->row.time != right->row.time)
		return left->row.time < right->row.time ? 1 : -1;
	if (left->log != right->log)
		return left->log < right->log ? -1 : 1;
	return (left->offset < right->offset) - (left->offset > right->offset);
}

/* Keeps a copy of a text, or NULL of NULL, in *to: 0; -1: no memory. */
static int
text_keep(struct gathering *gathering, const char *text, const char **to)
{
	struct recent *recent = gathering->recent;
	char *copy;

	*to = NULL;
	if (text == NULL)
		return 0;
	if (recent->text_count == gathering->text_size) {
		size_t size = gathering->text_size == 0 ? 256 : 2 * gathering->text_size;
		char **larger = realloc(recent->texts, size * sizeof(*larger));

		if (larger == NULL)
			return -1;
		recent->texts = larger;
		gathering->text_size = size;
	}
	copy = strdup(text);
	if (copy == NULL)
		return -1;
	*to = recent->texts[recent->text_count++] = copy;
	return 0;
}

/* Room for one more row; NULL: no memory. */
static struct placed *
placed_new(struct gathering *gathering)
{
	if (gathering->count == gathering->size) {
		size_t size = gathering->size == 0 ? 256 : 2 * gathering->size;
		struct placed *larger = realloc(gathering->rows, size * sizeof(*larger));

		if (larger == NULL)
			return NULL;
		gathering->rows = larger;
		gathering->size = size;
	}
	return &gathering->rows[gathering->count++];
}

/* Takes a record in, which may be a row: 0; -1: no memory. */
static int
record_take(struct gathering *gathering, const struct reader *reader, size_t log,
    const struct record *record)
{
	const struct event *event = &record->event;
	int64_t before = gathering->query->before;
	const char *key, *value;
	struct placed *placed;

	/* What is newer than the page is not shown; what has no time has no place. */
	if (record->time < 0 || (before > 0 && record->time > before))
		return 0;
	placed = placed_new(gathering);
	if (placed == NULL)
		return -1;
	*placed = (struct placed){ .log = log,
		.offset = reader->line.offset,
		.row = { .message = event->msg_seq,
		    .kind = change_kind(record),
		    .seq = event->seq,
		    .time = record->time,
		    .pairs = event->pair_count } };
	change_texts(record, 0, &key, &value);
	if (text_keep(gathering, event->group_id, &placed->row.group) != 0 ||
	    text_keep(gathering, key, &placed->row.key) != 0)
		return -1;
	return text_keep(gathering, value, &placed->row.value);
}

/* Takes the end of a log in: how many records there are; -1: fault. */
static int
tail_read(struct gathering *gathering, struct reader *reader, size_t log, off_t size)
{
	struct record record;
	int more, found = 0;

	reader->unreadable = 0;
	reader_seek_tail(reader, size);
	while ((more = reader_next(reader, &record, gathering->fault)) == 1) {
		if (record_take(gathering, reader, log, &record) != 0)
			return fault_memory(gathering->fault);
		found = 1;
	}
	return more < 0 ? -1 : found;
}

/* Takes a log in: 0; -1: no memory. */
static int
log_take(struct gathering *gathering, const char *name, size_t number)
{
	struct fault *fault = gathering->fault;
	struct reader reader;
	int found = reader_open(&reader, gathering->query->data_dir, name, fault);

	if (found == 1) {
		found = tail_read(gathering, &reader, number, RECENT_TAIL);
		if (found == 0 && reader.scan.file_size > RECENT_TAIL)
			found = tail_read(gathering, &reader, number, TAIL_LONG);
		gathering->recent->unreadable += reader.unreadable;
	}
	reader_close(&reader);
	if (found >= 0 || fault->code == FAULT_OPEN_FAILED || fault->code == FAULT_LOG_UNSAFE)
		return 0;
	return -1;
}

/* Numbers the rows, and makes those that are wanted of them: 0; -1: no memory. */
static int
rows_make(struct gathering *gathering)
{
	const struct recent_query *query = gathering->query;
	struct recent *recent = gathering->recent;
	unsigned number = 0;

	recent->rows = calloc(query->rows + 1, sizeof(*recent->rows));
	if (recent->rows == NULL)
		return fault_memory(gathering->fault);
	if (gathering->count > 0)
		qsort(gathering->rows, gathering->count, sizeof(*gathering->rows), placed_compare);
	for (size_t i = 0; i < gathering->count && !recent->more; i++) {
		struct recent_row *row = &gathering->rows[i].row;

		number = i > 0 && gathering->rows[i - 1].row.time == row->time ? number + 1 : 1;
		row->number = number;
		if (query->before > 0 && row->time == query->before && number <= query->before_line)
			continue;
		if (recent->count == query->rows)
			recent->more = true;
		else
			recent->rows[recent->count++] = *row;
	}
	return 0;
}

int
recent_read(struct recent *recent, const struct recent_query *query, struct fault *fault)
{
	struct gathering gathering = { .query = query, .recent = recent, .fault = fault };
	struct directory directory;
	int result = 0;

	*recent = (struct recent){ 0 };
	if (directory_read(&directory, query->data_dir, fault) != 0)
		return -1;
	for (size_t i = 0; result == 0 && i < directory.count && i < RECENT_LOGS; i++)
		result = log_take(&gathering, directory.logs[i].name, i);
	if (result == 0)
		result = rows_make(&gathering);
	free(gathering.rows);
	directory_free(&directory);
	return result;
}

void
recent_free(struct recent *recent)
{
	for (size_t i = 0; i < recent->text_count; i++)
		free(recent->texts[i]);
	free(recent->texts);
	free(recent->rows);
	*recent = (struct recent){ 0 };
}

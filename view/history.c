/*
 * history.c - what changed in a message, newest version first.
 *
 * Lines come in any order, and a page shows a few rows of what may be millions.  So of each line only
 * its version and place are noted, and the texts are read again once it is known which
 * rows are shown.  Where the notes get too many, the oldest versions are dropped that no row wanted
 * can be of: memory is as the rows that are passed over and wanted.
 *
 * What a key had before a change is found by a second look at the message's lines (before.c):
 * at their places, or where some were dropped by reading the log once more.
 *
 * Rows of one version: snapshots above events, for these say what there was after them; then those
 * that came last first.
 */
#include <stdlib.h>
#include <string.h>

#include "view/history.h"
#include "base/fault.h"
#include "log/state.h"
#include "record.h"
#include "view/before.h"
#include "view/reader.h"

#ifndef HISTORY_LINES       /* a test asks for few */
#define HISTORY_LINES 65536 /* that are noted in any case */
#endif
#define SKIP_MAX 1000000
#define EXTENT_MAX (256 << 10) /* bytes that are read at once */
#define EXTENT_GAP 4096        /* bytes that are read rather than passed over */

struct history_line {
	uint64_t seq;
	off_t offset;
	uint32_t length;
	uint32_t rows; /* 0: it is a snapshot, which has one */
};

enum change_kind
change_kind(const struct record *record)
{
	if (record->is_snapshot)
		return CHANGE_SNAPSHOT;
	switch (record->event.operate_type) {
	case OPERATE_DELETE:
		return CHANGE_DELETE;
	case OPERATE_CLEAR:
		return CHANGE_CLEAR;
	default:
		return CHANGE_SET;
	}
}

void
change_texts(const struct record *record, size_t number, const char **key, const char **value)
{
	enum change_kind kind = change_kind(record);

	*key = *value = NULL;
	if (kind == CHANGE_SNAPSHOT)
		*value = record->kind;
	if ((kind != CHANGE_SET && kind != CHANGE_DELETE) || number >= record->event.pair_count)
		return;
	*key = record->event.pairs[number].key;
	if (kind == CHANGE_SET)
		*value = record->event.pairs[number].value;
}

static size_t
line_rows(const struct history_line *line)
{
	return line->rows == 0 ? 1 : line->rows;
}

/* In the order of the rows. */
static int
line_compare(const void *a, const void *b)
{
	const struct history_line *left = a, *right = b;

	if (left->seq != right->seq)
		return left->seq < right->seq ? 1 : -1;
	if ((left->rows == 0) != (right->rows == 0))
		return left->rows == 0 ? -1 : 1;
	return (left->offset < right->offset) - (left->offset > right->offset);
}

static int
line_compare_offset(const void *a, const void *b)
{
	const struct history_line *left = a, *right = b;

	return (left->offset > right->offset) - (left->offset < right->offset);
}

static void
lines_sort(const struct history *history, int (*compare)(const void *, const void *))
{
	if (history->line_count > 0)
		qsort(history->lines, history->line_count, sizeof(*history->lines), compare);
}

/* Drops the lines that no row wanted can be of, but for one, which may be the same event as the last. */
static void
lines_prune(struct history *history)
{
	uint64_t rows = 0, wanted = history->wanted.skip + history->wanted.rows;
	size_t kept = 0;

	lines_sort(history, line_compare);
	while (kept < history->line_count && rows < wanted)
		rows += line_rows(&history->lines[kept++]);
	if (kept < history->line_count)
		kept++;
	history->pruned = history->pruned || kept < history->line_count;
	history->line_count = kept;
}

/* Makes room for a line: 0; -1: no memory. */
static int
lines_make_room(struct history *history)
{
	uint64_t most = 2 * (history->wanted.skip + history->wanted.rows + 1);
	size_t size = history->size == 0 ? 64 : 2 * history->size;
	struct history_line *larger;

	if (most < HISTORY_LINES)
		most = HISTORY_LINES;
	if (history->line_count < history->size)
		return 0;
	if (history->size >= most) {
		lines_prune(history);
		return 0;
	}
	larger = realloc(history->lines, size * sizeof(*larger));
	if (larger == NULL)
		return -1;
	history->lines = larger;
	history->size = size;
	return 0;
}

static bool
rows_are_wanted(const struct history *history)
{
	return history->wanted.rows > 0 && history->wanted.skip <= SKIP_MAX;
}

int
history_add(struct history *history, const struct record *record, const struct line *line)
{
	struct history_line added = { record->event.seq, line->offset, (uint32_t)line->length, 1 };

	if (record->is_snapshot)
		added.rows = 0;
	else if (change_kind(record) != CHANGE_CLEAR && record->event.pair_count > 0)
		added.rows = (uint32_t)record->event.pair_count;
	history->total += line_rows(&added);
	if (!rows_are_wanted(history))
		return 0;
	if (lines_make_room(history) != 0)
		return -1;
	history->lines[history->line_count++] = added;
	return 0;
}

/* the rows */

/* Keeps a copy of a text; NULL: no memory. */
static const char *
text_keep(struct history *history, const char *text)
{
	char *copy = strdup(text);

	if (copy != NULL)
		history->texts[history->text_count++] = copy;
	return copy;
}

/* Makes the row of a record's pair of that number. */
static int
row_make(struct history *history, const struct record *record, size_t number, bool again)
{
	struct result_change *row = &history->rows[history->count];
	const char *key, *value;

	*row = (struct result_change){ .kind = change_kind(record),
		.again = again,
		.seq = record->event.seq,
		.time = record->time };
	change_texts(record, number, &key, &value);
	if (key != NULL && (row->key = text_keep(history, key)) == NULL)
		return -1;
	if (value != NULL && (row->value = text_keep(history, value)) == NULL)
		return -1;
	history->count++;
	return 0;
}

/* Makes the rows of a line that are wanted; at: how many rows stand above it. */
static int
line_make_rows(struct history *history, struct reader *reader, size_t index, uint64_t at,
    struct fault *fault)
{
	const struct history_line *line = &history->lines[index], *next = line + 1;
	const struct line place = { .offset = line->offset, .length = line->length };
	bool again = index + 1 < history->line_count && next->seq == line->seq && next->rows > 0 &&
	    line->rows > 0;
	uint64_t skip = history->wanted.skip;
	struct record record;

	if (at + line_rows(line) <= skip)
		return 0;
	if (reader_at(reader, &place, 0, &record, fault) != 0)
		return -1;
	for (size_t i = at < skip ? (size_t)(skip - at) : 0;
	     i < line_rows(line) && history->count < history->wanted.rows; i++)
		if (row_make(history, &record, i, again) != 0)
			return fault_memory(fault);
	return 0;
}

/* Makes the rows but for what was before them. */
static int
rows_make(struct history *history, struct reader *reader, const struct message *message,
    size_t gaps, struct fault *fault)
{
	uint64_t at = 0;
	size_t i = 0;

	while (history->count < history->wanted.rows && (i < history->line_count || gaps > 0)) {
		const struct history_line *line = &history->lines[i];
		struct seq_range gap;

		if (gaps > 0 && message_gap(message, gaps - 1, &gap) &&
		    (i == history->line_count || gap.last > line->seq)) {
			if (at++ >= history->wanted.skip)
				history->rows[history->count++] =
				    (struct result_change){ .kind = CHANGE_GAP,
					    .seq = gap.last,
					    .time = -1,
					    .gap = gap };
			gaps--;
			continue;
		}
		if (line_make_rows(history, reader, i, at, fault) != 0)
			return -1;
		at += line_rows(line);
		i++;
	}
	return 0;
}

/* what was before them */

/* How much is read at once from a line on, in the order of their places. */
static size_t
extent_find(const struct history *history, size_t index)
{
	const struct history_line *lines = history->lines;
	off_t begin = lines[index].offset, end = begin + lines[index].length + 1;

	for (size_t i = index + 1; i < history->line_count; i++) {
		off_t reach = lines[i].offset + lines[i].length + 1;

		if (lines[i].offset - end > EXTENT_GAP || reach - begin > EXTENT_MAX)
			break;
		end = reach;
	}
	return (size_t)(end - begin);
}

/* Folds the lines at their places. */
static int
before_read_noted(struct history *history, struct reader *reader, struct before *before,
    struct fault *fault)
{
	uint64_t highest = before_highest(before);
	off_t covered = 0;
	struct record record;

	lines_sort(history, line_compare_offset);
	for (size_t i = 0; i < history->line_count; i++) {
		const struct history_line *line = &history->lines[i];
		const struct line place = { .offset = line->offset, .length = line->length };
		size_t extent = 0;

		if (line->seq >= highest)
			continue;
		if (line->offset >= covered) {
			extent = extent_find(history, i);
			covered = line->offset + (off_t)extent;
		}
		if (reader_at(reader, &place, extent, &record, fault) != 0)
			return -1;
		if (before_fold(before, &record) != 0)
			return fault_memory(fault);
	}
	return 0;
}

/* Folds the lines by reading the log once more. */
static int
before_read_again(struct reader *reader, struct before *before, struct fault *fault)
{
	uint64_t unreadable = reader->unreadable;
	struct record record;
	int more;

	reader_seek_tail(reader, reader->end);
	while ((more = reader_next(reader, &record, fault)) == 1)
		if (before_fold(before, &record) != 0)
			return fault_memory(fault);
	reader->unreadable = unreadable; /* the first time counts */
	return more;
}

static int
before_fill(struct history *history, struct before *before)
{
	before_end(before);
	for (size_t i = 0; i < history->count; i++) {
		struct result_change *row = &history->rows[i];
		const char *value =
		    row->key == NULL ? NULL : before_value(before, row->key, row->seq);

		if (value != NULL && (row->before = text_keep(history, value)) == NULL)
			return -1;
	}
	return 0;
}

static int
before_make(struct history *history, struct reader *reader, struct fault *fault)
{
	struct before before = { 0 };
	int result = 0;

	for (size_t i = 0; result == 0 && i < history->count; i++)
		if (history->rows[i].key != NULL)
			result = before_want(&before, history->rows[i].key, history->rows[i].seq);
	if (result != 0 || before_begin(&before) != 0) {
		result = fault_memory(fault);
		goto out;
	}
	if (before.count == 0)
		goto out;
	result = history->pruned ? before_read_again(reader, &before, fault)
				 : before_read_noted(history, reader, &before, fault);
	if (result == 0 && before_fill(history, &before) != 0)
		result = fault_memory(fault);
out:
	before_free(&before);
	return result;
}

int
history_rows(struct history *history, struct reader *reader, const struct message *message,
    struct fault *fault)
{
	size_t gaps = message == NULL ? 0 : message_gap_count(message);

	history->total += gaps;
	if (!rows_are_wanted(history) || history->total <= history->wanted.skip)
		return 0;
	history->rows = calloc(history->wanted.rows, sizeof(*history->rows));
	history->texts = calloc(3 * history->wanted.rows, sizeof(*history->texts));
	if (history->rows == NULL || history->texts == NULL)
		return fault_memory(fault);
	lines_sort(history, line_compare);
	if (rows_make(history, reader, message, gaps, fault) != 0)
		return -1;
	return before_make(history, reader, fault);
}

void
history_free(struct history *history)
{
	for (size_t i = 0; i < history->text_count; i++)
		free(history->texts[i]);
	free(history->texts);
	free(history->lines);
	free(history->rows);
	*history = (struct history){ 0 };
}

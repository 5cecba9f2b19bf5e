/*
 * result.c - one message as its page shows it, now or as it was.
 *
 * One reading of the log's lines that may be of the message (log/scan.c finds them without a look at
 * the others) gives all but the history's texts: the fold (log/state.c), or the fold of what is up to
 * the version that is asked for; when each answer came and how many there were (course.c); where the
 * lines of the history are (history.c).
 *
 * What a page says of a version is what `msgextctl show` says of it, and so only lines up to that
 * version count.  How answers came is told of the whole log, whatever version is shown.
 */
#include <stdlib.h>
#include <string.h>

#include "view/result.h"
#include "base/fault.h"
#include "log/state.h"
#include "view/course.h"
#include "view/history.h"
#include "view/reader.h"

/* A reading that is under way. */
struct reading {
	const struct result_query *query;
	struct result *result;
	struct reader reader;
	struct course *course; /* of all records */
	struct course *shown;  /* of those that are shown: the same, or another */
	struct fault *fault;
	bool found; /* a record of the message */
};

static bool
record_is_shown(const struct reading *reading, const struct record *record)
{
	uint64_t version = reading->query->version;

	return version == 0 || record->event.seq <= version;
}

/* Takes a record of the message in: 0; -1: no memory. */
static int
record_take(struct reading *reading, const struct record *record)
{
	struct result *result = reading->result;
	uint64_t seq = record->event.seq;

	if (!reading->found || seq < result->first)
		result->first = seq;
	if (seq > result->latest)
		result->latest = seq;
	reading->found = true;
	if (course_fold(reading->course, record) != 0)
		return -1;
	if (!record_is_shown(reading, record)) {
		result->compacted = result->compacted ||
		    (record->is_snapshot && strcmp(record->kind, SNAPSHOT_COMPACT) == 0);
		return 0;
	}
	if (state_fold(result->state, record) != 0)
		return -1;
	if (reading->shown != reading->course && course_fold(reading->shown, record) != 0)
		return -1;
	return history_add(result->history, record, &reading->reader.line);
}

/* Reads the log: 1; 0: it has nothing of the message; -1: fault. */
static int
log_read(struct reading *reading)
{
	struct record record;
	int more;

	reader_choose(&reading->reader, reading->query->message);
	while ((more = reader_next(&reading->reader, &record, reading->fault)) == 1)
		if (record_take(reading, &record) != 0)
			return fault_memory(reading->fault);
	reading->result->unreadable = reading->reader.unreadable;
	return more < 0 ? -1 : reading->found;
}

static int
pair_compare_newest(const void *a, const void *b)
{
	const struct result_pair *left = a, *right = b;

	if (left->seq != right->seq)
		return left->seq < right->seq ? 1 : -1;
	return strcmp(left->key, right->key);
}

/* Makes the pairs and their tally: 0; -1: no memory. */
static int
pairs_make(struct result *result, const struct course *course)
{
	size_t count = 0;
	struct event_pair *pairs = message_pairs(result->message, &count);

	if (pairs == NULL)
		return -1;
	result->tally = tally_make(pairs, count, NULL, &result->tally_count);
	result->pairs = calloc(count + 1, sizeof(*result->pairs));
	for (size_t i = 0; result->pairs != NULL && i < count; i++)
		result->pairs[i] = (struct result_pair){ pairs[i].key, pairs[i].value, pairs[i].seq,
			course_time(course, pairs[i].key, pairs[i].seq) };
	free(pairs);
	if (result->tally == NULL || result->pairs == NULL)
		return -1;
	result->pair_count = count;
	qsort(result->pairs, count, sizeof(*result->pairs), pair_compare_newest);
	return 0;
}

static void
gaps_make(struct result *result)
{
	struct seq_range gap;
	size_t first;

	result->gap_total = message_gap_count(result->message);
	result->lost = message_missing(result->message);
	first = result->gap_total > RESULT_GAPS_MAX ? result->gap_total - RESULT_GAPS_MAX : 0;
	while (message_gap(result->message, first + result->gap_count, &gap))
		result->gaps[result->gap_count++] = gap;
}

/* Makes what is said of the history as a whole. */
static void
line_make(struct result *result, struct course *course)
{
	size_t count = course_line(course, result->line);

	result->line_count = count;
	result->moment_count = count < RESULT_MOMENTS_MAX ? count : RESULT_MOMENTS_MAX;
	for (size_t i = 0; i < result->moment_count; i++)
		result->moments[i] = result->line[(i + 1) * count / result->moment_count - 1];
}

/* The log was read: makes the result of it. */
static int
result_make(struct reading *reading)
{
	struct result *result = reading->result;

	if (state_flush(result->state) != 0)
		return fault_memory(reading->fault);
	result->message = state_message(result->state, reading->query->message);
	line_make(result, reading->course);
	if (result->message == NULL)
		return 0;
	result->version = result->message->latest_seq;
	result->clear_seq = result->message->clear_seq;
	result->time = result->message->time;
	gaps_make(result);
	if (pairs_make(result, reading->shown) != 0)
		return fault_memory(reading->fault);
	if (history_rows(result->history, &reading->reader, result->message, reading->fault) != 0)
		return -1;
	result->changes = result->history->rows;
	result->change_count = result->history->count;
	result->change_total = result->history->total;
	return 0;
}

static int
reading_begin(struct reading *reading)
{
	const struct result_query *query = reading->query;
	struct result *result = reading->result;

	reading->course = reading->shown = course_new();
	if (query->version != 0)
		reading->shown = course_new();
	result->state = state_new();
	result->history = calloc(1, sizeof(*result->history));
	if (reading->course == NULL || reading->shown == NULL || result->state == NULL ||
	    result->history == NULL)
		return fault_memory(reading->fault);
	result->history->wanted.skip = query->changes_skip;
	result->history->wanted.rows = query->changes_rows;
	return 0;
}

int
result_read(struct result *result, const struct result_query *query, struct fault *fault)
{
	struct reading reading = { .query = query, .result = result, .fault = fault };
	int found;

	*result = (struct result){ .time = -1 };
	found = reader_open_group(&reading.reader, query->data_dir, query->group, fault);
	result->has_log = found == 1;
	if (found != 1)
		return found;
	found = reading_begin(&reading);
	if (found == 0)
		found = log_read(&reading);
	if (found == 1 && result_make(&reading) != 0)
		found = -1;
	if (reading.shown != reading.course)
		course_free(reading.shown);
	course_free(reading.course);
	reader_close(&reading.reader);
	return found;
}

void
result_free(struct result *result)
{
	if (result->history != NULL)
		history_free(result->history);
	free(result->history);
	free(result->tally);
	free(result->pairs);
	state_free(result->state);
	*result = (struct result){ .time = -1 };
}

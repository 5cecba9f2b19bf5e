/*
 * overview.c - the groups that have a log, those of the newest logs first.
 *
 * A directory may hold 100,000 logs.  Their names tell the groups and their times of change the order;
 * of the rows that are shown the logs are folded, newest first, while they fit into the budget.  Of
 * the others the end is read, for the time of its last event: a file's time of change may be
 * that of a copy or a compaction.  What is not read is not said to be 0.
 */
#include <stdlib.h>
#include <string.h>

#include "view/overview.h"
#include "base/fault.h"
#include "log/state.h"
#include "view/directory.h"
#include "view/reader.h"

#define TAIL ((off_t)64 << 10)
#define HEAD ((off_t)1 << 20) /* where a line is that tells the group */

/* What is wrong with one log alone: the others are shown all the same. */
static bool
fault_is_of_log(const struct fault *fault)
{
	return fault->code == FAULT_OPEN_FAILED || fault->code == FAULT_LOG_UNSAFE;
}

/* The group of a log whose name is too long to tell it: 1; 0: no line says; -1: no memory. */
static int
group_find(const char *data_dir, const char *name, char group[GROUP_ID_MAX + 1],
    struct fault *fault)
{
	struct reader reader;
	struct record record;
	int found = reader_open(&reader, data_dir, name, fault);

	reader_limit(&reader, HEAD);
	if (found == 1)
		found = reader_next(&reader, &record, fault);
	strcpy(group, reader.group);
	reader_close(&reader);
	return found < 0 && fault_is_of_log(fault) ? 0 : found;
}

/* Is the log one of those asked for?  1, and row->group is set where that is known; 0; -1: no memory. */
static int
log_is_wanted(const struct overview_query *query, const char *name, struct group_row *row,
    struct fault *fault)
{
	enum directory_group kind = directory_group(name, row->group);
	int found;

	if (kind == DIRECTORY_OTHER)
		return 0;
	if (kind == DIRECTORY_HASHED && query->search == NULL) {
		row->group[0] = '\0';
		return 1;
	}
	found = kind == DIRECTORY_GROUP ? 1 : group_find(query->data_dir, name, row->group, fault);
	if (found != 1 || query->search == NULL)
		return found;
	return strcasestr(row->group, query->search) != NULL;
}

/* Takes the versions of a record in: 0; -1: no memory. */
static int
versions_take(struct state *state, struct record *record)
{
	record->event.pair_count = record->deleted_count = record->unlisted_count = 0;
	return state_fold(state, record);
}

/* Sums up a log that is read whole. */
static int
row_sum_up(struct reader *reader, struct group_row *row, struct fault *fault)
{
	struct state *state = state_new();
	struct message **messages = NULL;
	struct record record;
	size_t count = 0;
	uint64_t events = 0;
	int more = -1;

	if (state == NULL)
		return fault_memory(fault);
	row->lost = 0;
	while ((more = reader_next(reader, &record, fault)) == 1) {
		events += !record.is_snapshot;
		if (record.time > row->time)
			row->time = record.time;
		if (versions_take(state, &record) != 0) {
			more = fault_memory(fault);
			break;
		}
	}
	row->events = events;
	if (more == 0 && (messages = state_messages(state, &count)) == NULL)
		more = fault_memory(fault);
	for (size_t i = 0; messages != NULL && i < count; i++)
		row->lost += message_missing(messages[i]);
	state_free(state);
	return more;
}

/* Finds when the last of a log arrived in its last lines. */
static int
row_look(struct reader *reader, struct group_row *row, struct fault *fault)
{
	struct record record;
	int more;

	reader_seek_tail(reader, TAIL);
	while ((more = reader_next(reader, &record, fault)) == 1)
		if (record.time > row->time)
			row->time = record.time;
	return more;
}

/*
 * Fills a row from its log; *budget: bytes that may still be read whole.  1; 0: the log is gone, or
 * does not tell its group; -1: no memory.
 */
static int
row_fill(struct overview *overview, const struct overview_query *query, const char *name,
    struct group_row *row, struct fault *fault)
{
	int64_t changed = row->time;
	struct reader reader;
	int found = reader_open(&reader, query->data_dir, name, fault), more = 0;

	strcpy(reader.group, row->group);
	if (found == 1) {
		row->size = reader.scan.file_size;
		row->time = -1;
		more = row->size <= overview->budget ? row_sum_up(&reader, row, fault)
						     : row_look(&reader, row, fault);
		if (row->size <= overview->budget)
			overview->budget -= row->size;
		overview->unreadable += reader.unreadable;
	}
	strcpy(row->group, reader.group);
	reader_close(&reader);
	if (found < 0 || more < 0) {
		if (!fault_is_of_log(fault))
			return -1;
		row->events = row->lost = UINT64_MAX;
		overview->closed++;
		found = 1;
	}
	if (row->time < 0)
		row->time = changed;
	return found == 1 && row->group[0] != '\0';
}

static int
row_compare(const void *a, const void *b)
{
	const struct group_row *left = a, *right = b;

	if (left->time != right->time)
		return left->time < right->time ? 1 : -1;
	return strcmp(left->group, right->group);
}

/* Makes the rows of the logs that are wanted: 0; -1: no memory. */
static int
rows_make(struct overview *overview, const struct overview_query *query,
    const struct directory *directory, struct fault *fault)
{
	for (size_t i = 0; i < directory->count; i++) {
		const struct directory_log *log = &directory->logs[i];
		struct group_row row = { .events = UINT64_MAX,
			.lost = UINT64_MAX,
			.size = log->size,
			.time = log->time };
		int found = log_is_wanted(query, log->name, &row, fault);

		if (found < 0)
			return -1;
		if (found == 0 || overview->total++ < query->skip || overview->shown >= query->rows)
			continue;
		overview->shown++;
		found = row_fill(overview, query, log->name, &row, fault);
		if (found < 0)
			return -1;
		if (found == 1)
			overview->rows[overview->count++] = row;
	}
	qsort(overview->rows, overview->count, sizeof(*overview->rows), row_compare);
	return 0;
}

int
overview_read(struct overview *overview, const struct overview_query *query, struct fault *fault)
{
	struct directory directory;
	int result;

	*overview =
	    (struct overview){ .budget = query->budget != 0 ? query->budget : OVERVIEW_BUDGET };
	if (directory_read(&directory, query->data_dir, fault) != 0)
		return -1;
	overview->rows = calloc(query->rows + 1, sizeof(*overview->rows));
	result = overview->rows == NULL ? fault_memory(fault)
					: rows_make(overview, query, &directory, fault);
	directory_free(&directory);
	return result;
}

void
overview_free(struct overview *overview)
{
	free(overview->rows);
	*overview = (struct overview){ 0 };
}

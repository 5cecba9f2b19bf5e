/*
 * window.c - a group's messages, those that changed last first.
 *
 * A log of up to WINDOW_SIZE is folded whole.  Of a longer one the last WINDOW_SIZE bytes are, unless
 * the whole is asked for; then the answers of a message are told only where no line before the
 * window can change them:
 *
 *   the window has all of its versions from the first, which is 1; or those from a clear or an import
 *   on, which leaves nothing of what is older.  None is missing between.
 *
 * Lines come nearly in the order of their versions.  That one may have come a little earlier than a
 * lower one is met by a margin: what begins a message, or its clear or import, must stand behind
 * the first quarter of the window.  So must the first line of a compaction's snapshot of a message,
 * which may take several.  Two more things could bring old versions into the window:
 *
 *   the last snapshot of an archiving, which only says that it is the last, and repeats a version
 *   archived lines that somebody has put back at the end: their times are older than those above
 *   them, or than that of the log's first line
 *
 * A message with such a line is told of only when the whole log is read.
 */
#include <stdlib.h>
#include <string.h>

#include "view/window.h"
#include "base/fault.h"
#include "base/hash.h"
#include "log/state.h"
#include "record.h"
#include "view/reader.h"

#define TIME_SLACK 10000 /* milliseconds that a line may wait for its turn, and more */

/* What the window has of a message, besides its state. */
struct held {
	uint64_t message;
	off_t first;    /* where its first line begins */
	off_t basis;    /* and the line that cleared it last, or imported it */
	uint64_t bound; /* the version that this was */
	bool doubtful;
	bool used;
};

struct held_table {
	struct held *slots;
	size_t size; /* a power of two, or 0 */
	size_t count;
	struct hash_seed seed;
};

struct looking {
	const struct window_query *query;
	struct window *window;
	struct reader reader;
	struct held_table table;
	off_t margin; /* where what a message begins with must stand behind */
	int64_t time; /* the latest so far */
	struct fault *fault;
};

static struct held *
held_slot(const struct held_table *table, struct held *slots, size_t size, uint64_t message)
{
	size_t at = (size_t)hash_number(&table->seed, message) & (size - 1);

	while (slots[at].used && slots[at].message != message)
		at = (at + 1) & (size - 1);
	return &slots[at];
}

static int
held_grow(struct held_table *table)
{
	size_t size = table->size == 0 ? 64 : 2 * table->size;
	struct held *slots = calloc(size, sizeof(*slots));

	if (slots == NULL)
		return -1;
	for (size_t i = 0; i < table->size; i++)
		if (table->slots[i].used)
			*held_slot(table, slots, size, table->slots[i].message) = table->slots[i];
	free(table->slots);
	table->slots = slots;
	table->size = size;
	return 0;
}

/* What is held of a message, made where it is new; NULL: no memory. */
static struct held *
held_get(struct looking *looking, uint64_t message)
{
	struct held_table *table = &looking->table;
	struct held *held;

	if (4 * (table->count + 1) > 3 * table->size && held_grow(table) != 0)
		return NULL;
	held = held_slot(table, table->slots, table->size, message);
	if (!held->used) {
		*held = (struct held){ .message = message,
			.used = true,
			.first = looking->reader.line.offset };
		table->count++;
	}
	return held;
}

/* Notes what a record of the window says of what stands before it: 0; -1: no memory. */
static int
held_note(struct looking *looking, const struct record *record)
{
	uint64_t bound = record->clear_seq;
	bool compact = record->is_snapshot && strcmp(record->kind, SNAPSHOT_COMPACT) == 0;
	struct held *held = held_get(looking, record->event.msg_seq);

	if (held == NULL)
		return -1;
	if (record->complete_up_to > bound)
		bound = record->complete_up_to;
	if (bound > held->bound) {
		held->bound = bound;
		held->basis = looking->reader.line.offset;
	}
	if (compact)
		held->doubtful = held->doubtful || record->replaces != 0;
	else if (record->time >= 0 && record->time < looking->time - TIME_SLACK)
		held->doubtful = true;
	else if (record->time > looking->time)
		looking->time = record->time;
	return 0;
}

/* Reads the lines: 0; -1: fault. */
static int
lines_read(struct looking *looking)
{
	struct window *window = looking->window;
	struct record record;
	int more;

	while ((more = reader_next(&looking->reader, &record, looking->fault)) == 1)
		if (state_fold(window->state, &record) != 0 ||
		    (!window->whole && held_note(looking, &record) != 0))
			return fault_memory(looking->fault);
	window->unreadable = looking->reader.unreadable;
	return more;
}

/* Is every version from that one on there, up to the latest? */
static bool
versions_are_whole(const struct message *message, uint64_t from)
{
	struct seq_range gap;
	size_t gaps = message_gap_count(message);

	if (message_first_seq(message) > from)
		return false;
	return gaps == 0 || (message_gap(message, gaps - 1, &gap) && gap.last < from);
}

/* Which numbers of a message are sure? */
static void
numbers_judge(const struct looking *looking, const struct message *message, bool *answers,
    bool *lost)
{
	const struct held_table *table = &looking->table;
	const struct held *held;

	*answers = *lost = true;
	if (looking->window->whole)
		return;
	held = held_slot(table, table->slots, table->size, message->msg_seq);
	*lost = !held->doubtful && versions_are_whole(message, 1) &&
	    (held->first >= looking->margin || (held->bound > 0 && held->basis >= looking->margin));
	*answers = *lost ||
	    (!held->doubtful && held->bound > 0 && held->basis >= looking->margin &&
		versions_are_whole(message, held->bound));
}

static int
row_make(const struct looking *looking, const struct message *message, struct message_row *row)
{
	struct event_pair *pairs = NULL;
	struct tally_row *tally;
	size_t count = 0;
	bool answers, lost;

	*row = (struct message_row){ .message = message->msg_seq,
		.answers = UINT64_MAX,
		.lost = UINT64_MAX,
		.time = message->time };
	numbers_judge(looking, message, &answers, &lost);
	if (lost)
		row->lost = message_missing(message);
	if (!answers)
		return 0;
	pairs = message_pairs(message, &count);
	tally = pairs == NULL ? NULL : tally_make(pairs, count, NULL, &row->tally_count);
	free(pairs);
	if (tally == NULL)
		return -1;
	row->answers = count;
	while (row->top_count < WINDOW_TOP && row->top_count < row->tally_count) {
		row->top[row->top_count] = tally[row->top_count];
		row->top_count++;
	}
	free(tally);
	return 0;
}

/* Makes the rows that are wanted: 0; -1: no memory. */
static int
rows_make(const struct looking *looking)
{
	const struct window_query *query = looking->query;
	struct window *window = looking->window;
	size_t count = 0;
	struct message **messages = state_messages(window->state, &count);

	window->rows = calloc(query->rows + 1, sizeof(*window->rows));
	if (messages == NULL || window->rows == NULL)
		return fault_memory(looking->fault);
	window->total = count;
	qsort(messages, count, sizeof(struct message *), message_compare_newest);
	while (query->skip + window->count < count && window->count < query->rows) {
		if (row_make(looking, messages[query->skip + window->count],
			&window->rows[window->count]) != 0)
			return fault_memory(looking->fault);
		window->count++;
	}
	return 0;
}

/* Goes to where reading begins: 0; -1: fault. */
static int
looking_begin(struct looking *looking)
{
	struct record record;
	int more;
	struct window *window = looking->window;
	off_t size = looking->query->size != 0 ? looking->query->size : WINDOW_SIZE;

	window->size = looking->reader.scan.file_size;
	window->whole = looking->query->all || window->size <= size;
	looking->time = -1;
	if (window->whole)
		return 0;
	/* A log's lines are as old as its first one, or younger. */
	more = reader_next(&looking->reader, &record, looking->fault);
	if (more == 1)
		looking->time = record.time;
	looking->reader.unreadable = 0;
	hash_seed_make(&looking->table.seed);
	looking->margin = window->size - size + size / 4;
	reader_seek_tail(&looking->reader, size);
	return more < 0 ? -1 : 0;
}

int
window_read(struct window *window, const struct window_query *query, struct fault *fault)
{
	struct looking looking = { .query = query, .window = window, .fault = fault };
	int found;

	*window = (struct window){ 0 };
	found = reader_open_group(&looking.reader, query->data_dir, query->group, fault);
	if (found == 1 && (window->state = state_new()) == NULL)
		found = fault_memory(fault);
	if (found == 1 &&
	    (looking_begin(&looking) != 0 || lines_read(&looking) != 0 || rows_make(&looking) != 0))
		found = -1;
	free(looking.table.slots);
	reader_close(&looking.reader);
	return found;
}

void
window_free(struct window *window)
{
	free(window->rows);
	state_free(window->state);
	*window = (struct window){ 0 };
}

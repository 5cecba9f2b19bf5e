/*
 * erase.c - what is to leave a file's lines: the pairs of a key, or clients' addresses.
 *
 * A pair that is gone must not come back by a repetition of its event, and nothing that is made of
 * its key may be kept to prevent that.  So it is versions that are remembered (log/state.c): a line
 * that lost a pair names the pair's version in Erased, and so does every other line of the file
 * that has a pair of this version, since else that would not count any more.  Not so where the
 * version was erased before, and the line does not name it: what that has, a repetition mostly, has
 * not counted since, and must not begin to.
 *
 * A compaction's snapshots no longer say which versions a key had.  Where one of them has a pair of
 * the key, all versions that they know are erased ones, of which the snapshots have what is left.
 *
 * So it takes three readings: what has the key; what was erased before, and what the snapshots know;
 * and the lines as they are to be.  A file in which the first finds nothing is not touched, and is
 * searched as fast as memory is read, for a line that has no escapes has the key raw or not at all.
 */
#include "log/erase.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "base/time.h"
#include "log/ranges.h"
#include "log/redact.h"
#include "log/scan.h"
#include "log/state.h"
#include "parse.h"
#include "record.h"
#include "store/options.h"

#define ADDRESS "ClientIP\":"

/* A line that was read. */
struct looked {
	const char *text; /* without white space between tokens; NULL: it is no JSON object */
	size_t length;
	struct record record;
	bool is_record; /* of the group */
	struct document *document;
};

/* Adds "5 pairs" to the text. */
static size_t
count_put(char *to, uint64_t count, const char *what)
{
	return (
	    size_t)sprintf(to, "%llu %s%s", (unsigned long long)count, what, count == 1 ? "" : "s");
}

void
erased_text(const struct erased_count *count, uint64_t files, bool dry_run,
    char text[ERASED_TEXT_SIZE])
{
	char *at = text;

	at += count_put(at, count->pairs, "pair");
	at += sprintf(at, " in ");
	at += count_put(at, count->lines, "line");
	at += sprintf(at, " of ");
	at += count_put(at, files, "file");
	sprintf(at, "%s erased", dry_run ? " would be" : "");
}

int
erasure_begin(struct erasure *erasure, struct fault *fault)
{
	erasure_end(erasure);
	erasure->found = false;
	erasure->erased = state_new();
	erasure->named = state_new();
	erasure->compacted = state_new();
	return erasure->erased == NULL || erasure->named == NULL || erasure->compacted == NULL
	    ? fault_memory(fault)
	    : 0;
}

void
erasure_end(struct erasure *erasure)
{
	state_free(erasure->erased);
	state_free(erasure->named);
	state_free(erasure->compacted);
	erasure->erased = erasure->named = erasure->compacted = NULL;
	line_reader_free(&erasure->reader);
	free(erasure->line);
	erasure->line = NULL;
}

/* Reads a line; the caller frees the document.  -1: MEMORY. */
static int
line_look(struct erasure *erasure, const struct line *line, struct looked *looked,
    struct fault *fault)
{
	struct fault reason = { .code = FAULT_NONE };
	int result;

	*looked = (struct looked){ 0 };
	result = line_record(&erasure->reader, line, &looked->record, fault);
	if (result < 0)
		return -1;
	looked->is_record =
	    result == 1 && strcmp(looked->record.event.group_id, erasure->group_id) == 0;
	looked->document = document_parse_line(line->bytes, line->length, &reason);
	if (looked->document != NULL)
		looked->text = document_text(looked->document, &looked->length);
	return reason.code == FAULT_MEMORY ? fault_memory(fault) : 0;
}

/* Remembers that versions of a message had a pair of the key.  -1: MEMORY. */
static int
versions_note(struct erasure *erasure, uint64_t msg_seq, uint64_t first, uint64_t last,
    struct fault *fault)
{
	const struct seq_range range = { first, last };
	const struct record record = { .event.msg_seq = msg_seq,
		.erased = &range,
		.erased_count = 1 };

	if (first <= last &&
	    (state_fold(erasure->erased, &record) != 0 || state_flush(erasure->erased) != 0))
		return fault_memory(fault);
	return 0;
}

/* The lists of pairs that a record may have. */
#define LISTS 3

static const struct event_pair *
list_get(const struct record *record, int list, size_t *count)
{
	*count = list == 0 ? record->event.pair_count
	    : list == 1    ? record->deleted_count
			   : record->unlisted_count;
	return list == 0 ? record->event.pairs : list == 1 ? record->deleted : record->unlisted;
}

static bool
record_is_compact(const struct record *record)
{
	return record->is_snapshot && strcmp(record->kind, SNAPSHOT_COMPACT) == 0;
}

/* Remembers the versions that had a pair of the key.  A pair of version 0 never counts. */
static int
record_note(struct erasure *erasure, const struct record *record, struct fault *fault)
{
	uint64_t msg_seq = record->event.msg_seq;
	bool any = false;

	for (int list = 0; list < LISTS; list++) {
		size_t count;
		const struct event_pair *pairs = list_get(record, list, &count);

		for (size_t i = 0; i < count; i++) {
			if (strcmp(pairs[i].key, erasure->key) != 0)
				continue;
			any = true;
			if (pairs[i].seq > 0 &&
			    versions_note(erasure, msg_seq, pairs[i].seq, pairs[i].seq, fault) != 0)
				return -1;
		}
	}
	if (any && record_is_compact(record) &&
	    (state_fold(erasure->compacted, &(struct record){ .event.msg_seq = msg_seq }) != 0 ||
		state_flush(erasure->compacted) != 0))
		return fault_memory(fault);
	return 0;
}

/* Is the line's address to leave it? */
static bool
address_is_old(const struct erasure *erasure, const struct line *line)
{
	return erasure->before > 0 &&
	    memmem(line->bytes, line->length, ADDRESS, strlen(ADDRESS)) != NULL;
}

static bool
line_is_of_key(const struct erasure *erasure, const struct line *line)
{
	return erasure->key != NULL && line_has_key(line->bytes, line->length, erasure->key);
}

/*
 * Likewise a line that is no JSON: there, what stands between two strings may look like a key, and
 * is none.
 */
static bool
fragment_is_of_key(const struct erasure *erasure, const struct line *line)
{
	return line_is_of_key(erasure, line) &&
	    fragment_has_key(line->bytes, line->length, erasure->key);
}

static struct redaction
redaction_make(const struct erasure *erasure, const struct looked *looked)
{
	return (struct redaction){ .key = erasure->key,
		.address = looked->record.time >= 0 && looked->record.time < erasure->before };
}

/* Counts what is to leave a JSON object. */
static int
looked_count(struct erasure *erasure, const struct looked *looked, struct fault *fault)
{
	struct redaction redaction = redaction_make(erasure, looked);
	struct erased_count *count = &erasure->count;
	size_t length;
	char *line = line_redact(looked->text, looked->length, &redaction, &length);

	if (line == NULL)
		return fault_memory(fault);
	free(line);
	count->pairs += redaction.pairs;
	count->lines += redaction.pairs > 0;
	count->elsewhere += redaction.elsewhere > 0;
	count->addresses += redaction.addresses > 0;
	erasure->found = erasure->found || redaction.pairs > 0 || redaction.addresses > 0;
	if (redaction.pairs > 0 && looked->is_record)
		return record_note(erasure, &looked->record, fault);
	return 0;
}

int
erasure_look(struct erasure *erasure, const struct line *line, struct fault *fault)
{
	struct looked looked;
	int result = 0;

	/* Of an overlong line only the end may be here: the key can stand before that. */
	if (!(line->overlong && erasure->key != NULL) && !line_is_of_key(erasure, line) &&
	    !address_is_old(erasure, line))
		return 0;
	if (line->overlong)
		return fault_set(fault, FAULT_LOG_UNSAFE, "line %llu is too long to be an event",
		    (unsigned long long)line->number);
	if (line_look(erasure, line, &looked, fault) != 0)
		return -1;
	if (looked.text != NULL) {
		result = looked_count(erasure, &looked, fault);
	} else if (fragment_is_of_key(erasure, line)) {
		erasure->count.fragments++;
		erasure->found = true;
	}
	document_free(looked.document);
	return result;
}

bool
erasure_gathers(const struct erasure *erasure)
{
	return erasure->key != NULL;
}

/* Remembers the versions that a line names as erased.  -1: MEMORY. */
static int
named_note(struct erasure *erasure, const struct record *record, struct fault *fault)
{
	const struct record named = { .event.msg_seq = record->event.msg_seq,
		.erased = record->erased,
		.erased_count = record->erased_count };

	if (record->erased_count > 0 &&
	    (state_fold(erasure->named, &named) != 0 || state_flush(erasure->named) != 0))
		return fault_memory(fault);
	return 0;
}

int
erasure_gather(struct erasure *erasure, const struct line *line, struct fault *fault)
{
	struct record record;
	int result = line_record(&erasure->reader, line, &record, fault);
	uint64_t next;

	if (result <= 0 || strcmp(record.event.group_id, erasure->group_id) != 0)
		return result < 0 ? -1 : 0;
	if (named_note(erasure, &record, fault) != 0)
		return -1;
	if (!record_is_compact(&record) ||
	    state_message(erasure->compacted, record.event.msg_seq) == NULL)
		return 0;
	next = record.first_seq > 0 ? record.first_seq : 1;
	for (size_t i = 0; i < record.missing_count; i++) {
		if (versions_note(erasure, record.event.msg_seq, next, record.missing[i].first - 1,
			fault) != 0)
			return -1;
		next = record.missing[i].last + 1;
	}
	return versions_note(erasure, record.event.msg_seq, next, record.event.seq, fault);
}

/* Adds the versions of which a record has pairs, or had, and that nobody named before. */
static int
pairs_add(struct ranges *ranges, const struct record *record, const struct message *message,
    const struct message *named)
{
	for (int list = 0; list < LISTS; list++) {
		size_t count;
		const struct event_pair *pairs = list_get(record, list, &count);

		for (size_t i = 0; i < count; i++)
			if (message_has_erased(message, pairs[i].seq) &&
			    (named == NULL || !message_has_erased(named, pairs[i].seq)) &&
			    ranges_add(ranges, pairs[i].seq, pairs[i].seq) != 0)
				return -1;
	}
	return 0;
}

/* Adds all versions that nobody named before. */
static int
all_add(struct ranges *ranges, const struct message *message, const struct message *named)
{
	size_t count, named_count = 0, at = 0;
	struct seq_range *list = message_erasures(message, &count);
	struct seq_range *known = named == NULL ? NULL : message_erasures(named, &named_count);
	int result = list == NULL || (named != NULL && known == NULL) ? -1 : 0;

	for (size_t i = 0; result == 0 && i < count; i++) {
		uint64_t first = list[i].first, last = list[i].last;

		for (; at < named_count && known[at].first <= last; at++) {
			if (known[at].first > first)
				result |= ranges_add(ranges, first, known[at].first - 1);
			if (known[at].last >= first)
				first = known[at].last + 1;
			if (first > last)
				break; /* and may have some of the next */
		}
		if (first <= last)
			result |= ranges_add(ranges, first, last);
	}
	free(known);
	free(list);
	return result;
}

/*
 * Which versions is the record's line to name as erased?  An array that the caller frees; NULL: no
 * memory.
 */
static struct seq_range *
erased_collect(const struct erasure *erasure, const struct record *record, size_t *count)
{
	const struct message *message =
	    erasure->key == NULL ? NULL : state_message(erasure->erased, record->event.msg_seq);
	const struct message *named =
	    message == NULL ? NULL : state_message(erasure->named, record->event.msg_seq);
	bool all = message != NULL && record_is_compact(record) &&
	    state_message(erasure->compacted, record->event.msg_seq) != NULL;
	struct ranges ranges = { .chance = record->event.msg_seq };
	struct seq_range *list = NULL;
	int result = 0;

	for (size_t i = 0; result == 0 && i < record->erased_count; i++)
		result = ranges_add(&ranges, record->erased[i].first, record->erased[i].last);
	if (result == 0 && message != NULL)
		result = pairs_add(&ranges, record, message, named);
	if (result == 0 && all)
		result = all_add(&ranges, message, named);
	*count = ranges_count(&ranges);
	if (result == 0)
		list = calloc(*count + 1, sizeof(*list));
	if (list != NULL)
		ranges_list(&ranges, list);
	ranges_free(&ranges);
	return list;
}

static bool
ranges_equal(const struct seq_range *one, size_t count, const struct seq_range *other,
    size_t other_count)
{
	return count == other_count &&
	    (count == 0 || memcmp(one, other, count * sizeof(*one)) == 0);
}

/* A JSON object as it is to be: as erasure_line. */
static int
looked_redact(struct erasure *erasure, const struct looked *looked, size_t *length,
    struct fault *fault)
{
	struct redaction redaction = redaction_make(erasure, looked);
	struct seq_range *erased = NULL;
	bool changed = false;

	if (looked->is_record) {
		erased = erased_collect(erasure, &looked->record, &redaction.erased_count);
		if (erased == NULL)
			return fault_memory(fault);
		redaction.has_erased = true;
		redaction.erased = erased;
		changed = !ranges_equal(erased, redaction.erased_count, looked->record.erased,
		    looked->record.erased_count);
	}
	erasure->line = line_redact(looked->text, looked->length, &redaction, length);
	free(erased);
	if (erasure->line == NULL)
		return fault_memory(fault);
	if (!changed && redaction.pairs == 0 && redaction.addresses == 0)
		return 0;
	if (*length < LINE_SIZE_MAX)
		return 1;
	return fault_set(fault, FAULT_FIELD_RANGE,
	    "message %llu: its line would be over %d bytes; compact the log first",
	    (unsigned long long)looked->record.event.msg_seq, LINE_SIZE_MAX);
}

/* May the line have a pair of a version that another pair left? */
static int
line_shares(struct erasure *erasure, const struct line *line, struct fault *fault)
{
	struct record record;
	int result;

	if (erasure->key == NULL)
		return 0;
	result = line_record(&erasure->reader, line, &record, fault);
	if (result <= 0)
		return result;
	return state_message(erasure->erased, record.event.msg_seq) != NULL;
}

int
erasure_line(struct erasure *erasure, const struct line *line, const char **bytes, size_t *length,
    struct fault *fault)
{
	struct looked looked;
	size_t size = 0;
	int result = line_is_of_key(erasure, line) || address_is_old(erasure, line);

	free(erasure->line);
	erasure->line = NULL;
	if (result == 0)
		result = line_shares(erasure, line, fault);
	if (result <= 0)
		return result;
	if (line_look(erasure, line, &looked, fault) != 0)
		return -1;
	result = 0;
	if (looked.text != NULL) {
		result = looked_redact(erasure, &looked, &size, fault);
	} else if (fragment_is_of_key(erasure, line)) {
		erasure->line = fragment_redact(line->bytes, line->length, erasure->key, &size);
		result = erasure->line == NULL ? fault_memory(fault) : 1;
	}
	document_free(looked.document);
	/* Of a line that stays, the caller has the bytes: here they may lack white space, or be none. */
	if (result == 1) {
		*bytes = erasure->line;
		*length = size;
	}
	return result;
}

/*
 * before.c - what keys had before a version that changed them.
 *
 * A key's value before version V is what a fold (log/state.c) of all records below V gives it.  A
 * record concerns all that is asked of higher versions; it is noted at the lowest of these alone,
 * and at the end each takes over what the one below it has.  So a record costs the same however many
 * versions of a key are asked for, in whichever order records come, and nothing is held but
 * one value for each question.
 *
 * Versions that were erased (log/state.c) are noted beside these: a value of one is nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "view/before.h"
#include "record.h"

/* A line names these versions as erased, as log/state.c has it. */
struct before_erased {
	uint64_t seq; /* the line's own version */
	struct seq_range range;
};

struct before_want {
	const char *key;
	uint64_t seq; /* before this version */
	/* what the records noted here say, as in log/state.c */
	bool known;
	uint64_t change;    /* the rank of the newest change */
	uint64_t confirmed; /* the highest snapshot that lists the key */
	const char *value;  /* NULL: deleted */
	char *copy;         /* of the value, where it is ours to free */
};

struct before_bounds {
	uint64_t seq; /* before this version */
	uint64_t clear, complete;
};

/* A change of a key. */
struct before_change {
	const char *key, *value; /* value NULL: a delete */
	uint64_t rank;           /* twice its version, and 1 where its line names that as erased */
	uint64_t confirmed;
};

int
before_want(struct before *before, const char *key, uint64_t seq)
{
	if (before->count == before->size) {
		size_t size = before->size == 0 ? 16 : 2 * before->size;
		struct before_want *larger = realloc(before->wants, size * sizeof(*larger));

		if (larger == NULL)
			return -1;
		before->wants = larger;
		before->size = size;
	}
	before->wants[before->count++] = (struct before_want){ .key = key, .seq = seq };
	return 0;
}

static int
want_compare(const void *a, const void *b)
{
	const struct before_want *left = a, *right = b;
	int order = strcmp(left->key, right->key);

	return order != 0 ? order : (left->seq > right->seq) - (left->seq < right->seq);
}

static int
bounds_compare(const void *a, const void *b)
{
	const struct before_bounds *left = a, *right = b;

	return (left->seq > right->seq) - (left->seq < right->seq);
}

static bool
wants_same_key(const struct before *before, size_t one, size_t other)
{
	return one < before->count && other < before->count &&
	    strcmp(before->wants[one].key, before->wants[other].key) == 0;
}

/* The slot of a key: where it is, or where it would be. */
static size_t *
slot_find(const struct before *before, const char *key)
{
	size_t at = (size_t)hash_text(&before->seed, key, strlen(key)) & (before->slots_size - 1);

	while (before->slots[at] != 0 && strcmp(before->wants[before->slots[at] - 1].key, key) != 0)
		at = (at + 1) & (before->slots_size - 1);
	return &before->slots[at];
}

int
before_begin(struct before *before)
{
	size_t used = 0;

	hash_seed_make(&before->seed);
	for (before->slots_size = 16; before->slots_size < 2 * before->count;)
		before->slots_size *= 2;
	before->slots = calloc(before->slots_size, sizeof(*before->slots));
	before->bounds = calloc(before->count + 1, sizeof(*before->bounds));
	if (before->slots == NULL || before->bounds == NULL)
		return -1;
	if (before->count > 0)
		qsort(before->wants, before->count, sizeof(*before->wants), want_compare);
	for (size_t i = 0; i < before->count; i++) {
		if (i == 0 || !wants_same_key(before, i - 1, i))
			*slot_find(before, before->wants[i].key) = i + 1;
		before->bounds[i].seq = before->wants[i].seq;
	}
	qsort(before->bounds, before->count, sizeof(*before->bounds), bounds_compare);
	for (size_t i = 0; i < before->count; i++)
		if (used == 0 || before->bounds[i].seq != before->bounds[used - 1].seq)
			before->bounds[used++] = before->bounds[i];
	before->bounds_count = used;
	return 0;
}

uint64_t
before_highest(const struct before *before)
{
	return before->bounds_count == 0 ? 0 : before->bounds[before->bounds_count - 1].seq;
}

/* The first bounds for a version above seq; as many as there are: none. */
static size_t
bounds_above(const struct before *before, uint64_t seq)
{
	size_t low = 0, high = before->bounds_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (before->bounds[middle].seq > seq)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* The first want of that key for a version above seq; NULL: none. */
static struct before_want *
want_above(const struct before *before, const char *key, uint64_t seq)
{
	size_t slot = *slot_find(before, key), low, high = before->count;

	if (slot == 0)
		return NULL;
	for (low = slot - 1; low < high;) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(before->wants[middle].key, key);

		if (order > 0 || (order == 0 && before->wants[middle].seq > seq))
			high = middle;
		else
			low = middle + 1;
	}
	return low < before->count && wants_same_key(before, low, slot - 1) ? &before->wants[low]
									    : NULL;
}

/* Does the change come before what the want has? */
static bool
change_wins(const struct before_want *want, const struct before_change *change)
{
	if (!want->known || change->rank != want->change)
		return !want->known || change->rank > want->change;
	if (want->value == NULL || change->value == NULL)
		return want->value != NULL;
	return strcmp(change->value, want->value) > 0;
}

static int
want_note(struct before_want *want, const struct before_change *change)
{
	if (change->confirmed > want->confirmed)
		want->confirmed = change->confirmed;
	if (!change_wins(want, change))
		return 0;
	free(want->copy);
	want->copy = change->value == NULL ? NULL : strdup(change->value);
	want->value = want->copy;
	want->known = true;
	want->change = change->rank;
	return change->value != NULL && want->copy == NULL ? -1 : 0;
}

static int
pairs_note(struct before *before, const struct record *record, const struct event_pair *pairs,
    size_t count, struct before_change like)
{
	bool deletes = like.value == NULL;

	for (size_t i = 0; i < count; i++) {
		struct before_want *want = want_above(before, pairs[i].key, record->event.seq);

		like.key = pairs[i].key;
		like.value = deletes ? NULL : pairs[i].value;
		like.rank = record_rank(record, pairs[i].seq);
		if (want != NULL && want_note(want, &like) != 0)
			return -1;
	}
	return 0;
}

/* Notes the versions that a record names as erased.  -1: no memory. */
static int
erased_note(struct before *before, const struct record *record)
{
	size_t count = before->erased_count + record->erased_count;
	struct before_erased *larger;

	if (record->erased_count == 0)
		return 0;
	if (count > before->erased_size) {
		larger = realloc(before->erased, 2 * count * sizeof(*larger));
		if (larger == NULL)
			return -1;
		before->erased = larger;
		before->erased_size = 2 * count;
	}
	for (size_t i = 0; i < record->erased_count; i++)
		before->erased[before->erased_count++] =
		    (struct before_erased){ record->event.seq, record->erased[i] };
	return 0;
}

int
before_fold(struct before *before, const struct record *record)
{
	const struct event *event = &record->event;
	size_t at = bounds_above(before, event->seq);
	bool deletes = !record->is_snapshot && event->operate_type == OPERATE_DELETE;
	struct before_change set = { .value = "" }, deleted = { .value = NULL }, listed = set;

	if (at == before->bounds_count)
		return 0;
	if (record->clear_seq > before->bounds[at].clear)
		before->bounds[at].clear = record->clear_seq;
	if (record->complete_up_to > before->bounds[at].complete)
		before->bounds[at].complete = record->complete_up_to;
	if (erased_note(before, record) != 0)
		return -1;
	listed.confirmed = record->is_snapshot ? record->complete_up_to : 0;
	if (pairs_note(before, record, event->pairs, event->pair_count,
		deletes ? deleted : listed) != 0 ||
	    pairs_note(before, record, record->deleted, record->deleted_count, deleted) != 0)
		return -1;
	return pairs_note(before, record, record->unlisted, record->unlisted_count, set);
}

void
before_end(struct before *before)
{
	for (size_t i = 1; i < before->bounds_count; i++) {
		struct before_bounds *bounds = &before->bounds[i];

		if (bounds[-1].clear > bounds->clear)
			bounds->clear = bounds[-1].clear;
		if (bounds[-1].complete > bounds->complete)
			bounds->complete = bounds[-1].complete;
	}
	for (size_t i = 1; i < before->count; i++) {
		struct before_want *want = &before->wants[i], *below = want - 1;
		struct before_change change = { below->key, below->value, below->change,
			below->confirmed };

		if (!wants_same_key(before, i - 1, i))
			continue;
		if (below->confirmed > want->confirmed)
			want->confirmed = below->confirmed;
		if (below->known && change_wins(want, &change)) {
			want->value = below->value; /* the copy stays where it is */
			want->change = below->change;
			want->known = true;
		}
	}
}

/* Is the change of that rank gone, as its version was erased by what is below seq? */
static bool
rank_is_erased(const struct before *before, uint64_t rank, uint64_t seq)
{
	for (size_t i = 0; rank % 2 == 0 && i < before->erased_count; i++) {
		const struct before_erased *erased = &before->erased[i];

		if (erased->seq < seq && rank / 2 >= erased->range.first &&
		    rank / 2 <= erased->range.last)
			return true;
	}
	return false;
}

const char *
before_value(const struct before *before, const char *key, uint64_t seq)
{
	const struct before_want *want = seq == 0 ? NULL : want_above(before, key, seq - 1);
	const struct before_bounds *bounds;

	if (want == NULL || want->seq != seq || !want->known || want->value == NULL)
		return NULL;
	bounds = &before->bounds[bounds_above(before, seq - 1)];
	if (want->change / 2 <= bounds->clear ||
	    (want->change / 2 <= bounds->complete && want->confirmed != bounds->complete) ||
	    rank_is_erased(before, want->change, seq))
		return NULL;
	return want->value;
}

void
before_free(struct before *before)
{
	for (size_t i = 0; i < before->count; i++)
		free(before->wants[i].copy);
	free(before->wants);
	free(before->bounds);
	free(before->slots);
	free(before->erased);
	*before = (struct before){ 0 };
}

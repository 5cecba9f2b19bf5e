/*
 * Records in any order, some of them twice, or folded in parts that are merged: the state is what a naive
 * look at all of them says, and always the same (P4).
 *
 * Each byte of the input chooses: a kind, a message, versions, keys.
 */
#include "base/base.h"
#include "log/state.h"
#include "record.h"
#include "fuzz.h"

#define RECORDS_MAX 24
#define PAIRS_MAX 3
#define MESSAGES 3
#define PARTS_MAX 4

struct made {
	struct record record;
	struct event_pair pairs[PAIRS_MAX], deleted[PAIRS_MAX];
	struct seq_range missing[PAIRS_MAX], erased;
};

struct input {
	const uint8_t *at, *end;
};

static struct made made[RECORDS_MAX];
static size_t made_count;

static const char *const keys[] = { "a", "b", "", "ab", "c", "d", "e", "f", "g", "h", "i", "j", "k",
	"\xe6\x8a\x95", "l", "m" };
static const char *const values[] = { "", "x", "y", "yy" };

static unsigned
byte_take(struct input *input)
{
	return input->at < input->end ? *input->at++ : 0;
}

/* Small ones, that meet, and a few at the range's end. */
static uint64_t
seq_take(struct input *input)
{
	unsigned byte = byte_take(input);

	return byte < 240 ? byte % 40 : INTEGER_MAX - (byte - 240);
}

static size_t
pairs_take(struct input *input, struct event_pair *pairs, bool with_value, uint64_t seq)
{
	size_t count = byte_take(input) % (PAIRS_MAX + 1);

	for (size_t i = 0; i < count; i++) {
		unsigned byte = byte_take(input);

		pairs[i].key = keys[byte % 16];
		pairs[i].value = with_value ? values[byte / 16 % 4] : NULL;
		pairs[i].seq = byte < 192 ? seq : seq_take(input);
	}
	return count;
}

static void
snapshot_make(struct input *input, struct made *new)
{
	struct record *record = &new->record;
	uint64_t next;

	record->is_snapshot = true;
	record->kind = SNAPSHOT_IMPORT;
	record->event.operate_type = OPERATE_SET;
	record->clear_seq = seq_take(input);
	record->complete_up_to = seq_take(input);
	record->first_seq = seq_take(input);
	if (record->first_seq > record->event.seq)
		record->first_seq = record->event.seq;
	record->deleted = new->deleted;
	record->deleted_count = pairs_take(input, new->deleted, false, record->event.seq);
	record->missing = new->missing;
	next = record->first_seq + 1;
	for (size_t count = byte_take(input) % (PAIRS_MAX + 1); count > 0; count--) {
		struct seq_range *range = &new->missing[record->missing_count];

		range->first = next + byte_take(input) % 4;
		range->last = range->first + byte_take(input) % 4;
		if (range->last >= record->event.seq)
			return;
		next = range->last + 1;
		record->missing_count++;
	}
}

static void
record_make(struct input *input, struct made *new)
{
	struct record *record = &new->record;
	unsigned kind = byte_take(input);

	*new = (struct made){ 0 };
	record->time = (int64_t)byte_take(input) - 1;
	record->event.group_id = "test";
	record->event.msg_seq = kind / 4 % MESSAGES;
	record->event.seq = seq_take(input);
	record->event.operate_type = (enum operate_type)(kind % 4);
	if (kind % 4 == 0)
		snapshot_make(input, new);
	else if (kind % 4 == OPERATE_CLEAR)
		record->clear_seq = record->event.seq;
	if (kind >= 192) {
		new->erased.first = seq_take(input);
		new->erased.last = new->erased.first + byte_take(input) % 4;
		record->erased = &new->erased;
		record->erased_count = 1;
	}
	record->event.pairs = new->pairs;
	record->event.pair_count = pairs_take(input, new->pairs, true, record->event.seq);
}

/* the naive look */

static bool
record_covers(const struct record *record, uint64_t seq)
{
	if (!record->is_snapshot)
		return seq == record->event.seq;
	for (size_t i = 0; i < record->missing_count; i++)
		if (seq >= record->missing[i].first && seq <= record->missing[i].last)
			return false;
	return seq >= record->first_seq && seq <= record->event.seq;
}

static bool
naive_knows(uint64_t msg_seq, uint64_t seq)
{
	for (size_t i = 0; i < made_count; i++)
		if (made[i].record.event.msg_seq == msg_seq && record_covers(&made[i].record, seq))
			return true;
	return false;
}

static bool
naive_erased(uint64_t msg_seq, uint64_t seq)
{
	for (size_t i = 0; i < made_count; i++)
		if (made[i].record.event.msg_seq == msg_seq &&
		    record_has_erased(&made[i].record, seq))
			return true;
	return false;
}

/* What all records say of one key. */
struct naive_key {
	bool is_there, is_left; /* is_left: by an erasure of its version */
	const char *value;      /* NULL: deleted */
	uint64_t seq, confirmed;
};

static void
naive_take(struct naive_key *key, const struct record *record, const struct event_pair *pair,
    const char *value)
{
	bool is_left = record_has_left(record, pair->seq);
	bool wins = !key->is_there || pair->seq > key->seq ||
	    (pair->seq == key->seq && is_left && !key->is_left);

	if (key->is_there && pair->seq == key->seq && is_left == key->is_left && key->value != NULL)
		wins = value == NULL || strcmp(value, key->value) > 0;
	if (!wins)
		return;
	key->is_there = true;
	key->is_left = is_left;
	key->value = value;
	key->seq = pair->seq;
}

static struct naive_key
naive_look(uint64_t msg_seq, const char *text)
{
	struct naive_key key = { 0 };

	for (size_t i = 0; i < made_count; i++) {
		const struct record *record = &made[i].record;
		const struct event *event = &record->event;

		if (event->msg_seq != msg_seq)
			continue;
		for (size_t j = 0; j < event->pair_count; j++) {
			const struct event_pair *pair = &event->pairs[j];

			if (strcmp(pair->key, text) != 0)
				continue;
			naive_take(&key, record, pair,
			    event->operate_type == OPERATE_DELETE ? NULL : pair->value);
			if (record->is_snapshot && record->complete_up_to > key.confirmed)
				key.confirmed = record->complete_up_to;
		}
		for (size_t j = 0; j < record->deleted_count; j++)
			if (strcmp(record->deleted[j].key, text) == 0)
				naive_take(&key, record, &record->deleted[j], NULL);
	}
	if (key.is_there && !key.is_left && naive_erased(msg_seq, key.seq))
		key.is_there = false;
	return key;
}

/* comparing */

static const struct event_pair *
pair_find(const struct event_pair *pairs, size_t count, const char *key)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(pairs[i].key, key) == 0)
			return &pairs[i];
	return NULL;
}

static void
keys_verify(const struct message *message)
{
	size_t pair_count, deleted_count, found = 0;
	struct event_pair *pairs = message_pairs(message, &pair_count);
	struct event_pair *deleted = message_deleted(message, &deleted_count);

	CHECK(pairs != NULL && deleted != NULL);
	CHECK(message_pair_count(message) == pair_count);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		struct naive_key key = naive_look(message->msg_seq, keys[i]);
		const struct event_pair *pair = pair_find(pairs, pair_count, keys[i]);
		const struct event_pair *gone = pair_find(deleted, deleted_count, keys[i]);
		bool late = key.is_there && key.seq > message->clear_seq;
		bool whole = key.seq > message->complete_up_to;

		CHECK((pair != NULL) ==
		    (late && key.value != NULL &&
			(whole || key.confirmed == message->complete_up_to)));
		CHECK((gone != NULL) == (late && key.value == NULL && whole));
		if (pair != NULL)
			CHECK(pair->seq == key.seq && strcmp(pair->value, key.value) == 0);
		if (gone != NULL)
			CHECK(gone->seq == key.seq && gone->value == NULL);
		found += (pair != NULL ? 1U : 0U) + (gone != NULL ? 1U : 0U);
	}
	CHECK(found == pair_count + deleted_count);
	for (size_t i = 1; i < pair_count; i++)
		CHECK(pairs[i - 1].seq < pairs[i].seq ||
		    (pairs[i - 1].seq == pairs[i].seq &&
			strcmp(pairs[i - 1].key, pairs[i].key) < 0));
	free(pairs);
	free(deleted);
}

/* A version is known, or before the first, or behind the last, or in a gap. */
static void
version_verify(const struct message *message, uint64_t seq)
{
	bool knows = naive_knows(message->msg_seq, seq), in_gap = false;
	uint64_t first = message_first_seq(message), last = first, end = 0;
	struct seq_range gap;

	for (size_t i = 0; message_gap(message, i, &gap); i++) {
		CHECK(gap.first <= gap.last && gap.first > end);
		end = gap.last + 1;
		last = end;
		in_gap = in_gap || (seq >= gap.first && seq <= gap.last);
	}
	CHECK(message_knows(message, seq) == knows);
	CHECK(!in_gap || !knows);
	CHECK(!knows || seq >= first);
	if (!knows && seq > first && seq < last)
		CHECK(in_gap);
}

static void
message_verify(const struct message *message)
{
	uint64_t latest = 0, clear = 0, whole = 0;

	for (size_t i = 0; i < made_count; i++) {
		const struct record *record = &made[i].record;

		if (record->event.msg_seq != message->msg_seq)
			continue;
		latest = record->event.seq > latest ? record->event.seq : latest;
		clear = record->clear_seq > clear ? record->clear_seq : clear;
		whole = record->complete_up_to > whole ? record->complete_up_to : whole;
	}
	CHECK(message->latest_seq == latest && message->clear_seq == clear &&
	    message->complete_up_to == whole);
	CHECK(naive_knows(message->msg_seq, message_first_seq(message)));
	CHECK(naive_knows(message->msg_seq, latest));
	for (uint64_t seq = 0; seq < 48; seq++) {
		version_verify(message, seq);
		version_verify(message, INTEGER_MAX - seq);
	}
	keys_verify(message);
}

static void
states_verify(struct state *state, struct state *other)
{
	size_t count, other_count;
	struct message **messages = state_messages(state, &count);
	struct message **others = state_messages(other, &other_count);

	CHECK(messages != NULL && others != NULL && count == other_count);
	for (size_t i = 0; i < count; i++) {
		CHECK(messages[i]->msg_seq == others[i]->msg_seq);
		CHECK(i == 0 || messages[i - 1]->msg_seq < messages[i]->msg_seq);
		CHECK(messages[i]->time == others[i]->time);
		CHECK(state_message(state, messages[i]->msg_seq) == messages[i]);
		message_verify(messages[i]);
		message_verify(others[i]);
	}
}

/* Folds the records in as many parts as the input says, and merges them, in that order or from the last one. */
static struct state *
parts_fold(struct input *input)
{
	struct state *whole = state_new(), *parts[PARTS_MAX];
	size_t count = 1 + byte_take(input) % PARTS_MAX;
	bool from_last = byte_take(input) % 2 == 1;

	CHECK(whole != NULL);
	for (size_t i = 0; i < count; i++) {
		parts[i] = state_part(whole);
		CHECK(parts[i] != NULL);
	}
	for (size_t i = 0; i < made_count; i++) {
		size_t part = byte_take(input) % (count + 1);

		/* The last one is the whole itself. */
		CHECK(state_fold(part == count ? whole : parts[part], &made[i].record) == 0);
	}
	for (size_t i = 0; i < count; i++)
		CHECK(state_merge(whole, parts[from_last ? count - 1 - i : i]) == 0);
	for (size_t i = 0; i < count; i++)
		state_free(parts[i]);
	return whole;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct state *state = state_new(), *other = state_new(), *merged;
	struct input input = { data, data + size };
	size_t order[RECORDS_MAX];

	CHECK(state != NULL && other != NULL);
	for (made_count = 0; made_count < RECORDS_MAX && input.at < input.end; made_count++)
		record_make(&input, &made[made_count]);
	/* The order is drawn from the same bytes, read from their beginning. */
	input.at = data;
	for (size_t i = 0; i < made_count; i++) {
		size_t with = byte_take(&input) % (i + 1);

		order[i] = order[with];
		order[with] = i;
	}
	for (size_t i = 0; i < made_count; i++) {
		CHECK(state_fold(state, &made[i].record) == 0);
		CHECK(state_fold(other, &made[order[i]].record) == 0);
		if (order[i] % 2 == 0) /* sent again */
			CHECK(state_fold(other, &made[order[i / 2]].record) == 0);
	}
	states_verify(state, other);
	input.at = data;
	merged = parts_fold(&input);
	states_verify(state, merged);
	for (size_t i = 0; i < MESSAGES; i++) {
		const struct message *one = state_message(state, i),
				     *same = state_message(merged, i);

		CHECK((one == NULL) == (same == NULL));
		CHECK(one == NULL || one->record_count == same->record_count);
	}
	state_free(merged);
	state_free(state);
	state_free(other);
	return 0;
}

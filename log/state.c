/*
 * state.c - records -> state of each message (P4).
 *
 * The vendor stamps every change of a message with the next number of one
 * counter per message, and the pairs that it touched with the same number.
 * That makes a fold possible in which order and repetition do not matter,
 * because everything it keeps is a maximum or a union:
 *
 *   per key    the record with the highest Seq; a delete is a record too
 *   clear_seq  the highest clear: records at or below it are gone
 *   complete_up_to  the highest LatestSeq of a snapshot: up to there that snapshot
 *              says which keys there are, so a key that it lacks is gone even
 *              if the delete never arrived
 *   seen       the union of all versions that arrived, as ranges; a hole
 *              between two of them is an update that never did
 *   erased     the union of all versions of which pairs were erased: of these
 *              counts only what stands in a line that names the version
 *              as erased, and so has what is left of it
 *
 * A key whose newest change is of an erased version, in no such line, is gone: a
 * repetition of an erased line does not bring a person back.  A compaction forgets the
 * key then, since nothing of it may be kept; a change of it that is older, was missing and
 * arrives after that counts as a new one.
 *
 * What is hidden may still count: of a key that the newest snapshot lists, a late
 * record; and of a key that it lacks, should another of the same LatestSeq list
 * it.  No honest vendor leads to either, but order must not matter (P4), and so
 * a compaction's snapshot tells of both: see message_listed, message_unlisted.
 *
 * Should two records claim one Seq of one key with different content, which no
 * honest sender does, one in a line that names the version as erased wins, then a
 * delete over a value and the larger value over the smaller: arbitrary, but the same in
 * any order.
 *
 * Messages and keys are found by open-addressing hash tables that double, with a
 * seed of their own (base/hash.c), for group members choose the keys.  Keys compare as
 * decoded bytes.  A large log's tables are far away in memory, so a record
 * is pending until there are many: their memory is asked for first, and the
 * processor waits for all at once.  The order in which they are taken does not matter.
 *
 * Nor does it matter in how many states: two of them become one by the same maxima and unions.  They have one
 * seed, so a key has the same place in the tables of both, and entries are not copied but handed over,
 * with the memory that they lie in.
 */
#include <stdlib.h>
#include <string.h>

#include "log/state.h"
#include "base/hash.h"
#include "log/ranges.h"
#include "record.h"

#define PENDING_RECORDS 64
#define PENDING_PAIRS 256
#define PENDING_TEXT 16384
#define AHEAD ((size_t)8)
#define FETCH_SLOTS ((size_t)64) /* of a table: more find their way without help */
#define SLOTS_OF_A_LINE 4        /* of the cache */
#define TEXT_AHEAD 16 /* of a short key, where an entry reaches into a second line of the cache */
#define CHUNK_SIZE_MIN ((size_t)4 << 10)
#define CHUNK_SIZE_MAX ((size_t)1 << 20)
#define POOLED_SLOTS (CHUNK_SIZE_MIN / 4) /* bytes of a table */

struct entry {
	uint64_t rank;      /* twice the version; 1 more: in a line that names it as erased */
	uint64_t confirmed; /* the highest snapshot that lists the key */
	uint32_t value;     /* where it begins in text; 0: deleted */
	uint32_t size;      /* of text */
	char text[];        /* key, NUL, value, NUL */
};

struct entry_slot {
	struct entry *entry; /* NULL: free */
	uint32_t hash;       /* of the key, so that others need no look */
};

struct message_table {
	struct entry_slot *slots;
	size_t size; /* a power of two, or 0 */
	size_t count;
};

struct message_slot {
	struct message_full *full; /* NULL: free */
	uint64_t msg_seq;          /* its number, so that others need no look */
};

struct message_full {
	struct message message; /* first: what callers see */
	struct message_table table;
	struct ranges seen;
	struct ranges *erased; /* NULL: none */
};

/* What is taken from chunks is released with them, at once. */
struct chunk {
	struct chunk *next;
	char bytes[];
};

struct pool {
	struct chunk *chunks; /* the first is being used up */
	char *at;
	size_t left, size;
};

/* Records that were folded and are not in their messages yet, nor their pairs in the tables. */
struct pending {
	struct pending_record {
		struct message_full *full; /* NULL: not looked for yet */
		uint64_t hash;             /* of the message's number */
		struct message message;    /* what the record says of it */
	} records[PENDING_RECORDS];
	struct pending_pair {
		uint64_t rank;           /* as an entry's */
		uint64_t confirmed;      /* the snapshot that lists it, or 0 */
		const char *key, *value; /* in text; value NULL: a delete */
		uint32_t key_size, value_size;
		uint32_t hash;   /* of the key */
		uint32_t record; /* its index */
	} pairs[PENDING_PAIRS];
	size_t record_count, pair_count;
	size_t used; /* of text */
	char text[PENDING_TEXT];
};

struct state {
	struct hash_seed seed;
	struct pending *pending; /* made with the first record */
	/* Apart, so that the messages, which each record asks for, lie together. */
	struct pool messages;
	struct pool entries;
	struct message_slot *slots;
	size_t size;
	size_t count;
	struct message_full *last; /* that was asked for: mostly it is again */
	struct message **sorted;
};

/* memory, released with the state */

static struct chunk *
chunk_new(struct chunk **place, size_t size)
{
	struct chunk *chunk = malloc(sizeof(*chunk) + size);

	if (chunk != NULL) {
		chunk->next = *place;
		*place = chunk;
	}
	return chunk;
}

static void *
pool_take(struct pool *pool, size_t size)
{
	size = (size + 7) / 8 * 8;
	if (size > CHUNK_SIZE_MIN / 4) {
		/* A large one has its own, after the first. */
		struct chunk *chunk =
		    chunk_new(pool->chunks == NULL ? &pool->chunks : &pool->chunks->next, size);

		return chunk == NULL ? NULL : chunk->bytes;
	}
	if (size > pool->left) {
		size_t larger = pool->size == 0 ? CHUNK_SIZE_MIN : 2 * pool->size;

		if (larger > CHUNK_SIZE_MAX)
			larger = CHUNK_SIZE_MAX;
		if (chunk_new(&pool->chunks, larger) == NULL)
			return NULL;
		pool->size = pool->left = larger;
		pool->at = pool->chunks->bytes;
	}
	pool->at += size;
	pool->left -= size;
	return pool->at - size;
}

static void
pool_free(struct pool *pool)
{
	while (pool->chunks != NULL) {
		struct chunk *chunk = pool->chunks;

		pool->chunks = chunk->next;
		free(chunk);
	}
}

/* Hands all memory of a pool over to another one. */
static void
pool_give(struct pool *to, struct pool *from)
{
	struct chunk **end = &from->chunks;

	while (*end != NULL)
		end = &(*end)->next;
	if (to->chunks == NULL) {
		*to = *from;
	} else {
		/* Behind the first, which is being used up. */
		*end = to->chunks->next;
		to->chunks->next = from->chunks;
	}
	*from = (struct pool){ 0 };
}

/* the versions that arrived */

/* A snapshot saw all from first_seq to LatestSeq but what it names as missing. */
static int
seen_add_snapshot(struct message_full *full, const struct record *record)
{
	uint64_t next = record->first_seq;

	for (size_t i = 0; i < record->missing_count; i++) {
		if (record->missing[i].first > next &&
		    ranges_add(&full->seen, next, record->missing[i].first - 1) != 0)
			return -1;
		next = record->missing[i].last + 1;
	}
	return next > record->event.seq ? 0 : ranges_add(&full->seen, next, record->event.seq);
}

/* one message's keys */

static inline bool
words_differ(const char *a, const char *b)
{
	uint64_t left, right;

	memcpy(&left, a, sizeof(left));
	memcpy(&right, b, sizeof(right));
	return left != right;
}

/* Is it the entry's key?  size: with its NUL.  A word at a time, the last one with some bytes that were compared. */
static inline bool
entry_has_key(const struct entry *entry, const char *key, size_t size)
{
	const size_t word = sizeof(uint64_t);

	if (size > entry->size)
		return false;
	if (size < word)
		return memcmp(entry->text, key, size) == 0;
	for (size_t i = 0; i < size - word; i += word)
		if (words_differ(entry->text + i, key + i))
			return false;
	return !words_differ(entry->text + size - word, key + size - word);
}

/* key_size: with its NUL. */
static struct entry_slot *
slot_find(const struct message_table *table, const char *key, size_t key_size, uint32_t hash)
{
	size_t at = hash & (table->size - 1);

	while (table->slots[at].entry != NULL &&
	    (table->slots[at].hash != hash ||
		!entry_has_key(table->slots[at].entry, key, key_size)))
		at = (at + 1) & (table->size - 1);
	return &table->slots[at];
}

/* Small tables are of the pool: a message that has few keys then has nothing to be freed. */
static bool
slots_are_pooled(size_t size)
{
	return size * sizeof(struct entry_slot) <= POOLED_SLOTS;
}

static struct entry_slot *
slots_make(struct pool *pool, size_t size)
{
	struct entry_slot *slots;

	if (!slots_are_pooled(size))
		return calloc(size, sizeof(*slots));
	slots = pool_take(pool, size * sizeof(*slots));
	if (slots != NULL)
		memset(slots, 0, size * sizeof(*slots));
	return slots;
}

static void
table_free(struct message_table *table)
{
	if (!slots_are_pooled(table->size))
		free(table->slots);
}

static int
table_grow(struct pool *pool, struct message_table *table)
{
	size_t size = table->size == 0 ? 8 : 2 * table->size;
	struct entry_slot *slots = slots_make(pool, size);

	if (slots == NULL)
		return -1;
	for (size_t i = 0; i < table->size; i++) {
		size_t at = table->slots[i].hash & (size - 1);

		if (table->slots[i].entry == NULL)
			continue;
		while (slots[at].entry != NULL)
			at = (at + 1) & (size - 1);
		slots[at] = table->slots[i];
	}
	table_free(table);
	table->slots = slots;
	table->size = size;
	return 0;
}

static const char *
entry_value(const struct entry *entry)
{
	return entry->value == 0 ? NULL : entry->text + entry->value;
}

/* Is the record (value NULL: a delete) to replace what the entry holds? */
static bool
record_wins(const struct entry *entry, const char *value, uint64_t rank)
{
	if (entry == NULL || rank != entry->rank)
		return entry == NULL || rank > entry->rank;
	if (entry->value == 0 || value == NULL)
		return entry->value != 0;
	return strcmp(value, entry_value(entry)) > 0;
}

/*
 * Puts a record where the slot's entry was, if there was one.  An entry that
 * is too small for its new value is left behind; since the next has twice its
 * size, what is left behind is never more than what is used.
 */
static int
entry_put(struct state *state, struct entry_slot *slot, const struct pending_pair *pair)
{
	size_t size = (size_t)pair->key_size + pair->value_size;
	struct entry *entry = slot->entry;

	if (entry == NULL || size > entry->size) {
		if (entry != NULL && size < 2 * (size_t)entry->size)
			size = 2 * (size_t)entry->size;
		size = (size + 7) / 8 * 8;
		entry =
		    size > UINT32_MAX ? NULL : pool_take(&state->entries, sizeof(*entry) + size);
		if (entry == NULL)
			return -1;
		entry->confirmed = slot->entry == NULL ? 0 : slot->entry->confirmed;
		entry->size = (uint32_t)size;
		memcpy(entry->text, pair->key, pair->key_size);
		slot->entry = entry;
	}
	if (pair->value != NULL)
		memcpy(entry->text + pair->key_size, pair->value, pair->value_size);
	entry->value = pair->value == NULL ? 0 : pair->key_size;
	entry->rank = pair->rank;
	return 0;
}

/* Takes one key's record into its table. */
static int
pair_take(struct state *state, struct message_table *table, const struct pending_pair *pair)
{
	struct entry_slot *slot;

	if ((table->slots == NULL || 4 * (table->count + 1) > 3 * table->size) &&
	    table_grow(&state->entries, table) != 0)
		return -1;
	slot = slot_find(table, pair->key, pair->key_size, pair->hash);
	if (record_wins(slot->entry, pair->value, pair->rank)) {
		table->count += slot->entry == NULL;
		if (entry_put(state, slot, pair) != 0) {
			table->count -= slot->entry == NULL;
			return -1;
		}
		slot->hash = pair->hash;
	}
	if (pair->confirmed > slot->entry->confirmed)
		slot->entry->confirmed = pair->confirmed;
	return 0;
}

static uint64_t
entry_seq(const struct entry *entry)
{
	return entry->rank / 2;
}

/* Is what the entry has of an erased version, and not what was left of that? */
static bool
entry_is_erased(const struct message *message, const struct entry *entry)
{
	const struct message_full *full = (const struct message_full *)message;

	return full->erased != NULL && entry->rank % 2 == 0 &&
	    ranges_have(full->erased, entry_seq(entry));
}

static bool
entry_is_visible(const struct message *message, const struct entry *entry)
{
	return entry != NULL && entry->value != 0 && entry_seq(entry) > message->clear_seq &&
	    (entry_seq(entry) > message->complete_up_to ||
		entry->confirmed == message->complete_up_to) &&
	    !entry_is_erased(message, entry);
}

/* messages */

/* The place of a message in a table of that size; hash: of its number. */
static struct message_slot *
message_slot(struct message_slot *slots, size_t size, uint64_t hash, uint64_t msg_seq)
{
	size_t at = (size_t)hash & (size - 1);

	while (slots[at].full != NULL && slots[at].msg_seq != msg_seq)
		at = (at + 1) & (size - 1);
	return &slots[at];
}

static int
state_grow(struct state *state)
{
	size_t size = state->size == 0 ? 16 : 2 * state->size;
	struct message_slot *slots = calloc(size, sizeof(*slots));

	if (slots == NULL)
		return -1;
	for (size_t i = 0; i < state->size; i++) {
		const struct message_slot *slot = &state->slots[i];

		if (slot->full != NULL)
			*message_slot(slots, size, hash_number(&state->seed, slot->msg_seq),
			    slot->msg_seq) = *slot;
	}
	free(state->slots);
	state->slots = slots;
	state->size = size;
	return 0;
}

/* The message of that number and hash, made where it is new; NULL: no memory. */
static struct message_full *
message_get(struct state *state, uint64_t hash, uint64_t msg_seq)
{
	struct message_slot *slot;

	if (state->last != NULL && state->last->message.msg_seq == msg_seq)
		return state->last;
	if (4 * (state->count + 1) > 3 * state->size && state_grow(state) != 0)
		return NULL;
	slot = message_slot(state->slots, state->size, hash, msg_seq);
	if (slot->full == NULL) {
		slot->full = pool_take(&state->messages, sizeof(*slot->full));
		if (slot->full == NULL)
			return NULL;
		*slot->full = (struct message_full){ .message = { .msg_seq = msg_seq, .time = -1 },
			.seen.chance = hash_number(&state->seed, ~msg_seq) };
		slot->msg_seq = msg_seq;
		state->count++;
	}
	state->last = slot->full;
	return slot->full;
}

struct state *
state_new(void)
{
	struct state *state = calloc(1, sizeof(*state));

	if (state != NULL)
		hash_seed_make(&state->seed);
	return state;
}

/* Asks for the memory of a message: where its slot is, or, once that is there, what it is. */
static void
message_prefetch(const struct message_full *full)
{
	if (full == NULL)
		return;
	__builtin_prefetch(full);
	__builtin_prefetch((const char *)(full + 1) - 1);
	__builtin_prefetch(&full->table);
}

/* Frees what a message has beside its own memory. */
static void
message_release(struct message_full *full)
{
	table_free(&full->table);
	ranges_free(&full->seen);
	if (full->erased != NULL)
		ranges_free(full->erased);
	free(full->erased);
}

void
state_free(struct state *state)
{
	if (state == NULL)
		return;
	for (size_t i = 0; i < state->size; i++) {
		if (i + AHEAD < state->size)
			message_prefetch(state->slots[i + AHEAD].full);
		if (state->slots[i].full != NULL)
			message_release(state->slots[i].full);
	}
	pool_free(&state->messages);
	pool_free(&state->entries);
	free(state->pending);
	free(state->slots);
	free(state->sorted);
	free(state);
}

static void
maximum_take(uint64_t *held, uint64_t value)
{
	if (value > *held)
		*held = value;
}

/* Takes in what a record, or a part of a log, says of a message. */
static void
message_take(struct message *message, const struct message *says)
{
	message->record_count += says->record_count;
	if (says->time > message->time)
		message->time = says->time;
	maximum_take(&message->latest_seq, says->latest_seq);
	maximum_take(&message->clear_seq, says->clear_seq);
	maximum_take(&message->complete_up_to, says->complete_up_to);
}

/* Takes in which versions pairs were erased of. */
static int
erased_add(const struct state *state, struct message_full *full, const struct record *record)
{
	if (full->erased == NULL) {
		full->erased = calloc(1, sizeof(*full->erased));
		if (full->erased == NULL)
			return -1;
		full->erased->chance = hash_number(&state->seed, ~full->message.msg_seq);
	}
	for (size_t i = 0; i < record->erased_count; i++)
		if (ranges_add(full->erased, record->erased[i].first, record->erased[i].last) != 0)
			return -1;
	return 0;
}

/* records that are pending */

/* Takes a record in, but for its pairs. */
static int
record_take(struct state *state, struct pending_record *record)
{
	const struct message *says = &record->message;

	if (record->full == NULL) {
		record->full = message_get(state, record->hash, says->msg_seq);
		if (record->full == NULL ||
		    ranges_add(&record->full->seen, says->latest_seq, says->latest_seq) != 0)
			return -1;
	}
	message_take(&record->full->message, says);
	return 0;
}

/* Takes in the pairs, whose records were. */
static int
pairs_take(struct state *state, struct pending *pending)
{
	struct message_table *tables[PENDING_PAIRS];
	const struct entry_slot *homes[PENDING_PAIRS];

	for (size_t i = 0; i < pending->pair_count; i++) {
		const struct pending_pair *pair = &pending->pairs[i];
		struct message_table *table = &pending->records[pair->record].full->table;

		tables[i] = table;
		homes[i] = table->size == 0 ? NULL : &table->slots[pair->hash & (table->size - 1)];
		__builtin_prefetch(homes[i]);
	}
	for (size_t i = 0; i < pending->pair_count; i++) {
		const struct entry *entry = homes[i] == NULL ? NULL : homes[i]->entry;

		if (entry != NULL) {
			__builtin_prefetch(entry);
			__builtin_prefetch(entry->text + TEXT_AHEAD);
		}
	}
	/* A table that grows leaves homes behind, so they are not looked at again. */
	for (size_t i = 0; i < pending->pair_count; i++)
		if (pair_take(state, tables[i], &pending->pairs[i]) != 0)
			return -1;
	return 0;
}

int
state_flush(struct state *state)
{
	struct pending *pending = state->pending;

	if (pending == NULL)
		return 0;
	for (size_t i = 0; i < pending->record_count && state->size > 0; i++)
		message_prefetch(state->slots[pending->records[i].hash & (state->size - 1)].full);
	for (size_t i = 0; i < pending->record_count; i++)
		if (record_take(state, &pending->records[i]) != 0)
			return -1;
	if (pairs_take(state, pending) != 0)
		return -1;
	pending->record_count = pending->pair_count = pending->used = 0;
	return 0;
}

/* Makes room for more pairs of the record that is pending last. */
static int
pending_continue(struct state *state)
{
	struct pending *pending = state->pending;
	size_t last = pending->record_count - 1;

	if (state_flush(state) != 0 || pending->records[last].full == NULL)
		return -1;
	pending->records[0] = (struct pending_record){ .full = pending->records[last].full,
		.message = { .time = -1 } };
	pending->record_count = 1;
	return 0;
}

/* Makes a pair pending: of the record that is pending last. */
static int
pair_add(struct state *state, struct pending_pair *pair)
{
	struct pending *pending = state->pending;
	size_t key_size = strlen(pair->key) + 1;
	size_t value_size = pair->value == NULL ? 0 : strlen(pair->value) + 1;
	size_t size = key_size + value_size;

	if ((pending->pair_count == PENDING_PAIRS || size > PENDING_TEXT - pending->used) &&
	    pending_continue(state) != 0)
		return -1;
	if (size > UINT32_MAX / 4)
		return -1;
	pair->key_size = (uint32_t)key_size;
	pair->value_size = (uint32_t)value_size;
	pair->hash = (uint32_t)hash_text(&state->seed, pair->key, key_size - 1);
	if (size > PENDING_TEXT)
		return pair_take(state, &pending->records[0].full->table, pair);
	pair->record = (uint32_t)pending->record_count - 1;
	pair->key = memcpy(pending->text + pending->used, pair->key, key_size);
	if (pair->value != NULL)
		pair->value =
		    memcpy(pending->text + pending->used + key_size, pair->value, value_size);
	pending->used += size;
	pending->pairs[pending->pair_count++] = *pair;
	return 0;
}

/* Pairs of a record, which may all be deletes.  confirmed: the snapshot that lists them, or 0. */
struct adding {
	const struct record *record;
	uint64_t confirmed;
	bool deletes;
};

static int
pairs_add(struct state *state, const struct event_pair *pairs, size_t count,
    const struct adding *adding)
{
	for (size_t i = 0; i < count; i++) {
		struct pending_pair pair = { .rank = record_rank(adding->record, pairs[i].seq),
			.confirmed = adding->confirmed,
			.key = pairs[i].key,
			.value = adding->deletes ? NULL : pairs[i].value };

		if (pair_add(state, &pair) != 0)
			return -1;
	}
	return 0;
}

/* What a record says of its message. */
static struct message
record_says(const struct record *record)
{
	return (struct message){ .msg_seq = record->event.msg_seq,
		.latest_seq = record->event.seq,
		.clear_seq = record->clear_seq,
		.complete_up_to = record->complete_up_to,
		.time = record->time,
		.record_count = 1 };
}

/* Makes a record pending, but for its pairs.  NULL: no memory. */
static struct pending_record *
record_add(struct state *state, const struct record *record)
{
	const struct event *event = &record->event;
	struct pending_record *held;

	if (state->pending == NULL) {
		state->pending = malloc(sizeof(*state->pending));
		if (state->pending == NULL)
			return NULL;
		state->pending->record_count = state->pending->pair_count = state->pending->used =
		    0;
	}
	if (state->pending->record_count == PENDING_RECORDS && state_flush(state) != 0)
		return NULL;
	held = &state->pending->records[state->pending->record_count++];
	held->full = NULL;
	held->hash = hash_number(&state->seed, event->msg_seq);
	held->message = record_says(record);
	if (state->size > 0)
		__builtin_prefetch(&state->slots[held->hash & (state->size - 1)]);
	return held;
}

/* Takes in at once what few records have: all versions of a snapshot, and those that were erased. */
static int
versions_take(struct state *state, struct pending_record *held, const struct record *record)
{
	struct message_full *full = message_get(state, held->hash, record->event.msg_seq);
	uint64_t seq = record->event.seq;

	if (full == NULL ||
	    (record->is_snapshot ? seen_add_snapshot(full, record)
				 : ranges_add(&full->seen, seq, seq)) != 0)
		return -1;
	held->full = full;
	return record->erased_count == 0 ? 0 : erased_add(state, full, record);
}

int
state_fold(struct state *state, const struct record *record)
{
	const struct event *event = &record->event;
	const struct adding changed = { record, 0, event->operate_type == OPERATE_DELETE };
	const struct adding listed = { record, record->complete_up_to, false };
	const struct adding deleted = { record, 0, true }, unlisted = { record, 0, false };
	struct pending_record *held = record_add(state, record);

	if (held == NULL)
		return -1;
	if ((record->is_snapshot || record->erased_count > 0) &&
	    versions_take(state, held, record) != 0)
		return -1;
	if (!record->is_snapshot)
		return pairs_add(state, event->pairs, event->pair_count, &changed);
	if (pairs_add(state, event->pairs, event->pair_count, &listed) != 0 ||
	    pairs_add(state, record->deleted, record->deleted_count, &deleted) != 0)
		return -1;
	return pairs_add(state, record->unlisted, record->unlisted_count, &unlisted);
}

int
state_arrive(struct state *state, const struct record *record)
{
	const struct message says = record_says(record);
	struct message_full *full =
	    message_get(state, hash_number(&state->seed, says.msg_seq), says.msg_seq);
	bool known = full != NULL && ranges_have(&full->seen, says.latest_seq);

	if (full == NULL ||
	    (!known && ranges_add(&full->seen, says.latest_seq, says.latest_seq) != 0) ||
	    (record->erased_count > 0 && erased_add(state, full, record) != 0))
		return -1;
	message_take(&full->message, &says);
	return known;
}

/* merging */

struct state *
state_part(const struct state *whole)
{
	struct state *part = calloc(1, sizeof(*part));

	if (part != NULL)
		part->seed = whole->seed;
	return part;
}

/* Of two entries of a key, keeps the one that counts. */
static void
entry_merge(struct entry_slot *slot, struct entry *other)
{
	struct entry *loser = other;

	if (record_wins(slot->entry, entry_value(other), other->rank)) {
		loser = slot->entry;
		slot->entry = other;
	}
	maximum_take(&slot->entry->confirmed, loser->confirmed);
}

/* Asks for the memory that a slot of one table, and its place in another, lead to. */
static void
slot_prefetch(const struct message_table *to, const struct entry_slot *from)
{
	const struct entry_slot *home = &to->slots[from->hash & (to->size - 1)];

	if (from->entry != NULL && home->entry != NULL) {
		__builtin_prefetch(from->entry);
		__builtin_prefetch(home->entry);
	}
}

/* Takes the entries of the smaller table into the larger one, which becomes the first. */
static int
table_merge(struct pool *pool, struct message_table *to, struct message_table *from)
{
	if (from->count > to->count) {
		struct message_table held = *to;

		*to = *from;
		*from = held;
	}
	for (size_t i = 0; i < from->size; i++) {
		struct entry_slot *slot, *taken = &from->slots[i];

		if (i + AHEAD < from->size)
			slot_prefetch(to, taken + AHEAD);
		if (taken->entry == NULL)
			continue;
		if (4 * (to->count + 1) > 3 * to->size && table_grow(pool, to) != 0)
			return -1;
		slot =
		    slot_find(to, taken->entry->text, strlen(taken->entry->text) + 1, taken->hash);
		if (slot->entry != NULL) {
			entry_merge(slot, taken->entry);
		} else {
			*slot = *taken;
			to->count++;
		}
	}
	return 0;
}

static int
erased_merge(struct message_full *to, struct message_full *from)
{
	if (from->erased == NULL)
		return 0;
	if (to->erased != NULL)
		return ranges_merge(to->erased, from->erased);
	to->erased = from->erased;
	from->erased = NULL;
	return 0;
}

/* Takes in what a part has of a message: 1: the message itself, where there was none; 0: all that it has; -1. */
static int
message_merge(struct state *whole, struct message_full *from)
{
	uint64_t msg_seq = from->message.msg_seq, hash = hash_number(&whole->seed, msg_seq);
	struct message_slot *slot;

	if (4 * (whole->count + 1) > 3 * whole->size && state_grow(whole) != 0)
		return -1;
	slot = message_slot(whole->slots, whole->size, hash, msg_seq);
	if (slot->full == NULL) {
		*slot = (struct message_slot){ from, msg_seq };
		whole->count++;
		return 1;
	}
	message_take(&slot->full->message, &from->message);
	if (ranges_merge(&slot->full->seen, &from->seen) != 0 ||
	    erased_merge(slot->full, from) != 0)
		return -1;
	return table_merge(&whole->entries, &slot->full->table, &from->table);
}

/* Asks for the memory of the message in whole that a part has, too. */
static void
merge_prefetch(const struct state *whole, const struct message_slot *from)
{
	if (from->full != NULL)
		message_prefetch(
		    whole->slots[hash_number(&whole->seed, from->msg_seq) & (whole->size - 1)]
			.full);
}

bool
state_overlaps(const struct state *whole, const struct state *part)
{
	for (size_t i = 0; i < part->size && whole->size > 0; i++) {
		const struct message_slot *from = &part->slots[i];
		const struct message_full *full;

		if (i + AHEAD < part->size)
			merge_prefetch(whole, &part->slots[i + AHEAD]);
		if (from->full == NULL)
			continue;
		full = message_slot(whole->slots, whole->size,
		    hash_number(&whole->seed, from->msg_seq), from->msg_seq)
			   ->full;
		if (full != NULL && ranges_overlap(&full->seen, &from->full->seen))
			return true;
	}
	return false;
}

int
state_merge(struct state *whole, struct state *part)
{
	int result = state_flush(whole) == 0 && state_flush(part) == 0 ? 0 : -1;

	pool_give(&whole->messages, &part->messages);
	pool_give(&whole->entries, &part->entries);
	for (size_t i = 0; i < part->size; i++) {
		struct message_full *from = part->slots[i].full;

		if (i + 2 * AHEAD < part->size)
			message_prefetch(part->slots[i + 2 * AHEAD].full);
		if (i + AHEAD < part->size && whole->size > 0)
			merge_prefetch(whole, &part->slots[i + AHEAD]);
		if (from == NULL)
			continue;
		if (result >= 0)
			result = message_merge(whole, from);
		if (result < 1)
			message_release(from);
		part->slots[i].full = NULL;
	}
	part->count = 0;
	part->last = NULL;
	if (part->pending != NULL)
		part->pending->record_count = part->pending->pair_count = 0;
	return result < 0 ? -1 : 0;
}

static int
slot_compare(const void *a, const void *b)
{
	const struct message_slot *left = a, *right = b;

	return (left->msg_seq > right->msg_seq) - (left->msg_seq < right->msg_seq);
}

struct message **
state_messages(struct state *state, size_t *count)
{
	struct message_slot *slots;
	size_t used = 0;

	if (state_flush(state) != 0)
		return NULL;
	free(state->sorted);
	state->sorted = calloc(state->count + 1, sizeof(struct message *));
	slots = calloc(state->count + 1, sizeof(*slots));
	if (state->sorted == NULL || slots == NULL) {
		free(slots);
		return NULL;
	}
	for (size_t i = 0; i < state->size; i++)
		if (state->slots[i].full != NULL)
			slots[used++] = state->slots[i];
	qsort(slots, used, sizeof(*slots), slot_compare);
	for (size_t i = 0; i < used; i++)
		state->sorted[i] = &slots[i].full->message;
	free(slots);
	*count = used;
	return state->sorted;
}

int
message_compare_newest(const void *a, const void *b)
{
	const struct message *left = *(struct message *const *)a;
	const struct message *right = *(struct message *const *)b;

	if (left->time != right->time)
		return left->time < right->time ? 1 : -1;
	return (left->msg_seq < right->msg_seq) - (left->msg_seq > right->msg_seq);
}

struct message *
state_message(struct state *state, uint64_t msg_seq)
{
	struct message_full *last = state->last;

	if (state->size == 0)
		return NULL;
	if (last == NULL || last->message.msg_seq != msg_seq)
		last = message_slot(state->slots, state->size, hash_number(&state->seed, msg_seq),
		    msg_seq)
			   ->full;
	if (last != NULL)
		state->last = last;
	return last == NULL ? NULL : &last->message;
}

static int
pair_compare(const void *a, const void *b)
{
	const struct event_pair *left = a, *right = b;

	if (left->seq != right->seq)
		return left->seq > right->seq ? 1 : -1;
	return strcmp(left->key, right->key);
}

/* What an entry is to a compaction; see the top. */
enum entry_kind {
	ENTRY_NONE,
	ENTRY_VISIBLE,
	ENTRY_DELETED,  /* after all snapshots: what is older loses to it */
	ENTRY_UNLISTED, /* not so, and hidden: but it would count, were its key listed */
	ENTRY_GONE      /* by the clear */
};

static enum entry_kind
entry_kind(const struct message *message, const struct entry *entry)
{
	if (entry == NULL || entry_is_erased(message, entry))
		return ENTRY_NONE;
	if (entry_is_visible(message, entry))
		return ENTRY_VISIBLE;
	if (entry_seq(entry) <= message->clear_seq)
		return ENTRY_GONE;
	return entry_seq(entry) > message->complete_up_to ? ENTRY_DELETED : ENTRY_UNLISTED;
}

/* Does it matter to a late record that the newest snapshot lists the key, though it shows no pair? */
static bool
entry_is_bare(const struct message *message, const struct entry *entry)
{
	enum entry_kind kind = entry_kind(message, entry);

	return (kind == ENTRY_GONE || kind == ENTRY_UNLISTED) && message->complete_up_to > 0 &&
	    entry_seq(entry) <= message->complete_up_to &&
	    entry->confirmed == message->complete_up_to;
}

/* The entries of a kind; with_bare: and the keys that are bare. */
static struct event_pair *
pairs_collect(const struct message *message, enum entry_kind kind, bool with_bare, size_t *count)
{
	const struct message_full *full = (const struct message_full *)message;
	struct event_pair *pairs = calloc(full->table.count + 1, sizeof(*pairs));
	size_t used = 0;

	if (pairs == NULL)
		return NULL;
	for (size_t i = 0; i < full->table.size; i++) {
		const struct entry *entry = full->table.slots[i].entry;

		if (entry_kind(message, entry) == kind)
			pairs[used++] = (struct event_pair){ entry->text, entry_value(entry),
				entry_seq(entry) };
		else if (with_bare && entry_is_bare(message, entry))
			pairs[used++] = (struct event_pair){ entry->text, "", 0 };
	}
	qsort(pairs, used, sizeof(*pairs), pair_compare);
	*count = used;
	return pairs;
}

struct event_pair *
message_pairs(const struct message *message, size_t *count)
{
	return pairs_collect(message, ENTRY_VISIBLE, false, count);
}

struct event_pair *
message_listed(const struct message *message, size_t *count)
{
	return pairs_collect(message, ENTRY_VISIBLE, true, count);
}

struct event_pair *
message_deleted(const struct message *message, size_t *count)
{
	return pairs_collect(message, ENTRY_DELETED, false, count);
}

struct event_pair *
message_unlisted(const struct message *message, size_t *count)
{
	return pairs_collect(message, ENTRY_UNLISTED, false, count);
}

void
messages_fetch(struct message *const *messages, size_t count, size_t index)
{
	const struct message_full *full;

	if (index + 4 * AHEAD < count)
		message_prefetch((const struct message_full *)messages[index + 4 * AHEAD]);
	if (index + 2 * AHEAD < count) {
		full = (const struct message_full *)messages[index + 2 * AHEAD];
		for (size_t i = 0; i < full->table.size && i < FETCH_SLOTS; i += SLOTS_OF_A_LINE)
			__builtin_prefetch(&full->table.slots[i]);
	}
	if (index + AHEAD < count) {
		full = (const struct message_full *)messages[index + AHEAD];
		for (size_t i = 0; i < full->table.size && i < FETCH_SLOTS; i++)
			__builtin_prefetch(full->table.slots[i].entry);
	}
}

size_t
message_pair_count(const struct message *message)
{
	const struct message_full *full = (const struct message_full *)message;
	size_t count = 0;

	for (size_t i = 0; i < full->table.size; i++)
		count += entry_is_visible(message, full->table.slots[i].entry);
	return count;
}

bool
message_knows(const struct message *message, uint64_t seq)
{
	const struct message_full *full = (const struct message_full *)message;

	return ranges_have(&full->seen, seq);
}

uint64_t
message_first_seq(const struct message *message)
{
	const struct message_full *full = (const struct message_full *)message;

	return ranges_count(&full->seen) == 0 ? 0 : ranges_get(&full->seen, 0).first;
}

uint64_t
message_missing(const struct message *message)
{
	const struct ranges *seen = &((const struct message_full *)message)->seen;
	size_t gaps = message_gap_count(message);

	if (gaps == 0)
		return 0;
	return ranges_get(seen, gaps).last - message_first_seq(message) + 1 - ranges_sum(seen);
}

size_t
message_gap_count(const struct message *message)
{
	const struct message_full *full = (const struct message_full *)message;
	size_t count = ranges_count(&full->seen);

	return count == 0 ? 0 : count - 1;
}

/* All ranges, in order. */
static struct seq_range *
ranges_copy(const struct ranges *ranges, size_t *count)
{
	struct seq_range *list;

	*count = ranges == NULL ? 0 : ranges_count(ranges);
	list = calloc(*count + 1, sizeof(*list));
	if (list != NULL && ranges != NULL)
		ranges_list(ranges, list);
	return list;
}

struct seq_range *
message_gaps(const struct message *message, size_t *count)
{
	struct seq_range *list = ranges_copy(&((const struct message_full *)message)->seen, count);

	if (list == NULL || *count == 0)
		return list;
	--*count;
	for (size_t i = 0; i < *count; i++)
		list[i] = (struct seq_range){ list[i].last + 1, list[i + 1].first - 1 };
	return list;
}

bool
message_gap(const struct message *message, size_t index, struct seq_range *gap)
{
	const struct message_full *full = (const struct message_full *)message;

	if (index >= message_gap_count(message))
		return false;
	*gap = (struct seq_range){ ranges_get(&full->seen, index).last + 1,
		ranges_get(&full->seen, index + 1).first - 1 };
	return true;
}

struct seq_range *
message_erasures(const struct message *message, size_t *count)
{
	return ranges_copy(((const struct message_full *)message)->erased, count);
}

bool
message_has_erased(const struct message *message, uint64_t seq)
{
	const struct message_full *full = (const struct message_full *)message;

	return full->erased != NULL && ranges_have(full->erased, seq);
}

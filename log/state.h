/* state.h - records -> state of each message (P4) */
#ifndef LOG_STATE_H
#define LOG_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event_pair;
struct record;
struct seq_range;

/* What is known of one message.  Valid as long as its state. */
struct message {
	uint64_t msg_seq;
	uint64_t latest_seq;
	uint64_t clear_seq;
	uint64_t complete_up_to;
	int64_t time; /* of the last record to arrive, as struct record has it */
	size_t record_count;
};

/*
 * The state of all messages of a log:
 *
 *     state = state_new();                          NULL: no memory
 *     while (there is a record)
 *         state_fold(state, &record)                -1: no memory
 *     messages = state_messages(state, &count);     NULL: no memory
 *     pairs = message_pairs(messages[i], &n);       for i < count; free(pairs)
 *     state_free(state);
 */
struct state;

struct state *state_new(void);
void state_free(struct state *state);

/* Takes one record in; any order and any repetition give the same state.  -1: no memory. */
int state_fold(struct state *state, const struct record *record);

/*
 * As state_fold of an event without its pairs, taken in at once; no record may be pending.  1: a record of its
 * version had arrived before; 0; -1: no memory.
 */
int state_arrive(struct state *state, const struct record *record);

/*
 * A log may be folded in parts, each into a state of its own, which threads may do at the same time:
 *
 *     part = state_part(whole);                     NULL: no memory
 *     while (there is a record of the part)
 *         state_fold(part, &record)
 *     state_merge(whole, part)                      -1: no memory
 *     state_free(part);
 *
 * Parts may be merged in any order, once each: the whole is as if it had folded their records itself.
 * A part is empty then, also where merging failed.
 */
struct state *state_part(const struct state *whole);
int state_merge(struct state *whole, struct state *part);
/* Has any version of any message arrived in both?  No record may be pending. */
bool state_overlaps(const struct state *whole, const struct state *part);

/*
 * Takes in the records that state_fold has left pending.  To be called before state_message.
 * -1: no memory.
 */
int state_flush(struct state *state);

/* All messages by msg_seq, no record pending, in an array that the state keeps; NULL: no memory. */
struct message **state_messages(struct state *state, size_t *count);
/* For qsort() of that array: what changed last comes first. */
int message_compare_newest(const void *a, const void *b);
/* One message; NULL: the state has none of that number. */
struct message *state_message(struct state *state, uint64_t msg_seq);

/* The current pairs by Seq, then key.  The caller frees the array; its strings are the state's.  NULL: no memory. */
struct event_pair *message_pairs(const struct message *message, size_t *count);
size_t message_pair_count(const struct message *message);
/*
 * Asks for the memory of those messages of the array that come soon after that index.  To be called before each
 * message_pair_count, where many are counted one after the other.
 */
void messages_fetch(struct message *const *messages, size_t count, size_t index);

/*
 * What a compaction keeps, likewise.  A snapshot of these leads to the same state as the records
 * that it replaces, whatever is folded after it; but a key that is gone because it was erased has
 * left no trace in it.
 *   message_listed    the current pairs, and with Seq 0 and an empty value the keys that the snapshot of
 *                     complete_up_to lists and that have none
 *   message_deleted   the deletes after complete_up_to that a late record must still lose to; value NULL
 *   message_unlisted  the records up to complete_up_to that are hidden until a snapshot of that version
 *                     lists their keys; value NULL: a delete
 */
struct event_pair *message_listed(const struct message *message, size_t *count);
struct event_pair *message_deleted(const struct message *message, size_t *count);
struct event_pair *message_unlisted(const struct message *message, size_t *count);

/* Has that version arrived? */
bool message_knows(const struct message *message, uint64_t seq);
/* The first version known of. */
uint64_t message_first_seq(const struct message *message);
/*
 * The versions that never arrived between two that did: how many, and in how many gaps; all gaps in order, both
 * ends of each missing, in an array that the caller frees (NULL: no memory); and one of them, where only few are
 * looked at, for each is looked for (false: there is none of that index).
 */
uint64_t message_missing(const struct message *message);
size_t message_gap_count(const struct message *message);
struct seq_range *message_gaps(const struct message *message, size_t *count);
bool message_gap(const struct message *message, size_t index, struct seq_range *gap);
/* Likewise all versions of which pairs were erased; and is that version one of them? */
struct seq_range *message_erasures(const struct message *message, size_t *count);
bool message_has_erased(const struct message *message, uint64_t seq);

#endif

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
	uint64_t whole_seq;
	int64_t time; /* of the last record to arrive, as struct record has it */
	size_t record_count;
};

struct state;

struct state *state_new(void);
void state_free(struct state *state);

/* Takes one record in; any order and any repetition give the same state.  -1: no memory. */
int state_fold(struct state *state, const struct record *record);

/* Takes in what state_fold has left waiting; before pairs or deletes are asked for.  -1: no memory. */
int state_settle(struct state *state);

/* All messages by msg_seq, settled, in an array that the state keeps; NULL: no memory. */
struct message **state_messages(struct state *state, size_t *count);
/* One message, or NULL where there is none. */
struct message *state_message(struct state *state, uint64_t msg_seq);

/* The current pairs by Seq, then key, for free; their strings are the state's.  NULL: no memory. */
struct event_pair *message_pairs(const struct message *message, size_t *count);
size_t message_pair_count(const struct message *message);

/*
 * What a compaction keeps, likewise.  A snapshot of these leads to the same state as the records
 * that it stands for, whatever is folded behind it.
 *   message_listed    the current pairs, and with Seq 0 and an empty value the keys that the snapshot of
 *                     whole_seq lists and that have none
 *   message_deleted   the deletes behind whole_seq that a late record must still lose to; value NULL
 *   message_unlisted  the records up to whole_seq that are hidden until a snapshot of that version
 *                     lists their keys; value NULL: a delete
 */
struct event_pair *message_listed(const struct message *message, size_t *count);
struct event_pair *message_deleted(const struct message *message, size_t *count);
struct event_pair *message_unlisted(const struct message *message, size_t *count);

/* Has that version arrived? */
bool message_knows(const struct message *message, uint64_t seq);
/* The first version known of. */
uint64_t message_first_seq(const struct message *message);
/* The versions between two known ones that never arrived: gap number index, in order; false: no more. */
bool message_gap(const struct message *message, size_t index, struct seq_range *gap);

#endif

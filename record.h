/* record.h - what a line of a log says, and the line that says it */
#ifndef RECORD_H
#define RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GROUP_ID_MAX 256 /* of what is read: never less than any receiver took */

enum operate_type { OPERATE_SET = 1, OPERATE_DELETE = 2, OPERATE_CLEAR = 3 };

struct event_pair {
	const char *key;
	const char *value;
	uint64_t seq;
};

/* One webhook's content.  Its strings and pairs live as long as its document. */
struct event {
	const char *group_id; /* 1 to GROUP_ID_MAX bytes; of a received one no control characters */
	uint64_t msg_seq;
	enum operate_type operate_type;
	uint64_t seq;
	uint64_t event_time; /* milliseconds since 1970; 0 where a line does not say */
	const struct event_pair *pairs;
	size_t pair_count;
};

#define SNAPSHOT_IMPORT "import"
#define SNAPSHOT_COMPACT "compact"

/* A closed range of versions. */
struct seq_range {
	uint64_t first;
	uint64_t last;
};

/*
 * One line of a log: an event, or a snapshot, which is all that is known of a
 * message at once.  Snapshots come from the vendor's group_get_key_values
 * answers and from compaction; msgext-log(5) shows their members.
 */
struct record {
	bool is_snapshot;
	const char *kind;   /* of a snapshot: SNAPSHOT_IMPORT, SNAPSHOT_COMPACT */
	int64_t time;       /* when it arrived: milliseconds since 1970, or -1 */
	struct event event; /* of a snapshot: group_id, msg_seq, pairs, and seq for LatestSeq */
	uint64_t clear_seq; /* records at or below it are gone; 0: none */
	uint64_t complete_up_to; /* up to here the pairs are all there are; 0: says nothing */
	uint64_t first_seq;      /* of a snapshot: what it knows begins here */
	uint64_t replaces;       /* of a compaction's last snapshot: the file before, or 0 */
	const struct event_pair *deleted; /* keys with the version of their delete */
	size_t deleted_count;
	const struct event_pair *unlisted; /* see message_unlisted */
	size_t unlisted_count;
	const struct seq_range *missing; /* versions that a snapshot does not know, in order */
	size_t missing_count;
};

/* Builds a snapshot's log line, newline included, for free; NULL: no memory. */
char *record_line(const struct record *record, size_t *length);

/*
 * The bytes that record_line takes at most: for a pair, hardly more than it had in any line before;
 * for a [first, last] of Missing; and for all else.
 */
size_t record_pair_size(const struct event_pair *pair);
#define RECORD_RANGE_SIZE ((size_t)48)
#define RECORD_HEAD_SIZE (1024 + 6 * GROUP_ID_MAX)

/*
 * Write "time":"...", and "name":"text", without anything around; they return the bytes written.  A text
 * takes no more than it had in any line before, at most 6 times its length and 2.
 */
size_t record_put_time(char *to, int64_t time);
size_t record_put_text(char *to, const char *name, const char *text, size_t length);

#endif

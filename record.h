/* record.h - what a line of a log says, and the line that says it */
#ifndef RECORD_H
#define RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GROUP_ID_MAX 256 /* in lines that are read: at least what any receiver accepted */

enum operate_type { OPERATE_SET = 1, OPERATE_DELETE = 2, OPERATE_CLEAR = 3 };

struct event_pair {
	const char *key;
	const char *value;
	uint64_t seq;
};

/*
 * The content of one webhook.  The document owns its strings and pairs, which live as long as it.
 */
struct event {
	const char *group_id; /* 1 to GROUP_ID_MAX bytes; if received: no control characters */
	uint64_t msg_seq;
	enum operate_type operate_type;
	uint64_t seq;
	uint64_t event_time; /* milliseconds since 1970; 0: the line does not say */
	const struct event_pair *pairs;
	size_t pair_count;
};

#define SNAPSHOT_IMPORT "import"
#define SNAPSHOT_COMPACT "compact"

/* A range of versions, both ends included. */
struct seq_range {
	uint64_t first;
	uint64_t last;
};

/*
 * One line of a log: an event, or a snapshot.  A snapshot says at once all that is known of a
 * message. Snapshots come from the vendor's answers to group_get_key_values and from compaction.
 * msgext-log(5) explains their members.
 */
struct record {
	bool is_snapshot;
	const char *kind;   /* of a snapshot: SNAPSHOT_IMPORT, SNAPSHOT_COMPACT */
	int64_t time;       /* when it arrived: milliseconds since 1970, or -1 */
	struct event event; /* of a snapshot: group_id, msg_seq, pairs, and seq for LatestSeq */
	uint64_t clear_seq; /* what is at or below it is cleared; 0: nothing */
	uint64_t complete_up_to; /* up to here the pairs listed are all that exist; 0: not known */
	uint64_t first_seq;      /* of a snapshot: the first version that it knows */
	uint64_t replaces;       /* of a compaction's last snapshot: the file before, or 0 */
	const struct event_pair *deleted; /* deleted keys, each with the version of its delete */
	size_t deleted_count;
	const struct event_pair *unlisted; /* see message_unlisted */
	size_t unlisted_count;
	const struct seq_range *missing; /* versions that a snapshot lacks, in ascending order */
	size_t missing_count;
	/*
	 * Versions of the message of which pairs were erased, in ascending order: of these, this
	 * line has what is left.
	 */
	const struct seq_range *erased;
	size_t erased_count;
};

/* Is the version one of those that the record names as erased? */
bool record_has_erased(const struct record *record, uint64_t seq);
/*
 * Does what the record has of the version count, although others name it as erased?  So does what an
 * erasure has left, and version 0 of a compaction's snapshot: that only names a key which is listed.
 */
bool record_has_left(const struct record *record, uint64_t seq);
/* What the record has of a key in that version counts over what has a lower rank. */
static inline uint64_t
record_rank(const struct record *record, uint64_t seq)
{
	return 2 * seq + ((record->erased_count > 0 || seq == 0) && record_has_left(record, seq));
}
/* Writes "Erased":[ranges], and returns the number of bytes written: at most RECORD_RANGE_SIZE for each, and 16. */
size_t record_put_erased(char *to, const struct seq_range *ranges, size_t count);

/* Builds a snapshot's log line, newline included.  The caller frees it.  NULL: no memory. */
char *record_line(const struct record *record, size_t *length);

/*
 * The most bytes that record_line needs: for one pair, hardly more than the pair needed in any line
 * before; for one [first, last] of Missing or Erased; and for everything else.
 */
size_t record_pair_size(const struct event_pair *pair);
#define RECORD_RANGE_SIZE ((size_t)48)
#define RECORD_HEAD_SIZE (1024 + 6 * GROUP_ID_MAX)

/*
 * Write "time":"...", "name":number or "name":"text", with the comma and nothing else around.  Return the number
 * of bytes written.  A text needs no more bytes than in any line before, at most 6 times its length
 * plus 2.
 */
size_t record_put_time(char *to, int64_t time);
size_t record_put_number(char *to, const char *name, uint64_t number);
size_t record_put_text(char *to, const char *name, const char *text, size_t length);

#endif

/* parse.h - bytes -> event, and event -> log line */
#ifndef PARSE_H
#define PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

struct fault;

#define COMMAND_OURS "Group.CallbackAfterGroupMsgExtension"
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
	uint64_t whole_seq; /* up to here the pairs are all there are; 0: says nothing */
	uint64_t first_seq; /* of a snapshot: what it knows begins here */
	uint64_t replaces;  /* of a compaction's last snapshot: the file before, or 0 */
	const struct event_pair *deleted; /* keys with the version of their delete */
	size_t deleted_count;
	const struct event_pair *unlisted; /* see message_unlisted */
	size_t unlisted_count;
	const struct seq_range *missing; /* versions that a snapshot does not know, in order */
	size_t missing_count;
};

/* What the receiver knows of a request besides its body. */
struct envelope {
	struct timespec time; /* when it arrived */
	uint64_t sdk_app_id;
	const char *client_ip; /* NULL to leave out */
	size_t client_ip_length;
	const char *platform; /* NULL to leave out */
	size_t platform_length;
};

struct document;

/*
 * Parses what came from outside, one JSON object nested at most JSON_DEPTH_MAX deep and of at most
 * JSON_VALUES_MAX values; the result is the caller's, for document_free.  Fails as json_check does,
 * with JSON_MALFORMED where it is no object, with FIELD_RANGE where it has more values, with
 * FIELD_DUPLICATE where two members bear one name.
 */
struct document *document_parse(const char *bytes, size_t length, struct fault *fault);
/* Likewise a line of a log, of which nothing is asked but that it be one JSON object. */
struct document *document_parse_line(const char *bytes, size_t length, struct fault *fault);
void document_free(struct document *document);

enum callback { CALLBACK_NONE, CALLBACK_OURS, CALLBACK_OTHER };

/*
 * Whose a CallbackCommand is.  Case does not count, nor do blanks around it, for what stands between the
 * vendor and us may change them; an empty one is absent.
 */
enum callback callback_read(const char *text, size_t length);

/* Sets command to the body's CallbackCommand.  Fails with FIELD_TYPE, FIELD_RANGE, FIELD_SPELLING. */
int document_command(const struct document *document, enum callback *command, struct fault *fault);

/*
 * The receiver's gate: reads the event out of a document as document_record does, and demands what
 * it demands of an event today.  Fails with the FIELD codes, naming the field, and MEMORY.
 */
int document_event(struct document *document, struct event *event, struct fault *fault);

/*
 * Would every reader find the same members by their names: does none stand twice, is no known one spelt
 * with escapes?  Fails with FIELD_DUPLICATE, FIELD_SPELLING, MEMORY.
 */
int document_names_check(const struct document *document, struct fault *fault);

/*
 * Reads a log line's document as a record, whose strings and arrays live as
 * long as the document.  Asks for what the record is made of and for nothing else: no demand of a
 * gate may come here, for then events that were acknowledged would be lost to the readers.
 * Fails with the FIELD codes, naming the field, and MEMORY.
 */
int document_record(struct document *document, struct record *record, struct fault *fault);

/*
 * Reads a page of the vendor's answer to group_get_key_values as a snapshot, but
 * for what the answer does not say: time, group_id and msg_seq.  complete: no
 * further page follows.  Fails as document_event does; an error of the vendor's is FIELD_RANGE,
 * with what to do about it.
 */
int document_answer(struct document *document, struct record *record, bool *complete,
    struct fault *fault);

/* The document as it stands in a log: without white space between tokens. */
const char *document_text(const struct document *document, size_t *length);

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
 * Does the document name that app, as a number or a string, or none at all?  What is stored is the
 * envelope's either way.
 */
bool document_is_of_app(const struct document *document, uint64_t sdk_app_id);

/*
 * Builds the log line, newline included: the envelope, then the document's
 * members as they came; one that has a name of the envelope's is called body.NAME, or left out
 * where there is one of that name too.  The line is the caller's, for free; NULL: no memory.
 */
char *document_line(const struct document *document, const struct envelope *envelope,
    size_t *length);

#endif

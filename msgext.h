/*
 * msgext.h - every contract of the project, one section a file.
 *
 * Conventions.  A function that can fail returns 0 or -1 (or NULL) and fills
 * the caller's struct fault; nothing but the programs' own files prints or exits.  Lengths
 * are bytes.  Text with a length need not end in NUL; text without one does.
 */
#ifndef MSGEXT_H
#define MSGEXT_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <poll.h>
#include <sys/types.h>
#include <time.h>

struct stat;

_Static_assert(sizeof(off_t) >= 8 && sizeof(time_t) >= 8, "logs grow, and years pass");

#define MSGEXT_VERSION "0.1.0"

/* The largest integer that every JSON reader holds exactly: 2^53. */
#define INTEGER_MAX UINT64_C(9007199254740992)

#if defined(__GNUC__)
#define PRINTF_LIKE(string, first) __attribute__((__format__(__printf__, string, first)))
#else
#define PRINTF_LIKE(string, first)
#endif

/* fault.c: what went wrong, as a value */

enum fault_code {
	FAULT_NONE,
	FAULT_METHOD,
	FAULT_QUERY_MALFORMED,
	FAULT_QUERY_DUPLICATE,
	FAULT_COMMAND_MISMATCH,
	FAULT_APP_MISSING,
	FAULT_APP_UNKNOWN,
	FAULT_SIGN_MISSING,
	FAULT_SIGN_MALFORMED,
	FAULT_SIGN_STALE,
	FAULT_SIGN_WRONG,
	FAULT_LENGTH_MALFORMED,
	FAULT_BODY_TOO_LARGE,
	FAULT_BODY_SHORT,
	FAULT_BODY_LONG,
	FAULT_BODY_STALLED,
	FAULT_JSON_MALFORMED,
	FAULT_JSON_ENCODING,
	FAULT_JSON_DEPTH,
	FAULT_FIELD_MISSING,
	FAULT_FIELD_TYPE,
	FAULT_FIELD_RANGE,
	FAULT_FIELD_SPELLING,
	FAULT_FIELD_DUPLICATE,
	FAULT_COMMAND_UNKNOWN, /* this and the next are told of, and answered OK */
	FAULT_APP_DIFFERS,
	FAULT_CONFIG_MISSING,
	FAULT_CONFIG_UNREADABLE,
	FAULT_CONFIG_UNSAFE,
	FAULT_CONFIG_MALFORMED,
	FAULT_CONFIG_CHECK,
	FAULT_DATA_DIR,
	FAULT_LOG_UNSAFE,
	FAULT_LOG_CHANGED,
	FAULT_LOCK_TIMEOUT,
	FAULT_LOCK_FAILED,
	FAULT_OPEN_FAILED,
	FAULT_TAIL_FAILED,
	FAULT_TAIL_TORN,
	FAULT_WRITE_FAILED,
	FAULT_SYNC_FAILED,
	FAULT_DISK_FULL,
	FAULT_GROUPS_FULL,
	FAULT_ENGINE,
	FAULT_MEMORY,
	FAULT_COUNT
};

#define FAULT_DETAIL_SIZE 256

struct fault {
	enum fault_code code;
	char detail[FAULT_DETAIL_SIZE]; /* printable ASCII, NUL-terminated */
};

/*
 * Fills fault and returns -1, so that a caller can return it.  Bytes outside
 * printable ASCII in the formatted detail become \xHH; too long a detail is cut.
 */
int fault_set(struct fault *fault, enum fault_code code, const char *format, ...) PRINTF_LIKE(3, 4);

/* Puts the name of what is at fault before the detail; returns -1. */
int fault_name(struct fault *fault, const char *name);

/* The stable name of a code in error logs and answers, as in "field-range". */
const char *fault_slug(enum fault_code code);

/* What a program that ends with it exits with, as in sysexits(3). */
int fault_exit_status(enum fault_code code);

/* json.c: the strict gate that stands before cJSON */

#define JSON_DEPTH_MAX 32 /* of what the receiver takes */
/*
 * Of what the receiver takes, so that no tree is built of a body full of small ones: 5 MB at most.
 * The vendor's largest body has some 1,200.
 */
#define JSON_VALUES_MAX 65536
#define LINE_DEPTH_MAX 1000 /* of what is read; never less than any receiver took */

/* Marks that json_check leaves in a view; neither byte occurs in UTF-8. */
#define JSON_MARK_ESCAPED_NAME 0xfe /* first byte of a name that was spelt with escapes */
#define JSON_MARK_UNUSABLE 0xff     /* stands for \u0000 or half a surrogate pair */

struct json_copy {
	char *text; /* the document without white space between tokens */
	size_t text_length;
	char *view; /* the same for cJSON: no token in it that cJSON would refuse or cut */
	size_t view_length;
	size_t values; /* in the document, objects and arrays with what is in them */
};

/*
 * Checks that bytes[0..length) is exactly one JSON text (RFC 8259) in valid
 * UTF-8 without a byte order mark, nested at most depth_max deep.
 *
 * copy: NULL to check only; else receives the two copies, both NUL-terminated
 * besides, in one block that json_copy_free releases.  In the view a number
 * that is no plain decimal integer from 0 to INTEGER_MAX reads -1; \u0000 and
 * lone surrogates read JSON_MARK_UNUSABLE and their four digits in small
 * letters; a member name spelt with escapes begins with JSON_MARK_ESCAPED_NAME.
 *
 * Fails with JSON_MALFORMED, JSON_ENCODING, JSON_DEPTH or MEMORY.
 */
int json_check(const char *bytes, size_t length, int depth_max, struct json_copy *copy,
    struct fault *fault);
void json_copy_free(struct json_copy *copy);

/*
 * The length of the UTF-8 sequence at text, which stands before end (RFC 3629: shortest form, no
 * surrogates, at most U+10FFFF), or 0 where there is none.
 */
size_t utf8_length(const char *text, const char *end);

/* True if text is 1 to max_digits ASCII digits without a leading zero, at most INTEGER_MAX. */
bool integer_parse(const char *text, size_t length, uint64_t *value);

/* True if the text is valid UTF-8 (RFC 3629) without control characters (C0, DEL, C1). */
bool text_is_plain(const char *text, size_t length);

/*
 * Writes the text as a JSON string with its quotes, escaping what RFC 8259
 * section 7 demands, and returns the bytes written: at most 6 * length + 2.
 */
size_t json_quote(char *to, const char *text, size_t length);

/* parse.c: bytes -> event, and event -> log line */

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

#define TIME_SIZE 80

/* The document as it stands in a log: without white space between tokens. */
const char *document_text(const struct document *document, size_t *length);

/* "2025-12-02T15:11:34.395Z" to milliseconds since 1970; -1 where it is not of that form. */
int64_t time_parse(const char *text);
/* And back. */
void time_print(int64_t time, char text[TIME_SIZE]);

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

/* answer.c: the vendor's answer to group_get_key_values, all its pages -> one snapshot */

#define ANSWER_PAGES_MAX 1000

struct answer {
	struct record
	    record; /* but for time, group_id and msg_seq; its pairs live as long as the answer */
	/* private */
	struct document *pages[ANSWER_PAGES_MAX];
	size_t page_count;
	struct event_pair *pairs;  /* of all pages, in their order */
	struct event_pair *sorted; /* the same by key, then version */
};

/*
 * Reads the pages, which stand one behind the other; answer_free releases them either way.
 * Fails as document_parse and document_answer do, with FIELD_RANGE where pages are
 * missing, out of order or of several messages, JSON_MALFORMED where there is none.
 */
int answer_read(struct answer *answer, const char *bytes, size_t length, struct fault *fault);
void answer_free(struct answer *answer);

enum answer_holds { ANSWER_HOLDS_NOT, ANSWER_HOLDS, ANSWER_DENIES };

/* Has the answer that key in that version: with that value (NULL: a delete), or with another one? */
enum answer_holds answer_holds(const struct answer *answer, const struct event_pair *pair);

/* For qsort: pairs by key, then version. */
int pair_compare_key(const void *a, const void *b);

/* shape.c: a line as msgext itself writes it, read without a parser */

#define SHAPE_DATE_SIZE 10

/* What is kept from line to line; begins as { 0 }. */
struct shape {
	/* private */
	char group_id[GROUP_ID_MAX + 1]; /* of the last line */
	size_t group_length;
	char date[SHAPE_DATE_SIZE]; /* of the last line, */
	int64_t midnight;           /* and when it began */
	char *text;
	struct event_pair *pairs;
	size_t size; /* of the lines for which they have room */
};

/*
 * Reads an event's line (without its newline) that document_line made of a body as
 * the vendor documents it: document_parse_line and document_record would take it
 * and give the same record, its command is COMMAND_OURS, and no white space
 * stands between its tokens.  The record lives until the next call.  False: the
 * line is not of that shape, and for parse.c to judge; or there is no memory.
 */
bool shape_read(struct shape *shape, const char *bytes, size_t length, struct record *record);

struct line;

/*
 * Reads a line as a record: as shape_read does, or parse.c where it is not of that shape.
 * The record lives until the next call, and as long as *document (or NULL), which is for
 * document_free either way.  False: it is none, or there is no memory: then the fault is MEMORY.
 */
bool line_record(struct shape *shape, const struct line *line, struct document **document,
    struct record *record, struct fault *fault);
void shape_free(struct shape *shape);

/* hash.c: where a key stands in a table */

/* Made anew for each table, or set of tables. */
struct hash_seed {
	uint64_t low, high;
};

/* Takes 16 random bytes from the kernel. */
void hash_seed_make(struct hash_seed *seed);
/* All 64 bits are equally good. */
uint64_t hash_text(const struct hash_seed *seed, const char *text, size_t length);
uint64_t hash_number(const struct hash_seed *seed, uint64_t number);

/* ranges.c: a set of versions */

struct range_node;

/* Begins as { 0 }. */
struct ranges {
	/* private */
	struct seq_range highest;
	bool any;                /* is there a highest? */
	struct range_node *root; /* of the others */
	struct range_node *spare;
	uint64_t chance; /* begins as the caller's seed */
};

/* Adds [first, last]; last is below UINT64_MAX.  -1: no memory, and nothing is changed. */
int ranges_add(struct ranges *ranges, uint64_t first, uint64_t last);
bool ranges_have(const struct ranges *ranges, uint64_t seq);
/* The ranges, apart by at least one number: how many, and one of them, in order. */
size_t ranges_count(const struct ranges *ranges);
struct seq_range ranges_get(const struct ranges *ranges, size_t index);
void ranges_free(struct ranges *ranges);

/* state.c: records -> state of each message (P4) */

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

/* store.c: one log file a group */

/* The longest line, its newline included: above Content-Length's 7 digits and an envelope. */
#define LINE_SIZE_MAX (10 << 20)
/* What an import may bring at most, so that a compaction's snapshot of the same is none too long. */
#define LINE_IMPORT_MAX (LINE_SIZE_MAX - 4096)

#define STORE_NAME_SIZE 208 /* a log's file name with its ending and NUL */

struct store_options {
	const char *data_dir;
	uid_t owner;         /* whose the logs must be: ours */
	mode_t file_mode;    /* of new files */
	bool sync;           /* false: answer before the disk has it */
	int lock_timeout;    /* milliseconds */
	uint64_t max_groups; /* no further log is created beside so many; 0: no limit */
	/* Receives TAIL_TORN and what was set aside where a log's torn end was mended; or NULL. */
	struct fault *notice;
};

/*
 * The file name that keeps a group's log: its stem has no '/', no '.', at most 200 bytes.
 * store_name_short: where the file system holds no such name, one of at most 143 bytes, beside
 * which the longest ending fits as well; the same where that is no longer.
 */
void store_name(const char *group_id, char name[STORE_NAME_SIZE]);
void store_name_short(const char *group_id, char name[STORE_NAME_SIZE]);

/* Which of both the group's log has in that directory, or would get; a directory may have come from elsewhere. */
void store_name_find(const char *data_dir, const char *group_id, char name[STORE_NAME_SIZE]);

/* Do other machines, or programs, change the directory without this kernel's knowledge? */
bool store_is_remote(const char *path);

/*
 * Is the data directory there, a directory, and not for others to write?
 * store_check_access: and can we?  Both fail with DATA_DIR.
 */
int store_check(const struct store_options *options, struct fault *fault);
int store_check_access(const struct store_options *options, struct fault *fault);

/* Which directory a path leads to. */
struct store_place {
	dev_t device;
	ino_t inode;
	int64_t born; /* nanoseconds since 1970; 0 where the file system does not say */
};

/* As store_check, and which directory is it? */
int store_look(const struct store_options *options, struct store_place *place, struct fault *fault);
bool store_place_equals(const struct store_place *one, const struct store_place *other);

/*
 * Does an append work?  Makes a file in the data directory, locks, writes and cuts it, in vain;
 * nothing is synced.  At most a file .msgext-probe stays.  deadline, SIGALRM, ITIMER_REAL,
 * SIGXFSZ: as store_append.  Fails with DATA_DIR, or as store_append.
 */
int store_probe(const struct store_options *options, int64_t deadline, struct fault *fault);

/* A log, as far as nothing that stands in it can be taken back any more. */
struct store_extent {
	dev_t device;
	ino_t inode;
	off_t size;
};

/*
 * Appends one line, its newline included, to the group's log under an
 * exclusive lock.  When it returns 0 the line is on disk (P1) and the only
 * thing of its kind (P2).  When it fails nothing of the line is left that a
 * reader or the next append would take for an event.
 *
 * deadline: CLOCK_MONOTONIC milliseconds after which the lock is no longer waited for.
 * extent: receives the log up to the line's end, or NULL.
 * A LOCK_TIMEOUT can say of a line that was given to another writer (batch.c) that it is not known
 * whether it was stored.
 * Uses SIGALRM and ITIMER_REAL while it waits.  The caller ignores SIGXFSZ.
 */
int store_append(const struct store_options *options, const char *group_id, const char *line,
    size_t length, int64_t deadline, struct store_extent *extent, struct fault *fault);

/* A line that is appended only where the log allows it. */
struct store_condition {
	const char *line; /* its newline included */
	size_t length;
	/*
	 * Called under the lock: the log's first extent->size bytes are whole lines.  -1: nothing is
	 * appended, for the reason in fault.  Everybody waits meanwhile: it does nothing that can
	 * block, and reads only what is new.
	 */
	int (*allow)(void *context, const struct store_extent *extent, struct fault *fault);
	void *context;
};

/* As store_append; waits for the lock as long as lock_timeout says. */
int store_append_if(const struct store_options *options, const char *group_id,
    const struct store_condition *condition, struct fault *fault);

/*
 * Mends the log's tail under its lock, as an append does, and measures it.  Removes what
 * replacements that were killed have left.
 */
int store_mend(const struct store_options *options, const char *group_id, int64_t deadline,
    struct store_extent *extent, struct fault *fault);

/* What is to stand in a log's place, and what of the log it already covers. */
struct store_replacement {
	/* The new file, opened by store_open_beside and written so far. */
	int fd;
	char *path; /* its path; "" as soon as nothing of ours stands there any more */
	/* Where it fails: was the log replaced all the same, or may the next writer do it? */
	bool in_doubt;
	struct store_extent read; /* the log, as far as it was read */
	const char *before;       /* what stood there before its end, to make sure */
	size_t before_length;
	const char *last; /* a line to end the new file with */
	size_t last_length;
};

/*
 * Under the log's lock: appends to the new file what the log has behind
 * what was read, then the last line, makes it durable and renames it to the log's
 * name.  Killed at any moment it leaves the old log or the new one, and loses
 * no event (P1).  Fails with LOG_CHANGED where the log is no longer the one read.
 */
int store_replace(const struct store_options *options, const char *group_id,
    struct store_replacement *replacement, int64_t deadline, struct fault *fault);

/*
 * Is that line (newline left out) the mark at the end of a log that was replaced?  It
 * is for the next writer, and no event: readers pass it over.
 */
bool store_line_is_mark(const char *line, size_t length);

/* The path of a file beside the group's log, .jsonl replaced by ending.  Fails with DATA_DIR. */
int store_path_beside(const struct store_options *options, const char *group_id, const char *ending,
    char path[PATH_MAX], struct fault *fault);

/*
 * Makes and locks a file beside the group's log, .jsonl replaced by .ID and ending; its path goes to
 * path, "" where it fails.  For a replacement ".new" comes first, and then ".gz.new".  The descriptor,
 * or -1: as store_append, LOCK_TIMEOUT where another replacement of the log is at work.
 */
int store_open_beside(const struct store_options *options, const char *group_id, const char *ending,
    char path[PATH_MAX], struct fault *fault);

/* Makes the names in the data directory durable.  Fails with SYNC_FAILED. */
int store_sync_directory(const struct store_options *options, struct fault *fault);

/* Would the next append leave a last line of these bytes (newline left out) where it is, and not set it aside? */
bool store_line_is_whole(const char *line, size_t length);

/*
 * Up to where the next append would leave an open log of that size as it is, without a lock: end.  Fails
 * as store_append, in fault, where the log cannot be read.  Where the last line is whole that is all of
 * it, also where the append would look for gaps that a power cut left: who waited for that could
 * withhold lines that were acknowledged, behind damage of another kind, for ever.
 */
int store_tail_look(int fd, off_t size, off_t *end, struct fault *fault);

/*
 * Waits until no writer is at work on an open log, and keeps writers away until
 * store_settle_end.  -1: errno, EINTR where it was not had in time.  Uses SIGALRM
 * and ITIMER_REAL as store_append does.
 */
int store_settle(int fd, int milliseconds);
void store_settle_end(int fd);

/* CLOCK_MONOTONIC in milliseconds. */
int64_t clock_milliseconds(void);

/* scan.c: log file -> lines, without a lock */

/* A whole line of a log.  Its bytes are valid until the next call. */
struct line {
	const char *bytes; /* not NUL-terminated; what stands there of an overlong one is its end */
	size_t length;     /* without the newline */
	off_t offset;      /* of its first byte in the file */
	uint64_t number;   /* from 1; scan_find does not count the lines that it passes over */
	bool overlong;     /* longer than any line of ours */
};

struct scan {
	int fd; /* -1: not open */
	dev_t device;
	ino_t inode;
	off_t file_size; /* when it was opened */
	/* private */
	char *buffer;
	size_t size, start, end, searched, skipped;
	size_t lines_end; /* behind the buffer's last newline; 0: not looked for yet */
	off_t offset;
	uint64_t number;
	bool overlong, at_end;
};

struct scan_names {
	char **names;
	size_t count;
};

/* 1: open, for scan_close; 0: there is no such file; -1: fault. */
int scan_open(struct scan *scan, const char *data_dir, const char *name, struct fault *fault);
/*
 * The same in two steps, for a log whose turn comes later: scan_open_ahead opens
 * it, scan_fetch has its beginning read meanwhile, scan_begin makes it ready.
 */
int scan_open_ahead(struct scan *scan, const char *data_dir, const char *name, struct fault *fault);
void scan_fetch(const struct scan *scan);
int scan_begin(struct scan *scan, struct fault *fault);
/* A scan without a file, for one whose fd is set and sought in by turns. */
int scan_prepare(struct scan *scan, struct fault *fault);
void scan_close(struct scan *scan);
/* 1: the next line; 0: no whole line any more, or not yet; -1: fault. */
int scan_next(struct scan *scan, struct line *line, struct fault *fault);
/* Likewise the next line that holds the needle, of two bytes or more, and no further digit behind it. */
int scan_find(struct scan *scan, const char *needle, struct line *line, struct fault *fault);
/* For tests: scan_find does without what only some processors have. */
extern bool scan_plain;
/* At the end: the bytes of a line without its newline. */
size_t scan_unfinished(const struct scan *scan);
/* Goes on at an offset where a line begins; number: of the line before. */
void scan_seek(struct scan *scan, off_t offset, uint64_t number);
/* Where the next line begins. */
off_t scan_offset(const struct scan *scan);

/* A log's size in bytes; 0 where it is not there. */
off_t scan_size(const char *data_dir, const char *name);

/* Could it be the name of a log? */
bool scan_name_is_log(const char *name);

/* The file names of all logs in a directory, sorted, for scan_names_free. */
int scan_list(const char *data_dir, struct scan_names *names, struct fault *fault);
void scan_names_free(struct scan_names *names);

/* source.c: where a reader's lines come from: a directory's logs, or an engine's rows */

#define SOURCE_AHEAD 32

/* Logs, one after the other in the order of their names. */
struct source {
	char name[STORE_NAME_SIZE]; /* of the log at hand */
	off_t size; /* its bytes: of a file, when it was opened; of rows, those that were read */
	/* private */
	const char *data_dir, *from;
	char needle[48];
	struct scan scan;
	struct scan_names names;
	struct scan ahead[SOURCE_AHEAD]; /* those opened, each at its number modulo SOURCE_AHEAD */
	size_t opened, next;
	char wanted[STORE_NAME_SIZE]; /* the only log that an engine may give, or "" */
	pid_t ship;                   /* msgext-ship, or 0 */
	struct line held;             /* the last line of its output; */
	bool holds;                   /* it is the next log's name */
};

/*
 * Begins with the logs of a directory, or with what msgext-ship (found in PATH) says an engine has:
 * from, as libpq takes it, or NULL.  group: only that one's log, or NULL; message: only lines
 * that may be of that message, or NULL.  by_time: an engine's lines come in that order, which takes
 * longer.  source_close ends it where it succeeds.
 * Fails with DATA_DIR, ENGINE, MEMORY.
 */
int source_open(struct source *source, const char *data_dir, const char *from, const char *group,
    const uint64_t *message, bool by_time, struct fault *fault);
/* 1: the next log is at hand; 0: there is none any more; -1: fault, of this log alone where it is OPEN_FAILED or LOG_UNSAFE. */
int source_log(struct source *source, struct fault *fault);
/* 1: the next line of the log at hand; 0: none any more; -1: fault. */
int source_line(struct source *source, struct line *line, struct fault *fault);
void source_close(struct source *source);

/* harden.c: what the process could do, given up */

/*
 * For the rest of the process: no new privileges, and where the kernel has
 * Landlock no file can be opened but in the data directory.
 */
void harden(const char *data_dir);

/* management.c: FastCGI's management records, answered before libfcgi reads */

/*
 * Answers the management records with which a connection begins; what follows is
 * left there for libfcgi.  False: nothing follows by the deadline (clock_milliseconds), or
 * what came is malformed, and the caller closes the connection.
 */
bool management_answer(int connection, int64_t deadline);

/* compact.c: a log rewritten to what its state needs */

struct compaction {
	const struct store_options *options;
	const char *group_id;
	bool discard; /* keep no archive */
	/* > 0: archive messages whose last record arrived before that time, milliseconds since 1970 */
	int64_t before;
	/* take the last import of that message out, and leave all else; or NULL */
	const uint64_t *undo;
	void (*progress)(void *context, off_t done, off_t total); /* or NULL */
	void *context;
	/* what became of it */
	bool unchanged; /* there was nothing to compact */
	char archive[PATH_MAX];
	uint64_t lines_before, lines_after; /* but for those appended meanwhile */
	uint64_t lines_unreadable;          /* copied as they were */
	off_t bytes_before, bytes_after;
};

/* The last import of a message, looked for line by line; begins with msg_seq alone. */
struct last_import {
	uint64_t msg_seq;
	uint64_t line;      /* its number, or 0 */
	uint64_t whole_seq; /* what it says */
	bool compacted;     /* a snapshot behind it has it too */
};

/* Looks at a record, which stands in that line. */
void import_look(struct last_import *import, uint64_t line, const struct record *record);
/* Can it be taken out?  Fails with FIELD_RANGE. */
int import_check(const struct last_import *import, struct fault *fault);

/* What a compaction's last snapshot says it replaces, for a log of that inode. */
uint64_t compact_replaces(ino_t inode);

/*
 * Compacts a group's log while writers go on; the original is kept as
 * NAME.<time>.jsonl.gz unless discard.  Or moves the lines of old messages there
 * and leaves the others as they are.  Or takes an import out; FIELD_RANGE where there is
 * none, or a snapshot behind it has it too.  When it fails the log is as it was, or
 * whole and compacted; so it is when the process is killed.
 */
int compact_log(struct compaction *compaction, struct fault *fault);

/* print.c: what msgextctl prints */

enum print_format { PRINT_TABLE, PRINT_CSV, PRINT_JSON };

#define PRINT_COLUMNS_MAX 12

struct column {
	const char *name;
	bool right; /* aligned */
};

struct printer {
	enum print_format format;
	bool terminal;    /* standard output is one, */
	bool utf8;        /* which shows UTF-8 */
	unsigned columns; /* its width */
	bool spreadsheet; /* PRINT_CSV is for one */
	/* private */
	bool failed, comma, widths_known;
	const struct column *layout;
	size_t column_count, cell_count;
	size_t widths[PRINT_COLUMNS_MAX];
	char *cells; /* each with its NUL */
	size_t cells_used, cells_size;
};

/* Sets the locale to one of UTF-8, so that widths are right. */
void printer_open(struct printer *printer, enum print_format format);
/* -1: something could not be written. */
int printer_close(struct printer *printer);

/* The text with everything harmful escaped, for free; NULL: no memory. */
char *text_show(const struct printer *printer, const char *text, size_t length);
/* The columns that a text takes on a terminal. */
size_t text_width(const char *text);
/* The bytes of the text's longest beginning that fits into so many columns. */
size_t text_fit(const char *text, size_t width);
/*
 * Says of each text whether another one that differs looks as it does: but for characters that
 * take no room, odd blanks, and blanks at the end.  shown: the texts as text_show gives them, or cut.
 * -1: no memory.
 */
int texts_alike(const char *const *shown, const char *const *texts, size_t count, bool *alike);
/* A text, as text_show gives it, with those characters as escapes, for free; NULL: no memory. */
char *text_reveal(const char *shown);
void print_spaces(size_t count);

/* A table's rows, a cell a call, as PRINT_TABLE or PRINT_CSV. */
void table_open(struct printer *printer, const struct column *layout, size_t count);
void table_text(struct printer *printer, const char *text);
void table_number(struct printer *printer, uint64_t number);
void table_time(struct printer *printer, int64_t time);
void table_close(struct printer *printer);

/* JSON, with its commas: '{' values '}' line.  name: NULL in an array. */
void print_open(struct printer *printer, const char *name, char bracket);
void print_close(struct printer *printer, char bracket);
void print_text(struct printer *printer, const char *name, const char *text);
void print_number(struct printer *printer, const char *name, uint64_t number);
void print_time(struct printer *printer, const char *name, int64_t time);
void print_line(struct printer *printer);
/* JSON that is printed already; escapes what would harm a terminal. */
void print_json(struct printer *printer, const char *json, size_t length);

/* How far a long scan is: on standard error if that is a terminal, after a second. */
struct progress {
	bool started, shown;
	unsigned calls;
	int64_t start, next;
};

void progress_show(struct progress *progress, off_t done, off_t total);
void progress_clear(struct progress *progress);

/* config.c: the configuration file */

#define CONFIG_TOKENS_MAX 8
#define CONFIG_FILES_MAX 8

struct config {
	struct store_options store;
	bool any_app; /* sdk_app_id = any */
	uint64_t sdk_app_id;
	const char *tokens[CONFIG_TOKENS_MAX]; /* none: requests are not signed */
	size_t token_count;
	uint64_t max_skew; /* seconds */
	size_t max_body;
	bool log_client_ip;
	int wait_for_ship; /* milliseconds; 0: nothing is waited for */
	bool check;        /* mode = check: also where a later line is at fault */
	/* private: the files' texts, which the strings above point into */
	char *texts[CONFIG_FILES_MAX];
	size_t text_count;
};

/* The configuration that MSGEXT_CONFIG names, or the compiled-in one; source: receives which, or NULL. */
const char *config_path_default(const char **source);

/*
 * Reads the file at path, and the files it includes.  Fails with
 * CONFIG_MISSING, CONFIG_UNREADABLE, CONFIG_UNSAFE (a token in a file that others may
 * read; any file that group or others may write, or that is neither root's nor ours) or
 * CONFIG_MALFORMED, naming file and line.  No detail shows a value, but for paths.
 * config_free releases it either way.
 */
int config_load(struct config *config, const char *path, struct fault *fault);
void config_free(struct config *config);

/*
 * 1: path is a configuration that was executed through its "#!" line and may be
 * trusted for that: a regular file of root's or our own that neither group nor
 * world may write; 0: it was not executed so; -1: it was, and is not to be
 * trusted, CONFIG_UNSAFE, or to be read, CONFIG_UNREADABLE.  executed: what the kernel says
 * was executed.
 */
int config_control_file(const char *path, const char *executed, struct fault *fault);

/* Fails with CONFIG_UNSAFE if the data directory is document_root or below it. */
int config_check_root(const char *data_dir, const char *document_root, struct fault *fault);

/* What a check says of a point. */
enum verdict { VERDICT_OK, VERDICT_WARNING, VERDICT_ERROR };

/* mount.c: the file system that holds a directory, and what it is known for */

#define MOUNT_TEXT_SIZE 256

struct mount {
	unsigned long magic; /* as statfs(2) gives it; 0: not known */
	char type[32];       /* "ext4"; "": not known */
	char *options;       /* ",rw,relatime,rw,vers=3,", for mount_free; NULL: not known */
};

/* Which mount is an open file or directory of?  What is not known stays empty. */
void mount_find(struct mount *mount, int fd);
/* Fills in type and options from a list like /proc/self/mountinfo, of the mount of that number. */
void mount_read(struct mount *mount, FILE *list, unsigned long number);
void mount_free(struct mount *mount);

/* Is it known that no other machine writes there? */
bool mount_is_local(const struct mount *mount);
/* What is to be said of a data directory there, one line of printable text. */
enum verdict mount_judge(const struct mount *mount, char text[MOUNT_TEXT_SIZE]);

/* check.c: is this installation right? */

struct check {
	struct config *config;     /* loaded anew from */
	const char *config_path;   /* NULL: from nowhere, store is set */
	const char *config_source; /* how that was found */
	const char *data_dir;      /* in place of the configuration's, or NULL */
	const char *document_root; /* or NULL */
	const char *user_source;   /* why this user looks; NULL: nobody said so */
	bool names_logs;           /* may a line show a log's name? */
	void (*tell)(void *context, const char *line);
	void *context;
	struct store_options store;
	struct fault fault;
	unsigned warnings, errors; /* counted */
	/* private */
	int directory; /* the data directory, or -1 */
	struct mount mount;
};

/* Tells, in lines, what is right and what is not.  No line holds a token. */
void check_run(struct check *check);

/*
 * Who else, besides root and us, may put another directory in its place?  The nearest directory
 * above it that others may write, or that another user owns, goes to parent: 1, 0 where there
 * is none, -1 and errno where it cannot be told.
 */
int check_parents(const char *directory, char parent[PATH_MAX], struct stat *status);

/*
 * Does the directory take upper and lower case for one?  name: of something in it, with
 * letters of one case at least.
 */
bool check_folds_case(int directory, const char *name);

/* wait.c: has a line been shipped?  The receiver's question, and msgext-ship's answer */

/* Is the directory's path short enough for a socket in it? */
bool wait_possible(const char *data_dir);
/* Is a msgext-ship at work there? */
bool wait_shipper_is_there(const char *data_dir);

/*
 * Returns when msgext-ship has committed the log up to the extent's size, at the
 * deadline (as store_append), or at once where no msgext-ship is at work.
 */
void wait_shipped(const char *data_dir, const struct store_extent *extent, int64_t deadline);

#define WAITING_MAX 256

/* Receivers that wait. */
struct wait_queue {
	/* To be polled: the socket, and a place for each receiver. */
	struct pollfd polls[WAITING_MAX + 1];
	size_t count; /* of receivers */
	/* private */
	uint64_t inodes[WAITING_MAX + 1];
	int64_t ends[WAITING_MAX + 1]; /* -1: not told yet */
};

/* Makes an empty queue, which listens to nobody. */
void wait_prepare(struct wait_queue *queue);
/* Begins to listen, in the shipper's name.  Fails with DATA_DIR, OPEN_FAILED. */
int wait_listen(struct wait_queue *queue, const char *data_dir, struct fault *fault);
/* Takes in who asks, and what. */
void wait_accept(struct wait_queue *queue);
/* Lets go whose line is shipped; shipped: up to where is that log? */
void wait_answer(struct wait_queue *queue, off_t (*shipped)(const void *context, ino_t inode),
    const void *context);
/* Lets everybody go, and listens no more. */
void wait_end(struct wait_queue *queue);

/* receive.c: one request -> one reply, whatever carried it */

/* What struct request's read gives besides a count of bytes. */
#define READ_BROKEN (-1)  /* the sender has gone */
#define READ_STALLED (-2) /* the deadline has passed */

/* A deadline that lets read wait for nothing. */
#define READ_NOW 0

struct request {
	const char *method; /* each NULL where the server gave none (RFC 3875) */
	const char *query;
	const char *content_length;
	const char *content_encoding;
	struct timespec now; /* CLOCK_REALTIME at its arrival */
	int64_t started;     /* CLOCK_MONOTONIC milliseconds at its arrival */
	/*
	 * Reads up to size bytes of the body until the deadline (as started).
	 * Returns the count, 0 at its end, READ_BROKEN or READ_STALLED.  With
	 * READ_NOW, which says that the body is whole: what has come behind it,
	 * or 0 where nothing has.
	 */
	ssize_t (*read)(void *context, char *buffer, size_t size, int64_t deadline);
	void *context;
};

struct reply {
	int status;
	const char *header;                     /* one further header line with its CRLF, or "" */
	char body[2 * FAULT_DETAIL_SIZE + 128]; /* JSON */
	struct fault
	    fault; /* code FAULT_NONE, or what belongs in the error log, be the answer OK or not */
};

/*
 * Answers one request: the gate in order (method, command, app id, signature,
 * length, body, fields), then the append.  config NULL: there is none that
 * works, for the reason in config_fault.
 */
void receive(const struct config *config, const struct fault *config_fault,
    const struct request *request, struct reply *reply);

/* ship_files.c: the files of a data directory, and how far each is shipped */

#define SHIP_IDENTITY_SIZE 32 /* hexadecimal digits */

/* A place in a file, and a hash of what stands before it. */
struct ship_point {
	off_t offset;
	uint64_t mark;
};

struct ship_file {
	uint64_t inode;
	int64_t born;              /* nanoseconds since 1970 */
	int64_t generation;        /* how often it was seen to be rewritten in place */
	int64_t row;               /* its number in the engine; 0: not asked for yet */
	struct ship_point shipped; /* the engine has committed it up to here */
	struct ship_point batched; /* what the batch at hand brings it to */
	char *name;
	/* private */
	struct ship_file *next_in_slot, *next_dirty;
	bool dirty;
	bool begun_anew; /* its generation is new: nothing of it can be shipped yet */
};

struct ship_files {
	const char *data_dir;
	char identity[SHIP_IDENTITY_SIZE + 1]; /* the directory's, for ever */
	int notify;                            /* to poll: then call ship_files_events */
	/* Set after ship_files_open: is told of a file that cannot be shipped; the others go on. */
	void (*pass_over)(void *context, const struct fault *fault);
	void *context;
	/* private */
	int directory;
	struct hash_seed seed; /* of the slots */
	struct ship_file **slots;
	size_t slot_count, count;
	struct ship_file *dirty; /* those that may have something new */
};

/*
 * Opens and locks the directory.  Fails with DATA_DIR, with LOCK_TIMEOUT where another
 * msgext-ship has it, LOG_UNSAFE where its number is not what we would have made, LOG_CHANGED,
 * OPEN_FAILED, LOCK_FAILED, WRITE_FAILED.
 */
int ship_files_open(struct ship_files *files, const char *data_dir, struct fault *fault);

/*
 * Looks at the whole directory; what the engine said of its files counts no more.
 * Frees the entries of files that are gone.  Fails with DATA_DIR, MEMORY.
 */
int ship_files_look(struct ship_files *files, struct fault *fault);

/* Takes in what inotify tells.  Fails likewise, and with LOG_CHANGED where the directory is another's now. */
int ship_files_events(struct ship_files *files, struct fault *fault);

/* Takes a file that may have something new off the list, NULL: there is none; and puts one back. */
struct ship_file *ship_files_next(struct ship_files *files);
void ship_files_again(struct ship_files *files, struct ship_file *file);

/* Up to where the log of that inode is shipped; 0 where it is to be looked at first. */
off_t ship_files_shipped(const struct ship_files *files, ino_t inode);

/*
 * Opens a file to read on from what is shipped: the descriptor, or -1.  Fails with NONE where it
 * is not there, or was rewritten: then it has no row, and is on the list again.  Else with
 * OPEN_FAILED, DATA_DIR, or ENGINE where that has shipped of it what it cannot have.
 */
int ship_file_open(struct ship_files *files, struct ship_file *file, struct fault *fault);

/* The batch brings the file, open as fd, to that offset, before which it has at least one byte. */
void ship_file_batched(struct ship_file *file, int fd, off_t offset);

/* ship_engine.c: the rows in PostgreSQL */

struct engine;

/* conninfo: as libpq takes it; stays the caller's.  NULL: no memory. */
struct engine *engine_new(const char *conninfo);
void engine_free(struct engine *engine);

/*
 * All of these fail with ENGINE, and what libpq says, or MEMORY; then the connection is of no use
 * any more, and what was not committed is undone.
 *
 * engine_init makes the tables.  engine_connect connects anew, to tables of our version.
 */
int engine_init(const char *conninfo, struct fault *fault);
int engine_connect(struct engine *engine, struct fault *fault);

/* To poll: readable where the connection has ended. */
int engine_socket(const struct engine *engine);

/* Says whose files are shipped: the directory's identity. */
int engine_node(struct engine *engine, const char *identity, struct fault *fault);

/* Fills in what the engine has of those files that have no row yet: row, generation, shipped. */
int engine_identify(struct engine *engine, struct ship_file *const *files, size_t count,
    struct fault *fault);

/* Adds a line to the batch; record: what it says, or NULL; sdk_app_id: -1 where it does not say. */
int engine_row(struct engine *engine, int64_t file_row, const struct line *line,
    const struct record *record, int64_t sdk_app_id, struct fault *fault);

/*
 * Commits the batch and what it brings the files to, from where they are believed to be:
 * all of it, or nothing.
 */
int engine_commit(struct engine *engine, struct ship_file *const *files, size_t count,
    struct fault *fault);

/* Rows that are there already were met, and are looked out for; this ends it. */
void engine_rest(struct engine *engine);

/* Takes a line; log: the name of its log where it is the first of it, else NULL.  False: no more. */
typedef bool engine_take(void *context, const char *log, const char *bytes, size_t length);

/*
 * Gives the lines of all nodes to take, group by group in the order in which a directory has
 * its logs.  by_time: in an order for people, which takes longer; else those of a group stand in any.
 * group: NULL for all of them; message: NULL for all of the group's.
 */
int engine_read(struct engine *engine, const char *group, const uint64_t *message, bool by_time,
    engine_take *take, void *context, struct fault *fault);

/* msgextctl.c, ctl_*.c: the reader's commands */

#define CTL_NOTHING 1 /* exit: nothing found, or problems found */

/* The command line, parsed, and what a command needs. */
struct ctl {
	struct printer printer;
	struct fault fault; /* of the configuration where not configured */
	const char *config_path;
	const char *config_source; /* how it was found */
	const char *data_dir;      /* of -d, or NULL */
	const char *from;          /* the engine to read from, or NULL */
	bool configured;
	struct config config;
	struct store_options store; /* where the logs are, and how to append */
	enum print_format format;
	bool spreadsheet;  /* PRINT_CSV is for one */
	const char *group; /* each NULL where not given */
	const char *file;
	const char *separator;
	const char *as_user;
	const char *url;
	bool has_message;
	uint64_t message;
	uint64_t as_of;
	int64_t since, until, at, before; /* milliseconds since 1970 */
	bool all, follow, newest, rest, discard, force, dry_run, undo;
	bool closed_told;
	int passed;          /* the exit status for logs that were passed over, or 0 */
	uint64_t unreadable; /* lines met that are no records of their log's group */
	struct shape shape;
	char known_log[STORE_NAME_SIZE]; /* the log that was found to be of */
	char known_group[GROUP_ID_MAX + 1];
};

/* Each command prints its answer and returns the exit status. */
int ctl_groups(struct ctl *ctl);
int ctl_log(struct ctl *ctl);
int ctl_show(struct ctl *ctl);
int ctl_tally(struct ctl *ctl);
int ctl_gaps(struct ctl *ctl);
int ctl_import(struct ctl *ctl);
int ctl_verify(struct ctl *ctl);
int ctl_compact(struct ctl *ctl);
int ctl_check(struct ctl *ctl);
int ctl_sample(struct ctl *ctl);

/* Tells ctl's fault and returns the exit status for it. */
int ctl_fail(struct ctl *ctl);

/* May this process change the logs?  -1: ctl->fault says who may. */
int ctl_owner_check(struct ctl *ctl);

/* ctl_read.c: what the commands share */

/*
 * May a command over many logs go on where one cannot be read?  Tells of it
 * then, and keeps the exit status in ctl->passed.
 */
bool ctl_pass_over(struct ctl *ctl);

struct log_record {
	const struct line *line;
	const struct record *record;
};

/* Is that log the group's, in either spelling? */
bool ctl_group_has(struct ctl *ctl, const char *group_id, const char *log_name);

/*
 * Reads a line as a record of the log of that name.  1: it lives until the next
 * call, and as long as *document (or NULL), which is for document_free; 0: it
 * is none; -1: ctl->fault.
 */
int ctl_record(struct ctl *ctl, const char *log_name, const struct line *line,
    struct document **document, struct record *record);

/* Begins to read ctl's group and message, or all of them where it has none; by_time as in source_open. */
int ctl_open(struct ctl *ctl, struct source *source, bool by_time);

/* Calls take with each record of the log at hand, in order: 0; -1: ctl->fault, or take's. */
int ctl_read_log(struct ctl *ctl, struct source *source,
    int (*take)(struct ctl *ctl, const struct log_record *item, void *context), void *context);

/*
 * Calls read for one log after the other, and closes the source: 0; -1: ctl->fault.  A log that cannot
 * be read is told of and passed over.
 */
int ctl_read_logs(struct ctl *ctl, struct source *source,
    int (*read)(struct ctl *ctl, struct source *source, void *context), void *context);

/* The versions that never arrived: how many, and as "57, 60-62", for free; NULL: no memory. */
uint64_t ctl_missing_count(const struct message *message);
char *ctl_missing_text(const struct message *message);
/* And as JSON: "Missing":[[57,57],[60,62]]. */
void ctl_missing_print(struct printer *printer, const struct message *message);

/* Says that there is nothing of the group or message: the exit status. */
int ctl_nothing(struct ctl *ctl);

/* Where ctl's fault is that this user may not read: tells, once, what helps. */
void ctl_tell_closed(struct ctl *ctl);

/* Tells where older lines of ctl's group stand, which an archive or a compaction took out. */
void ctl_tell_archives(const struct ctl *ctl);

/* Tells of lines that were passed over. */
void ctl_tell_unreadable(const struct ctl *ctl);

#endif

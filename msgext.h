/*
 * msgext.h - every contract of the project, one section a file.
 *
 * Conventions.  A function that can fail returns 0 or -1 (or NULL) and fills
 * the caller's struct fault; nothing but msgext.c prints or exits.  Lengths
 * are bytes.  Text with a length need not end in NUL; text without one does.
 */
#ifndef MSGEXT_H
#define MSGEXT_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

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
	FAULT_BODY_STALLED,
	FAULT_JSON_MALFORMED,
	FAULT_JSON_ENCODING,
	FAULT_JSON_DEPTH,
	FAULT_FIELD_MISSING,
	FAULT_FIELD_TYPE,
	FAULT_FIELD_RANGE,
	FAULT_FIELD_SPELLING,
	FAULT_FIELD_DUPLICATE,
	FAULT_CONFIG_MISSING,
	FAULT_CONFIG_UNSAFE,
	FAULT_CONFIG_MALFORMED,
	FAULT_DATA_DIR,
	FAULT_LOG_UNSAFE,
	FAULT_LOCK_TIMEOUT,
	FAULT_LOCK_FAILED,
	FAULT_OPEN_FAILED,
	FAULT_TAIL_FAILED,
	FAULT_WRITE_FAILED,
	FAULT_SYNC_FAILED,
	FAULT_DISK_FULL,
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

/* The stable name of a code in error logs and answers, as in "field-range". */
const char *fault_slug(enum fault_code code);

/* json.c: the strict gate that stands before cJSON */

#define JSON_DEPTH_MAX 32

/* Marks that json_check leaves in a view; neither byte occurs in UTF-8. */
#define JSON_MARK_ESCAPED_NAME 0xfe /* first byte of a name that was spelt with escapes */
#define JSON_MARK_UNUSABLE 0xff     /* stands for \u0000 or half a surrogate pair */

struct json_copy {
	char *text; /* the document without white space between tokens */
	size_t text_length;
	char *view; /* the same for cJSON: no token in it that cJSON would refuse or cut */
	size_t view_length;
};

/*
 * Checks that bytes[0..length) is exactly one JSON text (RFC 8259) in valid
 * UTF-8 without a byte order mark, nested at most JSON_DEPTH_MAX deep.
 *
 * copy: NULL to check only; else receives the two copies, both NUL-terminated
 * besides, in one block that json_copy_free releases.  In the view a number
 * that is no plain decimal integer from 0 to INTEGER_MAX reads -1; \u0000 and
 * lone surrogates read JSON_MARK_UNUSABLE and their four digits; a member name
 * spelt with escapes begins with JSON_MARK_ESCAPED_NAME.
 *
 * Fails with JSON_MALFORMED, JSON_ENCODING, JSON_DEPTH or MEMORY.
 */
int json_check(const char *bytes, size_t length, struct json_copy *copy, struct fault *fault);
void json_copy_free(struct json_copy *copy);

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
#define GROUP_ID_MAX 256

enum operate_type { OPERATE_SET = 1, OPERATE_DELETE = 2, OPERATE_CLEAR = 3 };

struct event_pair {
	const char *key;
	const char *value;
	uint64_t seq;
};

/* One webhook's content.  Its strings and pairs live as long as its document. */
struct event {
	const char *group_id; /* 1 to GROUP_ID_MAX bytes, no control characters */
	uint64_t msg_seq;
	enum operate_type operate_type;
	uint64_t seq;
	uint64_t event_time; /* milliseconds since 1970 */
	const struct event_pair *pairs;
	size_t pair_count;
};

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
	int64_t time;       /* when it arrived: milliseconds since 1970, or -1 */
	struct event event; /* of a snapshot: group_id, msg_seq, pairs, and seq for LatestSeq */
	uint64_t clear_seq; /* records at or below it are gone; 0: none */
	uint64_t whole_seq; /* up to here the pairs are all there are; 0: says nothing */
	uint64_t first_seq; /* of a snapshot: what it knows begins here */
	const struct event_pair *deleted; /* keys with the version of their delete */
	size_t deleted_count;
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
 * Parses one JSON object; the result is the caller's, for document_free.
 * Fails as json_check does, with JSON_MALFORMED where it is no object, with
 * FIELD_DUPLICATE where two members bear one name.
 */
struct document *document_parse(const char *bytes, size_t length, struct fault *fault);
void document_free(struct document *document);

/* Sets command to the body's CallbackCommand, NULL where it has none.  Fails with FIELD_TYPE, FIELD_SPELLING. */
int document_command(const struct document *document, const char **command, struct fault *fault);

/* Reads the event out of a document.  Fails with the FIELD codes, naming the field, and MEMORY. */
int document_event(struct document *document, struct event *event, struct fault *fault);

/*
 * Reads a log line's document as a record, whose strings and arrays live as
 * long as the document.  Fails as document_event does.
 */
int document_record(struct document *document, struct record *record, struct fault *fault);

/* "2025-12-02T15:11:34.395Z" to milliseconds since 1970; -1 where it is not of that form. */
int64_t time_parse(const char *text);

/*
 * Builds the log line, newline included: the envelope, then the document's
 * members as they came.  The line is the caller's, for free; NULL: no memory.
 */
char *document_line(const struct document *document, const struct envelope *envelope,
    size_t *length);

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

/* All messages by msg_seq, in an array that the state keeps; NULL: no memory. */
struct message *const *state_messages(struct state *state, size_t *count);
/* One message, or NULL where there is none. */
struct message *state_message(struct state *state, uint64_t msg_seq);

/* The current pairs by Seq, then key, for free; their strings are the state's.  NULL: no memory. */
struct event_pair *message_pairs(const struct message *message, size_t *count);
size_t message_pair_count(const struct message *message);
/* The deletes that a late record must still lose to, likewise; their value is NULL. */
struct event_pair *message_deleted(const struct message *message, size_t *count);

/* The first version known of. */
uint64_t message_first_seq(const struct message *message);
/* The versions between two known ones that never arrived: gap number index, in order; false: no more. */
bool message_gap(const struct message *message, size_t index, struct seq_range *gap);

/* store.c: one log file a group */

#define STORE_NAME_SIZE 208 /* a log's file name with its ending and NUL */

struct store_options {
	const char *data_dir;
	mode_t file_mode; /* of new files */
	bool sync;        /* false: answer before the disk has it */
	int lock_timeout; /* milliseconds */
};

/* The file name that keeps a group's log: no '/', no '.', at most 199 bytes. */
void store_name(const char *group_id, char name[STORE_NAME_SIZE]);

/* Is the data directory there, a directory, writable by us and not by others?  Fails with DATA_DIR. */
int store_check(const struct store_options *options, struct fault *fault);

/*
 * Appends one line, its newline included, to the group's log under an
 * exclusive lock.  When it returns 0 the line is on disk (P1) and the only
 * thing of its kind (P2).  When it fails nothing of the line is left that a
 * reader or the next append would take for an event.
 *
 * deadline: CLOCK_MONOTONIC milliseconds after which the lock is no longer waited for.
 * Uses SIGALRM and ITIMER_REAL while it waits.  The caller ignores SIGXFSZ.
 */
int store_append(const struct store_options *options, const char *group_id, const char *line,
    size_t length, int64_t deadline, struct fault *fault);

/* CLOCK_MONOTONIC in milliseconds. */
int64_t clock_milliseconds(void);

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
	/* private: the files' texts, which the strings above point into */
	char *texts[CONFIG_FILES_MAX];
	size_t text_count;
};

/*
 * Reads the file at path, and the files it includes.  Fails with
 * CONFIG_MISSING, CONFIG_UNSAFE (a token in a file that others may read) or
 * CONFIG_MALFORMED, naming file and line.  config_free releases it either way.
 */
int config_load(struct config *config, const char *path, struct fault *fault);
void config_free(struct config *config);

/*
 * True if path is a configuration that was executed through its "#!" line and
 * may be trusted for that: a regular file of root's or our own that neither
 * group nor world may write.  executed: what the kernel says was executed.
 */
bool config_is_control_file(const char *path, const char *executed);

/* Fails with CONFIG_UNSAFE if the data directory is document_root or below it. */
int config_check_root(const struct config *config, const char *document_root, struct fault *fault);

/* receive.c: one request -> one reply, whatever carried it */

/* What struct request's read gives besides a count of bytes. */
#define READ_BROKEN (-1)  /* the sender has gone */
#define READ_STALLED (-2) /* the deadline has passed */

struct request {
	const char *method; /* each NULL where the server gave none (RFC 3875) */
	const char *query;
	const char *content_length;
	struct timespec now; /* CLOCK_REALTIME at its arrival */
	int64_t started;     /* CLOCK_MONOTONIC milliseconds at its arrival */
	/*
	 * Reads up to size bytes of the body until the deadline (as started).
	 * Returns the count, 0 at its end, READ_BROKEN or READ_STALLED.
	 */
	ssize_t (*read)(void *context, char *buffer, size_t size, int64_t deadline);
	void *context;
};

struct reply {
	int status;
	const char *header;                     /* one further header line with its CRLF, or "" */
	char body[2 * FAULT_DETAIL_SIZE + 128]; /* JSON */
	struct fault fault; /* code FAULT_NONE, or what belongs in the error log */
};

/*
 * Answers one request: the gate in order (method, command, app id, signature,
 * length, body, fields), then the append.  config NULL: there is none that
 * works, for the reason in config_fault.
 */
void receive(const struct config *config, const struct fault *config_fault,
    const struct request *request, struct reply *reply);

#endif

/* parse.h - bytes -> event, and event -> log line */
#ifndef PARSE_H
#define PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "record.h"

struct fault;

#define COMMAND_OURS "Group.CallbackAfterGroupMsgExtension"

/* The names of the members that msgext knows, of an event and of its pairs; NULL ends each list. */
extern const char *const event_names[];
extern const char *const pair_names[];

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
 * Parses bytes that came from outside: one JSON object, nested at most JSON_DEPTH_MAX deep, of at
 * most JSON_VALUES_MAX values.  The caller frees the result with document_free.  Fails as
 * json_check does, and with JSON_MALFORMED where it is not an object, FIELD_RANGE where it has more
 * values, and FIELD_DUPLICATE where two members have the same name.
 */
struct document *document_parse(const char *bytes, size_t length, struct fault *fault);
/* Parses a line of a log, which need only be one JSON object. */
struct document *document_parse_line(const char *bytes, size_t length, struct fault *fault);
void document_free(struct document *document);

enum callback { CALLBACK_NONE, CALLBACK_OURS, CALLBACK_OTHER };

/*
 * Which callback a CallbackCommand names.  Upper and lower case are the same, and blanks around it
 * do not count, since what is between the vendor and us may change them.  An empty one counts as
 * absent.
 */
enum callback callback_read(const char *text, size_t length);

/* Sets command to the body's CallbackCommand.  Fails with FIELD_TYPE, FIELD_RANGE, FIELD_SPELLING. */
int document_command(const struct document *document, enum callback *command, struct fault *fault);

/*
 * The receiver's check: reads the event from a document as document_record does, and demands all
 * that the receiver demands of an event today.  Fails with the FIELD codes, naming the field, and
 * MEMORY.
 */
int document_event(struct document *document, struct event *event, struct fault *fault);

/*
 * Does every reader find the same members by their names: no name is there twice, and no known name
 * is spelt with escapes?  Fails with FIELD_DUPLICATE, FIELD_SPELLING, MEMORY.
 */
int document_names_check(const struct document *document, struct fault *fault);

/*
 * Reads a log line's document as a record.  Its strings and arrays live as long as the document.
 * It asks for what the record consists of and for nothing else.  Do not add the receiver's demands
 * here: readers would then lose events that were acknowledged earlier.  Fails with the FIELD codes,
 * naming the field, and MEMORY.
 */
int document_record(struct document *document, struct record *record, struct fault *fault);

/*
 * Reads a page of the vendor's answer to group_get_key_values as a snapshot.  It does not
 * fill in what the answer does not say: time, group_id and msg_seq.  complete: this is the last
 * page.  Fails as document_event does; an error that the vendor reports is FIELD_RANGE, with what
 * to do about it.
 */
int document_answer(struct document *document, struct record *record, bool *complete,
    struct fault *fault);

/*
 * The code that such an answer begins with: 0 where the vendor did what was asked.  Fails with the
 * FIELD codes where it has none.
 */
int document_answer_code(const struct document *document, uint64_t *code, struct fault *fault);

/* The document as a log has it: without white space between tokens. */
const char *document_text(const struct document *document, size_t *length);

/*
 * Does the document name that app, as a number or a string, or no app at all?  The line stores the
 * envelope's app in both cases.
 */
bool document_is_of_app(const struct document *document, uint64_t sdk_app_id);

/* The most bytes that envelope_put writes. */
size_t envelope_size(const struct envelope *envelope);
/*
 * Writes the beginning of a line: a bracket, and the envelope's members with a comma after each.
 * Returns the number of bytes written.
 */
size_t envelope_put(char *to, const struct envelope *envelope);

/*
 * Builds the log line, newline included: the envelope, then the document's members as they came.  A
 * member with the name of one of the envelope's is called body.NAME; it is left out where the
 * document has a member body.NAME too.  The caller frees the line.  NULL: no memory.
 */
char *document_line(const struct document *document, const struct envelope *envelope,
    size_t *length);

#endif

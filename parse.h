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

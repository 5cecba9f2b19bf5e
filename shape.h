/* shape.h - a line as msgext itself writes it, read without a parser */
#ifndef SHAPE_H
#define SHAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record.h"

struct envelope;

#define SHAPE_DATE_SIZE 10

/* What is kept from line to line; begins as { 0 }, and ends with shape_free. */
struct shape {
	/* Of the line that was read last, where shape_read took it: the offset in bytes at which the envelope ends. */
	size_t body;
	/* private */
	char group_id[GROUP_ID_MAX + 1]; /* of a line before, where it had no escapes */
	size_t group_length;
	char date[SHAPE_DATE_SIZE]; /* of the last line, */
	int64_t midnight;           /* and when it began */
	struct event_pair *pairs;   /* with the two that follow it in one block */
	const char **names;
	char *text;
	struct seq_range *erased; /* room for as many as the line before had, or more */
	size_t erased_size;
	size_t size; /* of the lines for which they have room */
};

/*
 * Reads an event's line (without its newline) that document_line made of a body:
 * document_parse_line and document_record would take it and give the same record,
 * document_names_check would pass it, its command is ours, and it has no white space between its tokens.
 * Its members may stand in any order, with unknown ones of any value between them.
 * The record lives until the next call.  False: the line is not of that
 * shape, and parse.c has to judge; or there is no memory.
 */
bool shape_read(struct shape *shape, const char *bytes, size_t length, struct record *record);

/* Would shape_read take the line?  false also where there is no memory. */
bool shape_fits(const char *bytes, size_t length);

/* A request's body, and what goes before it in the line. */
struct shape_request {
	const char *bytes;
	size_t length;
	const struct envelope *envelope;
};

/*
 * Makes a body's line, newline included, without a document: document_parse and document_event would
 * take the body and give the same event, document_command would say that it is ours, document_is_of_app
 * that it names no other app, and document_line would make the same line.  The caller frees the line.
 * The event lives as long as the shape, until its next call.  NULL: the body is for document_parse
 * to judge, or there is no memory.
 */
char *shape_line(struct shape *shape, const struct shape_request *request, struct event *event,
    size_t *length);
void shape_free(struct shape *shape);

#endif

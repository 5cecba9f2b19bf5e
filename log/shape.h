/* shape.h - a line as msgext itself writes it, read without a parser */
#ifndef LOG_SHAPE_H
#define LOG_SHAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "parse.h"

struct line;

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

#endif

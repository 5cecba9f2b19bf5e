/* line.h - a line as a record */
#ifndef LOG_LINE_H
#define LOG_LINE_H

#include "shape.h"

struct document;
struct fault;
struct line;
struct record;

/*
 * Reads lines as records, for every reader of logs:
 *
 *     struct line_reader reader = { 0 };
 *     while (there is a line)
 *         if (line_record(&reader, &line, &record, &fault) == 1)
 *             use(&record);                         until the next call
 *     line_reader_free(&reader);
 */
struct line_reader {
	/* private */
	struct shape shape;
	struct document *document; /* of the last line, where that is not of the shape */
};

/*
 * Reads a line by shape_read, or by the parser where it is not of that shape.  1; 0: it is
 * no record; -1: MEMORY.  Whether the record is of the log's group, the caller checks.
 */
int line_record(struct line_reader *reader, const struct line *line, struct record *record,
    struct fault *fault);
void line_reader_free(struct line_reader *reader);

#endif

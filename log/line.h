/* line.h - a line as a record */
#ifndef LOG_LINE_H
#define LOG_LINE_H

#include <stdbool.h>

struct document;
struct fault;
struct line;
struct record;
struct shape;

/*
 * Reads a line as a record, for every reader: by shape_read, or by the parser where the line is not of that
 * shape.  Whose group's log the line is from, the caller checks.
 *
 *     struct shape shape = { 0 };
 *     for each line
 *         if (line_record(&shape, &line, &document, &record, &fault))
 *             use(&record);                         until the next call
 *         document_free(document);                  in any case
 *     shape_free(&shape);
 *
 * False: the line is no record, or fault->code is MEMORY.
 */
bool line_record(struct shape *shape, const struct line *line, struct document **document,
    struct record *record, struct fault *fault);

#endif

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
 * Reads a line as a record: as shape_read does, or parse.c where it is not of that shape.
 * The record lives until the next call, and as long as *document (or NULL), which is for
 * document_free either way.  False: it is none, or there is no memory: then the fault is MEMORY.
 */
bool line_record(struct shape *shape, const struct line *line, struct document **document,
    struct record *record, struct fault *fault);

#endif

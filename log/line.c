/*
 * line.c - a line of a log as a record: the fast reader first, and the parser for what that does not know.
 */
#include "log/line.h"

#include "base/fault.h"
#include "log/scan.h"
#include "log/shape.h"
#include "parse.h"

bool
line_record(struct shape *shape, const struct line *line, struct document **document,
    struct record *record, struct fault *fault)
{
	*document = NULL;
	fault->code = FAULT_NONE;
	if (line->overlong)
		return false;
	if (shape_read(shape, line->bytes, line->length, record))
		return true;
	*document = document_parse_line(line->bytes, line->length, fault);
	return *document != NULL && document_record(*document, record, fault) == 0;
}

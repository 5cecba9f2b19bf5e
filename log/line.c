/*
 * line.c - a line of a log as a record: the fast reader first, and the parser for what that does not know.
 */
#include "log/line.h"

#include "base/fault.h"
#include "log/scan.h"
#include "shape.h"
#include "parse.h"

int
line_record(struct line_reader *reader, const struct line *line, struct record *record,
    struct fault *fault)
{
	struct fault reason;

	document_free(reader->document);
	reader->document = NULL;
	if (line->overlong)
		return 0;
	if (shape_read(&reader->shape, line->bytes, line->length, record))
		return 1;
	reason.code = FAULT_NONE;
	reader->document = document_parse_line(line->bytes, line->length, &reason);
	if (reader->document != NULL && document_record(reader->document, record, &reason) == 0)
		return 1;
	return reason.code == FAULT_MEMORY ? fault_memory(fault) : 0;
}

void
line_reader_free(struct line_reader *reader)
{
	shape_free(&reader->shape);
	document_free(reader->document);
	*reader = (struct line_reader){ 0 };
}

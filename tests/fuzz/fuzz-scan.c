/*
 * Any bytes as a log that grows while it is read: scan_next gives the lines
 * that a naive splitter gives, scan_find those of them that hold the needle.
 * The first byte says where the log ends at first.
 */
#include "base/fault.h"
#include "log/scan.h"
#include "store/mark.h"
#include "fuzz.h"

#define NEEDLE "\"MsgSeq\":1"
#define LOG_MAX ((size_t)16 << 10)
#define LOG_LARGE ((size_t)24 << 20)  /* for one first byte, because it takes time */
#define LINE_LIMIT ((size_t)10 << 20) /* lines so long are overlong */

struct reading {
	const char *bytes; /* the whole log */
	size_t length;
	size_t written; /* of it, so far */
	size_t at;      /* where the next line begins */
	uint64_t number;
	bool find;
	struct scan scan;
};

/* The next line's length, or -1 where it is not written yet. */
static ssize_t
line_measure(const struct reading *reading)
{
	const char *from = reading->bytes + reading->at;
	const char *newline = memchr(from, '\n', reading->written - reading->at);

	return newline == NULL ? -1 : newline - from;
}

/* Is the needle in the line, and no digit behind it? */
static bool
line_is_wanted(const char *line, size_t length)
{
	const char *from = line, *end = line + length;

	while ((from = memmem(from, (size_t)(end - from), NEEDLE, strlen(NEEDLE))) != NULL) {
		const char *behind = from + strlen(NEEDLE);

		if (behind == end || *behind < '0' || *behind > '9')
			return length < LINE_LIMIT;
		from++;
	}
	return false;
}

/* Passes over what scan_find does; the line's length as line_measure. */
static ssize_t
line_expect(struct reading *reading)
{
	ssize_t length;

	while ((length = line_measure(reading)) >= 0) {
		const char *line = reading->bytes + reading->at;

		if (reading->find ? line_is_wanted(line, (size_t)length)
				  : !store_line_is_mark(line, (size_t)length))
			break;
		reading->at += (size_t)length + 1;
		reading->number++;
	}
	return length;
}

static void
line_verify(const struct reading *reading, const struct line *line, size_t length)
{
	const char *end = reading->bytes + reading->at + length;

	CHECK(line->offset == (off_t)reading->at);
	CHECK(line->overlong == (length >= LINE_LIMIT));
	CHECK(line->overlong ? line->length <= length : line->length == length);
	CHECK(memcmp(line->bytes, end - line->length, line->length) == 0);
	CHECK(reading->find || line->number == reading->number + 1);
}

/* Reads all lines that are written. */
static void
lines_verify(struct reading *reading)
{
	struct fault fault;
	struct line line;
	ssize_t length;
	int result;

	for (;;) {
		length = line_expect(reading);
		result = reading->find ? scan_find(&reading->scan, NEEDLE, &line, &fault)
				       : scan_next(&reading->scan, &line, &fault);
		CHECK(result == (length >= 0));
		if (result == 0)
			break;
		line_verify(reading, &line, (size_t)length);
		reading->at += (size_t)length + 1;
		reading->number++;
		CHECK(scan_offset(&reading->scan) == (off_t)reading->at);
	}
	CHECK(scan_unfinished(&reading->scan) == reading->written - reading->at);
	CHECK(scan_offset(&reading->scan) == (off_t)reading->at);
}

static void
log_read(struct reading *reading, size_t first, bool find)
{
	struct fault fault;

	scratch_write("log", "w", reading->bytes, first);
	reading->written = first;
	reading->at = reading->number = 0;
	reading->find = find;
	CHECK(scan_open(&reading->scan, scratch, "log", &fault) == 1);
	CHECK(reading->scan.file_size == (off_t)first);
	lines_verify(reading);
	scratch_write("log", "a", reading->bytes + first, reading->length - first);
	reading->written = reading->length;
	lines_verify(reading);
	/* From where it had been, the other way of reading goes on. */
	reading->find = !find;
	lines_verify(reading);
	/* Once more from the second line. */
	reading->at = reading->number = 0;
	reading->find = false;
	if (line_measure(reading) >= 0) {
		reading->at = (size_t)line_measure(reading) + 1;
		reading->number = 1;
	}
	scan_seek(&reading->scan, (off_t)reading->at, reading->number);
	reading->find = find;
	lines_verify(reading);
	scan_close(&reading->scan);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reading reading;
	size_t first;
	char *bytes;

	if (size == 0)
		return 0;
	scratch_make();
	bytes =
	    input_expand(data + 1, size - 1, data[0] < 255 ? LOG_MAX : LOG_LARGE, &reading.length);
	reading.bytes = bytes;
	first = reading.length * data[0] / 255;
	log_read(&reading, first, false);
	log_read(&reading, first, true);
	free(bytes);
	return 0;
}

/*
 * reader.c - a log's records, up to where it ended when it was opened.
 *
 * A page shows the log as it was at one moment: what is appended while it is read is left to the next
 * page, and so is a last line that has no end yet.  Nothing is written, created or locked; the log is
 * opened as scan.c opens it, read-only and never through a link.
 *
 * A line that is no record of the log's group is counted and passed over, as by msgextctl.
 */
#include <sys/stat.h>

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "view/reader.h"
#include "base/fault.h"
#include "base/file.h"

int
reader_open(struct reader *reader, const char *data_dir, const char *name, struct fault *fault)
{
	int result;

	*reader = (struct reader){ .scan.fd = -1 };
	strcpy(reader->name, name);
	result = scan_open(&reader->scan, data_dir, name, fault);
	reader->end = result == 1 ? reader->scan.file_size : 0;
	return result;
}

int
reader_open_group(struct reader *reader, const char *data_dir, const char *group,
    struct fault *fault)
{
	char name[STORE_NAME_SIZE];
	struct stat status;
	int result;

	*reader = (struct reader){ .scan.fd = -1 };
	if (strlen(group) > GROUP_ID_MAX)
		return 0;
	store_name_find(data_dir, group, name);
	result = reader_open(reader, data_dir, name, fault);
	strcpy(reader->group, group);
	if (result == 0 && stat(data_dir, &status) != 0) /* then nobody knows which there are */
		return fault_set(fault, FAULT_DATA_DIR, "%s: %s", data_dir, strerror(errno));
	return result;
}

void
reader_close(struct reader *reader)
{
	scan_close(&reader->scan);
	line_reader_free(&reader->lines);
	free(reader->part);
	reader->part = NULL;
	reader->part_length = reader->part_size = 0;
}

void
reader_choose(struct reader *reader, uint64_t message)
{
	reader->message = message;
	snprintf(reader->needle, sizeof(reader->needle), "\"MsgSeq\":%llu",
	    (unsigned long long)message);
}

void
reader_seek_tail(struct reader *reader, off_t size)
{
	reader->begin = size < reader->end ? reader->end - size : 0;
	/* What stands before the first newline is the end of a line that began earlier. */
	scan_seek(&reader->scan, reader->begin == 0 ? 0 : reader->begin - 1, 0);
}

void
reader_limit(struct reader *reader, off_t size)
{
	if (size < reader->end)
		reader->end = size;
}

/* Is the record of the log's group?  The first one with the log's name tells which that is. */
static bool
group_is_right(struct reader *reader, const char *group)
{
	char name[STORE_NAME_SIZE];

	if (reader->group[0] != '\0')
		return strcmp(group, reader->group) == 0;
	store_name(group, name);
	if (strcmp(name, reader->name) != 0)
		store_name_short(group, name); /* the directory's own, or where it was before */
	if (strcmp(name, reader->name) != 0)
		return false;
	strcpy(reader->group, group);
	return true;
}

/* The line that is at hand as a record: 1; 0: it is none; -1. */
static int
line_judge(struct reader *reader, struct record *record, struct fault *fault)
{
	int result = line_record(&reader->lines, &reader->line, record, fault);

	if (result < 0 || (result == 1 && group_is_right(reader, record->event.group_id)))
		return result;
	reader->unreadable++;
	return 0;
}

int
reader_next(struct reader *reader, struct record *record, struct fault *fault)
{
	struct line *line = &reader->line;
	bool all = reader->needle[0] == '\0';
	int result;

	for (;;) {
		result = all ? scan_next(&reader->scan, line, fault)
			     : scan_find(&reader->scan, reader->needle, line, fault);
		if (result < 0 && fault->code == FAULT_OPEN_FAILED)
			return fault_name(fault, reader->name);
		if (result != 1)
			return result;
		if (line->offset < reader->begin)
			continue;
		if (scan_offset(&reader->scan) > reader->end)
			return 0;
		result = line_judge(reader, record, fault);
		if (result < 0 ||
		    (result == 1 && (all || record->event.msg_seq == reader->message)))
			return result;
	}
}

/* Reads a part of the file: 0; -1: fault. */
static int
part_read(struct reader *reader, off_t offset, size_t length, struct fault *fault)
{
	if (length > reader->part_size) {
		char *larger = realloc(reader->part, length);

		if (larger == NULL)
			return fault_memory(fault);
		reader->part = larger;
		reader->part_size = length;
	}
	reader->part_length = 0;
	if (file_read(reader->scan.fd, reader->part, length, offset) != 0)
		return fault_set(fault, FAULT_OPEN_FAILED, "%s: cannot read: %s", reader->name,
		    strerror(errno));
	reader->part_offset = offset;
	reader->part_length = length;
	return 0;
}

int
reader_at(struct reader *reader, const struct line *line, size_t extent, struct record *record,
    struct fault *fault)
{
	size_t size = line->length + 1;
	off_t skip = line->offset - reader->part_offset;

	if (reader->part_length == 0 || skip < 0 || (size_t)skip + size > reader->part_length) {
		if (part_read(reader, line->offset, extent > size ? extent : size, fault) != 0)
			return -1;
		skip = 0;
	}
	reader->line = *line;
	reader->line.bytes = reader->part + skip;
	switch (line_record(&reader->lines, &reader->line, record, fault)) {
	case 1:
		return 0;
	case 0:
		return fault_set(fault, FAULT_LOG_CHANGED,
		    "%s: changed while it was read (try again)", reader->name);
	default:
		return -1;
	}
}

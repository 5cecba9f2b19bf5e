/*
 * reader.h - a log's records, up to where it ended when it was opened
 *
 *	struct reader reader;
 *
 *	if (reader_open_group(&reader, data_dir, group, fault) == 1)
 *		while ((more = reader_next(&reader, &record, fault)) == 1)
 *			use(&record);			until the next call
 *	reader_close(&reader);				in any case
 */
#ifndef VIEW_READER_H
#define VIEW_READER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "log/line.h"
#include "log/scan.h"
#include "names.h"
#include "record.h"

struct fault;

struct reader {
	char group[GROUP_ID_MAX + 1]; /* whose log it is; "" until a line has told */
	struct line line;             /* of the record that was read last */
	uint64_t unreadable;          /* lines so far that are no record of the group */
	/* private */
	char name[STORE_NAME_SIZE];
	char needle[48]; /* "": all messages are read */
	uint64_t message;
	struct scan scan;
	struct line_reader lines;
	off_t begin, end; /* lines that begin before, or end behind, are not read */
	char *part;       /* of the file, for reader_at: */
	size_t part_length, part_size;
	off_t part_offset;
};

/*
 * Opens a group's log, or the log of that name, whose group its lines tell.  1; 0: there is none; -1:
 * OPEN_FAILED, LOG_UNSAFE, MEMORY; of a group DATA_DIR, too.
 */
int reader_open_group(struct reader *reader, const char *data_dir, const char *group,
    struct fault *fault);
int reader_open(struct reader *reader, const char *data_dir, const char *name, struct fault *fault);
void reader_close(struct reader *reader);

/* From now on only this message's records are read, and lines that cannot be of it passed over. */
void reader_choose(struct reader *reader, uint64_t message);
/* Goes to the first line that begins in the log's last so many bytes, or to its first. */
void reader_seek_tail(struct reader *reader, off_t size);
/* Lines that end behind the log's first so many bytes are not read. */
void reader_limit(struct reader *reader, off_t size);

/* 1: the next record, valid until the next call; 0: there is none; -1: OPEN_FAILED, MEMORY. */
int reader_next(struct reader *reader, struct record *record, struct fault *fault);
/*
 * The record of a line that was read before, at its offset and of its length.  extent: bytes from
 * there that are worth to be read at once, for the calls that follow.  0; -1: OPEN_FAILED,
 * LOG_CHANGED, MEMORY.
 */
int reader_at(struct reader *reader, const struct line *line, size_t extent, struct record *record,
    struct fault *fault);

#endif

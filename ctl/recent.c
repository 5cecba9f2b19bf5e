/*
 * recent.c - the bodies in which a log's last versions stood first.
 *
 * A webhook that is sent again mostly follows the first one soon, and its body is the same to the byte; only what
 * the receiver puts before it differs.  So a repetition is known as one without looking for the first line: where
 * that stood is remembered for the last versions, and its bytes are read again and compared.
 */
#include <string.h>
#include <unistd.h>

#include "ctl/recent.h"
#include "log/scan.h"
#include "record.h"

#define RECENT_LENGTH_MAX 8192 /* of a body that is remembered */

static size_t
recent_index(const struct event *event)
{
	return (size_t)(event->seq ^ event->msg_seq * 61) & (RECENT_COUNT - 1);
}

void
recents_keep(struct recents *recents, const struct line *line, size_t body,
    const struct event *event)
{
	size_t length = line->length - body;

	if (length <= RECENT_LENGTH_MAX)
		recents->list[recent_index(event)] = (struct recent){ event->msg_seq, event->seq,
			line->offset + (off_t)body, length };
}

bool
recents_have(const struct recents *recents, int fd, const struct line *line, size_t body,
    const struct event *event)
{
	const struct recent *recent = &recents->list[recent_index(event)];
	size_t length = line->length - body;
	char first[RECENT_LENGTH_MAX];

	return recent->length == length && recent->msg_seq == event->msg_seq &&
	    recent->seq == event->seq &&
	    pread(fd, first, length, recent->offset) == (ssize_t)length &&
	    memcmp(first, line->bytes + body, length) == 0;
}

/* recent.h - the bodies in which a log's last versions stood first */
#ifndef CTL_RECENT_H
#define CTL_RECENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct event;
struct line;

#define RECENT_COUNT 4096 /* a power of two */

/* Begins as { 0 }; of one log. */
struct recents {
	/* private */
	struct recent {
		uint64_t msg_seq, seq;
		off_t offset;  /* in the log */
		size_t length; /* 0: nowhere */
	} list[RECENT_COUNT];
};

/* Remembers the body of the event's line, which begins at that offset of the line's bytes. */
void recents_keep(struct recents *recents, const struct line *line, size_t body,
    const struct event *event);
/* Does a line's body say, byte for byte, what is remembered of the event's version?  fd: of the log. */
bool recents_have(const struct recents *recents, int fd, const struct line *line, size_t body,
    const struct event *event);

#endif

/*
 * window.h - a group's messages, those that changed last first
 *
 * Of a long log only the end is read: then older messages are not listed, and of a message that
 * began before that end, what cannot be known for sure is not told.
 */
#ifndef VIEW_WINDOW_H
#define VIEW_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "log/tally.h"

struct fault;
struct state;

#define WINDOW_SIZE ((off_t)32 << 20) /* bytes of a log's end that are read */
#define WINDOW_TOP 4

struct message_row {
	uint64_t message;
	uint64_t answers;   /* pairs; UINT64_MAX: not known */
	uint64_t lost;      /* versions that never arrived; UINT64_MAX: not known */
	int64_t time;       /* of the last change, in milliseconds since 1970; -1: not known */
	size_t tally_count; /* different answers, where answers is known */
	size_t top_count;   /* of which these are most: WINDOW_TOP of them, or all */
	struct tally_row top[WINDOW_TOP];
};

struct window_query {
	const char *data_dir;
	const char *group;
	bool all;      /* read the whole log, however long */
	uint64_t skip; /* rows that are passed over, */
	size_t rows;   /* and how many are wanted after them */
	off_t size;    /* 0: WINDOW_SIZE */
};

struct window {
	struct message_row *rows; /* newest first, then the higher number */
	size_t count;
	uint64_t total; /* messages in what was read */
	off_t size;     /* bytes of the log */
	bool whole;     /* all of it was read */
	uint64_t unreadable;
	/* private */
	struct state *state;
};

/*
 * 1; 0: the group has no log; -1: DATA_DIR, OPEN_FAILED, LOG_UNSAFE, MEMORY.  The caller calls
 * window_free in any case.
 */
int window_read(struct window *window, const struct window_query *query, struct fault *fault);
void window_free(struct window *window);

#endif

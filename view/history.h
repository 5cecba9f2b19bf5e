/*
 * history.h - what changed in a message, newest version first
 *
 *	struct history history = { .wanted = { skip, rows } };
 *
 *	while (there is a record of the message, read by reader)
 *		history_add(&history, &record, &reader.line);		-1: no memory
 *	history_rows(&history, &reader, message, fault);
 *	... history.rows, history.count, history.total ...
 *	history_free(&history);
 */
#ifndef VIEW_HISTORY_H
#define VIEW_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "view/result.h"

struct fault;
struct history_line;
struct line;
struct message;
struct reader;
struct record;

struct history {
	/* set by the caller: how many rows are passed over, and how many are wanted after them */
	struct {
		uint64_t skip;
		size_t rows;
	} wanted;
	struct result_change *rows;
	size_t count;
	uint64_t total; /* rows that there are; gaps count from history_rows on */
	/* private */
	struct history_line *lines;
	size_t line_count, size;
	bool pruned;  /* lines were dropped that are older than the rows wanted */
	char **texts; /* of the rows */
	size_t text_count;
};

/* What kind of change a record is. */
enum change_kind change_kind(const struct record *record);
/* What struct result_change has as key and value of a record's pair of that number. */
void change_texts(const struct record *record, size_t number, const char **key, const char **value);

/* Takes a record in, in the order of the log; lines are those of its file.  -1: no memory. */
int history_add(struct history *history, const struct record *record, const struct line *line);
/*
 * Makes the rows, by reading the message's lines again.  message: the fold of what was added; NULL
 * where nothing was.  0; -1: OPEN_FAILED, MEMORY.
 */
int history_rows(struct history *history, struct reader *reader, const struct message *message,
    struct fault *fault);
void history_free(struct history *history);

#endif

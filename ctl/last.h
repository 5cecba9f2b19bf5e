/*
 * last.h - the last records of many
 *
 *	struct last last = { .most = 20 };
 *
 *	while (there is a record)
 *		last_keep(&last, source.name, &item);
 *	last_sort(&last);
 *	for (size_t i = 0; i < last.count; i++)
 *		use(last.list[i].name, &last.list[i].line);
 *	last_free(&last);
 */
#ifndef CTL_LAST_H
#define CTL_LAST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "log/scan.h"

struct item;

/* A line, and the name of the log that it is of. */
struct kept {
	struct line line;
	const char *name;
	/* private */
	char *block;
	int64_t time;
	uint64_t order;
};

struct last {
	uint64_t most; /* how many */
	bool by_time;  /* the last by their times, not by the order in which they come */
	struct kept *list;
	size_t count;
	/* private */
	size_t size;
	uint64_t order;
};

/* Keeps a copy, as long as it may be among the last.  -1: no memory. */
int last_keep(struct last *last, const char *name, const struct item *item);
/* Leaves the last ones alone, in order. */
void last_sort(struct last *last);
void last_free(struct last *last);

#endif

/*
 * last.c - the last records of many.
 *
 * Whenever twice as many are kept as are wanted, the older half is given up: each costs the same,
 * however many there are.
 */
#include "ctl/last.h"

#include <stdlib.h>
#include <string.h>

#include "ctl/read.h"

#define SPARE 64

static int
kept_compare(const void *a, const void *b)
{
	const struct kept *left = a, *right = b;

	if (left->time != right->time)
		return left->time < right->time ? -1 : 1;
	return (left->order > right->order) - (left->order < right->order);
}

void
last_sort(struct last *last)
{
	size_t old;

	if (last->by_time && last->count > 0)
		qsort(last->list, last->count, sizeof(*last->list), kept_compare);
	if (last->count <= last->most)
		return;
	old = last->count - (size_t)last->most;
	for (size_t i = 0; i < old; i++)
		free(last->list[i].block);
	memmove(last->list, last->list + old, (size_t)last->most * sizeof(*last->list));
	last->count = (size_t)last->most;
}

int
last_keep(struct last *last, const char *name, const struct item *item)
{
	struct kept *kept;
	size_t length = item->line.length, name_size = strlen(name) + 1;

	if (last->count > SPARE && last->count / 2 >= last->most)
		last_sort(last);
	if (last->count == last->size) {
		size_t size = 2 * last->size + SPARE;
		struct kept *larger = realloc(last->list, size * sizeof(*larger));

		if (larger == NULL)
			return -1;
		last->list = larger;
		last->size = size;
	}
	kept = &last->list[last->count];
	*kept = (struct kept){ .line = item->line,
		.block = malloc(length + 1 + name_size),
		.time = item->record.time,
		.order = last->order++ };
	if (kept->block == NULL)
		return -1;
	memcpy(kept->block, item->line.bytes, length);
	kept->block[length] = '\n';
	memcpy(kept->block + length + 1, name, name_size);
	kept->line.bytes = kept->block;
	kept->name = kept->block + length + 1;
	last->count++;
	return 0;
}

void
last_free(struct last *last)
{
	for (size_t i = 0; i < last->count; i++)
		free(last->list[i].block);
	free(last->list);
	last->list = NULL;
	last->count = last->size = 0;
}

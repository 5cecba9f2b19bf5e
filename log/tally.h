/* tally.h - pairs counted by their values, or by the beginnings of their keys: a poll's result */
#ifndef LOG_TALLY_H
#define LOG_TALLY_H

#include <stddef.h>
#include <stdint.h>

struct event_pair;

struct tally_row {
	const char *text; /* of the pairs: a value with its NUL, or a key, which goes on */
	size_t length;    /* bytes */
	uint64_t count;
};

/*
 * What so many pairs say, most first, then by text: *count rows, whose texts live as long as the
 * pairs.  separator: NULL counts values, else what of the keys stands before it.  The caller frees
 * the array.  NULL: no memory.
 */
struct tally_row *tally_make(const struct event_pair *pairs, size_t total, const char *separator,
    size_t *count);

#endif

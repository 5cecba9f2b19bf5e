/*
 * before.h - what keys had before a version that changed them
 *
 *	struct before before = { 0 };
 *
 *	for (each change)
 *		before_want(&before, key, seq);			-1: no memory
 *	before_begin(&before);					-1: no memory
 *	while (there is a record of the message, in any order)
 *		before_fold(&before, &record);			-1: no memory
 *	before_end(&before);
 *	value = before_value(&before, key, seq);		NULL: it had nothing
 *	before_free(&before);
 */
#ifndef VIEW_BEFORE_H
#define VIEW_BEFORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"

struct before_bounds;
struct before_erased;
struct before_want;
struct record;

struct before {
	/* private */
	struct before_want *wants; /* by key, then version */
	size_t count, size;
	struct before_bounds *bounds; /* of each version that is asked for, in order */
	size_t bounds_count;
	struct before_erased *erased; /* versions that lines name as erased: few */
	size_t erased_count, erased_size;
	struct hash_seed seed;
	size_t *slots; /* of a hash table: 1 + the number of a key's first want; 0: free */
	size_t slots_size;
};

/* The key must live until before_free. */
int before_want(struct before *before, const char *key, uint64_t seq);
int before_begin(struct before *before);
int before_fold(struct before *before, const struct record *record);
void before_end(struct before *before);
/* What the key has in the fold of all records below that version.  The string lives until before_free. */
const char *before_value(const struct before *before, const char *key, uint64_t seq);
void before_free(struct before *before);

/* The highest version that is asked for: records from there on need not be folded. */
uint64_t before_highest(const struct before *before);

#endif

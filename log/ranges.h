/* ranges.h - a set of versions */
#ifndef LOG_RANGES_H
#define LOG_RANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record.h"

struct range_node;

/* Begins as { 0 }. */
struct ranges {
	/* private */
	struct seq_range highest;
	bool any;                /* is there a highest? */
	struct range_node *root; /* of the others */
	struct range_node *spare;
	uint64_t chance; /* begins as the caller's seed */
};

/* Adds [first, last]; last is below UINT64_MAX.  -1: no memory, and nothing is changed. */
int ranges_add(struct ranges *ranges, uint64_t first, uint64_t last);
/* Adds all that another set has; on failure some of it. */
int ranges_merge(struct ranges *ranges, const struct ranges *other);
/* Is any number in both? */
bool ranges_overlap(const struct ranges *ranges, const struct ranges *other);
bool ranges_have(const struct ranges *ranges, uint64_t seq);
/* The ranges, apart by at least one number: how many, and one of them, in order. */
size_t ranges_count(const struct ranges *ranges);
struct seq_range ranges_get(const struct ranges *ranges, size_t index);
/* All of them, in order: list has room for ranges_count. */
void ranges_list(const struct ranges *ranges, struct seq_range *list);
/* How many numbers they have. */
uint64_t ranges_sum(const struct ranges *ranges);
void ranges_free(struct ranges *ranges);

#endif

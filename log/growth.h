/* growth.h - how fast the logs grow, and how long the space will last */
#ifndef LOG_GROWTH_H
#define LOG_GROWTH_H

#include <stddef.h>
#include <stdint.h>

#include "config.h"

struct fault;

#define GROWTH_DAYS 7

struct growth {
	uint64_t bytes;       /* of lines that arrived in the last week */
	int64_t milliseconds; /* in how long: a week, or less where there are no older lines */
};

/*
 * Looks at the logs of the directory that changed in the week before now, which is in milliseconds
 * since 1970.  Fails with DATA_DIR, MEMORY.
 */
int growth_measure(struct growth *growth, const char *data_dir, int64_t now, struct fault *fault);

/* What a check says of the space, in each program the same. */
struct space_point {
	enum verdict verdict;
	const char *name;
	char text[320];
};

#define SPACE_POINTS_MAX 4

/*
 * What is to be said of the space of an open data directory: how many points.  Where it is low,
 * the point says how long the rest will last at the rate of the last week.
 */
size_t space_points(struct space_point points[SPACE_POINTS_MAX], int directory,
    const char *data_dir, int64_t now);

#endif

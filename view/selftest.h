/*
 * selftest.h - is all right, as far as reading can tell?
 *
 *	struct selftest test;
 *
 *	selftest_run(&test, view);
 *	for (size_t i = 0; i < test.count; i++)
 *		use(&test.points[i]);
 */
#ifndef VIEW_SELFTEST_H
#define VIEW_SELFTEST_H

#include <stddef.h>

#include "config.h"

struct view;

#define SELFTEST_POINTS_MAX 24

struct selftest_point {
	enum verdict verdict;
	const char *name;
	char text[400]; /* what was found; may hold a path's bytes */
};

struct selftest {
	struct selftest_point points[SELFTEST_POINTS_MAX];
	size_t count;
	unsigned errors, warnings;
};

/* Looks at the data directory and at what view knows.  Nothing is written, locked or tried. */
void selftest_run(struct selftest *test, const struct view *view);

#endif

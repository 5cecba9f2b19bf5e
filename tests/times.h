/* times.h - how long things took, for programs that print it. */
#ifndef TIMES_H
#define TIMES_H

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static inline double
now_milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static inline int
double_compare(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

/* Sorts the milliseconds, and prints the 50th, 99th and 100th percentile; count is not 0. */
static inline void
times_print(double *times, size_t count)
{
	qsort(times, count, sizeof(*times), double_compare);
	printf("p50 %.3f p99 %.3f max %.3f\n", times[count / 2], times[count - 1 - count / 100],
	    times[count - 1]);
}

#endif

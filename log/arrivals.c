/*
 * arrivals.c - in which hours of the last four weeks did events arrive?
 *
 * Whether a silence is unusual depends on how it was before.  A bit for each hour is enough to know
 * the longest pause, does not depend on the order in which lines are read, and takes no more room
 * however much arrives.
 *
 * Groups that are quiet by nature must not cry.  So nothing is unusual until a week is known, with
 * eight hours or more in which something arrived.
 */
#include "log/arrivals.h"

#include <stdbool.h>
#include <stddef.h>

#define HOUR INT64_C(3600000)
#define WINDOW (INT64_C(28) * 24)
#define HISTORY_HOURS (INT64_C(7) * 24)
#define HISTORY_COUNT 8
#define LIMIT_HOURS 24
#define HOURS (INT64_C(8) * ARRIVALS_BYTES)

static bool
hour_get(const struct arrivals *arrivals, int64_t hour)
{
	size_t bit = (size_t)(hour % HOURS);

	return (arrivals->bits[bit / 8] >> (bit % 8) & 1) != 0;
}

static void
hour_set(struct arrivals *arrivals, int64_t hour, bool value)
{
	size_t bit = (size_t)(hour % HOURS);
	uint8_t mask = (uint8_t)(1U << (bit % 8));

	if (value)
		arrivals->bits[bit / 8] |= mask;
	else
		arrivals->bits[bit / 8] &= (uint8_t)~mask;
}

void
arrivals_take(struct arrivals *arrivals, int64_t time, int64_t now)
{
	int64_t hour = time / HOUR;

	if (time <= 0 || time > now + HOUR)
		return;
	if (time > arrivals->last)
		arrivals->last = time;
	if (hour > arrivals->hour) {
		int64_t from = hour - arrivals->hour > HOURS ? hour - HOURS : arrivals->hour;

		while (++from <= hour)
			hour_set(arrivals, from, false);
		arrivals->hour = hour;
	}
	if (hour > arrivals->hour - WINDOW)
		hour_set(arrivals, hour, true);
}

int64_t
arrivals_pause(const struct arrivals *arrivals)
{
	int64_t longest = 0, before = -1;

	for (int64_t hour = arrivals->hour - WINDOW + 1; hour <= arrivals->hour; hour++) {
		if (hour < 0 || !hour_get(arrivals, hour))
			continue;
		if (before >= 0 && hour - before > longest)
			longest = hour - before;
		before = hour;
	}
	return longest;
}

int64_t
arrivals_limit(const struct arrivals *arrivals)
{
	int64_t first = -1, hours = 2 * arrivals_pause(arrivals);
	int count = 0;

	for (int64_t hour = arrivals->hour - WINDOW + 1; hour <= arrivals->hour; hour++) {
		if (hour < 0 || !hour_get(arrivals, hour))
			continue;
		if (first < 0)
			first = hour;
		count++;
	}
	if (count < HISTORY_COUNT || arrivals->hour - first < HISTORY_HOURS)
		return INT64_MAX;
	return (hours > LIMIT_HOURS ? hours : LIMIT_HOURS) * HOUR;
}

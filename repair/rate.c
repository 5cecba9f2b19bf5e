/*
 * rate.c - how many calls may be made now.
 *
 * When a call reaches the vendor is not known, but that it is between its start and its end.  So a
 * call counts from its start until a second after its end: then no second, wherever it begins, has
 * more calls than the rate says.
 *
 * Where the vendor says that there were too many, the rate is halved, once for all calls that were
 * under way.
 */
#include "repair/rate.h"

#define SECOND 1000

void
rate_begin(struct rate *rate, uint64_t limit)
{
	*rate = (struct rate){ .limit = (size_t)limit };
	for (size_t i = 0; i < RATE_MAX; i++)
		rate->ended[i] = INT64_MIN / 2;
}

size_t
rate_room(const struct rate *rate, int64_t now, int64_t *until)
{
	size_t count = rate->flying;

	*until = now < rate->pause ? rate->pause : now + SECOND;
	for (size_t i = 0; i < RATE_MAX; i++) {
		int64_t free = rate->ended[i] + SECOND;

		if (free <= now)
			continue;
		count++;
		if (now >= rate->pause && free < *until)
			*until = free;
	}
	return now < rate->pause || count >= rate->limit ? 0 : rate->limit - count;
}

void
rate_start(struct rate *rate, size_t count)
{
	rate->flying += count;
}

void
rate_end(struct rate *rate, int64_t now)
{
	rate->flying--;
	rate->ended[rate->next] = now;
	rate->next = (rate->next + 1) % RATE_MAX;
}

void
rate_pause(struct rate *rate, int64_t now)
{
	rate->pause = now + SECOND;
}

size_t
rate_halve(struct rate *rate, int64_t now)
{
	if (now < rate->pause)
		return rate->refused;
	rate_pause(rate, now);
	if (rate->limit > 1)
		rate->limit /= 2;
	else
		rate->refused++;
	return rate->refused;
}

void
rate_taken(struct rate *rate)
{
	rate->refused = 0;
}

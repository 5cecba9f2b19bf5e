/*
 * time.c - times as logs have them, and the clock for deadlines.
 *
 * A log's time is UTC with exactly three decimals, as in 2025-12-02T15:11:34.395Z (RFC 3339), so
 * that times sort as text.  A deadline uses the monotonic clock, which does not move when the
 * machine's time is set.
 */
#include "base/time.h"

#include <stdio.h>
#include <time.h>

int64_t
clock_milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t
time_parse(const char *text)
{
	static const char form[] = "dddd-dd-ddTdd:dd:dd.dddZ";
	int field[7] = { 0 }, fields = 0;
	struct tm tm = { 0 };
	time_t seconds;

	for (size_t i = 0; i < sizeof(form); i++) {
		if (form[i] == 'd') {
			if (text[i] < '0' || text[i] > '9')
				return -1;
			field[fields] = field[fields] * 10 + (text[i] - '0');
		} else {
			if (text[i] != form[i])
				return -1;
			fields++;
		}
	}
	tm.tm_year = field[0] - 1900;
	tm.tm_mon = field[1] - 1;
	tm.tm_mday = field[2];
	tm.tm_hour = field[3];
	tm.tm_min = field[4];
	tm.tm_sec = field[5];
	seconds = timegm(&tm);
	/* timegm has corrected what was out of range, as February 30. */
	if (seconds < 0 || tm.tm_year != field[0] - 1900 || tm.tm_mon != field[1] - 1 ||
	    tm.tm_mday != field[2] || tm.tm_hour != field[3] || tm.tm_min != field[4] ||
	    tm.tm_sec != field[5])
		return -1;
	return (int64_t)seconds * 1000 + field[6];
}

void
time_print(int64_t time, char text[TIME_SIZE])
{
	time_t seconds = (time_t)(time / 1000);
	struct tm tm = { 0 };

	gmtime_r(&seconds, &tm);
	snprintf(text, TIME_SIZE, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", tm.tm_year + 1900,
	    tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, (int)(time % 1000));
}

int64_t
time_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

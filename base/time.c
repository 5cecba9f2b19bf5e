/*
 * time.c - times as logs have them, and the clock for deadlines.
 *
 * A log's time is UTC with exactly three decimals, as in 2025-12-02T15:11:34.395Z (RFC 3339), so
 * that times sort as text.  A deadline uses the monotonic clock, which does not move when the
 * machine's time is set.
 *
 * Dates are computed here: the C library's functions look for the machine's time zone first, in files
 * that a process behind a wall (base/harden.h) cannot open and has no use for.
 */
#include "base/time.h"

#include <stdio.h>
#include <time.h>

#define A_DAY 86400

int64_t
clock_milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/*
 * The days from 1 March of year 0 to that day: years that begin in March end with the day that is
 * not in each.
 */
static int64_t
days_count(int64_t year, int64_t month, int64_t day)
{
	int64_t years = month <= 2 ? year - 1 : year, months = month <= 2 ? month + 9 : month - 3;

	return years * 365 + years / 4 - years / 100 + years / 400 + (months * 153 + 2) / 5 + day -
	    1;
}

struct tm
time_utc(int64_t seconds)
{
	int64_t second = (seconds % A_DAY + A_DAY) % A_DAY;
	int64_t days = (seconds - second) / A_DAY + days_count(1970, 1, 1);
	int64_t year = (days - 60) * 400 / 146097, month = 1; /* or the year before */
	struct tm tm = { .tm_hour = (int)(second / 3600),
		.tm_min = (int)(second / 60 % 60),
		.tm_sec = (int)(second % 60) };

	while (days_count(year + 1, 1, 1) <= days)
		year++;
	while (month < 12 && days_count(year, month + 1, 1) <= days)
		month++;
	tm.tm_year = (int)(year - 1900);
	tm.tm_mon = (int)(month - 1);
	tm.tm_mday = (int)(days - days_count(year, month, 1) + 1);
	tm.tm_yday = (int)(days - days_count(year, 1, 1));
	return tm;
}

int64_t
time_parse(const char *text)
{
	static const char form[] = "dddd-dd-ddTdd:dd:dd.dddZ";
	int field[7] = { 0 }, fields = 0;
	int64_t days, seconds;
	struct tm tm;

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
	if (field[0] < 1970 || field[1] < 1 || field[1] > 12 || field[2] < 1 || field[3] > 23 ||
	    field[4] > 59 || field[5] > 59)
		return -1;
	days = days_count(field[0], field[1], field[2]) - days_count(1970, 1, 1);
	seconds = days * A_DAY + ((int64_t)field[3] * 60 + field[4]) * 60 + field[5];
	if (field[2] > 28) { /* there are months in which that is another day */
		tm = time_utc(seconds);
		if (tm.tm_mday != field[2])
			return -1;
	}
	return seconds * 1000 + field[6];
}

/* Writes so many digits of a number, and the byte after them. */
static char *
digits_put(char *to, int number, int count, char after)
{
	for (int i = count - 1; i >= 0; i--, number /= 10)
		to[i] = (char)('0' + number % 10);
	to[count] = after;
	return to + count + 1;
}

void
time_print(int64_t time, char text[TIME_SIZE])
{
	struct tm tm = time_utc(time / 1000);
	char *at = text;

	if (tm.tm_year > 9999 - 1900 ||
	    time < 0) { /* no such time is stored; what prints one must not overflow */
		snprintf(text, TIME_SIZE, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", tm.tm_year + 1900,
		    tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
		    (int)(time % 1000));
		return;
	}
	at = digits_put(at, tm.tm_year + 1900, 4, '-');
	at = digits_put(at, tm.tm_mon + 1, 2, '-');
	at = digits_put(at, tm.tm_mday, 2, 'T');
	at = digits_put(at, tm.tm_hour, 2, ':');
	at = digits_put(at, tm.tm_min, 2, ':');
	at = digits_put(at, tm.tm_sec, 2, '.');
	at = digits_put(at, (int)(time % 1000), 3, 'Z');
	*at = '\0';
}

int64_t
time_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* time.h - times as text, and the clock */
#ifndef BASE_TIME_H
#define BASE_TIME_H

#include <stdint.h>
#include <time.h>

#define TIME_SIZE 80

/* "2025-12-02T15:11:34.395Z" to milliseconds since 1970; -1: the text does not have that form. */
int64_t time_parse(const char *text);
/* Milliseconds since 1970 to that form. */
void time_print(int64_t time, char text[TIME_SIZE]);

/* Seconds since 1970 as date and time of day, UTC; also before 1970.  tm_yday is set, tm_wday is not. */
struct tm time_utc(int64_t seconds);

/* CLOCK_MONOTONIC in milliseconds. */
int64_t clock_milliseconds(void);

/* The time of day: milliseconds since 1970. */
int64_t time_now(void);

#endif

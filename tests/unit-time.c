/* Dates: what the C library makes of the same seconds, for years and to the second. */
#include <time.h>

#include "base/time.h"
#include "unit.h"

static void
is_as_the_library_says(int64_t seconds)
{
	time_t time = (time_t)seconds;
	struct tm ours = time_utc(seconds), theirs;
	char text[TIME_SIZE];

	assert_non_null(gmtime_r(&time, &theirs));
	if (ours.tm_year != theirs.tm_year || ours.tm_mon != theirs.tm_mon ||
	    ours.tm_mday != theirs.tm_mday || ours.tm_hour != theirs.tm_hour ||
	    ours.tm_min != theirs.tm_min || ours.tm_sec != theirs.tm_sec ||
	    ours.tm_yday != theirs.tm_yday)
		fail_msg("%lld: %d-%d-%d %d:%d:%d, day %d", (long long)seconds, ours.tm_year,
		    ours.tm_mon, ours.tm_mday, ours.tm_hour, ours.tm_min, ours.tm_sec,
		    ours.tm_yday);
	if (seconds < 0 || theirs.tm_year > 9999 - 1900)
		return;
	time_print(seconds * 1000 + 7, text);
	assert_int_equal(time_parse(text), seconds * 1000 + 7);
}

static void
days_are_those_of_the_calendar(void **state)
{
	(void)state;
	/* Each day of 500 years, and the seconds around it. */
	for (int64_t day = -25000; day < 160000; day++) {
		is_as_the_library_says(day * 86400);
		is_as_the_library_says(day * 86400 - 1);
	}
	for (int64_t year = 2400; year < 10002; year++)
		for (int64_t day = 0; day < 367; day += 61)
			is_as_the_library_says((year - 1970) * 31556952 + day * 86400 + 45296);
	is_as_the_library_says(INT64_C(253402300799));
}

static void
times_that_are_none_are_refused(void **state)
{
	static const char *const none[] = { "", "2025-12-02T15:11:34.395",
		"2025-12-02T15:11:34.395z", "2025-12-02 15:11:34.395Z", "2025-02-29T00:00:00.000Z",
		"2100-02-29T00:00:00.000Z", "2025-04-31T00:00:00.000Z", "2025-00-01T00:00:00.000Z",
		"2025-13-01T00:00:00.000Z", "2025-01-00T00:00:00.000Z", "2025-01-32T00:00:00.000Z",
		"2025-01-01T24:00:00.000Z", "2025-01-01T00:60:00.000Z", "2025-01-01T00:00:60.000Z",
		"1969-12-31T23:59:59.999Z", "0000-01-01T00:00:00.000Z", "2025-12-02T15:11:34.3950Z",
		"-025-12-02T15:11:34.395Z" };

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		if (time_parse(none[i]) != -1)
			fail_msg("%s is taken", none[i]);
	assert_int_equal(time_parse("1970-01-01T00:00:00.000Z"), 0);
	assert_int_equal(time_parse("2024-02-29T23:59:59.999Z"), INT64_C(1709251199999));
	assert_int_equal(time_parse("9999-12-31T23:59:59.999Z"), INT64_C(253402300799999));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(days_are_those_of_the_calendar),
		cmocka_unit_test(times_that_are_none_are_refused),
	};

	return RUN(tests);
}

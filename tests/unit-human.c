/* Sizes and times as people say them. */
#include "base/text.h"
#include "ctl/human.h"
#include "unit.h"

static void
times_are_in_whole_units(void **state)
{
	static const struct {
		int64_t ago; /* seconds */
		const char *text;
	} cases[] = { { 0, "just now" }, { 9, "just now" }, { 10, "10 seconds ago" },
		{ 59, "59 seconds ago" }, { 60, "1 minute ago" }, { 119, "1 minute ago" },
		{ 120, "2 minutes ago" }, { 3599, "59 minutes ago" }, { 3600, "1 hour ago" },
		{ 172799, "47 hours ago" }, { 172800, "2 days ago" }, { 31536000, "365 days ago" },
		{ -1, "just now" }, { -2, "in the future" } };
	const int64_t now = 1764688294360;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[HUMAN_SIZE];

		human_ago(now - cases[i].ago * 1000, now, text);
		assert_string_equal(text, cases[i].text);
	}
}

static void
sizes_have_two_digits_at_least(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} cases[] = { { 0, "0 B" }, { 999, "999 B" }, { 1000, "1.0 KB" }, { 1290, "1.2 KB" },
		{ 9999, "9.9 KB" }, { 10000, "10 KB" }, { 999999, "999 KB" }, { 1000000, "1.0 MB" },
		{ 35000000, "35 MB" }, { 1200000000, "1.2 GB" }, { UINT64_MAX, "18 EB" } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[HUMAN_SIZE];

		bytes_print(cases[i].bytes, text);
		assert_string_equal(text, cases[i].text);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_are_in_whole_units),
		cmocka_unit_test(sizes_have_two_digits_at_least),
	};

	return RUN(tests);
}

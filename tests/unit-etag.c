/* ETags of the viewer: what changes one, what does not, and what If-None-Match may hold. */
#include <sys/time.h>

#include <time.h>

#include "base/fault.h"
#include "unit.h"
#include "view/address.h"
#include "view/etag.h"
#include "view/view.h"

#define NOW INT64_C(1764688293000)

static struct view_config config;
static struct address address;
static struct view view;

static int
view_make(void **state)
{
	(void)state;
	config = (struct view_config){ .guard = -1, .data_dir = scratch, .title = "T" };
	view = (struct view){ .config = &config,
		.address = &address,
		.language = LANGUAGE_EN,
		.now = NOW,
		.signed_in = true };
	file_write("a.jsonl", "{}\n", 3);
	file_write("b.jsonl", "{}\n", 3);
	file_write("a.torn", "{}\n", 3);
	return 0;
}

/* The page's ETag, until the next call; "": it has none. */
static const char *
tag(const char *query)
{
	static char to[ETAG_SIZE], decoded[PARAMETERS_LENGTH_MAX + 1];
	struct fault fault;

	if (query != NULL)
		assert_int_equal(address_read(&address, query, decoded, &fault), 0);
	if (!etag_make(&view, to))
		return "";
	assert_int_equal(strlen(to), ETAG_SIZE - 1);
	return to;
}

static void
is_same(const char *query, const char *before)
{
	assert_string_equal(tag(query), before);
}

static void
differs(const char *query, const char *before)
{
	assert_string_not_equal(tag(query), before);
}

/* Puts another file, made to look as old, in the place of the first. */
static void
replace_alike(const char *name, const char *other)
{
	struct stat status;
	char from[200];

	assert_int_equal(stat(file_path(name), &status), 0);
	snprintf(from, sizeof(from), "%s/%s", scratch, other);
	assert_int_equal(utimensat(AT_FDCWD, from,
			     (struct timespec[]){ status.st_atim, status.st_mtim }, 0),
	    0);
	assert_int_equal(rename(from, file_path(name)), 0);
}

static void
a_page_of_one_log_changes_with_that_log(void **state)
{
	static const char *const queries[] = { "g=a", "g=a&m=1", "g=a&m=1&v=2", "g=a&m=1&f=csv" };
	char before[ETAG_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++) {
		view_make(NULL);
		strcpy(before, tag(queries[i]));
		is_same(queries[i], before);
		file_write("b.jsonl", "{}\n{}\n", 6);
		file_write("a.torn", "", 0);
		is_same(queries[i], before);
		file_write("a.jsonl", "{}\n{}\n", 6);
		differs(queries[i], before);
		strcpy(before, tag(NULL));
		/* Another file of the same size and time. */
		file_write("c.jsonl", "{}\n{}\n", 6);
		replace_alike("a.jsonl", "c.jsonl");
		differs(NULL, before);
		unlink(file_path("a.jsonl"));
		assert_string_equal(tag(NULL), "");
		assert_int_equal(symlink("b.jsonl", file_path("a.jsonl")), 0);
		assert_string_equal(tag(NULL), "");
		unlink(file_path("a.jsonl"));
	}
}

static void
a_page_of_all_logs_changes_with_each(void **state)
{
	static const char *const queries[] = { "", "p=events", "q=x&o=100" };
	char before[ETAG_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++) {
		view_make(NULL);
		strcpy(before, tag(queries[i]));
		file_write("a.torn", "more", 4);
		is_same(NULL, before);
		file_write("b.jsonl", "{}\n{}\n", 6);
		differs(NULL, before);
		strcpy(before, tag(NULL));
		file_write("c.jsonl", "", 0);
		differs(NULL, before);
		unlink(file_path("c.jsonl"));
		is_same(NULL, before);
	}
	config.data_dir = "/nonexistent";
	assert_string_equal(tag(""), "");
	assert_string_equal(tag("g=a&m=1"), "");
}

static void
a_page_changes_with_who_asks_and_how(void **state)
{
	char before[ETAG_SIZE];
	struct link link = { .group = "a" };

	(void)state;
	strcpy(before, tag("g=a&m=1"));
	is_same("m=1&from=singlemessage&g=%61", before);
	differs("g=a&m=2", before);
	differs("g=a&m=1&lang=ja", before);
	differs("g=a&m=1&q=x", before);
	differs("g=a&m=1&r=30", before);
	tag("g=a&m=1");
	view.language = LANGUAGE_JA;
	differs(NULL, before);
	view_make(NULL);
	strcpy(before, tag(NULL));
	view.signed_in = false;
	differs(NULL, before);
	view.link = &link;
	assert_string_not_equal(tag(NULL), "");
	strcpy(link.group, "none");
	assert_string_equal(tag(NULL), "");
}

static void
a_page_changes_with_what_is_configured(void **state)
{
	char before[ETAG_SIZE];

	(void)state;
	strcpy(before, tag("g=a&m=1"));
	config.title = "U";
	differs(NULL, before);
	config.title = "T";
	config.timezone = 60;
	differs(NULL, before);
	config.timezone = 0;
	config.link_days = 5;
	differs(NULL, before);
	config.link_days = 0;
	is_same(NULL, before);
}

/* "As of 16:42" is on the page; of the past it says which day is today, a file nothing. */
static void
the_minute_counts_where_it_is_shown(void **state)
{
	char live[ETAG_SIZE], past[ETAG_SIZE], file[ETAG_SIZE];

	(void)state;
	strcpy(live, tag("g=a&m=1"));
	strcpy(past, tag("g=a&m=1&v=1"));
	strcpy(file, tag("g=a&m=1&f=json"));
	view.now = NOW - NOW % 60000 + 59999;
	is_same("g=a&m=1", live);
	view.now++;
	differs("g=a&m=1", live);
	is_same("g=a&m=1&v=1", past);
	view.now = NOW + 86400000;
	differs("g=a&m=1&v=1", past);
	is_same("g=a&m=1&f=json", file);
	/* 23:59 and 0:00 of the zone. */
	config.timezone = -6;
	view.now = INT64_C(1764633959000);
	strcpy(past, tag("g=a&m=1&v=1"));
	view.now += 1000;
	differs(NULL, past);
}

static void
some_pages_have_none(void **state)
{
	(void)state;
	assert_string_equal(tag("p=check"), "");
	assert_string_equal(tag("g=a&m=1&p=share"), "");
	assert_string_equal(tag("g=none&m=1"), "");
}

static void
if_none_match_is_a_list(void **state)
{
#define ETAG "0123456789abcdef0123456789abcdef"
	static const char ours[] = "\"" ETAG "\"";
	static const char *const same[] = { ours,
		"W/"
		"\"" ETAG "\"",
		"\"" ETAG "-gzip\"", "\"" ETAG ";gzip\"", "W/\"" ETAG "-br\"",
		"\"x\", \"" ETAG "\"", "\"x\",\"" ETAG "\"",
		" \t\"\" , W/\"y\",,W/\"" ETAG "-zstd\"", "\"a,b\",\"" ETAG "\", \"c\"" };
	static const char *const others[] = { "", "*", ETAG, "\"\"", "\"" ETAG, "\"" ETAG "x\"",
		"\"x" ETAG "\"", "\"" ETAG "-\"x", "w/\"" ETAG "\"", "\"0123456789abcdef\"",
		"\"" ETAG "-gzip", "\"" ETAG "-g zip\"", "\"" ETAG "--gzip\"",
		"\"x\" y, \"" ETAG "\"", "\"x", "W/", ",,,",
		"\"0123456789ABCDEF0123456789ABCDEF\"" };

	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		if (!etag_matches(same[i], ours))
			fail_msg("%s does not match", same[i]);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (etag_matches(others[i], ours))
			fail_msg("%s matches", others[i]);
	assert_false(etag_matches(NULL, ours));
}

int
main(void)
{
#define WITH_VIEW(test) cmocka_unit_test_setup(test, view_make)
	static const struct CMUnitTest tests[] = {
		WITH_VIEW(a_page_of_one_log_changes_with_that_log),
		WITH_VIEW(a_page_of_all_logs_changes_with_each),
		WITH_VIEW(a_page_changes_with_who_asks_and_how),
		WITH_VIEW(a_page_changes_with_what_is_configured),
		WITH_VIEW(the_minute_counts_where_it_is_shown),
		WITH_VIEW(some_pages_have_none),
		cmocka_unit_test(if_none_match_is_a_list),
	};

	return RUN(tests);
}

/* What all pages have: the frame, times, sentences, links from rows to rows, and what is said of failures. */
#include "base/base.h"
#include "record.h"
#include "unit.h"
#include "view/layout.h"
#include "view/page.h"

#define NOW INT64_C(1795682520000) /* 2026-11-26 16:42 in UTC+8 */

static struct view_config config;
static struct address address;
static struct view view;

static int
view_make(void **state)
{
	(void)state;
	config = (struct view_config){
		.title = "a <title>",
		.timezone = 480,
		.password = "a password that is right",
	};
	address = (struct address){ .language = LANGUAGE_NONE };
	view = (struct view){
		.config = &config,
		.address = &address,
		.language = LANGUAGE_EN,
		.now = NOW,
		.html = { .limit = HTML_LIMIT },
	};
	return 0;
}

static int
view_free(void **state)
{
	(void)state;
	html_free(&view.html);
	return 0;
}

/* What was written since the last call. */
static const char *
written(void)
{
	static char text[32768];

	assert_false(view.html.failed);
	assert_true(view.html.length < sizeof(text));
	memcpy(text, view.html.bytes, view.html.length);
	text[view.html.length] = '\0';
	html_free(&view.html);
	return text;
}

/* The text is, or is not, in what was written. */
static void
has(const char *page, const char *text)
{
	if (strstr(page, text) == NULL)
		fail_msg("no \"%s\" in %s", text, page);
}

static void
has_not(const char *page, const char *text)
{
	if (strstr(page, text) != NULL)
		fail_msg("\"%s\" in %s", text, page);
}

static void
times_are_written_as_each_language_does(void **state)
{
	static const struct {
		enum language language;
		int64_t time;
		const char *shown, *full;
	} cases[] = {
		{ LANGUAGE_EN, NOW, "16:42", "26 Nov 2026 16:42" },
		{ LANGUAGE_ZH_CN, NOW, "16:42", "2026年11月26日 16:42" },
		{ LANGUAGE_JA, NOW, "16:42", "2026年11月26日 16:42" },
		{ LANGUAGE_KO, NOW, "16:42", "2026년 11월 26일 16:42" },
		/* Today begins at midnight of the zone. */
		{ LANGUAGE_EN, NOW - (16 * 60 + 42) * INT64_C(60000), "00:00",
		    "26 Nov 2026 00:00" },
		{ LANGUAGE_EN, NOW - (16 * 60 + 42) * INT64_C(60000) - 1, "25 Nov 23:59",
		    "25 Nov 2026 23:59" },
		{ LANGUAGE_ZH_CN, NOW - 86400000, "11月25日 16:42", "2026年11月25日 16:42" },
		{ LANGUAGE_KO, NOW - 86400000, "11월 25일 16:42", "2026년 11월 25일 16:42" },
		{ LANGUAGE_EN, NOW + 86400000, "27 Nov 16:42", "27 Nov 2026 16:42" },
		/* The same day of another year. */
		{ LANGUAGE_EN, NOW - INT64_C(365) * 86400000, "26 Nov 2025 16:42",
		    "26 Nov 2025 16:42" },
		{ LANGUAGE_JA, INT64_C(1767196799999), "2025年12月31日 23:59",
		    "2025年12月31日 23:59" },
		{ LANGUAGE_JA, INT64_C(1767196800000), "1月1日 00:00", "2026年1月1日 00:00" },
		{ LANGUAGE_EN, 0, "1 Jan 1970 08:00", "1 Jan 1970 08:00" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char end[64];

		view.language = cases[i].language;
		snprintf(end, sizeof(end), "\">%s</time>", cases[i].shown);
		view_time(&view, cases[i].time);
		has(written(), end);
		snprintf(end, sizeof(end), "\">%s</time>", cases[i].full);
		view_time_full(&view, cases[i].time);
		has(written(), end);
	}
	view.language = LANGUAGE_EN;
	view_time(&view, INT64_C(1764688294395));
	assert_string_equal(written(),
	    "<time datetime=\"2025-12-02T15:11:34Z\">2 Dec 2025 23:11</time>");
	view_time(&view, -1);
	assert_string_equal(written(), "-");
	view_time(&view, INT64_MAX / 2); /* whatever a log says */
	view_time_full(&view, INT64_MAX);
	has(written(), "</time>");
	config.timezone = -210;
	view_time(&view, NOW);
	assert_string_equal(written(), "<time datetime=\"2026-11-26T08:42:00Z\">05:12</time>");
}

static void
zones_are_named(void **state)
{
	static const struct {
		int minutes;
		const char *shown;
	} cases[] = { { 0, "are UTC." }, { 480, "are UTC+8." }, { -210, "are UTC-3:30." },
		{ 330, "are UTC+5:30." }, { -30, "are UTC-0:30." }, { 840, "are UTC+14." } };

	(void)state;
	view.signed_in = true;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		config.timezone = cases[i].minutes;
		page_end(&view);
		has(written(), cases[i].shown);
	}
}

static void
sentences_have_their_parts(void **state)
{
	static const struct seq_range ranges[] = { { 121, 121 }, { 302, 304 } };
	struct address group = { .page = PAGE_GROUP, .group = "a&b" };

	(void)state;
	say(&view, STRING_GROUPS);
	assert_string_equal(written(), "Groups");
	say(&view, STRING_FAILED_P); /* none is given: what is there is said */
	has(written(), "begins %s.");
	say_with(&view, STRING_NO_MESSAGE, PART_NUMBER(99), PART_USER("<g>"));
	assert_string_equal(written(),
	    "There is no message 99 in the group <bdi dir=\"auto\">&lt;g&gt;</bdi>.");
	say_with(&view, STRING_LOST_MEAN, PART_NUMBER(4), PART_RANGES(ranges, 2));
	has(written(),
	    "Up to 4 answers can be missing or out of date: versions 121, "
	    "302\xe2\x80\x93"
	    "304. All");
	say_with(&view, STRING_ITS_MESSAGES, PART_LINK(&group, "%s"));
	assert_string_equal(written(),
	    "Its messages: <a href=\"?g=a%26b\"><bdi dir=\"auto\">%s</bdi></a>");
	say_with(&view, STRING_FAILED_P, PART_CODE("<x>"));
	has(written(), "begins <code>&lt;x&gt;</code>.");
	say_with(&view, STRING_UTC, PART_TEXT("%s & more"));
	assert_string_equal(written(), "Times are %s &amp; more.");
	/* What is too much is not there. */
	say_with(&view, STRING_GROUPS, PART_TEXT("more"));
	assert_string_equal(written(), "Groups");
}

static void
frames_show_what_their_reader_may_see(void **state)
{
	struct link link = { .expiry = 1796287320 };
	const char *page;

	(void)state;
	page_begin(&view, "<t>", NAV_NONE);
	page_end(&view);
	page = written();
	has(page, "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">");
	has(page, "<title>&lt;t&gt;</title><style>:root{");
	has(page, "</style></head><body><main></main></body></html>\n");

	view.signed_in = true;
	address.language = LANGUAGE_JA;
	html_markup(&view.html, "half a page");
	page_begin(&view, "t", NAV_EVENTS);
	page_end(&view);
	page = written();
	assert_ptr_equal(strstr(page, "<!doctype"), page);
	has(page, "<a class=\"home\" href=\"?lang=ja\">a &lt;title&gt;</a>");
	has(page, "<a href=\"?p=events&amp;lang=ja\" aria-current=\"page\">Recent</a>");
	has(page, "<button class=\"plain\" name=\"p\" value=\"out\">Sign out</button>");

	view.by_server = true;
	page_begin(&view, "t", NAV_NONE);
	page_end(&view);
	page = written();
	has_not(page, "aria-current=");
	has_not(page, "Sign out");
	has(page, "Times are UTC+8.");

	/* Even the owner sees of a link what others see. */
	view.by_server = false;
	view.link = &link;
	page_begin(&view, "t", NAV_GROUPS);
	page_end(&view);
	page = written();
	has_not(page, "<nav");
	has_not(page, "Sign out");
	has(page,
	    "This link works until <time datetime=\"2026-12-03T08:42:00Z\">3 Dec 2026 "
	    "16:42</time>. Times are UTC+8.");
}

/* The policy names the style that is sent. */
static void
the_style_is_what_its_hash_says(void **state)
{
	char command[1024], base64[64] = "", expected[80];
	const char *page, *begin, *end;
	FILE *file;

	(void)state;
	page_begin(&view, "t", NAV_NONE);
	page = written();
	begin = strstr(page, "<style>") + strlen("<style>");
	end = strstr(page, "</style>");
	file = fopen(file_path("style"), "w");
	assert_non_null(file);
	assert_int_equal(fwrite(begin, 1, (size_t)(end - begin), file), end - begin);
	fclose(file);
	snprintf(command, sizeof(command),
	    "sha256sum '%s' | cut -c1-64 | tr a-f A-F | basenc --base16 -d | base64",
	    file_path("style"));
	file = popen(command, "r");
	assert_non_null(file);
	assert_non_null(fgets(base64, sizeof(base64), file));
	pclose(file);
	base64[strcspn(base64, "\n")] = '\0';
	snprintf(expected, sizeof(expected), "'sha256-%s'", base64);
	assert_string_equal(style_source, expected);
	assert_true(end - begin < 6144);
}

static void
tools_are_those_of_the_page(void **state)
{
	const char *page;

	(void)state;
	view_tools(&view);
	page = written();
	has(page, "As of <time datetime=\"2026-11-26T08:42:00Z\">26 Nov 2026 16:42</time>");
	has(page, "<a href=\"?\">Refresh</a></p>");

	address.page = PAGE_MESSAGE;
	address.group = "g";
	address.has_message = true;
	address.message = 10;
	view_tools(&view);
	page = written();
	has(page, "<a href=\"?g=g&amp;m=10\">Refresh</a>");
	has(page, "<a href=\"?g=g&amp;m=10&amp;r=30\">Refresh every 30 seconds</a>");
	has(page, "\">Share this result</a></p>");
	address.refresh = 60;
	view_tools(&view);
	page = written();
	has(page, "<a href=\"?g=g&amp;m=10&amp;r=60\">Refresh</a>");
	has(page, "<a href=\"?g=g&amp;m=10\">Stop refreshing</a>");
	has_not(page, "every 30");
}

/* The query that the link of that text leads to; "": there is no such link. */
static const char *
link_of(const char *page, const char *text)
{
	static char query[64];
	const char *end = strstr(page, text), *begin = end;

	query[0] = '\0';
	if (end == NULL)
		return query;
	end = begin -= 2; /* the quote before '>' */
	while (begin[-1] != '"')
		begin--;
	snprintf(query, sizeof(query), "%.*s", (int)(end - begin), begin);
	return query;
}

static void
rows_are_reached_from_their_neighbours(void **state)
{
	static const struct {
		uint64_t skip, shown, total, rows;
		const char *first, *later, *earlier;
	} cases[] = {
		{ 0, 100, 100, 100, "", "", "" },
		{ 0, 0, 0, 100, "", "", "" },
		{ 0, 100, 101, 100, "", "", "?o=100" },
		{ 100, 1, 101, 100, "", "?", "" },
		{ 200, 100, 500, 100, "", "?o=100", "?o=300" },
		{ 600, 0, 500, 100, "?", "", "" },
		{ 1000000, 100, 2000000, 100, "", "?o=999900", "" },
		/* A page that was full goes on where it stopped, in steps that addresses have. */
		{ 0, 130, 300, ROWS_PART, "", "", "?o=120" },
		{ 120, 7, 300, ROWS_PART, "", "?", "?o=140" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *page;

		address.skip = cases[i].skip;
		html_markup(&view.html, " ");
		view_pages(&view, cases[i].shown, cases[i].total, cases[i].rows);
		page = written();
		assert_string_equal(link_of(page, "First page"), cases[i].first);
		assert_string_equal(link_of(page, "Later"), cases[i].later);
		assert_string_equal(link_of(page, "Earlier"), cases[i].earlier);
	}
}

static void
sign_in_asks_and_says_why(void **state)
{
	const char *page;

	(void)state;
	view.to = "g=a%26b&m=10";
	assert_int_equal(page_signin(&view, SIGNIN_ASK), 403);
	page = written();
	has(page,
	    "<form class=\"narrow\" method=\"post\" action=\"?\"><input type=\"hidden\" "
	    "name=\"p\" value=\"in\"><input type=\"hidden\" name=\"to\" "
	    "value=\"g=a%26b&amp;m=10\">");
	has(page, "This connection is not encrypted");
	has(page, "<a href=\"?g=a%26b&amp;m=10\">Already signed in? Continue</a>");
	has_not(page, "role=\"alert\"");
	has_not(page, "<nav");

	view.secure = true;
	assert_int_equal(page_signin(&view, SIGNIN_WRONG), 403);
	page = written();
	has(page, "role=\"alert\">This is not the password.</div>");
	has_not(page, "not encrypted");
	has_not(page, "Already signed in");

	view.to = NULL;
	assert_int_equal(page_signin(&view, SIGNIN_BUSY), 429);
	page = written();
	has(page, "Too many attempts");
	has_not(page, "name=\"to\"");

	view.secure = false;
	assert_int_equal(page_signin(&view, SIGNIN_PLAIN), 403);
	page = written();
	has(page, "open this address with https");
	has_not(page, "type=\"password\"");

	config.password = NULL;
	assert_int_equal(page_signin(&view, SIGNIN_ASK), 403);
	page = written();
	has(page, "The web server signs readers in");
	has_not(page, "<form");
}

/* The page of a query's fault. */
static const char *
complaint(const char *query)
{
	static char decoded[PARAMETERS_LENGTH_MAX + 1];

	assert_int_equal(address_read(&address, query, decoded, &view.fault), -1);
	assert_int_equal(page_error(&view, 400), 400);
	return written();
}

static void
wrong_addresses_are_explained(void **state)
{
	static const struct {
		const char *query, *said;
	} cases[] = {
		{ "g=x&m=10;id",
		    "The parameter <code>m</code> cannot be <bdi dir=\"auto\">10;id</bdi>."
		    " It is a whole number from 0 to 9007199254740992.</p>" },
		{ "g=x&m=1&v=0",
		    "<code>v</code> cannot be <bdi dir=\"auto\">0</bdi>. It is a whole "
		    "number from 1 to" },
		{ "g=",
		    "The parameter <code>g</code> cannot be (empty). It is a text of 1 to 256 "
		    "bytes." },
		{ "g=x&m=1&a=<b>",
		    "<code>a</code> cannot be <bdi dir=\"auto\">&lt;b&gt;</bdi>. It is 16" },
		{ "p=x", "It is one of these: share, events, check." },
		{ "g=x&m=1&part=x", "It is one of these: tally, pairs, log." },
		{ "g=x&m=1&f=pdf", "It is one of these: excel, csv, json." },
		{ "p=events&r=1", "It is one of these: 30, 60, 300." },
		{ "g=x&m=1&p=share&d=2", "It is one of these: 1, 7, 30." },
		{ "g=x&m=1&p=share&w=2", "It is one of these: 1." },
		{ "g=x&all=2",
		    "<code>all</code> cannot be <bdi dir=\"auto\">2</bdi>. It is one of" },
		{ "o=7",
		    "<code>o</code> cannot be <bdi dir=\"auto\">7</bdi>. It is made by the links" },
		{ "m=1", "The parameter <code>g</code> is missing.</p>" },
		{ "g=x&g=y", "The parameter <code>g</code> is given more than once.</p>" },
		{ "g=%zz", "The parameter <code>g</code> is no text" },
		{ "g=%ff", "The parameter <code>g</code> is no text" },
	};
	static char query[10000];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		has(complaint(cases[i].query), cases[i].said);
	/* A long value is cut, between characters. */
	strcpy(query, "q=");
	for (int i = 0; i < 100; i++)
		strcat(query, "\xe6\x8a\x95");
	has(complaint(query), "\xe6\x8a\x95\xe2\x80\xa6</bdi>. It is a text of 0 to 100 bytes.");
	memset(query, 'x', sizeof(query) - 1);
	has(complaint(query), "Copy it again, whole.");
	/* Whoever has not signed in is shown no way in. */
	has_not(complaint("p=x"), "href");
	view.signed_in = true;
	has(complaint("p=x"), "<p><a href=\"?\">Groups</a></p>");
	view.address = NULL;
	view.signed_in = false;
	assert_int_equal(page_error(&view, 400), 400);
	has(written(), "Copy it again, whole.");
}

static void
failures_are_explained(void **state)
{
	struct link link = { .expiry = 1796287320 };
	const char *page;

	(void)state;
	view.signed_in = true;
	address = (struct address){ .group = "g", .has_message = true, .message = 99 };
	assert_int_equal(page_error(&view, 404), 404);
	page = written();
	has(page, "There is no message 99 in the group <bdi dir=\"auto\">g</bdi>.");
	has(page, "<a href=\"?g=g\">");
	address.has_message = false;
	page_error(&view, 404);
	has(written(), "There is no group <bdi dir=\"auto\">g</bdi>.");
	address.group = NULL;
	page_error(&view, 404);
	has(written(), "There is no such page.");

	fault_set(&view.fault, FAULT_DATA_DIR, "/secret: closed");
	assert_int_equal(page_error(&view, 503), 503);
	page = written();
	has(page, "<h1>The logs cannot be read</h1>");
	has(page, "<a href=\"?p=check\"><bdi dir=\"auto\">Self-test</bdi></a>");
	has(page, "<code>msgext-view: data-dir</code>");
	has_not(page, "/secret");
	assert_int_equal(page_error(&view, 500), 500);
	has(written(), "<h1>The page could not be made</h1>");
	fault_memory(&view.fault);
	assert_int_equal(page_error(&view, 503), 503);
	has(written(), "<h1>The server has no memory left</h1>");

	view.link = &link;
	fault_set(&view.fault, FAULT_DATA_DIR, "/secret: closed");
	assert_int_equal(page_error(&view, 503), 503);
	page = written();
	has_not(page, "href");
	has_not(page, "data-dir");
	address = (struct address){ .group = "g", .has_message = true, .message = 99 };
	page_error(&view, 404);
	has_not(written(), "href");

	view.link = NULL;
	view.signed_in = false;
	assert_int_equal(page_error(&view, 403), 403);
	has(written(), "<main><h1>This link is not complete</h1><p>A part of it is missing");
	assert_int_equal(page_error(&view, 410), 410);
	has(written(),
	    "<main><h1>This link has expired</h1><p>Ask whoever sent it for a new one."
	    "</p></main></body>");
	assert_int_equal(page_error(&view, 405), 405);
	has(written(), "Nothing was changed.");
	assert_int_equal(page_error(&view, 429), 429);
	has(written(), "Try again in a few seconds.");
}

static void
without_a_configuration_it_is_said_what_to_set(void **state)
{
	char first[4096];
	const char *page, *key;

	(void)state;
	view.config = NULL;
	view.address = NULL;
	view.language = LANGUAGE_KO;
	assert_int_equal(page_refused(&view), 503);
	page = written();
	has_not(page, "msgext-view:");
	key = strstr(page, "link_key = ");
	assert_non_null(key);
	assert_int_equal(strcspn(key + 11, "<"), HMAC_TEXT_LENGTH);
	snprintf(first, sizeof(first), "%.60s", key);
	fault_set(&view.fault, FAULT_CONFIG_UNSAFE, "/secret: others can read it");
	page_refused(&view);
	page = written();
	has(page, "<code>msgext-view: config-unsafe</code>");
	has_not(page, "/secret");
	has_not(page, first); /* another key */
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, view_make, view_free)
		TEST(times_are_written_as_each_language_does),
		TEST(zones_are_named),
		TEST(sentences_have_their_parts),
		TEST(frames_show_what_their_reader_may_see),
		TEST(the_style_is_what_its_hash_says),
		TEST(tools_are_those_of_the_page),
		TEST(rows_are_reached_from_their_neighbours),
		TEST(sign_in_asks_and_says_why),
		TEST(wrong_addresses_are_explained),
		TEST(failures_are_explained),
		TEST(without_a_configuration_it_is_said_what_to_set),
	};

	return RUN(tests);
}

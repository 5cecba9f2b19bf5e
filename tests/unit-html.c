/* Markup and texts: nothing that a user wrote is ever markup, and none of it is lost. */
#include "unit.h"
#include "failing.h"
#include "view/html.h"

/* What was written must be this; the page begins anew. */
static void
written(struct html *html, const char *expected)
{
	assert_false(html->failed);
	html_put(html, "", 1);
	assert_string_equal(html->bytes, expected);
	html_free(html);
}

static void
texts_are_escaped(void **state)
{
	static const struct {
		const char *text, *shown;
	} cases[] = {
		{ "", "" },
		{ "plain", "plain" },
		{ "a & b < c > d \" e ' f", "a &amp; b &lt; c &gt; d &quot; e &#39; f" },
		{ "&amp;", "&amp;amp;" },
		{ "</bdi><script>", "&lt;/bdi&gt;&lt;script&gt;" },
		{ "tab\tline\nend", "tab\tline\nend" },
		{ "a\rb\x01\x1f\x7f",
		    "a\xe2\x90\x8d"
		    "b\xe2\x90\x81\xe2\x90\x9f\xe2\x90\xa1" },
		{ "\xc2\x80\xc2\x9f\xc2\xa0", "\xef\xbf\xbd\xef\xbf\xbd\xc2\xa0" },
		{ "\xe2\x80\xa9\xe2\x80\xaa\xe2\x80\xae\xe2\x80\xaf",
		    "\xe2\x80\xa9\xef\xbf\xbd\xef\xbf\xbd\xe2\x80\xaf" },
		{ "\xe2\x81\xa5\xe2\x81\xa6\xe2\x81\xa9\xe2\x81\xaa",
		    "\xe2\x81\xa5\xef\xbf\xbd\xef\xbf\xbd\xe2\x81\xaa" },
		/* Persian and an emoji keep their joiners. */
		{ "\xd9\x85\xdb\x8c\xe2\x80\x8c\xd8\xb4", "\xd9\x85\xdb\x8c\xe2\x80\x8c\xd8\xb4" },
		{ "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb",
		    "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb" },
		/* No UTF-8: a byte each. */
		{ "a\xff\xc3", "a\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xed\xa0\x80<", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd&lt;" },
		{ "\xc0\xbc\xf8", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xe2\x82", "\xef\xbf\xbd\xef\xbf\xbd" },
	};
	struct html html = { .limit = HTML_LIMIT };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char user[256];

		html_text(&html, cases[i].text);
		written(&html, cases[i].shown);
		snprintf(user, sizeof(user), "<bdi dir=\"auto\">%s</bdi>", cases[i].shown);
		html_user(&html, cases[i].text);
		written(&html, user);
	}
	html_text_bytes(&html, "<\0>", 3);
	written(&html, "&lt;\xe2\x90\x80&gt;");
	html_user_bytes(&html, "\xe6\x8a\x95\xe7", 4); /* cut in a character */
	written(&html, "<bdi dir=\"auto\">\xe6\x8a\x95\xef\xbf\xbd</bdi>");
}

/* Of each byte, and of two: & < > " ' never stand there as they are. */
static void
no_bytes_make_markup(void **state)
{
	struct html html = { .limit = 0 };
	char text[3] = "";

	(void)state;
	for (unsigned pair = 1; pair <= 0xffff; pair++) {
		text[0] = (char)(pair & 0xff);
		text[1] = (char)(pair >> 8);
		html_text(&html, text);
		html_attribute(&html, "x", text);
		html_put(&html, "", 1);
		assert_null(strpbrk(html.bytes, "<>'"));
		for (const char *at = html.bytes; (at = strchr(at, '&')) != NULL; at++)
			assert_true(strchr("aglq#", at[1]) != NULL && strchr(at, ';') != NULL);
		assert_true(strchr(html.bytes, '"') == strstr(html.bytes, " x=\"") + 3);
		assert_true(strrchr(html.bytes, '"') == html.bytes + strlen(html.bytes) - 1);
		html.length = 0;
	}
	html_free(&html);
}

static void
attributes_keep_every_byte(void **state)
{
	struct html html = { .limit = HTML_LIMIT };

	(void)state;
	html_attribute(&html, "value", "a\t\r\n\x01 \xc3\xa9\xff\xe2\x80\xae&<>\"'=`");
	written(&html,
	    " value=\"a&#9;&#13;&#10;\x01 "
	    "\xc3\xa9\xef\xbf\xbd\xe2\x80\xae&amp;&lt;&gt;&quot;&#39;=`\"");
	html_attribute(&html, "value", "");
	written(&html, " value=\"\"");
	html_attribute_number(&html, "max", UINT64_MAX);
	written(&html, " max=\"18446744073709551615\"");
}

static void
numbers_and_shares(void **state)
{
	static const struct {
		uint64_t part, whole;
		const char *shown;
	} cases[] = { { 0, 0, " width=\"0.0%\"" }, { 0, 3, " width=\"0.0%\"" },
		{ 1, 3, " width=\"33.3%\"" }, { 2, 3, " width=\"66.7%\"" },
		{ 3, 3, " width=\"100.0%\"" }, { 68, 221, " width=\"30.8%\"" },
		{ UINT64_MAX, UINT64_MAX, " width=\"100.0%\"" },
		{ 1, UINT64_MAX, " width=\"0.0%\"" } };
	struct html html = { .limit = HTML_LIMIT };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		html_attribute_percent(&html, "width", cases[i].part, cases[i].whole);
		written(&html, cases[i].shown);
	}
	html_number(&html, 0);
	html_markup(&html, " ");
	html_number(&html, UINT64_MAX);
	written(&html, "0 18446744073709551615");
}

/* A page looks at each pair of these, of which each poses as the other. */
static const struct {
	const char *left, *right, *revealed; /* revealed: the right one; NULL: they are not alike */
} alike_cases[] = {
	{ "yes", "no", NULL },
	{ "yes", "yes", NULL },
	{ "bob", "Bob", NULL },
	{ "bob",
	    "bo\xe2\x80\x8b"
	    "b",
	    "bo<span class=\"tag\">U+200B</span>b" },
	{ "bob", "bob ", "bob<span class=\"tag\">U+0020</span>" },
	{ "bob", "bob\n", "bob<span class=\"tag\">U+000A</span>" },
	{ "a b", "a\tb", "a<span class=\"tag\">U+0009</span>b" },
	{ "a b",
	    "a\xc2\xa0"
	    "b",
	    "a<span class=\"tag\">U+00A0</span>b" },
	/* What a terminal shows as an escape takes no room on a page. */
	{ "bob", "bob\xe2\x80\x8e", "bob<span class=\"tag\">U+200E</span>" },
	{ "bob",
	    "b\xe2\x81\xa0"
	    "ob",
	    "b<span class=\"tag\">U+2060</span>ob" },
	{ "bob", "bob\xf3\xa0\x80\xa1", "bob<span class=\"tag\">U+E0021</span>" },
	{ "bob",
	    "\xef\xbb\xbf"
	    "bob",
	    "<span class=\"tag\">U+FEFF</span>bob" },
	/* What has a picture looks as the picture. */
	{ "\xe2\x90\x81", "\x01", "<span class=\"tag\">U+0001</span>" },
	{ "\xe2\x80\xaa", "\xe2\x80\xae", "<span class=\"tag\">U+202E</span>" },
	{ "\xef\xbf\xbd", "\xe2\x80\xae", "<span class=\"tag\">U+202E</span>" },
	{ "", "\xe2\x80\x8d", "<span class=\"tag\">U+200D</span>" },
	{ "", " ", "<span class=\"tag\">U+0020</span>" },
	{ "a&b",
	    "a&\xc2\xad"
	    "b",
	    "a&amp;<span class=\"tag\">U+00AD</span>b" },
	/* Persian, with a joiner and with a space. */
	{ "\xd9\x85\xdb\x8c\xe2\x80\x8c\xd8\xb4\xd8\xaf", "\xd9\x85\xdb\x8c \xd8\xb4\xd8\xaf",
	    NULL },
};

static void
texts_that_look_equal_are_told_apart(void **state)
{
	struct html html = { .limit = HTML_LIMIT };

	(void)state;
	for (size_t i = 0; i < sizeof(alike_cases) / sizeof(alike_cases[0]); i++) {
		const char *texts[] = { alike_cases[i].left, "other", alike_cases[i].right };
		bool alike[3];
		char user[256];

		assert_int_equal(html_alike(texts, 3, alike), 0);
		if (alike[0] != (alike_cases[i].revealed != NULL) || alike[1] ||
		    alike[2] != alike[0])
			fail_msg("case %zu", i);
		if (!alike[2])
			continue;
		snprintf(user, sizeof(user), "<bdi dir=\"auto\">%s</bdi>", alike_cases[i].revealed);
		html_user_revealed(&html, alike_cases[i].right);
		written(&html, user);
	}
	assert_int_equal(html_alike((const char *const[]){ "none" }, 0, &(bool){ false }), 0);
	html_user_revealed(&html, "a\xff<");
	written(&html, "<bdi dir=\"auto\">a\xef\xbf\xbd&lt;</bdi>");
}

static void
the_limit_is_told(void **state)
{
	struct html html = { .limit = 5 };

	(void)state;
	html_text(&html, "12345");
	assert_false(html.full);
	html_text(&html, "6");
	assert_true(html.full);
	html_text(&html, "7"); /* a row that was begun is ended */
	written(&html, "1234567");
	assert_false(html.full);
	assert_int_equal(html.limit, 5);
}

static void
pages_grow(void **state)
{
	struct html html = { .limit = 0 };
	static char text[100001];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	for (int i = 0; i < 100; i++)
		html_text(&html, text);
	assert_int_equal(html.length, 100 * (sizeof(text) - 1));
	for (size_t i = 0; i < html.length; i++)
		if (html.bytes[i] != 'x')
			fail();
	assert_false(html.full);
	html_free(&html);
}

/* Whichever allocation fails: nothing is written from there on, and it is known at the end. */
static void
missing_memory_is_known_at_the_end(void **state)
{
	const char *texts[] = { "bob", "bob " };
	static char text[70000];
	bool alike[2];

	(void)state;
	memset(text, '<', sizeof(text) - 1);
	fail_on = 1;
	for (size_t left = 0; left <= 5; left++) {
		struct html html = { .limit = HTML_LIMIT };
		size_t length;

		allocations = 0;
		fail_at = left + 1;
		html_user(&html, "short");
		html_text(&html, text);
		length = html.length;
		html_user_revealed(&html, " ");
		html_attribute(&html, "name", "value\"");
		html_number(&html, 1);
		fail_at = 0;
		/* The page grows five times. */
		assert_int_equal(html.failed, left < 5);
		assert_int_equal(html.length == length, left < 5);
		html_free(&html);
		assert_false(html.failed);

		allocations = 0;
		fail_at = left + 1;
		assert_int_equal(html_alike(texts, 2, alike), left < 4 ? -1 : 0);
		fail_at = 0;
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_escaped),
		cmocka_unit_test(no_bytes_make_markup),
		cmocka_unit_test(attributes_keep_every_byte),
		cmocka_unit_test(numbers_and_shares),
		cmocka_unit_test(texts_that_look_equal_are_told_apart),
		cmocka_unit_test(the_limit_is_told),
		cmocka_unit_test(pages_grow),
		cmocka_unit_test(missing_memory_is_known_at_the_end),
	};

	return RUN(tests);
}

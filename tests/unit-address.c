/* Addresses of the viewer: what each parameter takes, what pages keep of it, and what is printed. */
#include "base/base.h"
#include "base/fault.h"
#include "unit.h"
#include "view/address.h"
#include "view/view.h"

#define SIGNATURE "o7a0UMU5-UzVIJACbSZuv7xbco-RNK8R8pE6mbYg_bc"

/* Reads the query, which is right, and prints it; the same address must come back from that. */
static const char *
printed(const char *query)
{
	static struct address address, again;
	static char text[ADDRESS_SIZE], decoded[2][PARAMETERS_LENGTH_MAX + 1];
	char second[ADDRESS_SIZE];
	struct fault fault = { .detail = "" };
	size_t length;

	if (address_read(&address, query, decoded[0], &fault) != 0)
		fail_msg("%s: %s", query, fault.detail);
	length = address_print(&address, text);
	assert_int_equal(length, strlen(text));
	assert_true(strlen(text) < ADDRESS_SIZE);
	assert_int_equal(address_read(&again, text + 1, decoded[1], &fault), 0);
	address_print(&again, second);
	assert_string_equal(second, text);
	return text;
}

/* Reads a query that is wrong: 400 names that parameter and value. */
static const struct address *
refused(const char *query, const char *wrong, const char *value, const char *detail)
{
	static struct address address;
	static char decoded[PARAMETERS_LENGTH_MAX + 1];
	struct fault fault = { .detail = "" };

	if (address_read(&address, query, decoded, &fault) == 0)
		fail_msg("%s is taken", query);
	if (wrong == NULL)
		assert_null(address.wrong);
	else
		assert_string_equal(address.wrong, wrong);
	if (value == NULL)
		assert_null(address.wrong_value);
	else
		assert_string_equal(address.wrong_value, value);
	if (strstr(fault.detail, detail) == NULL)
		fail_msg("%s: %s, not %s", query, fault.detail, detail);
	return &address;
}

static const struct address *
taken(const char *query)
{
	static struct address address;
	static char decoded[PARAMETERS_LENGTH_MAX + 1];
	struct fault fault = { .detail = "" };

	if (address_read(&address, query, decoded, &fault) != 0)
		fail_msg("%s: %s", query, fault.detail);
	assert_null(address.wrong);
	return &address;
}

static void
each_page_has_its_query(void **state)
{
	static const struct {
		const char *query;
		enum page page;
	} pages[] = {
		{ "", PAGE_GROUPS },
		{ "q=x&o=200", PAGE_GROUPS },
		{ "g=a&o=50&all=1", PAGE_GROUP },
		{ "g=a&m=0&v=1&q=x&a=0123456789abcdef&part=log&o=300&r=30", PAGE_MESSAGE },
		{ "g=a&m=1&f=excel&v=7", PAGE_MESSAGE },
		{ "g=a&m=1&p=share&t=T&d=7&w=1", PAGE_SHARE },
		{ "g=a&m=1&e=5&s=x", PAGE_SHARED },
		{ "s=", PAGE_SHARED },
		{ "e=", PAGE_SHARED },
		{ "p=events&o=1764688294360.2&r=60", PAGE_EVENTS },
		{ "p=check", PAGE_CHECK },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		assert_int_equal(taken(pages[i].query)->page, pages[i].page);
	assert_int_equal(taken(NULL)->page, PAGE_GROUPS);
	assert_int_equal(taken("p=events&o=1764688294360.2")->before, INT64_C(1764688294360));
	assert_int_equal(taken("p=events&o=1764688294360.2")->before_line, 2);
	assert_int_equal(taken("g=a&m=1&lang=zh-CN")->language, LANGUAGE_ZH_CN);
	assert_int_equal(taken("g=a&m=1&lang=xx")->language, LANGUAGE_NONE);
	/* What is said of a wrong one is for the same reader. */
	assert_int_equal(refused("g=a&m=x&lang=ja", "m", "x", "m: must be")->language, LANGUAGE_JA);
	assert_string_equal(taken("g=%20a%2Fb%2B+&m=1")->group, " a/b+ ");
	assert_int_equal(taken("g=a&m=9007199254740992")->message, INTEGER_MAX);
}

static const struct {
	const char *query, *wrong, *value, *detail;
} values_out_of_range[] = {
	{ "g=", "g", "", "g: must have 1 to 256 bytes" },
	{ "g=a&m=", "m", "", "m: must be a number from 0" },
	{ "g=a&m=01", "m", "01", "m: must be" },
	{ "g=a&m=%2B1", "m", "+1", "m: must be" },
	{ "g=a&m=-1", "m", "-1", "m: must be" },
	{ "g=a&m=9007199254740993", "m", "9007199254740993", "m: must be" },
	{ "g=a&m=1&v=0", "v", "0", "v: must be a number from 1" },
	{ "g=a&m=1&a=0123456789abcde", "a", "0123456789abcde", "a: must be 16" },
	{ "g=a&m=1&a=0123456789abcdeF", "a", "0123456789abcdeF", "a: must be 16" },
	{ "g=a&m=1&a=0123456789abcdef0", "a", "0123456789abcdef0", "a: must be 16" },
	{ "g=a&m=1&part=all", "part", "all", "part: must be tally" },
	{ "g=a&m=1&part=", "part", "", "part: must be" },
	{ "g=a&m=1&f=xml", "f", "xml", "f: must be excel" },
	{ "g=a&m=1&f=", "f", "", "f: must be" },
	{ "g=a&all=0", "all", "0", "all: must be 1" },
	{ "g=a&m=1&r=31", "r", "31", "r: must be 30" },
	{ "g=a&m=1&r=", "r", "", "r: must be" },
	{ "g=a&m=1&p=share&d=2", "d", "2", "d: must be 1, 7 or 30" },
	{ "g=a&m=1&p=share&w=2", "w", "2", "w: must be 1" },
	{ "g=a&m=1&p=share&t=a%07", "t", "a\a", "t: must have" },
	{ "p=in", "p", "in", "p: must be share" },
	{ "p=../x", "p", "../x", "p: must be" },
	{ "o=1000001", "o", "1000001", "o: must be a number" },
	{ "o=-1", "o", "-1", "o: must be" },
	{ "o=50", "o", "50", "o: must be a multiple of 100" },
	{ "g=a&o=25", "o", "25", "o: must be a multiple of 50" },
	{ "g=a&m=1&part=log&o=30", "o", "30", "o: must be a multiple of 20" },
	{ "o=5.1", "o", "5.1", "o: must be a number" },
	{ "p=events&o=100", "o", "100", "o: must be a time" },
	{ "p=events&o=0.1", "o", "0.1", "o: must be" },
	{ "p=events&o=5.", "o", "5.", "o: must be" },
	{ "p=events&o=5.1000001", "o", "5.1000001", "o: must be" },
	/* Each is looked at, whichever page it is. */
	{ "p=check&m=x", "m", "x", "m: must be" },
	{ "q=a&d=x", "d", "x", "d: must be" },
	/* What says nothing without another one. */
	{ "m=5", "g", NULL, "g: is missing" },
	{ "p=share", "g", NULL, "g: is missing" },
	{ "g=a&p=share", "m", NULL, "m: is missing" },
	{ "g=a&f=csv", "m", NULL, "m: is missing" },
	{ "g=a&v=5", "m", NULL, "m: is missing" },
	{ "part=log", "m", NULL, "m: is missing" },
	/* Twice, or not to be decoded. */
	{ "g=a&g=a", "g", NULL, "g: is there twice" },
	{ "lang=en&%6cang=ja", "lang", NULL, "lang: is there twice" },
	{ "g=%4", "g", NULL, "g: '%' without two" },
	{ "part=%00", "part", NULL, "part: holds a NUL" },
	{ "q=%ff", "q", NULL, "q: is not UTF-8" },
};

static void
each_value_is_in_its_range(void **state)
{
	char query[PARAMETERS_LENGTH_MAX + 8], value[GROUP_ID_MAX + 8];

	(void)state;
	for (size_t i = 0; i < sizeof(values_out_of_range) / sizeof(values_out_of_range[0]); i++)
		refused(values_out_of_range[i].query, values_out_of_range[i].wrong,
		    values_out_of_range[i].value, values_out_of_range[i].detail);
	memset(value, 'x', sizeof(value));
	snprintf(query, sizeof(query), "g=%.*s", GROUP_ID_MAX, value);
	assert_int_equal(strlen(taken(query)->group), GROUP_ID_MAX);
	snprintf(query, sizeof(query), "g=%.*s", GROUP_ID_MAX + 1, value);
	refused(query, "g", query + 2, "g: must have 1 to 256 bytes");
	snprintf(query, sizeof(query), "q=%.100s", value);
	assert_int_equal(strlen(taken(query)->search), ADDRESS_SEARCH_MAX);
	snprintf(query, sizeof(query), "q=%.101s", value);
	refused(query, "q", query + 2, "q: must have at most 100 bytes");
	snprintf(query, sizeof(query), "g=a&m=1&p=share&t=%.101s", value);
	refused(query, "t", query + 18, "t: must have at most 100 bytes");
	memset(query, 'x', sizeof(query));
	query[PARAMETERS_LENGTH_MAX + 1] = '\0';
	refused(query, NULL, NULL, "query: is longer than 8192 bytes");
}

/* Programs add parameters of their own to links. */
static void
unknown_parameters_are_skipped(void **state)
{
	static const char added[] =
	    "&from=singlemessage&isappinstalled=0&utm_source=%ff&utm=%zz&G=b&M=2"
	    "&from=again&=&&nothing&password=x&to=y";
	char query[256];

	(void)state;
	snprintf(query, sizeof(query), "g=a&m=1%s", added);
	assert_string_equal(printed(query), "?g=a&m=1");
	snprintf(query, sizeof(query), "g=a&m=1&s=%s&e=5%s", SIGNATURE, added);
	assert_string_equal(printed(query), "?g=a&m=1&s=" SIGNATURE "&e=5");
	/* Some escape what is then escaped again. */
	assert_string_equal(printed("g=a&amp;m=1&amp;s=" SIGNATURE "&amp;e=5"),
	    "?g=a&m=1&s=" SIGNATURE "&e=5");
	refused("g=a&amp;g=a", "g", NULL, "g: is there twice");
	/* Nor does a link know what other pages take. */
	snprintf(query, sizeof(query),
	    "g=a&m=1&s=%s&e=5&q=1&q=2&p=x&a=%%zz&v=%%ff&part=x&o=%%00&d=0", SIGNATURE);
	assert_string_equal(printed(query), "?g=a&m=1&s=" SIGNATURE "&e=5");
}

static void
addresses_are_printed_in_one_spelling(void **state)
{
	static const char *const cases[][2] = {
		{ "", "?" },
		{ "q=", "?" },
		{ "o=0", "?" },
		{ "o=200&q=a+b%26", "?q=a%20b%26&o=200" },
		{ "all=1&g=%41&o=50", "?g=A&o=50&all=1" },
		{ "m=7&g=@TGS%232J4", "?g=%40TGS%232J4&m=7" },
		{ "g=a&m=0&q=x&v=3&part=pairs&o=300&r=300",
		    "?g=a&m=0&v=3&q=x&part=pairs&o=300&r=300" },
		{ "lang=ko&g=a&m=1&f=json", "?g=a&m=1&f=json&lang=ko" },
		{ "g=a&m=1&p=share&t=%E6%8A%95&d=30&w=1", "?g=a&m=1&p=share&t=%E6%8A%95&d=30&w=1" },
		{ "p=events&o=5.0&r=30", "?p=events&o=5.0&r=30" },
		/* What a page does not take is forgotten. */
		{ "p=check&g=a&m=1&q=x&r=30", "?p=check" },
		{ "p=events&g=a&m=1&q=x&all=1&lang=ja", "?p=events&lang=ja" },
		{ "g=a&q=x&r=30&t=T&d=1&w=1", "?g=a" },
		{ "g=a&m=1&all=1&t=T&d=1&w=1", "?g=a&m=1" },
		{ "g=a&m=1&p=share&f=csv&v=3&q=x&part=log&r=30&o=300", "?g=a&m=1&p=share" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(printed(cases[i][0]), cases[i][1]);
}

/* A signature opens what it signs. */
static void
a_signed_link_asks_for_nothing_else(void **state)
{
	static const char right[] = "g=a&m=1&t=T&w=1&s=" SIGNATURE "&e=1764688293";
	const struct address *address;
	char query[400];

	(void)state;
	snprintf(query, sizeof(query),
	    "%s&v=5&q=x&a=zz&part=log&o=20&all=1&p=check&d=9&r=30&f=csv&lang=ja", right);
	address = taken(query);
	assert_int_equal(address->page, PAGE_SHARED);
	assert_int_equal(address->version, 0);
	assert_null(address->search);
	assert_null(address->answer);
	assert_int_equal(address->part, PART_ALL);
	assert_int_equal(address->skip, 0);
	assert_false(address->all);
	assert_int_equal(address->refresh, 30);
	assert_int_equal(address->download, DOWNLOAD_CSV);
	assert_int_equal(address->language, LANGUAGE_JA);
	assert_string_equal(address->group, "a");
	assert_string_equal(address->link.signature, SIGNATURE);
	assert_string_equal(printed(query),
	    "?g=a&m=1&f=csv&r=30&t=T&w=1&lang=ja&s=" SIGNATURE "&e=1764688293");
	refused("g=a&m=1&e=5&s=x&r=1", "r", "1", "r: must be");
	refused("g=a&m=1&e=5&s=x&s=y", "s", NULL, "s: is there twice");
	/* What cannot be ours is not repeated. */
	assert_string_equal(printed("g=a&m=1&e=5&s=short"), "?");
	assert_string_equal(printed("g=a&m=1&e=05&s=" SIGNATURE), "?");
	assert_string_equal(printed("g=a&m=1&s=" SIGNATURE), "?");
	assert_string_equal(printed("g=a&m=x&e=5&lang=en&s=" SIGNATURE), "?lang=en");
	assert_string_equal(taken("g=a&m=x&e=5&s=" SIGNATURE)->link.msg_seq, "x");
}

/* The longest of each, of bytes that need three. */
static void
the_longest_address_fits(void **state)
{
	char query[PARAMETERS_LENGTH_MAX], text[ADDRESS_SIZE];
	struct address address;
	struct fault fault;
	static char decoded[PARAMETERS_LENGTH_MAX + 1];
	size_t used = 0;

	(void)state;
	used += (size_t)sprintf(query,
	    "m=9007199254740992&e=9007199254740992&w=1&r=300&f=excel"
	    "&lang=zh-CN&s=" SIGNATURE "&g=");
	for (size_t i = 0; i < GROUP_ID_MAX; i++)
		used += (size_t)sprintf(query + used, "%%25");
	used += (size_t)sprintf(query + used, "&t=");
	for (size_t i = 0; i < LINK_TITLE_MAX; i++)
		used += (size_t)sprintf(query + used, "%%25");
	assert_int_equal(address_read(&address, query, decoded, &fault), 0);
	assert_int_equal(address_print(&address, text), used + 1);
	/* Nothing sets all members, and all of them would fit. */
	address.version = address.skip = INTEGER_MAX;
	address.search = address.title;
	address.answer = "0123456789abcdef";
	address.part = PART_TALLY;
	address.all = true;
	address.days = 30;
	assert_true(address_print(&address, text) < ADDRESS_SIZE);
	address.before = INT64_MAX;
	address.before_line = ADDRESS_SKIP_MAX;
	assert_true(address_print(&address, text) < ADDRESS_SIZE);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_page_has_its_query),
		cmocka_unit_test(each_value_is_in_its_range),
		cmocka_unit_test(unknown_parameters_are_skipped),
		cmocka_unit_test(addresses_are_printed_in_one_spelling),
		cmocka_unit_test(a_signed_link_asks_for_nothing_else),
		cmocka_unit_test(the_longest_address_fits),
	};

	return RUN(tests);
}

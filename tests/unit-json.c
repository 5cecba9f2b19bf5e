/* The gate before cJSON: what it takes, what it refuses, what it copies. */
#include "base/base.h"
#include "base/fault.h"
#include "base/text.h"
#include "json.h"
#include "unit.h"

static void
takes(const char *bytes, size_t length, const char *text, const char *view)
{
	struct json_copy copy;
	struct fault fault = { 0 };

	assert_int_equal(json_check(bytes, length, JSON_DEPTH_MAX, &copy, &fault), 0);
	assert_string_equal(copy.text, text);
	assert_string_equal(copy.view, view);
	assert_int_equal(copy.text_length, strlen(text));
	assert_int_equal(copy.view_length, strlen(view));
	json_copy_free(&copy);
	assert_int_equal(json_check(bytes, length, JSON_DEPTH_MAX, NULL, &fault), 0);
}

static void
valid_text_is_kept(void **state)
{
	static const char *const same[] = { "null", "true", "false", "0", "10", "\"\"", "{}", "[]",
		"[1,2]", "{\"a\":{\"b\":[{}]}}", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\"",
		"\"\\ud83d\\ude00\"", "\"\x7f\xc2\x80\xf4\x8f\xbf\xbf\"", "9007199254740992" };

	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		takes(same[i], strlen(same[i]), same[i], same[i]);
}

static void
white_space_goes(void **state)
{
	static const char spaced[] = " { \"a b\" : [ 1 , \" x \" ] ,\r\n\t\"c\":null } ";

	(void)state;
	takes(spaced, sizeof(spaced) - 1, "{\"a b\":[1,\" x \"],\"c\":null}",
	    "{\"a b\":[1,\" x \"],\"c\":null}");
}

static void
view_marks_what_cjson_cannot_carry(void **state)
{
	static const struct {
		const char *text, *view;
	} cases[] = {
		{ "1.5", "-1" },
		{ "-0", "-1" },
		{ "1e2", "-1" },
		{ "9007199254740993", "-1" },
		{ "123456789012345678901234567890123456789012345678901234567890123456789", "-1" },
		{ "\"a\\u0000b\"",
		    "\"a\xff"
		    "0000b\"" },
		{ "\"\\uD800x\"",
		    "\"\xff"
		    "d800x\"" },
		{ "\"\\udc00\\ud800\"",
		    "\"\xff"
		    "dc00\xff"
		    "d800\"" },
		{ "\"\\ud800\\u0041\"",
		    "\"\xff"
		    "d800\\u0041\"" },
		{ "{\"\\u0041\":1}", "{\"\xfe\\u0041\":1}" },
		{ "{\"\\n\":{\"\\t\":2}}", "{\"\xfe\\n\":{\"\xfe\\t\":2}}" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		takes(cases[i].text, strlen(cases[i].text), cases[i].text, cases[i].view);
}

static void
view_fits_its_block(void **state)
{
	char text[4096];
	size_t length = 0;
	struct json_copy copy;
	struct fault fault;

	(void)state;
	/* The densest growth: one-escape names and nothing else. */
	text[length++] = '{';
	while (length < 4000)
		length += (size_t)sprintf(text + length, "%s\"\\n\":0", length > 1 ? "," : "");
	text[length++] = '}';
	assert_int_equal(json_check(text, length, JSON_DEPTH_MAX, &copy, &fault), 0);
	assert_int_equal(copy.text_length, length);
	assert_true(copy.view_length > length);
	json_copy_free(&copy);
}

static void
refuses(const char *bytes, size_t length, enum fault_code code)
{
	struct json_copy copy;
	struct fault fault = { 0 };

	assert_int_equal(json_check(bytes, length, JSON_DEPTH_MAX, &copy, &fault), -1);
	assert_int_equal(fault.code, code);
	assert_null(copy.text);
	assert_int_equal(json_check(bytes, length, JSON_DEPTH_MAX, NULL, &fault), -1);
}

static void
invalid_text_is_refused(void **state)
{
	static const char *const bad[] = { "", " ", "nul", "nulll", "tru", "True", "00", "01", "-",
		"-01", "1.", ".5", "1.e1", "1e", "1e+", "+1", "0x1", "NaN", "Infinity", "1 2", "[",
		"]", "[1", "[1,", "[,1]", "[1,]", "[1 2]", "{", "{\"a\"", "{\"a\":", "{\"a\":1",
		"{\"a\":1,}", "{,}", "{a:1}", "{\"a\" 1}", "{1:2}", "'a'", "\"", "\"\\\"",
		"\"\\x\"", "\"\\u\"", "\"\\u00\"", "\"\\u00g0\"", "\"\t\"", "\"\n\"", "\"\x1f\"",
		"// x\n1", "/**/1", "1#", "\v1", "\f1", "[}", "{]" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		refuses(bad[i], strlen(bad[i]), FAULT_JSON_MALFORMED);
	refuses("1\0", 2, FAULT_JSON_MALFORMED);
	refuses("\"a\0b\"", 5, FAULT_JSON_MALFORMED);
	refuses("\"\\\0\"", 4, FAULT_JSON_MALFORMED);
	refuses("\xef\xbb\xbf{}", 5, FAULT_JSON_MALFORMED);
}

static void
invalid_utf8_is_refused(void **state)
{
	static const char *const bad[] = { "\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2",
		"\xc2\x41", "\xc2\xc0", "\xe0\x9f\xbf", "\xe1\x80", "\xe1\x80\x41", "\xed\xa0\x80",
		"\xed\xbf\xbf", "\xf0\x8f\xbf\xbf", "\xf1\x80\x80", "\xf1\x80\x80\xc0",
		"\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xfe", "\xff" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char text[16];
		int length = snprintf(text, sizeof(text), "\"%s\"", bad[i]);

		refuses(text, (size_t)length, FAULT_JSON_ENCODING);
		assert_false(text_is_plain(bad[i], strlen(bad[i])));
	}
	/* Cut off by the end of the input, not by another byte. */
	refuses("\"\xf1\x80\x80", 4, FAULT_JSON_ENCODING);
}

static void
depth_is_limited(void **state)
{
	char text[2 * JSON_DEPTH_MAX + 3];
	struct fault fault;

	(void)state;
	memset(text, '[', JSON_DEPTH_MAX + 1);
	memset(text + JSON_DEPTH_MAX + 1, ']', JSON_DEPTH_MAX + 1);
	refuses(text, 2 * JSON_DEPTH_MAX + 2, FAULT_JSON_DEPTH);
	assert_int_equal(json_check(text + 1, 2 * JSON_DEPTH_MAX, JSON_DEPTH_MAX, NULL, &fault), 0);
}

static void
integers_are_plain(void **state)
{
	static const char *const bad[] = { "", "00", "01", "-1", "+1", " 1", "1 ", "1.0", "1e1",
		"a", "9007199254740993", "9999999999999999", "10000000000000000" };
	uint64_t value;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(integer_parse(bad[i], strlen(bad[i]), &value));
	assert_true(integer_parse("0", 1, &value));
	assert_int_equal(value, 0);
	assert_true(integer_parse("9007199254740992", 16, &value));
	assert_true(value == INTEGER_MAX);
}

static void
text_without_controls_is_plain(void **state)
{
	(void)state;
	assert_true(text_is_plain("", 0));
	assert_true(text_is_plain("a b\xc2\xa0\xe6\x8a\x95", 8));
	assert_false(text_is_plain("\x1f", 1));
	assert_false(text_is_plain("\x7f", 1));
	assert_false(text_is_plain("\xc2\x9f", 2));
	assert_false(text_is_plain("a\0b", 3));
}

static void
quoting_escapes(void **state)
{
	char quoted[64];
	size_t length = json_quote(quoted, "a\"\\\n\x1f\xc3\xa9", 7);

	(void)state;
	quoted[length] = '\0';
	assert_string_equal(quoted, "\"a\\\"\\\\\\u000a\\u001f\xc3\xa9\"");
}

static void
faults_are_printable(void **state)
{
	struct fault fault;
	char longer[1000];

	(void)state;
	fault_set(&fault, FAULT_METHOD, "a%sb", "\x1b[31m\n\xff");
	assert_string_equal(fault.detail, "a\\x1b[31m\\x0a\\xffb");
	memset(longer, '\n', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	fault_set(&fault, FAULT_METHOD, "%s", longer);
	assert_true(strlen(fault.detail) < FAULT_DETAIL_SIZE);
	for (int code = 0; code < FAULT_COUNT; code++)
		assert_non_null(fault_slug((enum fault_code)code));
}

/* wanted NULL: the white space stands within a token. */
static void
compact_verify(const char *text, const char *wanted)
{
	char *copy = malloc(strlen(text) + 1); /* the room that is promised */
	size_t length;

	assert_non_null(copy);
	length = json_compact(copy, text, strlen(text));
	copy[length] = '\0';
	assert_string_equal(copy, wanted == NULL ? "" : wanted);
	free(copy);
}

static void
only_white_space_goes(void **state)
{
	(void)state;
	compact_verify("{\"a\":1}", "{\"a\":1}");
	compact_verify(" \t\r\n{ \"a b\" :\n1 , \"c\": [ ] , \"d\" : \" \\\" \" }\r\n ",
	    "{\"a b\":1,\"c\":[],\"d\":\" \\\" \"}");
	compact_verify("{\"more than eight bytes\\\\\" : \"\\\\\\\"  more than eight \" }",
	    "{\"more than eight bytes\\\\\":\"\\\\\\\"  more than eight \"}");
	compact_verify("\"does not end \\\"  ", "\"does not end \\\"  ");
	compact_verify("\" \\", "\" \\");
	compact_verify("[1 ,2, true ]", "[1,2,true]");
	compact_verify("[1 2]", NULL);
	compact_verify("[tr ue]", NULL);
	compact_verify("[- 1]", NULL);
	compact_verify("[1 .5]", NULL);
	compact_verify("[1\n\t0]", NULL);
	compact_verify("{\"a\":1\v}", "{\"a\":1\v}"); /* is none */
	compact_verify(" ", "");
	compact_verify("", "");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(valid_text_is_kept),
		cmocka_unit_test(white_space_goes),
		cmocka_unit_test(only_white_space_goes),
		cmocka_unit_test(view_marks_what_cjson_cannot_carry),
		cmocka_unit_test(view_fits_its_block),
		cmocka_unit_test(invalid_text_is_refused),
		cmocka_unit_test(invalid_utf8_is_refused),
		cmocka_unit_test(depth_is_limited),
		cmocka_unit_test(integers_are_plain),
		cmocka_unit_test(text_without_controls_is_plain),
		cmocka_unit_test(quoting_escapes),
		cmocka_unit_test(faults_are_printable),
	};

	return RUN(tests);
}

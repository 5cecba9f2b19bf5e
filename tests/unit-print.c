/* What a terminal must never see, and widths. */
#include "base/base.h"
#include "base/alike.h"
#include "ctl/print.h"
#include "unit.h"

static void
harmful_text_is_escaped(void **state)
{
	static const struct {
		const char *text, *shown, *ascii;
	} cases[] = {
		{ "plain", "plain", "plain" },
		{ "", "", "" },
		{ "a\x1b[31mb", "a\\u001B[31mb", "a\\u001B[31mb" },
		{ "tab\tline\nback\\", "tab\\tline\\nback\\\\", "tab\\tline\\nback\\\\" },
		{ "\x7f\xc2\x9b", "\\u007F\\u009B", "\\u007F\\u009B" },
		{ "\xe2\x80\xae\xe2\x81\xa6", "\\u202E\\u2066", "\\u202E\\u2066" },
		{ "\xe2\x80\xa8\xef\xbb\xbf", "\\u2028\\uFEFF", "\\u2028\\uFEFF" },
		{ "\xf3\xa0\x80\xa1", "\\U000E0021", "\\U000E0021" },
		{ "\xc3\xa9\xe6\x8a\x95", "\xc3\xa9\xe6\x8a\x95", "\\u00E9\\u6295" },
		{ "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80", "\\U0001F600" },
		{ "\xff\xc3", "\\xFF\\xC3", "\\xFF\\xC3" },
		{ "\xed\xa0\x80", "\\xED\\xA0\\x80", "\\xED\\xA0\\x80" },
	};
	struct printer printer;

	(void)state;
	printer_open(&printer, PRINT_TABLE, false);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (int ascii = 0; ascii < 2; ascii++) {
			char *shown;

			printer.terminal = true;
			printer.utf8 = ascii == 0;
			shown = text_show(&printer, cases[i].text, strlen(cases[i].text));
			assert_string_equal(shown, ascii == 0 ? cases[i].shown : cases[i].ascii);
			free(shown);
		}
}

static void
widths_are_those_of_a_terminal(void **state)
{
	struct printer printer;

	(void)state;
	printer_open(&printer, PRINT_TABLE, false);
	assert_int_equal(text_width(""), 0);
	assert_int_equal(text_width("abc"), 3);
	assert_int_equal(text_width("\xc3\xa9"), 1);
	assert_int_equal(text_width("e\xcc\x81"), 1);                /* a combining accent */
	assert_int_equal(text_width("\xe6\x8a\x95\xe7\xa5\xa8"), 4); /* two wide ones */
	assert_int_equal(text_fit("\xe6\x8a\x95\xe7\xa5\xa8", 3), 3);
	assert_int_equal(text_fit("abc", 2), 2);
	assert_int_equal(text_fit("abc", 9), 3);
}

static const struct {
	const char *left, *right, *left_shown, *right_shown; /* NULL: not alike */
} alike_cases[] = {
	{ "yes", "no", NULL, NULL },
	{ "yes", "yes", NULL, NULL }, /* they are */
	{ "bob",
	    "bo\xe2\x80\x8b"
	    "b",
	    "bob", "bo\\u200Bb" },
	{ "bo\xc2\xad"
	  "b",
	    "bo\xe2\x80\x8b"
	    "b",
	    "bo\\u00ADb", "bo\\u200Bb" },
	{ "bob", "bob\xef\xb8\x8f", "bob", "bob\\uFE0F" },
	{ "bob", "bob\xf3\xa0\x84\x80", "bob", "bob\\U000E0100" },
	{ "bob", "bob\xe3\x85\xa4", "bob", "bob\\u3164" },
	{ "bob", "b\xe1\x85\xa0ob", "bob", "b\\u1160ob" },
	{ "bob", "b\xef\xbe\xa0ob", "bob", "b\\uFFA0ob" },
	{ "bob", "b\xe2\xa0\x80ob", "bob", "b\\u2800ob" },
	{ "a b",
	    "a\xc2\xa0"
	    "b",
	    "a b", "a\\u00A0b" },
	{ "a b",
	    "a\xe2\xa0\x80"
	    "b",
	    "a b", "a\\u2800b" },
	{ "a  b",
	    "a\xe3\x80\x80"
	    "b",
	    "a  b", "a\\u3000b" },
	{ "", "\xe2\x80\x8d", "", "\\u200D" },
	{ "bob", "bob  ", "bob", "bob\\u0020\\u0020" },
	{ "bob", " bob", NULL, NULL },
	{ "ab", "a b", NULL, NULL },
	/* Persian: joined without a joiner, with a space; an emoji's joiner and selector. */
	{ "\xd9\x85\xdb\x8c\xe2\x80\x8c\xd8\xb4\xd8\xaf", "\xd9\x85\xdb\x8c \xd8\xb4\xd8\xaf", NULL,
	    NULL },
	{ "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb", "\xe2\x9d\xa4\xef\xb8\x8f", NULL, NULL },
};

static void
texts_that_look_alike_are_found(void **state)
{
	struct printer printer;

	(void)state;
	printer_open(&printer, PRINT_TABLE, false);
	for (size_t i = 0; i < sizeof(alike_cases) / sizeof(alike_cases[0]); i++) {
		const char *texts[] = { alike_cases[i].left, "other", alike_cases[i].right };
		const char *shown[] = { alike_cases[i].left_shown, NULL,
			alike_cases[i].right_shown };
		bool alike[3];

		assert_int_equal(texts_alike(texts, texts, 3, alike), 0);
		for (size_t j = 0; j < 3; j++) {
			char *revealed;

			assert_int_equal(alike[j], shown[j] != NULL);
			if (shown[j] == NULL)
				continue;
			revealed = text_reveal(texts[j]);
			assert_string_equal(revealed, shown[j]);
			free(revealed);
		}
	}
}

/* Prints into a file instead of standard output, and gives what came. */
static char *
captured(void (*print)(struct printer *printer), enum print_format format, bool terminal)
{
	char path[192];
	struct printer printer;
	size_t length;
	int saved;

	printer_open(&printer, format, false);
	printer.terminal = terminal;
	printer.utf8 = true;
	fflush(stdout);
	saved = dup(STDOUT_FILENO);
	snprintf(path, sizeof(path), "%s/out", scratch);
	assert_non_null(freopen(path, "w", stdout));
	print(&printer);
	assert_int_equal(printer_close(&printer), 0);
	assert_true(dup2(saved, STDOUT_FILENO) >= 0);
	close(saved);
	return file_load("out", &length);
}

static void
rows(struct printer *printer)
{
	static const struct column layout[] = { { .name = "Key" }, { .name = "Seq", .right = true },
		{ .name = "Value" } };

	table_open(printer, layout, 3);
	table_text(printer, "a,b");
	table_number(printer, 1);
	table_text(printer, "say \"hi\"");
	table_text(printer, "\xe6\x8a\x95");
	table_number(printer, 1000);
	table_text(printer, "line\nbreak");
	table_close(printer);
}

static void
tables_are_aligned(void **state)
{
	char *got = captured(rows, PRINT_TABLE, false);

	(void)state;
	assert_string_equal(got,
	    "Key   Seq  Value\n"
	    "a,b     1  say \"hi\"\n"
	    "\xe6\x8a\x95   1000  line\\nbreak\n");
	free(got);
}

static void
csv_is_rfc_4180(void **state)
{
	char *got = captured(rows, PRINT_CSV, false);

	(void)state;
	assert_string_equal(got,
	    "Key,Seq,Value\r\n"
	    "\"a,b\",1,\"say \"\"hi\"\"\"\r\n"
	    "\xe6\x8a\x95,1000,\"line\nbreak\"\r\n");
	free(got);
}

static void
risky_rows(struct printer *printer)
{
	static const struct column layout[] = { { .name = "Key" },
		{ .name = "Seq", .right = true } };
	static const char *const texts[] = { "yes", "=1+1", "+1", "-1", "@SUM", "\t=1", "\r1",
		"  =1", "\xc2\xa0=1",
		("\xef\xbc\x9d"
		 "1"),
		"\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\xa0", "12345678901", "123456789012",
		"1234567890.12", "0", "0.5", "007", " 007", "1E5", "10-12", "12:30", "3.5", "2nd",
		"say \"hi\"", "", "'", "2025-12-02T15:11:34.395Z", "a=b" };

	printer->spreadsheet = true;
	table_open(printer, layout, 2);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		table_text(printer, texts[i]);
		table_number(printer, i == 0 ? INTEGER_MAX : i);
	}
	table_close(printer);
}

static void
a_spreadsheet_gets_text(void **state)
{
	static const char expected[] =
	    "\xef\xbb\xbf\"Key\",\"Seq\"\r\n\"yes\",\"'9007199254740992\"\r\n\"'=1+1\",\"1\"\r\n"
	    "\"'+1\",\"2\"\r\n\"'-1\",\"3\"\r\n\"'@SUM\",\"4\"\r\n\"'\t=1\",\"5\"\r\n\"'\r1\","
	    "\"6\"\r\n"
	    "\"'  =1\",\"7\"\r\n\"'\xc2\xa0=1\",\"8\"\r\n\"'\xef\xbc\x9d"
	    "1\",\"9\"\r\n"
	    "\"'\xef\xbc\x8b\",\"10\"\r\n\"'\xef\xbc\x8d\",\"11\"\r\n\"'\xef\xbc\xa0\",\"12\"\r\n"
	    "\"12345678901\",\"13\"\r\n\"'123456789012\",\"14\"\r\n\"'1234567890.12\",\"15\"\r\n"
	    "\"0\",\"16\"\r\n\"0.5\",\"17\"\r\n\"'007\",\"18\"\r\n\"' 007\",\"19\"\r\n"
	    "\"'1E5\",\"20\"\r\n\"'10-12\",\"21\"\r\n\"'12:30\",\"22\"\r\n\"3.5\",\"23\"\r\n"
	    "\"2nd\",\"24\"\r\n\"say \"\"hi\"\"\",\"25\"\r\n\"\",\"26\"\r\n\"'\",\"27\"\r\n"
	    "\"2025-12-02T15:11:34.395Z\",\"28\"\r\n\"a=b\",\"29\"\r\n";
	char *got = captured(risky_rows, PRINT_CSV, false);

	(void)state;
	assert_string_equal(got, expected);
	free(got);
}

static void
alike_rows(struct printer *printer)
{
	static const struct column layout[] = { { .name = "Key" }, { .name = "Value" } };

	table_open(printer, layout, 2);
	table_text(printer, "bob\xe2\x80\x8b");
	table_text(printer, "\xe2\x9d\xa4\xef\xb8\x8f");
	for (uint64_t i = 0; i < 1500; i++) {
		table_number(printer, i);
		table_text(printer, "x");
	}
	table_text(printer, "bob");
	table_text(printer, "y ");
	table_close(printer);
}

static void
rows_differ_on_a_terminal(void **state)
{
	char *got = captured(alike_rows, PRINT_TABLE, true);

	(void)state;
	assert_non_null(strstr(got, "\nbob\\u200B  \xe2\x9d\xa4\xef\xb8\x8f\n"));
	assert_non_null(strstr(got, "\nbob        y \n"));
	free(got);
	got = captured(alike_rows, PRINT_TABLE, false);
	assert_non_null(strstr(got, "\nbob\xe2\x80\x8b  \xe2\x9d\xa4\xef\xb8\x8f\n"));
	free(got);
}

/* More than is held: the first rows are gone when the last ones come. */
static void
endless_rows(struct printer *printer)
{
	static const struct column layout[] = { { .name = "Key" }, { .name = "Value" } };
	char *value = malloc((1 << 20) + 1);

	assert_non_null(value);
	memset(value, 'v', 1 << 20);
	value[1 << 20] = '\0';
	table_open(printer, layout, 2);
	for (int i = 0; i < 20; i++) {
		table_text(printer, i % 2 == 0 ? "bob\xe2\x80\x8b" : "other");
		table_text(printer, value);
	}
	table_text(printer, "other\xe2\x80\x8b");
	table_text(printer, "w");
	table_close(printer);
	free(value);
}

static void
what_is_not_held_shows_all(void **state)
{
	char *got = captured(endless_rows, PRINT_TABLE, true);

	(void)state;
	assert_null(strstr(got, "\xe2\x80\x8b"));
	assert_non_null(strstr(got, "bob\\u200B"));
	assert_non_null(strstr(got, "other\\u200B"));
	free(got);
}

static void
wide_rows(struct printer *printer)
{
	static const struct column layout[] = { { .name = "Key" }, { .name = "Value" },
		{ .name = "Seq", .right = true } };
	char *value = malloc(200001);

	assert_non_null(value);
	memset(value, 'v', 200000);
	value[200000] = '\0';
	table_open(printer, layout, 3);
	for (uint64_t i = 0; i < 1000; i++) {
		table_text(printer, "key");
		table_text(printer, i == 7 ? value : "value");
		table_number(printer, i);
	}
	table_close(printer);
	free(value);
}

static void
a_long_value_pads_no_table(void **state)
{
	char *got = captured(wide_rows, PRINT_TABLE, false);

	(void)state;
	assert_memory_equal(got, "Key  Value  Seq\nkey  value    0\n", 32);
	assert_true(strlen(got) < 200000 + 1001 * 20);
	free(got);
}

static void
many_rows(struct printer *printer)
{
	static const struct column layout[] = { { .name = "A", .right = true }, { .name = "B" } };

	table_open(printer, layout, 2);
	for (uint64_t i = 0; i < 2500; i++) {
		table_number(printer, i * i);
		table_text(printer, "x");
	}
	table_close(printer);
}

static void
long_tables_flow(void **state)
{
	char *got = captured(many_rows, PRINT_TABLE, false), *at = got;

	(void)state;
	assert_memory_equal(got, "     A  B\n", 10);
	for (uint64_t i = 0; i < 2500; i++) {
		unsigned long long number;
		int used;

		at = strchr(at, '\n') + 1;
		assert_int_equal(sscanf(at, "%llu  x%n", &number, &used), 1);
		assert_int_equal(number, i * i);
	}
	free(got);
}

static void
object(struct printer *printer)
{
	print_open(printer, NULL, '{');
	print_open(printer, "a", '[');
	print_number(printer, NULL, 1);
	print_text(printer, NULL, "q\"\n\xe2\x80\xae\xf3\xa0\x80\xa1\xc2\x9b\xc3\xa9");
	print_close(printer, ']');
	print_value(printer, "b", "[]");
	print_close(printer, '}');
}

static void
json_is_verbatim_but_on_a_terminal(void **state)
{
	char *got = captured(object, PRINT_JSON, false);

	(void)state;
	assert_string_equal(got,
	    "{\"a\":[1,\"q\\\"\\u000a\xe2\x80\xae\xf3\xa0\x80\xa1\xc2\x9b\xc3\xa9\"],"
	    "\"b\":[]}\n");
	free(got);
	got = captured(object, PRINT_JSON, true);
	assert_string_equal(got,
	    "{\"a\":[1,\"q\\\"\\u000a\\u202e\\udb40\\udc21\\u009b\xc3\xa9\"],"
	    "\"b\":[]}\n");
	free(got);
}

static void
members(struct printer *printer)
{
	static const struct column layout[] = { { .name = "Key" },
		{ .name = "Count", .table_only = true }, { .name = "Time" },
		{ .name = "Missing" } };

	table_open(printer, layout, 4);
	for (int i = 0; i < 2; i++) {
		table_text(printer, "a\"b");
		table_number(printer, 7);
		table_time(printer, i - 1);
		table_value(printer, "[1]");
	}
	table_close(printer);
}

static void
nested_members(struct printer *printer)
{
	print_open(printer, NULL, '[');
	members(printer);
	print_close(printer, ']');
}

#define ROWS_JOINED(between)                                                                       \
	"{\"Key\":\"a\\\"b\",\"Time\":null,\"Missing\":[1]}" between                               \
	"{\"Key\":\"a\\\"b\",\"Time\":\"1970-01-01T00:00:00.000Z\",\"Missing\":[1]}"

static void
rows_are_objects(void **state)
{
	char *got = captured(members, PRINT_JSON, false);

	(void)state;
	assert_string_equal(got, ROWS_JOINED("\n") "\n");
	free(got);
	got = captured(nested_members, PRINT_JSON, false);
	assert_string_equal(got, "[" ROWS_JOINED(",") "]\n");
	free(got);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(harmful_text_is_escaped),
		cmocka_unit_test(widths_are_those_of_a_terminal),
		cmocka_unit_test(texts_that_look_alike_are_found),
		cmocka_unit_test(rows_differ_on_a_terminal),
		cmocka_unit_test(what_is_not_held_shows_all),
		cmocka_unit_test(a_long_value_pads_no_table),
		cmocka_unit_test(a_spreadsheet_gets_text),
		cmocka_unit_test(tables_are_aligned),
		cmocka_unit_test(csv_is_rfc_4180),
		cmocka_unit_test(long_tables_flow),
		cmocka_unit_test(json_is_verbatim_but_on_a_terminal),
		cmocka_unit_test(rows_are_objects),
	};

	return RUN(tests);
}

/* What a terminal must never see, and widths. */
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
	printer_open(&printer, PRINT_TABLE);
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
	printer_open(&printer, PRINT_TABLE);
	assert_int_equal(text_width(""), 0);
	assert_int_equal(text_width("abc"), 3);
	assert_int_equal(text_width("\xc3\xa9"), 1);
	assert_int_equal(text_width("e\xcc\x81"), 1);                /* a combining accent */
	assert_int_equal(text_width("\xe6\x8a\x95\xe7\xa5\xa8"), 4); /* two wide ones */
	assert_int_equal(text_fit("\xe6\x8a\x95\xe7\xa5\xa8", 3), 3);
	assert_int_equal(text_fit("abc", 2), 2);
	assert_int_equal(text_fit("abc", 9), 3);
}

/* Prints into a file instead of standard output, and gives what came. */
static char *
captured(void (*print)(struct printer *printer), enum print_format format, bool terminal)
{
	char path[192];
	struct printer printer;
	size_t length;
	int saved;

	printer_open(&printer, format);
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
	static const struct column layout[] = { { "Key", false }, { "Seq", true },
		{ "Value", false } };

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
many_rows(struct printer *printer)
{
	static const struct column layout[] = { { "A", true }, { "B", false } };

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
	print_time(printer, "b", 1);
	print_time(printer, "c", -1);
	print_close(printer, '}');
	print_line(printer);
}

static void
json_is_verbatim_but_on_a_terminal(void **state)
{
	char *got = captured(object, PRINT_JSON, false);

	(void)state;
	assert_string_equal(got,
	    "{\"a\":[1,\"q\\\"\\u000a\xe2\x80\xae\xf3\xa0\x80\xa1\xc2\x9b\xc3\xa9\"],"
	    "\"b\":\"1970-01-01T00:00:00.001Z\",\"c\":null}\n");
	free(got);
	got = captured(object, PRINT_JSON, true);
	assert_string_equal(got,
	    "{\"a\":[1,\"q\\\"\\u000a\\u202e\\udb40\\udc21\\u009b\xc3\xa9\"],"
	    "\"b\":\"1970-01-01T00:00:00.001Z\",\"c\":null}\n");
	free(got);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(harmful_text_is_escaped),
		cmocka_unit_test(widths_are_those_of_a_terminal),
		cmocka_unit_test(tables_are_aligned),
		cmocka_unit_test(csv_is_rfc_4180),
		cmocka_unit_test(long_tables_flow),
		cmocka_unit_test(json_is_verbatim_but_on_a_terminal),
	};

	return RUN(tests);
}

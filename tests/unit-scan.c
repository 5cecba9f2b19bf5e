/* Reading a log: lines whatever their size, searches, files that change meanwhile. */
#include "base/fault.h"
#include "log/scan.h"
#include "names.h"
#include "unit.h"

#define BUFFER (256 << 10)
#define LINE_MAX_BYTES (10 << 20)

static void
append(const char *bytes, size_t length)
{
	char path[192];
	FILE *file;

	snprintf(path, sizeof(path), "%s/test.jsonl", scratch);
	file = fopen(path, "a");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, length, file), length);
	assert_int_equal(fclose(file), 0);
}

static void
open_log(struct scan *scan)
{
	struct fault fault;

	assert_int_equal(scan_open(scan, scratch, "test.jsonl", &fault), 1);
}

static void
lines_of_all_sizes(void **state)
{
	static const size_t sizes[] = { 0, 1, 5, BUFFER - 2, BUFFER - 1, BUFFER, BUFFER + 1,
		3 * BUFFER, 0, LINE_MAX_BYTES - 2, 7, LINE_MAX_BYTES + 5, 7, 3 * LINE_MAX_BYTES, 0,
		2 };
	const size_t count = sizeof(sizes) / sizeof(sizes[0]);
	char *bytes = malloc(3 * LINE_MAX_BYTES + 1);
	struct scan scan;
	struct line line;
	struct fault fault;
	off_t offset = 0;

	(void)state;
	file_write("test.jsonl", "", 0);
	for (size_t i = 0; i < count; i++) {
		memset(bytes, 'a' + (int)i, sizes[i]);
		bytes[sizes[i]] = '\n';
		append(bytes, sizes[i] + 1);
	}
	append("unfinished", 10);
	open_log(&scan);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(scan_next(&scan, &line, &fault), 1);
		assert_int_equal(line.number, i + 1);
		assert_int_equal(line.offset, offset);
		assert_int_equal(line.overlong, sizes[i] > LINE_MAX_BYTES);
		if (!line.overlong) {
			assert_int_equal(line.length, sizes[i]);
			for (size_t j = 0; j < sizes[i]; j++)
				if (line.bytes[j] != 'a' + (char)i)
					fail_msg("line %zu, byte %zu", i, j);
		}
		offset += (off_t)sizes[i] + 1;
		assert_int_equal(scan_offset(&scan), offset);
	}
	assert_int_equal(scan_next(&scan, &line, &fault), 0);
	assert_int_equal(scan_unfinished(&scan), 10);
	assert_int_equal(scan_offset(&scan), offset);
	scan_close(&scan);
	free(bytes);
}

/* However a log is cut into parts, they have its lines, each once, but for what is unfinished. */
static void
parts_have_all_lines(void **state)
{
	static const size_t sizes[] = { 0, 1, 30, 4095, 4096, 4097, 9000, BUFFER, BUFFER + 5, 2, 0,
		0, 7 };
	enum { COUNT = 40, PARTS = 7 };
	size_t total = 0, lengths[COUNT];
	char *bytes = malloc(BUFFER + 6);
	struct fault fault;

	(void)state;
	file_write("test.jsonl", "", 0);
	for (size_t i = 0; i < COUNT; i++) {
		lengths[i] = sizes[i * 7 % (sizeof(sizes) / sizeof(sizes[0]))];
		memset(bytes, 'a' + (int)(i % 26), lengths[i]);
		bytes[lengths[i]] = '\n';
		append(bytes, lengths[i] + 1);
		total += lengths[i] + 1;
	}
	append("unfinished", 10);
	free(bytes);
	for (size_t step = 1; step <= total; step += 1 + total / 300) {
		struct scan whole;
		off_t begin = 0, expected = 0;
		size_t number = 0;

		open_log(&whole);
		for (off_t end = -1; end != 0; begin = end) {
			struct scan part;
			struct line line;

			end = scan_line_begin(&whole, begin + (off_t)step, &fault);
			assert_true(end == 0 || end >= begin + (off_t)step);
			assert_int_equal(scan_part(&whole, begin, end, &part, &fault), 0);
			while (scan_next(&part, &line, &fault) == 1) {
				assert_int_equal(line.offset, expected);
				assert_int_equal(line.length, lengths[number++]);
				expected += (off_t)line.length + 1;
			}
			assert_true(end == 0 || expected == end);
			scan_close(&part);
		}
		assert_int_equal(number, COUNT);
		/* The first part may be read by the scan itself. */
		whole.limit = scan_line_begin(&whole, (off_t)(total / 2), &fault);
		assert_true(whole.limit > 0);
		for (struct line line; scan_next(&whole, &line, &fault) == 1;)
			assert_true(line.offset < whole.limit);
		assert_int_equal(scan_offset(&whole), whole.limit);
		scan_close(&whole);
	}
}

static void
a_growing_file_goes_on(void **state)
{
	struct scan scan;
	struct line line;
	struct fault fault;

	(void)state;
	file_write("test.jsonl", "one\ntw", 6);
	open_log(&scan);
	assert_int_equal(scan_next(&scan, &line, &fault), 1);
	assert_int_equal(scan_next(&scan, &line, &fault), 0);
	append("o\n", 2);
	assert_int_equal(scan_next(&scan, &line, &fault), 1);
	assert_int_equal(line.length, 3);
	assert_memory_equal(line.bytes, "two", 3);
	assert_int_equal(scan_next(&scan, &line, &fault), 0);
	/* An unfinished end that was cut off and replaced. */
	append("torn", 4);
	assert_int_equal(scan_next(&scan, &line, &fault), 0);
	file_write("test.jsonl", "one\ntwo\nthree\n", 14);
	scan_seek(&scan, scan_offset(&scan), scan.number);
	assert_int_equal(scan_next(&scan, &line, &fault), 1);
	assert_memory_equal(line.bytes, "three", 5);
	assert_int_equal(line.number, 3);
	scan_close(&scan);
}

/* All line numbers that scan_find gives must be those that hold the needle. */
static void
searches_find_numbers_whole(void **state)
{
	static const char text[] = "\"M\":1\n"
				   "\"M\":10,\n"
				   "\"M\":100}\n"
				   "x\"M\":10,\"M\":1\n"
				   "\n"
				   "\"M\":11 \"M\":1x\n"
				   "\"M\":1";
	struct scan scan;
	struct line line;
	struct fault fault;
	off_t found[8];
	size_t count = 0;

	(void)state;
	file_write("test.jsonl", text, sizeof(text) - 1);
	open_log(&scan);
	while (scan_find(&scan, "\"M\":1", &line, &fault) == 1)
		found[count++] = line.offset;
	assert_int_equal(count, 3);
	assert_int_equal(found[0], 0);
	assert_int_equal(found[1], 23);
	assert_int_equal(found[2], 38);
	assert_int_equal(scan_unfinished(&scan), 5);
	scan_close(&scan);
}

/* Hits on either side of every buffer's end. */
static void
searches_cross_buffers(void **state)
{
	enum { COUNT = 40000 };
	struct scan scan;
	struct line line;
	struct fault fault;
	size_t found = 0;
	off_t offset = 0;
	char path[192], text[64];
	FILE *file;

	(void)state;
	snprintf(path, sizeof(path), "%s/test.jsonl", scratch);
	file = fopen(path, "w");
	assert_non_null(file);
	for (int i = 0; i < COUNT; i++)
		fprintf(file, "%*s\"M\":%d\n", i % 53, "", i % 7);
	assert_int_equal(fclose(file), 0);
	open_log(&scan);
	for (int i = 0; i < COUNT; i++) {
		int length = snprintf(text, sizeof(text), "%*s\"M\":%d", i % 53, "", i % 7);

		if (i % 7 == 3) {
			assert_int_equal(scan_find(&scan, "\"M\":3", &line, &fault), 1);
			assert_int_equal(line.offset, offset);
			assert_int_equal(line.length, length);
			assert_memory_equal(line.bytes, text, (size_t)(size_t)length);
			found++;
		}
		offset += length + 1;
	}
	assert_int_equal(found, COUNT / 7);
	assert_int_equal(scan_find(&scan, "\"M\":3", &line, &fault), 0);
	scan_close(&scan);
}

/* Many hits with a long line behind them in the buffer: in quadratic time the alarm would end it. */
static void
searches_pass_long_lines_once(void **state)
{
	enum { HITS = 700000, LONG = 5 << 20 };
	char *bytes = malloc(2 * LONG);
	struct scan scan;
	struct line line;
	struct fault fault;

	(void)state;
	assert_non_null(bytes);
	memset(bytes, 'x', 2 * LONG);
	file_write("test.jsonl", "", 0);
	append(bytes, 2 * LONG - 10); /* so that the buffer is as large as it ever gets */
	append("\n", 1);
	for (int i = 0; i < HITS; i++)
		memcpy(bytes + (size_t)6 * (size_t)i, "\"M\":3\n", 6);
	append(bytes, (size_t)6 * HITS);
	memset(bytes, 'x', LONG);
	append(bytes, LONG); /* not whole yet */
	alarm(60);
	open_log(&scan);
	for (int i = 0; i < HITS; i++)
		assert_int_equal(scan_find(&scan, "\"M\":3", &line, &fault), 1);
	assert_int_equal(scan_find(&scan, "\"M\":3", &line, &fault), 0);
	alarm(0);
	scan_close(&scan);
	free(bytes);
}

/* What a processor without wide vectors does. */
static void
searches_of_any_processor(void **state)
{
	scan_plain = true;
	searches_find_numbers_whole(state);
	searches_cross_buffers(state);
	scan_plain = false;
}

static void
names_of_logs(void **state)
{
	static const char *const logs[] = { "a.jsonl", "%40TGS%232J4.jsonl", "a-b_C~09.jsonl" };
	static const char *const others[] = { ".jsonl", "a.torn", "a.new", "a.jsonl.gz",
		"a.20260101T000000000Z.jsonl.gz", "a.b.jsonl", "a.jsonl.1", "a b.jsonl", ".a.jsonl",
		"a\x1b.jsonl", "jsonl", "" };
	struct scan_names names;
	struct fault fault;
	struct scan scan;
	char directory[128];

	(void)state;
	for (size_t i = 0; i < sizeof(logs) / sizeof(logs[0]); i++)
		assert_true(scan_name_is_log(logs[i]));
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_false(scan_name_is_log(others[i]));
	file_write("b.jsonl", "", 0);
	file_write("a.jsonl", "x", 1);
	file_write("a.torn", "x", 1);
	remove(file_write("test.jsonl", "", 0));
	assert_int_equal(scan_list(scratch, &names, &fault), 0);
	assert_int_equal(names.count, 2);
	assert_string_equal(names.names[0], "a.jsonl");
	assert_string_equal(names.names[1], "b.jsonl");
	scan_names_free(&names);
	assert_int_equal(scan_size(scratch, "a.jsonl"), 1);
	assert_int_equal(scan_size(scratch, "c.jsonl"), 0);
	assert_int_equal(scan_open(&scan, scratch, "c.jsonl", &fault), 0);
	snprintf(directory, sizeof(directory), "%s/none", scratch);
	assert_int_equal(scan_list(directory, &names, &fault), -1);
	assert_int_equal(fault.code, FAULT_DATA_DIR);
}

static void
p7_links_are_not_followed(void **state)
{
	struct scan scan;
	struct fault fault;
	char path[192];

	(void)state;
	file_write("secret", "x\n", 2);
	snprintf(path, sizeof(path), "%s/link.jsonl", scratch);
	assert_int_equal(symlink("secret", path), 0);
	assert_int_equal(scan_open(&scan, scratch, "link.jsonl", &fault), -1);
	assert_int_equal(scan_open(&scan, scratch, ".", &fault), -1);
	assert_int_equal(fault.code, FAULT_LOG_UNSAFE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_of_all_sizes),
		cmocka_unit_test(parts_have_all_lines),
		cmocka_unit_test(a_growing_file_goes_on),
		cmocka_unit_test(searches_find_numbers_whole),
		cmocka_unit_test(searches_cross_buffers),
		cmocka_unit_test(searches_pass_long_lines_once),
		cmocka_unit_test(searches_of_any_processor),
		cmocka_unit_test(names_of_logs),
		cmocka_unit_test(p7_links_are_not_followed),
	};

	return RUN(tests);
}

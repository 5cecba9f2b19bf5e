/* The pages of many messages: what is told of a log's end, of all groups, and of the last events. */
#include <sys/time.h>

#include "failing.h"
#include "histories.h"
#include "names.h"
#include "view/overview.h"
#include "view/recent.h"
#include "view/window.h"

#define HISTORIES 200
#define MESSAGES 12
#define DISTANCE 2 /* places by which lines may overtake each other */

static struct records records;
static uint64_t told, not_told;

static void
row_check(const struct message_row *row, struct state *whole)
{
	const struct message *message = state_message(whole, row->message);
	struct event_pair *pairs;
	struct tally_row *tally;
	size_t count = 0, rows = 0;

	assert_non_null(message);
	assert_int_equal(row->time, message->time);
	if (row->lost != UINT64_MAX)
		assert_int_equal(row->lost, message_missing(message));
	told += row->answers != UINT64_MAX;
	not_told += row->answers == UINT64_MAX;
	if (row->answers == UINT64_MAX) {
		assert_int_equal(row->top_count + row->tally_count, 0);
		return;
	}
	assert_int_equal(row->answers, message_pair_count(message));
	pairs = message_pairs(message, &count);
	tally = tally_make(pairs, count, NULL, &rows);
	assert_int_equal(row->tally_count, rows);
	assert_int_equal(row->top_count, rows < WINDOW_TOP ? rows : WINDOW_TOP);
	for (size_t i = 0; i < row->top_count; i++) {
		assert_int_equal(row->top[i].count, tally[i].count);
		assert_int_equal(row->top[i].length, tally[i].length);
		assert_memory_equal(row->top[i].text, tally[i].text, tally[i].length);
	}
	free(tally);
	free(pairs);
}

static struct state *
records_fold_all(void)
{
	struct state *state = state_new();

	assert_non_null(state);
	for (size_t i = 0; i < records.count; i++)
		assert_int_equal(state_fold(state, &records.record[i]), 0);
	assert_int_equal(state_flush(state), 0);
	return state;
}

/* Reads the log with a window of that size, all pages of it, and checks what they tell. */
static void
window_check(off_t size, bool all, struct state *whole)
{
	struct window_query query = { .data_dir = scratch,
		.group = GROUP,
		.all = all,
		.rows = 5,
		.size = size };
	int64_t time = INT64_MAX;
	struct fault fault = { 0 };
	struct window window;
	uint64_t rows = 0;

	do {
		query.skip = rows;
		assert_int_equal(window_read(&window, &query, &fault), 1);
		assert_int_equal(window.size, (off_t)records.length);
		assert_int_equal(window.whole, all || size == 0 || (off_t)records.length <= size);
		for (size_t i = 0; i < window.count; i++) {
			row_check(&window.rows[i], whole);
			assert_true(window.rows[i].time <= time);
			time = window.rows[i].time;
			if (window.whole)
				assert_true(window.rows[i].answers != UINT64_MAX &&
				    window.rows[i].lost != UINT64_MAX);
		}
		rows += window.count;
		assert_true(rows == window.total || window.count == query.rows);
		window_free(&window);
	} while (rows > query.skip);
}

/* Messages that live one after the other, as polls do, and some that live long. */
static void
group_make(void)
{
	struct truth truth[MESSAGES] = { 0 };
	struct lines lines = { .count = 0 };
	size_t steps = 20 + pick(300), cut;
	bool loses = pick(3) > 0;

	for (size_t i = 0; i < steps; i++) {
		size_t at = i * MESSAGES / steps,
		       which = pick(5) == 0 ? pick((unsigned)at + 1) : at;

		if (truth[which].latest > 0 && pick(25) == 0)
			import_add(&lines, &truth[which], 10 + which, true);
		else
			event_add(&lines, &truth[which], 10 + which, true);
		if (loses && pick(20) == 0)
			free(lines.text[--lines.count]);
		else if (pick(12) == 0)
			line_add(&lines, lines.text[lines.count - 1]);
	}
	lines_shuffle(&lines, pick(2) == 0 ? 0 : DISTANCE);
	cut = lines.count / 2;
	lines_write(&lines, 0, cut);
	if (cut > 0 && pick(3) == 0)
		log_compact();
	lines_write(&lines, cut, lines.count);
	lines_free(&lines);
}

static void
test_a_window_tells_what_the_whole_log_says(void **state)
{
	(void)state;
	dice_throw();
	for (int i = 0; i < HISTORIES; i++) {
		struct state *whole;

		group_make();
		records_read(&records);
		whole = records_fold_all();
		for (int j = 0; j < 4; j++)
			window_check(4000 + (off_t)pick(20000), false, whole);
		window_check(100, true, whole);
		window_check(0, false, whole);
		state_free(whole);
		records_free(&records);
	}
	printf("# told %llu, not told %llu\n", (unsigned long long)told,
	    (unsigned long long)not_told);
	assert_true(told > not_told / 4);
	assert_true(not_told > 100);
}

/* Lines of an archive that somebody put back at the log's end. */
static void
test_lines_put_back_are_not_trusted(void **state)
{
	struct window_query query = { .data_dir = scratch,
		.group = GROUP,
		.rows = 5,
		.size = 20000 };
	struct truth truth = { .latest = 0 };
	struct lines lines = { .count = 0 };
	struct fault fault = { 0 };
	struct window window;
	char *bytes, *half;
	size_t length = 0;
	FILE *file;

	(void)state;
	for (int i = 0; i < 600; i++)
		event_add(&lines, &truth, 10, true);
	lines_write(&lines, 0, lines.count);
	lines_free(&lines);
	bytes = file_load(LOG_NAME, &length);
	assert_non_null(bytes);
	assert_true(length > 60000);
	half = strchr(bytes + length / 2, '\n') + 1;
	file = fopen(file_path(LOG_NAME), "w");
	assert_non_null(file);
	fputs(half, file);
	fwrite(bytes, 1, (size_t)(half - bytes), file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(window_read(&window, &query, &fault), 1);
	assert_int_equal(window.count, 1);
	assert_true(window.rows[0].answers == UINT64_MAX);
	window_free(&window);
	query.size = (off_t)length / 2 + 15000; /* all that was put back, and more */
	assert_int_equal(window_read(&window, &query, &fault), 1);
	assert_true(window.rows[0].answers == UINT64_MAX);
	window_free(&window);
	free(bytes);
}

/* The answers that are told of a message by a window that begins at that byte of the log. */
static uint64_t
answers_told(uint64_t message, size_t begin)
{
	struct window_query query = { .data_dir = scratch, .group = GROUP, .rows = 50 };
	struct fault fault = { 0 };
	struct window window;
	uint64_t answers = 12345; /* it is not listed */
	size_t length = 0;

	free(file_load(LOG_NAME, &length));
	query.size = (off_t)(length - begin);
	assert_int_equal(window_read(&window, &query, &fault), 1);
	assert_false(window.whole);
	for (size_t i = 0; i < window.count; i++)
		if (window.rows[i].message == message)
			answers = window.rows[i].answers;
	window_free(&window);
	return answers;
}

static void
change_add(struct lines *lines, unsigned message, unsigned type, unsigned seq)
{
	char text[512];

	snprintf(text, sizeof(text),
	    "\"SdkAppid\":1,\"CallbackCommand\":\"Group.CallbackAfterGroupMsgExtension\","
	    "\"GroupId\":\"" GROUP "\",\"MsgSeq\":%u,\"OperateType\":%u,\"ExtensionList\":["
	    "{\"Key\":\"k%u\",\"Value\":\"v\",\"Seq\":%u}],\"Seq\":%u,\"EventTime\":1}\n",
	    message, type, seq, seq, seq);
	line_add(lines, text);
}

/* What a window must not take for the whole, though it has versions without a hole; and what it may. */
static void
test_the_edges_of_a_window(void **state)
{
	struct lines lines = { .count = 0 };
	size_t begin = 0;

	(void)state;
	change_add(&lines, 5, 1, 1);
	change_add(&lines, 1, 1, 1);
	change_add(&lines, 2, 1, 2); /* overtakes the line below */
	lines_write(&lines, 0, 3);
	free(file_load(LOG_NAME, &begin));
	change_add(&lines, 2, 1, 1);
	for (unsigned i = 0; i < 40; i++)
		change_add(&lines, 1, 1, i + 2);
	for (unsigned i = 0; i < 4; i++)
		change_add(&lines, 3, 1, i + 1);
	change_add(&lines, 4, 1, 8);
	change_add(&lines, 4, 3, 9);
	change_add(&lines, 4, 1, 10);
	change_add(&lines, 6, 3, 9);
	change_add(&lines, 6, 1, 11);
	line_add(&lines,
	    "\"Snapshot\":\"compact\",\"GroupId\":\"" GROUP "\",\"MsgSeq\":5,\"LatestSeq\":1,"
	    "\"ClearSeq\":0,\"WholeSeq\":0,\"FirstSeq\":1,\"Replaces\":9,\"ExtensionList\":[]}\n");
	lines_write(&lines, 3, lines.count);
	lines_free(&lines);
	assert_true(answers_told(1, begin) == UINT64_MAX);
	assert_true(answers_told(2, begin) == UINT64_MAX);
	assert_int_equal(answers_told(3, begin), 4);
	assert_int_equal(answers_told(4, begin), 1);
	assert_true(answers_told(5, begin) == UINT64_MAX);
	assert_true(answers_told(6, begin) == UINT64_MAX);
}

/* Writes a group's log of so many events, the last one at a time, and gives the file that time or another. */
static void
group_write(const char *group, unsigned events, int64_t time, int64_t changed)
{
	struct timeval times[2] = { { .tv_sec = changed / 1000,
	    .tv_usec = changed % 1000 * 1000 } };
	char name[STORE_NAME_SIZE], text[64];
	FILE *file;

	store_name(group, name);
	file = fopen(file_path(name), "w");
	assert_non_null(file);
	for (unsigned i = 1; i <= events; i++) {
		text[record_put_time(text, time - events + i)] = '\0';
		fprintf(file,
		    "{%s\"SdkAppid\":1,\"CallbackCommand\":\"Group."
		    "CallbackAfterGroupMsgExtension\","
		    "\"GroupId\":\"%s\",\"MsgSeq\":7,\"OperateType\":1,\"ExtensionList\":[{\"Key\":"
		    "\"k%u\",\"Value\":\"v\",\"Seq\":%u}],\"Seq\":%u,\"EventTime\":1}\n",
		    text, group, i, 2 * i, 2 * i);
	}
	fclose(file);
	times[1] = times[0];
	assert_int_equal(utimes(file_path(name), times), 0);
}

static void
logs_remove(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -f '%s'/*", scratch);
	assert_int_equal(system(command), 0);
}

#define LONG_GROUP                                                                                 \
	"(((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((("

static void
test_groups(void **state)
{
	struct overview_query query = { .data_dir = scratch, .rows = 3 };
	struct overview overview;
	struct fault fault = { 0 };

	(void)state;
	logs_remove();
	group_write("a/b c%d", 3, TIME_FIRST, TIME_FIRST);
	group_write("old", 1, TIME_FIRST - 9000, TIME_FIRST + 5000); /* copied since */
	group_write(LONG_GROUP, 2, TIME_FIRST + 1000, TIME_FIRST + 1000);
	group_write("Zoo", 100, TIME_FIRST - 5000, TIME_FIRST - 5000);
	file_write("empty.jsonl", "", 0);
	file_write("other.torn", "x", 1);
	file_write("%2z.jsonl", "x\n", 2);
	assert_int_equal(overview_read(&overview, &query, &fault), 0);
	assert_int_equal(overview.total, 4);
	assert_int_equal(overview.count, 3);
	assert_string_equal(overview.rows[0].group, LONG_GROUP);
	assert_int_equal(overview.rows[0].events, 2);
	assert_int_equal(overview.rows[0].lost, 1);
	assert_string_equal(overview.rows[1].group, "a/b c%d");
	assert_int_equal(overview.rows[1].time, TIME_FIRST);
	assert_string_equal(overview.rows[2].group, "old");
	assert_int_equal(overview.rows[2].time, TIME_FIRST - 9000);
	assert_int_equal(overview.rows[2].lost, 0);
	overview_free(&overview);
	query.skip = 3;
	query.budget = 4000; /* not enough for what is left */
	assert_int_equal(overview_read(&overview, &query, &fault), 0);
	assert_int_equal(overview.count, 1);
	assert_string_equal(overview.rows[0].group, "Zoo");
	assert_true(overview.rows[0].events == UINT64_MAX && overview.rows[0].lost == UINT64_MAX);
	assert_int_equal(overview.rows[0].time, TIME_FIRST - 5000);
	overview_free(&overview);
	/* One byte too few for both: the newer log is read. */
	query = (struct overview_query){ .data_dir = scratch, .rows = 2 };
	assert_int_equal(overview_read(&overview, &query, &fault), 0);
	query.budget = overview.rows[0].size + overview.rows[1].size - 1;
	overview_free(&overview);
	assert_int_equal(overview_read(&overview, &query, &fault), 0);
	assert_int_equal(overview.count, 2);
	assert_true(
	    (overview.rows[0].events == UINT64_MAX) != (overview.rows[1].events == UINT64_MAX));
	overview_free(&overview);
	query = (struct overview_query){ .data_dir = scratch, .rows = 9, .search = "O" };
	assert_int_equal(overview_read(&overview, &query, &fault), 0);
	assert_int_equal(overview.total, 2);
	overview_free(&overview);
	query.search = "((";
	assert_int_equal(overview_read(&overview, &query, &fault), 0);
	assert_int_equal(overview.total, 1);
	assert_int_equal(overview.count, 1);
	overview_free(&overview);
}

static void
test_last_events(void **state)
{
	struct recent_query query = { .data_dir = scratch, .rows = 30 };
	struct fault fault = { 0 };
	struct recent recent;
	size_t seen = 0;
	int64_t time = INT64_MAX;

	(void)state;
	logs_remove();
	group_write("one", 50, TIME_FIRST, TIME_FIRST);
	group_write("two", 50, TIME_FIRST - 20, TIME_FIRST); /* 30 of the same milliseconds */
	group_write("three", 1000, TIME_FIRST - 5000, TIME_FIRST);
	for (;;) {
		assert_int_equal(recent_read(&recent, &query, &fault), 0);
		for (size_t i = 0; i < recent.count; i++) {
			const struct recent_row *row = &recent.rows[i];

			assert_true(row->time <= time);
			assert_int_equal(row->number, row->time == time ? 2 : 1);
			assert_int_equal(row->kind, CHANGE_SET);
			assert_int_equal(row->pairs, 1);
			assert_string_equal(row->value, "v");
			time = row->time;
			query.before = time;
			query.before_line = row->number;
			if (seen + i == 0)
				assert_string_equal(row->key, "k50");
		}
		seen += recent.count;
		assert_int_equal(recent.unreadable, 0);
		if (!recent.more)
			break;
		assert_int_equal(recent.count, query.rows);
		recent_free(&recent);
	}
	recent_free(&recent);
	/* All of the short logs, and of the long one what its last 64 kB hold. */
	assert_true(seen > 100 + 250 && seen < 100 + 420);
}

/* An event that is longer than a log's end that is read. */
static void
test_a_large_event_is_among_the_last(void **state)
{
	struct recent_query query = { .data_dir = scratch, .rows = 30 };
	size_t size = 200000;
	char *line = malloc(size + 1000), *value = malloc(size + 1);
	struct fault fault = { 0 };
	struct recent recent;

	(void)state;
	assert_non_null(line);
	assert_non_null(value);
	memset(value, 'v', size);
	value[size] = '\0';
	logs_remove();
	sprintf(line,
	    "{\"time\":\"2025-12-02T15:11:34.395Z\",\"SdkAppid\":1,\"CallbackCommand\":\"Group."
	    "CallbackAfterGroupMsgExtension\",\"GroupId\":\"large\",\"MsgSeq\":7,\"OperateType\":1,"
	    "\"ExtensionList\":[{\"Key\":\"k\",\"Value\":\"%s\",\"Seq\":1}],\"Seq\":1,"
	    "\"EventTime\":1}\n",
	    value);
	file_write("large.jsonl", line, strlen(line));
	assert_int_equal(recent_read(&recent, &query, &fault), 0);
	assert_int_equal(recent.count, 1);
	assert_string_equal(recent.rows[0].group, "large");
	assert_int_equal(strlen(recent.rows[0].value), size);
	recent_free(&recent);
	free(line);
	free(value);
}

/* What a page reads, for the trial of failing allocations: 0, or the fault. */
static int
pages_read(struct fault *fault)
{
	const struct window_query window_query = { .data_dir = scratch,
		.group = "one",
		.rows = 5,
		.size = 5000 };
	const struct overview_query overview_query = { .data_dir = scratch,
		.rows = 9,
		.search = "(" };
	const struct recent_query recent_query = { .data_dir = scratch, .rows = 30 };
	struct overview overview = { 0 };
	struct window window = { 0 };
	struct recent recent = { 0 };
	int result = window_read(&window, &window_query, fault) == 1 ? 0 : -1;

	if (result == 0)
		result = overview_read(&overview, &overview_query, fault);
	if (result == 0)
		result = recent_read(&recent, &recent_query, fault);
	window_free(&window);
	overview_free(&overview);
	recent_free(&recent);
	return result;
}

static void
test_each_allocation_may_fail(void **state)
{
	struct fault fault = { 0 };
	unsigned long at = 0;
	int result;

	(void)state;
	logs_remove();
	group_write("one", 50, TIME_FIRST, TIME_FIRST);
	group_write(LONG_GROUP, 30, TIME_FIRST, TIME_FIRST);
	do {
		fault.code = FAULT_NONE;
		allocations = 0;
		fail_at = ++at;
		result = pages_read(&fault);
		fail_at = 0;
		if (result != 0)
			assert_int_equal(fault.code, FAULT_MEMORY);
	} while (allocations >= at);
	assert_int_equal(result, 0);
	assert_true(at > 200);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_window_tells_what_the_whole_log_says),
		cmocka_unit_test(test_lines_put_back_are_not_trusted),
		cmocka_unit_test(test_the_edges_of_a_window),
		cmocka_unit_test(test_groups),
		cmocka_unit_test(test_last_events),
		cmocka_unit_test(test_a_large_event_is_among_the_last),
		cmocka_unit_test(test_each_allocation_may_fail),
	};

	return RUN(tests);
}

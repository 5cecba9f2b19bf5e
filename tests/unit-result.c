/* A message as its page shows it: every number is that of a fold of the records up to its version. */
#include "failing.h"
#include "histories.h"
#include "view/result.h"

#define MESSAGE 10
#define HISTORIES 700
#define ROWS_MAX (LINES_MAX * 5)

/* A row of the whole history, as it must be. */
struct expected_row {
	enum change_kind kind;
	uint64_t seq;
	size_t record; /* its number; of a gap none */
	size_t pair;
	struct seq_range gap;
};

static struct records records;
static struct expected_row expected[ROWS_MAX];

static enum change_kind
kind_of(const struct record *record)
{
	if (record->is_snapshot)
		return CHANGE_SNAPSHOT;
	return record->event.operate_type == OPERATE_SET  ? CHANGE_SET
	    : record->event.operate_type == OPERATE_CLEAR ? CHANGE_CLEAR
							  : CHANGE_DELETE;
}

static int
expected_compare(const void *a, const void *b)
{
	const struct expected_row *left = a, *right = b;

	if (left->seq != right->seq)
		return left->seq < right->seq ? 1 : -1;
	if ((left->kind == CHANGE_SNAPSHOT) != (right->kind == CHANGE_SNAPSHOT))
		return left->kind == CHANGE_SNAPSHOT ? -1 : 1;
	if (left->record != right->record)
		return left->record < right->record ? 1 : -1;
	return (left->pair > right->pair) - (left->pair < right->pair);
}

/* All rows up to a version; how many. */
static size_t
rows_expect(uint64_t version, const struct message *message)
{
	struct seq_range gap;
	size_t count = 0;

	for (size_t i = 0; i < records.count; i++) {
		const struct record *record = &records.record[i];
		size_t pairs = kind_of(record) == CHANGE_SET || kind_of(record) == CHANGE_DELETE
		    ? record->event.pair_count
		    : 1;

		if (record->event.msg_seq != MESSAGE || record->event.seq > version)
			continue;
		for (size_t j = 0; j < (pairs == 0 ? 1 : pairs); j++)
			expected[count++] = (struct expected_row){ kind_of(record),
				record->event.seq, i, j, { 0, 0 } };
	}
	for (size_t i = 0; message_gap(message, i, &gap); i++)
		expected[count++] = (struct expected_row){ CHANGE_GAP, gap.last, 0, 0, gap };
	qsort(expected, count, sizeof(expected[0]), expected_compare);
	return count;
}

/* What a key has in a fold; NULL: nothing. */
static const char *
value_of(struct state *state, const char *key)
{
	static char value[64];
	const struct message *message = state_message(state, MESSAGE);
	struct event_pair *pairs;
	const char *found = NULL;
	size_t count = 0;

	if (message == NULL)
		return NULL;
	pairs = message_pairs(message, &count);
	assert_non_null(pairs);
	for (size_t i = 0; i < count; i++)
		if (strcmp(pairs[i].key, key) == 0)
			found = strcpy(value, pairs[i].value);
	free(pairs);
	return found;
}

static void
text_equal(const char *got, const char *wanted)
{
	if (wanted == NULL)
		assert_null(got);
	else
		assert_non_null(got);
	if (wanted != NULL)
		assert_string_equal(got, wanted);
}

static void
row_check(const struct result_change *row, const struct expected_row *wanted)
{
	const struct record *record = &records.record[wanted->record];
	const char *key = NULL, *value = NULL, *before = NULL;
	struct state *state;
	bool again = false;

	assert_int_equal(row->kind, wanted->kind);
	assert_int_equal(row->seq, wanted->seq);
	if (wanted->kind == CHANGE_GAP) {
		assert_int_equal(row->gap.first, wanted->gap.first);
		assert_int_equal(row->gap.last, wanted->gap.last);
		return;
	}
	for (size_t i = 0; i < wanted->record; i++)
		again = again ||
		    (records.record[i].event.seq == wanted->seq &&
			records.record[i].event.msg_seq == MESSAGE &&
			!records.record[i].is_snapshot && !record->is_snapshot);
	assert_int_equal(row->again, again);
	assert_int_equal(row->time, record->time);
	if (wanted->kind == CHANGE_SNAPSHOT)
		value = record->kind;
	else if (wanted->kind != CHANGE_CLEAR && record->event.pair_count > 0)
		key = record->event.pairs[wanted->pair].key;
	if (key != NULL && wanted->kind == CHANGE_SET)
		value = record->event.pairs[wanted->pair].value;
	text_equal(row->key, key);
	text_equal(row->value, value);
	if (key != NULL && wanted->seq > 0) {
		state = records_fold(&records, MESSAGE, wanted->seq - 1);
		before = value_of(state, key);
		text_equal(row->before, before);
		state_free(state);
	} else {
		assert_null(row->before);
	}
}

/* When a pair's version came first in an event; -1: never. */
static int64_t
time_of(const struct result_pair *pair, uint64_t version)
{
	int64_t time = -1;

	for (size_t i = 0; i < records.count; i++) {
		const struct record *record = &records.record[i];

		for (size_t j = 0; j < record->event.pair_count; j++)
			if (!record->is_snapshot && record->event.msg_seq == MESSAGE &&
			    record->event.seq <= version &&
			    record->event.pairs[j].seq == pair->seq &&
			    strcmp(record->event.pairs[j].key, pair->key) == 0 &&
			    (time < 0 || record->time < time))
				time = record->time;
	}
	return time;
}

static void
pairs_check(const struct result *result, const struct message *message, uint64_t version)
{
	struct event_pair *pairs;
	struct tally_row *tally;
	size_t count = 0, rows = 0;

	pairs = message_pairs(message, &count);
	assert_non_null(pairs);
	assert_int_equal(result->pair_count, count);
	for (size_t i = 0; i < count; i++) {
		size_t same = 0;

		for (size_t j = 0; j < count; j++)
			same += strcmp(result->pairs[i].key, pairs[j].key) == 0 &&
			    strcmp(result->pairs[i].value, pairs[j].value) == 0 &&
			    result->pairs[i].seq == pairs[j].seq;
		assert_int_equal(same, 1);
		assert_true(i == 0 || result->pairs[i - 1].seq > result->pairs[i].seq ||
		    (result->pairs[i - 1].seq == result->pairs[i].seq &&
			strcmp(result->pairs[i - 1].key, result->pairs[i].key) < 0));
		assert_int_equal(result->pairs[i].time, time_of(&result->pairs[i], version));
	}
	tally = tally_make(pairs, count, NULL, &rows);
	assert_int_equal(result->tally_count, rows);
	for (size_t i = 0; i < rows; i++) {
		assert_int_equal(result->tally[i].count, tally[i].count);
		assert_int_equal(result->tally[i].length, tally[i].length);
		assert_memory_equal(result->tally[i].text, tally[i].text, tally[i].length);
	}
	free(tally);
	free(pairs);
}

static uint64_t moments_seen, histories_in_order;

/* Each moment's count is that of a fold up to its version. */
static void
line_check(const struct result *result)
{
	assert_true(result->line_count > 0);
	assert_int_equal(result->line[result->line_count - 1].version, result->latest);
	for (size_t i = 0; i < result->line_count; i++) {
		const struct result_moment *moment = &result->line[i];
		struct state *state = records_fold(&records, MESSAGE, moment->version);

		assert_int_equal(moment->answers,
		    message_pair_count(state_message(state, MESSAGE)));
		assert_true(i == 0 || moment[-1].version < moment->version);
		assert_true(i == 0 || moment[-1].time <= moment->time);
		state_free(state);
	}
	assert_int_equal(result->moment_count, result->line_count < 6 ? result->line_count : 6);
	assert_int_equal(result->moments[result->moment_count - 1].version, result->latest);
	moments_seen += result->line_count;
}

/* Checks one result against the records. */
static void
result_check(const struct result_query *query)
{
	uint64_t version = query->version == 0 ? UINT64_MAX : query->version, latest = 0;
	uint64_t first = UINT64_MAX;
	struct state *state = records_fold(&records, MESSAGE, version);
	const struct message *message = state_message(state, MESSAGE);
	struct fault fault = { 0 };
	struct result result;
	size_t total;

	for (size_t i = 0; i < records.count; i++) {
		if (records.record[i].event.msg_seq != MESSAGE)
			continue;
		if (records.record[i].event.seq > latest)
			latest = records.record[i].event.seq;
		if (records.record[i].event.seq < first)
			first = records.record[i].event.seq;
	}
	assert_int_equal(result_read(&result, query, &fault), 1);
	assert_int_equal(result.latest, latest);
	assert_int_equal(result.first, first);
	assert_int_equal(result.unreadable, records.unreadable);
	line_check(&result);
	if (message == NULL) {
		assert_null(result.message);
		assert_int_equal(result.version + result.pair_count + result.change_total, 0);
	} else {
		assert_int_equal(result.version, message->latest_seq);
		assert_int_equal(result.clear_seq, message->clear_seq);
		assert_int_equal(result.time, message->time);
		assert_int_equal(result.lost, message_missing(message));
		pairs_check(&result, message, version);
		total = rows_expect(version, message);
		assert_int_equal(result.change_total, total);
		total = total < query->changes_skip ? 0 : total - (size_t)query->changes_skip;
		assert_int_equal(result.change_count,
		    total < query->changes_rows ? total : query->changes_rows);
		for (size_t i = 0; i < result.change_count; i++)
			row_check(&result.changes[i], &expected[query->changes_skip + i]);
	}
	result_free(&result);
	state_free(state);
}

/* Lines that cannot be read and may be of the message, and one that is not whole. */
static void
damage(void)
{
	FILE *file = fopen(file_path(LOG_NAME), "a");

	assert_non_null(file);
	if (pick(4) == 0)
		fputs("{\"time\":\"\",\"MsgSeq\":10}\n", file);
	if (pick(4) == 0)
		fputs("{\"time\":\"2025-12-02T15:11:34.395Z\",\"Snapshot\":\"import\",\"GroupId\":"
		      "\"h\",\"MsgSeq\":10,\"LatestSeq\":90,\"ClearSeq\":0,\"WholeSeq\":90,"
		      "\"ExtensionList\":[]}\n",
		    file);
	if (pick(4) == 0)
		fputs("{\"time\":\"2025-12-02T15:11:34.395Z\",\"MsgSeq\":10,\"Ext", file);
	assert_int_equal(fclose(file), 0);
}

/* A history of two messages: honest or not, in order or not, compacted or not. */
static void
history_make(void)
{
	struct truth truth[2] = { 0 };
	struct lines lines = { .count = 0 };
	bool honest = pick(3) > 0, loses = pick(2) > 0;
	unsigned distance = (unsigned[]){ 0, 0, 3, LINES_MAX }[pick(4)];
	size_t steps = 1 + pick(pick(8) == 0 ? 500 : 40), cut;

	histories_in_order += honest && distance == 0;
	for (size_t i = 0; i < steps; i++) {
		unsigned which = pick(4) == 0;

		if (truth[which].latest > 0 && pick(20) == 0)
			import_add(&lines, &truth[which], MESSAGE + which * 91, honest);
		else
			event_add(&lines, &truth[which], MESSAGE + which * 91, honest);
		if (loses && pick(6) == 0)
			free(lines.text[--lines.count]);
		else if (pick(8) == 0)
			line_add(&lines, lines.text[lines.count - 1]);
	}
	truth[0].latest++; /* at least one line is of the message */
	event_add(&lines, &truth[0], MESSAGE, honest);
	lines_shuffle(&lines, distance);
	cut = pick((unsigned)lines.count + 1);
	lines_write(&lines, 0, cut);
	if (cut > 0 && pick(3) == 0)
		log_compact();
	lines_write(&lines, cut == 0 ? 0 : cut, lines.count);
	damage();
	lines_free(&lines);
	records_read(&records);
}

/* Another seed may be given; what fails is tried again with the seed that it prints. */
static void
test_numbers_are_those_of_a_fold(void **state)
{
	(void)state;
	dice_throw();
	for (int i = 0; i < HISTORIES; i++) {
		struct result_query query = { .data_dir = scratch,
			.group = GROUP,
			.message = MESSAGE };
		uint64_t before = dice;

		history_make();
		query.changes_rows = 12;
		result_check(&query);
		for (int j = 0; j < 3; j++) {
			query.version = pick(3) == 0 ? 0 : 1 + pick(records.count < 60 ? 60 : 600);
			query.changes_rows = 1 + pick(30);
			query.changes_skip = pick(2) == 0 ? 0 : pick(60);
			result_check(&query);
		}
		records_free(&records);
		if (getenv("MSGEXT_SHOW") != NULL)
			printf("# history %d from %llu\n", i, (unsigned long long)before);
	}
	printf("# %llu moments\n", (unsigned long long)moments_seen);
}

/* Writes a log whose lines come in order, each once, with all that a history can have. */
static void
plain_log(size_t steps)
{
	struct truth truth = { .latest = 0 };
	struct lines lines = { .count = 0 };

	for (size_t i = 0; i < steps; i++)
		event_add(&lines, &truth, MESSAGE, true);
	lines_write(&lines, 0, lines.count);
	lines_free(&lines);
}

static void
test_a_history_in_order_has_its_moments(void **state)
{
	const struct result_query query = { .data_dir = scratch,
		.group = GROUP,
		.message = MESSAGE };
	static const size_t steps[] = { 1, 5, 6, 7, 199, 200, 201, 700, 1100 };
	struct fault fault = { 0 };
	struct result result;

	(void)state;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		plain_log(steps[i]);
		assert_int_equal(result_read(&result, &query, &fault), 1);
		assert_true(result.line_count >= (steps[i] < 100 ? steps[i] : 100));
		assert_true(result.line_count <= RESULT_LINE_MAX);
		assert_int_equal(result.line[0].version, 1);
		assert_int_equal(result.change_count, 0);
		result_free(&result);
	}
}

/* Vendor's retries and events that overtake each other cost few moments. */
static void
test_late_lines_cost_few_moments(void **state)
{
	const struct result_query query = { .data_dir = scratch,
		.group = GROUP,
		.message = MESSAGE };
	struct truth truth = { .latest = 0 };
	struct lines lines = { .count = 0 };
	struct fault fault = { 0 };
	struct result result;

	(void)state;
	while (lines.count < 190) {
		event_add(&lines, &truth, MESSAGE, true);
		if (pick(10) == 0)
			line_add(&lines, lines.text[lines.count - 1]);
	}
	lines_shuffle(&lines, 2);
	lines_write(&lines, 0, lines.count);
	lines_free(&lines);
	assert_int_equal(result_read(&result, &query, &fault), 1);
	assert_true(result.line_count > 20);
	records_read(&records);
	line_check(&result);
	records_free(&records);
	result_free(&result);
}

static void
test_what_is_not_there(void **state)
{
	struct result_query query = { .data_dir = scratch,
		.group = GROUP,
		.message = MESSAGE + 1,
		.changes_rows = 12 };
	char missing[128], group[GROUP_ID_MAX + 3];
	struct fault fault = { 0 };
	struct result result;

	(void)state;
	plain_log(3);
	assert_int_equal(result_read(&result, &query, &fault), 0);
	assert_true(result.has_log);
	result_free(&result);
	query.group = "another";
	assert_int_equal(result_read(&result, &query, &fault), 0);
	assert_false(result.has_log);
	result_free(&result);
	memset(group, 'g', sizeof(group) - 1);
	group[sizeof(group) - 1] = '\0';
	query.group = group;
	assert_int_equal(result_read(&result, &query, &fault), 0);
	result_free(&result);
	query.group = "link";
	assert_int_equal(symlink(LOG_NAME, file_path("link.jsonl")), 0);
	assert_int_equal(result_read(&result, &query, &fault), -1);
	assert_int_equal(fault.code, FAULT_OPEN_FAILED);
	result_free(&result);
	assert_int_equal(unlink(file_path("link.jsonl")), 0);
	snprintf(missing, sizeof(missing), "%s/none", scratch);
	query.data_dir = missing;
	assert_int_equal(result_read(&result, &query, &fault), -1);
	assert_int_equal(fault.code, FAULT_DATA_DIR);
	result_free(&result);
}

/* Versions before the first line, beyond the last one, and before a compaction. */
static void
test_versions_without_a_line(void **state)
{
	struct result_query query = { .data_dir = scratch,
		.group = GROUP,
		.message = MESSAGE,
		.version = 1000,
		.changes_rows = 12 };
	struct fault fault = { 0 };
	struct result result;

	(void)state;
	plain_log(30);
	assert_int_equal(result_read(&result, &query, &fault), 1);
	assert_int_equal(result.version, 30);
	assert_int_equal(result.latest, 30);
	result_free(&result);
	log_compact();
	query.version = 29;
	assert_int_equal(result_read(&result, &query, &fault), 1);
	assert_null(result.message);
	assert_true(result.compacted);
	assert_int_equal(result.first, 30);
	assert_int_equal(result.version, 0);
	result_free(&result);
}

/* Rows beyond the last one, and beyond what anybody may ask for. */
static void
test_rows_beyond(void **state)
{
	struct result_query query = { .data_dir = scratch,
		.group = GROUP,
		.message = MESSAGE,
		.changes_rows = 12 };
	static const uint64_t skips[] = { 100, 1000000, 1000001, UINT64_MAX };
	struct fault fault = { 0 };
	struct result result;

	(void)state;
	plain_log(20);
	for (size_t i = 0; i < sizeof(skips) / sizeof(skips[0]); i++) {
		query.changes_skip = skips[i];
		assert_int_equal(result_read(&result, &query, &fault), 1);
		assert_int_equal(result.change_count, 0);
		assert_true(result.change_total >= 20);
		result_free(&result);
	}
}

static void
test_each_allocation_may_fail(void **state)
{
	struct result_query query = { .data_dir = scratch,
		.group = GROUP,
		.message = MESSAGE,
		.version = 290,
		.changes_rows = 20,
		.changes_skip = 2 };
	struct fault fault = { 0 };
	struct result result;
	unsigned long at = 0;
	int read;

	(void)state;
	plain_log(300);
	do {
		fault.code = FAULT_NONE;
		allocations = 0;
		fail_at = ++at;
		read = result_read(&result, &query, &fault);
		fail_at = 0;
		/* A line for which the fast reader has no memory may be read by the parser. */
		if (read == 1)
			assert_int_equal(result.version, 290);
		else
			assert_int_equal(fault.code, FAULT_MEMORY);
		result_free(&result);
	} while (allocations >= at);
	assert_int_equal(read, 1);
	assert_true(at > 80);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers_are_those_of_a_fold),
		cmocka_unit_test(test_a_history_in_order_has_its_moments),
		cmocka_unit_test(test_late_lines_cost_few_moments),
		cmocka_unit_test(test_what_is_not_there),
		cmocka_unit_test(test_versions_without_a_line),
		cmocka_unit_test(test_rows_beyond),
		cmocka_unit_test(test_each_allocation_may_fail),
	};

	return RUN(tests);
}

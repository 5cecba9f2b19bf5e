/* Compaction: large messages, and what happens meanwhile.  histories.t has what logs can hold. */
#include <sys/stat.h>

#include <dirent.h>

#include "base/fault.h"
#include "base/time.h"
#include "log/compact.h"
#include "log/scan.h"
#include "log/state.h"
#include "parse.h"
#include "store/options.h"
#include "store.h"
#include "unit.h"

#define LOG "test.jsonl"

static struct store_options options = { .file_mode = 0600, .sync = true, .lock_timeout = 1200 };

static uint64_t seed;

static unsigned
pick(unsigned below)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)(seed >> 33) % below;
}

static int
event_print(char *line, size_t size, unsigned msg_seq, unsigned type, unsigned key, unsigned seq)
{
	char pairs[128] = "";

	if (type != OPERATE_CLEAR)
		snprintf(pairs, sizeof(pairs), "{\"Key\":\"k\\\"%u\",\"Value\":\"%s\",\"Seq\":%u}",
		    key, type == OPERATE_SET ? "v\\n\xc3\xa9" : "", seq);
	return snprintf(line, size,
	    "{\"time\":\"2025-12-02T15:11:%02u.395Z\",\"SdkAppid\":1,\"CallbackCommand\":\"%s\","
	    "\"GroupId\":\"test\",\"MsgSeq\":%u,\"OperateType\":%u,\"ExtensionList\":[%s],"
	    "\"Seq\":%u,\"EventTime\":1}\n",
	    seq % 60, COMMAND_OURS, msg_seq, type, pairs, seq);
}

static void
append(const char *line, size_t length)
{
	struct fault fault;

	options.data_dir = scratch;
	assert_int_equal(store_append(&options,
			     &(struct store_entry){ "test", line, length,
				 clock_milliseconds() + 10000 },
			     NULL, &fault),
	    0);
}

static void
append_random(unsigned messages, unsigned versions)
{
	char line[512];
	unsigned type = pick(20);

	type = type == 0 ? OPERATE_CLEAR : type < 5 ? OPERATE_DELETE : OPERATE_SET;
	append(line,
	    (size_t)event_print(line, sizeof(line), 1 + pick(messages), type, pick(5),
		1 + pick(versions)));
}

/* The state of the log, each of whose lines can be read. */
static struct state *
log_fold(void)
{
	struct state *folded = state_new();
	struct scan scan;
	struct line line;
	struct fault fault;

	assert_int_equal(scan_open(&scan, scratch, LOG, &fault), 1);
	while (scan_next(&scan, &line, &fault) == 1) {
		struct document *document;
		struct record record;

		assert_false(line.overlong);
		document = document_parse_line(line.bytes, line.length, &fault);
		if (document != NULL && document_record(document, &record, &fault) == 0)
			assert_int_equal(state_fold(folded, &record), 0);
		document_free(document);
	}
	scan_close(&scan);
	return folded;
}

static size_t
lines_count(const char *text)
{
	size_t count = 0;

	for (; *text != '\0'; text++)
		count += *text == '\n';
	return count;
}

static void
directory_clear(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'/*", scratch);
	assert_int_equal(system(command), 0);
}

static int
compact(struct compaction *compaction, struct fault *fault)
{
	compaction->options = &options;
	compaction->group_id = "test";
	return compact_log(compaction, fault);
}

/* The same of a log whose messages are too large to be printed, as numbers. */
static void
state_measure(char *text, size_t size)
{
	struct state *folded = log_fold();
	size_t count, pair_count, used = 0;
	struct message **messages = state_messages(folded, &count);

	for (size_t i = 0; i < count; i++) {
		struct event_pair *(*const lists[])(const struct message *,
		    size_t *) = { message_pairs, message_deleted, message_listed,
			message_unlisted };
		struct seq_range gap;
		uint64_t sum = 0;

		for (size_t j = 0; message_gap(messages[i], j, &gap); j++)
			sum = sum * 31 + gap.first + gap.last;
		for (size_t j = 0; j < 4; j++) {
			struct event_pair *pairs = lists[j](messages[i], &pair_count);

			for (size_t k = 0; k < pair_count; k++)
				sum = sum * 31 + pairs[k].seq + strlen(pairs[k].key) +
				    (pairs[k].value == NULL ? 7 : strlen(pairs[k].value));
			used += (size_t)snprintf(text + used, size - used, "%zu ", pair_count);
			free(pairs);
		}
		used += (size_t)snprintf(text + used, size - used, "%llu: %llu %llu %llu %llu\n",
		    (unsigned long long)messages[i]->msg_seq, (unsigned long long)sum,
		    (unsigned long long)messages[i]->latest_seq,
		    (unsigned long long)messages[i]->clear_seq,
		    (unsigned long long)messages[i]->complete_up_to);
	}
	state_free(folded);
}

/* Deletes of long keys: more than a line can hold. */
static void
log_write_deleted(FILE *log)
{
	char key[20001] = "";

	for (unsigned i = 0; i < sizeof(key) - 1; i += 2)
		memcpy(key + i, "\\\"", 3);
	for (unsigned seq = 1; seq <= LINE_SIZE_MAX / 19000; seq++)
		fprintf(log,
		    "{\"time\":\"2025-12-02T15:11:34.395Z\",\"SdkAppid\":1,\"CallbackCommand\":\"%"
		    "s\","
		    "\"GroupId\":\"test\",\"MsgSeq\":1,\"OperateType\":2,\"ExtensionList\":["
		    "{\"Key\":\"%u%s\",\"Value\":\"\",\"Seq\":%u}],\"Seq\":%u,\"EventTime\":1}\n",
		    COMMAND_OURS, seq, key, seq, seq);
}

/* Versions that never arrived, which one line can hold and one that is built cannot be sure of. */
static void
log_write_missing(FILE *log)
{
	fprintf(log,
	    "{\"Snapshot\":\"compact\",\"GroupId\":\"test\",\"MsgSeq\":2,\"LatestSeq\":9000000,"
	    "\"ClearSeq\":5,\"WholeSeq\":0,\"FirstSeq\":10,"
	    "\"ExtensionList\":[{\"Key\":\"k\",\"Value\":\"v\",\"Seq\":9000000}],\"Missing\":[");
	for (unsigned i = 0; i < LINE_SIZE_MAX / 45; i++)
		fprintf(log, "%s[%u,%u]", i == 0 ? "" : ",", 1000000 + 9 * i, 1000003 + 9 * i);
	fputs("]}\n", log);
}

/* One value of nearly a whole line, which would be three times as long with other escapes. */
static void
log_write_value(FILE *log)
{
	fprintf(log,
	    "{\"Snapshot\":\"import\",\"GroupId\":\"test\",\"MsgSeq\":3,\"LatestSeq\":9,"
	    "\"ClearSeq\":0,\"WholeSeq\":9,\"ExtensionList\":[{\"Key\":\"k\",\"Value\":\"");
	for (unsigned i = 0; i < LINE_IMPORT_MAX / 2 - 200; i++)
		fputs("\\n", log);
	fputs("\",\"Seq\":9}]}\n", log);
}

/* What one line cannot hold is parted among several; no line of ours is one that we cannot read. */
static void
p4_large_messages_are_compacted_too(void **state)
{
	struct compaction compaction = { .discard = true }, again = { .discard = true };
	struct compaction archiving = { .discard = true, .before = 1764688295000 };
	struct fault fault;
	char before[512], after[512];
	FILE *log;

	(void)state;
	directory_clear();
	log = fopen(file_write(LOG, "", 0), "w");
	assert_non_null(log);
	log_write_deleted(log);
	log_write_missing(log);
	log_write_value(log);
	assert_int_equal(fclose(log), 0);
	append_random(1, 9);
	state_measure(before, sizeof(before));
	if (compact(&compaction, &fault) != 0)
		fail_msg("%s", fault.detail);
	state_measure(after, sizeof(after));
	assert_string_equal(after, before);
	assert_int_equal(compaction.lines_unreadable, 0);
	assert_true(compaction.lines_after > 3 && compaction.lines_after < 12);
	assert_int_equal(compact(&again, &fault), 0);
	assert_true(again.unchanged);
	/* The first is old, the others have no time and stay: what an archiving says of one of them is short. */
	if (compact(&archiving, &fault) != 0)
		fail_msg("%s", fault.detail);
	assert_int_equal(archiving.lines_unreadable, 0);
	state_measure(after, sizeof(after));
	assert_string_equal(after, strchr(before, '\n') + 1);
}

static void
nothing_unreadable_is_thrown_away(void **state)
{
	static const char damage[] = "{\"broken\n\0\0\0\0\n{\"GroupId\":\"other\"}\n";
	struct compaction compaction = { .discard = true };
	struct fault fault;
	size_t length;
	char *got;

	(void)state;
	directory_clear();
	file_write(LOG, damage, sizeof(damage) - 1);
	append_random(1, 5);
	append_random(1, 5);
	append_random(1, 5);
	assert_int_equal(compact(&compaction, &fault), 0);
	assert_int_equal(compaction.lines_unreadable, 3);
	assert_int_equal(compaction.lines_after, 4);
	got = file_load(LOG, &length);
	assert_memory_equal(got, damage, sizeof(damage) - 1);
	free(got);
}

/* What the progress function does in the middle of a compaction. */
static void
meanwhile_append(void *context, off_t done, off_t total)
{
	unsigned *left = context;

	(void)done;
	(void)total;
	if (*left > 0) {
		--*left;
		append_random(2, 20);
	}
}

static void
p1_events_that_come_meanwhile_stay(void **state)
{
	unsigned left = 25;
	struct compaction compaction = { .progress = meanwhile_append, .context = &left };
	struct fault fault;
	size_t after;
	char *got;

	(void)state;
	directory_clear();
	for (int i = 0; i < 30; i++)
		append_random(2, 20);
	assert_int_equal(compact(&compaction, &fault), 0);
	assert_int_equal(left, 0);
	/* Those that came while it read are copied. */
	assert_int_equal(compaction.lines_before, 30);
	assert_int_equal(compaction.lines_after, 2);
	got = file_load(LOG, &after);
	assert_int_equal(lines_count(got), 2 + 25);
	free(got);
	assert_int_equal(files_count(""), 2);
}

/* What happened to the last line while the log was read: it was taken back. */
static void
meanwhile_take_back(void *context, off_t done, off_t total)
{
	off_t *size = context;
	char path[192];

	(void)done;
	(void)total;
	if (*size == 0)
		return;
	snprintf(path, sizeof(path), "%s/" LOG, scratch);
	assert_int_equal(truncate(path, *size), 0);
	*size = 0;
	append_random(2, 20);
	append_random(2, 20);
}

/*
 * A tail that is garbage is mended before anything is read, so that nothing
 * read can be taken back; should somebody cut the log all the same, it is
 * noticed.
 */
static void
p1_a_line_taken_back_meanwhile_is_noticed(void **state)
{
	static const char garbage[] = "\0\0\0\0\"}\n";
	struct fault fault;
	size_t length, before = 0;
	char *got;
	off_t cut;
	struct compaction compaction = { .progress = meanwhile_take_back, .context = &cut };

	(void)state;
	directory_clear();
	append_random(2, 20);
	free(file_load(LOG, &before));
	cut = (off_t)before;
	append_random(2, 20);
	assert_int_equal(compact(&compaction, &fault), -1);
	assert_int_equal(fault.code, FAULT_LOG_CHANGED);
	got = file_load(LOG, &length);
	assert_int_equal(lines_count(got), 3);
	free(got);

	directory_clear();
	append_random(2, 20);
	got = file_load(LOG, &length);
	got = realloc(got, length + sizeof(garbage));
	assert_non_null(got);
	memcpy(got + length, garbage, sizeof(garbage) - 1);
	file_write(LOG, got, length + sizeof(garbage) - 1);
	free(got);
	cut = 0;
	assert_int_equal(compact(&compaction, &fault), 0);
	assert_int_equal(compaction.lines_before, 1);
	assert_int_equal(compaction.lines_unreadable, 0);
	got = file_load("test.torn", &length);
	assert_non_null(got);
	free(got);
}

static void
meanwhile_replace(void *context, off_t done, off_t total)
{
	char from[192], to[192];

	(void)context;
	(void)done;
	(void)total;
	snprintf(from, sizeof(from), "%s/" LOG, scratch);
	snprintf(to, sizeof(to), "%s/rotated", scratch);
	if (access(to, F_OK) != 0)
		assert_int_equal(rename(from, to), 0);
}

static void
p1_a_log_replaced_meanwhile_is_left_alone(void **state)
{
	struct compaction compaction = { .progress = meanwhile_replace };
	struct fault fault;
	size_t length;
	char *got;

	(void)state;
	directory_clear();
	append_random(2, 20);
	append_random(2, 20);
	assert_int_equal(compact(&compaction, &fault), -1);
	assert_int_equal(fault.code, FAULT_LOG_CHANGED);
	got = file_load(LOG, &length);
	assert_non_null(got);
	assert_int_equal(length, 0); /* made anew, as an append would */
	free(got);
	assert_int_equal(files_count(""), 2);
	assert_int_equal(compact(&(struct compaction){ 0 }, &fault), 0);
}

static void
two_at_once_exclude_each_other(void **state)
{
	struct compaction compaction = { 0 };
	struct fault fault;
	pid_t holder;

	(void)state;
	directory_clear();
	append_random(1, 9);
	file_write("test.0123456789abcdef.new", "leavings\n", 9);
	holder = holder_start("test.0123456789abcdef.new", NULL, false);
	assert_int_equal(compact(&compaction, &fault), -1);
	assert_int_equal(fault.code, FAULT_LOCK_TIMEOUT);
	assert_int_equal(files_count(""), 2);
	/* A killed one's leavings do not hold it up. */
	holder_end(holder);
	assert_int_equal(compact(&compaction, &fault), 0);
	assert_int_equal(files_count(""), 2);
}

static void
p7_modes_are_kept(void **state)
{
	struct compaction compaction = { 0 };
	struct fault fault;
	struct stat status;
	char path[192];

	(void)state;
	directory_clear();
	append_random(1, 9);
	snprintf(path, sizeof(path), "%s/" LOG, scratch);
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(compact(&compaction, &fault), 0);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0640);
	assert_int_equal(stat(compaction.archive, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(p4_large_messages_are_compacted_too),
		cmocka_unit_test(nothing_unreadable_is_thrown_away),
		cmocka_unit_test(p1_events_that_come_meanwhile_stay),
		cmocka_unit_test(p1_a_line_taken_back_meanwhile_is_noticed),
		cmocka_unit_test(p1_a_log_replaced_meanwhile_is_left_alone),
		cmocka_unit_test(two_at_once_exclude_each_other),
		cmocka_unit_test(p7_modes_are_kept),
	};

	seed = seed_make();
	options.owner = geteuid();
	return RUN(tests);
}

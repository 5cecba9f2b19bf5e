/*
 * Every call into the system fails in turn, once or from then on, with each
 * errno: P1 and P2 hold whatever fails, and the next append mends what is left.
 */
#include <cjson/cJSON.h>

#include "base/fault.h"
#include "base/time.h"
#include "batch.h"
#include "config.h"
#include "log/answer.h"
#include "log/compact.h"
#include "log/erase.h"
#include "log/redact.h"
#include "log/scan.h"
#include "log/state.h"
#include "parse.h"
#include "receive.h"
#include "store/mark.h"
#include "store/options.h"
#include "store/probe.h"
#include "store/refused.h"
#include "store/replace.h"
#include "store.h"
#include "clock.h"
#include "faults.h"
#include "unit.h"

#if defined(__linux__) && !defined(MSGEXT_WITHOUT_BATCHES)
#define BATCHES true
#else
#define BATCHES false
#endif

#define LINE "{\"a\":1}\n"
#define SECOND "{\"b\":2}\n"

/* An interruption that never ends, or a disk that takes one byte at a time, would not either. */
static bool
plan_is_endless(int error, bool stays)
{
	return stays && (error == EINTR || error == SHORT_WRITE);
}

static struct store_options options = {
	.file_mode = 0600, .sync = true, .lock_timeout = 1000, .max_groups = 100
};

static int
append(const char *line, struct fault *fault)
{
	*fault = (struct fault){ 0 };
	options.data_dir = scratch;
	return store_append(&options,
	    &(struct store_entry){ "test", line, strlen(line), clock_milliseconds() + 10000 }, NULL,
	    fault);
}

static char long_line[20000];

/* What the log holds before: NULL for none. */
static const struct start {
	const char *bytes;
	const char *whole; /* of that, what is no torn tail */
} starts[] = {
	{ NULL, "" },
	{ "", "" },
	{ LINE, LINE },
	{ LINE "{\"tor", LINE },
	{ "{\"c\":3}", "{\"c\":3}\n" }, /* the newline alone is missing */
	{ long_line, long_line },
};

static void
start_prepare(const struct start *start)
{
	remove(file_write("test.jsonl", "", 0));
	remove(file_write("test.torn", "", 0));
	if (start->bytes != NULL)
		file_write("test.jsonl", start->bytes, strlen(start->bytes));
}

/* The log must be the whole lines there were, then those given; NULL: either. */
static void
log_check(const struct start *start, bool first)
{
	static char expected[40000];
	size_t length;
	char *got = file_load("test.jsonl", &length);

	snprintf(expected, sizeof(expected), "%s%s%s", start->whole, first ? SECOND : "", LINE);
	assert_non_null(got);
	assert_int_equal(strlen(got), length);
	if (strcmp(got, expected) != 0)
		fail_msg("after %s, %d:\n%s\nexpected:\n%s", start->whole, first, got, expected);
	free(got);
	if (start->bytes != NULL && strstr(start->bytes, "tor") != NULL) {
		got = file_load("test.torn", &length);
		assert_non_null(got);
		assert_non_null(strstr(got, "{\"tor"));
		free(got);
	}
}

/* One append with one fault in it, and one without behind it; false: nothing was left to fail. */
static bool
trial(const struct start *start, int countdown, int error, bool stays)
{
	struct fault fault;
	const char *fired;
	int result;

	start_prepare(start);
	plan(countdown, error, stays);
	result = append(SECOND, &fault);
	fired = plan_end();
	if (result != 0) {
		assert_int_not_equal(fault.code, FAULT_NONE);
		assert_int_not_equal(fault.detail[0], '\0');
	} else if (fired != NULL && error != EINTR) {
		/* Acknowledged although that failed: never a sync. */
		assert_string_not_equal(fired, "fdatasync");
		assert_string_not_equal(fired, "fsync");
	}
	if (fired == NULL)
		assert_int_equal(result, 0);
	assert_int_equal(append(LINE, &fault), 0);
	if (result != 0) {
		/*
		 * It may stand after all where it was written and synced and only
		 * letting go failed, or where taking it back failed too (P3).
		 */
		size_t length;
		char *got = file_load("test.jsonl", &length);
		bool stands = strstr(got, SECOND) != NULL;

		free(got);
		assert_true(!stands || stays || strcmp(fired, "close") == 0 ||
		    strcmp(fired, "fcntl64") == 0);
		log_check(start, stands);
	} else {
		log_check(start, true);
	}
	return fired != NULL;
}

static void
p1_whatever_fails(void **state)
{
	size_t trials = 0;

	(void)state;
	memset(long_line, 'x', sizeof(long_line) - 2);
	memcpy(long_line, "{\"l\":\"", 6);
	memcpy(long_line + sizeof(long_line) - 4, "\"}\n", 4);
	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		for (size_t j = 0; j < sizeof(errors) / sizeof(errors[0]); j++)
			for (int stays = 0; stays < 2; stays++) {
				int countdown = 1;

				if (plan_is_endless(errors[j], stays != 0))
					continue;
				while (trial(&starts[i], countdown, errors[j], stays != 0))
					countdown++;
				assert_true(countdown > 5);
				trials += (size_t)countdown;
			}
	print_message("# %zu faults\n", trials);
}

/* Everything else that allocates or opens: it works, or says why not. */

static const char snapshot_text[] =
    "{\"time\":\"2025-12-02T15:11:34.395Z\",\"Erased\":[[57,57]],\"Snapshot\":\"compact\","
    "\"GroupId\":\"test\","
    "\"MsgSeq\":10,\"LatestSeq\":60,\"ClearSeq\":0,\"WholeSeq\":0,\"FirstSeq\":56,"
    "\"ExtensionList\":[{\"Key\":\"k\",\"Value\":\"v\",\"Seq\":56}],"
    "\"Deleted\":[{\"Key\":\"d\",\"Seq\":57}],\"Missing\":[[58,59]]}";

static int
run_event(struct fault *fault)
{
	struct envelope envelope = { .time = { 1764688294, 0 } };
	struct document *document = document_parse(BODY_SET, strlen(BODY_SET), fault);
	struct event event;
	char *line = NULL;
	size_t length;

	if (document != NULL && document_event(document, &event, fault) == 0) {
		line = document_line(document, &envelope, &length);
		if (line == NULL)
			fault_memory(fault);
	}
	document_free(document);
	free(line);
	return line == NULL ? -1 : 0;
}

static int
run_snapshot(struct fault *fault)
{
	struct document *document = document_parse(snapshot_text, strlen(snapshot_text), fault);
	struct record record;
	char *line = NULL;
	size_t length;

	if (document != NULL && document_record(document, &record, fault) == 0) {
		line = record_line(&record, &length);
		if (line == NULL)
			fault_memory(fault);
		else
			assert_memory_equal(line, snapshot_text, length - 1);
	}
	document_free(document);
	free(line);
	return line == NULL ? -1 : 0;
}

/* A snapshot of more pairs and deletes than are kept in mind at once, in versions with gaps. */
static int
many_fold(struct state *folded, uint64_t above)
{
	enum { MANY = 300 };
	static struct event_pair pairs[MANY];
	static char keys[MANY][8];
	struct record record = { .is_snapshot = true,
		.kind = SNAPSHOT_IMPORT,
		.event = { .msg_seq = 21,
		    .seq = above + 2 * MANY,
		    .pairs = pairs,
		    .pair_count = MANY },
		.deleted = pairs,
		.deleted_count = MANY };

	for (int i = 0; i < MANY; i++) {
		snprintf(keys[i], sizeof(keys[i]), "m%d", i);
		pairs[i] = (struct event_pair){ keys[i], "v", above + 2 * (uint64_t)i };
	}
	return state_fold(folded, &record);
}

/* Messages with pairs, deletes, missing and erased versions, in events and snapshots. */
static int
records_fold(struct state *folded, uint64_t above)
{
	char key[16];
	int result = 0;

	for (uint64_t i = 0; i < 60 && result == 0; i++) {
		struct event_pair pair = { key, "v", above + 2 * i };
		struct seq_range missing = { above + 3 * i + 5, above + 3 * i + 6 };
		struct record record = { .event = { .msg_seq = 1 + i % 20,
					     .seq = above + 3 * i + 9,
					     .pairs = &pair,
					     .pair_count = 1 },
			.is_snapshot = i % 2 == 0,
			.kind = i % 2 == 0 ? SNAPSHOT_COMPACT : NULL,
			.deleted = &pair,
			.deleted_count = i % 3 == 0,
			.missing = &missing,
			.missing_count = 1,
			.erased = &missing,
			.erased_count = i % 5 == 0 };

		snprintf(key, sizeof(key), "k%d", (int)i);
		result = state_fold(folded, &record);
	}
	return result == 0 ? many_fold(folded, above) : result;
}

static int
run_fold(struct fault *fault)
{
	struct state *folded = state_new();
	int result = folded == NULL ? -1 : records_fold(folded, 0);
	size_t count;

	if (result == 0) {
		struct event_pair *pairs = NULL, *deleted = NULL;

		if (state_messages(folded, &count) != NULL) {
			pairs = message_pairs(state_message(folded, 1), &count);
			deleted = message_deleted(state_message(folded, 1), &count);
		}
		result = pairs == NULL || deleted == NULL ? -1 : 0;
		free(pairs);
		free(deleted);
	}
	state_free(folded);
	return result == 0 ? 0 : fault_memory(fault);
}

/* The same in parts that are put together. */
static int
run_merge(struct fault *fault)
{
	struct state *whole = state_new();
	int result = whole == NULL ? -1 : 0;
	size_t count = 0;

	for (int i = 0; i < 3 && result == 0; i++) {
		struct state *part = state_part(whole);

		result = part == NULL || records_fold(part, 1000 * (uint64_t)i) != 0 ? -1 : 0;
		if (part != NULL && state_merge(whole, part) != 0)
			result = -1;
		state_free(part);
	}
	if (result == 0 && state_messages(whole, &count) != NULL)
		assert_int_equal(count, 21);
	state_free(whole);
	return result == 0 ? 0 : fault_memory(fault);
}

/* A key is taken out of an event, out of a snapshot and out of a line that was cut off. */
static int
run_erase(struct fault *fault)
{
	static const char event[] = "{\"time\":\"2025-12-02T15:11:34.395Z\",\"CallbackCommand\":"
				    "\"" COMMAND_OURS "\",\"GroupId\":\"test\",\"MsgSeq\":10,"
				    "\"OperateType\":1,\"ExtensionList\":[{\"Key\":\"k\",\"Value\":"
				    "\"v\",\"Seq\":56}],\"Seq\":56,\"EventTime\":1}\n";
	static const char cut[] = "{\"ExtensionList\":[{\"Key\":\"k\",\"Val\n";
	const struct line lines[] = { { event, sizeof(event) - 2, 0, 1, false },
		{ snapshot_text, strlen(snapshot_text), 0, 2, false },
		{ cut, sizeof(cut) - 2, 0, 3, false } };
	struct erasure erasure = { .key = "k", .group_id = "test" };
	int result = erasure_begin(&erasure, fault);

	for (int i = 0; i < 3 && result >= 0; i++)
		result = erasure_look(&erasure, &lines[i], fault);
	for (int i = 0; i < 3 && result >= 0 && erasure_gathers(&erasure); i++)
		result = erasure_gather(&erasure, &lines[i], fault);
	for (int i = 0; i < 3 && result >= 0; i++) {
		const char *bytes = lines[i].bytes;
		size_t length = lines[i].length;

		result = erasure_line(&erasure, &lines[i], &bytes, &length, fault);
		if (result >= 0)
			assert_false(line_has_key(bytes, length, "k"));
	}
	if (result >= 0)
		assert_int_equal(erasure.count.lines + erasure.count.fragments, 3);
	erasure_end(&erasure);
	return result < 0 ? -1 : 0;
}

static int
run_answer(struct fault *fault)
{
	static const char pages[] =
	    "{\"ActionStatus\":\"OK\",\"ErrorInfo\":\"\",\"ErrorCode\":0,\"LatestSeq\":9,"
	    "\"ClearSeq\":0,\"CompleteFlag\":1,\"ExtensionList\":[{\"Key\":\"a\",\"Value\":\"v\","
	    "\"Seq\":"
	    "3},{\"Key\":\"b\",\"Value\":\"w\",\"Seq\":9}]}";
	struct answer *answer = calloc(1, sizeof(*answer));
	int result =
	    answer == NULL ? fault_memory(fault) : answer_read(answer, pages, strlen(pages), fault);

	if (answer != NULL)
		answer_free(answer);
	free(answer);
	return result;
}

/* Who counts says nothing of what fails, and who reads does. */
static int
run_refused(struct fault *fault)
{
	struct refused list[REFUSED_MAX];

	options.data_dir = scratch;
	remove(file_write(REFUSED_NAME, "", 0));
	refused_prepare(&options);
	refused_count(&options, FAULT_DISK_FULL, 1764688294395);
	return refused_read(list, scratch, fault) < 0 ? -1 : 0;
}

/*
 * A leader, and a follower whose leader before died: it may have written the follower's line.  The
 * first look at the lock finds it taken, the second one comes when the follower waits already.
 */
static struct batch follower;
static int looks;
static bool joined;

/* Who waits for a verdict gets it: that fault. */
static struct batch leader;
static const struct fault *leader_fault; /* NULL: there is no leader, or it has told */

int
__wrap_poll(struct pollfd *polls, nfds_t count, int timeout)
{
	struct store_span span = { 0 };
	struct fault fault;

	if (leader_fault != NULL && leader.listener >= 0) {
		assert_int_equal(batch_gather(&leader, &fault), 0);
		batch_end(&leader, -1, &span, leader_fault);
		leader_fault = NULL;
	}
	return test_clock_poll(polls, count, timeout);
}

static bool
leader_lock(void)
{
	struct batch_log place = { scratch, "test.jsonl", -1 };
	__typeof__(fault_plan) saved = fault_plan;

	if (++looks != 2)
		return looks > 1;
	plan(0, 0, false);
	joined = batch_join(&follower, &place, clock_milliseconds() + 5000) == BATCH_RETRY;
	fault_plan = saved;
	return true;
}

static int
run_leader_of(const struct start *start, struct fault *fault)
{
	const struct batch_log place = { scratch, "test.jsonl", -1 };
	struct store_span span = { 0 };
	struct stat status;
	__typeof__(fault_plan) saved;
	int result, lines = 0;
	size_t length;
	char *log;

	start_prepare(start);
	assert_int_equal(__real_fstatat64(AT_FDCWD, file_path("test.jsonl"), &status, 0), 0);
	test_clock.stands = true;
	batch_begin(&follower, LINE, strlen(LINE), INT64_MAX);
	follower.orphaned = true;
	follower.before = (struct store_span){ status.st_dev, status.st_ino, 0 };
	looks = 0;
	joined = false;
	lock_hook = leader_lock;
	options.data_dir = scratch;
	result = store_append(&options,
	    &(struct store_entry){ "test", SECOND, strlen(SECOND), clock_milliseconds() + 10000 },
	    NULL, fault);
	lock_hook = NULL;
	if (fault_plan.fired == NULL)
		assert_int_equal(joined, BATCHES);
	if (result == 0 && joined)
		assert_int_equal(batch_join(&follower, &place, clock_milliseconds() + 1000),
		    BATCH_DONE);
	batch_end(&follower, 0, &span, fault);
	test_clock.stands = false;
	/* The line that stands there is not written again. */
	saved = fault_plan;
	plan(0, 0, false);
	log = file_load("test.jsonl", &length);
	fault_plan = saved;
	for (const char *at = log; at != NULL && (at = strstr(at, LINE)) != NULL; at++)
		lines++;
	if (BATCHES && (start->bytes[0] != '\0' || (result == 0 && joined)))
		assert_int_equal(lines, 1);
	free(log);
	return result;
}

/* The line stands in the log; and it does not, for the log is empty. */
static int
run_leader(struct fault *fault)
{
	return run_leader_of(&starts[2], fault);
}

static int
run_first_leader(struct fault *fault)
{
	return run_leader_of(&starts[1], fault);
}

static int
run_config(struct fault *fault)
{
	struct config config;
	char path[256];
	int result;

	snprintf(path, sizeof(path), "%s/msgext.conf", scratch);
	result = config_load(&config, path, fault);
	if (result == 0)
		assert_int_equal(config.sdk_app_id, 7);
	config_free(&config);
	return result;
}

static size_t body_at;

static ssize_t
body_read(void *context, char *buffer, size_t size, int64_t deadline)
{
	size_t length = strlen(BODY_SET), left = length + 40000 - body_at;

	(void)context;
	(void)deadline;
	if (size > left)
		size = left;
	for (size_t i = 0; i < size; i++, body_at++)
		buffer[i] = body_at < length ? BODY_SET[body_at] : ' ';
	return (ssize_t)size;
}

static int
run_receive(struct fault *fault)
{
	static struct config config = { .any_app = true, .max_body = 100000 };
	static struct reply reply;
	struct request request = { .method = "POST",
		.query = "SdkAppid=1&ClientIP=1.2.3.4&CallbackCommand=" COMMAND_OURS,
		.started = clock_milliseconds(),
		.now = { 1764688294, 0 },
		.read = body_read };

	options.data_dir = scratch;
	config.store = options;
	body_at = 0;
	receive(&config, NULL, &request, &reply);
	*fault = reply.fault;
	assert_int_equal(reply.status == 200, fault->code == FAULT_NONE);
	return reply.status == 200 ? 0 : -1;
}

static int
run_rewrite(struct fault *fault, int64_t before)
{
	struct compaction compaction = { .options = &options,
		.group_id = "test",
		.before = before };
	char line[512];
	int result = 0;

	options.data_dir = scratch;
	compaction.discard = true;
	start_prepare(&starts[0]);
	for (int i = 1; i < 4 && result == 0; i++) {
		int length = snprintf(line, sizeof(line), "%s\n", snapshot_text);

		result = store_append(&options,
		    &(struct store_entry){ "test", line, (size_t)length, INT64_MAX }, NULL, fault);
	}
	return result == 0 ? compact_log(&compaction, fault) : result;
}

static int
run_compact(struct fault *fault)
{
	return run_rewrite(fault, 0);
}

static int
run_archive(struct fault *fault)
{
	return run_rewrite(fault, INT64_MAX);
}

/* A log that has grown while it was rewritten. */
static int
run_replace(struct fault *fault)
{
	char path[PATH_MAX];
	struct store_replacement new = { .path = path,
		.last = SECOND,
		.last_length = strlen(SECOND) };
	int result = -1;

	fingerprint_set(&new.last_read, LINE, strlen(LINE), (off_t)strlen(LINE));
	start_prepare(&starts[0]);
	new.fd = -1;
	if (append(LINE, fault) == 0 &&
	    store_repair(&options, "test", INT64_MAX, &new.read, fault) == 0 &&
	    append(LINE, fault) == 0)
		new.fd = store_open_sibling(&options, "test", ".new", path, fault);
	if (new.fd < 0)
		return -1;
	result = store_replace(&options, "test", &new, INT64_MAX, fault);
	close(new.fd);
	remove(path);
	return result;
}

/* A log whose replacement was killed when the mark stood there: the append completes it, or takes it back. */
static int
run_redo(struct fault *fault)
{
	char mark[MARK_LENGTH + 2], log[sizeof(SECOND) + sizeof(mark)], name[64];
	__typeof__(fault_plan) saved;
	int result;

	mark_make(mark);
	snprintf(log, sizeof(log), SECOND "%s", mark);
	snprintf(name, sizeof(name), "test.%.16s.new", strstr(mark, "Replaced") + 11);
	start_prepare(&starts[0]);
	file_write("test.jsonl", log, strlen(log));
	file_write(name, SECOND, strlen(SECOND));
	result = append(LINE, fault);
	saved = fault_plan;
	plan(0, 0, false);
	if (result == 0)
		holds("test.jsonl", SECOND LINE);
	if (result == 0 && saved.fired == NULL)
		holds(name, NULL);
	fault_plan = saved;
	remove(file_path(name));
	return result;
}

static int
run_probe(struct fault *fault)
{
	options.data_dir = scratch;
	return store_probe(&options, INT64_MAX, fault);
}

static void
p5_whatever_fails_is_told(void **state)
{
	static int (*const runs[])(struct fault * fault) = { run_event, run_snapshot, run_fold,
		run_merge, run_erase, run_answer, run_refused, run_leader, run_first_leader,
		run_config, run_receive, run_compact, run_archive, run_replace, run_redo,
		run_probe };
	size_t trials = 0;

	(void)state;
	chmod(file_write("msgext.conf", "include = more.conf\nsdk_app_id = 7\n", 35), 0600);
	chmod(file_write("more.conf", "data_dir = /tmp\ntoken = t\n", 26), 0600);
	start_prepare(&starts[0]);
	for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++)
		for (size_t j = 0; j < sizeof(errors) / sizeof(errors[0]); j++)
			for (int countdown = 1;; countdown++, trials++) {
				struct fault fault = { 0 };
				const char *fired;
				int result;

				plan(countdown, errors[j], false);
				result = runs[i](&fault);
				fired = plan_end();
				if (result != 0 && fault.code == FAULT_NONE)
					fail_msg("%zu: %s, %d: no reason is given", i, fired,
					    errors[j]);
				if (fired == NULL) {
					if (result != 0)
						fail_msg("%zu: %s", i, fault.detail);
					break;
				}
			}
	print_message("# %zu faults\n", trials);
}

/* A leader comes while the log is locked, and reads our line when we wait for its verdict. */

static bool
follower_lock(void)
{
	const struct batch_log place = { scratch, "test.jsonl", -1 };

	if (leader.listener < 0)
		assert_int_equal(batch_join(&leader, &place, clock_milliseconds() + 5000),
		    BATCH_WAIT);
	return false;
}

static void
p1_a_leaders_fault_is_its_followers(void **state)
{
	const struct fault disk = { FAULT_SYNC_FAILED, "the disk" };
	struct fault fault;

	(void)state;
	if (!BATCHES)
		LEAVE("leaders");
	start_prepare(&starts[2]);
	test_clock.stands = true;
	batch_begin(&leader, SECOND, strlen(SECOND), INT64_MAX);
	leader_fault = &disk;
	lock_hook = follower_lock;
	assert_int_equal(append(LINE, &fault), -1);
	lock_hook = NULL;
	test_clock.stands = false;
	assert_null(leader_fault);
	assert_int_equal(fault.code, FAULT_SYNC_FAILED);
	assert_string_equal(fault.detail, "the disk");
	holds("test.jsonl", LINE);
}

/* Where no file can be without a name, one of no log's name stays, empty, and serves again. */
static void
a_probe_leaves_no_log(void **state)
{
	struct scan_names names;
	struct fault fault = { 0 };
	size_t length = 0;
	char *left = NULL;

	(void)state;
	assert_int_equal(run_probe(&fault), 0);
	assert_null(file_load(".msgext-probe", &length));
	file_write(".msgext-probe", "killed here", 11);
	for (int countdown = 1; countdown < 10 && (left == NULL || length != 0); countdown++) {
		free(left);
		plan(countdown, EOPNOTSUPP, false);
		run_probe(&fault);
		plan_end();
		left = file_load(".msgext-probe", &length);
	}
	assert_non_null(left);
	assert_int_equal(length, 0);
	free(left);
	assert_int_equal(scan_list(scratch, &names, &fault), 0);
	for (size_t i = 0; i < names.count; i++)
		assert_null(strstr(names.names[i], "probe"));
	scan_names_free(&names);
}

static void
a_probe_tells_what_is_unsafe(void **state)
{
	static char path[PATH_MAX];
	struct fault fault;
	bool unsafe = false;
	size_t length;

	(void)state;
	options.data_dir = "/nowhere";
	assert_int_equal(store_probe(&options, INT64_MAX, &fault), -1);
	assert_int_equal(fault.code, FAULT_DATA_DIR);
	/* Without files that have no name: another's link, and a path that is too long. */
	remove(file_write(".msgext-probe", "", 0));
	file_write("other", "", 0);
	snprintf(path, sizeof(path), "%s/other", scratch);
	assert_int_equal(link(path, file_path(".msgext-probe")), 0);
	for (int countdown = 1; countdown < 10; countdown++) {
		plan(countdown, EOPNOTSUPP, false);
		if (run_probe(&fault) != 0)
			unsafe = unsafe || fault.code == FAULT_LOG_UNSAFE;
		plan_end();
	}
	assert_true(unsafe);
	remove(file_path(".msgext-probe"));
	length = (size_t)snprintf(path, sizeof(path), "%s", scratch);
	while (length < sizeof(path) - 8) {
		memcpy(path + length, "/.", 3);
		length += 2;
	}
	options.data_dir = path;
	for (int countdown = 1; countdown < 10; countdown++) {
		plan(countdown, EOPNOTSUPP, false);
		if (store_probe(&options, INT64_MAX, &fault) != 0)
			assert_int_not_equal(fault.code, FAULT_NONE);
		plan_end();
	}
	holds(".msgext-probe", NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(p1_whatever_fails),
		cmocka_unit_test(p5_whatever_fails_is_told),
		cmocka_unit_test(p1_a_leaders_fault_is_its_followers),
		cmocka_unit_test(a_probe_leaves_no_log),
		cmocka_unit_test(a_probe_tells_what_is_unsafe),
	};

	options.owner = geteuid();
	umask(077);
	cJSON_InitHooks(&(cJSON_Hooks){ __wrap_malloc, free });
	return RUN(tests);
}

/* histories.h - generated logs of several messages, and the records of a log: for tests of the viewer */
#ifndef TESTS_HISTORIES_H
#define TESTS_HISTORIES_H

#include "base/fault.h"
#include "base/text.h"
#include "log/compact.h"
#include "log/line.h"
#include "log/scan.h"
#include "log/state.h"
#include "record.h"
#include "store/options.h"
#include "unit.h"

#define LOG_NAME "g.jsonl"
#define GROUP "g"
#define KEYS 7
#define LINES_MAX 1200
#define TIME_FIRST INT64_C(1764688294360)

static const char *const keys[KEYS] = { "a", "b", "user_1", "\xe6\x8a\x95", "", "A", "zz" };
static const char *const values[] = { "", "x", "yes", "no", "\xc3\xa9" };

static uint64_t dice;

static unsigned
pick(unsigned below)
{
	dice = dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)(dice >> 33) % below;
}

static inline void
dice_throw(void)
{
	dice = seed_make();
}

/* What the vendor holds of a message. */
struct truth {
	const char *value[KEYS]; /* NULL: no such key */
	uint64_t seq[KEYS];
	uint64_t latest, clear;
};

/* The lines of a log that is to be written. */
struct lines {
	char *text[LINES_MAX];
	size_t count;
};

static inline void
lines_free(struct lines *lines)
{
	for (size_t i = 0; i < lines->count; i++)
		free(lines->text[i]);
	lines->count = 0;
}

/* Without its time, which the line gets when it arrives. */
static inline void
line_add(struct lines *lines, const char *text)
{
	assert_true(lines->count < LINES_MAX);
	lines->text[lines->count] = strdup(text);
	assert_non_null(lines->text[lines->count++]);
}

/* An event: the vendor's next change, or one that no honest vendor makes. */
static inline void
event_add(struct lines *lines, struct truth *truth, uint64_t message, bool honest)
{
	int kind = pick(15) == 0 ? 3 : pick(3) == 0 ? 2 : 1, first = (int)pick(KEYS);
	int count = kind == 3 ? 0 : (int)pick(4);
	uint64_t seq = honest ? ++truth->latest : pick(20);
	char text[2048];
	int used;

	if (!honest && seq > truth->latest)
		truth->latest = seq;
	used = snprintf(text, sizeof(text),
	    "\"SdkAppid\":1,\"CallbackCommand\":\"Group.CallbackAfterGroupMsgExtension\","
	    "\"GroupId\":\"" GROUP "\",\"MsgSeq\":%llu,\"OperateType\":%d,\"ExtensionList\":[",
	    (unsigned long long)message, kind);
	if (kind == 3) {
		truth->clear = seq;
		memset(truth->value, 0, sizeof(truth->value));
	}
	for (int i = 0; i < count; i++) {
		int key = honest ? (first + i) % KEYS : (int)pick(KEYS);
		const char *value = values[pick(5)];

		truth->value[key] = kind == 1 ? value : NULL;
		truth->seq[key] = seq;
		used += snprintf(text + used, sizeof(text) - (size_t)used,
		    "%s{\"Key\":\"%s\",\"Value\":\"%s\",\"Seq\":%llu}", i == 0 ? "" : ",",
		    keys[key], kind == 1 ? value : "",
		    (unsigned long long)(honest || pick(4) > 0 ? seq : pick(22)));
	}
	snprintf(text + used, sizeof(text) - (size_t)used, "],\"Seq\":%llu,\"EventTime\":1}\n",
	    (unsigned long long)seq);
	line_add(lines, text);
}

/* An import: the vendor's answer, or a wrong one. */
static inline void
import_add(struct lines *lines, const struct truth *truth, uint64_t message, bool honest)
{
	uint64_t latest = honest ? truth->latest : pick(20);
	char text[2048];
	int used = snprintf(text, sizeof(text),
	    "\"Snapshot\":\"import\",\"GroupId\":\"" GROUP "\",\"MsgSeq\":%llu,\"LatestSeq\":%llu,"
	    "\"ClearSeq\":%llu,\"WholeSeq\":%llu,\"ExtensionList\":[",
	    (unsigned long long)message, (unsigned long long)latest,
	    (unsigned long long)(honest ? truth->clear : pick(20)), (unsigned long long)latest);
	bool any = false;

	for (int key = 0; key < KEYS; key++) {
		if (honest ? truth->value[key] == NULL : pick(2) == 0)
			continue;
		used += snprintf(text + used, sizeof(text) - (size_t)used,
		    "%s{\"Key\":\"%s\",\"Value\":\"%s\",\"Seq\":%llu}", any ? "," : "", keys[key],
		    honest ? truth->value[key] : values[pick(5)],
		    (unsigned long long)(honest ? truth->seq[key] : pick(20)));
		any = true;
	}
	snprintf(text + used, sizeof(text) - (size_t)used, "]}\n");
	line_add(lines, text);
}

/* Moves lines by at most so many places. */
static inline void
lines_shuffle(struct lines *lines, unsigned distance)
{
	static size_t place[LINES_MAX];

	for (size_t i = 0; i < lines->count; i++)
		place[i] = i + pick(distance + 1);
	for (size_t i = 1; i < lines->count; i++)
		for (size_t j = i; j > 0 && place[j - 1] > place[j]; j--) {
			size_t later = place[j - 1];
			char *text = lines->text[j - 1];

			place[j - 1] = place[j];
			place[j] = later;
			lines->text[j - 1] = lines->text[j];
			lines->text[j] = text;
		}
}

/* Writes lines at the log's end, each a little later than the one before. */
static inline void
lines_write(const struct lines *lines, size_t from, size_t to)
{
	static int64_t now;
	FILE *file = fopen(file_path(LOG_NAME), from == 0 ? "w" : "a");

	assert_non_null(file);
	if (from == 0)
		now = TIME_FIRST;
	for (size_t i = from; i < to; i++) {
		char text[64];

		now += pick(60000);
		text[record_put_time(text, now)] = '\0';
		fprintf(file, "{%s%s", text, lines->text[i]);
	}
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(file_path(LOG_NAME), 0600), 0);
}

static inline void
log_compact(void)
{
	const struct store_options options = { .data_dir = scratch,
		.owner = geteuid(),
		.file_mode = 0600,
		.lock_timeout = 1200 };
	struct compaction compaction = { .options = &options, .group_id = GROUP, .discard = true };
	struct fault fault = { 0 };

	if (compact_log(&compaction, &fault) != 0)
		fail_msg("compact: %s", fault.detail);
}

/* The records of the log that is there, read without the viewer. */
struct records {
	char *bytes;
	size_t length;
	struct record record[LINES_MAX];
	struct line_reader reader[LINES_MAX];
	size_t count;
	size_t unreadable;
};

static inline void
records_read(struct records *records)
{
	struct fault fault;
	size_t at = 0;

	memset(records, 0, sizeof(*records));
	records->bytes = file_load(LOG_NAME, &records->length);
	assert_non_null(records->bytes);
	while (at < records->length) {
		char *end = memchr(records->bytes + at, '\n', records->length - at);
		struct line line = { .bytes = records->bytes + at };

		if (end == NULL)
			break;
		line.length = (size_t)(end - line.bytes);
		at += line.length + 1;
		assert_true(records->count < LINES_MAX);
		if (line_record(&records->reader[records->count], &line,
			&records->record[records->count], &fault) == 1 &&
		    strcmp(records->record[records->count].event.group_id, GROUP) == 0)
			records->count++;
		else
			records->unreadable++;
	}
}

static inline void
records_free(struct records *records)
{
	for (size_t i = 0; i < LINES_MAX; i++)
		line_reader_free(&records->reader[i]);
	free(records->bytes);
}

/* The fold of those of a message up to a version. */
static inline struct state *
records_fold(const struct records *records, uint64_t message, uint64_t version)
{
	struct state *state = state_new();

	assert_non_null(state);
	for (size_t i = 0; i < records->count; i++)
		if (records->record[i].event.msg_seq == message &&
		    records->record[i].event.seq <= version)
			assert_int_equal(state_fold(state, &records->record[i]), 0);
	assert_int_equal(state_flush(state), 0);
	return state;
}

#endif

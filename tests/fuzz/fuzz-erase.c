/*
 * Any bytes as a log's lines, of which the first byte names a key: once the key is erased, nothing is
 * found of it, what is read of other keys is as it was, and lines without it are the same bytes.
 */
#include "log/erase.h"
#include "log/redact.h"
#include "log/scan.h"
#include "log/state.h"
#include "parse.h"
#include "fuzz.h"

#define LINES_MAX 16
#define LINE_MAX_HERE 4096

static const char *const keys[] = { "key2", "", "Key", "a\"b", ":", "\xe6\x8a\x95", "Value", "," };

struct lines {
	struct line list[LINES_MAX];
	char *bytes[LINES_MAX];
	size_t count;
};

static void
line_add(struct lines *lines, const char *bytes, size_t length)
{
	char *copy = malloc(length + 1); /* its own, so that reading behind it shows */

	CHECK(copy != NULL);
	memcpy(copy, bytes, length);
	copy[length] = '\n';
	lines->bytes[lines->count] = copy;
	lines->list[lines->count] =
	    (struct line){ .bytes = copy, .length = length, .number = lines->count + 1 };
	lines->count++;
}

static void
lines_free(struct lines *lines)
{
	for (size_t i = 0; i < lines->count; i++)
		free(lines->bytes[i]);
}

static struct state *
lines_fold(const struct lines *lines, size_t *records)
{
	struct line_reader reader = { 0 };
	struct state *state = state_new();
	struct record record;
	struct fault fault;

	CHECK(state != NULL);
	*records = 0;
	for (size_t i = 0; i < lines->count; i++) {
		if (line_record(&reader, &lines->list[i], &record, &fault) != 1)
			continue;
		++*records;
		if (strcmp(record.event.group_id, "test") == 0)
			CHECK(state_fold(state, &record) == 0);
	}
	line_reader_free(&reader);
	CHECK(state_flush(state) == 0);
	return state;
}

/* Looks through the lines: is anything to leave them? */
static bool
lines_look(struct erasure *erasure, const struct lines *lines)
{
	struct fault fault = { 0 };

	CHECK(erasure_begin(erasure, &fault) == 0);
	for (size_t i = 0; i < lines->count; i++)
		CHECK(erasure_look(erasure, &lines->list[i], &fault) == 0);
	return erasure->found;
}

/* Makes the lines as they are to be. */
static void
lines_erase(struct erasure *erasure, const struct lines *lines, struct lines *left)
{
	struct fault fault = { 0 };

	if (erasure_gathers(erasure))
		for (size_t i = 0; i < lines->count; i++)
			CHECK(erasure_gather(erasure, &lines->list[i], &fault) == 0);
	for (size_t i = 0; i < lines->count; i++) {
		const struct line *line = &lines->list[i];
		const char *bytes = line->bytes;
		size_t length = line->length;
		int result = erasure_line(erasure, line, &bytes, &length, &fault);

		CHECK(result >= 0);
		CHECK(result == 1 || (bytes == line->bytes && length == line->length));
		CHECK(memchr(bytes, '\n', length) == NULL);
		line_add(left, bytes, length);
	}
}

/* What a message has of other keys is what it had. */
static void
message_verify(const struct message *before, const struct message *after, const char *key)
{
	size_t count, left_count, at = 0;
	struct event_pair *pairs = message_pairs(before, &count);
	struct event_pair *left = message_pairs(after, &left_count);

	CHECK(pairs != NULL && left != NULL);
	CHECK(before->latest_seq == after->latest_seq && before->clear_seq == after->clear_seq);
	CHECK(message_first_seq(before) == message_first_seq(after));
	for (size_t i = 0; i < count; i++) {
		if (strcmp(pairs[i].key, key) == 0)
			continue;
		CHECK(at < left_count && pairs_equal(&pairs[i], &left[at], 1));
		at++;
	}
	CHECK(at == left_count);
	free(pairs);
	free(left);
}

/*
 * Is each line as a receiver stores them, no name twice in it?  A pair with two keys, of which readers take the
 * first, leaves with either of them.
 */
static bool
lines_are_clear(const struct lines *lines)
{
	bool clear = true;

	for (size_t i = 0; clear && i < lines->count; i++) {
		struct fault fault;
		struct document *document =
		    document_parse_line(lines->list[i].bytes, lines->list[i].length, &fault);

		clear = document == NULL || document_names_check(document, &fault) == 0;
		document_free(document);
	}
	return clear;
}

static void
lines_verify(const struct lines *lines, const struct lines *left, const char *key)
{
	size_t count, left_count, records, left_records;
	struct state *before = lines_fold(lines, &records),
		     *after = lines_fold(left, &left_records);
	struct message **messages = state_messages(before, &count);
	struct message **others = state_messages(after, &left_count);

	/* One that is no record for a pair of the key alone is one without it. */
	CHECK(messages != NULL && others != NULL && records <= left_records);
	CHECK(records < left_records || count == left_count);
	for (size_t i = 0; i < count && records == left_records && lines_are_clear(lines); i++)
		message_verify(messages[i], others[i], key);
	state_free(before);
	state_free(after);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *at = (const char *)data + 1, *end = (const char *)data + size;
	struct lines lines = { .count = 0 }, left = { .count = 0 };
	struct erasure erasure = { .group_id = "test" };

	if (size == 0)
		return 0;
	erasure.key = keys[data[0] % (sizeof(keys) / sizeof(keys[0]))];
	while (at < end && lines.count < LINES_MAX) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t length = newline == NULL ? (size_t)(end - at) : (size_t)(newline - at);

		line_add(&lines, at, length < LINE_MAX_HERE ? length : LINE_MAX_HERE);
		at += length + 1;
	}
	if (lines_look(&erasure, &lines)) {
		lines_erase(&erasure, &lines, &left);
		lines_verify(&lines, &left, erasure.key);
		/* An empty string is what takes a key's place in what is no JSON. */
		CHECK(!lines_look(&erasure, &left) || erasure.key[0] == '\0');
	}
	erasure_end(&erasure);
	lines_free(&lines);
	lines_free(&left);
	return 0;
}

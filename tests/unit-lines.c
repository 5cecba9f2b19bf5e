/* Lines of every kind that any receiver ever took: what lines.t tries on the programs, on the modules. */
#include <sys/stat.h>

#include "base/fault.h"
#include "base/time.h"
#include "log/line.h"
#include "log/scan.h"
#include "shape.h"
#include "names.h"
#include "parse.h"
#include "store/options.h"
#include "store/tail.h"
#include "store.h"
#include "samples.h"
#include "unit.h"

static void (*kind_verify)(const struct sample *kind);

/* Of a kind: its name, heads[0] the stem of its log's name, and its line, without its newline. */
static void
kind_take(struct sample *kind)
{
	kind->length--;
	assert_true(kind->bytes[kind->length] == '\n');
	kind_verify(kind);
}

/* Calls verify with each kind. */
static void
kinds_verify(void (*verify)(const struct sample *kind))
{
	kind_verify = verify;
	assert_true(samples_each("tests/lines", 3, kind_take) >= 60);
}

static struct line_reader reader;

static void
record_equal(const struct sample *kind, const struct record *a, const struct record *b)
{
	const struct event *left = &a->event, *right = &b->event;

	if (a->time != b->time || a->clear_seq != b->clear_seq ||
	    strcmp(left->group_id, right->group_id) != 0 || left->msg_seq != right->msg_seq ||
	    left->operate_type != right->operate_type || left->seq != right->seq ||
	    left->event_time != right->event_time || left->pair_count != right->pair_count)
		fail_msg("%s: read in two ways", kind->name);
	if (a->erased_count != b->erased_count ||
	    (a->erased_count > 0 &&
		memcmp(a->erased, b->erased, a->erased_count * sizeof(*a->erased)) != 0))
		fail_msg("%s: what was erased is read in two ways", kind->name);
	for (size_t i = 0; i < left->pair_count; i++)
		if (strcmp(left->pairs[i].key, right->pairs[i].key) != 0 ||
		    strcmp(left->pairs[i].value, right->pairs[i].value) != 0 ||
		    left->pairs[i].seq != right->pairs[i].seq)
			fail_msg("%s: pair %zu is read in two ways", kind->name, i);
}

static void
reading_verify(const struct sample *kind)
{
	struct line line = { .bytes = kind->bytes, .length = kind->length };
	struct document *parsed;
	struct record record, by_parser;
	struct fault fault = { 0 };
	char log_name[STORE_NAME_SIZE];

	if (line_record(&reader, &line, &record, &fault) != 1)
		fail_msg("%s: %s", kind->name, fault.detail);
	store_name(record.event.group_id, log_name);
	*strchr(log_name, '.') = '\0';
	assert_string_equal(log_name, kind->heads[0]);
	parsed = document_parse_line(kind->bytes, kind->length, &fault);
	if (parsed == NULL || document_record(parsed, &by_parser, &fault) != 0)
		fail_msg("%s: %s", kind->name, fault.detail);
	record_equal(kind, &record, &by_parser);
	document_free(parsed);
}

static void
every_kind_is_read(void **state)
{
	(void)state;
	kinds_verify(reading_verify);
	line_reader_free(&reader);
}

/* What today's gate takes, behind an envelope as today's receiver writes it, needs no parser. */
static void
shape_verify(const struct sample *kind)
{
	static const char head[] = "{\"time\":\"2025-12-02T15:11:34.395Z\",\"SdkAppid\":";
	struct fault fault;
	struct event event;
	struct record record;
	enum callback command;
	struct document *document;

	if (strncmp(kind->bytes, head, sizeof(head) - 1) != 0)
		return;
	document = document_parse(kind->bytes, kind->length, &fault);
	if (document != NULL && document_event(document, &event, &fault) == 0 &&
	    document_command(document, &command, &fault) == 0 && command == CALLBACK_OURS &&
	    !shape_read(&reader.shape, kind->bytes, kind->length, &record))
		fail_msg("%s: is left to the parser", kind->name);
	document_free(document);
}

static void
every_kind_of_today_is_of_the_shape(void **state)
{
	(void)state;
	kinds_verify(shape_verify);
	line_reader_free(&reader);
}

/* Makes a log of the line, without its newline. */
static void
log_write(const char *name, const struct sample *kind)
{
	char path[sizeof(scratch) + STORE_NAME_SIZE];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", scratch, name);
	umask(077);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(kind->bytes, 1, kind->length, file), kind->length);
	assert_int_equal(fclose(file), 0);
}

/* Behind a line without its newline the next writer adds one, and sets nothing aside. */
static void
tail_verify(const struct sample *kind)
{
	static const char next[] = "{\"next\":1}\n";
	const struct store_options options = { .data_dir = scratch,
		.owner = geteuid(),
		.file_mode = 0600,
		.lock_timeout = 1200 };
	struct document *document =
	    document_parse_line(kind->bytes, kind->length, &(struct fault){ 0 });
	struct fault fault = { 0 };
	struct record record;
	char name[STORE_NAME_SIZE], torn[STORE_NAME_SIZE], *bytes;
	size_t length, torn_length;

	if (document == NULL || document_record(document, &record, &fault) != 0)
		fail_msg("%s: %s", kind->name, fault.detail);
	if (!store_line_is_whole(kind->bytes, kind->length))
		fail_msg("%s: would be set aside", kind->name);
	store_name(record.event.group_id, name);
	snprintf(torn, sizeof(torn), "%s.torn", kind->heads[0]);
	log_write(name, kind);
	if (store_append(&options,
		&(struct store_entry){ record.event.group_id, next, sizeof(next) - 1,
		    clock_milliseconds() + 1700 },
		NULL, &fault) != 0)
		fail_msg("%s: %s", kind->name, fault.detail);
	bytes = file_load(name, &length);
	assert_non_null(bytes);
	assert_int_equal(length, kind->length + sizeof(next));
	assert_memory_equal(bytes, kind->bytes, kind->length + 1);
	assert_string_equal(bytes + kind->length + 1, next);
	assert_null(file_load(torn, &torn_length));
	free(bytes);
	document_free(document);
}

static void
p2_every_kind_is_a_whole_tail(void **state)
{
	(void)state;
	kinds_verify(tail_verify);
}

/* What is no whole line stays one that is set aside, however lenient the reader. */
static void
cuts_verify(const struct sample *kind)
{
	for (size_t length = 0; length < kind->length; length++)
		if (store_line_is_whole(kind->bytes, length) && kind->bytes[length] != '\r')
			fail_msg("%s: taken for whole at %zu", kind->name, length);
}

static void
p2_every_cut_is_torn(void **state)
{
	(void)state;
	kinds_verify(cuts_verify);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_is_read),
		cmocka_unit_test(every_kind_of_today_is_of_the_shape),
		cmocka_unit_test(p2_every_kind_is_a_whole_tail),
		cmocka_unit_test(p2_every_cut_is_torn),
	};

	return RUN(tests);
}

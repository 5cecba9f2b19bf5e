/*
 * A body: the strict gate agrees with itself and with cJSON, and what is
 * stored of an accepted event is one line that says the same (P5, P2), of the
 * shape that readers read without a parser.  What the receiver takes without a parser, the gate takes.
 */
#include <cjson/cJSON.h>

#include "base/base.h"
#include "base/fault.h"
#include "json.h"
#include "shape.h"
#include "parse.h"
#include "fuzz.h"

static void
copies_verify(const struct json_copy *copy, size_t size)
{
	cJSON *tree = cJSON_ParseWithLength(copy->view, copy->view_length);
	struct json_copy again;
	struct fault fault;

	CHECK(tree != NULL);
	cJSON_Delete(tree);
	CHECK(copy->text_length >= 1 && copy->text_length <= size);
	CHECK(strlen(copy->text) == copy->text_length);
	CHECK(strlen(copy->view) == copy->view_length);
	CHECK(strchr(copy->text, '\n') == NULL);
	/* Without white space it says the same. */
	CHECK(json_check(copy->text, copy->text_length, JSON_DEPTH_MAX, &again, &fault) == 0);
	CHECK(strcmp(again.text, copy->text) == 0 && strcmp(again.view, copy->view) == 0);
	json_copy_free(&again);
}

static void
gate_verify(const char *bytes, size_t size)
{
	struct fault with = { 0 }, without = { 0 };
	struct json_copy copy;
	int result = json_check(bytes, size, JSON_DEPTH_MAX, NULL, &without);

	CHECK(json_check(bytes, size, JSON_DEPTH_MAX, &copy, &with) == result);
	CHECK(with.code == without.code && strcmp(with.detail, without.detail) == 0);
	if (result != 0) {
		fault_verify(&with);
		CHECK(with.code >= FAULT_JSON_MALFORMED && with.code <= FAULT_JSON_DEPTH);
		return;
	}
	CHECK(with.code == FAULT_NONE);
	copies_verify(&copy, size);
	json_copy_free(&copy);
}

/* May the body have members of our names? */
static bool
names_ours(const char *text)
{
	return strstr(text, "\"time\":") != NULL || strstr(text, "\"SdkAppid\":") != NULL ||
	    strstr(text, "\"ClientIP\":") != NULL || strstr(text, "\"OptPlatform\":") != NULL ||
	    strstr(text, "\"Erased\":") != NULL || strstr(text, "\\u") != NULL;
}

/* Every reader takes the line without a parser, and as the same event. */
static void
shape_verify(const char *line, size_t length, const struct event *event)
{
	struct shape shape = { 0 };
	struct record record;

	CHECK(shape_read(&shape, line, length, &record));
	CHECK(event_equal(&record.event, event));
	shape_free(&shape);
}

/* The line of an event, by an envelope, is that event. */
static void
line_verify(const struct document *document, const struct envelope *envelope,
    const struct event *event, const struct json_copy *copy)
{
	static const char head[] =
	    "{\"time\":\"2025-12-02T15:11:34.345Z\",\"SdkAppid\":9007199254740992,";
	struct document *again;
	struct record record;
	struct fault fault;
	enum callback command;
	size_t length;
	char *line = document_line(document, envelope, &length);

	CHECK(line != NULL);
	CHECK(memchr(line, '\n', length) == line + length - 1);
	/* Ours are first, and there once; the vendor's members stand in it as they came. */
	CHECK(memcmp(line, head, sizeof(head) - 1) == 0);
	CHECK(memcmp(line + length - 2, "}\n", 2) == 0 && memchr(line, '\0', length) == NULL);
	if (!names_ours(copy->text)) {
		CHECK(length > copy->text_length);
		CHECK(memcmp(line + length - copy->text_length, copy->text + 1,
			  copy->text_length - 1) == 0);
	}
	again = document_parse(line, length, &fault);
	CHECK(again != NULL);
	CHECK(document_record(again, &record, &fault) == 0);
	CHECK(!record.is_snapshot);
	CHECK(event_equal(&record.event, event));
	CHECK(record.time == (int64_t)envelope->time.tv_sec * 1000 + 345);
	CHECK(record.clear_seq == (event->operate_type == OPERATE_CLEAR ? event->seq : 0));
	document_free(again);
	if (document_command(document, &command, &fault) == 0 && command == CALLBACK_OURS)
		shape_verify(line, length - 1, event);
	free(line);
}

static void
event_lines_verify(struct document *document, const char *bytes, size_t size)
{
	static const char awkward[] = "a\"b\\c\xc3\xa9";
	struct envelope envelope = { .time = { 1764688294, 345678901 }, .sdk_app_id = INTEGER_MAX };
	struct json_copy copy;
	struct event event, repeated;
	struct fault fault = { 0 };
	enum callback command;

	if (document_event(document, &event, &fault) != 0) {
		fault_verify(&fault);
		return;
	}
	event_verify(&event);
	for (const char *p = event.group_id; *p != '\0'; p++)
		CHECK((unsigned char)*p >= 0x20 && *p != 0x7f);
	CHECK(json_check(bytes, size, JSON_DEPTH_MAX, &copy, &fault) == 0);
	line_verify(document, &envelope, &event, &copy);
	envelope.client_ip = envelope.platform = awkward;
	envelope.client_ip_length = envelope.platform_length = sizeof(awkward) - 1;
	line_verify(document, &envelope, &event, &copy);
	json_copy_free(&copy);
	/* document_event asks for one */
	CHECK(document_command(document, &command, &fault) == 0 && command != CALLBACK_NONE);
	CHECK(document_event(document, &repeated, &fault) == 0);
}

/* What the receiver takes without a parser, the gate takes, as the same event and to the same line. */
static void
without_parser_verify(struct document *document, const char *bytes, size_t size)
{
	const struct envelope envelope = { .time = { 1764688294, 345678901 },
		.sdk_app_id = INTEGER_MAX,
		.client_ip = "a\"b",
		.client_ip_length = 3 };
	struct shape shape = { 0 };
	struct event event, parsed;
	struct fault fault;
	enum callback command;
	size_t length, parsed_length;
	char *line =
	    shape_line(&shape, &(struct shape_request){ bytes, size, &envelope }, &event, &length);

	if (line != NULL) {
		char *wanted;

		CHECK(document != NULL);
		CHECK(document_command(document, &command, &fault) == 0);
		CHECK(command == CALLBACK_OURS);
		CHECK(document_event(document, &parsed, &fault) == 0);
		CHECK(document_is_of_app(document, envelope.sdk_app_id));
		CHECK(event_equal(&event, &parsed));
		wanted = document_line(document, &envelope, &parsed_length);
		CHECK(wanted != NULL && parsed_length == length);
		CHECK(memcmp(wanted, line, length) == 0);
		free(wanted);
	}
	free(line);
	shape_free(&shape);
}

/* A copy in which the hexadecimal digits of \uXXXX are small letters; the caller frees it. */
static char *
escapes_lower(const char *bytes, size_t size)
{
	char *lower = malloc(size + 1);

	CHECK(lower != NULL);
	memcpy(lower, bytes, size);
	for (size_t i = 0; i + 1 < size; i++) {
		if (bytes[i] != '\\')
			continue;
		i++;
		for (size_t j = i + 1; bytes[i] == 'u' && j < size && j < i + 5; j++)
			if (bytes[j] >= 'A' && bytes[j] <= 'F')
				lower[j] = (char)(bytes[j] | 0x20);
	}
	return lower;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data;
	char *lower = escapes_lower(bytes, size);
	struct fault fault = { 0 }, lower_fault = { 0 };
	struct document *document = document_parse(bytes, size, &fault);
	struct document *other = document_parse(lower, size, &lower_fault);

	gate_verify(bytes, size);
	without_parser_verify(document, bytes, size);
	/* How a sender spells his escapes makes no difference. */
	CHECK((document == NULL) == (other == NULL) && fault.code == lower_fault.code);
	if (document == NULL)
		fault_verify(&fault);
	else
		event_lines_verify(document, bytes, size);
	document_free(document);
	document_free(other);
	free(lower);
	return 0;
}

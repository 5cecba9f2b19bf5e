/* Bytes to event, event to line.  The many ways to be refused stand in corpus/. */
#include "unit.h"

static void
event_is_read(void **state)
{
	struct fault fault;
	struct document *document = document_parse(BODY_SET, strlen(BODY_SET), &fault);
	struct event event;
	const char *command;

	(void)state;
	assert_non_null(document);
	assert_int_equal(document_command(document, &command, &fault), 0);
	assert_string_equal(command, COMMAND_OURS);
	/* Twice, for a reader may. */
	for (int i = 0; i < 2; i++) {
		assert_int_equal(document_event(document, &event, &fault), 0);
		assert_string_equal(event.group_id, "test");
		assert_int_equal(event.msg_seq, 10);
		assert_int_equal(event.operate_type, OPERATE_SET);
		assert_int_equal(event.seq, 56);
		assert_int_equal(event.event_time, 1764688294360);
		assert_int_equal(event.pair_count, 2);
		assert_string_equal(event.pairs[0].key, "key2");
		assert_string_equal(event.pairs[0].value, "value2");
		assert_string_equal(event.pairs[1].value, "12122");
		assert_int_equal(event.pairs[1].seq, 56);
	}
	document_free(document);
}

static void
text_is_decoded(void **state)
{
	static const char body[] =
	    "{\"CallbackCommand\":\"x\",\"GroupId\":\"a\\/\\u00e9\",\"MsgSeq\":1,\"OperateType\":2,"
	    "\"ExtensionList\":[{\"Key\":\"\\ud83d\\ude00\",\"Seq\":1}],\"Seq\":1,"
	    "\"EventTime\":\"5\"}";
	struct fault fault;
	struct document *document = document_parse(body, sizeof(body) - 1, &fault);
	struct event event;

	(void)state;
	assert_non_null(document);
	assert_int_equal(document_event(document, &event, &fault), 0);
	assert_string_equal(event.group_id, "a/\xc3\xa9");
	assert_string_equal(event.pairs[0].key, "\xf0\x9f\x98\x80");
	assert_string_equal(event.pairs[0].value, "");
	assert_int_equal(event.event_time, 5);
	document_free(document);
}

static void
line_is_built(void **state)
{
	static const struct envelope envelope = {
		.time = { 1764688294, 7999999 },
		.sdk_app_id = 1400000000,
		.client_ip = "203.0.113.7",
		.client_ip_length = 11,
		.platform = "a\"b",
		.platform_length = 3,
	};
	struct fault fault;
	struct document *document = document_parse(" {\"x\" : 1e9} ", 13, &fault);
	size_t length;
	char *line;

	(void)state;
	assert_non_null(document);
	line = document_line(document, &envelope, &length);
	assert_non_null(line);
	line[length - 1] = line[length - 1] == '\n' ? '\0' : 'X';
	assert_string_equal(line,
	    "{\"time\":\"2025-12-02T15:11:34.007Z\",\"SdkAppid\":1400000000,"
	    "\"ClientIP\":\"203.0.113.7\",\"OptPlatform\":\"a\\\"b\",\"x\":1e9}");
	free(line);
	document_free(document);
}

static void
many_names_take_no_quadratic_time(void **state)
{
	enum { COUNT = 200000 };
	char *body = malloc((size_t)COUNT * 16);
	size_t length = 0;
	struct fault fault;
	struct document *document;

	(void)state;
	assert_non_null(body);
	body[length++] = '{';
	for (int i = 0; i < COUNT; i++)
		length += (size_t)sprintf(body + length, "%s\"n%d\":0", i > 0 ? "," : "", i);
	body[length++] = '}';
	document = document_parse(body, length, &fault);
	assert_non_null(document);
	document_free(document);
	free(body);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(event_is_read),
		cmocka_unit_test(text_is_decoded),
		cmocka_unit_test(line_is_built),
		cmocka_unit_test(many_names_take_no_quadratic_time),
	};

	return RUN(tests);
}

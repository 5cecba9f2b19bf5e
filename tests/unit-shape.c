/* Lines of the usual shape, read without the parser and as the parser reads them. */
#include "base/fault.h"
#include "log/line.h"
#include "log/shape.h"
#include "parse.h"
#include "unit.h"

#define HEAD "{\"time\":\"2025-12-02T15:11:34.395Z\",\"SdkAppid\":1400000000,"
#define FROM "\"ClientIP\":\"203.0.113.7\",\"OptPlatform\":\"Android\","
#define COMMAND "\"CallbackCommand\":\"" COMMAND_OURS "\","
#define MESSAGE "\"GroupId\":\"test\",\"MsgSeq\":10,\"OperateType\":1,"
#define PAIR(value) "\"ExtensionList\":[{\"Key\":\"k\",\"Value\":\"" value "\",\"Seq\":56}],"
#define TAIL "\"Seq\":56,\"EventTime\":1764688294360}"
#define LINE(value)                                                                                \
	HEAD FROM COMMAND MESSAGE PAIR(value)                                                      \
	TAIL

static struct shape shape;

static bool
taken(const char *line, struct record *record)
{
	return shape_read(&shape, line, strlen(line), record);
}

/* The line, which is of the shape, must read as the parser reads it. */
static void
same_verify(const char *line)
{
	struct record record, parsed;
	struct fault fault;
	struct document *document = document_parse_line(line, strlen(line), &fault);

	assert_non_null(document);
	assert_int_equal(document_record(document, &parsed, &fault), 0);
	if (!taken(line, &record))
		fail_msg("not taken: %s", line);
	assert_int_equal(record.time, parsed.time);
	assert_int_equal(record.clear_seq, parsed.clear_seq);
	assert_false(record.is_snapshot);
	assert_string_equal(record.event.group_id, parsed.event.group_id);
	assert_int_equal(record.event.msg_seq, parsed.event.msg_seq);
	assert_int_equal(record.event.operate_type, parsed.event.operate_type);
	assert_int_equal(record.event.seq, parsed.event.seq);
	assert_int_equal(record.event.event_time, parsed.event.event_time);
	assert_int_equal(record.event.pair_count, parsed.event.pair_count);
	for (size_t i = 0; i < parsed.event.pair_count; i++) {
		assert_string_equal(record.event.pairs[i].key, parsed.event.pairs[i].key);
		assert_string_equal(record.event.pairs[i].value, parsed.event.pairs[i].value);
		assert_int_equal(record.event.pairs[i].seq, parsed.event.pairs[i].seq);
	}
	document_free(document);
}

/* Were they left to the parser, all would still be right, but slow. */
static void
usual_lines_are_taken(void **state)
{
	static const char *const lines[] = {
		LINE("value"),
		LINE(""),
		LINE("seven b"),
		LINE("of more than eight bytes, and of more than sixteen"),
		LINE("\\\"quoted\\\" \\\\ \\/ \\b\\f\\n\\r\\t"),
		LINE("\xe6\x8a\x95\xe7\xa5\xa8 \xc3\xa9 \xf0\x9f\x98\x80"),
		LINE("\x7f, which JSON allows"),
		HEAD COMMAND MESSAGE PAIR("v") TAIL,
		HEAD "\"OptPlatform\":\"RESTAPI\"," COMMAND MESSAGE PAIR("v") TAIL,
		HEAD FROM COMMAND MESSAGE "\"ExtensionList\":[]," TAIL,
		HEAD FROM COMMAND MESSAGE
		"\"ExtensionList\":[{\"Key\":\"\",\"Value\":\"\",\"Seq\":0}"
		",{\"Key\":\"k\",\"Value\":\"v\",\"Seq\":9007199254740992}]," TAIL,
		HEAD FROM COMMAND "\"GroupId\":\"test\",\"MsgSeq\":0,\"OperateType\":2,"
				  "\"ExtensionList\":[{\"Key\":\"k\",\"Seq\":1}]," TAIL,
		HEAD FROM COMMAND "\"GroupId\":\"testing\",\"MsgSeq\":1,\"OperateType\":3,"
				  "\"ExtensionList\":[]," TAIL,
		HEAD FROM COMMAND "\"GroupId\":\"\xe7\xbb\x84\",\"MsgSeq\":1,\"OperateType\":2,"
				  "\"ExtensionList\":[]," TAIL,
		"{\"time\":\"2024-02-29T23:59:59.999Z\",\"SdkAppid\":1," COMMAND MESSAGE PAIR("v")
		    TAIL,
		"{\"time\":\"1970-01-01T00:00:00.000Z\",\"SdkAppid\":1," COMMAND MESSAGE PAIR("v")
		    TAIL,
		HEAD FROM "\"body.time\":\"mine\",\"body.SdkAppid\":7," COMMAND MESSAGE PAIR(
		    "v") "\"Seq\":56,\"EventTime\":1,\"body.ClientIP\":\"a\\\"\",\"body."
			 "OptPlatform\":0}",
	};

	(void)state;
	for (size_t round = 0; round < 2; round++)
		for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
			same_verify(lines[i]);
}

static void
what_is_written_is_taken(void **state)
{
	struct envelope envelope = { .time = { 1764688294, 395000000 },
		.sdk_app_id = 1400000000,
		.client_ip = "203.0.113.7",
		.client_ip_length = 11,
		.platform = "Android",
		.platform_length = 7 };
	struct fault fault;
	struct document *document = document_parse(BODY_SET, strlen(BODY_SET), &fault);
	size_t length;

	(void)state;
	assert_non_null(document);
	for (int i = 0; i < 3; i++) {
		char *line = document_line(document, &envelope, &length);

		assert_non_null(line);
		line[length - 1] = '\0';
		same_verify(line);
		free(line);
		if (i == 0)
			envelope.client_ip = NULL;
		else
			envelope.platform = NULL;
	}
	document_free(document);
}

/* Some are valid, and not for shape.c to judge. */
static void
others_are_left(void **state)
{
	static const char *const lines[] = {
		"",
		"{",
		LINE("v") " ",
		" " LINE("v"),
		LINE("v") "}",
		LINE("\xc0\x80"),         /* not the shortest form */
		LINE("\xed\xa0\x80"),     /* a surrogate */
		LINE("\xf4\x90\x80\x80"), /* above U+10FFFF */
		LINE("cut \xe6\x8a"),
		LINE("\x80"),
		LINE("\t"),
		LINE("a line's eighth \x1f of a word"),
		LINE("\\u0000"),
		LINE("\\x"),
		LINE("\","),
		HEAD FROM COMMAND MESSAGE MESSAGE PAIR("v") TAIL,
		HEAD FROM COMMAND "\"GroupId\":\"\",\"MsgSeq\":1,\"OperateType\":1," PAIR("v") TAIL,
		HEAD FROM COMMAND "\"GroupId\":\"\x7f\",\"MsgSeq\":1,\"OperateType\":1," PAIR("v")
		    TAIL,
		HEAD FROM COMMAND "\"GroupId\":\"t\",\"MsgSeq\":01,\"OperateType\":1," PAIR("v")
		    TAIL,
		HEAD FROM COMMAND "\"GroupId\":\"t\",\"MsgSeq\":1e1,\"OperateType\":1," PAIR("v")
		    TAIL,
		HEAD FROM COMMAND
		"\"GroupId\":\"t\",\"MsgSeq\":9007199254740993,\"OperateType\":1," PAIR("v") TAIL,
		HEAD FROM COMMAND "\"GroupId\":\"t\",\"MsgSeq\":18446744073709551617,"
				  "\"OperateType\":1," PAIR("v") TAIL,
		HEAD FROM COMMAND "\"GroupId\":\"t\",\"MsgSeq\":1,\"OperateType\":0," PAIR("v")
		    TAIL,
		HEAD FROM COMMAND "\"GroupId\":\"t\",\"MsgSeq\":1,\"OperateType\":4," PAIR("v")
		    TAIL,
		HEAD FROM COMMAND MESSAGE "\"ExtensionList\":[{\"Key\":\"k\",\"Seq\":56}]," TAIL,
		HEAD FROM COMMAND MESSAGE "\"ExtensionList\":[,]," TAIL,
		HEAD FROM "\"CallbackCommand\":\"Other\"," MESSAGE PAIR("v") TAIL,
		HEAD "\"body.time\":1,\"body.time\":1," COMMAND MESSAGE PAIR("v") TAIL,
		HEAD "\"body.time\":1," COMMAND MESSAGE PAIR(
		    "v") "\"Seq\":56,\"EventTime\":1,\"body.time\":1}",
		HEAD "\"body.other\":1," COMMAND MESSAGE PAIR("v") TAIL,
		HEAD COMMAND MESSAGE PAIR("v") "\"Seq\":56,\"EventTime\":1,\"body.time\":1,}",
		HEAD COMMAND MESSAGE PAIR("v") "\"Seq\":56,\"EventTime\":1,\"body.time\":01}",
		"{\"time\":\"2025-02-29T00:00:00.000Z\",\"SdkAppid\":1," COMMAND MESSAGE PAIR("v")
		    TAIL,
		"{\"time\":\"2025-02-28T24:00:00.000Z\",\"SdkAppid\":1," COMMAND MESSAGE PAIR("v")
		    TAIL,
		"{\"time\":\"2025-02-28T00:60:00.000Z\",\"SdkAppid\":1," COMMAND MESSAGE PAIR("v")
		    TAIL,
		"{\"time\":\"2025-02-28T00:00:60.000Z\",\"SdkAppid\":1," COMMAND MESSAGE PAIR("v")
		    TAIL,
		"{\"time\":\"1969-12-31T00:00:00.000Z\",\"SdkAppid\":1," COMMAND MESSAGE PAIR("v")
		    TAIL,
	};
	struct record record;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (taken(lines[i], &record))
			fail_msg("taken: %s", lines[i]);
	for (size_t length = 0; length < strlen(LINE("value")); length++)
		assert_false(shape_read(&shape, LINE("value"), length, &record));
}

/* No line before makes another one right: a time of NULs is not "the day as before". */
static void
nothing_is_carried_over(void **state)
{
	char line[] =
	    "{\"time\":\"2025-12-02T15:11:34.395Z\",\"SdkAppid\":1," COMMAND MESSAGE PAIR("v") TAIL;
	struct record record;

	(void)state;
	shape_free(&shape);
	memset(line + 9, '\0', SHAPE_DATE_SIZE);
	assert_false(shape_read(&shape, line, sizeof(line) - 1, &record));
	same_verify(LINE("v"));
	assert_false(shape_read(&shape, line, sizeof(line) - 1, &record));
	shape_free(&shape);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(usual_lines_are_taken),
		cmocka_unit_test(what_is_written_is_taken),
		cmocka_unit_test(others_are_left),
		cmocka_unit_test(nothing_is_carried_over),
	};

	return RUN(tests);
}

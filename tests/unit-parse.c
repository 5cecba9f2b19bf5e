/* Bytes to event, event to line.  The many ways to be refused stand in corpus/. */
#include "base/fault.h"
#include "base/time.h"
#include "json.h"
#include "parse.h"
#include "unit.h"

static void
event_is_read(void **state)
{
	struct fault fault;
	struct document *document = document_parse(BODY_SET, strlen(BODY_SET), &fault);
	struct event event;
	enum callback command;

	(void)state;
	assert_non_null(document);
	assert_int_equal(document_command(document, &command, &fault), 0);
	assert_int_equal(command, CALLBACK_OURS);
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
commands_are_read(void **state)
{
	static const struct {
		const char *text;
		enum callback command;
	} cases[] = {
		{ COMMAND_OURS, CALLBACK_OURS },
		{ "group.callbackaftergroupmsgextension", CALLBACK_OURS },
		{ "GROUP.CALLBACKAFTERGROUPMSGEXTENSION", CALLBACK_OURS },
		{ " \t\r\n\v\f" COMMAND_OURS "  ", CALLBACK_OURS },
		{ "", CALLBACK_NONE },
		{ " \t ", CALLBACK_NONE },
		{ "Group .CallbackAfterGroupMsgExtension", CALLBACK_OTHER },
		{ "GroupNCallbackAfterGroupMsgExtension", CALLBACK_OTHER },
		{ "Group\x0e"
		  "CallbackAfterGroupMsgExtension",
		    CALLBACK_OTHER },
		{ "\x07roup.CallbackAfterGroupMsgExtension", CALLBACK_OTHER },
		{ "'roup.CallbackAfterGroupMsgExtension", CALLBACK_OTHER },
		{ COMMAND_OURS "s", CALLBACK_OTHER },
		{ "Group.CallbackAfterGroupMsgExtensio", CALLBACK_OTHER },
		{ "Group.CallbackBeforeSendMsg", CALLBACK_OTHER },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (callback_read(cases[i].text, strlen(cases[i].text)) != cases[i].command)
			fail_msg("'%s' is not %d", cases[i].text, cases[i].command);
}

/* A text that is taken, and what becomes of it where one part is replaced. */
struct variation {
	const char *from, *to;
	enum fault_code code;
};

static void
check_variations(const char *good, const struct variation *variations, size_t count,
    int (*read)(struct document *document, struct fault *fault))
{
	for (size_t i = 0; i < count; i++) {
		const char *at = strstr(good, variations[i].from);
		struct fault fault = { 0 };
		struct document *document;
		char text[512];

		assert_non_null(at);
		snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - good), good, variations[i].to,
		    at + strlen(variations[i].from));
		document = document_parse(text, strlen(text), &fault);
		assert_non_null(document);
		assert_int_equal(read(document, &fault), variations[i].code == FAULT_NONE ? 0 : -1);
		if (fault.code != variations[i].code)
			fail_msg("%s: %s", text, fault.detail);
		document_free(document);
	}
}

static int
read_record(struct document *document, struct fault *fault)
{
	struct record record;

	return document_record(document, &record, fault);
}

static int
read_answer(struct document *document, struct fault *fault)
{
	struct record record;
	bool complete;

	return document_answer(document, &record, &complete, fault);
}

static void
snapshots_are_checked(void **state)
{
	static const char good[] =
	    "{\"Snapshot\":\"compact\",\"GroupId\":\"g\",\"MsgSeq\":1,\"LatestSeq\":9,"
	    "\"ClearSeq\":0,\"WholeSeq\":0,\"FirstSeq\":2,\"ExtensionList\":[],"
	    "\"Deleted\":[{\"Key\":\"d\",\"Seq\":5}],\"Missing\":[[3,4],[6,8]]}";
	static const struct variation cases[] = {
		{ "compact", "compact", FAULT_NONE },
		{ "\"compact\"", "1", FAULT_FIELD_TYPE },
		{ "compact", "\\u001b[31m", FAULT_FIELD_RANGE },
		{ "\"FirstSeq\":2", "\"FirstSeq\":10", FAULT_FIELD_RANGE },
		{ "\"FirstSeq\":2", "\"FirstSeq\":2,\"Replaces\":-1", FAULT_FIELD_RANGE },
		{ "\"GroupId\":\"g\"", "\"GroupId\":\"\"", FAULT_FIELD_RANGE },
		{ "\"LatestSeq\":9,", "", FAULT_FIELD_MISSING },
		{ "\"ClearSeq\":0", "\"ClearSeq\":-1", FAULT_FIELD_RANGE },
		{ "\"WholeSeq\":0,", "", FAULT_FIELD_MISSING },
		{ "\"FirstSeq\":2", "\"FirstSeq\":\"2\"", FAULT_FIELD_TYPE },
		{ "\"ExtensionList\":[],", "", FAULT_FIELD_MISSING },
		{ "\"ExtensionList\":[]", "\"ExtensionList\":[1]", FAULT_FIELD_TYPE },
		{ "{\"Key\":\"d\",\"Seq\":5}", "{\"Key\":\"d\"}", FAULT_FIELD_MISSING },
		{ "\"Missing\"", "\"Unlisted\":[{\"Key\":\"d\",\"Seq\":5}],\"Missing\"",
		    FAULT_NONE },
		{ "\"Missing\"", "\"Unlisted\":{},\"Missing\"", FAULT_FIELD_TYPE },
		{ "\"Missing\"", "\"Unlisted\":[{\"Key\":\"d\"}],\"Missing\"",
		    FAULT_FIELD_MISSING },
		{ "[[3,4],[6,8]]", "{}", FAULT_FIELD_TYPE },
		{ "[3,4]", "3", FAULT_FIELD_RANGE },
		{ "[3,4]", "[]", FAULT_FIELD_RANGE },
		{ "[3,4]", "[\"3\",4]", FAULT_FIELD_RANGE },
		{ "[3,4]", "[3,\"4\"]", FAULT_FIELD_RANGE },
		{ "[3,4]", "[3,4,5]", FAULT_FIELD_RANGE },
		{ "[3,4]", "[-3,4]", FAULT_FIELD_RANGE },
		{ "[3,4]", "[3,-4]", FAULT_FIELD_RANGE },
		{ "[3,4]", "[4,3]", FAULT_FIELD_RANGE },
		{ "[3,4]", "[2,4]", FAULT_FIELD_RANGE },
		{ "[6,8]", "[4,8]", FAULT_FIELD_RANGE },
		{ "[6,8]", "[6,9]", FAULT_FIELD_RANGE },
		{ "\"MsgSeq\":1,", "", FAULT_FIELD_MISSING },
		{ "\"MsgSeq\":1,", "\"MsgSeq\":1,\"Erased\":[[2,3]],", FAULT_NONE },
		{ "\"MsgSeq\":1,", "\"MsgSeq\":1,\"Erased\":{},", FAULT_NONE },
		{ "\"MsgSeq\":1,", "\"MsgSeq\":1,\"Erased\":[[3,2]],", FAULT_NONE },
	};

	(void)state;
	check_variations(good, cases, sizeof(cases) / sizeof(cases[0]), read_record);
}

static void
answers_are_checked(void **state)
{
	static const char good[] =
	    "{\"ActionStatus\":\"OK\",\"ErrorCode\":0,\"CompleteFlag\":1,\"LatestSeq\":9,"
	    "\"ClearSeq\":3,\"ExtensionList\":[{\"Key\":\"k\",\"Value\":\"v\",\"Seq\":9}]}";
	static const struct variation cases[] = {
		{ "OK", "OK", FAULT_NONE },
		{ "\"OK\"", "0", FAULT_FIELD_TYPE },
		{ "OK", "FAIL", FAULT_FIELD_RANGE },
		{ "\"ErrorCode\":0", "\"ErrorCode\":10004", FAULT_FIELD_RANGE },
		{ "\"ErrorCode\":0,", "", FAULT_FIELD_MISSING },
		{ "\"CompleteFlag\":1,", "", FAULT_FIELD_MISSING },
		{ "\"LatestSeq\":9,", "", FAULT_FIELD_MISSING },
		{ "\"ClearSeq\":3,", "", FAULT_FIELD_MISSING },
		{ ",\"ExtensionList\":[{\"Key\":\"k\",\"Value\":\"v\",\"Seq\":9}]", "",
		    FAULT_FIELD_MISSING },
		{ "\"Value\":\"v\",", "", FAULT_FIELD_MISSING },
		{ "\"ClearSeq\":3", "\"ClearSeq\":9", FAULT_NONE },
		{ "\"ClearSeq\":3", "\"ClearSeq\":10", FAULT_FIELD_RANGE },
		{ "\"ClearSeq\":3", "\"ClearSeq\":9007199254740992", FAULT_FIELD_RANGE },
		{ "\"Seq\":9}", "\"Seq\":10}", FAULT_FIELD_RANGE },
		{ "\"Seq\":9}", "\"Seq\":3}", FAULT_NONE },
	};

	(void)state;
	check_variations(good, cases, sizeof(cases) / sizeof(cases[0]), read_answer);
}

static void
times_are_read(void **state)
{
	static const char *const bad[] = { "", "2025", "2025-12-02T15:11:34.395", "x",
		"2025-12-02T15:11:34.395ZZ", "2025-12-02 15:11:34.395Z", "2025-1x-02T15:11:34.395Z",
		"2025-12-02T15:11:34.395+" };
	char text[TIME_SIZE];

	(void)state;
	assert_int_equal(time_parse("2025-12-02T15:11:34.395Z"), INT64_C(1764688294395));
	assert_int_equal(time_parse("2106-02-07T06:28:16.000Z"), INT64_C(4294967296000));
	time_print(INT64_C(1764688294395), text);
	assert_string_equal(text, "2025-12-02T15:11:34.395Z");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(time_parse(bad[i]), -1);
}

static void
many_names_take_no_quadratic_time(void **state)
{
	enum { COUNT = JSON_VALUES_MAX - 1 };
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

/* A body's tree takes many times its bytes, and one that is full of small values takes most. */
static void
values_are_counted(void **state)
{
	static char body[3 * JSON_VALUES_MAX];
	const struct {
		int elements;
		bool taken;
	} cases[] = { { JSON_VALUES_MAX - 2, true }, { JSON_VALUES_MAX - 1, false } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t length = (size_t)sprintf(body, "{\"x\":[0");
		struct fault fault = { 0 };
		struct document *document;

		for (int j = 1; j < cases[i].elements; j++)
			length += (size_t)sprintf(body + length, ",0");
		length += (size_t)sprintf(body + length, "]}");
		document = document_parse(body, length, &fault);
		assert_int_equal(document != NULL, cases[i].taken);
		assert_int_equal(fault.code, cases[i].taken ? FAULT_NONE : FAULT_FIELD_RANGE);
		document_free(document);
		document = document_parse_line(body, length, &fault);
		assert_non_null(document);
		document_free(document);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(event_is_read),
		cmocka_unit_test(text_is_decoded),
		cmocka_unit_test(line_is_built),
		cmocka_unit_test(commands_are_read),
		cmocka_unit_test(snapshots_are_checked),
		cmocka_unit_test(answers_are_checked),
		cmocka_unit_test(times_are_read),
		cmocka_unit_test(values_are_counted),
		cmocka_unit_test(many_names_take_no_quadratic_time),
	};

	return RUN(tests);
}

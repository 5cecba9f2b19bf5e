/* Lines of the usual shape, read without the parser and as the parser reads them. */
#include "base/fault.h"
#include "json.h"
#include "parse.h"
#include "samples.h"
#include "shape.h"
#include "unit.h"

#define HEAD "{\"time\":\"2025-12-02T15:11:34.395Z\",\"SdkAppid\":1400000000,"
#define FROM "\"ClientIP\":\"203.0.113.7\",\"OptPlatform\":\"Android\","
#define COMMAND "\"CallbackCommand\":\"" COMMAND_OURS "\","
#define MESSAGE "\"GroupId\":\"test\",\"MsgSeq\":10,\"OperateType\":1,"
#define PAIR(value) "\"ExtensionList\":[{\"Key\":\"k\",\"Value\":\"" value "\",\"Seq\":56}],"
#define TAIL "\"Seq\":56,\"EventTime\":1764688294360}"
#define LINE(value) HEAD FROM COMMAND MESSAGE PAIR(value) TAIL

#define UNTIL_SEQ COMMAND MESSAGE PAIR("v") "\"Seq\":"

static struct shape shape;

static bool
taken(const char *line, struct record *record)
{
	memset(record, 0xa5, sizeof(*record)); /* a reader's record holds that of the line before */
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
	assert_int_equal(document_names_check(document, &fault), 0);
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

static const char *const usual_lines[] = {
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
	HEAD FROM COMMAND "\"GroupId\":\"\x7f\",\"MsgSeq\":1,\"OperateType\":1," PAIR("v") TAIL,
	HEAD FROM COMMAND "\"GroupId\":\"\xe7\xbb\x84\",\"MsgSeq\":1,\"OperateType\":2,"
			  "\"ExtensionList\":[]," TAIL,
	"{\"time\":\"2024-02-29T23:59:59.999Z\",\"SdkAppid\":1," COMMAND MESSAGE PAIR("v") TAIL,
	"{\"time\":\"1970-01-01T00:00:00.000Z\",\"SdkAppid\":1," COMMAND MESSAGE PAIR("v") TAIL,
	LINE("\\u00e9\\u6295\\ud83d\\ude00\\uD83D\\uDE00\\u0001\\u007F"),
	HEAD FROM COMMAND
	"\"GroupId\":\"a\\/\\\\b\\u0041\",\"MsgSeq\":1,\"OperateType\":1," PAIR("v") TAIL,
	HEAD FROM COMMAND "\"GroupId\":\"a\\\\bA\",\"MsgSeq\":1,\"OperateType\":1," PAIR("v") TAIL,
	/* the members in another order, or not all of them */
	HEAD "\"EventTime\":5,\"Seq\":56,\"ExtensionList\":[{\"Seq\":56,\"Value\":\"v\",\"Key\":"
	     "\"k\"},{\"Seq\":1,\"Key\":\"k\",\"Value\":\"\"}],\"OperateType\":1,\"MsgSeq\":10,"
	     "\"GroupId\":\"test\",\"CallbackCommand\":\"" COMMAND_OURS "\"}",
	HEAD COMMAND "\"ExtensionList\":[{\"Seq\":5,\"Key\":\"k\"}],\"OperateType\":2,\"GroupId\":"
		     "\"test\",\"Seq\":5,\"MsgSeq\":1}",
	HEAD COMMAND "\"GroupId\":\"test\",\"MsgSeq\":1,\"OperateType\":3,\"Seq\":56}",
	HEAD COMMAND "\"ExtensionList\":null,\"GroupId\":\"test\",\"MsgSeq\":1,\"OperateType\":3,"
		     "\"Seq\":56,\"EventTime\":\"1764688294360\"}",
	HEAD "\"CallbackCommand\":\" group.callbackaftergroupmsgextension\\t\"," MESSAGE PAIR("v")
	    TAIL,
	/* members that are not known, and names that are like known ones */
	HEAD FROM COMMAND MESSAGE PAIR(
	    "v") "\"Seq\":56,\"EventTime\":1,\"\":0,\"seq\":99,\"Value\":1,"
		 "\"Snapshot\":\"compact\",\"GroupId2\":1,\"GroupI\":1}",
	HEAD FROM COMMAND MESSAGE PAIR("v") "\"Seq\":1,\"a\\u0042\":1,\"\\u0000\":2,"
					    "\"\\ud800\":3,\"\\uD801\":4,\"0000\":5}",
	HEAD FROM COMMAND MESSAGE
	"\"ExtensionList\":[{\"a\":1,\"Key\":\"k\",\"b\":[],\"Value\":\"v\","
	"\"MsgSeq\":{},\"Seq\":1,\"key\":\"\\ud800\"},{\"a\":1,\"Value\":"
	"\"\",\"Key\":\"\",\"Seq\":1}],\"a\":2,\"b\":0," TAIL,
	HEAD FROM "\"body.time\":\"mine\",\"body.SdkAppid\":7," COMMAND MESSAGE PAIR(
	    "v") "\"Seq\":56,\"EventTime\":1,\"body.ClientIP\":\"a\\\"\",\"body."
		 "OptPlatform\":0}",
};

/* Were they left to the parser, all would still be right, but slow. */
static void
usual_lines_are_taken(void **state)
{
	(void)state;
	for (size_t round = 0; round < 2; round++)
		for (size_t i = 0; i < sizeof(usual_lines) / sizeof(usual_lines[0]); i++)
			same_verify(usual_lines[i]);
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

/* Calls verify with a line for each place where the vendor could add that member. */
static void
places_verify(const char *member, void (*verify)(const char *line))
{
	static const char *const pieces[] = { HEAD FROM, COMMAND, "\"GroupId\":\"test\",",
		"\"MsgSeq\":10,", "\"OperateType\":1,", "\"ExtensionList\":[{", "\"Key\":\"k\",",
		"\"Value\":\"v\",", "\"Seq\":56},{\"Key\":\"k\",\"Value\":\"v\",\"Seq\":55}],",
		"\"Seq\":56,", "\"EventTime\":1764688294360" };
	const size_t count = sizeof(pieces) / sizeof(pieces[0]);
	char *line = malloc(strlen(member) + 1024);

	assert_non_null(line);
	for (size_t place = 1; place <= count; place++) {
		char *at = line;

		for (size_t i = 0; i < count; i++)
			at += sprintf(at, "%s%s%s", i == place ? member : "", i == place ? "," : "",
			    pieces[i]);
		sprintf(at, "%s%s}", place == count ? "," : "", place == count ? member : "");
		verify(line);
	}
	free(line);
}

/* The member with a value nested so deep in objects and arrays by turns; the caller frees it. */
static char *
member_nested(int depth)
{
	char *member = malloc(16 + 6 * (size_t)depth), *at = member;

	assert_non_null(member);
	at += sprintf(at, "\"x\":");
	for (int i = 0; i < depth; i++)
		at += sprintf(at, i % 2 == 0 ? "[" : "{\"\":");
	at += sprintf(at, "0");
	for (int i = depth; i-- > 0;)
		*at++ = i % 2 == 0 ? ']' : '}';
	*at = '\0';
	return member;
}

/* Whatever the vendor adds, and wherever: no reader becomes slow by it. */
static void
unknown_members_are_taken(void **state)
{
	static const char *const members[] = { "\"x\":0", "\"x\":-0", "\"x\":1.50",
		"\"x\":-1.25E+2", "\"x\":1e-9", "\"x\":0.0e0", "\"x\":10E999",
		"\"x\":99999999999999999999999999", "\"x\":true", "\"x\":false", "\"x\":null",
		"\"x\":\"\"", "\"x\":\"of more than eight bytes \\u0000 \\ud800 \\\" \xc3\xa9\"",
		"\"x\":[]", "\"x\":{}", "\"x\":[[],{},[{}]]",
		"\"x\":{\"x\":{\"x\":[1,\"x\"]},\"x\":null}",
		"\"x\":{\"Seq\":1,\"\\u0053eq\":2,\"time\":[\"]}\"]}", "\"x\":1,\"y\":[2],\"z\":{}",
		"\"\\u0078\":1,\"\\u0000\":2,\"\\ud800\":3,\"\\udfff\":4", "\"time\\u0000\":1" };
	char *nested = member_nested(LINE_DEPTH_MAX - 3);

	(void)state;
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		places_verify(members[i], same_verify);
	places_verify(nested, same_verify);
	free(nested);
	nested = member_nested(LINE_DEPTH_MAX - 1);
	{
		char *line = malloc(strlen(nested) + 1024);

		assert_non_null(line);
		sprintf(line, HEAD FROM "%s," COMMAND MESSAGE PAIR("v") TAIL, nested);
		same_verify(line);
		free(line);
	}
	free(nested);
}

static void
left_verify(const char *line)
{
	struct record record;

	if (taken(line, &record))
		fail_msg("taken: %s", line);
}

static void
what_is_no_member_is_left(void **state)
{
	static const char *const members[] = { "", ",", "\"x\"", "\"x\":", "\"x\":,", "x:1",
		"\"x\" :1", "\"x\": 1", "\"x\":1 ", "\"x\":01", "\"x\":1.", "\"x\":.5", "\"x\":-",
		"\"x\":+1", "\"x\":1e", "\"x\":1e+", "\"x\":1e+-1", "\"x\":0x1", "\"x\":nul",
		"\"x\":True", "\"x\":truefalse", "\"x\":\"", "\"x\":\"\t\"", "\"x\":\"\\x\"",
		"\"x\":\"\\u00g0\"", "\"x\":\"\xff\"", "\"\xff\":1", "\"\t\":1", "\"\\u12\":1",
		"\"x\":[", "\"x\":]", "\"x\":[1", "\"x\":[1}", "\"x\":{\"a\":1]", "\"x\":[1,]",
		"\"x\":[,1]", "\"x\":[1 ]", "\"x\":{\"a\"}", "\"x\":{\"a\":1,}", "\"x\":{a:1}",
		"\"x\":{1:1}", "\"x\":{,}", "\"x\":[]]", "\"x\":{}}",
		/* twice, however it is spelt */
		"\"x\":1,\"x\":1", "\"x\":1,\"y\":2,\"\\u0078\":1", "\"\\udc0a\":1,\"\\uDC0A\":2",
		"\"Seq\":1", "\"\\u0053eq\":1" };
	char *nested = member_nested(LINE_DEPTH_MAX);

	(void)state;
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		places_verify(members[i], left_verify);
	places_verify(nested, left_verify);
	free(nested);
}

/* Wherever it stands in the words in which strings are read. */
static void
control_characters_are_left(void **state)
{
	char line[] = LINE("a value of three or of more words");
	char *value = strstr(line, "a value");

	(void)state;
	for (size_t i = 0; i < strlen("a value of three or of more words"); i++) {
		char plain = value[i];

		for (char c = 1; c < 0x20; c++) {
			value[i] = c;
			left_verify(line);
		}
		value[i] = plain;
		same_verify(line);
	}
}

/* What the gate takes of a request's body, with its envelope; false: nothing. */
static bool
request_verify(const char *body, size_t length)
{
	const struct envelope envelope = { .time = { 1764688294, 395000000 },
		.sdk_app_id = 1400000000 };
	struct fault fault;
	struct event event;
	enum callback command;
	struct document *document = document_parse(body, length, &fault);
	bool accepted = document != NULL && document_event(document, &event, &fault) == 0 &&
	    document_command(document, &command, &fault) == 0 && command == CALLBACK_OURS;

	if (accepted) {
		char *line = document_line(document, &envelope, &length);

		assert_non_null(line);
		line[length - 1] = '\0';
		same_verify(line);
		free(line);
	}
	document_free(document);
	return accepted;
}

static int accepted_count;

static void
sample_verify(struct sample *sample)
{
	accepted_count += request_verify(sample->bytes, sample->length);
}

static void
every_accepted_event_is_taken(void **state)
{
	(void)state;
	samples_each("tests/corpus", 2, sample_verify);
	assert_true(accepted_count > 60);
}

static const char *const other_lines[] = {
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
	HEAD FROM COMMAND "\"GroupId\":\"t\",\"MsgSeq\":01,\"OperateType\":1," PAIR("v") TAIL,
	HEAD FROM COMMAND "\"GroupId\":\"t\",\"MsgSeq\":1e1,\"OperateType\":1," PAIR("v") TAIL,
	HEAD FROM COMMAND
	"\"GroupId\":\"t\",\"MsgSeq\":9007199254740993,\"OperateType\":1," PAIR("v") TAIL,
	HEAD FROM COMMAND "\"GroupId\":\"t\",\"MsgSeq\":18446744073709551617,"
			  "\"OperateType\":1," PAIR("v") TAIL,
	HEAD FROM COMMAND "\"GroupId\":\"t\",\"MsgSeq\":1,\"OperateType\":0," PAIR("v") TAIL,
	HEAD FROM COMMAND "\"GroupId\":\"t\",\"MsgSeq\":1,\"OperateType\":4," PAIR("v") TAIL,
	HEAD FROM COMMAND MESSAGE "\"ExtensionList\":[{\"Key\":\"k\",\"Seq\":56}]," TAIL,
	HEAD FROM COMMAND MESSAGE "\"ExtensionList\":[,]," TAIL,
	HEAD FROM "\"CallbackCommand\":\"Other\"," MESSAGE PAIR("v") TAIL,
	HEAD "\"body.time\":1,\"body.time\":1," COMMAND MESSAGE PAIR("v") TAIL,
	HEAD
	"\"body.time\":1," COMMAND MESSAGE PAIR("v") "\"Seq\":56,\"EventTime\":1,\"body.time\":1}",
	LINE("\\ud800"),
	LINE("\\udc00\\ud800"),
	HEAD FROM COMMAND "\"GroupId\":\"\\u0000\",\"MsgSeq\":1,\"OperateType\":1," PAIR("v") TAIL,
	/* what counts is not there, of another type, or there once more */
	HEAD FROM MESSAGE PAIR("v") TAIL,
	HEAD FROM COMMAND PAIR("v") TAIL,
	HEAD FROM COMMAND MESSAGE TAIL,
	HEAD FROM COMMAND MESSAGE "\"ExtensionList\":null," TAIL,
	HEAD FROM COMMAND MESSAGE "\"ExtensionList\":{}," TAIL,
	HEAD FROM COMMAND MESSAGE "\"ExtensionList\":[{}]," TAIL,
	HEAD FROM COMMAND MESSAGE "\"ExtensionList\":[{\"Key\":\"k\",\"Value\":\"v\"}]," TAIL,
	HEAD FROM COMMAND MESSAGE "\"ExtensionList\":[{\"Value\":\"v\",\"Seq\":1}]," TAIL,
	HEAD FROM COMMAND MESSAGE "\"ExtensionList\":[{\"Key\":1,\"Value\":\"v\",\"Seq\":1}]," TAIL,
	HEAD FROM COMMAND MESSAGE
	"\"ExtensionList\":[{\"Key\":\"k\",\"Value\":null,\"Seq\":1}]," TAIL,
	HEAD FROM COMMAND MESSAGE
	"\"ExtensionList\":[{\"Key\":\"k\",\"Value\":\"v\",\"Seq\":1,\"Key\":\"k\"}]," TAIL,
	HEAD FROM COMMAND MESSAGE "\"ExtensionList\":[{\"Key\":\"k\",\"Value\":\"v\","
				  "\"Seq\":1},{\"Key\":\"k\",\"Seq\":1}]," TAIL,
	HEAD FROM COMMAND MESSAGE PAIR("v") PAIR("v") TAIL,
	HEAD FROM COMMAND MESSAGE PAIR("v") "\"Seq\":56,\"EventTime\":null}",
	HEAD FROM COMMAND MESSAGE PAIR("v") "\"Seq\":56,\"EventTime\":\"\"}",
	HEAD FROM COMMAND MESSAGE PAIR("v") "\"Seq\":56,\"EventTime\":1.5}",
	HEAD FROM COMMAND MESSAGE PAIR("v") "\"Seq\":56,\"EventTime\":1,\"ClientIP\":\"a\"}",
	HEAD COMMAND COMMAND MESSAGE PAIR("v") TAIL,
	HEAD COMMAND MESSAGE PAIR("v") "\"Seq\":56,\"EventTime\":1,\"body.time\":1,}",
	HEAD COMMAND MESSAGE PAIR("v") "\"Seq\":56,\"EventTime\":1,\"body.time\":01}",
	"{\"time\":\"2025-02-29T00:00:00.000Z\",\"SdkAppid\":1," COMMAND MESSAGE PAIR("v") TAIL,
	"{\"time\":\"2025-02-28T24:00:00.000Z\",\"SdkAppid\":1," COMMAND MESSAGE PAIR("v") TAIL,
	"{\"time\":\"2025-02-28T00:60:00.000Z\",\"SdkAppid\":1," COMMAND MESSAGE PAIR("v") TAIL,
	"{\"time\":\"2025-02-28T00:00:60.000Z\",\"SdkAppid\":1," COMMAND MESSAGE PAIR("v") TAIL,
	"{\"time\":\"1969-12-31T00:00:00.000Z\",\"SdkAppid\":1," COMMAND MESSAGE PAIR("v") TAIL,
};

/* Some are valid, and not for shape.c to judge. */
static void
others_are_left(void **state)
{
	struct record record;

	(void)state;
	for (size_t i = 0; i < sizeof(other_lines) / sizeof(other_lines[0]); i++)
		if (taken(other_lines[i], &record))
			fail_msg("taken: %s", other_lines[i]);
	for (size_t length = 0; length < strlen(LINE("value")); length++)
		assert_false(shape_read(&shape, LINE("value"), length, &record));
}

/* An event's line says nothing of what only snapshots have. */
static void
nothing_is_left_over(void **state)
{
	struct record record;

	(void)state;
	assert_true(taken(LINE("v"), &record));
	assert_false(record.is_snapshot);
	assert_null(record.kind);
	assert_int_equal(record.clear_seq, 0);
	assert_int_equal(record.complete_up_to, 0);
	assert_int_equal(record.first_seq, 0);
	assert_int_equal(record.replaces, 0);
	assert_null(record.deleted);
	assert_null(record.unlisted);
	assert_null(record.missing);
	assert_null(record.erased);
	assert_int_equal(record.erased_count, 0);
	assert_int_equal(record.deleted_count + record.unlisted_count + record.missing_count, 0);
}

/* Numbers of every length, up to the largest that is taken, before whatever may follow. */
static void
numbers_of_any_length_are_taken(void **state)
{
	static const char *const ends[] = { "", "}", "]", "}]", "}]}", ",", "\"", ":", "/", "a",
		"\xb0", "\x80", "." };
	char line[512], digits[24] = "";
	struct record record;
	uint64_t wanted = 0;

	(void)state;
	for (unsigned i = 0; i < 17; i++) {
		bool fits;

		wanted = wanted * 10 + (i + 1) % 10;
		sprintf(digits + i, "%u", (i + 1) % 10);
		fits = wanted <= INTEGER_MAX;
		snprintf(line, sizeof(line),
		    "{\"time\":\"2025-12-02T15:11:34.395Z\",\"SdkAppid\":%s," UNTIL_SEQ "%s}",
		    digits, digits);
		assert_int_equal(taken(line, &record), fits);
		if (fits)
			assert_int_equal(record.event.seq, wanted);
		for (size_t end = 1; end < sizeof(ends) / sizeof(ends[0]); end++) {
			snprintf(line, sizeof(line),
			    "{\"time\":\"2025-12-02T15:11:34.395Z\",\"SdkAppid\":1," UNTIL_SEQ
			    "%s%s",
			    digits, ends[end]);
			assert_int_equal(taken(line, &record), fits && end == 1);
		}
		snprintf(line, sizeof(line),
		    "{\"time\":\"2025-12-02T15:11:34.395Z\",\"SdkAppid\":1," UNTIL_SEQ "0%s}",
		    digits);
		assert_false(taken(line, &record));
	}
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

/* Does the receiver take the body without the gate, and does the gate take it? */
static void
request_asks(const char *body, bool without, bool gate)
{
	const struct envelope envelope = { .time = { 1764688294, 395000000 },
		.sdk_app_id = 1400000000 };
	struct event event;
	size_t length;
	char *line = shape_line(&shape, &(struct shape_request){ body, strlen(body), &envelope },
	    &event, &length);

	if ((line != NULL) != without || request_verify(body, strlen(body)) != gate)
		fail_msg("%s: %.200s", line != NULL ? "taken" : "left", body);
	free(line);
}

static void
only_what_the_gate_takes_is_received(void **state)
{
	char *nested[] = { member_nested(JSON_DEPTH_MAX - 1), member_nested(JSON_DEPTH_MAX) };
	char *body = malloc(2 * JSON_VALUES_MAX + 4096), *at;

	(void)state;
	assert_non_null(body);
	request_asks("{" COMMAND MESSAGE PAIR("v") TAIL, true, true);
	request_asks("\n { " COMMAND MESSAGE PAIR("v") TAIL " ", true, true);
	request_asks("[" COMMAND MESSAGE PAIR("v") TAIL, false, false);
	request_asks("{" COMMAND MESSAGE PAIR("v") "\"Seq\":56}", false, false); /* no time */
	request_asks("{" COMMAND MESSAGE PAIR("v") "\"Seq\":5 6,\"EventTime\":1}", false, false);
	request_asks("{" COMMAND
		     "\"GroupId\":\"a\\u0001\",\"MsgSeq\":1,\"OperateType\":1," PAIR("v") TAIL,
	    false, false);
	request_asks("{" COMMAND "\"GroupId\":\"a\x7f\",\"MsgSeq\":1,\"OperateType\":1," PAIR("v")
			 TAIL,
	    false, false);
	/* The gate takes these, and has more to do. */
	request_asks("{\"time\":1," COMMAND MESSAGE PAIR("v") TAIL, false, true);
	request_asks("{\"SdkAppid\":1," COMMAND MESSAGE PAIR("v") TAIL, false, true);
	for (int i = 0; i < 2; i++) {
		sprintf(body, "{%s," COMMAND MESSAGE PAIR("v") TAIL, nested[i]);
		request_asks(body, i == 0, i == 0);
		free(nested[i]);
	}
	at = body + sprintf(body, "{\"x\":[0");
	for (int i = 0; i < JSON_VALUES_MAX; i++)
		at += sprintf(at, ",0");
	sprintf(at, "]," COMMAND MESSAGE PAIR("v") TAIL);
	request_asks(body, false, false);
	free(body);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(usual_lines_are_taken),
		cmocka_unit_test(what_is_written_is_taken),
		cmocka_unit_test(unknown_members_are_taken),
		cmocka_unit_test(every_accepted_event_is_taken),
		cmocka_unit_test(what_is_no_member_is_left),
		cmocka_unit_test(nothing_is_left_over),
		cmocka_unit_test(numbers_of_any_length_are_taken),
		cmocka_unit_test(control_characters_are_left),
		cmocka_unit_test(others_are_left),
		cmocka_unit_test(nothing_is_carried_over),
		cmocka_unit_test(only_what_the_gate_takes_is_received),
	};

	return RUN(tests);
}

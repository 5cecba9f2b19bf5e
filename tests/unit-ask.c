/* What an answer of the vendor's leads to: the table of codes, pages, probes, and trouble. */
#include "base/fault.h"
#include "repair/ask.h"
#include "repair/curl.h"
#include "repair/find.h"
#include "repair/repair_config.h"
#include "unit.h"

static const struct repair_config config = { .rest_domain = "host.example",
	.rest_admin = "the admin",
	.rest_key_file = "/etc/key" };

/* Gives the ask an answer of HTTP. */
static enum ask_next
take(struct ask *ask, long status, const char *body, struct fault *fault)
{
	struct curl_done done = { .result = CURL_ANSWERED,
		.status = status,
		.body = (char *)body,
		.length = strlen(body),
		.date = "Thu, 01 Jan 1970 00:00:00 GMT" };

	*fault = (struct fault){ 0 };
	return ask_take(ask, &config, &done, fault);
}

static enum ask_next
take_code(struct ask *ask, unsigned code, struct fault *fault)
{
	char body[300];

	snprintf(body, sizeof(body),
	    "{\"ActionStatus\":\"FAIL\",\"ErrorInfo\":\"said "
	    "eJwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA end\",\"ErrorCode\":%u}",
	    code);
	return take(ask, 200, body, fault);
}

static void
task_make(struct task *task, enum task_kind kind)
{
	static char group_id[] = "a\"b/\x01";

	*task = (struct task){ .group_id = group_id, .msg_seq = 10, .latest_seq = 7, .kind = kind };
}

static void
each_code_leads_somewhere(void **state)
{
	static const struct {
		unsigned code;
		enum ask_next first, second;
		enum fault_code fault;
		const char *says;
	} cases[] = {
		{ 60007, ASK_SLOWER, ASK_SLOWER, FAULT_FIELD_RANGE, "too many calls" },
		{ 60011, ASK_SLOWER, ASK_SLOWER, FAULT_FIELD_RANGE, "too many calls" },
		{ 60018, ASK_SLOWER, ASK_SLOWER, FAULT_FIELD_RANGE, "too many calls" },
		{ 60019, ASK_SLOWER, ASK_SLOWER, FAULT_FIELD_RANGE, "too many calls" },
		{ 60008, ASK_AGAIN, ASK_LEFT, FAULT_FIELD_RANGE, "had an error" },
		{ 10002, ASK_AGAIN, ASK_LEFT, FAULT_FIELD_RANGE, "had an error" },
		{ 60010, ASK_STOP, ASK_STOP, FAULT_REST_REFUSED, "rest_admin = the admin" },
		{ 60020, ASK_STOP, ASK_STOP, FAULT_REST_REFUSED, "package" },
		{ 60021, ASK_STOP, ASK_STOP, FAULT_REST_REFUSED, "address" },
		{ 70001, ASK_STOP, ASK_STOP, FAULT_REST_REFUSED,
		    "here, Thu, 01 Jan 1970 00:00:00 GMT there" },
		{ 70003, ASK_STOP, ASK_STOP, FAULT_REST_REFUSED, "/etc/key" },
		{ 70009, ASK_STOP, ASK_STOP, FAULT_REST_REFUSED, "another key" },
		{ 70013, ASK_STOP, ASK_STOP, FAULT_REST_REFUSED, "another identifier" },
		{ 70014, ASK_STOP, ASK_STOP, FAULT_REST_REFUSED, "sdk_app_id" },
		{ 70016, ASK_STOP, ASK_STOP, FAULT_REST_REFUSED, "rest_domain = host.example" },
		{ 70020, ASK_STOP, ASK_STOP, FAULT_REST_REFUSED, "rest_domain = host.example" },
		{ 70050, ASK_STOP, ASK_STOP, FAULT_REST_LIMITED, "wait a minute" },
		{ 10010, ASK_REFUSED, ASK_REFUSED, FAULT_FIELD_RANGE, "the group is gone" },
		{ 10015, ASK_REFUSED, ASK_REFUSED, FAULT_FIELD_RANGE, "the group is gone" },
		{ 80001, ASK_REFUSED, ASK_REFUSED, FAULT_FIELD_RANGE, "is 80001" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fault fault;
		struct task task;
		struct ask ask;

		task_make(&task, TASK_GAP);
		ask_begin(&ask, &task);
		assert_int_equal(take_code(&ask, cases[i].code, &fault), cases[i].first);
		assert_int_equal(fault.code, cases[i].fault);
		if (strstr(fault.detail, cases[i].says) == NULL)
			assert_string_equal(fault.detail, cases[i].says);
		/* It may repeat a signature. */
		assert_null(strstr(fault.detail, "eJw"));
		assert_null(strstr(ask.repair.reason, "eJw"));
		assert_int_equal(take_code(&ask, cases[i].code, &fault), cases[i].second);
		if (cases[i].first == ASK_REFUSED)
			assert_int_equal(ask.repair.code, cases[i].code);
		ask_end(&ask);
	}
}

#define PAGE(complete, latest, pairs)                                                              \
	"{\"ActionStatus\":\"OK\",\"ErrorInfo\":\"\",\"ErrorCode\":0,\"CompleteFlag\":" complete   \
	",\"LatestSeq\":" latest ",\"ClearSeq\":0,\"ExtensionList\":[" pairs "]}"
#define PAIR(key, seq) "{\"Key\":\"" key "\",\"Value\":\"v\",\"Seq\":" seq "}"

/* The ask's request must be for that version. */
static void
asks_from(const struct ask *ask, unsigned start_seq)
{
	char expected[200], *body = ask_body(ask);

	snprintf(expected, sizeof(expected),
	    "{\"GroupId\":\"a\\\"b/\\u0001\",\"MsgSeq\":10,\"StartSeq\":%u}", start_seq);
	assert_string_equal(body, expected);
	free(body);
}

static void
pages_follow_each_other(void **state)
{
	struct fault fault;
	struct task task;
	struct ask ask;

	(void)state;
	task_make(&task, TASK_GAP);
	ask_begin(&ask, &task);
	asks_from(&ask, 0);
	/* A page can end inside a version: the next one begins with it. */
	assert_int_equal(take(&ask, 200, PAGE("0", "9", PAIR("a", "3") "," PAIR("b", "5")), &fault),
	    ASK_MORE);
	asks_from(&ask, 5);
	/* The same page again leads nowhere: once more, from there. */
	assert_int_equal(take(&ask, 200, PAGE("0", "9", PAIR("a", "3") "," PAIR("b", "5")), &fault),
	    ASK_AGAIN);
	asks_from(&ask, 5);
	assert_int_equal(take(&ask, 200, PAGE("1", "9", PAIR("b", "5") "," PAIR("c", "9")), &fault),
	    ASK_DONE);
	assert_non_null(memmem(ask.pages, ask.length, "\"a\"", 3));
	assert_non_null(memmem(ask.pages, ask.length, "\"c\"", 3));
	assert_int_equal(ask.pages[ask.length - 1], '\n');
	ask_end(&ask);
	assert_null(ask.pages);
}

static void
a_message_that_changes_is_asked_from_0(void **state)
{
	struct fault fault;
	struct task task;
	struct ask ask;

	(void)state;
	task_make(&task, TASK_GAP);
	ask_begin(&ask, &task);
	for (int i = 0; i < 4; i++) {
		asks_from(&ask, 0);
		assert_int_equal(take(&ask, 200, PAGE("0", "9", PAIR("a", "3")), &fault), ASK_MORE);
		asks_from(&ask, 3);
		/* It changes all the time: then what is known whole ends with the first page. */
		assert_int_equal(take(&ask, 200, PAGE("1", "10", PAIR("c", "10")), &fault),
		    i < 3 ? ASK_MORE : ASK_DONE);
	}
	ask_end(&ask);
}

static void
pages_come_to_an_end(void **state)
{
	struct fault fault;
	struct task task;
	struct ask ask;
	int pages = 0;
	enum ask_next next;

	(void)state;
	task_make(&task, TASK_GAP);
	ask_begin(&ask, &task);
	do {
		char page[300];

		snprintf(page, sizeof(page), PAGE("0", "999", PAIR("a", "%d")), ++pages);
		next = take(&ask, 200, page, &fault);
	} while (next == ASK_MORE || next == ASK_AGAIN);
	assert_int_equal(next, ASK_LEFT);
	assert_true(pages < 30);
	assert_non_null(strstr(fault.detail, "CompleteFlag"));
	ask_end(&ask);
	/* An empty page that is not the last. */
	ask_begin(&ask, &task);
	assert_int_equal(take(&ask, 200, PAGE("0", "9", ""), &fault), ASK_AGAIN);
	assert_int_equal(take(&ask, 200, PAGE("0", "9", ""), &fault), ASK_LEFT);
	ask_end(&ask);
}

static void
a_probe_asks_for_what_is_later(void **state)
{
	struct fault fault;
	struct task task;
	struct ask ask;

	(void)state;
	task_make(&task, TASK_END);
	ask_begin(&ask, &task);
	asks_from(&ask, 8);
	assert_int_equal(take(&ask, 200, PAGE("1", "7", ""), &fault), ASK_KNOWN);
	ask_end(&ask);
	/* What is later is never imported by itself. */
	ask_begin(&ask, &task);
	assert_int_equal(take(&ask, 200, PAGE("1", "8", PAIR("a", "8")), &fault), ASK_MORE);
	asks_from(&ask, 0);
	assert_int_equal(ask.length, 0);
	assert_int_equal(take(&ask, 200, PAGE("1", "8", PAIR("a", "8")), &fault), ASK_DONE);
	ask_end(&ask);
	/* The start of a message is asked for at once. */
	task_make(&task, TASK_START);
	ask_begin(&ask, &task);
	asks_from(&ask, 0);
	ask_end(&ask);
}

static void
trouble_is_met_with_one_more_call(void **state)
{
	static const struct {
		long status;
		const char *body;
	} cases[] = { { 502, "" }, { 302, "" }, { 200, "" }, { 200, "<html>" }, { 200, "{\"a\":" },
		{ 200, "[]" }, { 200, "{}" }, { 200, "{\"ErrorCode\":\"0\"}" },
		{ 200, "{\"ErrorCode\":0,\"ActionStatus\":\"FAIL\"}" },
		{ 200, PAGE("1", "-1", "") }, { 200, PAGE("1", "1", PAIR("a", "2")) } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct curl_done done = { .result = CURL_FAILED, .reason = "curl: (7) no" };
		struct fault fault;
		struct task task;
		struct ask ask;

		task_make(&task, TASK_GAP);
		ask_begin(&ask, &task);
		assert_int_equal(take(&ask, cases[i].status, cases[i].body, &fault), ASK_AGAIN);
		asks_from(&ask, 0);
		assert_int_equal(ask_take(&ask, &config, &done, &fault), ASK_LEFT);
		assert_true(ask.is_trouble);
		assert_string_equal(fault.detail, "curl: (7) no");
		ask_end(&ask);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_code_leads_somewhere),
		cmocka_unit_test(pages_follow_each_other),
		cmocka_unit_test(a_message_that_changes_is_asked_from_0),
		cmocka_unit_test(pages_come_to_an_end),
		cmocka_unit_test(a_probe_asks_for_what_is_later),
		cmocka_unit_test(trouble_is_met_with_one_more_call),
	};

	return RUN(tests);
}

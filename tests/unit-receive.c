/* The gate and its answers: the corpus by direct call, and what needs a clock. */
#include <sys/stat.h>

#include <dirent.h>

#include "base/fault.h"
#include "base/time.h"
#include "config.h"
#include "parse.h"
#include "receive.h"
#include "samples.h"
#include "unit.h"

#define QUERY "SdkAppid=1400000000&CallbackCommand=Group.CallbackAfterGroupMsgExtension"
#define SIGNED                                                                                     \
	QUERY "&Sign=17773bc39a671d7b9aa835458704d2a6db81360a5940292b587d6d760d484061"             \
	      "&RequestTime=1669872112"
#define SIGN_TIME 1669872112
#define ANSWER_OK "{\"ActionStatus\":\"OK\",\"ErrorInfo\":\"\",\"ErrorCode\":0}\n"

/* A body in memory, given out a few bytes at a time. */
struct pieces {
	const char *bytes;
	size_t length, at, step;
	ssize_t end; /* what stands behind the last byte */
};

static ssize_t
source_read(void *context, char *buffer, size_t size, int64_t deadline)
{
	struct pieces *source = context;
	size_t left = source->length - source->at;
	size_t count = source->step < left ? source->step : left;

	(void)deadline;
	if (left == 0)
		return source->end;
	if (count > size)
		count = size;
	memcpy(buffer, source->bytes + source->at, count);
	source->at += count;
	return (ssize_t)count;
}

static struct config config;

static void
config_default(void)
{
	config = (struct config){
		.store = { .data_dir = scratch,
		    .owner = geteuid(),
		    .file_mode = 0600,
		    .sync = false,
		    .lock_timeout = 1200 },
		.sdk_app_id = 1400000000,
		.tokens = { "xxxxyyyy" },
		.token_count = 1,
		.max_skew = 60,
		.max_body = 4096,
		.log_client_ip = true,
	};
}

static struct reply reply;

/* Posts the source; announced: the Content-Length, or NULL. */
static void
post(const char *query, const char *announced, struct pieces *source)
{
	struct request request = {
		.method = "POST",
		.query = query,
		.content_length = announced,
		.now = { SIGN_TIME, 0 },
		.started = clock_milliseconds(),
		.read = source_read,
		.context = source,
	};

	receive(&config, NULL, &request, &reply);
}

static void
post_body(const char *query, const char *body)
{
	struct pieces source = { .bytes = body, .length = strlen(body), .step = 7 };

	post(query, NULL, &source);
}

static void
directory_empty(void)
{
	DIR *directory = opendir(scratch);
	struct dirent *entry;
	char path[512];

	assert_non_null(directory);
	while ((entry = readdir(directory)) != NULL) {
		snprintf(path, sizeof(path), "%s/%s", scratch, entry->d_name);
		if (entry->d_name[0] != '.')
			unlink(path);
	}
	closedir(directory);
}

/* The one line stored without its time; the caller frees it.  NULL: none. */
static char *
line_stored(void)
{
	DIR *directory = opendir(scratch);
	struct dirent *entry;
	char *line = NULL;
	size_t length;

	assert_non_null(directory);
	while ((entry = readdir(directory)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		assert_null(line);
		line = file_load(entry->d_name, &length);
		assert_non_null(line);
		assert_int_equal(length, strlen(line));
	}
	closedir(directory);
	if (line != NULL && strncmp(line, "{\"time\":\"20", 11) == 0)
		memmove(line + 1, line + 35, length - 34);
	return line;
}

static void
sample_verify(struct sample *sample)
{
	const char *second = sample->heads[1];
	char *query, *method, *stored;
	int status = (int)strtol(sample->heads[0], &method, 10);
	struct pieces source = { .bytes = sample->bytes, .length = sample->length, .step = 4096 };
	struct request request = {
		.now = { SIGN_TIME, 0 },
		.started = clock_milliseconds(),
		.read = source_read,
		.context = &source,
	};

	method++;
	query = strchr(method, ' ') + 1;
	query[-1] = '\0';
	request.method = method;
	request.query = query;
	directory_empty();
	receive(&config, NULL, &request, &reply);
	if (reply.status != status)
		fail_msg("%s: status %d, %s", sample->name, reply.status, reply.body);
	stored = line_stored();
	if (status == 200) {
		assert_string_equal(reply.body, ANSWER_OK);
		if (strcmp(second, "-") == 0) {
			assert_null(stored);
			return;
		}
		assert_non_null(stored);
		stored[strlen(stored) - 1] = '\0';
		assert_string_equal(stored, second);
		free(stored);
	} else {
		char expected[1024];

		snprintf(expected, sizeof(expected),
		    "{\"ActionStatus\":\"FAIL\",\"ErrorInfo\":\"%s\",\"ErrorCode\":1}\n", second);
		if (strcmp(reply.body, expected) != 0)
			fail_msg("%s: %s", sample->name, reply.body);
		assert_null(stored);
	}
}

static void
corpus_is_answered(void **state)
{
	const char *other = getenv("CORPUS");

	(void)state;
	config_default();
	assert_true(samples_each(other == NULL ? "tests/corpus" : other, 2, sample_verify) > 100);
	directory_empty();
}

static void
post_signed(int64_t offset)
{
	struct pieces source = { .bytes = BODY_SET, .length = strlen(BODY_SET), .step = 4096 };
	struct request request = {
		.method = "POST",
		.query = SIGNED,
		.now = { SIGN_TIME + offset, 0 },
		.started = clock_milliseconds(),
		.read = source_read,
		.context = &source,
	};

	receive(&config, NULL, &request, &reply);
}

static void
p7_stale_signatures_are_refused(void **state)
{
	(void)state;
	config_default();
	post_signed(60);
	assert_int_equal(reply.status, 200);
	post_signed(-60);
	assert_int_equal(reply.status, 200);
	post_signed(61);
	assert_int_equal(reply.status, 403);
	assert_int_equal(reply.fault.code, FAULT_SIGN_STALE);
	post_signed(-61);
	assert_int_equal(reply.fault.code, FAULT_SIGN_STALE);
	directory_empty();
}

static void
p7_each_token_counts(void **state)
{
	(void)state;
	config_default();
	config.tokens[0] = "new";
	config.tokens[1] = "xxxxyyyy";
	config.token_count = 2;
	post_body(SIGNED, BODY_SET);
	assert_int_equal(reply.status, 200);
	config.token_count = 1;
	post_body(SIGNED, BODY_SET);
	assert_int_equal(reply.fault.code, FAULT_SIGN_WRONG);
	assert_null(strstr(reply.body, "17773bc"));
	assert_null(strstr(reply.fault.detail, "17773bc"));
	config.token_count = 0; /* none: nothing is asked */
	post_body(QUERY, BODY_SET);
	assert_int_equal(reply.status, 200);
	directory_empty();
}

static void
any_app_is_taken_when_said(void **state)
{
	char *line;

	(void)state;
	config_default();
	config.token_count = 0;
	config.any_app = true;
	post_body("SdkAppid=7&CallbackCommand=" COMMAND_OURS, BODY_SET);
	assert_int_equal(reply.status, 200);
	line = line_stored();
	assert_non_null(line);
	assert_memory_equal(line, "{\"SdkAppid\":7,", 14);
	free(line);
	post_body("SdkAppid=x&CallbackCommand=" COMMAND_OURS, BODY_SET);
	assert_int_equal(reply.status, 403);
	directory_empty();
}

/* The URL's app is the one that was checked, and it is stored; that the body says otherwise is told. */
static void
apps_of_the_body_are_told_of(void **state)
{
	static const struct {
		const char *member;
		bool same;
	} cases[] = {
		{ "\"SdkAppid\":1400000000,", true },
		{ "\"SdkAppid\":\"1400000000\",", true },
		{ "\"SDKAppID\":7,", true },
		{ "\"SdkAppid\":1400000001,", false },
		{ "\"SdkAppid\":\"1400000001\",", false },
		{ "\"SdkAppid\":\"\",", false },
		{ "\"SdkAppid\":-1400000000,", false },
		{ "\"SdkAppid\":1.4e9,", false },
		{ "\"SdkAppid\":null,", false },
		{ "\"Sdk\\u0041ppid\":7,", false },
	};

	(void)state;
	config_default();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char body[512], *line;

		snprintf(body, sizeof(body), "{%s%s", cases[i].member, &BODY_SET[1]);
		post_body(SIGNED, body);
		line = line_stored();
		assert_non_null(line);
		assert_memory_equal(line, "{\"SdkAppid\":1400000000,", 23);
		assert_string_equal(reply.body, ANSWER_OK);
		assert_int_equal(reply.status, 200);
		if (reply.fault.code != (cases[i].same ? FAULT_NONE : FAULT_APP_DIFFERS))
			fail_msg("%s: %s", cases[i].member, reply.fault.detail);
		free(line);
		directory_empty();
	}
}

static void
client_addresses_can_be_left_out(void **state)
{
	char *line;

	(void)state;
	config_default();
	config.log_client_ip = false;
	post_body(SIGNED "&ClientIP=203.0.113.7&OptPlatform=Web", BODY_SET);
	line = line_stored();
	assert_non_null(line);
	assert_null(strstr(line, "ClientIP"));
	assert_non_null(strstr(line, "\"OptPlatform\":\"Web\""));
	free(line);
	directory_empty();
}

static void
lengths_are_checked(void **state)
{
	static const struct {
		const char *length;
		enum fault_code code;
	} cases[] = {
		{ "1x", FAULT_LENGTH_MALFORMED },
		{ "-1x", FAULT_LENGTH_MALFORMED },
		{ "+1", FAULT_LENGTH_MALFORMED },
		{ "1e3", FAULT_LENGTH_MALFORMED },
		{ " 1", FAULT_LENGTH_MALFORMED },
		{ "1 ", FAULT_LENGTH_MALFORMED },
		{ "0x10", FAULT_LENGTH_MALFORMED },
		{ "1,2", FAULT_LENGTH_MALFORMED },
		{ "4097", FAULT_BODY_TOO_LARGE },
		{ "9999999", FAULT_BODY_TOO_LARGE },
		{ "00000001", FAULT_BODY_TOO_LARGE },
		{ "99999999999999999999", FAULT_BODY_TOO_LARGE },
		{ "4000", FAULT_BODY_SHORT },
		{ "10", FAULT_BODY_LONG },
		{ "0", FAULT_BODY_LONG },
		/* what servers say that do not know it */
		{ "", FAULT_NONE },
		{ " ", FAULT_NONE },
		{ "-1", FAULT_NONE },
		{ "-", FAULT_NONE },
		{ "4294967295", FAULT_NONE },
		{ "18446744073709551615", FAULT_NONE },
		{ "unknown", FAULT_NONE },
		{ "(null)", FAULT_NONE },
	};

	(void)state;
	config_default();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pieces source = { .bytes = BODY_SET,
			.length = strlen(BODY_SET),
			.step = 100 };

		post(SIGNED, cases[i].length, &source);
		if (reply.fault.code != cases[i].code)
			fail_msg("'%s': %s", cases[i].length, reply.body);
		if (cases[i].code == FAULT_BODY_TOO_LARGE) {
			assert_int_equal(reply.status, 413);
			assert_int_equal(source.at, 0); /* before a byte was read */
		}
	}
	directory_empty();
}

/* Posts BODY_SET under this encoding, announced as so many bytes. */
static enum fault_code
post_encoded(const char *encoding, size_t announced)
{
	struct pieces source = { .bytes = BODY_SET, .length = strlen(BODY_SET), .step = 100 };
	char length[32];
	struct request request = {
		.method = "POST",
		.query = SIGNED,
		.content_length = length,
		.content_encoding = encoding,
		.now = { SIGN_TIME, 0 },
		.started = clock_milliseconds(),
		.read = source_read,
		.context = &source,
	};

	snprintf(length, sizeof(length), "%zu", announced);
	receive(&config, NULL, &request, &reply);
	return reply.fault.code;
}

/* A server that inflates the body announces its length before. */
static void
a_length_of_another_encoding_is_none(void **state)
{
	static const char *const others[] = { "gzip", "x", "gzip, identity", "identity, gzip",
		"identityx", "ident" };
	static const char *const plain[] = { NULL, "", " ", "identity", "IDENTITY", "\tIdentity " };
	size_t length = strlen(BODY_SET);

	(void)state;
	config_default();
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		assert_int_equal(post_encoded(others[i], length - 20), FAULT_NONE);
		assert_int_equal(post_encoded(others[i], length + 20), FAULT_NONE);
		assert_int_equal(post_encoded(others[i], config.max_body + 1), FAULT_NONE);
	}
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
		assert_int_equal(post_encoded(plain[i], length), FAULT_NONE);
		assert_int_equal(post_encoded(plain[i], length + 20), FAULT_BODY_SHORT);
		assert_int_equal(post_encoded(plain[i], length - 20), FAULT_BODY_LONG);
		assert_int_equal(reply.status, 400);
	}
	snprintf(reply.body, sizeof(reply.body),
	    "body: %zu bytes came, but Content-Length says %zu", length, length - 20);
	assert_string_equal(reply.fault.detail, reply.body);
	config.max_body = length - 1;
	assert_int_equal(post_encoded("gzip", 100), FAULT_BODY_TOO_LARGE);
	directory_empty();
}

static void
no_query_is_an_empty_one(void **state)
{
	struct pieces source = { .bytes = BODY_SET, .length = strlen(BODY_SET), .step = 100 };

	(void)state;
	config_default();
	post(NULL, NULL, &source);
	assert_int_equal(reply.status, 200);
	assert_int_equal(reply.fault.code, FAULT_COMMAND_UNKNOWN);
	/* A query that cannot be read names no command: the body does, and is not asked. */
	config.token_count = 0;
	post("x=%", NULL, &source);
	assert_int_equal(reply.fault.code, FAULT_QUERY_MALFORMED);
	assert_int_equal(source.at, 0);
	post("SdkAppid=1400000000&%zz=1", NULL, &source);
	assert_int_equal(reply.fault.code, FAULT_QUERY_MALFORMED);
	assert_int_equal(source.at, 0);
	source.length = 10;
	source.end = READ_BROKEN;
	post("SdkAppid=1400000000", NULL, &source);
	assert_int_equal(reply.fault.code, FAULT_BODY_SHORT);
}

/* Where the URL names no command: who may have his body read, and what is told of the others. */
static void
p6_bodies_of_nobody_are_not_read(void **state)
{
	static const char sign[] =
	    "Sign=17773bc39a671d7b9aa835458704d2a6db81360a5940292b587d6d760d484061";
	static const struct {
		bool token;
		const char *query, *told; /* NULL: it is read */
		int64_t late;
	} cases[] = {
		{ true, "", "Sign: is missing", 0 },
		{ true, "SdkAppid=1400000000", "Sign: is missing", 0 },
		{ true, "SdkAppid=1400000000&CallbackCommand=", "Sign: is missing", 0 },
		{ true, "SdkAppid=1400000000&CallbackCommand=%20&SIGN&RequestTime=1669872112",
		    "Sign: must be 64 hexadecimal digits", 0 },
		{ true, "SdkAppid=1400000000&RequestTime=1669872113&", "Sign: does not fit", 0 },
		{ true, "SdkAppid=1400000000&", "RequestTime: is missing", 0 },
		{ true, "SdkAppid=1400000000&RequestTime=1669872112&", "RequestTime: is more than",
		    61 },
		{ true, "SdkAppid=1400000000&x=%zz", "Sign: is missing", 0 },
		{ true, "SdkAppid=%", "Sign: is missing", 0 },
		{ true, "SdkAppid=1&SdkAppid=1&RequestTime=1&", "Sign: does not fit", 0 },
		{ true, "SdkAppid=1400000000&RequestTime=1669872112&", NULL, 0 },
		{ false, "SdkAppid=1400000000", NULL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pieces source = { .bytes = BODY_SET, .length = strlen(BODY_SET), .step = 9 };
		size_t length = strlen(cases[i].query);
		char query[256], *line;
		struct request request = { .method = "POST",
			.query = query,
			.now = { SIGN_TIME + cases[i].late, 0 },
			.started = clock_milliseconds(),
			.read = source_read,
			.context = &source };

		config_default();
		config.token_count = cases[i].token ? 1 : 0;
		snprintf(query, sizeof(query), "%s%s", cases[i].query,
		    length > 0 && cases[i].query[length - 1] == '&' ? sign : "");
		directory_empty();
		receive(&config, NULL, &request, &reply);
		line = line_stored();
		assert_string_equal(reply.body, ANSWER_OK);
		if (reply.status != 200 || (line != NULL) != (cases[i].told == NULL) ||
		    (source.at > 0) != (cases[i].told == NULL) ||
		    (reply.fault.code == FAULT_COMMAND_UNKNOWN) != (cases[i].told != NULL) ||
		    (cases[i].told != NULL && strstr(reply.fault.detail, cases[i].told) == NULL))
			fail_msg("%s: %zu bytes read, %s", query, source.at, reply.fault.detail);
		free(line);
	}
	directory_empty();
}

/* Other callbacks: one line a minute and process, which says how many had none. */
static void
other_callbacks_are_told_rarely(void **state)
{
	static const char *const foreign_queries[] = {
		"CallbackCommand=Group.CallbackBeforeSendMsg", "CallbackCommand=x%0ay",
		"CallbackCommand=C2C.CallbackAfterC2CMsgExtension&x=%zz"
	};
	static const struct {
		int64_t started;
		const char *told; /* NULL: nothing is */
	} cases[] = {
		{ 5,
		    "CallbackCommand: Group.CallbackBeforeSendMsg is another callback, which was "
		    "answered OK and not stored" },
		{ 6, NULL },
		{ 60004, NULL },
		{ 60005,
		    "CallbackCommand: Group.CallbackBeforeSendMsg is another callback, which was "
		    "answered OK and not stored (2 more since the last such line)" },
		{ 120004, NULL },
		{ 180000,
		    "CallbackCommand: Group.CallbackBeforeSendMsg is another callback, which was "
		    "answered OK and not stored (1 more since the last such line)" },
		{ 240000,
		    "CallbackCommand: Group.CallbackBeforeSendMsg is another callback, which was "
		    "answered OK and not stored" },
	};
	struct told told = { 0 };

	(void)state;
	config_default();
	for (size_t i = 0; i < sizeof(foreign_queries) / sizeof(foreign_queries[0]); i++) {
		post_body(foreign_queries[i], "{}");
		assert_int_equal(reply.fault.code, FAULT_COMMAND_OTHER);
		assert_string_equal(reply.body, ANSWER_OK);
		assert_false(reply_is_told(&reply, NULL, 1));
	}
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		post_body(foreign_queries[0], "{}");
		assert_int_equal(reply_is_told(&reply, &told, cases[i].started),
		    cases[i].told != NULL);
		if (cases[i].told != NULL)
			assert_string_equal(reply.fault.detail, cases[i].told);
	}
	/* By its body, where the URL names none; and nothing else is held back. */
	config.token_count = 0;
	post_body("SdkAppid=1400000000", "{\"CallbackCommand\":\"Group.CallbackBeforeSendMsg\"}");
	assert_int_equal(reply.fault.code, FAULT_COMMAND_OTHER);
	assert_false(reply_is_told(&reply, &told, 240001));
	post_body("SdkAppid=1400000000", "{}");
	assert_int_equal(reply.fault.code, FAULT_NONE);
	post_body("CallbackCommand=" COMMAND_OURS, "{}");
	assert_int_equal(reply.fault.code, FAULT_APP_MISSING);
	assert_true(reply_is_told(&reply, NULL, 240001));
	assert_true(reply_is_told(&reply, &told, 240001));
	directory_empty();
}

/* A disk that fills: a worker tells of it once a minute, a process of one request each time. */
static void
low_disks_are_told_rarely(void **state)
{
	struct told told = { 0 };

	(void)state;
	for (int64_t started = 5; started <= 60005; started += 20000) {
		fault_set(&reply.fault, FAULT_DISK_LOW, "low");
		assert_true(reply_is_told(&reply, NULL, started));
		assert_int_equal(reply_is_told(&reply, &told, started),
		    started == 5 || started == 60005);
		assert_string_equal(reply.fault.detail,
		    started == 60005 ? "low (2 more since the last such line)" : "low");
	}
	fault_set(&reply.fault, FAULT_COMMAND_UNKNOWN, "another");
	assert_true(reply_is_told(&reply, &told, 60006));
}

/*
 * Requests with neither a command nor a right signature: likewise, beside the other callbacks.  A
 * process of one request tells of each, or a query that is lost on the way would never be noticed.
 */
static void
unknown_commands_are_told_rarely(void **state)
{
	static const char line[] =
	    "CallbackCommand: is not in the URL, and Sign: is missing; the body was not read";
	struct told told = { 0 };
	char more[256];

	(void)state;
	config_default();
	snprintf(more, sizeof(more), "%s (2 more since the last such line)", line);
	post_body("CallbackCommand=Group.CallbackBeforeSendMsg", "{}");
	assert_true(reply_is_told(&reply, &told, 4));
	for (int64_t started = 5; started <= 60005; started += 20000) {
		post_body("SdkAppid=1400000000", "{}");
		assert_int_equal(reply.fault.code, FAULT_COMMAND_UNKNOWN);
		assert_string_equal(reply.body, ANSWER_OK);
		assert_true(reply_is_told(&reply, NULL, started));
		assert_int_equal(reply_is_told(&reply, &told, started),
		    started == 5 || started == 60005);
		assert_string_equal(reply.fault.detail, started == 60005 ? more : line);
	}
	post_body("CallbackCommand=Group.CallbackBeforeSendMsg", "{}");
	assert_true(reply_is_told(&reply, &told, 60006));
	/* Who is refused learns why, each time. */
	post_body("CallbackCommand=" COMMAND_OURS "&SdkAppid=1400000000", "{}");
	assert_int_equal(reply.fault.code, FAULT_SIGN_MISSING);
	assert_true(reply_is_told(&reply, &told, 60007));
	assert_true(reply_is_told(&reply, &told, 60008));
}

/* Where the lock is not to be had, the vendor is told when to come again. */
static void
p6_a_held_lock_is_answered(void **state)
{
	pid_t holder = holder_start("test.jsonl", NULL, false);

	(void)state;
	config_default();
	config.store.lock_timeout = 10;
	post_body(SIGNED, BODY_SET);
	holder_end(holder);
	assert_int_equal(reply.status, 503);
	assert_string_equal(reply.header, "Retry-After: 1\r\n");
	assert_non_null(strstr(reply.body, "the event may still be stored"));
	post_body(SIGNED, BODY_SET);
	assert_int_equal(reply.status, 200);
	directory_empty();
}

static void
p6_broken_bodies_are_given_up(void **state)
{
	static const struct {
		ssize_t end;
		const char *announced;
		enum fault_code code;
	} cases[] = {
		{ READ_STALLED, "300", FAULT_BODY_STALLED },
		{ READ_STALLED, NULL, FAULT_BODY_STALLED },
		{ READ_BROKEN, "300", FAULT_BODY_SHORT },
		{ READ_BROKEN, NULL, FAULT_BODY_SHORT },
		{ 0, "300", FAULT_BODY_SHORT },
		{ 0, NULL, FAULT_JSON_MALFORMED },
	};

	(void)state;
	config_default();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pieces source = { .bytes = BODY_SET,
			.length = 200,
			.step = 50,
			.end = cases[i].end };

		post(SIGNED, cases[i].announced, &source);
		assert_int_equal(reply.status, 400);
		assert_int_equal(reply.fault.code, cases[i].code);
		assert_null(line_stored());
	}
}

static void
without_a_configuration(void **state)
{
	static const struct fault broken = { FAULT_CONFIG_MISSING, "/secret/path: gone" };
	struct pieces source = { .bytes = "{}", .length = 2, .step = 2 };
	struct request request = { .method = "POST",
		.query = SIGNED,
		.read = source_read,
		.context = &source };

	(void)state;
	receive(NULL, &broken, &request, &reply);
	assert_int_equal(reply.status, 500);
	assert_int_equal(reply.fault.code, FAULT_CONFIG_MISSING);
	assert_null(strstr(reply.body, "secret"));
	assert_non_null(strstr(reply.body, "\"ErrorCode\":1"));
	/* A callback that would block users is answered OK even so. */
	request.query = "CallbackCommand=Group.CallbackBeforeSendMsg";
	receive(NULL, &broken, &request, &reply);
	assert_int_equal(reply.status, 200);
	request.method = "GET";
	receive(NULL, &broken, &request, &reply);
	assert_int_equal(reply.status, 503);
	assert_null(strstr(reply.body, "secret"));
	request.method = NULL;
	receive(NULL, &broken, &request, &reply);
	assert_int_equal(reply.status, 405);
	assert_string_equal(reply.header, "Allow: GET, HEAD, POST\r\n");
}

static void
store_faults_are_told_to_the_log_alone(void **state)
{
	char path[192];

	(void)state;
	config_default();
	snprintf(path, sizeof(path), "%s/test.jsonl", scratch);
	assert_int_equal(mkdir(path, 0700), 0);
	post_body(SIGNED, BODY_SET);
	assert_int_equal(reply.status, 500);
	assert_int_equal(reply.fault.code, FAULT_OPEN_FAILED);
	assert_null(strstr(reply.body, "test.jsonl"));
	assert_int_equal(rmdir(path), 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(corpus_is_answered),
		cmocka_unit_test(p7_stale_signatures_are_refused),
		cmocka_unit_test(p7_each_token_counts),
		cmocka_unit_test(any_app_is_taken_when_said),
		cmocka_unit_test(apps_of_the_body_are_told_of),
		cmocka_unit_test(client_addresses_can_be_left_out),
		cmocka_unit_test(lengths_are_checked),
		cmocka_unit_test(a_length_of_another_encoding_is_none),
		cmocka_unit_test(no_query_is_an_empty_one),
		cmocka_unit_test(p6_bodies_of_nobody_are_not_read),
		cmocka_unit_test(other_callbacks_are_told_rarely),
		cmocka_unit_test(unknown_commands_are_told_rarely),
		cmocka_unit_test(low_disks_are_told_rarely),
		cmocka_unit_test(p6_a_held_lock_is_answered),
		cmocka_unit_test(p6_broken_bodies_are_given_up),
		cmocka_unit_test(without_a_configuration),
		cmocka_unit_test(store_faults_are_told_to_the_log_alone),
	};

	return RUN(tests);
}

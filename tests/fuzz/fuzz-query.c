/*
 * A query string, in front of a good body: the answer is one line of JSON,
 * nothing is stored unless it is signed, and no secret is told (P5, P7).
 */
#include "base/fault.h"
#include "base/time.h"
#include "config.h"
#include "parse.h"
#include "receive.h"
#include "fuzz.h"

#define SIGNATURE "17773bc39a671d7b9aa835458704d2a6db81360a5940292b587d6d760d484061"
#define SIGN_TIME 1669872112
#define TOKEN "xxxxyyyy"
#define BODY                                                                                       \
	"{\"CallbackCommand\":\"Group.CallbackAfterGroupMsgExtension\",\"GroupId\":\"test\","      \
	"\"MsgSeq\":10,\"OperateType\":1,\"ExtensionList\":[{\"Key\":\"k\",\"Value\":\"v\","       \
	"\"Seq\":56}],\"Seq\":56,\"EventTime\":1764688294360}"

static ssize_t
body_give(void *context, char *buffer, size_t size, int64_t deadline)
{
	size_t *given = context, left = strlen(BODY) - *given;
	size_t count = left < size ? left : size;

	(void)deadline;
	memcpy(buffer, &BODY[*given], count);
	*given += count;
	return (ssize_t)count;
}

static int
hex_value(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *digit = c == '\0' ? NULL : strchr(digits, c >= 'A' && c <= 'F' ? c | 0x20 : c);

	return digit == NULL ? -1 : (int)(digit - digits);
}

/* Decodes so many bytes in their place, of which none is a NUL then; what follows them is cut off. */
static void
decode(char *text, size_t length)
{
	char *at = text;

	for (const char *p = text, *end = text + length; p < end; at++) {
		if (end - p > 2 && *p == '%' && hex_value(p[1]) >= 0 && hex_value(p[2]) >= 0) {
			*at = (char)(hex_value(p[1]) * 16 + hex_value(p[2]));
			p += 3;
		} else {
			*at = *p++;
		}
		if (*at == '\0')
			*at = ' '; /* so that strings are searched to their end */
	}
	*at = '\0';
}

/* Does it hold, however it is spelt, the one signature and time that the token gives? */
static bool
query_is_signed(const char *query)
{
	char *plain = strdup(query);
	bool is_signed;

	CHECK(plain != NULL);
	decode(plain, strlen(plain));
	is_signed = strstr(plain, "1669872112") != NULL && strcasestr(plain, SIGNATURE) != NULL;
	free(plain);
	return is_signed;
}

/* Has the client itself that text in what is no signature?  It is told what it sent there. */
static bool
query_tells(const char *query, const char *text)
{
	char *parts = strdup(query), *rest = parts, *part;
	bool tells = false;

	CHECK(parts != NULL);
	while ((part = strsep(&rest, "&")) != NULL) {
		decode(part, strlen(part));
		tells =
		    tells || (strncasecmp(part, "Sign=", 5) != 0 && strcasestr(part, text) != NULL);
	}
	free(parts);
	return tells;
}

/*
 * Does the answer hold that text?  Not where the number of a byte that is not printable, \xNN, ends with its first
 * digits, and the client's own text goes on behind it.
 */
static bool
answer_tells(const char *answer, const char *text)
{
	char *plain = strdup(answer);
	bool tells;

	CHECK(plain != NULL);
	for (char *at = plain; (at = strstr(at, "\\x")) != NULL; at += 2)
		if (hex_value(at[2]) >= 0 && hex_value(at[3]) >= 0)
			memset(at, ' ', 4);
	tells = strcasestr(plain, text) != NULL;
	free(plain);
	return tells;
}

/* No secret is told to who did not send it. */
static void
secret_verify(const char *query, const struct reply *reply, const char *text)
{
	CHECK(query_tells(query, text) ||
	    !(answer_tells(reply->fault.detail, text) || answer_tells(reply->body, text)));
}

static void
stored_verify(const char *query, const struct reply *reply, const char *line, size_t length)
{
	struct document *document;
	struct record record;
	struct fault fault;

	CHECK(reply->status == 200 && query_is_signed(query));
	CHECK(memchr(line, '\n', length) == line + length - 1);
	document = document_parse_line(line, length, &fault);
	CHECK(document != NULL);
	CHECK(document_record(document, &record, &fault) == 0);
	CHECK(record.time == (int64_t)SIGN_TIME * 1000);
	CHECK(strcmp(record.event.group_id, "test") == 0 && record.event.seq == 56);
	CHECK(strstr(line, "\"SdkAppid\":1400000000,") != NULL);
	document_free(document);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config config = {
		.store = { .data_dir = scratch,
		    .owner = geteuid(),
		    .file_mode = 0600,
		    .lock_timeout = 1200 },
		.sdk_app_id = 1400000000,
		.tokens = { "another", TOKEN },
		.token_count = 2,
		.max_skew = 60,
		.max_body = 4096,
		.log_client_ip = true,
	};
	size_t given = 0, length;
	char *query = strndup((const char *)data, size), *line;
	struct request request = {
		.method = "POST",
		.query = query,
		.now = { SIGN_TIME, 0 },
		.started = clock_milliseconds(),
		.read = body_give,
		.context = &given,
	};
	struct reply reply;

	scratch_make();
	receive(&config, NULL, &request, &reply);
	CHECK((reply.status == 200) ==
	    (reply.fault.code == FAULT_NONE || reply.fault.code == FAULT_COMMAND_UNKNOWN ||
		reply.fault.code == FAULT_COMMAND_OTHER));
	CHECK(reply.status == 200 || reply.status == 400 || reply.status == 403);
	answer_verify(reply.body, strlen(reply.body), reply.status == 200);
	if (reply.fault.code != FAULT_NONE)
		fault_verify(&reply.fault);
	secret_verify(query, &reply, TOKEN);
	secret_verify(query, &reply, "17773bc");
	/* No byte of the body is looked at before the signature. */
	CHECK(given == 0 || query_is_signed(query));
	line = scratch_load("test.jsonl", &length);
	if (line != NULL)
		stored_verify(query, &reply, line, length);
	CHECK(scratch_clear() == (line != NULL));
	free(line);
	free(query);
	return 0;
}

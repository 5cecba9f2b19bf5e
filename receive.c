/*
 * receive.c - one request -> one reply, whatever carried it.
 *
 * The gate's order is its security: each step costs more, or tells more, than
 * the one before.
 *
 *   method     GET and HEAD are a health probe
 *   command    one URL gets every callback of an app, and a FAIL to a "before"
 *              callback would block a user's action: whatever is not ours is
 *              answered OK and forgotten, before anything else is judged;
 *              what hops on the way do to it, its case and blanks, does not count
 *   app id     the vendor asks each receiver to check that it is its own
 *   signature  hex(sha256(token + RequestTime)); see sign_check
 *   length     before a byte of the body is read
 *   body       whole and strict JSON
 *   fields     of the right types, in range
 *
 * Only then is the line built and appended (P1).  Where the URL names no
 * command, only the body can, and where a token is set it is read after a
 * right signature alone.  Anybody else gets an OK without a look at his body:
 * it may be a probe, or a "before" callback that lost its query, and whoever
 * he is, he takes none of a worker's time.
 *
 * A genuine event that is refused for a reason of ours is lost, since the vendor does not send it
 * again.  So it is counted (store/refused.c), after the answer, and nobody else's request is.
 *
 * Who ticks other callbacks for this URL may not know that they end here: so the error log says it,
 * but rarely, since each message of an app can be one.  Of requests with neither a command nor a
 * right signature it is told as rarely: anyone can send them, and gets an OK for each.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <sha2.h>

#include "receive.h"
#include "base/base.h"
#include "base/fault.h"
#include "base/hmac.h"
#include "base/space.h"
#include "base/text.h"
#include "base/time.h"
#include "body.h"
#include "config.h"
#include "parse.h"
#include "shape.h"
#include "store/options.h"
#include "store/probe.h"
#include "store/refused.h"
#include "store.h"
#include "wait.h"

/*
 * Every answer is due 1.8 s after the request began (P6): the vendor waits 2.
 * The body gets what the lock leaves, the rest is for the disk; what that
 * leaves, for a line to be shipped.
 */
#define BODY_MILLISECONDS 1400
#define LOCK_MILLISECONDS 1700
#define SHIP_MILLISECONDS 1750

#define TEXT_MAX 64 /* ClientIP, OptPlatform; of another callback's name, what is told */

#define REPEATED_QUIET_MILLISECONDS 60000 /* between two lines that say the same */

/* A piece of the decoded query; bytes NULL: not given. */
struct text {
	const char *bytes;
	size_t length;
};

enum parameter { SDK_APP_ID, COMMAND, CLIENT_IP, PLATFORM, SIGN, REQUEST_TIME, PARAMETER_COUNT };

#define TEXT(literal) literal, sizeof(literal) - 1

static const struct text parameter_names[PARAMETER_COUNT] = { { TEXT("SdkAppid") },
	{ TEXT("CallbackCommand") }, { TEXT("ClientIP") }, { TEXT("OptPlatform") },
	{ TEXT("Sign") }, { TEXT("RequestTime") } };

struct query {
	struct text values[PARAMETER_COUNT];
	enum callback command;
	struct fault fault; /* the first thing wrong with it, or FAULT_NONE */
	char *decoded;      /* what values point into */
};

struct exchange {
	const struct config *config;
	const struct request *request;
	struct fault *fault;
	struct query query;
	struct fault notice;      /* for the error log, though the answer is OK; or FAULT_NONE */
	bool genuine, begins_log; /* as the reply has them */
	struct body body;
	struct document *document; /* NULL: it was not needed */
	struct shape shape;
};

/* An event that is to be stored. */
struct event_line {
	struct event event; /* as long as the exchange's shape and document */
	char *line;         /* for free() */
	size_t length;      /* in bytes, newline included */
};

/* the query string */

/* Decodes from[0..length) to *to, advancing it; false where a %XX is malformed. */
static bool
text_decode(char **to, const char *from, size_t length, struct text *text)
{
	text->bytes = *to;
	if (memchr(from, '%', length) == NULL) {
		memcpy(*to, from, length);
		text->length = length;
	} else if (!percent_decode(*to, from, length, &text->length)) {
		return false;
	}
	*to += text->length;
	return true;
}

/* The parameter of that name, or PARAMETER_COUNT. */
static enum parameter
parameter_find(struct text name)
{
	enum parameter i = 0;

	while (i < PARAMETER_COUNT &&
	    (name.length != parameter_names[i].length ||
		strncasecmp(name.bytes, parameter_names[i].bytes, name.length) != 0))
		i++;
	return i;
}

/* Of the acting client: no reason to refuse an event, whatever is wrong with it. */
static bool
parameter_is_optional(enum parameter parameter)
{
	return parameter == CLIENT_IP || parameter == PLATFORM;
}

static void
query_fault(struct query *query, enum fault_code code, const char *name, const char *reason)
{
	if (query->fault.code == FAULT_NONE)
		fault_set(&query->fault, code, "%s: %s", name, reason);
}

/* Keeps the first; but of two commands ours, so that it is refused and not forgotten. */
static void
parameter_keep(struct query *query, enum parameter parameter, struct text value)
{
	enum callback command;

	if (parameter == COMMAND) {
		command = callback_read(value.bytes, value.length);
		if (command == CALLBACK_NONE)
			return;
		if (command == CALLBACK_OURS || query->command == CALLBACK_NONE)
			query->command = command;
	}
	if (query->values[parameter].bytes == NULL)
		query->values[parameter] = value;
	else if (!parameter_is_optional(parameter))
		query_fault(query, FAULT_QUERY_DUPLICATE, parameter_names[parameter].bytes,
		    "is there twice");
}

/* Takes one name=value of the query. */
static void
parameter_take(struct query *query, char **to, const char *pair, size_t length)
{
	static const char malformed[] = "'%' without two hexadecimal digits";
	const char *equals = memchr(pair, '=', length);
	size_t name_length = equals == NULL ? length : (size_t)(equals - pair);
	struct text name, value = { "", 0 };
	enum parameter parameter;

	if (!text_decode(to, pair, name_length, &name)) {
		query_fault(query, FAULT_QUERY_MALFORMED, "query", malformed);
		return;
	}
	parameter = parameter_find(name);
	if (equals != NULL && !text_decode(to, equals + 1, length - name_length - 1, &value)) {
		if (!parameter_is_optional(parameter)) {
			query_fault(query, FAULT_QUERY_MALFORMED, "query", malformed);
			return;
		}
		value = (struct text){ "", 0 };
	}
	if (parameter == COMMAND) /* a form's blank */
		for (char *at = *to - value.length; at < *to; at++)
			if (*at == '+')
				*at = ' ';
	if (parameter != PARAMETER_COUNT)
		parameter_keep(query, parameter, value);
}

static int
query_parse(struct query *query, const char *string, struct fault *fault)
{
	char *to;

	if (string == NULL)
		string = "";
	query->decoded = to = malloc(strlen(string) + 1);
	if (to == NULL)
		return fault_memory(fault);
	while (*string != '\0') {
		size_t length = strcspn(string, "&");

		parameter_take(query, &to, string, length);
		string += length + (string[length] == '&');
	}
	return 0;
}

/* the gate's steps: each returns 0, or -1 and a fault */

/* Sets id to the request's app id. */
static int
app_id_check(const struct exchange *exchange, uint64_t *id)
{
	struct text given = exchange->query.values[SDK_APP_ID];

	if (given.bytes == NULL)
		return fault_set(exchange->fault, FAULT_APP_MISSING, "SdkAppid: is missing");
	if (!integer_parse(given.bytes, given.length, id) ||
	    (!exchange->config->any_app && *id != exchange->config->sdk_app_id))
		return fault_set(exchange->fault, FAULT_APP_UNKNOWN,
		    "SdkAppid: is not the one that this receiver serves");
	return 0;
}

/* Does one of our tokens give this digest?  The time taken does not tell how near it was. */
static bool
digest_matches(const struct config *config, struct text time,
    const uint8_t given[SHA256_DIGEST_LENGTH])
{
	unsigned matches = 0;

	for (size_t i = 0; i < config->token_count; i++) {
		uint8_t digest[SHA256_DIGEST_LENGTH];
		SHA2_CTX context;

		SHA256Init(&context);
		SHA256Update(&context, (const uint8_t *)config->tokens[i],
		    strlen(config->tokens[i]));
		SHA256Update(&context, (const uint8_t *)time.bytes, time.length);
		SHA256Final(digest, &context);
		matches |= hmac_equal(digest, given);
	}
	return matches != 0;
}

/*
 * The sender's hash puts the secret first, so whoever saw one valid pair can
 * compute the hash of a longer RequestTime.  Digits only, 20 at most, leaves
 * no room for that.
 */
static int
sign_check(const struct exchange *exchange)
{
	const struct config *config = exchange->config;
	struct text sign = exchange->query.values[SIGN];
	struct text time = exchange->query.values[REQUEST_TIME];
	uint8_t given[SHA256_DIGEST_LENGTH];
	uint64_t then = 0, now = (uint64_t)exchange->request->now.tv_sec;
	struct fault *fault = exchange->fault;

	if (config->token_count == 0)
		return 0;
	if (sign.bytes == NULL || time.bytes == NULL)
		return fault_set(fault, FAULT_SIGN_MISSING, "%s: is missing",
		    sign.bytes == NULL ? "Sign" : "RequestTime");
	if (sign.length != 2 * sizeof(given) || !hex_decode(given, sizeof(given), sign.bytes))
		return fault_set(fault, FAULT_SIGN_MALFORMED,
		    "Sign: must be 64 hexadecimal digits");
	if (time.length < 1 || time.length > 20)
		return fault_set(fault, FAULT_SIGN_MALFORMED,
		    "RequestTime: must be 1 to 20 digits");
	for (size_t i = 0; i < time.length; i++) {
		if (time.bytes[i] < '0' || time.bytes[i] > '9')
			return fault_set(fault, FAULT_SIGN_MALFORMED,
			    "RequestTime: must be 1 to 20 digits");
		if (then <= INTEGER_MAX) /* 20 digits do not fit; so many are stale anyway */
			then = then * 10 + (uint64_t)(time.bytes[i] - '0');
	}
	if (!digest_matches(config, time, given))
		return fault_set(fault, FAULT_SIGN_WRONG,
		    "Sign: does not fit the RequestTime and a token (is the token that of the "
		    "console?)");
	if ((then > now ? then - now : now - then) > config->max_skew)
		return fault_set(fault, FAULT_SIGN_STALE,
		    "RequestTime: is more than %llu s away from this machine's clock (is the clock "
		    "right?)",
		    (unsigned long long)config->max_skew);
	return 0;
}

static int
exchange_read(struct exchange *exchange)
{
	return body_read(&exchange->body, exchange->request, exchange->config->max_body,
	    exchange->request->started + BODY_MILLISECONDS, exchange->fault);
}

/* Parses the body, which was read, once. */
static int
document_get(struct exchange *exchange)
{
	if (exchange->document == NULL)
		exchange->document =
		    document_parse(exchange->body.bytes, exchange->body.length, exchange->fault);
	return exchange->document == NULL ? -1 : 0;
}

/* As command_check, where the URL names no command. */
static int
command_ask_body(struct exchange *exchange)
{
	enum callback command;

	if (sign_check(exchange) != 0) {
		fault_set(&exchange->notice, FAULT_COMMAND_UNKNOWN,
		    "CallbackCommand: is not in the URL, and %s; the body was not read",
		    exchange->fault->detail);
		exchange->fault->code = FAULT_NONE;
		return 0;
	}
	if (exchange->query.fault.code != FAULT_NONE)
		return 1; /* a faulty query is refused by the next step */
	if (exchange_read(exchange) != 0)
		return -1;
	if (exchange->body.length == 0)
		return 0; /* the console's "verify URL" */
	if (document_get(exchange) != 0 ||
	    document_command(exchange->document, &command, exchange->fault) != 0)
		return -1;
	if (command == CALLBACK_OTHER)
		fault_set(&exchange->notice, FAULT_COMMAND_OTHER,
		    "CallbackCommand: the body names another callback, which was answered OK and "
		    "not stored");
	return command == CALLBACK_OURS;
}

/* Another callback's request, by its URL. */
static void
foreign_notice(struct exchange *exchange)
{
	struct text name = exchange->query.values[COMMAND];
	int length = name.length > TEXT_MAX ? TEXT_MAX : (int)name.length;

	fault_set(&exchange->notice, FAULT_COMMAND_OTHER,
	    "CallbackCommand: %.*s is another callback, which was answered OK and not stored",
	    length, name.bytes);
}

/* 1: the command is ours; 0: it is another's, or there is none; -1: fault. */
static int
command_check(struct exchange *exchange, const struct fault *config_fault)
{
	enum callback command = exchange->query.command;

	/* Not even a broken configuration may block another callback's users. */
	if (command == CALLBACK_OTHER) {
		foreign_notice(exchange);
		return 0;
	}
	if (exchange->config == NULL) {
		*exchange->fault = *config_fault;
		return -1;
	}
	if (command == CALLBACK_OURS)
		return 1;
	return command_ask_body(exchange);
}

/* Text for the line, or nothing where no log should hold it. */
static struct text
text_for_line(struct text text)
{
	if (text.bytes == NULL || text.length == 0 || text.length > TEXT_MAX ||
	    !text_is_plain(text.bytes, text.length))
		return (struct text){ NULL, 0 };
	return text;
}

/* The line is stored, and the answer will be OK; but not yet. */
static void
ship_await(const struct exchange *exchange, const struct store_span *span)
{
	const struct config *config = exchange->config;
	int64_t deadline = clock_milliseconds() + config->wait_for_ship;
	int64_t due = exchange->request->started + SHIP_MILLISECONDS;

	wait_shipped(config->store.data_dir, span, deadline < due ? deadline : due);
}

/* What the line says of the request, besides the body. */
static struct envelope
envelope_make(const struct exchange *exchange, uint64_t app_id)
{
	struct text client_ip = text_for_line(exchange->query.values[CLIENT_IP]);
	struct text platform = text_for_line(exchange->query.values[PLATFORM]);
	struct envelope envelope = { .time = exchange->request->now,
		.sdk_app_id = app_id,
		.platform = platform.bytes,
		.platform_length = platform.length };

	if (exchange->config->log_client_ip) {
		envelope.client_ip = client_ip.bytes;
		envelope.client_ip_length = client_ip.length;
	}
	return envelope;
}

/* By the gate: makes the line of a body that it takes. */
static int
event_parse(struct exchange *exchange, const struct envelope *envelope, struct event_line *made)
{
	struct fault *fault = exchange->fault;
	enum callback in_body;

	if (document_get(exchange) != 0 ||
	    document_command(exchange->document, &in_body, fault) != 0)
		return -1;
	if (in_body == CALLBACK_OTHER)
		return fault_set(fault, FAULT_COMMAND_MISMATCH,
		    "CallbackCommand: the URL and the body name different callbacks");
	if (document_event(exchange->document, &made->event, fault) != 0)
		return -1;
	exchange->genuine = true;
	if (!document_is_of_app(exchange->document, envelope->sdk_app_id))
		fault_set(&exchange->notice, FAULT_APP_DIFFERS,
		    "SdkAppid: the body names another app than the URL; the URL's is stored");
	made->line = document_line(exchange->document, envelope, &made->length);
	return made->line == NULL ? fault_memory(fault) : 0;
}

/* Nearly every body is as the readers know lines; whatever is not goes to the gate. */
static int
event_take(struct exchange *exchange, uint64_t app_id, struct event_line *made)
{
	struct envelope envelope = envelope_make(exchange, app_id);

	if (exchange->document == NULL) {
		if (exchange_read(exchange) != 0)
			return -1;
		made->line = shape_line(&exchange->shape,
		    &(struct shape_request){ exchange->body.bytes, exchange->body.length,
			&envelope },
		    &made->event, &made->length);
	}
	if (made->line == NULL)
		return event_parse(exchange, &envelope, made);
	exchange->genuine = true;
	return 0;
}

static int
event_append(struct exchange *exchange, const struct event_line *made)
{
	const struct config *config = exchange->config;
	struct store_options store = config->store;
	struct store_span span;
	int result;

	store.notice = &exchange->notice;
	result = store_append(&store,
	    &(struct store_entry){ made->event.group_id, made->line, made->length,
		exchange->request->started + LOCK_MILLISECONDS },
	    &span, exchange->fault);
	exchange->begins_log = result == 0 && span.size == (off_t)made->length;
	if (result == 0 && config->wait_for_ship > 0)
		ship_await(exchange, &span);
	return result;
}

/* What follows the command: 0, or -1 and a fault. */
static int
event_receive(struct exchange *exchange)
{
	struct event_line made = { 0 };
	uint64_t app_id = 0;
	int result;

	if (exchange->query.fault.code != FAULT_NONE) {
		*exchange->fault = exchange->query.fault;
		return -1;
	}
	if (app_id_check(exchange, &app_id) != 0 || sign_check(exchange) != 0)
		return -1;
	/* Without a token, only an event that would be stored counts: event_take. */
	exchange->genuine = exchange->config->token_count > 0;
	result = event_take(exchange, app_id, &made);
	if (result == 0)
		result = event_append(exchange, &made);
	free(made.line);
	return result;
}

/* the reply */

/*
 * Fills the reply from its fault.  What is ours to repair is told to the error log alone; but not
 * to have had the lock in time is no promise that nothing was stored (P5), and whoever looks at
 * a check of old is told how to have it.
 */
static void
reply_fill(struct reply *reply)
{
	static const char head[] = "{\"ActionStatus\":\"FAIL\",\"ErrorInfo\":";
	static const char tail[] = ",\"ErrorCode\":1}\n";
	const struct fault *fault = &reply->fault;
	char info[FAULT_DETAIL_SIZE + 64];
	size_t used = sizeof(head) - 1;

	reply->status = fault_status(fault->code);
	reply->header = "";
	if (fault->code == FAULT_NONE) {
		strcpy(reply->body,
		    "{\"ActionStatus\":\"OK\",\"ErrorInfo\":\"\",\"ErrorCode\":0}\n");
		return;
	}
	if (fault->code == FAULT_METHOD)
		reply->header = "Allow: GET, HEAD, POST\r\n";
	else if (fault->code == FAULT_LOCK_TIMEOUT)
		reply->header = "Retry-After: 1\r\n";
	if (fault->code == FAULT_LOCK_TIMEOUT)
		strcpy(info,
		    "lock-timeout: the event may still be stored; the receiver's error log says "
		    "why");
	else if (reply->status >= 500 && fault->code != FAULT_CONFIG_CHECK)
		strcpy(info, "the receiver cannot store events now; its error log says why");
	else
		snprintf(info, sizeof(info), "%s: %s", fault_slug(fault->code), fault->detail);
	memcpy(reply->body, head, used);
	used += json_quote(reply->body + used, info, strlen(info));
	memcpy(reply->body + used, tail, sizeof(tail));
}

/* Is everything in place to take events?  Does what storing one does. */
static void
health_check(const struct config *config, const struct fault *config_fault,
    const struct request *request, struct reply *reply)
{
	char low[SPACE_TEXT_SIZE];

	if (config == NULL)
		reply->fault = *config_fault;
	else
		store_probe(&config->store, request->started + LOCK_MILLISECONDS, &reply->fault);
	reply_fill(reply);
	if (reply->status != 200 && reply->fault.code != FAULT_CONFIG_CHECK)
		reply->status = 503;
	/* Whoever watches the error log has time left to make room. */
	if (config != NULL && reply->status == 200 && space_tell_low(config->store.data_dir, low))
		fault_set(&reply->fault, FAULT_DISK_LOW, "data_dir: %s", low);
}

void
receive(const struct config *config, const struct fault *config_fault,
    const struct request *request, struct reply *reply)
{
	struct exchange exchange = { .config = config, .request = request, .fault = &reply->fault };
	const char *method = request->method == NULL ? "" : request->method;

	reply->fault = (struct fault){ 0 };
	reply->genuine = reply->begins_log = false;
	if (strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0) {
		health_check(config, config_fault, request, reply);
		return;
	}
	if (strcmp(method, "POST") != 0)
		fault_set(&reply->fault, FAULT_METHOD, "method: must be POST, is '%s'", method);
	else if (query_parse(&exchange.query, request->query, &reply->fault) == 0 &&
	    command_check(&exchange, config_fault) > 0)
		event_receive(&exchange);
	reply_fill(reply);
	reply->genuine = exchange.genuine;
	reply->begins_log = exchange.begins_log;
	if (reply->fault.code == FAULT_NONE)
		reply->fault = exchange.notice;
	free(exchange.query.decoded);
	free(exchange.body.bytes);
	document_free(exchange.document);
	shape_free(&exchange.shape);
}

/* A line of this kind is written now, or counted. */
static bool
repeated_is_told(struct reply *reply, struct repeated *repeated, int64_t started)
{
	const struct fault fault = reply->fault;

	if (started < repeated->quiet_until) {
		repeated->untold++;
		return false;
	}
	if (repeated->untold > 0)
		fault_set(&reply->fault, fault.code, "%s (%llu more since the last such line)",
		    fault.detail, repeated->untold);
	repeated->untold = 0;
	repeated->quiet_until = started + REPEATED_QUIET_MILLISECONDS;
	return true;
}

bool
reply_is_told(struct reply *reply, struct told *told, int64_t started)
{
	switch (reply->fault.code) {
	case FAULT_COMMAND_OTHER:
		return told != NULL && repeated_is_told(reply, &told->other, started);
	case FAULT_COMMAND_UNKNOWN:
		return told == NULL || repeated_is_told(reply, &told->unknown, started);
	case FAULT_DISK_LOW:
		return told == NULL || repeated_is_told(reply, &told->low, started);
	default:
		return true;
	}
}

/*
 * The file must be there before the disk is full.  A new log is rare, and what it takes then is no
 * call of the usual way.
 */
void
reply_remember(const struct reply *reply, const struct config *config)
{
	if (reply->genuine && reply->status >= 500)
		refused_count(&config->store, reply->fault.code, time_now());
	else if (reply->begins_log)
		refused_prepare(&config->store);
}

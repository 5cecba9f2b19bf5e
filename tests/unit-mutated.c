/*
 * Bodies that are changed at random: what the receiver takes without a parser, the gate takes too, as
 * the same event and to the same line; and hardly any body that the gate takes is left to it.
 *
 * MSGEXT_SEED: the seed, which is printed.  MSGEXT_MUTATED: how many bodies, a million by default.
 */
#include "base/base.h"
#include "base/fault.h"
#include "json.h"
#include "parse.h"
#include "samples.h"
#include "shape.h"
#include "unit.h"

#define BODY_MAX 8192

static const struct envelope envelope = { .time = { 1764688294, 395000000 },
	.sdk_app_id = 1400000000,
	.client_ip = "203.0.113.7",
	.client_ip_length = 11,
	.platform = "a\"b",
	.platform_length = 3 };

/* As the vendor's page shows one, with every kind of blank. */
static const char pretty[] = "\r\n{\n    \"CallbackCommand\": \"" COMMAND_OURS "\",\n"
			     "\t\"GroupId\" : \"@TGS#2J4SZEAEL\" , \"MsgSeq\":123,\r\n"
			     "    \"OperateType\": 1,\n"
			     "    \"ExtensionList\": [\n"
			     "        {\n            \"Key\": \"a b\",\n            \"Value\": "
			     "\" \\\" \\\\ \\n \\u0041 \xe6\x8a\x95\",\n            \"Seq\": 56\n"
			     "        } , { \"Key\":\"\", \"Value\":\"\", \"Seq\":0 }\n    ],\n"
			     "    \"Seq\": 56,\n    \"EventTime\": 1764688294360\n} \n";

static char bodies[512][BODY_MAX];
static size_t lengths[512], body_count;

static void
body_add(const char *bytes, size_t length)
{
	if (body_count == sizeof(lengths) / sizeof(lengths[0]) || length > BODY_MAX)
		return;
	memcpy(bodies[body_count], bytes, length);
	lengths[body_count++] = length;
}

static void
sample_add(struct sample *sample)
{
	body_add(sample->bytes, sample->length);
}

/* The line of a body by the gate; NULL: it refuses the body, or has more to say than OK. */
static char *
gate_line(const char *body, size_t length, struct document **document, struct event *event,
    size_t *line_length)
{
	struct fault fault;
	enum callback command;

	*document = document_parse(body, length, &fault);
	if (*document == NULL || document_command(*document, &command, &fault) != 0 ||
	    command != CALLBACK_OURS || document_event(*document, event, &fault) != 0 ||
	    !document_is_of_app(*document, envelope.sdk_app_id))
		return NULL;
	return document_line(*document, &envelope, line_length);
}

static bool
event_equals(const struct event *a, const struct event *b)
{
	bool equal = strcmp(a->group_id, b->group_id) == 0 && a->msg_seq == b->msg_seq &&
	    a->operate_type == b->operate_type && a->seq == b->seq &&
	    a->event_time == b->event_time && a->pair_count == b->pair_count;

	for (size_t i = 0; equal && i < a->pair_count; i++)
		equal = strcmp(a->pairs[i].key, b->pairs[i].key) == 0 &&
		    strcmp(a->pairs[i].value, b->pairs[i].value) == 0 &&
		    a->pairs[i].seq == b->pairs[i].seq;
	return equal;
}

/* Is the body taken without the gate?  always: ask the gate all the same.  *gate: it takes the body. */
static bool
body_verify(const char *body, size_t length, bool always, bool *gate)
{
	struct shape shape = { 0 };
	struct document *document = NULL;
	struct event event, parsed;
	size_t line_length, gate_length = 0;
	char *line = shape_line(&shape, &(struct shape_request){ body, length, &envelope }, &event,
	    &line_length);
	char *wanted = line != NULL || always
	    ? gate_line(body, length, &document, &parsed, &gate_length)
	    : NULL;

	*gate = wanted != NULL;
	if (line != NULL &&
	    (wanted == NULL || line_length != gate_length ||
		memcmp(line, wanted, line_length) != 0 || !event_equals(&event, &parsed)))
		fail_msg("taken otherwise than by the gate: %.*s", (int)length, body);
	free(wanted);
	document_free(document);
	free(line);
	shape_free(&shape);
	return line != NULL;
}

static void
corpus_is_taken_alike(void **state)
{
	bool gate;

	(void)state;
	body_add(BODY_SET, strlen(BODY_SET));
	body_add(pretty, sizeof(pretty) - 1);
	samples_each("tests/corpus", 2, sample_add);
	for (size_t i = 0; i < body_count; i++)
		(void)body_verify(bodies[i], lengths[i], true, &gate);
	assert_true(body_verify(bodies[0], lengths[0], true, &gate));
	assert_true(body_verify(bodies[1], lengths[1], true, &gate));
}

/* dice */

static uint64_t dice;

static size_t
below(size_t count)
{
	dice ^= dice << 13;
	dice ^= dice >> 7;
	dice ^= dice << 17;
	return (size_t)(dice >> 11) % count;
}

/* Puts the bytes into the body in place of `count` of it. */
static size_t
body_put(char *body, size_t length, size_t at, size_t count, const char *bytes)
{
	size_t more = strlen(bytes);

	if (length - count + more > BODY_MAX)
		return length;
	memmove(body + at + more, body + at + count, length - at - count);
	memcpy(body + at, bytes, more);
	return length - count + more;
}

/* One change; the new length. */
static size_t
body_change(char *body, size_t length)
{
	static const char *const pieces[] = { " ", "\n", "\t", "\r", "  ", "\v", "\f", "\"", "\\",
		"\\\"", "{", "}", "[", "]", ",", ":", "0", "1", "-", ".", "e", "E9", "null", "true",
		"\\u0000", "\\ud83d", "\\ude00", "\\u0041", "\xff", "\xc3\xa9", "\x7f", "\x01",
		"\"x\":1,", ",\"x\":[1, {}]", "\"Seq\":7,", ",\"Key\":\"k\"", "\"time\":1,",
		"\"SdkAppid\":1400000000,", "\"\\u0078\":2,", "9007199254740993",
		"\"ExtensionList\":null,", "[[[[[[[[[[[[[[[[", "3", "2", "@TGS#", "\xc2\x85" };
	size_t at = length == 0 ? 0 : below(length), count = 0;
	char copied[64] = "";

	switch (below(7)) {
	case 0: /* bytes go */
		count = below(4);
		break;
	case 1: /* another piece in the place of a byte */
		count = 1;
		strcpy(copied, pieces[below(sizeof(pieces) / sizeof(pieces[0]))]);
		break;
	case 2: /* what is there stands there twice */
		count = below(sizeof(copied) - 1);
		snprintf(copied, sizeof(copied), "%.*s",
		    (int)(count > length - at ? length - at : count), body + at);
		count = 0;
		break;
	case 3: /* another bit */
		if (length > 0)
			body[at] = (char)(body[at] ^ 1 << below(8));
		break;
	case 4:
	case 5: /* a blank between, mostly where one may stand */
		for (size_t tries = 0; tries < 8 && at > 0 && strchr("{}[],:", body[at]) == NULL;
		     tries++)
			at = below(length);
		strcpy(copied, pieces[below(5)]);
		break;
	default: /* a piece between */
		strcpy(copied, pieces[below(sizeof(pieces) / sizeof(pieces[0]))]);
		break;
	}
	if (count > length - at)
		count = length - at;
	return body_put(body, length, at, count, copied);
}

static void
mutated_bodies_are_taken_alike(void **state)
{
	const char *wanted = getenv("MSGEXT_MUTATED");
	long count = wanted == NULL ? 1000000 : strtol(wanted, NULL, 10), taken = 0, asked = 0,
	     gated = 0, missed = 0;

	(void)state;
	dice = seed_make() | 1;
	for (long i = 0; i < count; i++) {
		static char body[BODY_MAX];
		size_t from = below(3) == 0 ? below(body_count) : below(2), length = lengths[from];
		bool always = i % 64 == 0, gate, fast;

		memcpy(body, bodies[from], length);
		for (size_t changes = 1 + below(3); changes > 0; changes--)
			length = body_change(body, length);
		fast = body_verify(body, length, always, &gate);
		taken += fast;
		asked += always;
		gated += always && gate;
		missed += always && gate && !fast;
	}
	print_message("# %ld bodies, %ld taken; of %ld the gate takes %ld, and %ld by itself\n",
	    count, taken, asked, gated, missed);
	assert_true(taken > count / 50); /* else the changes are too wild to show anything */
	assert_true(missed <= gated / 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(corpus_is_taken_alike),
		cmocka_unit_test(mutated_bodies_are_taken_alike),
	};

	return RUN(tests);
}

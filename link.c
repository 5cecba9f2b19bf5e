/*
 * link.c - signed links, each to the result of one message.
 *
 * Whoever has a link sees one message's result, without a password, until the link expires; what he
 * sees was chosen by who signed it, title and names included, and nothing of it can be changed.
 *
 * The signature is HMAC-SHA256 over a text in which the length of each part comes before it, so that no
 * two links have the same text, whatever their parts hold:
 *
 *	msgext-view link 1
 *	LENGTH:BYTES		of group, message, title, names ("1" or ""), expiry, epoch
 *
 * No state is kept: a link is ended by its expiry, all of them by another epoch or key.
 */
#include "link.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "base/fault.h"
#include "base/hmac.h"
#include "base/text.h"

#define PURPOSE "msgext-view link 1\n"
/* Six parts, each with at most 3 digits, ':' and '\n', after the purpose; numbers have at most 16. */
#define TEXT_SIZE                                                                                  \
	(sizeof(PURPOSE) + GROUP_ID_MAX + LINK_TITLE_MAX + 1 + 3 * (size_t)16 + 6 * (size_t)5)

static char *
part_put(char *at, const char *part)
{
	return at + sprintf(at, "%zu:%s\n", strlen(part), part);
}

static char *
number_put(char *at, uint64_t number)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%" PRIu64, number);
	return part_put(at, digits);
}

/* The signature of a link that link_fault finds nothing in. */
static void
link_code(const char *key, uint64_t epoch, const struct link *link, uint8_t code[HMAC_SIZE])
{
	char text[TEXT_SIZE] = PURPOSE, *at = text + strlen(PURPOSE);

	at = part_put(at, link->group);
	at = number_put(at, link->msg_seq);
	at = part_put(at, link->title);
	at = part_put(at, link->names ? "1" : "");
	at = number_put(at, link->expiry);
	at = number_put(at, epoch);
	hmac_sha256(key, strlen(key), text, (size_t)(at - text), code);
}

/* What no link may say; -1: fault. */
static int
link_fault(const struct link *link, struct fault *fault)
{
	if (link->group[0] == '\0' || !text_is_utf8(link->group))
		return fault_set(fault, FAULT_FIELD_RANGE, "group: must be 1 to %d bytes of UTF-8",
		    GROUP_ID_MAX);
	if (link->msg_seq > INTEGER_MAX)
		return fault_set(fault, FAULT_FIELD_RANGE, "message: is larger than 2^53");
	if (!text_is_plain(link->title, strlen(link->title)))
		return fault_set(fault, FAULT_FIELD_RANGE,
		    "title: must be UTF-8 without control characters");
	if (link->expiry == 0 || link->expiry > LINK_EXPIRY_MAX)
		return fault_set(fault, FAULT_FIELD_RANGE, "expiry: must have 1 to 12 digits");
	return 0;
}

int
link_sign(const struct link_keys *keys, const struct link *link, char query[LINK_QUERY_SIZE],
    struct fault *fault)
{
	char signature[HMAC_TEXT_LENGTH + 1], *at = query;
	uint8_t code[HMAC_SIZE];

	if (link_fault(link, fault) != 0)
		return -1;
	link_code(keys->keys[0], keys->epoch, link, code);
	hmac_print(code, signature);
	at += sprintf(at, "g=");
	at += parameter_print(at, link->group);
	at += sprintf(at, "&m=%" PRIu64, link->msg_seq);
	if (link->title[0] != '\0') {
		at += sprintf(at, "&t=");
		at += parameter_print(at, link->title);
	}
	sprintf(at, "%s&s=%s&e=%" PRIu64, link->names ? "&w=1" : "", signature, link->expiry);
	return 0;
}

int
link_read(const char *query, char decoded[PARAMETERS_LENGTH_MAX + 1], struct link_values *values,
    struct fault *fault)
{
	struct parameter table[] = { { "g", NULL }, { "m", NULL }, { "t", NULL }, { "w", NULL },
		{ "e", NULL }, { "s", NULL } };

	if (parameters_read(table, sizeof(table) / sizeof(table[0]), query, decoded, fault) != 0)
		return -1;
	*values = (struct link_values){ table[0].value, table[1].value, table[2].value,
		table[3].value, table[4].value, table[5].value };
	return 0;
}

/* Copies a text that is no longer than max; NULL is "". */
static bool
text_take(const char *text, size_t max, char *to)
{
	size_t length = text == NULL ? 0 : strlen(text);

	if (length > max)
		return false;
	memcpy(to, text == NULL ? "" : text, length + 1);
	return true;
}

/* Only one spelling of a link was ever signed. */
static bool
values_take(const struct link_values *values, struct link *link)
{
	const char *names = values->names == NULL ? "" : values->names;
	struct fault fault;

	link->names = strcmp(names, "1") == 0;
	return (link->names || names[0] == '\0') && values->msg_seq != NULL &&
	    values->expiry != NULL && values->signature != NULL &&
	    text_take(values->group, GROUP_ID_MAX, link->group) &&
	    text_take(values->title, LINK_TITLE_MAX, link->title) &&
	    integer_parse(values->msg_seq, strlen(values->msg_seq), &link->msg_seq) &&
	    integer_parse(values->expiry, strlen(values->expiry), &link->expiry) &&
	    link_fault(link, &fault) == 0;
}

enum link_result
link_check(const struct link_keys *keys, const struct link_values *values, uint64_t now,
    struct link *link)
{
	uint8_t given[HMAC_SIZE], code[HMAC_SIZE];
	unsigned matches = 0;

	if (!values_take(values, link) || !hmac_parse(values->signature, given))
		return LINK_WRONG;
	for (size_t i = 0; i < keys->count; i++) {
		link_code(keys->keys[i], keys->epoch, link, code);
		matches |= hmac_equal(code, given);
	}
	if (matches == 0)
		return LINK_WRONG;
	return now < link->expiry ? LINK_SOUND : LINK_EXPIRED;
}

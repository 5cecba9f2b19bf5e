/*
 * A query string, as a link: what is found sound says what was signed, in range, and no change of
 * it is sound; a link whose parts are the input's comes back as it was made.
 */
#include "base/text.h"
#include "link.h"
#include "fuzz.h"

#define NOW 1764688293

static const struct link_keys keys = {
	{ "a second key, of 32 bytes or more", "0123456789abcdef0123456789abcdef" }, 2, 0
};

/* link_check of a query; -1: it is none. */
static int
check(const char *query, struct link *link)
{
	static char decoded[PARAMETERS_LENGTH_MAX + 1];
	struct link_values values;
	struct fault fault = { 0 };

	if (link_read(query, decoded, &values, &fault) != 0) {
		fault_verify(&fault);
		CHECK(fault.code == FAULT_QUERY_MALFORMED || fault.code == FAULT_QUERY_DUPLICATE);
		return -1;
	}
	return (int)link_check(&keys, &values, NOW, link);
}

static void
link_verify(const struct link *link)
{
	size_t length = strlen(link->group);

	CHECK(length >= 1 && length <= GROUP_ID_MAX && strlen(link->title) <= LINK_TITLE_MAX);
	CHECK(text_is_plain(link->title, strlen(link->title)));
	CHECK(link->msg_seq <= INTEGER_MAX && link->expiry <= LINK_EXPIRY_MAX);
}

/* Takes a text of at most max bytes from the input. */
static void
text_take(const uint8_t **data, size_t *size, size_t max, char *to)
{
	size_t length = strnlen((const char *)*data, *size < max ? *size : max);

	memcpy(to, *data, length);
	to[length] = '\0';
	length += length < *size; /* what parts it from the next */
	*data += length;
	*size -= length;
}

static void
made_verify(const uint8_t *data, size_t size)
{
	struct link link = { .expiry = NOW + 1 }, back;
	char query[LINK_QUERY_SIZE];
	struct fault fault = { 0 };
	size_t at;

	text_take(&data, &size, GROUP_ID_MAX, link.group);
	text_take(&data, &size, LINK_TITLE_MAX, link.title);
	link.names = size > 0 && (data[0] & 1) != 0;
	link.msg_seq = size;
	if (link_sign(&keys, &link, query, &fault) != 0) {
		fault_verify(&fault);
		CHECK(fault.code == FAULT_FIELD_RANGE);
		return;
	}
	CHECK(strlen(query) < sizeof(query));
	CHECK(check(query, &back) == LINK_SOUND);
	link_verify(&back);
	CHECK(strcmp(link.group, back.group) == 0 && strcmp(link.title, back.title) == 0);
	CHECK(link.names == back.names && link.msg_seq == back.msg_seq);
	/* A digit or letter that is another one. */
	at = (size_t)(size > 0 ? data[0] : 0) % strlen(query);
	if (strchr("&=%", query[at]) != NULL || (at > 0 && query[at - 1] == '%') ||
	    (at > 1 && query[at - 2] == '%') || query[at + 1] == '=')
		return;
	query[at] = query[at] == '7' ? '8' : '7';
	CHECK(check(query, &back) == LINK_WRONG);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *query = strndup((const char *)data, size);
	struct link link;
	int result;

	CHECK(query != NULL);
	result = check(query, &link);
	CHECK(result >= -1 && result <= LINK_EXPIRED);
	if (result == LINK_SOUND || result == LINK_EXPIRED)
		link_verify(&link);
	free(query);
	made_verify(data, size);
	return 0;
}

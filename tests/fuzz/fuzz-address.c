/*
 * A query, as what is asked of the viewer: what is taken is in range, and printed as an address that says
 * the same, of harmless signs; what is not names the parameter.
 */
#include "base/text.h"
#include "view/address.h"
#include "fuzz.h"

static bool
texts_equal(const char *one, const char *other)
{
	return (one == NULL) == (other == NULL) && (one == NULL || strcmp(one, other) == 0);
}

static void
range_verify(const struct address *address)
{
	CHECK(address->page <= PAGE_CHECK && address->part <= PART_LOG);
	CHECK(address->group == NULL ||
	    (address->group[0] != '\0' && strlen(address->group) <= GROUP_ID_MAX &&
		text_is_utf8(address->group)));
	CHECK(address->message <= INTEGER_MAX && address->version <= INTEGER_MAX);
	CHECK(address->search == NULL || strlen(address->search) <= ADDRESS_SEARCH_MAX);
	CHECK(address->answer == NULL || strlen(address->answer) == ADDRESS_ANSWER_LENGTH);
	CHECK(address->title == NULL || strlen(address->title) <= LINK_TITLE_MAX);
	CHECK(address->skip <= ADDRESS_SKIP_MAX && address->days <= 30 && address->refresh <= 300);
	CHECK(address->page != PAGE_MESSAGE || (address->group != NULL && address->has_message));
	CHECK(address->page != PAGE_GROUP || (address->group != NULL && !address->has_message));
	CHECK(address->page != PAGE_SHARED ||
	    (address->version == 0 && address->search == NULL && address->part == PART_ALL &&
		address->skip == 0 && address->answer == NULL));
	CHECK(address->wrong == NULL && address->wrong_value == NULL);
}

static void
address_verify(const struct address *address)
{
	static struct address again;
	static char decoded[PARAMETERS_LENGTH_MAX + 1];
	char text[ADDRESS_SIZE], second[ADDRESS_SIZE];
	size_t length = address_print(address, text);
	struct fault fault;

	range_verify(address);
	CHECK(length == strlen(text) && length < ADDRESS_SIZE && text[0] == '?');
	for (const char *at = text + 1; *at != '\0'; at++)
		CHECK(strchr("=&%-._~", *at) != NULL || (*at >= '0' && *at <= '9') ||
		    (*at >= 'A' && *at <= 'Z') || (*at >= 'a' && *at <= 'z'));
	CHECK(address_read(&again, text + 1, decoded, &fault) == 0);
	address_print(&again, second);
	CHECK(strcmp(text, second) == 0);
	if (address->page == PAGE_SHARED)
		return; /* one that cannot be ours is not printed */
	CHECK(again.page == address->page && again.message == address->message &&
	    again.version == address->version && again.skip == address->skip &&
	    again.before == address->before && again.download == address->download);
	CHECK(texts_equal(again.group, address->group) &&
	    texts_equal(again.search, address->search) &&
	    texts_equal(again.title, address->title) && texts_equal(again.answer, address->answer));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct address address;
	static char decoded[PARAMETERS_LENGTH_MAX + 1];
	char *query = strndup((const char *)data, size);
	struct fault fault = { 0 };

	CHECK(query != NULL);
	if (address_read(&address, query, decoded, &fault) == 0) {
		address_verify(&address);
	} else {
		fault_verify(&fault);
		CHECK(fault.code == FAULT_QUERY_MALFORMED || fault.code == FAULT_QUERY_DUPLICATE ||
		    fault.code == FAULT_FIELD_RANGE || fault.code == FAULT_FIELD_MISSING);
		CHECK(address.wrong != NULL || strlen(query) > PARAMETERS_LENGTH_MAX);
		CHECK(fault.code != FAULT_FIELD_RANGE || address.wrong_value != NULL);
	}
	free(query);
	return 0;
}

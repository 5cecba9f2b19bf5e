/* If-None-Match: what matches holds the tag's digits, and a list of tags before it changes nothing. */
#include "view/etag.h"
#include "fuzz.h"

#define DIGITS "0123456789abcdef0123456789abcdef"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char etag[] = "\"" DIGITS "\"";
	char *list = strndup((const char *)data, size), *more;
	bool matches;

	CHECK(list != NULL);
	matches = etag_matches(list, etag);
	CHECK(!matches || strstr(list, "\"" DIGITS) != NULL);
	more = malloc(strlen(list) + 64);
	CHECK(more != NULL);
	sprintf(more, "W/\"x\" ,\"%.16s\",%s", DIGITS, list);
	CHECK(etag_matches(more, etag) == matches);
	sprintf(more, "%s,%s", etag, list);
	CHECK(etag_matches(more, etag));
	free(more);
	free(list);
	return 0;
}

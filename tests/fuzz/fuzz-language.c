/* Accept-Language: whatever a browser sends, one of the languages is chosen, and a range that names it alone wins. */
#include "view/strings.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *header = strndup((const char *)data, size), *more;
	enum language language, other;

	CHECK(header != NULL);
	language = language_accept(header);
	CHECK(language > LANGUAGE_NONE && language < LANGUAGE_COUNT);
	CHECK(language_read(language_tag(language)) == language);
	other = language_read(header);
	CHECK(other == LANGUAGE_NONE || other == language);
	/* What says nothing changes nothing. */
	more = malloc(strlen(header) + 32);
	CHECK(more != NULL);
	sprintf(more, " , de;q=1,%s,,x-klingon", header);
	CHECK(language_accept(more) == language);
	free(more);
	free(header);
	return 0;
}

/*
 * Any bytes without the white space between tokens: what is JSON then was JSON before, of the same
 * tokens; and of JSON it is what the gate makes of it.
 */
#include "base/fault.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct json_copy whole = { 0 }, copy = { 0 };
	struct fault fault;
	char *to = malloc(size + 1);
	size_t length;
	bool is_json;

	CHECK(to != NULL);
	length = json_compact(to, (const char *)data, size);
	CHECK(length <= size);
	is_json = json_check((const char *)data, size, JSON_DEPTH_MAX, &whole, &fault) == 0;
	if (!is_json)
		fault_verify(&fault);
	CHECK(
	    (length > 0 && json_check(to, length, JSON_DEPTH_MAX, &copy, &fault) == 0) == is_json);
	if (is_json) {
		CHECK(whole.text_length == length && memcmp(whole.text, to, length) == 0);
		CHECK(copy.text_length == length && memcmp(copy.text, to, length) == 0);
		CHECK(copy.view_length == whole.view_length && copy.values == whole.values);
		CHECK(memcmp(copy.view, whole.view, whole.view_length) == 0);
		json_copy_free(&copy);
		json_copy_free(&whole);
	}
	free(to);
	return 0;
}

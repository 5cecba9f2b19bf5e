/* json.h - the strict check that a text passes before cJSON sees it */
#ifndef JSON_H
#define JSON_H

#include <stddef.h>
#include <stdint.h>

struct fault;

#define JSON_DEPTH_MAX 32 /* in what the receiver accepts */
/*
 * In what the receiver accepts.  It keeps a body full of small values from becoming a large tree:
 * 5 MB at most.  The vendor's largest body has about 1,200 values.
 */
#define JSON_VALUES_MAX 65536
#define LINE_DEPTH_MAX 1000 /* in lines that are read; at least what any receiver accepted */

/* Marks that json_check puts into a view.  Neither byte occurs in UTF-8. */
#define JSON_MARK_ESCAPED_NAME 0xfe /* first byte of a name that was spelt with escapes */
#define JSON_MARK_UNUSABLE 0xff     /* in place of \u0000 or half a surrogate pair */

struct json_copy {
	char *text; /* the document without the white space between tokens */
	size_t text_length;
	char *view; /* the same for cJSON, without tokens that cJSON would refuse or cut */
	size_t view_length;
	size_t values; /* in the document; an object or array and each of its values count */
};

/*
 * Checks that bytes[0..length) is exactly one JSON text (RFC 8259) in valid UTF-8, without a byte
 * order mark, nested at most depth_max deep.
 *
 * copy: NULL to check only.  Else it receives the two copies, each with a NUL after it, in one
 * block that json_copy_free releases.  The view differs from the text in three ways:
 *  - a number that is not a plain decimal integer from 0 to INTEGER_MAX becomes -1;
 *  - \u0000 and a lone surrogate become JSON_MARK_UNUSABLE and the four digits in small letters;
 *  - a member name that was spelt with escapes begins with JSON_MARK_ESCAPED_NAME.
 *
 * Fails with JSON_MALFORMED, JSON_ENCODING, JSON_DEPTH or MEMORY.
 */
int json_check(const char *bytes, size_t length, int depth_max, struct json_copy *copy,
    struct fault *fault);
void json_copy_free(struct json_copy *copy);

/*
 * Copies a text without the white space between its tokens, and returns the length of the copy, to
 * which `to` must have room for length bytes.  If the copy is JSON, then so is the text, and it has the same
 * tokens.  0: the white space stands between two letters or digits, or the text has no bytes.
 */
size_t json_compact(char *to, const char *text, size_t length);

/*
 * Returns the length in bytes of the escape whose backslash is at `at`; the escape must end before
 * end.  0: there is no valid escape.  *character: the code point that it means, or -1 where no C
 * string can hold that: \u0000 or half a surrogate pair.
 */
size_t json_escape(const char *at, const char *end, int32_t *character);

/* The end of a name, value or element that begins there, in a text that json_check has written. */
const char *json_token_end(const char *at);

#endif

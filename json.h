/* json.h - the strict gate that stands before cJSON */
#ifndef JSON_H
#define JSON_H

#include <stddef.h>
#include <stdint.h>

struct fault;

#define JSON_DEPTH_MAX 32 /* of what the receiver takes */
/*
 * Of what the receiver takes, so that no tree is built of a body full of small ones: 5 MB at most.
 * The vendor's largest body has some 1,200.
 */
#define JSON_VALUES_MAX 65536
#define LINE_DEPTH_MAX 1000 /* of what is read; never less than any receiver took */

/* Marks that json_check leaves in a view; neither byte occurs in UTF-8. */
#define JSON_MARK_ESCAPED_NAME 0xfe /* first byte of a name that was spelt with escapes */
#define JSON_MARK_UNUSABLE 0xff     /* stands for \u0000 or half a surrogate pair */

struct json_copy {
	char *text; /* the document without white space between tokens */
	size_t text_length;
	char *view; /* the same for cJSON: no token in it that cJSON would refuse or cut */
	size_t view_length;
	size_t values; /* in the document, objects and arrays with what is in them */
};

/*
 * Checks that bytes[0..length) is exactly one JSON text (RFC 8259) in valid
 * UTF-8 without a byte order mark, nested at most depth_max deep.
 *
 * copy: NULL to check only; else receives the two copies, both NUL-terminated
 * besides, in one block that json_copy_free releases.  In the view a number
 * that is no plain decimal integer from 0 to INTEGER_MAX reads -1; \u0000 and
 * lone surrogates read JSON_MARK_UNUSABLE and their four digits in small
 * letters; a member name spelt with escapes begins with JSON_MARK_ESCAPED_NAME.
 *
 * Fails with JSON_MALFORMED, JSON_ENCODING, JSON_DEPTH or MEMORY.
 */
int json_check(const char *bytes, size_t length, int depth_max, struct json_copy *copy,
    struct fault *fault);
void json_copy_free(struct json_copy *copy);

/*
 * The length in bytes of the escape whose backslash is at `at` and which ends before end; 0: there
 * is no valid one.  *character: the code point that it stands for, or -1 where no C string can hold
 * that: \u0000, half a surrogate pair.
 */
size_t json_escape(const char *at, const char *end, int32_t *character);

#endif

/*
 * body.c - the body of a request, read whole.
 *
 * Nothing is trusted that announces its length: digits and nothing else, and then as many bytes, not
 * one less or more; where nothing is announced, the end of input is its end.  Whoever sends slowly is
 * given up at the deadline, and whoever sends too much before all of it is read.
 */
#include "body.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/fault.h"
#include "request.h"

#define BODY_CHUNK 16384

/*
 * Servers that do not know a length say so with nothing, with a word, with a
 * negative number, or with -1 as an unsigned number of theirs.
 */
static bool
length_is_unknown(const char *text)
{
	static const char digits[] = "0123456789";

	return strpbrk(text, digits) == NULL ||
	    (text[0] == '-' && strspn(text + 1, digits) == strlen(text + 1)) ||
	    strcmp(text, "4294967295") == 0 || strcmp(text, "18446744073709551615") == 0;
}

/* Did the client send the body as it is?  A server that inflates it announces another length. */
static bool
encoding_is_identity(const char *text)
{
	static const char blanks[] = " \t";
	size_t length;

	if (text == NULL)
		return true;
	text += strspn(text, blanks);
	length = strcspn(text, blanks);
	return length == 0 ||
	    (length == strlen("identity") && strncasecmp(text, "identity", length) == 0 &&
		text[length + strspn(text + length, blanks)] == '\0');
}

/*
 * Sets length to the body's, or to -1 where none is announced: then its end is
 * the end of input (RFC 3875, 4.1.2 and 4.2).
 */
static int
length_check(const struct request *request, size_t max, ssize_t *length, struct fault *fault)
{
	const char *text = request->content_length;
	size_t digits;

	*length = -1;
	if (text == NULL || length_is_unknown(text) ||
	    !encoding_is_identity(request->content_encoding))
		return 0;
	digits = strlen(text);
	if (strspn(text, "0123456789") != digits)
		return fault_set(fault, FAULT_LENGTH_MALFORMED,
		    "Content-Length: must be 1 to 7 digits");
	if (digits <= 7)
		*length = (ssize_t)strtoul(text, NULL, 10);
	if (digits > 7 || (size_t)*length > max)
		return fault_set(fault, FAULT_BODY_TOO_LARGE, "body: is larger than %zu bytes",
		    max);
	return 0;
}

/*
 * The announced bytes have come.  What came after them, without being waited
 * for, says that they are not the body.
 */
static int
end_check(const struct body *body, const struct request *request, size_t max, struct fault *fault)
{
	size_t count = body->length;
	ssize_t more;
	char block[4096];

	do {
		more = request->read(request->context, block, sizeof(block), READ_NOW);
		if (more > 0)
			count += (size_t)more;
	} while (more > 0 && count <= max);
	if (count == body->length)
		return 0;
	return fault_set(fault, FAULT_BODY_LONG,
	    "body: %zu bytes came, but Content-Length says %zu", count, body->length);
}

static int
read_fault(const struct body *body, ssize_t result, ssize_t announced, struct fault *fault)
{
	if (result == READ_STALLED)
		return fault_set(fault, FAULT_BODY_STALLED,
		    "body: did not end in time, after %zu bytes", body->length);
	if (announced >= 0)
		return fault_set(fault, FAULT_BODY_SHORT,
		    "body: has %zu bytes, but Content-Length says %zd", body->length, announced);
	return fault_set(fault, FAULT_BODY_SHORT, "body: ended too early, after %zu bytes",
	    body->length);
}

int
body_read(struct body *body, const struct request *request, size_t max, int64_t deadline,
    struct fault *fault)
{
	size_t size, limit = max + 1;
	ssize_t announced, count;

	if (length_check(request, max, &announced, fault) != 0)
		return -1;
	if (announced >= 0)
		limit = (size_t)announced;
	size = announced >= 0 ? limit : BODY_CHUNK;
	body->bytes = malloc(size + 1);
	while (body->bytes != NULL && body->length < limit) {
		if (body->length == size) {
			char *larger = realloc(body->bytes, 2 * size);

			if (larger == NULL)
				goto no_memory;
			body->bytes = larger;
			size *= 2;
		}
		count = request->read(request->context, body->bytes + body->length,
		    size - body->length, deadline);
		if (count < 0 || (count == 0 && announced >= 0))
			return read_fault(body, count, announced, fault);
		if (count == 0)
			break;
		body->length += (size_t)count;
	}
	if (body->bytes == NULL)
		goto no_memory;
	if (announced >= 0)
		return end_check(body, request, max, fault);
	if (body->length > max)
		return fault_set(fault, FAULT_BODY_TOO_LARGE, "body: is larger than %zu bytes",
		    max);
	return 0;
no_memory:
	return fault_memory(fault);
}

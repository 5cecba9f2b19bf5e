/*
 * parameters.c - a query string, or a posted form: the parameters that are known.
 *
 * name=value, joined by '&', with %XX for any byte and '+' for a blank (the URL Standard's
 * application/x-www-form-urlencoded); decoded once.  A name that is not known is skipped with
 * whatever it holds: chat programs append parameters of their own to links.  A known one must be
 * right, and must be there once: of two, two readers would take different ones.  Values are UTF-8
 * without NUL, and so are strings.  A '&' that was escaped for a page once too often still joins.
 *
 * The receiver reads the vendor's query itself (receive.c), by other rules: its sender's.
 */
#include "parameters.h"

#include <string.h>

#include "base/fault.h"
#include "base/text.h"

/* Why a text cannot be decoded; NULL: it can. */
static const char *
text_decode(char *to, const char *from, size_t length)
{
	size_t decoded;

	/* Blanks first: a '+' that was escaped stays one. */
	memcpy(to, from, length);
	for (size_t i = 0; i < length; i++)
		if (to[i] == '+')
			to[i] = ' ';
	if (!percent_decode(to, to, length, &decoded))
		return "'%' without two hexadecimal digits";
	if (memchr(to, '\0', decoded) != NULL)
		return "holds a NUL byte";
	to[decoded] = '\0';
	return text_is_utf8(to) ? NULL : "is not UTF-8";
}

/* What '&' leaves of itself where a link was put into a page's markup and taken out as it stood. */
static const char escape[] = "amp;";

/* Takes one name=value, decoding it to where *to points, which then moves to the byte after it, where it is kept. */
static int
pair_take(struct parameter *table, size_t count, const char *pair, char **to, struct fault *fault)
{
	size_t length, name_length, i = 0;
	const char *equals, *value, *reason;

	if (strncmp(pair, escape, strlen(escape)) == 0)
		pair += strlen(escape);
	length = strcspn(pair, "&");
	equals = memchr(pair, '=', length);
	name_length = equals == NULL ? length : (size_t)(equals - pair);

	if (text_decode(*to, pair, name_length) != NULL)
		return 0; /* no name of ours */
	while (i < count && strcmp(table[i].name, *to) != 0)
		i++;
	if (i == count)
		return 0;
	if (table[i].value != NULL)
		return fault_set(fault, FAULT_QUERY_DUPLICATE, "%s: is there twice", table[i].name);
	value = equals == NULL ? pair + length : equals + 1;
	reason = text_decode(*to, value, (size_t)(pair + length - value));
	if (reason != NULL)
		return fault_set(fault, FAULT_QUERY_MALFORMED, "%s: %s", table[i].name, reason);
	table[i].value = *to;
	*to += strlen(*to) + 1;
	return 0;
}

int
parameters_read(struct parameter *table, size_t count, const char *query,
    char decoded[PARAMETERS_LENGTH_MAX + 1], struct fault *fault)
{
	for (size_t i = 0; i < count; i++)
		table[i].value = NULL;
	if (strlen(query) > PARAMETERS_LENGTH_MAX)
		return fault_set(fault, FAULT_QUERY_MALFORMED, "query: is longer than %d bytes",
		    PARAMETERS_LENGTH_MAX);
	while (*query != '\0') {
		if (pair_take(table, count, query, &decoded, fault) != 0)
			return -1;
		query += strcspn(query, "&");
		query += *query == '&';
	}
	return 0;
}

size_t
parameter_print(char *to, const char *text)
{
	static const char plain[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
	static const char hex[] = "0123456789ABCDEF";
	char *at = to;

	for (; *text != '\0'; text++) {
		unsigned char byte = (unsigned char)*text;

		if (strchr(plain, byte) != NULL) {
			*at++ = *text;
			continue;
		}
		*at++ = '%';
		*at++ = hex[byte >> 4];
		*at++ = hex[byte & 15];
	}
	*at = '\0';
	return (size_t)(at - to);
}

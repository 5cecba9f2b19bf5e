/*
 * short.h - all short inputs: every sequence of up to so many symbols of an alphabet.
 *
 * A fault that needs a long input to show is rare: nearly always there is a short one that shows it
 * too.  So these tests leave nothing out and choose nothing: the alphabet has each byte that any
 * rule of the format names, and some that no rule does.
 */
#ifndef SHORT_H
#define SHORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SHORT_SYMBOLS_MAX 32
#define SHORT_LENGTH_MAX 16 /* symbols */

struct symbol {
	const char *bytes;
	size_t length;
};

/* A symbol of a string literal, which may hold NULs. */
#define SYMBOL(literal)                                                                            \
	{                                                                                          \
		literal, sizeof(literal) - 1                                                       \
	}

/* What stands before and after each sequence, and the symbols; the first without bytes ends them. */
struct alphabet {
	const char *before, *after;
	struct symbol symbols[SHORT_SYMBOLS_MAX];
};

/* The torture tries one symbol more. */
static inline int
short_length(int length)
{
	return getenv("MSGEXT_TORTURE") == NULL ? length : length + 1;
}

/* Why the input that is tried now is wrong: as a C string would spell it. */
static inline void
short_fail(const char *bytes, size_t length, const char *why)
{
	char spelt[4 * 256 + 1];
	size_t used = 0;

	for (size_t i = 0; i < length && used + 4 < sizeof(spelt); i++)
		used += (size_t)snprintf(spelt + used, 5,
		    bytes[i] >= ' ' && bytes[i] <= '~' ? "%c" : "\\x%02x", (unsigned char)bytes[i]);
	spelt[used] = '\0';
	fail_msg("%s: %s", why, spelt);
}

/* Calls verify with every sequence of at most length symbols.  There is a NUL after the bytes. */
static inline size_t
short_inputs(const struct alphabet *alphabet, int length,
    void (*verify)(const char *bytes, size_t length))
{
	int digits[SHORT_LENGTH_MAX], count = 0, at;
	size_t tried = 0;

	while (alphabet->symbols[count].length > 0)
		count++;
	for (int used = 0; used <= length; used++) {
		memset(digits, 0, sizeof(digits));
		do {
			char bytes[256];
			size_t size = strlen(alphabet->before);

			memcpy(bytes, alphabet->before, size);
			for (int i = 0; i < used; i++) {
				const struct symbol *symbol = &alphabet->symbols[digits[i]];

				for (size_t j = 0; j < symbol->length; j++)
					bytes[size++] = symbol->bytes[j];
			}
			strcpy(bytes + size, alphabet->after);
			verify(bytes, size + strlen(alphabet->after));
			tried++;
			for (at = used - 1; at >= 0 && ++digits[at] == count; at--)
				digits[at] = 0;
		} while (at >= 0);
	}
	return tried;
}

#endif

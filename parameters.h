/* parameters.h - a query string, or a posted form: the parameters that are known */
#ifndef PARAMETERS_H
#define PARAMETERS_H

#include <stddef.h>

struct fault;

#define PARAMETERS_LENGTH_MAX 8192 /* bytes of a query string */

/* A parameter that is known.  value: its text, or NULL where it is not there. */
struct parameter {
	const char *name;
	const char *value;
};

/*
 * Sets the values of the count parameters of the table, which point into decoded.  Names that the
 * table lacks are skipped.  Fails with QUERY_MALFORMED (longer than 8 KiB; of a known name: '%'
 * without two hexadecimal digits, NUL, invalid UTF-8) or QUERY_DUPLICATE (a known name twice), naming
 * the parameter.
 */
int parameters_read(struct parameter *table, size_t count, const char *query,
    char decoded[PARAMETERS_LENGTH_MAX + 1], struct fault *fault);

/*
 * Writes the text as a parameter's value, all but letters, digits and -._~ as %XX, with a NUL; the
 * length: at most 3 * length of text.
 */
size_t parameter_print(char *to, const char *text);

#endif

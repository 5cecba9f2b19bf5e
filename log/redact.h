/* redact.h - a line without what is to leave it: the pairs of a key, the client's address */
#ifndef LOG_REDACT_H
#define LOG_REDACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct seq_range;

/* What is to leave a line. */
struct redaction {
	const char *key; /* pairs of that key; NULL: none */
	bool address;    /* the members ClientIP and body.ClientIP */
	/* The line is a record's, and gets these in place of the Erased that it has. */
	bool has_erased;
	const struct seq_range *erased; /* none: then it gets no such member */
	size_t erased_count;
	/* what became of it */
	uint64_t pairs;     /* that left */
	uint64_t addresses; /* likewise */
	uint64_t
	    elsewhere; /* strings that say the key and stay: values, members that are not known */
};

/*
 * Does the text hold the key as a JSON string, in whatever spelling?  True also where only the
 * end of a string before and the beginning of one after it look like that.
 */
bool text_has_key(const char *text, size_t length, const char *key);

/* The value of the first member of that name, as it stands in such a text; NULL: there is none. */
const char *line_member(const char *text, size_t length, const char *name, size_t *size);

/*
 * The line without that.  text: one JSON object without white space between tokens, with a NUL
 * after it, as document_text gives it.  The caller frees the result.  NULL: no memory.
 */
char *line_redact(const char *text, size_t length, struct redaction *redaction, size_t *new_length);

/*
 * Of text that is no JSON, as it was cut off or broken: does it have the key, or end in the
 * beginning of the key?  The text with empty strings in place of that; the caller frees it, NULL:
 * no memory.
 */
bool fragment_has_key(const char *text, size_t length, const char *key);
/* Either of these: is there anything of the key in a line, be it whole or not? */
bool line_has_key(const char *text, size_t length, const char *key);
char *fragment_redact(const char *text, size_t length, const char *key, size_t *new_length);

#endif

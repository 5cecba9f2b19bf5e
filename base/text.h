/* text.h - UTF-8, integers and JSON strings */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The length of the UTF-8 sequence that begins at text and ends before end (RFC 3629: shortest
 * form, no surrogates, at most U+10FFFF).  0: there is none.
 */
size_t utf8_length(const char *text, const char *end);

/* Reads the character at text, of so many bytes, as utf8_length has it; 0: there is none. */
size_t utf8_read(const char *text, const char *end, uint32_t *character);

/*
 * Writes the code point (at most U+10FFFF) as UTF-8.  Returns the number of bytes written: 1 to 4.
 */
size_t utf8_put(char *to, uint32_t character);

/* True if the text is ASCII digits without a leading zero, at most INTEGER_MAX. */
bool integer_parse(const char *text, size_t length, uint64_t *value);

/* True if the text is valid UTF-8 (RFC 3629). */
bool text_is_utf8(const char *text);

/* True if the text is valid UTF-8 (RFC 3629) without control characters (C0, DEL, C1). */
bool text_is_plain(const char *text, size_t length);

/* The sixteen hexadecimal digits, in small letters. */
extern const char hex_digits[17];

/* The value of a hexadecimal digit, small or capital; -1: it is not one. */
int hex_digit(int c);

/*
 * Writes the text as a JSON string with its quotes, and escapes what RFC 8259 section 7 demands.
 * Returns the number of bytes written: at most 6 * length + 2.
 */
size_t json_quote(char *to, const char *text, size_t length);

#define BYTES_SIZE 24

/* How many bytes, for people: "251 B", "1.2 KB", "35 MB"; in thousands, with two digits at least. */
void bytes_print(uint64_t bytes, char text[BYTES_SIZE]);

#endif

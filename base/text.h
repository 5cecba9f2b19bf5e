/* text.h - UTF-8, integers and JSON strings */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

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

/* May the byte stand in a JSON string, for itself and by itself? */
static inline bool
json_is_plain(char c)
{
	return (unsigned char)c >= 0x20 && (unsigned char)c < 0x80 && c != '"' && c != '\\';
}

/*
 * How many of the eight bytes at text are plain, up to the first that is not.  A borrow or carry can
 * only spoil what lies above a byte that is not plain.
 */
static inline size_t
json_plain_length(const char *text)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7;
	uint64_t word, quotes, slashes, found;

	memcpy(&word, text, sizeof(word));
	word = le64toh(word);
	quotes = word ^ ones * '"';
	slashes = word ^ ones * '\\';
	found = (word | (word - ones * 0x20) | (quotes - ones) | (slashes - ones)) & tops;
	return found == 0 ? 8 : (size_t)__builtin_ctzll(found) / 8;
}

/* True if the text is ASCII digits without a leading zero, at most INTEGER_MAX. */
bool integer_parse(const char *text, size_t length, uint64_t *value);

#define INTEGER_SIZE 21

/* Writes the number's decimal digits and a NUL; the number of digits. */
size_t integer_put(char to[INTEGER_SIZE], uint64_t number);

/* True if the text is valid UTF-8 (RFC 3629). */
bool text_is_utf8(const char *text);

/* True if the text is valid UTF-8 (RFC 3629) without control characters (C0, DEL, C1). */
bool text_is_plain(const char *text, size_t length);

/* The sixteen hexadecimal digits, in small letters. */
extern const char hex_digits[17];

/* The value of a hexadecimal digit, small or capital; -1: it is not one. */
int hex_digit(int c);

/* Decodes size bytes of two digits each.  False: they are not all digits; to is undefined. */
bool hex_decode(uint8_t *to, size_t size, const char *text);

/*
 * Decodes each %XX of from[0..length) to the byte that it means, once, and keeps all other bytes.
 * decoded: receives the number of bytes written, at most length.  False: a '%' stands without two
 * digits; to is undefined.  There is no NUL after what is written, and it may hold any byte.  to may
 * be from.
 */
bool percent_decode(char *to, const char *from, size_t length, size_t *decoded);

/*
 * Writes the text as a JSON string with its quotes, and escapes what RFC 8259 section 7 demands.
 * Returns the number of bytes written: at most 6 * length + 2.
 */
size_t json_quote(char *to, const char *text, size_t length);

/* Advances *at over the text; false: it is not there, and *at stays. */
bool text_skip(const char **at, const char *text);

#define BYTES_SIZE 24

/* How many bytes, for people: "251 B", "1.2 KB", "35 MB"; in thousands, with two digits at least. */
void bytes_print(uint64_t bytes, char text[BYTES_SIZE]);

#endif

/*
 * text.c - UTF-8, integers, hexadecimal digits and JSON strings, as in RFC 3629 and RFC 8259.
 *
 * These functions accept any bytes, keep nothing and allocate nothing.
 */
#include "base/text.h"

#include <stdio.h>
#include <string.h>

#include "base/base.h"

size_t
utf8_length(const char *text, const char *end)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t length;
	unsigned char low = 0x80, high = 0xbf;

	if (*p < 0x80)
		return 1;
	if (*p >= 0xc2 && *p <= 0xdf)
		length = 2;
	else if (*p >= 0xe0 && *p <= 0xef)
		length = 3;
	else if (*p >= 0xf0 && *p <= 0xf4)
		length = 4;
	else
		return 0;
	if ((size_t)(end - text) < length)
		return 0;
	if (*p == 0xe0)
		low = 0xa0;
	else if (*p == 0xed)
		high = 0x9f;
	else if (*p == 0xf0)
		low = 0x90;
	else if (*p == 0xf4)
		high = 0x8f;
	if (p[1] < low || p[1] > high)
		return 0;
	for (size_t i = 2; i < length; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return length;
}

size_t
utf8_read(const char *text, const char *end, uint32_t *character)
{
	static const unsigned char masks[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	size_t length = text < end ? utf8_length(text, end) : 0;

	*character = length == 0 ? 0 : (unsigned char)*text & masks[length];
	for (size_t i = 1; i < length; i++)
		*character = *character << 6 | ((unsigned char)text[i] & 0x3f);
	return length;
}

size_t
utf8_put(char *to, uint32_t character)
{
	static const unsigned char heads[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	size_t length = character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;

	for (size_t i = length; i > 1; i--) {
		to[i - 1] = (char)(0x80 | (character & 0x3f));
		character >>= 6;
	}
	to[0] = (char)(heads[length] | character);
	return length;
}

bool
text_is_utf8(const char *text)
{
	const char *end = text + strlen(text);

	while (text < end) {
		size_t length = utf8_length(text, end);

		if (length == 0)
			return false;
		text += length;
	}
	return true;
}

size_t
integer_put(char to[INTEGER_SIZE], uint64_t number)
{
	char digits[INTEGER_SIZE], *first = digits + sizeof(digits);
	size_t length;

	do
		*--first = (char)('0' + number % 10);
	while ((number /= 10) > 0);
	length = (size_t)(digits + sizeof(digits) - first);
	memcpy(to, first, length);
	to[length] = '\0';
	return length;
}

bool
integer_parse(const char *text, size_t length, uint64_t *value)
{
	uint64_t sum = 0;

	if (length == 0 || length > 16 || (text[0] == '0' && length > 1))
		return false;
	for (size_t i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		sum = sum * 10 + (uint64_t)(text[i] - '0');
	}
	if (sum > INTEGER_MAX)
		return false;
	*value = sum;
	return true;
}

bool
text_is_plain(const char *text, size_t length)
{
	const unsigned char *p = (const unsigned char *)text;
	const unsigned char *end = p + length;

	while (p < end) {
		size_t step = utf8_length((const char *)p, (const char *)end);

		if (step == 0 || *p < 0x20 || *p == 0x7f)
			return false;
		if (*p == 0xc2 && p[1] < 0xa0) /* C1 */
			return false;
		p += step;
	}
	return true;
}

const char hex_digits[17] = "0123456789abcdef";

int
hex_digit(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

size_t
json_quote(char *to, const char *text, size_t length)
{
	char *at = to;

	*at++ = '"';
	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)text[i];

		if (byte == '"' || byte == '\\') {
			*at++ = '\\';
			*at++ = text[i];
		} else if (byte < 0x20) {
			const char escape[] = { '\\', 'u', '0', '0', hex_digits[byte >> 4],
				hex_digits[byte & 15] };

			memcpy(at, escape, sizeof(escape));
			at += sizeof(escape);
		} else {
			*at++ = text[i];
		}
	}
	*at++ = '"';
	return (size_t)(at - to);
}

void
bytes_print(uint64_t bytes, char text[BYTES_SIZE])
{
	static const char *const units[] = { "KB", "MB", "GB", "TB", "PB", "EB" };
	uint64_t tenths = bytes / 100;
	size_t unit = 0;

	if (bytes < 1000) {
		snprintf(text, BYTES_SIZE, "%llu B", (unsigned long long)bytes);
		return;
	}
	while (tenths >= 10000) {
		tenths /= 1000;
		unit++;
	}
	if (tenths < 100)
		snprintf(text, BYTES_SIZE, "%llu.%llu %s", (unsigned long long)(tenths / 10),
		    (unsigned long long)(tenths % 10), units[unit]);
	else
		snprintf(text, BYTES_SIZE, "%llu %s", (unsigned long long)(tenths / 10),
		    units[unit]);
}

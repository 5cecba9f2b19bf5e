/*
 * text.c - UTF-8, integers, hexadecimal digits and JSON strings, as in RFC 3629 and RFC 8259.
 *
 * These functions accept any bytes, keep nothing and allocate nothing.
 *
 * They read hostile bytes before anybody else does.  So what they promise is not only tested but
 * proved, for all inputs: the comments that begin with an at sign are contracts in ACSL, which
 * `make prove` holds against the code.  requires is what callers must see to, assigns is all that
 * is written, ensures is what comes out; a loop's invariant is true at each of its rounds, and its
 * variant gets smaller, so that the loop ends.
 */
#include "base/text.h"

#include <stdio.h>
#include <string.h>

#include "base/base.h"

/*@
  // RFC 3629, section 4: are these bytes one character?
  predicate is_tail(integer byte) = 0x80 <= byte <= 0xbf;
  predicate is_character(unsigned char *p, integer length) =
    (length == 1 && p[0] < 0x80) ||
    (length == 2 && 0xc2 <= p[0] <= 0xdf && is_tail(p[1])) ||
    (length == 3 && 0xe0 <= p[0] <= 0xef && is_tail(p[1]) && is_tail(p[2]) &&
      (p[0] == 0xe0 ==> p[1] >= 0xa0) && (p[0] == 0xed ==> p[1] <= 0x9f)) ||
    (length == 4 && 0xf0 <= p[0] <= 0xf4 && is_tail(p[1]) && is_tail(p[2]) && is_tail(p[3]) &&
      (p[0] == 0xf0 ==> p[1] >= 0x90) && (p[0] == 0xf4 ==> p[1] <= 0x8f));
*/

/*@
  requires \base_addr(text) == \base_addr(end) && 0 < end - text <= PTRDIFF_MAX;
  requires \valid_read(text + (0 .. end - text - 1));
  assigns  \nothing;
  ensures  0 <= \result <= 4 && \result <= end - text;
  ensures  \result > 0 ==> is_character((unsigned char *)text, \result);
  ensures  \result == 0 ==> \forall integer n; 0 < n <= end - text ==>
             !is_character((unsigned char *)text, n);
*/
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
	/*@
	  loop invariant 2 <= i <= length && \forall integer k; 2 <= k < i ==> is_tail(p[k]);
	  loop assigns i;
	  loop variant length - i;
	*/
	for (size_t i = 2; i < length; i++)
		if (p[i] < 0x80 || p[i] > 0xbf)
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

/*@
  axiomatic Number {
    // What so many digits mean.
    logic integer number(char *text, integer length) reads text[0 .. length - 1];
    axiom none: \forall char *text; number(text, 0) == 0;
    axiom more: \forall char *text, integer n;
      n > 0 ==> number(text, n) == 10 * number(text, n - 1) + text[n - 1] - '0';
  }
  predicate are_digits(char *text, integer length) =
    \forall integer i; 0 <= i < length ==> '0' <= text[i] <= '9';
*/

/*@
  requires \valid_read(text + (0 .. length - 1)) && \valid(value);
  assigns  *value;
  ensures  \result ==> length > 0 && are_digits(text, length) && (text[0] == '0' ==> length == 1);
  ensures  \result ==> *value == number(text, length) && *value <= INTEGER_MAX;
  ensures  !\result ==> *value == \old(*value);
*/
bool
integer_parse(const char *text, size_t length, uint64_t *value)
{
	uint64_t sum = 0;

	if (length == 0 || (text[0] == '0' && length > 1))
		return false;
	/*@
	  loop invariant i <= length && are_digits(text, i);
	  loop invariant sum == number(text, i) && sum <= INTEGER_MAX;
	  loop assigns i, sum;
	  loop variant length - i;
	*/
	for (size_t i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		sum = sum * 10 + (uint64_t)(text[i] - '0');
		if (sum > INTEGER_MAX)
			return false;
	}
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

/*@
  predicate is_hex(integer c) = '0' <= c <= '9' || 'a' <= c <= 'f' || 'A' <= c <= 'F';
*/

/*@
  assigns \nothing;
  ensures '0' <= c <= '9' ==> \result == c - '0';
  ensures 'a' <= c <= 'f' ==> \result == c - 'a' + 10;
  ensures 'A' <= c <= 'F' ==> \result == c - 'A' + 10;
  ensures is_hex(c) ? 0 <= \result <= 15 : \result == -1;
*/
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

/*@
  requires \valid_read(text + (0 .. 2 * size - 1)) && \valid(to + (0 .. size - 1));
  requires \separated(text + (0 .. 2 * size - 1), to + (0 .. size - 1));
  requires 2 * size <= SIZE_MAX;
  assigns  to[0 .. size - 1];
  ensures  \result <==> \forall integer k; 0 <= k < 2 * size ==> is_hex(text[k]);
*/
bool
hex_decode(uint8_t *to, size_t size, const char *text)
{
	/*@
	  loop invariant i <= size && \forall integer k; 0 <= k < 2 * i ==> is_hex(text[k]);
	  loop assigns i, to[0 .. size - 1];
	  loop variant size - i;
	*/
	for (size_t i = 0; i < size; i++) {
		int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		to[i] = (uint8_t)(high * 16 + low);
	}
	return true;
}

/*@
  requires \valid_read(from + (0 .. length - 1)) && \valid(to + (0 .. length - 1)) && \valid(decoded);
  assigns  to[0 .. length - 1], *decoded;
  ensures  \result ==> *decoded <= length && length <= 3 * *decoded;
*/
bool
percent_decode(char *to, const char *from, size_t length, size_t *decoded)
{
	size_t used = 0;

	/*@
	  loop invariant used <= i <= length && i <= 3 * used;
	  loop assigns i, used, to[0 .. length - 1];
	  loop variant length - i;
	*/
	for (size_t i = 0; i < length; i++) {
		int high, low;

		if (from[i] != '%') {
			to[used++] = from[i];
			continue;
		}
		if (length - i < 3)
			return false;
		high = hex_digit(from[i + 1]);
		low = hex_digit(from[i + 2]);
		if (high < 0 || low < 0)
			return false;
		to[used++] = (char)(high * 16 + low);
		i += 2;
	}
	*decoded = used;
	return true;
}

/*@
  requires value < 16;
  assigns  \nothing;
  ensures  '0' <= \result <= '9' || 'a' <= \result <= 'f';
*/
static char
hex_small(unsigned value)
{
	return (char)(value < 10 ? '0' + value : 'a' + value - 10);
}

/*@
  requires \valid_read(text + (0 .. length - 1)) && \valid(to + (0 .. 6 * length + 1));
  requires \separated(text + (0 .. length - 1), to + (0 .. 6 * length + 1));
  requires 6 * length + 2 <= SIZE_MAX;
  assigns  to[0 .. 6 * length + 1];
  ensures  length + 2 <= \result <= 6 * length + 2;
  ensures  to[0] == '"' && to[\result - 1] == '"';
  ensures  \forall integer k; 0 <= k < \result ==> !(0 <= to[k] < 0x20);
*/
size_t
json_quote(char *to, const char *text, size_t length)
{
	size_t used = 0;

	to[used++] = '"';
	/*@
	  loop invariant i <= length && i < used <= 6 * i + 1 && to[0] == '"';
	  loop invariant \forall integer k; 0 <= k < used ==> !(0 <= to[k] < 0x20);
	  loop assigns i, used, to[1 .. 6 * length];
	  loop variant length - i;
	*/
	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)text[i];

		if (byte < 0x20) {
			to[used++] = '\\';
			to[used++] = 'u';
			to[used++] = '0';
			to[used++] = '0';
			to[used++] = hex_small(byte / 16);
			to[used++] = hex_small(byte % 16);
			continue;
		}
		if (byte == '"' || byte == '\\')
			to[used++] = '\\';
		to[used++] = text[i];
	}
	to[used++] = '"';
	return used;
}

bool
text_skip(const char **at, const char *text)
{
	size_t length = strlen(text);

	if (strncmp(*at, text, length) != 0)
		return false;
	*at += length;
	return true;
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

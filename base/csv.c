/*
 * csv.c - cells of CSV, for programs and for spreadsheets.
 *
 * A spreadsheet runs what begins like a formula, and rounds long numbers: so CSV for one marks
 * those as text, with an apostrophe.  Users' texts stand in these cells, and whoever answers a
 * poll must not be able to put a formula onto the desk of the one who looks at it.
 */
#include <stdint.h>
#include <string.h>

#include "base/csv.h"
#include "base/character.h"
#include "base/text.h"

/* The text after what a spreadsheet may skip: what is blank, takes no room or is no text. */
static const char *
blanks_skip(const char *text)
{
	const char *end = text + strlen(text);
	uint32_t character;
	size_t bytes;

	while ((bytes = utf8_read(text, end, &character)) > 0 &&
	    (character == ' ' || character_kind(character) != CHARACTER_SHOWN))
		text += bytes;
	return text;
}

/*
 * Would a spreadsheet make another number of it, or a date?  Not of up to 11 digits, with
 * a point perhaps; one of 12 it shows rounded, and it drops leading zeros.
 */
static bool
number_is_at_risk(const char *text)
{
	static const char digits[] = "0123456789";
	size_t first = strspn(text, digits), rest = 0, count = 0;

	if (first == 0)
		return false;
	if (first >= 12 || (first > 1 && text[0] == '0'))
		return true;
	if (text[strspn(text, "0123456789.,-/:eE+ ")] != '\0')
		return false;
	for (const char *at = text; *at != '\0'; at++)
		count += strchr(digits, *at) != NULL;
	rest = first;
	if (text[rest] == '.' || text[rest] == ',')
		rest += 1 + strspn(text + rest + 1, digits);
	return text[rest] != '\0' || count >= 12;
}

/* Would a spreadsheet take the cell for something else than its text? */
static bool
cell_is_at_risk(const char *text)
{
	/* In ASCII, full width, and small. */
	static const char *const signs[] = { "=", "+", "-", "@", "\xef\xbc\x9d", "\xef\xbc\x8b",
		"\xef\xbc\x8d", "\xef\xbc\xa0", "\xef\xb9\xa6", "\xef\xb9\xa2", "\xef\xb9\xa3",
		"\xef\xb9\xab" };
	const char *visible = blanks_skip(text);

	if (text[0] == '\t' || text[0] == '\r' || text[0] == '\n')
		return true;
	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		if (strncmp(visible, signs[i], strlen(signs[i])) == 0)
			return true;
	return number_is_at_risk(visible);
}

size_t
csv_cell(char *to, const char *text, bool spreadsheet)
{
	bool quote = spreadsheet || strpbrk(text, ",\"\r\n") != NULL;
	char *at = to;

	if (quote)
		*at++ = '"';
	if (spreadsheet && cell_is_at_risk(text))
		*at++ = '\'';
	for (; *text != '\0'; text++) {
		if (*text == '"')
			*at++ = '"';
		*at++ = *text;
	}
	if (quote)
		*at++ = '"';
	return (size_t)(at - to);
}

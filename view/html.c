/*
 * html.c - the only code that writes markup, into one growing buffer.
 *
 * A page is made of markup, which is literals of this program, and of texts, which strangers
 * wrote.  They never go through the same function: html_markup takes literals alone, and what
 * writes texts escapes them.  There is no template language, and no other way to write.
 *
 * A text is shown as what it is.  Controls have pictures (U+2400 to U+2421); what overrides the
 * direction of writing would move the text beside it, and becomes U+FFFD.  What takes no room is
 * kept, for emoji and Persian need it, unless two rows of a page would look equal: html_alike
 * finds those, and html_user_revealed shows it as U+200B in a box, which no text can imitate.
 *
 * Nobody wants to look after each call whether there was memory.  Once there was none, nothing is
 * written any more, and whoever sends the page looks once.
 */
#include "view/html.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alike.h"
#include "base/character.h"
#include "base/text.h"

#define HTML_FIRST_SIZE ((size_t)32 << 10)
#define REPLACEMENT 0xfffd

void
html_free(struct html *html)
{
	free(html->bytes);
	*html = (struct html){ .limit = html->limit };
}

/* Makes room for that many bytes more; -1: there is no memory. */
static int
html_reserve(struct html *html, size_t length)
{
	size_t size = html->size == 0 ? HTML_FIRST_SIZE : html->size;
	char *bytes;

	while (size - html->length < length && size <= SIZE_MAX / 2)
		size *= 2;
	if (size - html->length < length)
		return -1;
	if (size == html->size)
		return 0;
	bytes = realloc(html->bytes, size);
	if (bytes == NULL)
		return -1;
	html->bytes = bytes;
	html->size = size;
	return 0;
}

/*
 * A page consists of a thousand pieces of a few bytes, for which a call of memcpy costs more than
 * the copying: the first and the last half are copied, which can overlap.
 */
static void
piece_copy(char *to, const char *from, size_t length)
{
	if (length > 32) {
		memcpy(to, from, length);
	} else if (length >= 16) {
		memcpy(to, from, 16);
		memcpy(to + length - 16, from + length - 16, 16);
	} else if (length >= 8) {
		memcpy(to, from, 8);
		memcpy(to + length - 8, from + length - 8, 8);
	} else if (length >= 4) {
		memcpy(to, from, 4);
		memcpy(to + length - 4, from + length - 4, 4);
	} else {
		for (size_t i = 0; i < length; i++)
			to[i] = from[i];
	}
}

void
html_put(struct html *html, const char *bytes, size_t length)
{
	if (html->failed)
		return;
	if (html_reserve(html, length) != 0) {
		html->failed = true;
		return;
	}
	piece_copy(html->bytes + html->length, bytes, length);
	html->length += length;
	html->full = html->limit > 0 && html->length > html->limit;
}

/* What is shown in place of the character, which may be itself. */
static uint32_t
character_shown(uint32_t character)
{
	if (character == '\t' || character == '\n')
		return character;
	if (character < 0x20)
		return 0x2400 + character;
	if (character == 0x7f)
		return 0x2421;
	if ((character >= 0x80 && character <= 0x9f) ||
	    (character >= 0x202a && character <= 0x202e) ||
	    (character >= 0x2066 && character <= 0x2069))
		return REPLACEMENT;
	return character;
}

/* Reads a character; what is not UTF-8 is one byte, and REPLACEMENT. */
static size_t
character_next(const char *text, const char *end, uint32_t *character)
{
	size_t bytes = utf8_read(text, end, character);

	if (bytes > 0)
		return bytes;
	*character = REPLACEMENT;
	return 1;
}

/* What stands for an ASCII character that means something in markup; NULL: it is itself. */
static const char *
entity_of(char byte)
{
	switch (byte) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

/* The bytes that need nothing done to them, at the text's beginning. */
static size_t
plain_length(const char *text, const char *end)
{
	const char *at = text;

	while (at < end && (*at >= ' ' || *at == '\n' || *at == '\t') && *at < 0x7f &&
	    entity_of(*at) == NULL)
		at++;
	return (size_t)(at - text);
}

void
html_text_bytes(struct html *html, const char *text, size_t length)
{
	const char *end = text + length;

	while (text < end && !html->failed) {
		size_t plain = plain_length(text, end);
		const char *entity;
		uint32_t character;
		char shown[4];

		html_put(html, text, plain);
		text += plain;
		if (text == end)
			break;
		entity = entity_of(*text);
		if (entity != NULL) {
			html_put(html, entity, strlen(entity));
			text++;
			continue;
		}
		text += character_next(text, end, &character);
		html_put(html, shown, utf8_put(shown, character_shown(character)));
	}
}

void
html_text(struct html *html, const char *text)
{
	html_text_bytes(html, text, strlen(text));
}

void
html_user_bytes(struct html *html, const char *text, size_t length)
{
	html_markup(html, "<bdi dir=\"auto\">");
	html_text_bytes(html, text, length);
	html_markup(html, "</bdi>");
}

void
html_user(struct html *html, const char *text)
{
	html_user_bytes(html, text, strlen(text));
}

void
html_user_revealed(struct html *html, const char *text)
{
	const char *end = text + strlen(text), *visible = end;

	while (visible > text && visible[-1] == ' ')
		visible--;
	html_markup(html, "<bdi dir=\"auto\">");
	while (text < end) {
		uint32_t character;
		size_t bytes = character_next(text, end, &character);
		char name[16];

		if (text < visible && character_kind(character) == CHARACTER_SHOWN) {
			html_text_bytes(html, text, bytes);
		} else {
			snprintf(name, sizeof(name), "U+%04X", (unsigned)character);
			html_markup(html, "<span class=\"tag\">");
			html_text(html, name);
			html_markup(html, "</span>");
		}
		text += bytes;
	}
	html_markup(html, "</bdi>");
}

/* The text as a page shows it, and without what takes no room there; what is left is no longer. */
static void
look_put(char *to, const char *text)
{
	const char *end = text + strlen(text);

	while (text < end) {
		uint32_t character;

		text += character_next(text, end, &character);
		character = character_shown(character);
		if (character == '\n' || character == '\t')
			*to++ = ' ';
		else if (character_kind(character) != CHARACTER_HARMFUL)
			to += utf8_put(to, character);
	}
	*to = '\0';
}

int
html_alike(const char *const *texts, size_t count, bool *alike)
{
	const char **looks = calloc(count + 1, sizeof(*looks));
	size_t size = 0;
	char *bytes = NULL, *at;
	int result = -1;

	for (size_t i = 0; i < count; i++)
		size += 3 * strlen(texts[i]) + 1;
	bytes = malloc(size + 1);
	if (looks == NULL || bytes == NULL)
		goto out;
	at = bytes;
	for (size_t i = 0; i < count; i++) {
		looks[i] = at;
		look_put(at, texts[i]);
		at += strlen(at) + 1;
	}
	result = texts_alike(looks, texts, count, alike);
out:
	free(bytes);
	free(looks);
	return result;
}

/* A name is a literal of this program: it is not escaped. */
static void
attribute_begin(struct html *html, const char *name)
{
	html_markup(html, " ");
	html_put(html, name, strlen(name));
	html_markup(html, "=\"");
}

/* What stands for a byte in an attribute; a reader would make newlines of carriage returns. */
static const char *
attribute_entity(char byte)
{
	switch (byte) {
	case '\t':
		return "&#9;";
	case '\n':
		return "&#10;";
	case '\r':
		return "&#13;";
	default:
		return entity_of(byte);
	}
}

void
html_attribute(struct html *html, const char *name, const char *value)
{
	const char *end = value + strlen(value);

	attribute_begin(html, name);
	while (value < end && !html->failed) {
		const char *entity = attribute_entity(*value);
		size_t length = 0;
		uint32_t character;
		char bytes[4];

		if (entity != NULL) {
			html_put(html, entity, strlen(entity));
			value++;
			continue;
		}
		while (value[length] != '\0' && (unsigned char)value[length] < 0x80 &&
		    attribute_entity(value[length]) == NULL)
			length++;
		if (length > 0) {
			html_put(html, value, length);
			value += length;
			continue;
		}
		value += character_next(value, end, &character);
		html_put(html, bytes, utf8_put(bytes, character));
	}
	html_markup(html, "\"");
}

void
html_attribute_number(struct html *html, const char *name, uint64_t number)
{
	attribute_begin(html, name);
	html_number(html, number);
	html_markup(html, "\"");
}

void
html_attribute_percent(struct html *html, const char *name, uint64_t part, uint64_t whole)
{
	double permille = whole == 0 ? 0 : (double)part / (double)whole * 1000;
	unsigned rounded = (unsigned)(permille + 0.5);
	char text[32];

	snprintf(text, sizeof(text), "%u.%u%%", rounded / 10, rounded % 10);
	html_attribute(html, name, text);
}

void
html_number(struct html *html, uint64_t number)
{
	char text[24], *at = text + sizeof(text);

	do
		*--at = (char)('0' + number % 10);
	while ((number /= 10) > 0);
	html_put(html, at, (size_t)(text + sizeof(text) - at));
}

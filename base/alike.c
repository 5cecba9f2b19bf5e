/*
 * alike.c - texts that a person would take for the same.
 *
 * What takes no room, or is blank, is harmless alone: emoji and Persian need it.  But of two rows
 * that differ in nothing else one poses as the other, and its reader must be told.  So each text
 * is reduced to what an eye sees, and the same looks of different texts are found by sorting.
 */
#include "base/alike.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/character.h"
#include "base/text.h"

/* A text as it looks. */
struct look {
	char *text;
	size_t index; /* of the text that it is of */
};

/* The columns of an odd blank, as wcwidth(3) says in a locale of UTF-8. */
static size_t
blank_width(uint32_t character)
{
	if (character == 0x115f || character == 0x3000 || character == 0x3164)
		return 2;
	return character == 0x1160 ? 0 : 1;
}

/*
 * Puts the text without what takes no room, and without blanks at its end, where no eye
 * sees them.  An odd blank is as many spaces as it is wide; or nothing, for terminals
 * do not agree on how wide it is.  No more than the text's bytes and NUL: those put.
 */
static size_t
look_put(char *to, const char *text, bool with_blanks)
{
	const char *end = text + strlen(text);
	size_t used = 0;

	while (text < end) {
		uint32_t character = 0;
		size_t bytes = utf8_read(text, end, &character);
		enum character_kind kind = bytes == 0 ? CHARACTER_SHOWN : character_kind(character);
		size_t width = kind == CHARACTER_BLANK && with_blanks ? blank_width(character) : 0;

		if (bytes == 0)
			bytes = 1;
		if (kind == CHARACTER_SHOWN || kind == CHARACTER_HARMFUL) {
			memcpy(to + used, text, bytes);
			used += bytes;
		}
		while (width-- > 0)
			to[used++] = ' ';
		text += bytes;
	}
	while (used > 0 && to[used - 1] == ' ')
		used--;
	to[used] = '\0';
	return used + 1;
}

static int
look_compare(const void *a, const void *b)
{
	return strcmp(((const struct look *)a)->text, ((const struct look *)b)->text);
}

/* Marks those of one look that are not the same text. */
static void
looks_mark(const struct look *looks, size_t count, const char *const *texts, bool *alike)
{
	bool differ = false;

	for (size_t i = 1; i < count && !differ; i++)
		differ = strcmp(texts[looks[0].index], texts[looks[i].index]) != 0;
	for (size_t i = 0; i < count && differ; i++)
		alike[looks[i].index] = true;
}

int
texts_alike(const char *const *shown, const char *const *texts, size_t count, bool *alike)
{
	struct look *looks = calloc(2 * count + 1, sizeof(*looks));
	size_t size = 0, used = 0, same;
	char *bytes, *at;

	for (size_t i = 0; i < count; i++)
		size += 2 * (strlen(shown[i]) + 1);
	at = bytes = malloc(size + 1);
	if (looks == NULL || bytes == NULL) {
		free(looks);
		free(bytes);
		return -1;
	}
	memset(alike, 0, count * sizeof(*alike));
	for (size_t i = 0; i < count; i++) {
		looks[used] = (struct look){ at, i };
		at += look_put(at, shown[i], true);
		looks[used + 1] = (struct look){ at, i };
		at += look_put(at, shown[i], false);
		used += strcmp(looks[used].text, looks[used + 1].text) == 0 ? 1 : 2;
	}
	qsort(looks, used, sizeof(*looks), look_compare);
	for (size_t i = 0; i < used; i += same) {
		for (same = 1; i + same < used && look_compare(&looks[i], &looks[i + same]) == 0;)
			same++;
		looks_mark(looks + i, same, texts, alike);
	}
	free(looks);
	free(bytes);
	return 0;
}

/*
 * character.c - what a character does where people look at it.
 *
 * Keys, values and group ids come from strangers, and may hold any character of Unicode.  What is
 * shown of them, on a terminal or a page, must be what is there: so whoever shows texts asks here
 * which characters move or hide what stands beside them.
 */
#include <stdio.h>

#include "base/character.h"

enum character_kind
character_kind(uint32_t character)
{
	static const struct {
		uint32_t first, last;
		enum character_kind kind;
	} ranges[] = { { 0x00, 0x1f, CHARACTER_HARMFUL }, { 0x7f, 0x9f, CHARACTER_HARMFUL },
		{ 0xa0, 0xa0, CHARACTER_BLANK }, { 0xad, 0xad, CHARACTER_WITHOUT_ROOM },
		{ 0x34f, 0x34f, CHARACTER_WITHOUT_ROOM }, { 0x61c, 0x61c, CHARACTER_HARMFUL },
		{ 0x115f, 0x1160, CHARACTER_BLANK }, { 0x1680, 0x1680, CHARACTER_BLANK },
		{ 0x17b4, 0x17b5, CHARACTER_WITHOUT_ROOM },
		{ 0x180b, 0x180f, CHARACTER_WITHOUT_ROOM }, { 0x2000, 0x200a, CHARACTER_BLANK },
		{ 0x200b, 0x200d, CHARACTER_WITHOUT_ROOM }, { 0x200e, 0x200f, CHARACTER_HARMFUL },
		{ 0x2028, 0x202e, CHARACTER_HARMFUL }, { 0x202f, 0x202f, CHARACTER_BLANK },
		{ 0x205f, 0x205f, CHARACTER_BLANK }, { 0x2060, 0x206f, CHARACTER_HARMFUL },
		{ 0x2800, 0x2800, CHARACTER_BLANK }, { 0x3000, 0x3000, CHARACTER_BLANK },
		{ 0x3164, 0x3164, CHARACTER_BLANK }, { 0xfe00, 0xfe0f, CHARACTER_WITHOUT_ROOM },
		{ 0xfeff, 0xfeff, CHARACTER_HARMFUL }, { 0xffa0, 0xffa0, CHARACTER_BLANK },
		{ 0xfff0, 0xfff8, CHARACTER_WITHOUT_ROOM }, { 0xfff9, 0xfffb, CHARACTER_HARMFUL },
		{ 0x1bca0, 0x1bca3, CHARACTER_WITHOUT_ROOM },
		{ 0x1d173, 0x1d17a, CHARACTER_WITHOUT_ROOM },
		{ 0xe0000, 0xe007f, CHARACTER_HARMFUL },
		{ 0xe0080, 0xe0fff, CHARACTER_WITHOUT_ROOM } };
	size_t low = 0, high = sizeof(ranges) / sizeof(ranges[0]);

	if (character >= 0x20 && character < 0x7f)
		return CHARACTER_SHOWN; /* what most are */
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (character > ranges[middle].last)
			low = middle + 1;
		else if (character < ranges[middle].first)
			high = middle;
		else
			return ranges[middle].kind;
	}
	return CHARACTER_SHOWN;
}

size_t
character_escape(char *to, uint32_t character)
{
	return (size_t)sprintf(to, character > 0xffff ? "\\U%08X" : "\\u%04X", (unsigned)character);
}

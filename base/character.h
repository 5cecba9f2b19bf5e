/* character.h - what a character does where people look at it */
#ifndef BASE_CHARACTER_H
#define BASE_CHARACTER_H

#include <stddef.h>
#include <stdint.h>

enum character_kind { CHARACTER_SHOWN, CHARACTER_HARMFUL, CHARACTER_WITHOUT_ROOM, CHARACTER_BLANK };

/*
 * Harmful: controls, line separators, and what changes the direction of writing.  Without
 * room: joiners, variation selectors and their like.  Blank: spaces but the usual one.
 */
enum character_kind character_kind(uint32_t character);

#define CHARACTER_ESCAPE_SIZE 11

/* Writes the character as \u200B or \U000E0100, with a NUL.  Returns the bytes without it: 6 or 10. */
size_t character_escape(char *to, uint32_t character);

#endif

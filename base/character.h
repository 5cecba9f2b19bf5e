/* character.h - what a character does where people look at it */
#ifndef BASE_CHARACTER_H
#define BASE_CHARACTER_H

#include <stdint.h>

enum character_kind { CHARACTER_SHOWN, CHARACTER_HARMFUL, CHARACTER_WITHOUT_ROOM, CHARACTER_BLANK };

/*
 * Harmful: controls, line separators, and what changes the direction of writing.  Without
 * room: joiners, variation selectors and their like.  Blank: spaces but the usual one.
 */
enum character_kind character_kind(uint32_t character);

#endif

/* alike.h - texts that a person would take for the same */
#ifndef BASE_ALIKE_H
#define BASE_ALIKE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Says of each of the count texts whether another one that differs looks as it does: but for
 * characters that take no room, odd blanks, and blanks at the end.  shown: the texts as people see
 * them, cut or with escapes.  -1: no memory.
 */
int texts_alike(const char *const *shown, const char *const *texts, size_t count, bool *alike);

#endif

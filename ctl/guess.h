/*
 * guess.h - which word was meant, where there is none of that spelling
 *
 *	guess_begin(&guess, word);
 *	while (there is a word that could be meant)
 *		guess_offer(&guess, candidate);
 *	if (guess.nearest[0] != '\0')
 *		say(guess.nearest);
 */
#ifndef CTL_GUESS_H
#define CTL_GUESS_H

#include <stddef.h>

#define GUESS_MAX 256 /* bytes of a word; none is guessed for a longer one */

struct guess {
	char nearest[GUESS_MAX + 1]; /* of those offered; "": none is near */
	/* private */
	const char *word;
	size_t limit; /* differences that the next one may have */
};

/* The word must live as long as the guess. */
void guess_begin(struct guess *guess, const char *word);
void guess_offer(struct guess *guess, const char *candidate);

#endif

/*
 * guess.c - which word was meant, where there is none of that spelling.
 *
 * What differs is counted in letters that were left out, put in, changed, or exchanged with their
 * neighbour (the optimal string alignment distance); capitals are as good as small letters.  A
 * third of a word may differ, and never more than three letters; and a word may be cut.
 *
 * A word that differs in more is given up early, and only letters that stand about as far from the
 * beginning are compared, so ten thousand long groups take no time.
 */
#include "ctl/guess.h"

#include <stdbool.h>
#include <string.h>

#define DIFFERENCES_MAX 3
#define BEGINNING_MIN 3

static int
letter(char byte)
{
	return byte >= 'A' && byte <= 'Z' ? byte - 'A' + 'a' : byte;
}

static size_t
smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* How much two words differ; or any number above the limit. */
static size_t
distance(const char *left, const char *right, size_t limit)
{
	size_t rows[3][GUESS_MAX + 1] = { { 0 } }, length = strlen(left), width = strlen(right);
	size_t *older = rows[0], *before = rows[1], *row = rows[2];

	if (length > GUESS_MAX || width > GUESS_MAX || length > width + limit ||
	    width > length + limit)
		return limit + 1;
	for (size_t i = 0; i <= width; i++)
		before[i] = i;
	for (size_t i = 1; i <= length; i++) {
		/* Only there can the words be that near; next to it stands what is too far. */
		size_t first = i > limit ? i - limit : 1, end = smaller(width, i + limit);
		size_t least = first == 1 ? i : limit + 1, *last = older;

		row[first - 1] = least;
		for (size_t j = first; j <= end; j++) {
			int a = letter(left[i - 1]), b = letter(right[j - 1]);

			row[j] =
			    smaller(smaller(before[j], row[j - 1]) + 1, before[j - 1] + (a != b));
			if (i > 1 && j > 1 && a == letter(right[j - 2]) && b == letter(left[i - 2]))
				row[j] = smaller(row[j], older[j - 2] + 1);
			least = smaller(least, row[j]);
		}
		if (end < width)
			row[end + 1] = limit + 1;
		if (least > limit)
			return limit + 1;
		older = before;
		before = row;
		row = last;
	}
	return before[width];
}

/* Does the candidate begin with so much of a word that it is told from others? */
static bool
is_beginning(const char *word, const char *candidate)
{
	size_t i = 0;

	while (word[i] != '\0' && letter(word[i]) == letter(candidate[i]))
		i++;
	return word[i] == '\0' && i >= BEGINNING_MIN;
}

void
guess_begin(struct guess *guess, const char *word)
{
	size_t third = (strlen(word) + 1) / 3;

	guess->word = word;
	guess->nearest[0] = '\0';
	guess->limit = third < 1 ? 1 : smaller(third, DIFFERENCES_MAX);
}

void
guess_offer(struct guess *guess, const char *candidate)
{
	bool found = guess->nearest[0] != '\0';
	size_t differences;

	if (found && guess->limit == 0)
		return;
	differences = distance(guess->word, candidate, guess->limit - found);
	if (differences > 1 && guess->limit - found >= 1 && is_beginning(guess->word, candidate))
		differences = 1;
	if (differences > guess->limit - found || differences >= strlen(candidate) ||
	    strlen(candidate) > GUESS_MAX)
		return;
	strcpy(guess->nearest, candidate);
	guess->limit = differences;
}

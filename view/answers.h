/* answers.h - a message's answers: counted, and one by one */
#ifndef VIEW_ANSWERS_H
#define VIEW_ANSWERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct result;
struct view;

/* The rows of a table that are shown. */
struct rows {
	uint64_t skip;
	size_t count;
};

/*
 * What was answered how often, with bars.  links: a count leads to who chose it.  Returns how many
 * rows there was room for.
 */
size_t tally_print(struct view *view, const struct result *result, struct rows rows, bool links);

/* Have so many answered, each in his own words, that counting them tells nothing? */
bool answers_differ(const struct result *result);

/* The answer that is named by the 16 digits of an address's a; NULL: nobody chose it. */
const char *answer_find(const struct result *result, const char *digits);

/* Who chose what, of those that match the address's q and a, which are *total.  Returns likewise. */
size_t pairs_print(struct view *view, const struct result *result, struct rows rows,
    uint64_t *total);

#endif

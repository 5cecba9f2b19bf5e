/*
 * show.h - what a log says of its messages, for show and tally
 *
 *	struct folding folding;
 *
 *	if (folding_make(ctl, &folding) == 1)
 *		use(folding.message);
 *	return folding_end(ctl, &folding);
 */
#ifndef CTL_SHOW_H
#define CTL_SHOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ctl/fold.h"

struct ctl;
struct message;

/* When the versions of the one message arrived, for a person. */
struct moments {
	struct moment *list;
	size_t count, size;
};

struct folding {
	struct fold fold; /* of the log up to the time and the version that ctl asks for */
	const struct message
	    *message; /* that ctl selects; NULL: it selects none, or there is none */
	bool found;   /* is there what ctl asks for? */
	struct moments moments;
};

/* Folds ctl's log: 1, and there is what ctl asks for; 0: there is not; -1: ctl->fault. */
int folding_make(struct ctl *ctl, struct folding *folding);
/*
 * Prints what is said of a message above its pairs, of which there are so many; unit: what a person
 * calls one.  -1: ctl->fault.
 */
int folding_print_head(struct ctl *ctl, const struct message *message, size_t count,
    const char *unit);
/* Reports ctl's fault, or what was not found; the exit status. */
int folding_end(struct ctl *ctl, struct folding *folding);

#endif

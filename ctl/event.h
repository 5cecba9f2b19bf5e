/* event.h - how log shows records, as they came or as they come */
#ifndef CTL_EVENT_H
#define CTL_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "ctl/last.h"

struct ctl;
struct item;

/* What was shown; begins as { 0 }. */
struct listing {
	uint64_t printed, passed; /* passed: those of another time than ctl asks for, */
	int64_t first, last;      /* and when they came */
	uint64_t others;          /* of that time, but of other keys */
	bool keeps;               /* only the last are asked for, which are kept */
	struct last kept;
};

/* Names the columns, in the format that has them. */
void events_begin(struct ctl *ctl, struct listing *listing);
/* Prints a record of that log, or keeps it, if ctl asks for it; and counts any.  -1: ctl->fault. */
int event_take(struct ctl *ctl, const char *log_name, const struct item *item,
    struct listing *listing);
/* Prints those that were kept; what is taken then is printed at once.  -1: ctl->fault. */
int events_end(struct ctl *ctl, struct listing *listing);

#endif

/* event.h - how log shows a record, as it came or as it comes */
#ifndef CTL_EVENT_H
#define CTL_EVENT_H

#include <stdint.h>

struct ctl;
struct item;

/* What was shown; begins as { 0 }. */
struct listing {
	uint64_t printed, passed; /* passed: those of another time than ctl asks for, */
	int64_t first, last;      /* and when they came */
};

/* Names the columns, in the format that has them. */
void events_begin(struct ctl *ctl);
/* Prints a record of the time that ctl asks for, and counts any.  -1: ctl->fault. */
int event_print(struct ctl *ctl, const struct item *item, struct listing *listing);

#endif

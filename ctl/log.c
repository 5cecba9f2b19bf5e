/*
 * log.c - msgextctl log: the events as they came.
 */
#include <stdio.h>
#include <sysexits.h>

#include "base/fault.h"
#include "base/time.h"
#include "ctl/ctl.h"
#include "ctl/event.h"
#include "ctl/follow.h"
#include "ctl/group.h"
#include "ctl/read.h"
#include "log/source.h"

static void
log_list(struct ctl *ctl, struct listing *listing)
{
	struct source source;
	struct item item;

	ctl->selection.by_time = true;
	if (ctl_open(ctl, &source) != 0)
		return;
	while (ctl_next_log(ctl, &source) == 1)
		while (ctl_next(ctl, &source, &item) == 1)
			if (event_take(ctl, source.name, &item, listing) != 0)
				break;
	source_close(&source);
	if (ctl->fault.code == FAULT_NONE)
		(void)events_end(ctl, listing);
	last_free(&listing->kept);
}

/* follow */

static int
follow_take(struct ctl *ctl, const char *log_name, const struct item *item, void *context)
{
	return event_take(ctl, log_name, item, context);
}

static int
follow_rest(struct ctl *ctl, void *context)
{
	struct listing *listing = context;

	if (listing->keeps && events_end(ctl, listing) != 0)
		return -1;
	return fflush(stdout) == 0 ? 0 : 1; /* nobody reads it any more */
}

/* There is nothing of the time asked for: says when there was. */
static void
passed_tell(const struct ctl *ctl, const struct listing *listing)
{
	char first[TIME_SIZE], last[TIME_SIZE];

	if (listing->others > 0)
		fprintf(stderr, "msgextctl: no events of key %s; there are %llu of other keys\n",
		    ctl->key, (unsigned long long)listing->others);

	if (listing->passed == 0)
		return;
	time_print(listing->first, first);
	time_print(listing->last, last);
	fprintf(stderr, "msgextctl: no events of that time; there are %llu from %s to %s\n",
	    (unsigned long long)listing->passed, first, last);
}

int
ctl_log(struct ctl *ctl)
{
	struct listing listing = { 0 };
	const struct follow follow = { follow_take, follow_rest, &listing, -1 };
	int status;

	events_begin(ctl, &listing);
	if (ctl->follow) {
		ctl_tell_archives(ctl);
		ctl_tell_waiting(ctl);
		(void)log_follow(ctl, &follow);
	} else {
		log_list(ctl, &listing);
	}
	status = ctl_end(ctl);
	if (status != EX_OK || ctl->follow)
		return status;
	ctl_tell_archives(ctl);
	if (listing.printed > 0)
		return EX_OK;
	if (ctl->selection.group != NULL) {
		status = ctl_nothing(ctl);
	} else {
		status = CTL_NOTHING;
		ctl_tell_next(ctl);
	}
	passed_tell(ctl, &listing);
	return status;
}

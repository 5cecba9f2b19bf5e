/*
 * log.c - msgextctl log: the events as they came.
 */
#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

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
			if (event_print(ctl, &item, listing) != 0)
				break;
	source_close(&source);
}

/* There is nothing of the time asked for: says when there was. */
static void
passed_tell(const struct listing *listing)
{
	char first[TIME_SIZE], last[TIME_SIZE];

	if (listing->passed == 0)
		return;
	time_print(listing->first, first);
	time_print(listing->last, last);
	fprintf(stderr, "msgextctl: none of that time, but %llu from %s to %s\n",
	    (unsigned long long)listing->passed, first, last);
}

/* A person who waits for a group that has no log yet may have meant another one. */
static void
waiting_tell(struct ctl *ctl)
{
	if (isatty(STDERR_FILENO) != 1 || !ctl_group_is_missing(ctl))
		return;
	fprintf(stderr, "msgextctl: nothing of group %s yet: it is waited for\n",
	    ctl->selection.group);
	ctl_tell_next(ctl);
}

int
ctl_log(struct ctl *ctl)
{
	struct listing listing = { 0 };
	int status;

	events_begin(ctl);
	if (ctl->follow) {
		ctl_tell_archives(ctl);
		waiting_tell(ctl);
		(void)log_follow(ctl);
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
	passed_tell(&listing);
	return status;
}

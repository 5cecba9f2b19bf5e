/*
 * groups.c - msgextctl groups: what the logs hold, a row each.
 */
#include <string.h>
#include <sysexits.h>

#include "base/fault.h"
#include "ctl/ctl.h"
#include "ctl/group.h"
#include "ctl/print.h"
#include "ctl/progress.h"
#include "ctl/read.h"
#include "log/source.h"
#include "log/state.h"
#include "record.h"

/* How far all logs are read. */
struct reading {
	struct progress progress;
	off_t done, total;
};

struct summary {
	char group_id[GROUP_ID_MAX + 1]; /* "": the log has no record, and so no group to name */
	uint64_t events, snapshots;
	size_t messages;
	int64_t first, last; /* times; -1: none is known */
};

static void
summary_add(struct summary *summary, const struct record *record)
{
	if (summary->group_id[0] == '\0')
		strcpy(summary->group_id, record->event.group_id);
	if (record->is_snapshot)
		summary->snapshots++;
	else
		summary->events++;
	if (record->time >= 0 && (summary->first < 0 || record->time < summary->first))
		summary->first = record->time;
	if (record->time > summary->last)
		summary->last = record->time;
}

/* Sums up the log at hand.  -1: ctl->fault. */
static int
log_sum_up(struct ctl *ctl, struct source *source, struct reading *reading, struct summary *summary)
{
	struct state *state = state_new();
	struct item item;
	int more;

	*summary = (struct summary){ .first = -1, .last = -1 };
	if (state == NULL)
		return fault_memory(&ctl->fault);
	while ((more = ctl_next(ctl, source, &item)) == 1) {
		progress_show(&reading->progress, reading->done + item.line.offset, reading->total);
		summary_add(summary, &item.record);
		if (ctl_fold_versions(ctl, state, &item.record) != 0)
			break;
	}
	reading->done += source->size;
	if (more == 0 && state_messages(state, &summary->messages) == NULL)
		more = fault_memory(&ctl->fault);
	state_free(state);
	return more == 0 ? 0 : -1;
}

static void
summary_print(struct printer *printer, const struct summary *summary, off_t size)
{
	table_text(printer, summary->group_id);
	table_number(printer, summary->events);
	table_number(printer, summary->snapshots);
	table_number(printer, summary->messages);
	table_number(printer, (uint64_t)size);
	table_time(printer, summary->first);
	table_time(printer, summary->last);
}

int
ctl_groups(struct ctl *ctl)
{
	static const struct column layout[] = { { .name = "GroupId" },
		{ .name = "Events", .right = true }, { .name = "Snapshots", .right = true },
		{ .name = "Messages", .right = true }, { .name = "Bytes", .right = true },
		{ .name = "FirstTime" }, { .name = "LastTime" } };
	struct reading reading = { .total = ctl_measure(ctl) };
	struct summary summary;
	struct source source;
	bool found = false;
	int status;

	if (ctl_open(ctl, &source) != 0)
		return ctl_fail(ctl);
	table_open(&ctl->printer, layout, sizeof(layout) / sizeof(layout[0]));
	while (ctl_next_log(ctl, &source) == 1) {
		if (log_sum_up(ctl, &source, &reading, &summary) != 0 ||
		    summary.group_id[0] == '\0')
			continue;
		summary_print(&ctl->printer, &summary, source.size);
		found = true;
	}
	source_close(&source);
	progress_clear(&reading.progress);
	table_close(&ctl->printer);
	status = ctl_end(ctl);
	if (status != EX_OK || found)
		return status;
	ctl_tell_next(ctl);
	return CTL_NOTHING;
}

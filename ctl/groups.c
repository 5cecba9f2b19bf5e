/*
 * groups.c - msgextctl groups: what the logs hold, a row each.
 *
 * A program gets the rows as the logs are read.  A person, and whoever asks for an order, gets them
 * sorted, and so after the last was read.
 */
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/fault.h"
#include "ctl/ctl.h"
#include "ctl/fold.h"
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
	off_t size;          /* bytes */
};

/* Those that are sorted before they are printed. */
struct summaries {
	struct summary *list;
	size_t count, size;
};

/* Sums up the log at hand.  -1: ctl->fault. */
static int
log_sum_up(struct ctl *ctl, struct source *source, struct reading *reading, struct summary *summary)
{
	struct fold fold = { .versions = true,
		.progress = &reading->progress,
		.done = reading->done,
		.total = reading->total };
	int result = fold_log(ctl, source, &fold);

	*summary = (struct summary){ .events = fold.events,
		.snapshots = fold.snapshots,
		.first = fold.first,
		.last = fold.last };
	strcpy(summary->group_id, fold.group_id);
	reading->done += source->size;
	if (result == 0 && state_messages(fold.state, &summary->messages) == NULL)
		result = fault_memory(&ctl->fault);
	state_free(fold.state);
	return result;
}

static void
summary_print(struct printer *printer, const struct summary *summary)
{
	table_text(printer, summary->group_id);
	table_number(printer, summary->events);
	table_number(printer, summary->snapshots);
	table_number(printer, summary->messages);
	table_bytes(printer, (uint64_t)summary->size);
	table_time(printer, summary->first);
	table_time(printer, summary->last);
	if (printer->human)
		table_ago(printer, summary->last);
}

/* order */

static int
compare_events(const void *a, const void *b)
{
	const struct summary *left = a, *right = b;

	if (left->events != right->events)
		return left->events < right->events ? -1 : 1;
	return strcmp(left->group_id, right->group_id);
}

static int
compare_newest(const void *a, const void *b)
{
	const struct summary *left = a, *right = b;

	if (left->last != right->last)
		return left->last < right->last ? -1 : 1;
	return strcmp(left->group_id, right->group_id);
}

static int
compare_size(const void *a, const void *b)
{
	const struct summary *left = a, *right = b;

	if (left->size != right->size)
		return left->size < right->size ? -1 : 1;
	return strcmp(left->group_id, right->group_id);
}

static const struct order {
	const char *name;
	int (*compare)(const void *a, const void *b); /* NULL: as the logs come, by name */
} orders[] = { { "name", NULL }, { "newest", compare_newest }, { "size", compare_size },
	{ "events", compare_events } };

/* What --sort asks for; a person gets the newest group last, where the eye is.  NULL: there is none. */
static const struct order *
order_find(const struct ctl *ctl)
{
	const char *name = ctl->sort != NULL ? ctl->sort : ctl->printer.human ? "newest" : "name";

	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++)
		if (strcmp(name, orders[i].name) == 0)
			return &orders[i];
	return NULL;
}

/* -1: no memory. */
static int
summary_keep(struct summaries *summaries, const struct summary *summary)
{
	if (summaries->count == summaries->size) {
		size_t size = summaries->size == 0 ? 16 : 2 * summaries->size;
		struct summary *larger = realloc(summaries->list, size * sizeof(*larger));

		if (larger == NULL)
			return -1;
		summaries->list = larger;
		summaries->size = size;
	}
	summaries->list[summaries->count++] = *summary;
	return 0;
}

static void
summaries_print(struct printer *printer, struct summaries *summaries, const struct order *order)
{
	if (summaries->count > 0)
		qsort(summaries->list, summaries->count, sizeof(*summaries->list), order->compare);
	for (size_t i = 0; i < summaries->count; i++)
		summary_print(printer, &summaries->list[i]);
	free(summaries->list);
}

/* Reads all logs, and prints their rows, or keeps them to be sorted: were there any? */
static bool
logs_sum_up(struct ctl *ctl, struct source *source, const struct order *order,
    struct summaries *summaries)
{
	struct reading reading = { .total = ctl_measure(ctl) };
	struct summary summary;
	bool found = false;

	while (ctl_next_log(ctl, source) == 1) {
		if (log_sum_up(ctl, source, &reading, &summary) != 0 || summary.group_id[0] == '\0')
			continue;
		summary.size = source->size;
		found = true;
		if (order->compare == NULL)
			summary_print(&ctl->printer, &summary);
		else if (summary_keep(summaries, &summary) != 0)
			fault_memory(&ctl->fault);
	}
	progress_clear(&reading.progress);
	return found;
}

int
ctl_groups(struct ctl *ctl)
{
	static const struct column layout[] = { { .name = "GroupId" },
		{ .name = "Events", .right = true }, { .name = "Snapshots", .right = true },
		{ .name = "Messages", .right = true }, { .name = "Bytes", .right = true },
		{ .name = "FirstTime" }, { .name = "LastTime" } };
	static const struct column human[] = { { .name = "GroupId", .cuts = true },
		{ .name = "Events", .right = true },
		{ .name = "Snapshots", .right = true, .drop = 2 },
		{ .name = "Messages", .right = true, .drop = 4 },
		{ .name = "Size", .right = true, .drop = 5 },
		{ .name = "FirstTime", .seconds = true, .drop = 1 },
		{ .name = "LastTime", .seconds = true, .drop = 3 }, { .name = "Changed" } };
	const struct order *order = order_find(ctl);
	struct summaries summaries = { 0 };
	struct source source;
	bool found;
	int status;

	if (order == NULL)
		return ctl_usage(ctl, "--sort", "must be name, newest, size or events");
	if (ctl_open(ctl, &source) != 0)
		return ctl_fail(ctl);
	if (ctl->printer.human)
		table_open(&ctl->printer, human, sizeof(human) / sizeof(human[0]));
	else
		table_open(&ctl->printer, layout, sizeof(layout) / sizeof(layout[0]));
	found = logs_sum_up(ctl, &source, order, &summaries);
	source_close(&source);
	summaries_print(&ctl->printer, &summaries, order);
	table_close(&ctl->printer);
	status = ctl_end(ctl);
	if (status != EX_OK || found)
		return status;
	ctl_tell_next(ctl);
	return CTL_NOTHING;
}

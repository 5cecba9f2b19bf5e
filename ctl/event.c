/*
 * event.c - how log shows a record: in JSON as the line it is, in CSV a row for each pair, else for people.
 */
#include "ctl/event.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "base/time.h"
#include "ctl/ctl.h"
#include "ctl/print.h"
#include "ctl/read.h"
#include "record.h"

static const char *
record_operation(const struct record *record)
{
	static const char *const names[] = { "", "set", "delete", "clear" };

	return record->is_snapshot ? record->kind : names[record->event.operate_type];
}

/* A line of its own for each pair, as CSV has no lists. */
static void
record_print_csv(struct ctl *ctl, const struct record *record)
{
	struct printer *printer = &ctl->printer;
	const struct event *event = &record->event;
	size_t rows = event->pair_count > 0 ? event->pair_count : 1;

	for (size_t i = 0; i < rows; i++) {
		table_time(printer, record->time);
		table_text(printer, event->group_id);
		table_number(printer, event->msg_seq);
		table_number(printer, event->seq);
		table_text(printer, record_operation(record));
		table_text(printer, i < event->pair_count ? event->pairs[i].key : "");
		table_text(printer, i < event->pair_count ? event->pairs[i].value : "");
	}
}

static int
text_print(const struct ctl *ctl, const char *before, const char *text)
{
	char *shown = text_show(&ctl->printer, text, strlen(text));

	if (shown == NULL)
		return -1;
	fputs(before, stdout);
	fputs(shown, stdout);
	free(shown);
	return 0;
}

static int
record_print_text(struct ctl *ctl, const struct record *record)
{
	const struct event *event = &record->event;
	bool values = record->is_snapshot || event->operate_type == OPERATE_SET;
	char time[TIME_SIZE] = "-";

	if (record->time >= 0)
		time_print(record->time, time);
	printf("%-24s", time);
	if (ctl->all && text_print(ctl, "  ", event->group_id) != 0)
		return -1;
	printf("  message %llu  version %llu  %s", (unsigned long long)event->msg_seq,
	    (unsigned long long)event->seq, record_operation(record));
	for (size_t i = 0; i < event->pair_count; i++)
		if (text_print(ctl, i == 0 ? "  " : " ", event->pairs[i].key) != 0 ||
		    (values && text_print(ctl, "=", event->pairs[i].value) != 0))
			return -1;
	putchar('\n');
	return 0;
}

void
events_begin(struct ctl *ctl)
{
	static const struct column layout[] = { { .name = "Time" }, { .name = "GroupId" },
		{ .name = "MsgSeq" }, { .name = "Seq" }, { .name = "Operation" }, { .name = "Key" },
		{ .name = "Value" } };

	if (ctl->printer.format == PRINT_CSV)
		table_open(&ctl->printer, layout, sizeof(layout) / sizeof(layout[0]));
}

int
event_print(struct ctl *ctl, const struct item *item, struct listing *listing)
{
	const struct record *record = &item->record;

	if (record->time >= 0 && (record->time < ctl->since || record->time >= ctl->until)) {
		if (listing->passed == 0 || record->time < listing->first)
			listing->first = record->time;
		if (listing->passed++ == 0 || record->time > listing->last)
			listing->last = record->time;
		return 0;
	}
	listing->printed++;
	if (ctl->printer.format == PRINT_JSON) {
		print_json(&ctl->printer, item->line.bytes, item->line.length);
		putchar('\n');
	} else if (ctl->printer.format == PRINT_CSV) {
		record_print_csv(ctl, record);
	} else if (record_print_text(ctl, record) != 0) {
		return fault_memory(&ctl->fault);
	}
	return 0;
}

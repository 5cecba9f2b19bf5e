/*
 * event.c - how log shows a record: in JSON as the line it is, in CSV a row for each pair, else for people.
 *
 * Where one key is asked for, a record is of it that has a pair of it, or clears all; of its other
 * pairs only the JSON line tells.  The vendor's EventTime is shown to a person where it is another
 * than the time of receipt by a second or more: the callback was late, or a clock is wrong.
 */
#include "ctl/event.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "base/time.h"
#include "ctl/ctl.h"
#include "ctl/human.h"
#include "ctl/print.h"
#include "ctl/read.h"
#include "record.h"

#define DIFFERENCE_SHOWN 1000 /* milliseconds */

static bool
key_is_shown(const struct ctl *ctl, const char *key)
{
	return ctl->key == NULL || strcmp(ctl->key, key) == 0;
}

/* Is the record of the key that ctl asks for? */
static bool
record_has_key(const struct ctl *ctl, const struct record *record)
{
	const struct event *event = &record->event;

	if (ctl->key == NULL || (!record->is_snapshot && event->operate_type == OPERATE_CLEAR))
		return true;
	for (size_t i = 0; i < event->pair_count; i++)
		if (key_is_shown(ctl, event->pairs[i].key))
			return true;
	return false;
}

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
		if (i < event->pair_count && !key_is_shown(ctl, event->pairs[i].key))
			continue;
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

/* The vendor's time, where it is another one. */
static void
event_time_print(const struct printer *printer, const struct record *record)
{
	int64_t time = (int64_t)record->event.event_time, apart = record->time - time;
	char text[TIME_SIZE];

	if (!printer->human || record->event.event_time == 0 || record->time < 0 ||
	    (apart > -DIFFERENCE_SHOWN && apart < DIFFERENCE_SHOWN))
		return;
	printer_time(printer, time, text);
	printf("  %s(EventTime %s)%s", style(printer->colours, STYLE_DIM), text,
	    style(printer->colours, STYLE_PLAIN));
}

static int
record_print_text(struct ctl *ctl, const struct record *record)
{
	const struct event *event = &record->event;
	const struct printer *printer = &ctl->printer;
	bool values = record->is_snapshot || event->operate_type == OPERATE_SET, first = true;
	char time[TIME_SIZE] = "-";

	if (record->time >= 0)
		printer_time(printer, record->time, time);
	printf("%s%-24s%s", style(printer->colours, STYLE_DIM), time,
	    style(printer->colours, STYLE_PLAIN));
	if (ctl->all && text_print(ctl, "  ", event->group_id) != 0)
		return -1;
	printf("  message %llu  version %llu  %s", (unsigned long long)event->msg_seq,
	    (unsigned long long)event->seq, record_operation(record));
	for (size_t i = 0; i < event->pair_count; i++) {
		if (!key_is_shown(ctl, event->pairs[i].key))
			continue;
		if (text_print(ctl, first ? "  " : " ", event->pairs[i].key) != 0 ||
		    (values && text_print(ctl, "=", event->pairs[i].value) != 0))
			return -1;
		first = false;
	}
	event_time_print(printer, record);
	putchar('\n');
	return 0;
}

void
events_begin(struct ctl *ctl, struct listing *listing)
{
	static const struct column layout[] = { { .name = "Time" }, { .name = "GroupId" },
		{ .name = "MsgSeq" }, { .name = "Seq" }, { .name = "Operation" }, { .name = "Key" },
		{ .name = "Value" } };

	listing->keeps = ctl->last != UINT64_MAX;
	listing->kept.most = ctl->last;
	listing->kept.by_time = ctl->all;
	if (ctl->printer.format == PRINT_CSV)
		table_open(&ctl->printer, layout, sizeof(layout) / sizeof(layout[0]));
}

static int
event_print(struct ctl *ctl, const struct line *line, const struct record *record)
{
	if (ctl->printer.format == PRINT_JSON) {
		print_json(&ctl->printer, line->bytes, line->length);
		putchar('\n');
	} else if (ctl->printer.format == PRINT_CSV) {
		record_print_csv(ctl, record);
	} else if (record_print_text(ctl, record) != 0) {
		return fault_memory(&ctl->fault);
	}
	return 0;
}

int
event_take(struct ctl *ctl, const char *log_name, const struct item *item, struct listing *listing)
{
	const struct record *record = &item->record;

	if (record->time >= 0 && (record->time < ctl->since || record->time >= ctl->until)) {
		if (listing->passed == 0 || record->time < listing->first)
			listing->first = record->time;
		if (listing->passed++ == 0 || record->time > listing->last)
			listing->last = record->time;
		return 0;
	}
	if (!record_has_key(ctl, record)) {
		listing->others++;
		return 0;
	}
	listing->printed++;
	if (!listing->keeps)
		return event_print(ctl, &item->line, record);
	return last_keep(&listing->kept, log_name, item) == 0 ? 0 : fault_memory(&ctl->fault);
}

int
events_end(struct ctl *ctl, struct listing *listing)
{
	struct last *kept = &listing->kept;
	struct record record;
	int result = 0;

	last_sort(kept);
	for (size_t i = 0; i < kept->count && result >= 0; i++) {
		const struct line *line = &kept->list[i].line;

		result = ctl_record(ctl, kept->list[i].name, line, &record);
		if (result == 1)
			result = event_print(ctl, line, &record);
	}
	last_free(kept);
	listing->keeps = false;
	return result < 0 ? -1 : 0;
}

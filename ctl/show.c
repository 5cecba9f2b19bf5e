/*
 * show.c - msgextctl show: the state of a message, or of all messages of a group.
 *
 * It folds what the log holds up to a moment or a version (log/state.c): history
 * is in the log, so the past is a matter of where to stop.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "ctl/show.h"
#include "base/fault.h"
#include "base/time.h"
#include "ctl/ctl.h"
#include "ctl/human.h"
#include "ctl/print.h"
#include "ctl/read.h"
#include "log/export.h"
#include "log/missing.h"
#include "log/source.h"
#include "log/state.h"
#include "record.h"

/* when versions arrived */

struct moment {
	uint64_t seq;
	int64_t time;
};

static int
moment_compare(const void *a, const void *b)
{
	const struct moment *left = a, *right = b;

	if (left->seq != right->seq)
		return left->seq < right->seq ? -1 : 1;
	return (left->time > right->time) - (left->time < right->time);
}

/* A snapshot says what the state was, not when it became so.  -1: no memory. */
static int
moment_keep(void *context, const struct record *record)
{
	struct moments *moments = context;

	if (record->is_snapshot || record->time < 0)
		return 0;
	if (moments->count == moments->size) {
		size_t size = moments->size == 0 ? 64 : 2 * moments->size;
		struct moment *larger = realloc(moments->list, size * sizeof(*larger));

		if (larger == NULL)
			return -1;
		moments->list = larger;
		moments->size = size;
	}
	moments->list[moments->count++] = (struct moment){ record->event.seq, record->time };
	return 0;
}

/* When that version arrived first, of those in order; -1: not known. */
static int64_t
moment_find(const struct moments *moments, uint64_t seq)
{
	size_t low = 0, high = moments->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (moments->list[middle].seq < seq)
			low = middle + 1;
		else
			high = middle;
	}
	return low < moments->count && moments->list[low].seq == seq ? moments->list[low].time : -1;
}

/* the fold */

/* Folds the log's records: 1; 0: there is no such log; -1: ctl->fault. */
static int
log_fold(struct ctl *ctl, struct folding *folding)
{
	struct source source;
	int found;

	if (ctl_open(ctl, &source) != 0)
		return -1;
	if (ctl->printer.human && ctl->selection.has_message) {
		folding->fold.look = moment_keep;
		folding->fold.context = &folding->moments;
	}
	found = source_log(&source, &ctl->fault);
	if (found == 1 && fold_log(ctl, &source, &folding->fold) != 0)
		found = -1;
	source_close(&source);
	return found;
}

int
folding_make(struct ctl *ctl, struct folding *folding)
{
	int found;

	*folding = (struct folding){ .fold = { .first_time = INT64_MAX, .first_seq = UINT64_MAX } };
	found = log_fold(ctl, folding);
	if (found != 1)
		return found;
	if (ctl->selection.has_message)
		folding->message = state_message(folding->fold.state, ctl->selection.message);
	folding->found = !ctl->selection.has_message || folding->message != NULL;
	return folding->found;
}

/* There is nothing yet at the time or version asked for: says when there was. */
static void
first_tell(const struct folding *folding)
{
	char time[TIME_SIZE];

	if (folding->fold.first_time != INT64_MAX) {
		time_print(folding->fold.first_time, time);
		fprintf(stderr, "msgextctl: its first event came later, at %s\n", time);
	}
	if (folding->fold.first_seq != UINT64_MAX)
		fprintf(stderr, "msgextctl: its first version is later: %llu\n",
		    (unsigned long long)folding->fold.first_seq);
}

int
folding_end(struct ctl *ctl, struct folding *folding)
{
	int status = ctl_end(ctl);

	state_free(folding->fold.state);
	free(folding->moments.list);
	if (folding->fold.snapshot_passed && ctl->from == NULL)
		fputs("msgextctl: the log was compacted after that; its older lines are in its "
		      ".jsonl.gz\n",
		    stderr);
	if (status != EX_OK)
		return status;
	if (!folding->found) {
		status = ctl_nothing(ctl);
		first_tell(folding);
	}
	ctl_tell_archives(ctl);
	return status;
}

/* "471 votes, changed 1 minute ago, 4 updates lost (msgextctl gaps)", below what it is of. */
static void
head_print_human(const struct ctl *ctl, const char *group, const struct message *message,
    size_t count, const char *unit)
{
	const struct printer *printer = &ctl->printer;
	uint64_t lost = message_missing(message);
	char ago[HUMAN_SIZE];

	printf("%s%s, message %llu%s\n%zu %s%s", style(printer->colours, STYLE_BOLD), group,
	    (unsigned long long)message->msg_seq, style(printer->colours, STYLE_PLAIN), count, unit,
	    count == 1 ? "" : "s");
	if (message->clear_seq > 0 && message->clear_seq == message->latest_seq)
		printf(", cleared");
	if (message->time >= 0) {
		human_ago(message->time, printer->now, ago);
		printf(", changed %s", ago);
	}
	if (lost > 0)
		printf(", %s%llu update%s lost%s (msgextctl gaps)",
		    style(printer->colours, STYLE_LOST), (unsigned long long)lost,
		    lost == 1 ? "" : "s", style(printer->colours, STYLE_PLAIN));
	putchar('\n');
}

static void
head_print(const char *group, const struct message *message, size_t count, const char *missing)
{
	char time[TIME_SIZE];

	printf("%s, message %llu: %zu pair%s, version %llu", group,
	    (unsigned long long)message->msg_seq, count, count == 1 ? "" : "s",
	    (unsigned long long)message->latest_seq);
	if (message->clear_seq > 0)
		printf(", cleared at %llu", (unsigned long long)message->clear_seq);
	if (message->time >= 0) {
		time_print(message->time, time);
		printf(", %s", time);
	}
	if (missing[0] != '\0')
		printf(", missing versions %s", missing);
	putchar('\n');
}

int
folding_print_head(struct ctl *ctl, const struct message *message, size_t count, const char *unit)
{
	char *group = text_show(&ctl->printer, ctl->selection.group, strlen(ctl->selection.group));
	char *missing = missing_text(message, false);
	int result = 0;

	if (group == NULL || missing == NULL)
		result = fault_memory(&ctl->fault);
	else if (ctl->printer.human)
		head_print_human(ctl, group, message, count, unit);
	else
		head_print(group, message, count, missing);
	free(group);
	free(missing);
	return result;
}

/* show */

static int
pair_compare_newest(const void *a, const void *b)
{
	const struct event_pair *left = a, *right = b;

	if (left->seq != right->seq)
		return left->seq < right->seq ? 1 : -1;
	return strcmp(left->key, right->key);
}

/* In JSON a message has the shape of the vendor's group_get_key_values answer. */
static int
message_print_json(struct ctl *ctl, const struct message *message, const struct event_pair *pairs,
    size_t count)
{
	const struct export export = { ctl->selection.group, message->msg_seq, message->latest_seq,
		message->clear_seq, pairs, count };
	size_t length = 0;
	char *json = export_json(&export, &length);

	if (json == NULL)
		return fault_memory(&ctl->fault);
	print_json(&ctl->printer, json, length);
	putchar('\n');
	free(json);
	return 0;
}

/* The pairs as rows, below what is said of the message where a person looks. */
static int
message_print_rows(struct ctl *ctl, struct folding *folding, const struct event_pair *pairs,
    size_t count)
{
	static const struct column layout[] = { { .name = EXPORT_KEY, .cuts = true },
		{ .name = EXPORT_VALUE, .cuts = true },
		{ .name = EXPORT_SEQ, .right = true, .drop = 2 }, { .name = "Time", .drop = 1 },
		{ .name = "Set" } };
	struct printer *printer = &ctl->printer;
	struct moments *moments = &folding->moments;

	if (printer->format == PRINT_TABLE &&
	    folding_print_head(ctl, folding->message, count, "pair") != 0)
		return -1;
	if (moments->count > 0)
		qsort(moments->list, moments->count, sizeof(*moments->list), moment_compare);
	table_open(printer, layout, printer->human ? 5 : 3);
	for (size_t i = 0; i < count; i++) {
		table_text(printer, pairs[i].key);
		table_text(printer, pairs[i].value);
		table_number(printer, pairs[i].seq);
		if (printer->human) {
			int64_t time = moment_find(moments, pairs[i].seq);

			table_time(printer, time);
			table_ago(printer, time);
		}
	}
	if (count > 0)
		table_close(printer);
	return 0;
}

static int
message_print(struct ctl *ctl, struct folding *folding, const struct message *message)
{
	size_t count = 0;
	struct event_pair *pairs = message_pairs(message, &count);
	int result;

	if (pairs == NULL)
		return fault_memory(&ctl->fault);
	if (ctl->newest)
		qsort(pairs, count, sizeof(*pairs), pair_compare_newest);
	if (ctl->printer.format == PRINT_JSON)
		result = message_print_json(ctl, message, pairs, count);
	else
		result = message_print_rows(ctl, folding, pairs, count);
	free(pairs);
	return result;
}

static void
message_print_row(struct printer *printer, const struct message *message)
{
	table_number(printer, message->msg_seq);
	table_number(printer, message_pair_count(message));
	table_number(printer, message->latest_seq);
	table_number(printer, message_missing(message));
	table_time(printer, message->time);
	if (printer->human)
		table_ago(printer, message->time);
}

/* Prints all messages: in JSON with their pairs, else a row each. */
static int
messages_print(struct ctl *ctl, struct folding *folding)
{
	static const struct column layout[] = { { .name = "MsgSeq", .right = true },
		{ .name = "Pairs", .right = true },
		{ .name = "LatestSeq", .right = true, .drop = 2 },
		{ .name = "Missing", .right = true, .lost = true },
		{ .name = "LastTime", .drop = 1 }, { .name = "Changed" } };
	bool rows = ctl->printer.format != PRINT_JSON;
	size_t count = 0;
	struct message **messages = state_messages(folding->fold.state, &count);

	if (messages == NULL)
		return fault_memory(&ctl->fault);
	folding->found = count > 0;
	if (ctl->newest)
		qsort(messages, count, sizeof(struct message *), message_compare_newest);
	if (rows)
		table_open(&ctl->printer, layout, ctl->printer.human ? 6 : 5);
	for (size_t i = 0; i < count; i++) {
		messages_fetch(messages, count, i);
		if (rows)
			message_print_row(&ctl->printer, messages[i]);
		else if (message_print(ctl, folding, messages[i]) != 0)
			return -1;
	}
	if (rows)
		table_close(&ctl->printer);
	return 0;
}

int
ctl_show(struct ctl *ctl)
{
	struct folding folding;

	if (folding_make(ctl, &folding) == 1)
		(void)(folding.message != NULL ? message_print(ctl, &folding, folding.message)
					       : messages_print(ctl, &folding));
	return folding_end(ctl, &folding);
}

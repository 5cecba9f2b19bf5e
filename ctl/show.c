/*
 * show.c - msgextctl show, tally: the state of a message, and its counts.
 *
 * Both fold what the log holds up to a moment or a version (state.c): history
 * is in the log, so the past is a matter of where to stop.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/fault.h"
#include "base/time.h"
#include "ctl/ctl.h"
#include "ctl/print.h"
#include "ctl/read.h"
#include "log/source.h"
#include "log/state.h"
#include "record.h"

/* show */

struct folding {
	struct state *state;
	bool snapshot_passed; /* a compaction's, younger than what is asked for */
	/* of what is younger; INT64_MAX, UINT64_MAX: nothing is */
	int64_t first_time;
	uint64_t first_seq;
};

static int
fold_take(struct ctl *ctl, const struct log_record *item, void *context)
{
	struct folding *folding = context;
	const struct record *record = item->record;

	if (record->time > ctl->at || record->event.seq > ctl->as_of) {
		if (record->is_snapshot && strcmp(record->kind, SNAPSHOT_COMPACT) == 0)
			folding->snapshot_passed = true;
		if (record->time > ctl->at && record->time < folding->first_time)
			folding->first_time = record->time;
		if (record->event.seq > ctl->as_of && record->event.seq < folding->first_seq)
			folding->first_seq = record->event.seq;
		return 0;
	}
	if (state_fold(folding->state, record) != 0)
		return fault_set(&ctl->fault, FAULT_MEMORY, "no memory for the state");
	return 0;
}

/* Folds the group's log, or one message of it: 1; 0: there is no such log; -1. */
static int
log_fold(struct ctl *ctl, struct folding *folding)
{
	struct source source;
	int result;

	*folding = (struct folding){ .state = state_new(),
		.first_time = INT64_MAX,
		.first_seq = UINT64_MAX };
	if (folding->state == NULL)
		return fault_set(&ctl->fault, FAULT_MEMORY, "no memory for the state");
	if (ctl_open(ctl, &source) != 0)
		return -1;
	result = source_log(&source, &ctl->fault);
	if (result == 1 && ctl_read_log(ctl, &source, fold_take, folding) != 0)
		result = -1;
	source_close(&source);
	if (result == 1 && state_settle(folding->state) != 0)
		return fault_set(&ctl->fault, FAULT_MEMORY, "no memory for the state");
	return result;
}

static int
pair_compare_newest(const void *a, const void *b)
{
	const struct event_pair *left = a, *right = b;

	if (left->seq != right->seq)
		return left->seq < right->seq ? 1 : -1;
	return strcmp(left->key, right->key);
}

/* The pairs in the order asked for, for free; NULL: ctl->fault. */
static struct event_pair *
pairs_get(struct ctl *ctl, const struct message *message, size_t *count)
{
	struct event_pair *pairs = message_pairs(message, count);

	if (pairs == NULL)
		fault_set(&ctl->fault, FAULT_MEMORY, "no memory for the pairs");
	else if (ctl->newest)
		qsort(pairs, *count, sizeof(*pairs), pair_compare_newest);
	return pairs;
}

/* The shape of the vendor's group_get_key_values answer. */
static int
message_print_json(struct ctl *ctl, const struct message *message)
{
	struct printer *printer = &ctl->printer;
	size_t count = 0;
	struct event_pair *pairs = pairs_get(ctl, message, &count);

	if (pairs == NULL)
		return -1;
	print_open(printer, NULL, '{');
	print_text(printer, "GroupId", ctl->selection.group);
	print_number(printer, "MsgSeq", message->msg_seq);
	print_number(printer, "LatestSeq", message->latest_seq);
	print_number(printer, "ClearSeq", message->clear_seq);
	print_open(printer, "ExtensionList", '[');
	for (size_t i = 0; i < count; i++) {
		print_open(printer, NULL, '{');
		print_text(printer, "Key", pairs[i].key);
		print_text(printer, "Value", pairs[i].value);
		print_number(printer, "Seq", pairs[i].seq);
		print_close(printer, '}');
	}
	print_close(printer, ']');
	print_close(printer, '}');
	print_line(printer);
	free(pairs);
	return 0;
}

static int
message_print_head(struct ctl *ctl, const struct message *message, size_t count)
{
	char *group = text_show(&ctl->printer, ctl->selection.group, strlen(ctl->selection.group));
	char *missing = ctl_missing_text(message);
	char time[TIME_SIZE];
	int result = -1;

	if (group == NULL || missing == NULL) {
		fault_set(&ctl->fault, FAULT_MEMORY, "no memory to print");
		goto out;
	}
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
	result = 0;
out:
	free(group);
	free(missing);
	return result;
}

static int
message_print(struct ctl *ctl, const struct message *message)
{
	static const struct column layout[] = { { "Key", false }, { "Value", false },
		{ "Seq", true } };
	struct printer *printer = &ctl->printer;
	size_t count = 0;
	struct event_pair *pairs;

	if (ctl->format == PRINT_JSON)
		return message_print_json(ctl, message);
	pairs = pairs_get(ctl, message, &count);
	if (pairs == NULL ||
	    (ctl->format == PRINT_TABLE && message_print_head(ctl, message, count) != 0)) {
		free(pairs);
		return -1;
	}
	if (count > 0 || ctl->format == PRINT_CSV) {
		table_open(printer, layout, sizeof(layout) / sizeof(layout[0]));
		for (size_t i = 0; i < count; i++) {
			table_text(printer, pairs[i].key);
			table_text(printer, pairs[i].value);
			table_number(printer, pairs[i].seq);
		}
		table_close(printer);
	}
	free(pairs);
	return 0;
}

static int
message_compare_newest(const void *a, const void *b)
{
	const struct message *left = *(struct message *const *)a;
	const struct message *right = *(struct message *const *)b;

	if (left->time != right->time)
		return left->time < right->time ? 1 : -1;
	return (left->msg_seq < right->msg_seq) - (left->msg_seq > right->msg_seq);
}

static int
messages_print(struct ctl *ctl, struct state *state)
{
	static const struct column layout[] = { { "MsgSeq", true }, { "Pairs", true },
		{ "LatestSeq", true }, { "Missing", true }, { "LastTime", false } };
	struct printer *printer = &ctl->printer;
	size_t count = 0;
	struct message **messages = state_messages(state, &count);

	if (messages == NULL)
		return fault_set(&ctl->fault, FAULT_MEMORY, "no memory for the messages");
	if (ctl->newest)
		qsort(messages, count, sizeof(struct message *), message_compare_newest);
	if (ctl->format != PRINT_JSON)
		table_open(printer, layout, sizeof(layout) / sizeof(layout[0]));
	for (size_t i = 0; i < count; i++) {
		const struct message *message = messages[i];

		if (ctl->format == PRINT_JSON) {
			if (message_print_json(ctl, message) != 0)
				return -1;
			continue;
		}
		table_number(printer, message->msg_seq);
		table_number(printer, message_pair_count(message));
		table_number(printer, message->latest_seq);
		table_number(printer, ctl_missing_count(message));
		table_time(printer, message->time);
	}
	if (ctl->format != PRINT_JSON)
		table_close(printer);
	return count == 0 ? 0 : 1;
}

/* There is nothing yet at the time or version asked for: says when there was. */
static void
first_tell(const struct folding *folding)
{
	char time[TIME_SIZE];

	if (folding->first_time != INT64_MAX) {
		time_print(folding->first_time, time);
		fprintf(stderr, "msgextctl: its first event came later, at %s\n", time);
	}
	if (folding->first_seq != UINT64_MAX)
		fprintf(stderr, "msgextctl: its first version is a later one, %llu\n",
		    (unsigned long long)folding->first_seq);
}

/*
 * Folds the group's log, or what it says of the message, and prints that:
 * the exit status.
 */
static int
state_answer(struct ctl *ctl, int (*print)(struct ctl *ctl, const struct message *message))
{
	struct folding folding;
	int result = log_fold(ctl, &folding), status = EX_OK;

	if (result == 1 && ctl->selection.has_message) {
		const struct message *message =
		    state_message(folding.state, ctl->selection.message);

		result = message == NULL ? 0 : print(ctl, message) == 0 ? 1 : -1;
	} else if (result == 1) {
		result = messages_print(ctl, folding.state);
	}
	ctl_tell_unreadable(ctl);
	if (folding.snapshot_passed && ctl->from == NULL)
		fputs("msgextctl: the log was compacted later than that; what stood there before "
		      "is in its .jsonl.gz\n",
		    stderr);
	state_free(folding.state);
	if (result < 0)
		return ctl_fail(ctl);
	if (result == 0) {
		status = ctl_nothing(ctl);
		first_tell(&folding);
	}
	ctl_tell_archives(ctl);
	return status;
}

int
ctl_show(struct ctl *ctl)
{
	return state_answer(ctl, message_print);
}

/* tally */

struct count {
	const char *text; /* not NUL-terminated */
	size_t length;
	uint64_t count;
};

static int
text_compare(const struct count *left, const struct count *right)
{
	size_t shorter = left->length < right->length ? left->length : right->length;
	int order = memcmp(left->text, right->text, shorter);

	return order != 0 ? order : (left->length > right->length) - (left->length < right->length);
}

static int
count_compare_text(const void *a, const void *b)
{
	return text_compare(a, b);
}

static int
count_compare(const void *a, const void *b)
{
	const struct count *left = a, *right = b;

	if (left->count != right->count)
		return left->count < right->count ? 1 : -1;
	return text_compare(left, right);
}

/* What is counted, most first, for free: as many as *count, of *total pairs. */
static struct count *
counts_make(const struct ctl *ctl, const struct event_pair *pairs, size_t total, size_t *count)
{
	struct count *counts = calloc(total + 1, sizeof(*counts));
	size_t used = 0;

	if (counts == NULL)
		return NULL;
	for (size_t i = 0; i < total; i++) {
		const char *text = ctl->separator == NULL ? pairs[i].value : pairs[i].key;
		const char *end = ctl->separator == NULL ? NULL : strstr(text, ctl->separator);

		counts[i] =
		    (struct count){ text, end == NULL ? strlen(text) : (size_t)(end - text), 1 };
	}
	qsort(counts, total, sizeof(*counts), count_compare_text);
	for (size_t i = 0; i < total; i++) {
		if (used > 0 && text_compare(&counts[used - 1], &counts[i]) == 0)
			counts[used - 1].count++;
		else
			counts[used++] = counts[i];
	}
	qsort(counts, used, sizeof(*counts), count_compare);
	*count = used;
	return counts;
}

static void
bar_print(const struct printer *printer, uint64_t count, uint64_t most, size_t width)
{
	static const char *const eighths[] = { "", "\xe2\x96\x8f", "\xe2\x96\x8e", "\xe2\x96\x8d",
		"\xe2\x96\x8c", "\xe2\x96\x8b", "\xe2\x96\x8a", "\xe2\x96\x89" };
	bool blocks = printer->terminal && printer->utf8;
	uint64_t parts = count * width * 8 / most;

	for (uint64_t i = 0; i < parts / 8; i++)
		fputs(blocks ? "\xe2\x96\x88" : "#", stdout);
	if (blocks)
		fputs(eighths[parts % 8], stdout);
	else if (parts < 8)
		putchar('#'); /* some is not none */
}

/* A text cut to so many columns, with a mark where it was, for free; NULL: no memory. */
static char *
text_cut(const struct printer *printer, const char *text, size_t width)
{
	const char *mark = printer->terminal && !printer->utf8 ? "..." : "\xe2\x80\xa6";
	size_t mark_width = text_width(mark), kept;
	char *cut;

	if (text_width(text) <= width)
		return strdup(text);
	kept = text_fit(text, width > mark_width ? width - mark_width : 0);
	cut = malloc(kept + strlen(mark) + 1);
	if (cut != NULL)
		sprintf(cut, "%.*s%s", (int)kept, text, mark);
	return cut;
}

static void
names_free(char **names, size_t count)
{
	for (size_t i = 0; names != NULL && i < count; i++)
		free(names[i]);
	free(names);
}

/*
 * What is counted, as rows show it, for names_free: cut, but whole and without anything
 * invisible where two would look alike.  NULL: no memory.
 */
static char **
names_make(const struct printer *printer, const struct count *counts, size_t count, size_t limit)
{
	char **whole = calloc(count + 1, sizeof(*whole)),
	     **names = calloc(count + 1, sizeof(*names));
	bool *alike = calloc(count + 1, sizeof(*alike));
	bool made = false;

	if (whole == NULL || names == NULL || alike == NULL)
		goto out;
	for (size_t i = 0; i < count; i++) {
		whole[i] = text_show(printer, counts[i].text, counts[i].length);
		names[i] = whole[i] == NULL ? NULL : text_cut(printer, whole[i], limit);
		if (names[i] == NULL)
			goto out;
	}
	if (texts_alike((const char *const *)names, (const char *const *)whole, count, alike) != 0)
		goto out;
	for (size_t i = 0; i < count; i++) {
		if (!alike[i])
			continue;
		free(names[i]);
		names[i] = printer->terminal ? text_reveal(whole[i]) : strdup(whole[i]);
		if (names[i] == NULL)
			goto out;
	}
	made = true;
out:
	if (!made) {
		names_free(names, count);
		names = NULL;
	}
	names_free(whole, count);
	free(alike);
	return names;
}

/* "yes        12   60.0%  ########", as wide as the terminal. */
static int
tally_print_bars(struct ctl *ctl, const struct count *counts, size_t count, uint64_t total)
{
	const struct printer *printer = &ctl->printer;
	char number[32];
	int digits = snprintf(number, sizeof(number), "%llu",
	    count == 0 ? 0ULL : (unsigned long long)counts[0].count);
	size_t widest = 0, limit = printer->columns / 2, bar;
	char **names = names_make(printer, counts, count, limit);

	if (names == NULL)
		return -1;
	for (size_t i = 0; i < count; i++) {
		size_t width = text_width(names[i]);

		if (width > widest && width <= limit)
			widest = width;
	}
	bar = printer->columns > widest + (size_t)digits + 20
	    ? printer->columns - widest - (size_t)digits - 12
	    : 8;
	for (size_t i = 0; i < count; i++) {
		size_t width = text_width(names[i]);

		fputs(names[i], stdout);
		print_spaces(width < widest ? widest - width : 0);
		printf("  %*llu  %5.1f%%  ", digits, (unsigned long long)counts[i].count,
		    100.0 * (double)counts[i].count / (double)total);
		bar_print(printer, counts[i].count, counts[0].count, bar);
		putchar('\n');
	}
	names_free(names, count);
	return 0;
}

static int
tally_print_csv(struct ctl *ctl, const struct message *message, const struct count *counts,
    size_t count)
{
	const struct column layout[] = { { ctl->separator == NULL ? "Value" : "KeyPrefix", false },
		{ "Count", true }, { "LatestSeq", true }, { "Missing", false } };
	struct printer *printer = &ctl->printer;
	char *missing = ctl_missing_text(message);
	int result = missing == NULL ? -1 : 0;

	table_open(printer, layout, sizeof(layout) / sizeof(layout[0]));
	for (size_t i = 0; result == 0 && i < count; i++) {
		char *text = strndup(counts[i].text, counts[i].length);

		if (text != NULL) {
			table_text(printer, text);
			table_number(printer, counts[i].count);
			table_number(printer, message->latest_seq);
			table_text(printer, missing);
		}
		result = text == NULL ? -1 : 0;
		free(text);
	}
	free(missing);
	return result;
}

static int
tally_print_json(struct ctl *ctl, const struct message *message, const struct count *counts,
    size_t count)
{
	struct printer *printer = &ctl->printer;
	int result = 0;

	print_open(printer, NULL, '{');
	print_text(printer, "GroupId", ctl->selection.group);
	print_number(printer, "MsgSeq", ctl->selection.message);
	print_number(printer, "LatestSeq", message->latest_seq);
	ctl_missing_print(printer, message);
	print_open(printer, "Tally", '[');
	for (size_t i = 0; result == 0 && i < count; i++) {
		char *text = strndup(counts[i].text, counts[i].length);

		if (text != NULL) {
			print_open(printer, NULL, '{');
			print_text(printer, ctl->separator == NULL ? "Value" : "KeyPrefix", text);
			print_number(printer, "Count", counts[i].count);
			print_close(printer, '}');
		}
		result = text == NULL ? -1 : 0;
		free(text);
	}
	print_close(printer, ']');
	print_close(printer, '}');
	print_line(printer);
	return result;
}

static int
tally_print(struct ctl *ctl, const struct message *message)
{
	size_t total = 0, count = 0;
	struct event_pair *pairs = message_pairs(message, &total);
	struct count *counts = pairs == NULL ? NULL : counts_make(ctl, pairs, total, &count);
	int result = -1;

	if (counts != NULL && ctl->format == PRINT_CSV)
		result = tally_print_csv(ctl, message, counts, count);
	else if (counts != NULL && ctl->format == PRINT_JSON)
		result = tally_print_json(ctl, message, counts, count);
	else if (counts != NULL && message_print_head(ctl, message, total) == 0)
		result = tally_print_bars(ctl, counts, count, total);
	if (result != 0)
		fault_set(&ctl->fault, FAULT_MEMORY, "no memory to count");
	free(counts);
	free(pairs);
	return result;
}

int
ctl_tally(struct ctl *ctl)
{
	return state_answer(ctl, tally_print);
}

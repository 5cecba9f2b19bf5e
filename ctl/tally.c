/*
 * tally.c - msgextctl tally: a message's pairs counted by value, or by the beginnings of their keys.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alike.h"
#include "base/fault.h"
#include "ctl/ctl.h"
#include "ctl/print.h"
#include "ctl/show.h"
#include "log/missing.h"
#include "log/state.h"
#include "log/tally.h"
#include "record.h"

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
names_make(const struct printer *printer, const struct tally_row *counts, size_t count,
    size_t limit)
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
bars_print(struct ctl *ctl, const struct tally_row *counts, size_t count, uint64_t total)
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

/* In JSON what is of the message stands once, around the counts. */
static void
tally_begin_json(struct printer *printer, const struct ctl *ctl, const struct message *message,
    const char *missing)
{
	print_open(printer, NULL, '{');
	print_text(printer, "GroupId", ctl->selection.group);
	print_number(printer, "MsgSeq", message->msg_seq);
	print_number(printer, "LatestSeq", message->latest_seq);
	print_value(printer, "Missing", missing);
	print_open(printer, "Tally", '[');
}

/* Prints the counts as CSV or JSON.  -1: no memory. */
static int
rows_print(struct ctl *ctl, const struct message *message, const struct tally_row *counts,
    size_t count)
{
	const struct column layout[] = { { .name = ctl->separator == NULL ? "Value" : "KeyPrefix" },
		{ .name = "Count" }, { .name = "LatestSeq", .table_only = true },
		{ .name = "Missing", .table_only = true } };
	struct printer *printer = &ctl->printer;
	bool json = printer->format == PRINT_JSON;
	char *missing = missing_text(message, json);
	int result = missing == NULL ? -1 : 0;

	if (json && result == 0)
		tally_begin_json(printer, ctl, message, missing);
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
	table_close(printer);
	if (json && missing != NULL) {
		print_close(printer, ']');
		print_close(printer, '}');
	}
	free(missing);
	return result;
}

static int
tally_print(struct ctl *ctl, const struct message *message)
{
	size_t total = 0, count = 0;
	struct event_pair *pairs = message_pairs(message, &total);
	struct tally_row *counts =
	    pairs == NULL ? NULL : tally_make(pairs, total, ctl->separator, &count);
	int result = -1;

	if (counts != NULL && ctl->printer.format != PRINT_TABLE)
		result = rows_print(ctl, message, counts, count);
	else if (counts != NULL &&
	    folding_print_head(ctl, message, total, ctl->separator == NULL ? "vote" : "pair") == 0)
		result = bars_print(ctl, counts, count, total);
	free(counts);
	free(pairs);
	return result == 0 ? 0 : fault_memory(&ctl->fault);
}

int
ctl_tally(struct ctl *ctl)
{
	struct folding folding;

	if (folding_make(ctl, &folding) == 1)
		(void)tally_print(ctl, folding.message);
	return folding_end(ctl, &folding);
}

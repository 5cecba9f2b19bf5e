/*
 * tally.c - msgextctl tally: a message's pairs counted by value, or by the beginnings of their keys.
 *
 * With -f it goes on while votes come in.  A terminal gets one picture, which is drawn again in its
 * place whenever it has changed; signals wait meanwhile, so that whoever ends it is left with a
 * whole one.  Elsewhere each change prints another.
 */
#include <sys/ioctl.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alike.h"
#include "base/fault.h"
#include "base/time.h"
#include "ctl/ctl.h"
#include "ctl/follow.h"
#include "ctl/group.h"
#include "ctl/human.h"
#include "ctl/print.h"
#include "ctl/read.h"
#include "ctl/show.h"
#include "log/missing.h"
#include "log/state.h"
#include "log/tally.h"
#include "record.h"

#define LINES_ALL UINT32_MAX
#define DRAW_MILLISECONDS 100  /* from one picture to the next, at least */
#define WAKE_MILLISECONDS 1000 /* "1 minute ago" grows old by itself */

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

/* Prints a picture, or the rows, of at most so many; *lines: how many a table has. */
static int
tally_print(struct ctl *ctl, const struct message *message, size_t most, size_t *lines)
{
	size_t total = 0, count = 0, shown;
	struct event_pair *pairs = message_pairs(message, &total);
	struct tally_row *counts =
	    pairs == NULL ? NULL : tally_make(pairs, total, ctl->separator, &count);
	int result = -1;

	shown = count < most ? count : most;
	if (counts != NULL && ctl->printer.format != PRINT_TABLE)
		result = rows_print(ctl, message, counts, count);
	else if (counts != NULL &&
	    folding_print_head(ctl, message, total, ctl->separator == NULL ? "vote" : "pair") == 0)
		result = bars_print(ctl, counts, shown, total);
	if (result == 0 && shown < count)
		printf("and %zu more\n", count - shown);
	*lines = shown + 2 + (shown < count);
	free(counts);
	free(pairs);
	return result == 0 ? 0 : fault_memory(&ctl->fault);
}

/* -f */

struct live {
	struct state *state;
	bool changed;         /* since it was drawn */
	bool moves;           /* the terminal can go back to draw again */
	size_t lines;         /* that were drawn, */
	unsigned columns;     /* on a terminal of this width, */
	char ago[HUMAN_SIZE]; /* saying this */
};

static int
live_take(struct ctl *ctl, const char *log_name, const struct item *item, void *context)
{
	struct live *live = context;

	(void)log_name;
	live->changed = true;
	return state_fold(live->state, &item->record) == 0 ? 0 : fault_memory(&ctl->fault);
}

/* The lines that a picture may have, so that all of it can be drawn again. */
static size_t
lines_max(const struct live *live)
{
	struct winsize size;

	if (!live->moves || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0)
		return LINES_ALL;
	return size.ws_row > 8 ? (size_t)size.ws_row - 4 : 4;
}

/* Draws a picture in the place of the one before.  A line that is too long ends at the edge. */
static int
picture_draw(struct ctl *ctl, struct live *live, const struct message *message)
{
	int result;

	if (live->moves) {
		if (live->lines > 0 && live->columns != ctl->printer.columns)
			fputs("\033[H\033[2J", stdout); /* the lines before were laid out anew */
		else if (live->lines > 0)
			printf("\033[%zuA\r\033[J", live->lines);
		fputs("\033[?7l", stdout);
	} else if (live->lines > 0 && ctl->printer.format == PRINT_TABLE) {
		putchar('\n');
	}
	result = tally_print(ctl, message, lines_max(live), &live->lines);
	if (live->moves)
		fputs("\033[?7h", stdout);
	live->columns = ctl->printer.columns;
	return result;
}

static int
live_rest(struct ctl *ctl, void *context)
{
	const struct timespec pause = { .tv_nsec = DRAW_MILLISECONDS * 1000000L };
	struct live *live = context;
	const struct message *message;
	char ago[HUMAN_SIZE] = "";
	sigset_t all, before;
	int result;

	if (live->changed && state_flush(live->state) != 0)
		return fault_memory(&ctl->fault);
	message = state_message(live->state, ctl->selection.message);
	if (message == NULL)
		return 0;
	ctl->printer.now = time_now();
	if (live->moves) {
		ctl->printer.columns = terminal_columns();
		human_ago(message->time, ctl->printer.now, ago);
	}
	if (!live->changed && strcmp(ago, live->ago) == 0 && live->columns == ctl->printer.columns)
		return 0;
	strcpy(live->ago, ago);
	live->changed = false;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	result = picture_draw(ctl, live, message);
	if (result == 0 && fflush(stdout) != 0)
		result = 1; /* nobody looks any more */
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (result == 0 && live->moves)
		nanosleep(&pause, NULL);
	return result;
}

static int
tally_follow(struct ctl *ctl)
{
	struct live live = { .state = state_new(),
		.moves = ctl->printer.human && terminal_moves() };
	const struct follow follow = { live_take, live_rest, &live,
		live.moves ? WAKE_MILLISECONDS : -1 };

	if (live.state == NULL) {
		fault_memory(&ctl->fault);
		return ctl_end(ctl);
	}
	setvbuf(stdout, NULL, _IOFBF, 65536); /* a picture is one write */
	ctl_tell_archives(ctl);
	ctl_tell_waiting(ctl);
	(void)log_follow(ctl, &follow);
	state_free(live.state);
	return ctl_end(ctl);
}

int
ctl_tally(struct ctl *ctl)
{
	struct folding folding;
	size_t lines;

	if (ctl->follow)
		return tally_follow(ctl);
	if (folding_make(ctl, &folding) == 1)
		(void)tally_print(ctl, folding.message, LINES_ALL, &lines);
	return folding_end(ctl, &folding);
}

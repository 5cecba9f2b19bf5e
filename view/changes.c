/*
 * changes.c - how a message came to be as it is, and what never arrived.
 *
 * The line is for eyes alone; the moments below it say the same in words.  Both are of the whole
 * history, whichever version is looked at, so that any other one is a click away.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "view/changes.h"
#include "base/text.h"
#include "view/address.h"
#include "view/html.h"
#include "view/layout.h"
#include "view/navigation.h"
#include "view/result.h"
#include "view/table.h"
#include "view/view.h"

#define VERSION_WHOLE 999999999 /* a longer number may be broken, or no phone could show its row */

/* what changed */

/* Which of a row's texts are to be revealed. */
struct revealed {
	bool key, value, before;
};

static const char *
key_of(const void *rows, size_t index)
{
	return ((const struct result_change *)rows)[index].key;
}

/* Of each row two: what was set, and what the key had before. */
static const char *
value_of(const void *rows, size_t index)
{
	const struct result_change *row = (const struct result_change *)rows + index / 2;

	return index % 2 == 0 ? row->value : row->before;
}

/* A version as a link to how it was then. */
static void
version_link(struct view *view, uint64_t version)
{
	struct address to = message_address(view);

	to.version = version;
	html_markup(&view->html, "<a");
	view_href(view, &to);
	html_markup(&view->html, ">");
	html_number(&view->html, version);
	html_markup(&view->html, "</a>");
}

static void
before_print(struct view *view, const char *before, bool revealed)
{
	if (before == NULL)
		return;
	html_markup(&view->html, "<s>");
	user_text_short(view, before, revealed);
	html_markup(&view->html, "</s> ");
}

/* What was set or deleted; an event without a pair changed nothing. */
static void
pair_change_print(struct view *view, const struct result_change *change, struct revealed revealed)
{
	struct html *html = &view->html;

	if (change->key == NULL) {
		html_markup(html, "<span class=\"dim\">-</span>");
		return;
	}
	user_text(view, change->key, revealed.key);
	html_markup(html, " ");
	if (change->kind == CHANGE_DELETE) {
		word_print(view, STRING_WITHDREW);
		html_markup(html, " ");
		before_print(view, change->before, revealed.before);
		return;
	}
	if (change->before != NULL && change->value != NULL &&
	    strcmp(change->before, change->value) != 0)
		before_print(view, change->before, revealed.before);
	html_markup(html, "<span class=\"to\"><span class=\"vh\">");
	say(view, STRING_CHOSE);
	html_markup(html, "</span></span> ");
	user_text(view, change->value == NULL ? "" : change->value, revealed.value);
}

static void
change_print(struct view *view, const struct result_change *change, struct revealed revealed)
{
	struct html *html = &view->html;

	switch (change->kind) {
	case CHANGE_SET:
	case CHANGE_DELETE:
		pair_change_print(view, change, revealed);
		break;
	case CHANGE_CLEAR:
		word_print(view, STRING_CLEARED);
		break;
	case CHANGE_SNAPSHOT:
		word_print(view, STRING_IMPORTED);
		break;
	case CHANGE_GAP:
		html_markup(html, "<strong>");
		say_with(view, STRING_GAP_ROW, PART_RANGES(&change->gap, 1));
		html_markup(html, "</strong>");
		break;
	}
	if (!change->again)
		return;
	html_markup(html, " <span class=\"tag\">");
	say(view, STRING_TWICE);
	html_markup(html, "</span>");
}

static void
row_print(struct view *view, const struct result_change *change, struct revealed revealed)
{
	struct html *html = &view->html;

	html_markup(html, "<tr><td>");
	change_print(view, change, revealed);
	/* Of a gap there is nothing else to say; a cell across all columns would widen these. */
	if (change->kind == CHANGE_GAP) {
		html_markup(html, "<td><td>");
		return;
	}
	html_markup(html, "<td");
	if (change->seq <= VERSION_WHOLE)
		html_markup(html, " class=\"n\"");
	html_markup(html, ">");
	version_link(view, change->seq);
	html_markup(html, "<td class=\"n\">");
	view_time(view, change->time);
}

size_t
changes_print(struct view *view, const struct result *result)
{
	bool *keys, *values;
	size_t shown = 0;

	if (result->change_count == 0 || view->html.full)
		return 0;
	keys = rows_reveal(view, result->changes, key_of, result->change_count);
	values = rows_reveal(view, result->changes, value_of, 2 * result->change_count);
	if (keys == NULL || values == NULL)
		goto out;
	table_begin(view, NULL, STRING_HISTORY);
	table_column(view, STRING_WHAT, false);
	table_column(view, STRING_VERSION, true);
	table_column(view, STRING_WHEN, true);
	html_markup(&view->html, "<tbody>");
	for (; shown < result->change_count && !view->html.full; shown++)
		row_print(view, &result->changes[shown],
		    (struct revealed){ keys[shown], values[2 * shown], values[2 * shown + 1] });
	table_end(view);
out:
	free(keys);
	free(values);
	return shown;
}

/* over time */

/* A thousand parts of value between low and high. */
static unsigned
part_of(int64_t value, int64_t low, int64_t high)
{
	if (value <= low || high <= low)
		return 0;
	return value >= high ? 1000 : (unsigned)((value - low) * 1000 / (high - low));
}

/* The line, from nothing at its lower left end, in steps: between two events nothing changes. */
static void
line_print(struct view *view, const struct result *result)
{
	const struct result_moment *line = result->line;
	size_t count = result->line_count;
	char points[RESULT_LINE_MAX * 16 + 16], *at = points;
	int64_t first, last;
	uint64_t most = 0;

	if (count < 2)
		return;
	first = line[0].time;
	last = line[count - 1].time;
	for (size_t i = 0; i < count; i++)
		most = line[i].answers > most ? line[i].answers : most;
	at += sprintf(at, "M0,31");
	for (size_t i = 0; i < count; i++) {
		unsigned x = first < last ? part_of(line[i].time, first, last)
					  : part_of((int64_t)i, 0, (int64_t)count - 1);
		unsigned y = 310 - 3 * part_of((int64_t)line[i].answers, 0, (int64_t)most) / 10;

		at += sprintf(at, "H%u.%uV%u.%u", x / 10, x % 10, y / 10, y % 10);
	}
	html_markup(&view->html,
	    "<svg class=\"line\" viewBox=\"0 0 100 32\" preserveAspectRatio=\"none\" "
	    "aria-hidden=\"true\" focusable=\"false\"><path "
	    "vector-effect=\"non-scaling-stroke\"");
	html_attribute(&view->html, "d", points);
	html_markup(&view->html, "/></svg>");
}

static void
version_form(struct view *view, const struct result *result)
{
	struct html *html = &view->html;

	html_markup(html, "<form class=\"find\" method=\"get\">");
	form_keep(view);
	html_markup(html, "<label>");
	say_with(view, STRING_PAST_VERSION, PART_NUMBER(result->latest));
	html_markup(html, "<input type=\"number\" name=\"v\" min=\"1\"");
	html_attribute_number(html, "max", result->latest);
	html_attribute_number(html, "value",
	    result->version == 0 ? result->latest : result->version);
	html_markup(html, " required></label><button>");
	say(view, STRING_OPEN);
	html_markup(html, "</button></form>");
}

void
moments_print(struct view *view, const struct result *result)
{
	struct html *html = &view->html;
	struct address to = message_address(view);

	line_print(view, result);
	if (result->moment_count > 0)
		html_markup(html, "<ul class=\"moments\">");
	for (size_t i = 0; i < result->moment_count; i++) {
		const struct result_moment *moment = &result->moments[i];

		to.version = moment->version;
		html_markup(html, "<li><a");
		view_href(view, &to);
		html_markup(html, ">");
		view_time(view, moment->time);
		html_markup(html, "</a><span class=\"dim\">");
		answers_print(view, moment->answers);
		html_markup(html, "</span>");
	}
	if (result->moment_count > 0)
		html_markup(html, "</ul>");
	if (result->latest > 0)
		version_form(view, result);
}

/* what never arrived */

void
lost_count_print(struct view *view, const struct result *result)
{
	if (result->lost == 1)
		say(view, STRING_LOST_1);
	else
		say_with(view, STRING_LOST_N, PART_NUMBER(result->lost));
}

/* The body of the request that asks the vendor for the answers. */
static void
request_print(struct view *view)
{
	const char *group = view->address->group;
	size_t length = strlen(group);
	char *text = malloc(6 * length + 128), *at = text;

	if (text == NULL) {
		view->html.failed = true;
		return;
	}
	at += sprintf(at, "{\"GroupId\":");
	at += json_quote(at, group, length);
	sprintf(at, ",\"MsgSeq\":%" PRIu64 ",\"StartSeq\":0}", view->address->message);
	html_markup(&view->html, "<pre>");
	html_text(&view->html, text);
	html_markup(&view->html, "</pre>");
	free(text);
}

/* The command that takes the answers in, as a shell needs it spelt. */
static void
command_print(struct view *view)
{
	const char *group = view->address->group;
	struct html *html = &view->html;
	size_t length;

	html_markup(html, "<pre>msgextctl import ");
	if (group[0] == '-')
		html_markup(html, "-- ");
	html_text(html, "'");
	for (;; group += length + 1) {
		length = strcspn(group, "'");
		html_text_bytes(html, group, length);
		if (group[length] == '\0')
			break;
		html_text(html, "'\\''");
	}
	html_text(html, "' ");
	html_number(html, view->address->message);
	html_text(html, " <answer.json");
	html_markup(html, "</pre>");
}

void
lost_print(struct view *view, const struct result *result)
{
	struct html *html = &view->html;

	if (result->lost == 0)
		return;
	html_markup(html, "<h2 id=\"lost\">");
	lost_count_print(view, result);
	html_markup(html, "</h2><div class=\"note\">");
	say_with(view, STRING_LOST_MEAN, PART_NUMBER(result->lost),
	    PART_RANGES(result->gaps, result->gap_count));
	html_markup(html, "<details><summary>");
	say(view, STRING_LOST_TODO);
	html_markup(html, "</summary><p>");
	say(view, STRING_LOST_1ST);
	html_markup(html, "</p>");
	request_print(view);
	html_markup(html, "<p>");
	say(view, STRING_LOST_2ND);
	html_markup(html, "</p>");
	command_print(view);
	html_markup(html, "<p>");
	say(view, STRING_LOST_3RD);
	html_markup(html, "</p></details></div>");
}

/*
 * page_events.c - the last events of all groups, newest first.
 *
 * Pages go back by time, not by a count of rows: while somebody reads, new events come, and a
 * count would show him the same rows again.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "view/page.h"
#include "view/address.h"
#include "view/html.h"
#include "view/layout.h"
#include "view/navigation.h"
#include "view/recent.h"
#include "view/strings.h"
#include "view/table.h"
#include "view/view.h"

/* What a line says of its first pair. */
static void
pair_print(struct view *view, const struct recent_row *row, bool key_revealed, bool value_revealed)
{
	struct html *html = &view->html;

	if (row->key == NULL) {
		html_markup(html, "<span class=\"dim\">-</span>");
		return;
	}
	user_text(view, row->key, key_revealed);
	html_markup(html, " ");
	if (row->kind == CHANGE_DELETE) {
		word_print(view, STRING_WITHDREW);
	} else {
		html_markup(html, "<span class=\"to\"><span class=\"vh\">");
		say(view, STRING_CHOSE);
		html_markup(html, "</span></span> ");
		user_text(view, row->value == NULL ? "" : row->value, value_revealed);
	}
	if (row->pairs < 2)
		return;
	html_markup(html, " <span class=\"dim\">+");
	html_number(html, row->pairs - 1);
	html_markup(html, "</span>");
}

static void
row_print(struct view *view, const struct recent_row *row, bool key_revealed, bool value_revealed)
{
	struct html *html = &view->html;

	html_markup(html, "<tr><td><a");
	message_href(view, row->group, row->message);
	html_markup(html, ">");
	html_user(html, row->group);
	html_markup(html, " <span class=\"vh\">");
	say(view, STRING_MESSAGE);
	html_markup(html, "</span><span aria-hidden=\"true\">/</span> ");
	html_number(html, row->message);
	html_markup(html, "</a><td>");
	if (row->kind == CHANGE_CLEAR)
		word_print(view, STRING_CLEARED);
	else if (row->kind == CHANGE_SNAPSHOT)
		word_print(view, STRING_IMPORTED);
	else
		pair_print(view, row, key_revealed, value_revealed);
	html_markup(html, "<td class=\"n\">");
	view_time(view, row->time);
}

static const char *
key_of(const void *rows, size_t index)
{
	return ((const struct recent_row *)rows)[index].key;
}

static const char *
value_of(const void *rows, size_t index)
{
	return ((const struct recent_row *)rows)[index].value;
}

/* Returns how many rows there was room for. */
static size_t
rows_print(struct view *view, const struct recent *recent)
{
	size_t shown = 0;
	bool *keys = rows_reveal(view, recent->rows, key_of, recent->count);
	bool *values = rows_reveal(view, recent->rows, value_of, recent->count);

	if (keys == NULL || values == NULL)
		goto out;
	table_begin(view, NULL, STRING_EVENTS_H);
	table_column(view, STRING_MESSAGE, false);
	table_column(view, STRING_WHAT, false);
	table_column(view, STRING_WHEN, true);
	html_markup(&view->html, "<tbody>");
	for (; shown < recent->count && !view->html.full; shown++)
		row_print(view, &recent->rows[shown], keys[shown], values[shown]);
	table_end(view);
out:
	free(keys);
	free(values);
	return shown;
}

/* The way to what is older than the last row that is shown, and back to the newest. */
static void
ways_print(struct view *view, const struct recent *recent, size_t shown)
{
	struct address to = view_page(view, PAGE_EVENTS);
	struct html *html = &view->html;

	html_markup(html, "<p class=\"tools\">");
	if (view->address->before > 0) {
		html_markup(html, "<a");
		view_href(view, &to);
		html_markup(html, ">");
		say(view, STRING_FIRST_PAGE);
		html_markup(html, "</a>");
	}
	if (shown > 0 && (recent->more || shown < recent->count)) {
		to.before = recent->rows[shown - 1].time;
		to.before_line = recent->rows[shown - 1].number;
		html_markup(html, "<a");
		view_href(view, &to);
		html_markup(html, ">");
		say(view, STRING_OLDER);
		html_markup(html, "</a>");
	} else if (recent->count > 0 || view->address->before > 0) {
		html_markup(html, "<span class=\"dim\">");
		say(view, STRING_EVENTS_END);
		html_markup(html, "</span>");
	}
	html_markup(html, "</p>");
}

int
page_events(struct view *view)
{
	const struct address *address = view->address;
	const struct recent_query query = { .data_dir = view->config->data_dir,
		.before = address->before,
		.before_line = address->before_line,
		.rows = ROWS_EVENTS };
	struct html *html = &view->html;
	struct recent recent;
	size_t shown = 0;

	if (recent_read(&recent, &query, &view->fault) != 0) {
		recent_free(&recent);
		return page_failed(view, -1);
	}
	page_begin(view, string_get(view->language, STRING_EVENTS_H), NAV_EVENTS);
	html_markup(html, "<h1>");
	say(view, STRING_EVENTS_H);
	html_markup(html, "</h1>");
	view_tools(view);
	unreadable_print(view, recent.unreadable);
	if (recent.count > 0)
		shown = rows_print(view, &recent);
	else if (address->before == 0) {
		html_markup(html, "<p>");
		say(view, STRING_NONE_YET);
		html_markup(html, "</p>");
	}
	ways_print(view, &recent, shown);
	page_end(view);
	recent_free(&recent);
	return 200;
}

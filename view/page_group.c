/*
 * page_group.c - a group's messages, those that changed last first.
 *
 * Of a long log only the end is read (window.h).  Where a message began before it, its answers are not
 * counted here, and its own page has them; older messages are listed when somebody asks for
 * the whole log.  Any message is found by its number.
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>

#include "view/page.h"
#include "view/address.h"
#include "view/html.h"
#include "view/layout.h"
#include "view/navigation.h"
#include "view/strings.h"
#include "view/table.h"
#include "view/view.h"
#include "view/window.h"

static void
number_form(struct view *view)
{
	struct html *html = &view->html;

	html_markup(html, "<form class=\"find\" method=\"get\">");
	form_keep(view);
	html_markup(html, "<label>");
	say(view, STRING_FIND_MESSAGE);
	html_markup(html,
	    "<input type=\"number\" name=\"m\" min=\"0\" max=\"9007199254740992\" "
	    "inputmode=\"numeric\" required></label><button>");
	say(view, STRING_OPEN);
	html_markup(html, "</button></form>");
}

/* The first answers as parts of one bar, with a hair between them, and the first one's name. */
static void
mini_print(struct view *view, const struct message_row *row)
{
	struct html *html = &view->html;
	uint64_t before = 0;

	if (row->answers == UINT64_MAX || row->answers == 0 || row->top[0].count < 2)
		return;
	html_markup(html,
	    "<svg class=\"mini\" aria-hidden=\"true\" focusable=\"false\"><rect "
	    "class=\"track\" width=\"100%\" height=\"100%\"/>");
	for (size_t i = 0; i < row->top_count; i++) {
		uint64_t thousandths = row->top[i].count * 1000 / row->answers;

		html_markup(html, "<rect");
		html_attribute(html, "class",
		    row->top[i].count == row->top[0].count ? "bar" : "bar2");
		html_attribute_percent(html, "x", before, row->answers);
		html_attribute_percent(html, "width", thousandths > 7 ? thousandths - 7 : 1, 1000);
		html_markup(html, " height=\"100%\"/>");
		before += row->top[i].count;
	}
	html_markup(html, "</svg><span class=\"dim\">");
	user_text_short(view, row->top[0].text, false);
	html_markup(html, " ");
	percent_print(view, row->top[0].count, row->answers);
	html_markup(html, "</span>");
}

static void
row_print(struct view *view, const struct message_row *row)
{
	struct html *html = &view->html;

	html_markup(html, "<tr><th scope=\"row\"><a");
	message_href(view, view->address->group, row->message);
	html_markup(html, ">");
	say_with(view, STRING_MESSAGE_N, PART_NUMBER(row->message));
	html_markup(html, "</a>");
	lost_mark(view, row->lost);
	mini_print(view, row);
	html_markup(html, "<td class=\"n\">");
	number_or_dash(view, row->answers);
	html_markup(html, "<td class=\"n\">");
	view_time(view, row->time);
}

static void
rows_print(struct view *view, const struct window *window)
{
	table_begin(view, NULL, STRING_GROUP);
	table_column(view, STRING_MESSAGE, false);
	table_column(view, STRING_ANSWERS, true);
	table_column(view, STRING_CHANGED, true);
	html_markup(&view->html, "<tbody>");
	for (size_t i = 0; i < window->count && !view->html.full; i++)
		row_print(view, &window->rows[i]);
	table_end(view);
}

/* The way to what is older than what was read. */
static void
older_print(struct view *view, const struct window *window)
{
	struct address all = *view->address;
	char size[32];

	if (window->whole)
		return;
	all.all = true;
	all.skip = 0;
	snprintf(size, sizeof(size), "%" PRIu64 " MB", (uint64_t)window->size / 1000000);
	html_markup(&view->html, "<p><a");
	view_href(view, &all);
	html_markup(&view->html, ">");
	say_with(view, STRING_READ_ALL, PART_TEXT(size));
	html_markup(&view->html, "</a></p>");
}

int
page_group(struct view *view)
{
	const struct address *address = view->address;
	const struct window_query query = { .data_dir = view->config->data_dir,
		.group = address->group,
		.all = address->all,
		.skip = address->skip,
		.rows = ROWS_MESSAGES };
	struct html *html = &view->html;
	struct window window;
	int found = window_read(&window, &query, &view->fault);

	if (found != 1) {
		window_free(&window);
		return page_failed(view, found);
	}
	page_begin(view, address->group, NAV_NONE);
	up_print(view, UP_GROUPS);
	html_markup(html, "<h1>");
	html_user(html, address->group);
	html_markup(html, "</h1>");
	view_tools(view);
	number_form(view);
	unreadable_print(view, window.unreadable);
	if (window.count > 0)
		rows_print(view, &window);
	view_pages(view, window.count, window.total, ROWS_MESSAGES);
	older_print(view, &window);
	page_end(view);
	window_free(&window);
	return 200;
}

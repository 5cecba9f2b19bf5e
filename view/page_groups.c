/*
 * page_groups.c - every group that has a log, those where something happened last first.
 *
 * What it costs to know, the page does not always know (overview.h): such a cell has a dash, and never
 * a number that is wrong.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "view/page.h"
#include "view/address.h"
#include "view/alarms.h"
#include "view/html.h"
#include "view/layout.h"
#include "view/navigation.h"
#include "view/overview.h"
#include "view/strings.h"
#include "view/table.h"
#include "view/view.h"

static void
find_form(struct view *view)
{
	struct html *html = &view->html;

	html_markup(html, "<form class=\"find\" method=\"get\">");
	form_keep(view);
	html_markup(html, "<label>");
	say(view, STRING_FIND_GROUP);
	html_markup(html, "<input type=\"search\" name=\"q\" maxlength=\"100\"");
	if (view->address->search != NULL)
		html_attribute(html, "value", view->address->search);
	html_markup(html, "></label><button>");
	say(view, STRING_FIND);
	html_markup(html, "</button></form>");
}

static void
row_print(struct view *view, const struct group_row *row, bool revealed)
{
	struct html *html = &view->html;

	html_markup(html, "<tr><th scope=\"row\"><a");
	group_href(view, row->group);
	html_markup(html, ">");
	user_name(view, row->group, revealed);
	html_markup(html, "</a>");
	lost_mark(view, row->lost);
	html_markup(html, "<td class=\"n\">");
	number_or_dash(view, row->events);
	html_markup(html, "<td class=\"n\">");
	view_time(view, row->time);
}

static const char *
name_of(const void *rows, size_t index)
{
	return ((const struct group_row *)rows)[index].group;
}

static void
rows_print(struct view *view, const struct overview *overview)
{
	bool *revealed = rows_reveal(view, overview->rows, name_of, overview->count);

	if (revealed == NULL)
		return;
	table_begin(view, NULL, STRING_GROUPS);
	table_column(view, STRING_GROUP, false);
	table_column(view, STRING_NEVENTS, true);
	table_column(view, STRING_LAST, true);
	html_markup(&view->html, "<tbody>");
	for (size_t i = 0; i < overview->count && !view->html.full; i++)
		row_print(view, &overview->rows[i], revealed[i]);
	table_end(view);
	free(revealed);
}

/* No group is of that name. */
static void
nothing_print(struct view *view)
{
	struct address all = view_page(view, PAGE_GROUPS);
	struct html *html = &view->html;

	html_markup(html, "<p><strong>");
	say(view, STRING_NOTHING);
	html_markup(html, "</strong>: ");
	html_user(html, view->address->search);
	html_markup(html, ". ");
	say(view, STRING_SEARCH_GROUPS);
	html_markup(html, " <a");
	view_href(view, &all);
	html_markup(html, ">");
	say(view, STRING_GROUPS);
	html_markup(html, "</a></p>");
}

/* Nothing has come yet: what to look at. */
static void
empty_print(struct view *view)
{
	struct address check = view_page(view, PAGE_CHECK);
	struct html *html = &view->html;

	html_markup(html, "<div class=\"note info\"><strong>");
	say(view, STRING_NONE_YET);
	html_markup(html, ".</strong> ");
	say(view, STRING_EMPTY_P);
	html_markup(html, "<ol><li>");
	say(view, STRING_EMPTY_1);
	html_markup(html, "<li>");
	say_with(view, STRING_EMPTY_2, PART_CODE("\"ActionStatus\":\"OK\""));
	html_markup(html, "<li>");
	say_with(view, STRING_EMPTY_3, PART_LINK(&check, string_get(view->language, STRING_CHECK)));
	html_markup(html, "</ol></div>");
}

int
page_groups(struct view *view)
{
	const struct address *address = view->address;
	const struct overview_query query = { .data_dir = view->config->data_dir,
		.search = address->search,
		.skip = address->skip,
		.rows = ROWS_GROUPS };
	struct html *html = &view->html;
	struct overview overview;

	if (overview_read(&overview, &query, &view->fault) != 0) {
		overview_free(&overview);
		return page_failed(view, -1);
	}
	page_begin(view, string_get(view->language, STRING_GROUPS), NAV_GROUPS);
	html_markup(html, "<h1>");
	say(view, STRING_GROUPS);
	html_markup(html, "</h1>");
	view_tools(view);
	if (address->search == NULL && address->skip == 0)
		alarms_print(view, overview.count > 0 ? overview.rows[0].time : -1);
	if (overview.total > 0 || address->search != NULL)
		find_form(view);
	unreadable_print(view, overview.unreadable);
	if (overview.count > 0)
		rows_print(view, &overview);
	else if (address->search != NULL && overview.total == 0)
		nothing_print(view);
	else if (overview.total == 0)
		empty_print(view);
	view_pages(view, overview.count, overview.total, ROWS_GROUPS);
	page_end(view);
	overview_free(&overview);
	return 200;
}

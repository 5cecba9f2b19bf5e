/*
 * page_message.c - the page of a message: its result, who chose what, how it came to be.
 *
 * The result comes first and big, for it is what most look for.  Each section shows its first rows
 * and leads to a page of its own (part=) with all of them.  A version in the address (v=) shows all of it as it was
 * then; the log holds the past, so nothing has to be kept for that.
 */
#include <stdio.h>
#include <stdlib.h>
#include <inttypes.h>

#include "view/page.h"
#include "view/address.h"
#include "view/answers.h"
#include "view/changes.h"
#include "view/html.h"
#include "view/layout.h"
#include "view/navigation.h"
#include "view/result.h"
#include "view/table.h"
#include "view/view.h"

/* The same message, and of it one section. */
static struct address
part_address(const struct view *view, enum page_part part)
{
	struct address to = message_address(view);

	to.part = part;
	return to;
}

/* A link to all rows of a section of which some are shown. */
static void
all_link(struct view *view, const struct address *to, uint64_t shown, uint64_t total)
{
	if (shown >= total)
		return;
	html_markup(&view->html, "<p><a");
	view_href(view, to);
	html_markup(&view->html, ">");
	say_with(view, STRING_SHOW_ALL, PART_NUMBER(total));
	html_markup(&view->html, "</a></p>");
}

/* Earlier, Later, Now. */
static void
version_links(struct view *view, const struct result *result)
{
	struct address to = part_address(view, view->address->part);
	struct html *html = &view->html;
	uint64_t version = result->version;

	html_markup(html, "<p class=\"tools\">");
	if (version > result->first) {
		to.version = version - 1;
		html_markup(html, "<a");
		view_href(view, &to);
		html_markup(html, ">");
		say(view, STRING_EARLIER);
		html_markup(html, "</a>");
	}
	if (version < result->latest) {
		/* A version within a gap looks as the one before it; before the first there is nothing. */
		to.version =
		    (view->address->version > version ? view->address->version : version) + 1;
		if (to.version < result->first)
			to.version = result->first;
		html_markup(html, "<a");
		view_href(view, &to);
		html_markup(html, ">");
		say(view, STRING_LATER);
		html_markup(html, "</a>");
	}
	to.version = 0;
	html_markup(html, "<a");
	view_href(view, &to);
	html_markup(html, ">");
	say(view, STRING_NOW);
	html_markup(html, "</a></p>");
}

/* Says which version is shown, and why it is not the one that was asked for, or not all of it. */
static void
past_say(struct view *view, const struct result *result)
{
	uint64_t asked = view->address->version;

	if (asked > result->latest)
		say_with(view, STRING_PAST_ABOVE, PART_NUMBER(asked));
	else if (result->version > 0)
		say_with(view, STRING_PAST, PART_TIME_FULL(result->time),
		    PART_NUMBER(result->version), PART_NUMBER(result->latest));
	if (asked >= result->latest || (asked == result->version && !result->compacted))
		return;
	html_markup(&view->html, " ");
	say_with(view, result->compacted ? STRING_PAST_COMPACTED : STRING_PAST_GAP,
	    PART_NUMBER(asked));
}

/* Says that this is the past, and which. */
static void
past_print(struct view *view, const struct result *result)
{
	struct html *html = &view->html;

	html_markup(html, "<div class=\"note info\">");
	past_say(view, result);
	version_links(view, result);
	html_markup(html, "</div>");
}

static void
download_link(struct view *view, enum download_format format, enum string name)
{
	struct address to = message_address(view);

	to.download = format;
	html_markup(&view->html, "<a");
	view_href(view, &to);
	html_markup(&view->html, ">");
	say(view, name);
	html_markup(&view->html, "</a>");
}

static void
downloads_print(struct view *view)
{
	html_markup(&view->html, "<h2>");
	say(view, STRING_DOWNLOAD);
	html_markup(&view->html, "</h2><p class=\"tools\">");
	download_link(view, DOWNLOAD_EXCEL, STRING_DL_EXCEL);
	download_link(view, DOWNLOAD_CSV, STRING_DL_CSV);
	download_link(view, DOWNLOAD_JSON, STRING_DL_JSON);
	html_markup(&view->html, "</p>");
}

/* How many answered, and what they answered. */
static void
tally_section(struct view *view, const struct result *result)
{
	struct html *html = &view->html;
	struct address all = part_address(view, PART_TALLY);

	html_markup(html, "<h2 class=\"res\">");
	if (result->pair_count == 0)
		say(view, STRING_NO_ANSWERS);
	else
		answers_print(view, result->pair_count);
	html_markup(html, "</h2>");
	if (result->lost > 0) {
		html_markup(html, "<p><span class=\"tag\">");
		lost_count_print(view, result);
		html_markup(html, "</span> <a href=\"#lost\">");
		say(view, STRING_LOST_TODO);
		html_markup(html, "</a></p>");
	}
	unreadable_print(view, result->unreadable);
	if (answers_differ(result)) {
		html_markup(html, "<p>");
		say(view, STRING_DIFFER);
		html_markup(html, "</p>");
		return;
	}
	all_link(view, &all, tally_print(view, result, (struct rows){ 0, ROWS_TALLY }, true),
	    result->tally_count);
}

static void
find_form(struct view *view)
{
	const struct address *address = view->address;
	struct html *html = &view->html;
	char number[24];

	html_markup(html, "<form class=\"find\" method=\"get\">");
	form_keep(view);
	if (address->version > 0) {
		snprintf(number, sizeof(number), "%" PRIu64, address->version);
		form_hidden(view, "v", number);
	}
	form_hidden(view, "part", "pairs");
	html_markup(html, "<label>");
	say(view, STRING_FIND_PAIR);
	html_markup(html, "<input type=\"search\" name=\"q\" maxlength=\"100\"");
	if (address->search != NULL)
		html_attribute(html, "value", address->search);
	html_markup(html, "></label><button>");
	say(view, STRING_FIND);
	html_markup(html, "</button></form>");
}

/* What the pairs were chosen by, and the way back to all of them. */
static void
filter_print(struct view *view, const struct result *result, const char *answer)
{
	const struct address *address = view->address;
	struct address all = part_address(view, PART_PAIRS);
	struct html *html = &view->html;

	if (address->search == NULL && address->answer == NULL)
		return;
	html_markup(html, "<p>");
	if (answer != NULL) {
		if (answer[0] == '\0')
			say_with(view, STRING_CHOSE_THIS,
			    PART_TEXT(string_get(view->language, STRING_EMPTY)));
		else
			say_with(view, STRING_CHOSE_THIS, PART_USER(answer));
		html_markup(html, " ");
	}
	html_markup(html, "<a");
	view_href(view, &all);
	html_markup(html, ">");
	say_with(view, STRING_SHOW_ALL, PART_NUMBER(result->pair_count));
	html_markup(html, "</a></p>");
}

/* Returns how many of *total pairs that match there was room for. */
static size_t
pairs_section(struct view *view, const struct result *result, struct rows rows, uint64_t *total)
{
	const struct address *address = view->address;
	const char *answer = address->answer == NULL ? NULL : answer_find(result, address->answer);
	struct html *html = &view->html;
	size_t shown;

	find_form(view);
	filter_print(view, result, answer);
	shown = pairs_print(view, result, rows, total);
	if (*total > 0 || (address->search == NULL && address->answer == NULL))
		return shown;
	html_markup(html, "<p><strong>");
	say(view, STRING_NOTHING);
	html_markup(html, "</strong>");
	if (address->search != NULL) {
		html_markup(html, ": ");
		html_user(html, address->search);
		html_markup(html, ". ");
		say(view, STRING_SEARCH_PAIRS);
	}
	html_markup(html, "</p>");
	return shown;
}

/* The whole page, below its title. */
static void
sections_print(struct view *view, const struct result *result)
{
	const struct address *address = view->address;
	struct address pairs = part_address(view, PART_PAIRS), log = part_address(view, PART_LOG);
	struct html *html = &view->html;
	uint64_t total = 0;
	size_t shown;

	tally_section(view, result);
	if (result->pair_count > 0) {
		html_markup(html, "<h2>");
		say(view, STRING_WHO_WHAT);
		html_markup(html, "</h2>");
		pairs.search = address->search;
		pairs.answer = address->answer;
		shown = pairs_section(view, result, (struct rows){ 0, ROWS_PAIRS }, &total);
		all_link(view, &pairs, shown, total);
	}
	html_markup(html, "<h2>");
	say(view, STRING_HISTORY);
	html_markup(html, "</h2>");
	moments_print(view, result);
	all_link(view, &log, changes_print(view, result), result->change_total);
	lost_print(view, result);
	if (result->version > 0)
		downloads_print(view);
}

/* One section alone, a page of its rows. */
static void
part_print(struct view *view, const struct result *result)
{
	const struct address *address = view->address;
	struct rows rows = { address->skip, ROWS_PART };
	uint64_t total = 0;
	size_t shown = 0;

	switch (address->part) {
	case PART_TALLY:
		total = result->tally_count;
		shown = tally_print(view, result, rows, true);
		break;
	case PART_PAIRS:
		shown = pairs_section(view, result, rows, &total);
		break;
	case PART_LOG:
	case PART_ALL:
		total = result->change_total;
		shown = changes_print(view, result);
		break;
	}
	view_pages(view, shown, total, ROWS_PART);
}

static void
title_print(struct view *view)
{
	static const enum string titles[] = { [PART_TALLY] = STRING_RESULT,
		[PART_PAIRS] = STRING_WHO_WHAT,
		[PART_LOG] = STRING_HISTORY };
	enum page_part part = view->address->part;

	up_print(view, part == PART_ALL ? UP_GROUP : UP_MESSAGE);
	html_markup(&view->html, "<h1>");
	if (part == PART_ALL)
		say_with(view, STRING_MESSAGE_N, PART_NUMBER(view->address->message));
	else
		say(view, titles[part]);
	html_markup(&view->html, "</h1>");
}

/* The rows of the history that the page has. */
static struct result_query
query_make(const struct view *view)
{
	const struct address *address = view->address;
	struct result_query query = {
		.data_dir = view->config->data_dir,
		.group = address->group,
		.message = address->message,
		.version = address->version,
	};

	if (address->part == PART_ALL)
		query.changes_rows = ROWS_LOG;
	if (address->part == PART_LOG) {
		query.changes_skip = address->skip;
		query.changes_rows = ROWS_PART;
	}
	return query;
}

int
page_message(struct view *view)
{
	const struct address *address = view->address;
	struct result_query query = query_make(view);
	struct result result;
	char title[MESSAGE_TITLE_SIZE];
	int found = result_read(&result, &query, &view->fault);

	if (found != 1) {
		result_free(&result);
		return page_failed(view, found);
	}
	message_title(view, title);
	page_begin(view, title, NAV_NONE);
	title_print(view);
	if (address->version > 0)
		past_print(view, &result);
	else
		view_tools(view);
	/* Of a version that was compacted away, nothing known is not nothing answered. */
	if (result.compacted && result.version == 0)
		goto out;
	if (address->part == PART_ALL)
		sections_print(view, &result);
	else
		part_print(view, &result);
out:
	page_end(view);
	result_free(&result);
	return 200;
}

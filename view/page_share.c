/*
 * page_share.c - a link is made, which shows one result to whoever has it.
 *
 * Nothing is stored: the link is its own proof, so this page is a form whose answer is another
 * address, and may be asked for as often as one likes.  What the maker chose is in this page's
 * address, so that he finds it again when he goes back.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "view/page.h"
#include "base/fault.h"
#include "link.h"
#include "view/address.h"
#include "view/html.h"
#include "view/layout.h"
#include "view/navigation.h"
#include "view/result.h"
#include "view/view.h"

#define DAYS_DEFAULT 7
#define DAY_SECONDS 86400

static const unsigned choices[] = { 1, 7, 30 }; /* days, as address.c takes them */

/* How many days a link of so many is good: the configuration may allow less. */
static uint64_t
days_allowed(const struct view *view, unsigned days)
{
	return days < view->config->link_days ? days : view->config->link_days;
}

static void
days_print(struct view *view)
{
	unsigned chosen = view->address->days == 0 ? DAYS_DEFAULT : view->address->days;
	struct html *html = &view->html;
	uint64_t before = 0;

	html_markup(html, "<label for=\"days\">");
	say(view, STRING_SHARE_DAYS);
	html_markup(html, "</label><select id=\"days\" name=\"d\">");
	for (size_t i = 0; i < sizeof(choices) / sizeof(choices[0]); i++) {
		uint64_t days = days_allowed(view, choices[i]);

		if (days == before)
			continue; /* a longer one would be the same */
		before = days;
		html_markup(html, "<option");
		html_attribute_number(html, "value", choices[i]);
		if (choices[i] == chosen)
			html_markup(html, " selected");
		html_markup(html, ">");
		if (days == 1)
			say(view, STRING_DAY1);
		else
			say_with(view, STRING_DAYS, PART_NUMBER(days));
	}
	html_markup(html, "</select>");
}

static void
form_print(struct view *view)
{
	const struct address *address = view->address;
	struct html *html = &view->html;

	html_markup(html, "<form method=\"get\" class=\"narrow\">");
	form_hidden(view, "p", "share");
	form_keep(view);
	html_markup(html, "<label for=\"title\">");
	say(view, STRING_SHARE_TITLE);
	html_markup(html,
	    "</label><input class=\"wide\" id=\"title\" name=\"t\" maxlength=\"100\"");
	if (address->title != NULL)
		html_attribute(html, "value", address->title);
	html_markup(html, ">");
	days_print(view);
	html_markup(html,
	    "<label><input type=\"checkbox\" name=\"w\" value=\"1\" "
	    "aria-describedby=\"note\"");
	if (address->names)
		html_markup(html, " checked");
	html_markup(html, "> ");
	say(view, STRING_SHARE_NAMES);
	html_markup(html, "</label><p class=\"dim\" id=\"note\">");
	say(view, STRING_SHARE_NOTE);
	html_markup(html, "</p><p><button class=\"main\">");
	say(view, STRING_SHARE_MAKE);
	html_markup(html, "</button></p></form>");
}

/* The link, to be copied; nothing can be copied by the page itself without a script. */
static void
link_print(struct view *view, const struct link *link, const char *query)
{
	struct html *html = &view->html;
	size_t size = strlen(view->base) + strlen(query) + 2;
	char *url = malloc(size);

	if (url == NULL) {
		html->failed = true;
		return;
	}
	snprintf(url, size, "%s?%s", view->base, query);
	html_markup(html, "<h2 id=\"ready\">");
	say_with(view, STRING_SHARE_READY, PART_TIME_FULL((int64_t)link->expiry * 1000));
	html_markup(html, "</h2><p><input class=\"wide\" aria-labelledby=\"ready\" readonly");
	html_attribute(html, "value", url);
	html_markup(html, "></p><p class=\"tools\"><a");
	html_attribute(html, "href",
	    url + strlen(view->base)); /* "?...": here, whatever the host is called */
	html_markup(html, ">");
	say(view, STRING_OPEN);
	html_markup(html, "</a></p>");
	free(url);
}

/* Signs what the address asks for, and shows the link; or says what no link can have. */
static void
link_make(struct view *view)
{
	const struct address *address = view->address;
	const struct view_config *config = view->config;
	struct link link = { .msg_seq = address->message, .names = address->names };
	char query[LINK_QUERY_SIZE];
	struct fault fault;

	snprintf(link.group, sizeof(link.group), "%s", address->group);
	snprintf(link.title, sizeof(link.title), "%s",
	    address->title == NULL ? "" : address->title);
	link.expiry =
	    (uint64_t)(view->now / 1000) + days_allowed(view, address->days) * DAY_SECONDS;
	if (link_sign(&config->link_keys, &link, query, &fault) == 0) {
		link_print(view, &link, query);
		return;
	}
	html_markup(&view->html, "<p class=\"note err\" role=\"alert\">");
	html_text(&view->html, fault.detail);
	html_markup(&view->html, "</p>");
}

int
page_share(struct view *view)
{
	const struct address *address = view->address;
	const struct result_query query = { .data_dir = view->config->data_dir,
		.group = address->group,
		.message = address->message };
	struct html *html = &view->html;
	struct result result;
	int found = result_read(&result, &query, &view->fault);

	result_free(&result);
	if (found != 1)
		return page_failed(view, found); /* a link to nothing is of no use to anybody */
	page_begin(view, string_get(view->language, STRING_SHARE), NAV_NONE);
	up_print(view, UP_MESSAGE);
	html_markup(html, "<h1>");
	say(view, STRING_SHARE);
	html_markup(html, "</h1><p>");
	say(view, STRING_SHARE_INTRO);
	html_markup(html, "</p>");
	form_print(view);
	if (address->days > 0)
		link_make(view);
	page_end(view);
	return 200;
}

/*
 * navigation.c - the ways from page to page.
 *
 * No page holds an address that was not printed by address_print, out of what was checked; and a
 * form has only such fields as the address of its page has.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "view/navigation.h"
#include "base/fault.h"
#include "view/html.h"
#include "view/layout.h"
#include "view/page.h"
#include "view/strings.h"
#include "view/view.h"

static struct address
message_page(const struct view *view, const char *group, uint64_t message)
{
	struct address address = view_page(view, PAGE_MESSAGE);

	address.group = group;
	address.has_message = true;
	address.message = message;
	return address;
}

struct address
message_address(const struct view *view)
{
	struct address address = message_page(view, view->address->group, view->address->message);

	address.version = view->address->version;
	return address;
}

void
group_href(struct view *view, const char *group)
{
	struct address address = view_page(view, PAGE_GROUP);

	address.group = group;
	view_href(view, &address);
}

void
message_href(struct view *view, const char *group, uint64_t message)
{
	struct address address = message_page(view, group, message);

	view_href(view, &address);
}

void
message_title(const struct view *view, char title[MESSAGE_TITLE_SIZE])
{
	const char *text = string_get(view->language, STRING_MESSAGE_N), *mark = strstr(text, "%s");
	bool shared = view->link != NULL;

	snprintf(title, MESSAGE_TITLE_SIZE, "%.*s%" PRIu64 "%s%s%s", (int)(mark - text), text,
	    view->address->message, mark + 2, shared ? "" : " \xc2\xb7 ",
	    shared ? "" : view->address->group);
}

void
up_print(struct view *view, enum up to)
{
	const struct address *address = view->address;
	struct address groups = view_page(view, PAGE_GROUPS), message;
	struct html *html = &view->html;

	html_markup(html, "<p class=\"up\"><a");
	view_href(view, &groups);
	html_markup(html, ">");
	say(view, STRING_GROUPS);
	html_markup(html, "</a>");
	if (to >= UP_GROUP) {
		html_markup(html, " / <a");
		group_href(view, address->group);
		html_markup(html, ">");
		html_user(html, address->group);
		html_markup(html, "</a>");
	}
	if (to >= UP_MESSAGE) {
		html_markup(html, " / <a");
		message = message_address(view);
		view_href(view, &message);
		html_markup(html, ">");
		say_with(view, STRING_MESSAGE_N, PART_NUMBER(address->message));
		html_markup(html, "</a>");
	}
	html_markup(html, "</p>");
}

void
form_hidden(struct view *view, const char *name, const char *value)
{
	html_markup(&view->html, "<input type=\"hidden\"");
	html_attribute(&view->html, "name", name);
	html_attribute(&view->html, "value", value);
	html_markup(&view->html, ">");
}

void
form_keep(struct view *view)
{
	const struct address *address = view->address;
	char number[24];

	if (address->language != LANGUAGE_NONE)
		form_hidden(view, "lang", language_tag(address->language));
	if (address->group != NULL)
		form_hidden(view, "g", address->group);
	if (address->has_message) {
		snprintf(number, sizeof(number), "%" PRIu64, address->message);
		form_hidden(view, "m", number);
	}
}

int
page_failed(struct view *view, int found)
{
	enum fault_code code = view->fault.code;

	if (found == 0)
		return page_error(view, 404);
	return page_error(view, code == FAULT_DATA_DIR || code == FAULT_MEMORY ? 503 : 500);
}

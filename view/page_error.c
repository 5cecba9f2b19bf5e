/*
 * page_error.c - what failed, in words, and what to do next.
 *
 * Whoever has signed in is told the parameter that is wrong, its value and its range.  Of a
 * failure inside, the page says where the reason stands: the web server's error log, whose lines
 * may name paths, which are nobody else's business.
 */
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "base/text.h"
#include "view/layout.h"
#include "view/page.h"

#define VALUE_SHOWN 60 /* characters */

/* <h1> and the beginning of the page. */
static void
error_begin(struct view *view, enum string title)
{
	page_begin(view, string_get(view->language, title), NAV_NONE);
	html_markup(&view->html, "<h1>");
	say(view, title);
	html_markup(&view->html, "</h1><p>");
}

/* The value as it may be shown: its first characters. */
static void
value_cut(const char *value, char *text, size_t size)
{
	const char *end = value + strlen(value), *at = value;

	for (int i = 0; i < VALUE_SHOWN && at < end; i++) {
		size_t length = utf8_length(at, end);

		at += length == 0 ? 1 : length;
	}
	snprintf(text, size, "%.*s%s", (int)(at - value), value, at < end ? "\xe2\x80\xa6" : "");
}

static const struct {
	const char *name;
	enum string string;
	uint64_t low, high;
	const char *choices;
} ranges[] = {
	{ "g", STRING_RANGE_BYTES, 1, GROUP_ID_MAX, NULL },
	{ "m", STRING_RANGE_NUMBER, 0, INTEGER_MAX, NULL },
	{ "v", STRING_RANGE_NUMBER, 1, INTEGER_MAX, NULL },
	{ "q", STRING_RANGE_BYTES, 0, ADDRESS_SEARCH_MAX, NULL },
	{ "t", STRING_RANGE_BYTES, 0, LINK_TITLE_MAX, NULL },
	{ "a", STRING_RANGE_DIGITS, 0, 0, NULL },
	{ "o", STRING_RANGE_SKIP, 0, 0, NULL },
	{ "p", STRING_RANGE_CHOICE, 0, 0, "share, events, check" },
	{ "part", STRING_RANGE_CHOICE, 0, 0, "tally, pairs, log" },
	{ "f", STRING_RANGE_CHOICE, 0, 0, "excel, csv, json" },
	{ "r", STRING_RANGE_CHOICE, 0, 0, "30, 60, 300" },
	{ "d", STRING_RANGE_CHOICE, 0, 0, "1, 7, 30" },
	{ "w", STRING_RANGE_CHOICE, 0, 0, "1" },
	{ "all", STRING_RANGE_CHOICE, 0, 0, "1" },
};

/* What the parameter may be. */
static void
range_say(struct view *view, const char *name)
{
	size_t i = 0, count = sizeof(ranges) / sizeof(ranges[0]);

	while (i < count && strcmp(ranges[i].name, name) != 0)
		i++;
	if (i == count)
		return;
	html_markup(&view->html, " ");
	if (ranges[i].string == STRING_RANGE_CHOICE)
		say_with(view, STRING_RANGE_CHOICE, PART_TEXT(ranges[i].choices));
	else
		say_with(view, ranges[i].string, PART_NUMBER(ranges[i].low),
		    PART_NUMBER(ranges[i].high));
}

static void
address_explain(struct view *view)
{
	const char *name = view->address == NULL ? NULL : view->address->wrong;
	const char *value = name == NULL ? NULL : view->address->wrong_value;
	char shown[4 * VALUE_SHOWN + 8];

	error_begin(view, STRING_BAD_ADDRESS);
	if (name == NULL) {
		say(view, STRING_BAD_QUERY);
	} else if (view->fault.code == FAULT_QUERY_DUPLICATE) {
		say_with(view, STRING_BAD_TWICE, PART_CODE(name));
	} else if (view->fault.code == FAULT_QUERY_MALFORMED) {
		say_with(view, STRING_BAD_DECODING, PART_CODE(name));
	} else if (value == NULL) {
		say_with(view, STRING_BAD_MISSING, PART_CODE(name));
	} else {
		value_cut(value, shown, sizeof(shown));
		say_with(view, STRING_BAD_VALUE, PART_CODE(name),
		    value[0] == '\0' ? PART_TEXT(string_get(view->language, STRING_EMPTY))
				     : PART_USER(shown));
		range_say(view, name);
	}
}

static void
missing_explain(struct view *view)
{
	const struct address *asked = view->address;
	struct address group = view_page(view, PAGE_GROUP);

	error_begin(view, STRING_NOTHING);
	if (asked == NULL || asked->group == NULL) {
		say(view, STRING_NO_PAGE);
	} else if (!asked->has_message) {
		say_with(view, STRING_NO_GROUP, PART_USER(asked->group));
	} else {
		say_with(view, STRING_NO_MESSAGE, PART_NUMBER(asked->message),
		    PART_USER(asked->group));
		/* A link's reader may look at nothing else. */
		if (view->link == NULL) {
			group.group = asked->group;
			html_markup(&view->html, " ");
			say_with(view, STRING_ITS_MESSAGES, PART_LINK(&group, asked->group));
		}
	}
}

/* Where the error log says more. */
static void
log_say(struct view *view)
{
	char line[64];

	snprintf(line, sizeof(line), "msgext-view: %s", fault_slug(view->fault.code));
	say_with(view, STRING_FAILED_P, PART_CODE(line));
}

static void
failure_explain(struct view *view, int status)
{
	struct address check = view_page(view, PAGE_CHECK);
	bool inside = view->signed_in && view->link == NULL;

	if (view->fault.code == FAULT_MEMORY) {
		error_begin(view, STRING_MEMORY);
		say(view, STRING_MEMORY_P);
		return;
	}
	error_begin(view, status == 503 ? STRING_CLOSED : STRING_FAILED);
	if (!inside) {
		say(view, STRING_MEMORY_P);
		return;
	}
	if (status == 503) {
		say_with(view, STRING_CLOSED_P,
		    PART_LINK(&check, string_get(view->language, STRING_CHECK)));
		html_markup(&view->html, " ");
	}
	if (view->fault.code != FAULT_NONE)
		log_say(view);
}

static void
explain(struct view *view, enum string title, enum string text)
{
	error_begin(view, title);
	say(view, text);
}

int
page_error(struct view *view, int status)
{
	struct address groups = view_page(view, PAGE_GROUPS);

	switch (status) {
	case 400:
		address_explain(view);
		break;
	case 403:
		if (view->link != NULL)
			explain(view, STRING_NO_FILE, STRING_NO_FILE_P);
		else
			explain(view, STRING_LINK_WRONG, STRING_LINK_WRONG_P);
		break;
	case 404:
		missing_explain(view);
		break;
	case 405:
		explain(view, STRING_BAD_METHOD, STRING_BAD_METHOD_P);
		break;
	case 410:
		explain(view, STRING_EXPIRED, STRING_EXPIRED_P);
		break;
	case 429:
		explain(view, STRING_BUSY, STRING_SIGNIN_BUSY);
		break;
	default:
		failure_explain(view, status);
		break;
	}
	html_markup(&view->html, "</p>");
	if (status == 400 && view->signed_in && view->link == NULL) {
		html_markup(&view->html, "<p><a");
		view_href(view, &groups);
		html_markup(&view->html, ">");
		say(view, STRING_GROUPS);
		html_markup(&view->html, "</a></p>");
	}
	page_end(view);
	return status;
}

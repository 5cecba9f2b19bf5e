/*
 * layout.c - what all pages have: their frame, times, links from row to row, sentences.
 *
 * A page works without scripts, and needs nothing but itself: its one style is in it, and the
 * policy that is sent with it names the style by its hash.  Addresses are queries, so a link
 * begins with '?' and stays where the viewer is, whatever its path is called.
 *
 * Those who have signed in get the navigation and, at the end, the way out.  A shared result has
 * neither: its reader must find nothing else.
 */
#include "view/layout.h"

#include <sys/random.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/base.h"
#include "base/time.h"
#include "build/view/style.h"
#include "record.h"

const char style_source[] = STYLE_SOURCE;

#define MINUTE 60 /* seconds */

int
fresh_key(char text[HMAC_TEXT_LENGTH + 1])
{
	uint8_t bytes[HMAC_SIZE];

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return -1;
	hmac_print(bytes, text);
	return 0;
}

/* addresses */

void
view_href(struct view *view, const struct address *address)
{
	char text[ADDRESS_SIZE];

	address_print(address, text);
	html_attribute(&view->html, "href", text);
}

struct address
view_page(const struct view *view, enum page page)
{
	struct address address = { .page = page };

	if (view->address != NULL)
		address.language = view->address->language;
	return address;
}

/* A link whose text is the string. */
static void
link_say(struct view *view, const struct address *address, enum string string)
{
	html_markup(&view->html, "<a");
	view_href(view, address);
	html_markup(&view->html, ">");
	say(view, string);
	html_markup(&view->html, "</a>");
}

/* times */

/* The time in the configuration's zone. */
static struct tm
time_local(const struct view *view, int64_t time)
{
	return time_utc(time / 1000 + view->config->timezone * (int64_t)MINUTE);
}

/* Writes so many digits of the number, and returns their end: a page has two times a row. */
static char *
digits_put(char *at, int number, int count)
{
	for (int i = count - 1; i >= 0; i--, number /= 10)
		at[i] = (char)('0' + number % 10);
	return at + count;
}

/* Writes that time as "2026-11-26T16:42:07Z". */
static void
instant_print(const struct tm *tm, char text[TIME_SIZE])
{
	const int numbers[] = { tm->tm_year + 1900, tm->tm_mon + 1, tm->tm_mday, tm->tm_hour,
		tm->tm_min, tm->tm_sec };
	char *at = text;

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		at = digits_put(at, numbers[i], i == 0 ? 4 : 2);
		*at++ = "--T::Z"[i];
	}
	*at = '\0';
}

/* "26 Nov 2026", or without the year. */
static void
date_print(struct view *view, const struct tm *tm, bool with_year)
{
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul",
		"Aug", "Sep", "Oct", "Nov", "Dec" };
	struct html *html = &view->html;
	unsigned year = (unsigned)tm->tm_year + 1900;
	unsigned month = (unsigned)tm->tm_mon + 1, day = (unsigned)tm->tm_mday;
	bool korean = view->language == LANGUAGE_KO;

	switch (view->language) {
	case LANGUAGE_ZH_CN:
	case LANGUAGE_JA:
	case LANGUAGE_KO:
		if (with_year) {
			html_number(html, year);
			html_text(html, korean ? "년 " : "年");
		}
		html_number(html, month);
		html_text(html, korean ? "월 " : "月");
		html_number(html, day);
		html_text(html, korean ? "일" : "日");
		break;
	default:
		html_number(html, day);
		html_markup(html, " ");
		html_text(html, months[tm->tm_mon]);
		if (with_year) {
			html_markup(html, " ");
			html_number(html, year);
		}
		break;
	}
	html_markup(html, " ");
}

static void
time_put(struct view *view, int64_t time, bool full)
{
	struct tm then, today;
	char text[TIME_SIZE];
	bool this_year;

	if (time < 0) {
		html_markup(&view->html, "-");
		return;
	}
	then = time_utc(time / 1000);
	instant_print(&then, text);
	html_markup(&view->html, "<time");
	html_attribute(&view->html, "datetime", text);
	html_markup(&view->html, ">");
	then = time_local(view, time);
	today = time_local(view, view->now);
	this_year = then.tm_year == today.tm_year;
	if (full || !this_year || then.tm_yday != today.tm_yday)
		date_print(view, &then, full || !this_year);
	digits_put(text, then.tm_hour, 2)[0] = ':';
	digits_put(text + 3, then.tm_min, 2);
	html_put(&view->html, text, 5);
	html_markup(&view->html, "</time>");
}

void
view_time(struct view *view, int64_t time)
{
	time_put(view, time, false);
}

void
view_time_full(struct view *view, int64_t time)
{
	time_put(view, time, true);
}

/* "UTC+8", "UTC-3:30" or "UTC". */
static void
zone_print(int minutes, char text[32])
{
	int distance = minutes < 0 ? -minutes : minutes, used;

	used = snprintf(text, 32, "UTC");
	if (distance > 0)
		used += snprintf(text + used, 32 - (size_t)used, "%c%d", minutes < 0 ? '-' : '+',
		    distance / 60);
	if (distance % 60 > 0)
		snprintf(text + used, 32 - (size_t)used, ":%02d", distance % 60);
}

/* sentences */

/* "121, 302-304", with a dash. */
static void
ranges_put(struct html *html, const struct seq_range *ranges, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++) {
		if (i > 0)
			html_markup(html, ", ");
		html_number(html, ranges[i].first);
		if (ranges[i].last > ranges[i].first) {
			html_markup(html, "\xe2\x80\x93");
			html_number(html, ranges[i].last);
		}
	}
}

static void
part_put(struct view *view, const struct part *part)
{
	struct html *html = &view->html;

	switch (part->kind) {
	case PART_IS_TEXT:
		html_text(html, part->text);
		break;
	case PART_IS_USER:
		html_user(html, part->text);
		break;
	case PART_IS_CODE:
		html_markup(html, "<code>");
		html_text(html, part->text);
		html_markup(html, "</code>");
		break;
	case PART_IS_NUMBER:
		html_number(html, part->number);
		break;
	case PART_IS_TIME:
	case PART_IS_TIME_FULL:
		time_put(view, part->time, part->kind == PART_IS_TIME_FULL);
		break;
	case PART_IS_RANGES:
		ranges_put(html, part->ranges, part->number);
		break;
	case PART_IS_LINK:
		html_markup(html, "<a");
		view_href(view, part->address);
		html_markup(html, ">");
		html_user(html, part->text);
		html_markup(html, "</a>");
		break;
	}
}

void
say_parts(struct view *view, enum string string, const struct part *parts, size_t count)
{
	const char *text = string_get(view->language, string), *place;

	for (size_t i = 0; i < count && (place = strstr(text, "%s")) != NULL; i++) {
		html_text_bytes(&view->html, text, (size_t)(place - text));
		part_put(view, &parts[i]);
		text = place + 2;
	}
	html_text(&view->html, text);
}

void
say(struct view *view, enum string string)
{
	say_parts(view, string, NULL, 0);
}

/* the frame */

/* An entry of the navigation. */
static void
nav_put(struct view *view, enum page page, enum string string, bool current)
{
	struct address address = view_page(view, page);

	html_markup(&view->html, "<li><a");
	view_href(view, &address);
	if (current)
		html_markup(&view->html, " aria-current=\"page\"");
	html_markup(&view->html, ">");
	say(view, string);
	html_markup(&view->html, "</a>");
}

static void
header_put(struct view *view, enum nav current)
{
	struct html *html = &view->html;
	struct address home = view_page(view, PAGE_GROUPS);

	html_markup(html, "<header><nav aria-label=\"msgext\"><ul><li><a class=\"home\"");
	view_href(view, &home);
	html_markup(html, ">");
	html_text(html, view->config->title);
	html_markup(html, "</a>");
	nav_put(view, PAGE_GROUPS, STRING_GROUPS, current == NAV_GROUPS);
	nav_put(view, PAGE_EVENTS, STRING_EVENTS, current == NAV_EVENTS);
	nav_put(view, PAGE_CHECK, STRING_CHECK, current == NAV_CHECK);
	html_markup(html, "</ul></nav></header>");
}

/* Is it a page of those who have signed in, with all that they may look at? */
static bool
view_is_inside(const struct view *view)
{
	return view->signed_in && view->link == NULL && view->config != NULL;
}

void
page_begin(struct view *view, const char *title, enum nav current)
{
	struct html *html = &view->html;

	html_free(html);
	html_markup(html, "<!doctype html><html");
	html_attribute(html, "lang", language_tag(view->language));
	html_markup(html,
	    "><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
	    "content=\"width=device-width,initial-scale=1\"><meta name=\"color-scheme\" "
	    "content=\"light dark\"><meta name=\"robots\" content=\"noindex\"><title>");
	html_text(html, title);
	html_markup(html, "</title><style>");
	html_put(html, style, sizeof(style));
	html_markup(html, "</style></head><body>");
	if (view_is_inside(view))
		header_put(view, current);
	html_markup(html, "<main>");
}

void
page_end(struct view *view)
{
	struct html *html = &view->html;
	bool inside = view_is_inside(view);
	char zone[32];

	html_markup(html, "</main>");
	if (inside || view->link != NULL) {
		html_markup(html, "<footer><p>");
		if (view->link != NULL) {
			say_with(view, STRING_EXPIRES,
			    PART_TIME_FULL((int64_t)view->link->expiry * 1000));
			html_markup(html, " ");
		}
		zone_print(view->config->timezone, zone);
		say_with(view, STRING_UTC, PART_TEXT(zone));
		html_markup(html, "</p>");
		if (inside && !view->by_server) {
			html_markup(html,
			    "<form method=\"post\" action=\"?\"><button class=\"plain\" "
			    "name=\"p\" value=\"out\">");
			say(view, STRING_SIGNOUT);
			html_markup(html, "</button></form>");
		}
		html_markup(html, "</footer>");
	}
	html_markup(html, "</body></html>\n");
}

/* what stands at a page's head, and below its rows */

void
view_tools(struct view *view)
{
	struct html *html = &view->html;
	struct address address = *view->address;
	enum page page = address.page;

	html_markup(html, "<p class=\"tools\">");
	if (page != PAGE_SHARED) {
		html_markup(html, "<span class=\"dim\">");
		say_with(view, STRING_AS_OF, PART_TIME_FULL(view->now));
		html_markup(html, "</span>");
	}
	link_say(view, &address, STRING_REFRESH);
	if (page == PAGE_MESSAGE || page == PAGE_EVENTS || page == PAGE_SHARED) {
		address.refresh = view->address->refresh == 0 ? 30 : 0;
		link_say(view, &address, address.refresh == 0 ? STRING_STOP : STRING_EVERY);
	}
	if (page == PAGE_MESSAGE) {
		address = view_page(view, PAGE_SHARE);
		address.group = view->address->group;
		address.has_message = true;
		address.message = view->address->message;
		/* What most polls' owners come for. */
		html_markup(html, "<a class=\"go\"");
		view_href(view, &address);
		html_markup(html, ">");
		say(view, STRING_SHARE);
		html_markup(html, "</a>");
	}
	html_markup(html, "</p>");
}

void
view_pages(struct view *view, uint64_t shown, uint64_t total, uint64_t rows)
{
	struct address address = *view->address;
	uint64_t skip = address.skip, unit = rows == ROWS_PART ? ROWS_PAIRS : rows;
	/* A page that was full before its last row goes on where it stopped. */
	uint64_t whole = shown - shown % unit;
	uint64_t next = skip + (whole == 0 ? unit : whole);
	bool beyond = shown == 0 && skip > 0;
	bool more = skip + shown < total && next <= ADDRESS_SKIP_MAX;

	if (skip == 0 && !more)
		return;
	html_markup(&view->html, "<p class=\"tools\">");
	if (skip > 0) {
		address.skip = beyond || skip < rows ? 0 : skip - rows;
		link_say(view, &address, beyond ? STRING_FIRST_PAGE : STRING_LATER);
	}
	if (more && !beyond) {
		address.skip = next;
		link_say(view, &address, STRING_EARLIER);
	}
	html_markup(&view->html, "</p>");
}

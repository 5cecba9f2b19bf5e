/*
 * layout.h - what all pages have: their frame, times, links from row to row, sentences
 *
 *	page_begin(view, title, NAV_GROUPS);
 *	html_markup(&view->html, "<h1>");
 *	say(view, STRING_GROUPS);
 *	html_markup(&view->html, "</h1><p>");
 *	say_with(view, STRING_NO_MESSAGE, PART_NUMBER(address->message), PART_USER(group));
 *	html_markup(&view->html, "</p>");
 *	page_end(view);
 */
#ifndef VIEW_LAYOUT_H
#define VIEW_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

#include "view/address.h"
#include "view/strings.h"
#include "view/view.h"

struct seq_range;

/* A key to paste, of 256 random bits, stored nowhere.  -1: the kernel gave none. */
int fresh_key(char text[HMAC_TEXT_LENGTH + 1]);

/* "'sha256-...'": the one style that pages have, for Content-Security-Policy. */
extern const char style_source[];

/* Which entry of the navigation the page is. */
enum nav { NAV_NONE, NAV_GROUPS, NAV_EVENTS, NAV_CHECK };

/*
 * <!doctype html> to <main>.  What was written before is dropped.  title: plain text, which is
 * escaped.  The navigation is for those who have signed in.
 */
void page_begin(struct view *view, const char *title, enum nav current);
/* </main>, the footer, and the end. */
void page_end(struct view *view);

/* What is put in for a %s. */
enum part_kind {
	PART_IS_TEXT,
	PART_IS_USER,
	PART_IS_CODE,
	PART_IS_NUMBER,
	PART_IS_TIME,
	PART_IS_TIME_FULL,
	PART_IS_RANGES,
	PART_IS_LINK
};

struct part {
	enum part_kind kind;
	const char *text;
	uint64_t number; /* or the count of ranges */
	int64_t time;
	const struct seq_range *ranges;
	const struct address *address;
};

#define PART_TEXT(value) ((struct part){ .kind = PART_IS_TEXT, .text = (value) })
#define PART_USER(value) ((struct part){ .kind = PART_IS_USER, .text = (value) })
#define PART_CODE(value) ((struct part){ .kind = PART_IS_CODE, .text = (value) }) /* <code> */
#define PART_NUMBER(value) ((struct part){ .kind = PART_IS_NUMBER, .number = (value) })
#define PART_TIME(value) ((struct part){ .kind = PART_IS_TIME, .time = (value) })
#define PART_TIME_FULL(value) ((struct part){ .kind = PART_IS_TIME_FULL, .time = (value) })
/* "121, 302–304" */
#define PART_RANGES(value, count)                                                                  \
	((struct part){ .kind = PART_IS_RANGES, .ranges = (value), .number = (count) })
/* <a> to an address; its text is shown as a user's */
#define PART_LINK(to, string_text)                                                                 \
	((struct part){ .kind = PART_IS_LINK, .address = (to), .text = (string_text) })

/* A text in the reader's language. */
void say(struct view *view, enum string string);
/* The same with its parts, in their order; there must be as many as the text has %s. */
#define say_with(view, string, ...)                                                                \
	say_parts(view, string, (const struct part[]){ __VA_ARGS__ },                              \
	    sizeof((const struct part[]){ __VA_ARGS__ }) / sizeof(struct part))
void say_parts(struct view *view, enum string string, const struct part *parts, size_t count);

/* <time>, in the configuration's zone: "16:38" today, "25 Nov 19:08", with the year where it is another. */
void view_time(struct view *view, int64_t time); /* below 0: "-" */
/* The same with date and year. */
void view_time_full(struct view *view, int64_t time);

/* ` href="?..."`. */
void view_href(struct view *view, const struct address *address);
/* The address of another page, in the language that was asked for by lang=; all else is not set. */
struct address view_page(const struct view *view, enum page page);

/* "As of ..", "Refresh", and where the page has them "Refresh every 30 seconds" and "Share this result". */
void view_tools(struct view *view);
/* Links to the rows before and after those shown, of so many a page. */
void view_pages(struct view *view, uint64_t shown, uint64_t total, uint64_t rows);

#endif

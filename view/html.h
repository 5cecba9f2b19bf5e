/*
 * html.h - pages: the only code that writes markup, into one growing buffer
 *
 *	struct html html = { .limit = HTML_LIMIT };
 *
 *	html_markup(&html, "<p><a");
 *	html_attribute(&html, "href", query);
 *	html_markup(&html, ">");
 *	html_user(&html, key);
 *	html_markup(&html, "</a>");
 *	if (html.failed)
 *		...			no memory
 *	html_free(&html);
 *
 * Nobody looks after each call: once failed, all others do nothing.
 */
#ifndef VIEW_HTML_H
#define VIEW_HTML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTML_LIMIT ((size_t)1 << 20) /* bytes of a page */

struct html {
	char *bytes; /* length of them, without a NUL */
	size_t length, size;
	size_t limit; /* 0: none */
	bool failed;  /* no memory: looked at once, at the end */
	bool full;    /* over the limit: callers stop after the row they are in, and say so */
};

/* Releases the bytes; what comes next begins an empty page of the same limit. */
void html_free(struct html *html);

/* Markup: a string literal, nothing else; the macro makes anything else an error. */
#define html_markup(html, literal) html_put(html, "" literal "", sizeof(literal) - 1)
/* Private to the macro, and to a page's own style. */
void html_put(struct html *html, const char *bytes, size_t length);

/*
 * A text between tags.  Escaped: & < > " '.  Controls but tab and newline are shown as U+2400 to
 * U+2421 (C1 as U+FFFD), what overrides the direction of writing (U+202A to U+202E, U+2066
 * to U+2069) and bytes that are not UTF-8 as U+FFFD.
 */
void html_text(struct html *html, const char *text);
void html_text_bytes(struct html *html, const char *text, size_t length);

/* A text that a user wrote: the same in <bdi dir="auto">, so that its direction moves nothing else. */
void html_user(struct html *html, const char *text);
void html_user_bytes(struct html *html, const char *text, size_t length);
/* With what takes no room, odd blanks and blanks at the end shown as U+200B in a box. */
void html_user_revealed(struct html *html, const char *text);
/*
 * Says of each of the count texts whether another one that differs looks equal on a page, so that
 * both need html_user_revealed.  -1: no memory.
 */
int html_alike(const char *const *texts, size_t count, bool *alike);

/* ` name="value"`, escaped; a reader of HTML gets every byte of UTF-8 back.  name: a literal. */
void html_attribute(struct html *html, const char *name, const char *value);
void html_attribute_number(struct html *html, const char *name, uint64_t number);
/* ` name="30.8%"`, of part/whole, at most 100.0%; whole 0 is 0.0%.  For the width and x of bars. */
void html_attribute_percent(struct html *html, const char *name, uint64_t part, uint64_t whole);

/* Decimal, without separators. */
void html_number(struct html *html, uint64_t number);

#endif

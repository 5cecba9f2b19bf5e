/*
 * table.c - tables, and the texts of users in them.
 *
 * What a user wrote is shown whole, but not all at once: more than TEXT_FOLDED characters
 * are folded, so that one answer of 64 KiB does not hide all others.  A page has a limit,
 * too: a table ends with the row in which it is reached, and says so, for a count of rows that is
 * silently too small would be a wrong result.
 */
#include <stdlib.h>
#include <string.h>

#include "view/table.h"
#include "view/html.h"
#include "view/layout.h"
#include "view/view.h"

#define SUMMARY_LENGTH 100 /* characters of a text that is folded */

void
table_begin(struct view *view, const char *kind, enum string caption)
{
	struct html *html = &view->html;

	html_markup(html, "<table");
	if (kind != NULL)
		html_attribute(html, "class", kind);
	html_markup(html, "><caption class=\"vh\">");
	say(view, caption);
	html_markup(html, "</caption><thead><tr>");
}

void
table_column(struct view *view, enum string name, bool number)
{
	html_markup(&view->html, "<th scope=\"col\"");
	if (number)
		html_markup(&view->html, " class=\"n\"");
	html_markup(&view->html, ">");
	say(view, name);
}

void
table_end(struct view *view)
{
	html_markup(&view->html, "</table>");
	if (!view->html.full)
		return;
	html_markup(&view->html, "<p class=\"note\">");
	say(view, STRING_FULL);
	html_markup(&view->html, "</p>");
}

/* The bytes of so many characters of the text, or of all of it. */
static size_t
characters_length(const char *text, size_t count)
{
	const char *at = text;

	/* Each begins with a byte that is none of 10xxxxxx. */
	while (*at != '\0' && (((unsigned char)*at & 0xc0) == 0x80 || count-- > 0))
		at++;
	return (size_t)(at - text);
}

static void
empty_print(struct view *view)
{
	html_markup(&view->html, "<span class=\"dim\">");
	say(view, STRING_EMPTY);
	html_markup(&view->html, "</span>");
}

static void
beginning_print(struct view *view, const char *text)
{
	html_user_bytes(&view->html, text, characters_length(text, SUMMARY_LENGTH));
	html_markup(&view->html, "\xe2\x80\xa6");
}

void
user_name(struct view *view, const char *text, bool revealed)
{
	if (revealed)
		html_user_revealed(&view->html, text);
	else
		html_user(&view->html, text);
}

void
user_text(struct view *view, const char *text, bool revealed)
{
	struct html *html = &view->html;
	bool folded = text[characters_length(text, TEXT_FOLDED)] != '\0';

	if (text[0] == '\0') {
		empty_print(view);
		return;
	}
	if (folded) {
		html_markup(html, "<details><summary>");
		beginning_print(view, text);
		html_markup(html, " <span class=\"dim\">");
		say(view, STRING_SHOW_MORE);
		html_markup(html, "</span></summary>");
	}
	user_name(view, text, revealed);
	if (folded)
		html_markup(html, "</details>");
}

void
user_text_short(struct view *view, const char *text, bool revealed)
{
	if (text[0] == '\0')
		empty_print(view);
	else if (text[characters_length(text, TEXT_FOLDED)] != '\0')
		beginning_print(view, text);
	else
		user_name(view, text, revealed);
}

bool *
texts_reveal(struct view *view, const char *const *texts, size_t count)
{
	bool *alike = calloc(count + 1, sizeof(*alike));

	if (alike == NULL || html_alike(texts, count, alike) != 0) {
		view->html.failed = true;
		free(alike);
		return NULL;
	}
	return alike;
}

bool *
rows_reveal(struct view *view, const void *rows,
    const char *(*text_of)(const void *rows, size_t index), size_t count)
{
	const char **texts = calloc(count + 1, sizeof(*texts));
	bool *revealed = NULL;

	for (size_t i = 0; texts != NULL && i < count; i++)
		if ((texts[i] = text_of(rows, i)) == NULL)
			texts[i] = "";
	if (texts == NULL)
		view->html.failed = true;
	else
		revealed = texts_reveal(view, texts, count);
	free(texts);
	return revealed;
}

void
percent_print(struct view *view, uint64_t part, uint64_t whole)
{
	uint64_t percent = whole == 0 ? 0 : (200 * part + whole) / (2 * whole);

	if (percent == 0 && part > 0)
		html_text(&view->html, "<1");
	else
		html_number(&view->html, percent);
	html_markup(&view->html, " %");
}

void
answers_print(struct view *view, uint64_t count)
{
	if (count == 1)
		say(view, STRING_ONE_ANSWER);
	else
		say_with(view, STRING_N_ANSWERS, PART_NUMBER(count));
}

void
word_print(struct view *view, enum string string)
{
	html_markup(&view->html, "<span class=\"dim\">");
	say(view, string);
	html_markup(&view->html, "</span>");
}

void
number_or_dash(struct view *view, uint64_t number)
{
	if (number == UINT64_MAX)
		html_markup(&view->html, "-");
	else
		html_number(&view->html, number);
}

void
lost_mark(struct view *view, uint64_t lost)
{
	if (lost == 0 || lost == UINT64_MAX)
		return;
	html_markup(&view->html, " <span class=\"tag\">");
	say_with(view, STRING_LOST_SHORT, PART_NUMBER(lost));
	html_markup(&view->html, "</span>");
}

void
unreadable_print(struct view *view, uint64_t count)
{
	if (count == 0)
		return;
	html_markup(&view->html, "<p class=\"note\">");
	if (count == 1)
		say(view, STRING_UNREADABLE_1);
	else
		say_with(view, STRING_UNREADABLE_N, PART_NUMBER(count));
	html_markup(&view->html, "</p>");
}

/*
 * page_check.c - is all right, as far as reading can tell?
 *
 * What is wrong comes first.  The verdicts are English in every language, as those of msgextctl
 * check are: they name keys and commands, and are looked for in the manual.
 */
#include <stdbool.h>
#include <string.h>

#include "view/page.h"
#include "base/hmac.h"
#include "view/html.h"
#include "view/layout.h"
#include "view/selftest.h"
#include "view/strings.h"
#include "view/table.h"
#include "view/view.h"

#define SAMPLE_GROUP "msgext-sample"

static void
point_print(struct view *view, const struct selftest_point *point)
{
	struct html *html = &view->html;

	html_markup(html, "<tr><th scope=\"row\" class=\"key\"><span class=\"");
	switch (point->verdict) {
	case VERDICT_ERROR:
		html_markup(html, "bad\">");
		say(view, STRING_CHECK_ERROR);
		break;
	case VERDICT_WARNING:
		html_markup(html, "tag\">");
		say(view, STRING_CHECK_WARNING);
		break;
	case VERDICT_OK:
		html_markup(html, "ok\">");
		say(view, STRING_CHECK_OK);
		break;
	}
	html_markup(html, "</span><br>");
	html_text(html, point->name);
	html_markup(html, "<td lang=\"en\">");
	html_text(html, point->text);
}

/* The points, those of a verdict after the other. */
static void
points_print(struct view *view, const struct selftest *test)
{
	static const enum verdict order[] = { VERDICT_ERROR, VERDICT_WARNING, VERDICT_OK };

	table_begin(view, NULL, STRING_CHECK);
	table_column(view, STRING_CHECK_POINT, false);
	table_column(view, STRING_CHECK_FOUND, false);
	html_markup(&view->html, "<tbody>");
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		for (size_t j = 0; j < test->count; j++)
			if (test->points[j].verdict == order[i])
				point_print(view, &test->points[j]);
	table_end(view);
}

static void
sum_print(struct view *view, const struct selftest *test)
{
	struct html *html = &view->html;

	html_markup(html, "<p><strong>");
	if (test->errors + test->warnings == 0)
		say(view, STRING_CHECK_FINE);
	else
		say_with(view, STRING_CHECK_SUM, PART_NUMBER(test->errors),
		    PART_NUMBER(test->warnings));
	html_markup(html, "</strong>");
	if (test->errors > 0) {
		html_markup(html, " ");
		say(view, STRING_CHECK_MEND);
	}
	html_markup(html, "</p>");
}

/*
 * A command that sends an event.  Where the receiver is nobody tells the viewer: most likely
 * beside it.  What the shell would not take as a part of a word is left out.
 */
static void
sample_print(struct view *view)
{
	const char *slash = strrchr(view->base, '/');
	bool known = slash != NULL && strchr(view->base, '\'') == NULL;
	struct html *html = &view->html;

	html_markup(html, "<h2>");
	say(view, STRING_TRY_H);
	html_markup(html, "</h2><p>");
	say_with(view, STRING_TRY_P, PART_USER(SAMPLE_GROUP));
	html_markup(html, "</p><pre>msgextctl sample --url ");
	html_text(html, "'");
	if (known)
		html_text_bytes(html, view->base, (size_t)(slash - view->base) + 1);
	else
		html_text(html, "https://your.host/");
	html_text(html, "msgext.cgi' | sh");
	html_markup(html, "</pre>");
}

/* A key that nobody else has, to be pasted; without one the line is left out. */
static void
key_print(struct view *view)
{
	char text[HMAC_TEXT_LENGTH + 1];

	if (fresh_key(text) != 0)
		return;
	html_markup(&view->html, "<p>");
	say(view, STRING_KEY_P);
	html_markup(&view->html, "</p><pre>link_key = ");
	html_text(&view->html, text);
	html_markup(&view->html, "</pre>");
}

int
page_check(struct view *view)
{
	struct html *html = &view->html;
	struct selftest test;

	selftest_run(&test, view);
	page_begin(view, string_get(view->language, STRING_CHECK), NAV_CHECK);
	html_markup(html, "<h1>");
	say(view, STRING_CHECK);
	html_markup(html, "</h1>");
	view_tools(view);
	sum_print(view, &test);
	points_print(view, &test);
	sample_print(view);
	key_print(view);
	page_end(view);
	return 200;
}

/*
 * page_shared.c - what a signed link shows: one message's result, to whoever has the link.
 *
 * The link's maker chose the title, and whether names are shown; both are under the signature.
 * Where names are hidden no key is written at all, so none can be found in the page's bytes.  The
 * page leads nowhere but to itself: what else the viewer has is none of the reader's business.
 */
#include <stdint.h>
#include <string.h>

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

/* "221 answers · As of 26 Nov 2026 16:42 · 4 updates never arrived" */
static void
summary_print(struct view *view, const struct result *result)
{
	struct html *html = &view->html;

	html_markup(html, "<p class=\"dim\">");
	if (result->pair_count == 0)
		say(view, STRING_NO_ANSWERS);
	else
		answers_print(view, result->pair_count);
	html_markup(html, " \xc2\xb7 ");
	say_with(view, STRING_AS_OF, PART_TIME_FULL(view->now));
	if (result->lost > 0) {
		html_markup(html, " \xc2\xb7 ");
		lost_count_print(view, result);
	}
	html_markup(html, "</p>");
}

static void
body_print(struct view *view, const struct result *result)
{
	const struct rows all = { 0, SIZE_MAX };
	uint64_t total;
	struct html *html = &view->html;

	summary_print(view, result);
	unreadable_print(view, result->unreadable);
	view_tools(view);
	/* Where names are shown, answers that all differ are seen beside them. */
	if (!view->link->names || !answers_differ(result))
		(void)tally_print(view, result, all, false);
	if (!view->link->names || result->pair_count == 0)
		return;
	html_markup(html, "<h2>");
	say(view, STRING_WHO_WHAT);
	html_markup(html, "</h2>");
	(void)pairs_print(view, result, all, &total);
}

int
page_shared(struct view *view)
{
	const struct link *link = view->link;
	const struct result_query query = { .data_dir = view->config->data_dir,
		.group = link->group,
		.message = link->msg_seq };
	char title[MESSAGE_TITLE_SIZE];
	struct result result;
	int found = result_read(&result, &query, &view->fault);

	if (found != 1) {
		result_free(&result);
		return page_failed(view, found);
	}
	message_title(view, title);
	page_begin(view, link->title[0] != '\0' ? link->title : title, NAV_NONE);
	html_markup(&view->html, "<h1>");
	if (link->title[0] != '\0')
		html_user(&view->html, link->title);
	else
		html_text(&view->html, title);
	html_markup(&view->html, "</h1>");
	body_print(view, &result);
	page_end(view);
	result_free(&result);
	return 200;
}

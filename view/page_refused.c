/*
 * page_refused.c - the viewer without a configuration that works: what to set.
 *
 * Nothing is open by default, so this is what whoever installs the viewer sees first.  The page
 * is public: it shows what to write, and a key made for it, but nothing of what is there.  Why a
 * configuration was refused is in the web server's error log.
 */
#include <stdio.h>

#include "view/layout.h"
#include "view/page.h"

/* What a line of the configuration is to hold. */
static void
line_explain(struct view *view, const char *key, enum string string)
{
	html_markup(&view->html, "<li><code>");
	html_text(&view->html, key);
	html_markup(&view->html, "</code>: ");
	say(view, string);
}

int
page_refused(struct view *view)
{
	struct html *html = &view->html;
	char key[HMAC_TEXT_LENGTH + 1], line[64];

	page_begin(view, string_get(view->language, STRING_REFUSED), NAV_NONE);
	html_markup(html, "<h1>");
	say(view, STRING_REFUSED);
	html_markup(html, "</h1><p>");
	say(view, STRING_REFUSED_P);
	html_markup(html, "</p><pre>data_dir = /home/you/msgext/data\npassword = ...\nlink_key = ");
	html_text(html, fresh_key(key) == 0 ? key : "...");
	html_markup(html, "</pre><ul>");
	line_explain(view, "data_dir", STRING_REFUSED_DIR);
	line_explain(view, "password", STRING_REFUSED_PASSWORD);
	line_explain(view, "link_key", STRING_FRESH_KEY);
	html_markup(html, "</ul>");
	if (view->fault.code != FAULT_NONE) {
		snprintf(line, sizeof(line), "msgext-view: %s", fault_slug(view->fault.code));
		html_markup(html, "<p>");
		say_with(view, STRING_FAILED_P, PART_CODE(line));
		html_markup(html, "</p>");
	}
	page_end(view);
	return 503;
}

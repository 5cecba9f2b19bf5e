/*
 * page_signin.c - who does not yet have a session is asked for the password.
 *
 * It is the same page whatever was asked for, and before anything is looked for: so nobody learns
 * what is there.  Where he wanted to go is a query that was read and printed anew.  A link from
 * elsewhere arrives without the cookie, which is SameSite=Strict: so those who have signed in get
 * a link that arrives with it.
 */
#include <stdio.h>

#include "view/layout.h"
#include "view/page.h"

/* Why the page is shown again. */
static void
reason_put(struct view *view, enum string reason)
{
	html_markup(&view->html, "<div class=\"note err\" role=\"alert\">");
	say(view, reason);
	html_markup(&view->html, "</div>");
}

static void
form_put(struct view *view)
{
	struct html *html = &view->html;

	html_markup(html,
	    "<form class=\"narrow\" method=\"post\" action=\"?\"><input type=\"hidden\" "
	    "name=\"p\" value=\"in\">");
	if (view->to != NULL) {
		html_markup(html, "<input type=\"hidden\" name=\"to\"");
		html_attribute(html, "value", view->to);
		html_markup(html, ">");
	}
	/* Keepers of passwords want to know whose it is; a field without a name is not sent. */
	html_markup(html,
	    "<input value=\"msgext\" autocomplete=\"username\" hidden><label for=\"pw\">");
	say(view, STRING_PASSWORD);
	html_markup(html,
	    "</label><input class=\"wide\" id=\"pw\" type=\"password\" name=\"password\" "
	    "autocomplete=\"current-password\" required aria-describedby=\"hint\"><p "
	    "class=\"dim\" id=\"hint\">");
	say(view, STRING_SIGNIN_HINT);
	html_markup(html, "</p>");
	if (!view->secure) {
		html_markup(html, "<p class=\"note\">");
		say(view, STRING_NOT_ENCRYPTED);
		html_markup(html, "</p>");
	}
	html_markup(html, "<p><button class=\"main\">");
	say(view, STRING_SIGNIN);
	html_markup(html, "</button></p></form>");
}

/* To where he wanted to go, for whoever has the cookie. */
static void
continue_put(struct view *view)
{
	struct html *html = &view->html;
	char query[ADDRESS_SIZE + 1];

	snprintf(query, sizeof(query), "?%s", view->to);
	html_markup(html, "<p><a");
	html_attribute(html, "href", query);
	html_markup(html, ">");
	say(view, STRING_SIGNIN_AGAIN);
	html_markup(html, "</a></p>");
}

int
page_signin(struct view *view, enum signin why)
{
	page_begin(view, string_get(view->language, STRING_SIGNIN), NAV_NONE);
	html_markup(&view->html, "<h1>");
	say(view, STRING_SIGNIN);
	html_markup(&view->html, "</h1>");
	if (why == SIGNIN_PLAIN) {
		reason_put(view, STRING_HTTPS_REQUIRED);
	} else if (view->config->password == NULL) {
		reason_put(view, STRING_SERVER_ONLY);
	} else {
		if (why != SIGNIN_ASK)
			reason_put(view,
			    why == SIGNIN_WRONG ? STRING_SIGNIN_WRONG : STRING_SIGNIN_BUSY);
		form_put(view);
		if (why == SIGNIN_ASK && view->to != NULL)
			continue_put(view);
	}
	page_end(view);
	return why == SIGNIN_BUSY ? 429 : 403;
}

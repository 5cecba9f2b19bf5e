/* view.h - one request to the viewer, and what its pages share */
#ifndef VIEW_VIEW_H
#define VIEW_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fault.h"
#include "link.h"
#include "view/html.h"
#include "view/strings.h"
#include "view_config.h"

struct address;

/* Rows of a page. */
#define ROWS_GROUPS 100
#define ROWS_MESSAGES 50
#define ROWS_TALLY 10 /* of a section of the message's page; alone, with part=, it has ROWS_PART */
#define ROWS_PAIRS 20
#define ROWS_LOG 12
#define ROWS_PART 300
#define ROWS_EVENTS 30
#define TEXT_FOLDED 300 /* characters: longer values are folded */

struct view {
	const struct view_config *config; /* NULL: page_refused alone can be made */
	const struct address *address;    /* what is asked for; NULL: not known */
	const struct link *link; /* of a shared result, whose signature is right; else NULL */
	enum language language;  /* not LANGUAGE_NONE */
	int64_t now;             /* milliseconds since 1970 */
	bool signed_in;
	bool by_server;     /* by the web server: nobody can sign out */
	bool secure;        /* over https */
	const char *base;   /* "https://host/cgi-bin/view.cgi": links to be sent begin so */
	const char *to;     /* sign-in: the query, without '?', to go to afterwards; or NULL */
	struct fault fault; /* of a page that failed: 400, 500 or 503 */
	struct html html;   /* the page */
};

#endif

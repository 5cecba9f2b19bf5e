/*
 * page.h - the pages.  Each fills view->html and returns its HTTP status.
 *
 * A page that cannot be made ends as `return page_error(view, status)`, which drops what was
 * written before.
 */
#ifndef VIEW_PAGE_H
#define VIEW_PAGE_H

struct view;

int page_groups(struct view *view);
int page_group(struct view *view);
int page_message(struct view *view); /* and part=, v=, q=, a= */
int page_share(struct view *view);   /* make a link */
int page_shared(struct view *view);  /* what a link shows */
int page_events(struct view *view);
int page_check(struct view *view);

enum signin {
	SIGNIN_ASK,   /* 403 */
	SIGNIN_WRONG, /* 403 */
	SIGNIN_BUSY,  /* 429 */
	SIGNIN_PLAIN  /* 403: https = required, and this is http */
};
int page_signin(struct view *view, enum signin why);

/*
 * What failed, in words.  400: the address's wrong parameter; view->fault says how (QUERY_DUPLICATE,
 * QUERY_MALFORMED, FIELD_MISSING, else out of range).  403: a link that is wrong; or, with
 * view->link, one that gives no such file.  404: what the address asks for is not there.  405.
 * 410: a link that has expired.  429.  500 and 503: view->fault.
 */
int page_error(struct view *view, int status);

/* 503: what the configuration must have, with a fresh link_key. */
int page_refused(struct view *view);

#endif

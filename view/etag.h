/*
 * etag.h - has a page changed since the browser got it?
 *
 *	if (etag_make(&view, etag) && etag_matches(if_none_match, etag))
 *		...			304: nothing was read
 */
#ifndef VIEW_ETAG_H
#define VIEW_ETAG_H

#include <stdbool.h>

struct view;

#define ETAG_SIZE 35 /* two quotes, 32 digits, NUL */

/*
 * Writes the ETag of the page that view's address asks for, by what files look like (fstatat), and
 * never by what they hold.  To be called before anything of them is read: so a line that arrives
 * in between is shown early, and never late.  False: the page has none.
 */
bool etag_make(const struct view *view, char etag[ETAG_SIZE]);

/* Is it in the value of If-None-Match?  NULL: not sent. */
bool etag_matches(const char *list, const char etag[ETAG_SIZE]);

#endif

/*
 * address.h - what a query asks the viewer for
 *
 *	struct address address, next;
 *	char decoded[PARAMETERS_LENGTH_MAX + 1], text[ADDRESS_SIZE];
 *
 *	if (address_read(&address, query, decoded, &fault) != 0)
 *		...			400: address.wrong names the parameter
 *	next = address;			next's strings are address's
 *	next.skip += 100;
 *	address_print(&next, text);	"?g=...": a link to the next rows
 *
 * The query string alone says what is asked for: servers differ in how they decode a path.  Whatever
 * was read is printed anew, in one order and one spelling, and never copied.
 */
#ifndef VIEW_ADDRESS_H
#define VIEW_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hmac.h"
#include "link.h"
#include "parameters.h"
#include "view/strings.h"

struct fault;

#define ADDRESS_SEARCH_MAX 100   /* bytes of q */
#define ADDRESS_ANSWER_LENGTH 16 /* digits of a */
#define ADDRESS_SKIP_MAX 1000000 /* rows */

enum page {
	PAGE_GROUPS,
	PAGE_GROUP,
	PAGE_MESSAGE,
	PAGE_SHARE,  /* make a link */
	PAGE_SHARED, /* a signed link's result */
	PAGE_EVENTS,
	PAGE_CHECK
};

enum page_part { PART_ALL, PART_TALLY, PART_PAIRS, PART_LOG };

enum download_format { DOWNLOAD_NONE, DOWNLOAD_EXCEL, DOWNLOAD_CSV, DOWNLOAD_JSON };

/* What a page does not take is as if it were not given. */
struct address {
	enum page page;
	const char *group;    /* g: 1 to GROUP_ID_MAX bytes; NULL: none */
	bool has_message;     /* m */
	uint64_t message;     /* at most INTEGER_MAX */
	uint64_t version;     /* v; 0: now */
	const char *search;   /* q: 1 to ADDRESS_SEARCH_MAX bytes; NULL: none */
	const char *answer;   /* a: ADDRESS_ANSWER_LENGTH digits in small letters; NULL: none */
	enum page_part part;  /* part */
	uint64_t skip;        /* o: rows */
	int64_t before;       /* o of events: milliseconds since 1970; 0: from the newest on */
	unsigned before_line; /* its line of that millisecond */
	enum download_format download; /* f */
	bool all;                      /* all: read the whole log, however long */
	unsigned refresh;              /* r: 0, 30, 60 or 300 seconds */
	const char *title;             /* t: 1 to LINK_TITLE_MAX bytes, plain; NULL: none */
	unsigned days;                 /* d: 1, 7 or 30; 0: not given */
	bool names;                    /* w */
	enum language language;        /* lang; LANGUAGE_NONE: none that we have */
	struct link_values link;       /* of PAGE_SHARED, as it came, for link_check */
	const char *wrong;       /* after a failure: the parameter, or NULL: the query as a whole */
	const char *wrong_value; /* what it had, or NULL: nothing that can be shown */
};

/*
 * Reads a query without its '?'; NULL is an empty one.  The strings point into decoded: an address
 * is small, since a page makes one for each of its links.  Parameters that are not known are skipped,
 * whatever they hold.  Of a signed link only g, m, t, w, e, s, f, r and lang count, and
 * link_check judges all but the last three.  Fails as parameters_read does, or with FIELD_RANGE, FIELD_MISSING (g
 * without which another one says nothing), whose detail names the parameter and its range.
 */
int address_read(struct address *address, const char *query,
    char decoded[PARAMETERS_LENGTH_MAX + 1], struct fault *fault);

/* '?', and a parameter with each of the members: three strings of 3 bytes a byte, and numbers. */
#define ADDRESS_SIZE                                                                               \
	(3 * GROUP_ID_MAX + 3 * ADDRESS_SEARCH_MAX + 3 * LINK_TITLE_MAX + HMAC_TEXT_LENGTH + 320)

/*
 * Writes "?", the query, and NUL: the same page again.  Returns its length.  A signed link that
 * cannot have been ours is printed as PAGE_GROUPS.
 */
size_t address_print(const struct address *address, char text[ADDRESS_SIZE]);

#endif

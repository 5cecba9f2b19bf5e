/* answer.h - the vendor's answer to group_get_key_values, all its pages -> one snapshot */
#ifndef LOG_ANSWER_H
#define LOG_ANSWER_H

#include <stddef.h>

#include "record.h"

struct fault;

#define ANSWER_PAGES_MAX 1000

struct answer {
	struct record
	    record; /* but for time, group_id and msg_seq; its pairs live as long as the answer */
	/* private */
	struct document *pages[ANSWER_PAGES_MAX];
	size_t page_count;
	struct event_pair *pairs;  /* of all pages, in their order */
	struct event_pair *sorted; /* the same by key, then version */
};

/*
 * Reads the pages, which follow one another in length bytes.  The caller calls answer_free in any case.
 * Fails as document_parse and document_answer do, with FIELD_RANGE where pages are
 * missing, out of order or of several messages, JSON_MALFORMED where there is none.
 */
int answer_read(struct answer *answer, const char *bytes, size_t length, struct fault *fault);
void answer_free(struct answer *answer);

enum answer_holds { ANSWER_HOLDS_NOT, ANSWER_HOLDS, ANSWER_DENIES };

/* Has the answer that key in that version: with that value (NULL: a delete), or with another one? */
enum answer_holds answer_holds(const struct answer *answer, const struct event_pair *pair);

/* For qsort: pairs by key, then version. */
int pair_compare_key(const void *a, const void *b);

#endif

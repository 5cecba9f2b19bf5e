/*
 * ask.h - what is asked for one message, and what its answers lead to
 *
 *	struct ask ask = { 0 };
 *
 *	ask_begin(&ask, task);
 *	do
 *		body = ask_body(&ask);               the request; the caller frees it; NULL: no memory
 *	while ((next = ask_take(&ask, &config, &done, fault)) <= ASK_SLOWER);
 *	...
 *	ask_end(&ask);
 */
#ifndef REPAIR_ASK_H
#define REPAIR_ASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "log/repairs.h"

struct curl_done;
struct fault;
struct repair_config;
struct task;

enum ask_next {
	ASK_MORE,    /* ask for more */
	ASK_AGAIN,   /* ask once more: this was trouble that may pass */
	ASK_SLOWER,  /* ask again, more slowly */
	ASK_DONE,    /* pages hold a whole answer, from version 0 on */
	ASK_KNOWN,   /* there is nothing new */
	ASK_LEFT,    /* trouble once more: fault says what */
	ASK_REFUSED, /* cannot be repaired: repair says why, but for the time */
	ASK_STOP /* nothing can be asked: fault says why, with REST_REFUSED, REST_LIMITED, MEMORY */
};

struct ask {
	struct task *task; /* NULL: free */
	bool flying;       /* a call is under way */
	char *pages;       /* the answer so far, length bytes */
	size_t length;
	struct repair repair;
	bool is_trouble; /* of ASK_LEFT: the vendor was not reached, or it is not the vendor's */
	/* private */
	bool probing; /* is there anything new? */
	uint64_t start_seq, first_latest;
	unsigned page_count, troubles, restarts;
};

void ask_begin(struct ask *ask, struct task *task);
/* The body of group_get_key_values.  The caller frees it.  NULL: no memory. */
char *ask_body(const struct ask *ask);
/* Takes a call's end in; done is not CURL_UNSENT. */
enum ask_next ask_take(struct ask *ask, const struct repair_config *config,
    const struct curl_done *done, struct fault *fault);
/* An answer that was whole did not make sense: asks once more, or ASK_LEFT. */
enum ask_next ask_doubt(struct ask *ask);
void ask_end(struct ask *ask);

#endif

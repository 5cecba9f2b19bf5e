/*
 * import.h - what an import changes, and whether the log speaks against it
 *
 *	struct import import = { .answer = &answer, .group_id = ..., .msg_seq = ..., .has_log = true };
 *
 *	if (import_begin(&import, fault) == 0)
 *		while (there is a record of the message, whichever first)
 *			if (import_fold(&import, &record, false, fault) != 0)
 *				...
 *	if (import_compare(&import, fault) == 0 && import_judge(&import, fault) == 0)
 *		use(&import.change);
 *	import_end(&import);
 *
 * Records may be added after import_judge, and judged again.
 */
#ifndef LOG_IMPORT_H
#define LOG_IMPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct answer;
struct fault;
struct record;
struct state;

/* Of a message's pairs: how many there are, how many go, come, and get another value. */
struct change {
	size_t pairs, go, come, differ;
	uint64_t version_before, version_after;
};

struct import {
	/* set by the caller; what is pointed to must live until import_end */
	const struct answer *answer; /* to be taken in; NULL: an import is taken out */
	const char *group_id;
	uint64_t msg_seq;
	bool has_log; /* has the group a log? */
	/* set by import_compare */
	struct change change;
	/* private */
	struct state *before, *after;
	uint64_t records, matches;
	char conflict[128]; /* what of the answer the log has with another value, or "" */
};

/* All of these fail with MEMORY; import_end follows either way, and may be called again. */
int import_begin(struct import *import, struct fault *fault);
/* Takes a record of the message in.  taken_out: it is the import that is taken out. */
int import_fold(struct import *import, const struct record *record, bool taken_out,
    struct fault *fault);
/* Finds what changes. */
int import_compare(struct import *import, struct fault *fault);
/* Fails with FIELD_RANGE where the log speaks against the answer. */
int import_judge(const struct import *import, struct fault *fault);
/*
 * The same for an answer that was asked for just now: it is of this message, and may take most
 * pairs away, as a clear does that never arrived.  Only another value of a version speaks against it.
 */
int import_judge_fetched(const struct import *import, struct fault *fault);
/* Are versions missing still, with the answer?  After import_compare. */
bool import_leaves_gap(const struct import *import);
/* Frees what was folded; what the caller has set stays. */
void import_end(struct import *import);

#endif

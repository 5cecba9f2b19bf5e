/*
 * import.c - what an import changes, and whether the log speaks against it.
 *
 * An answer names no message.  Appended to another one's log it replaces that
 * state, and since it speaks of higher versions not even the right answer heals
 * it.  So the log is asked first.
 *
 * Both states, with and without the answer, are folded side by side: the order in
 * which records are folded does not matter, so the answer can be the first.
 */
#include "log/import.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "log/answer.h"
#include "log/state.h"
#include "record.h"

#define PAIRS_MANY 8 /* of fewer, more than half may well go */

int
import_begin(struct import *import, struct fault *fault)
{
	import_end(import);
	import->before = state_new();
	import->after = state_new();
	if (import->before == NULL || import->after == NULL ||
	    (import->answer != NULL && state_fold(import->after, &import->answer->record) != 0))
		return fault_memory(fault);
	return 0;
}

void
import_end(struct import *import)
{
	state_free(import->before);
	state_free(import->after);
	import->before = import->after = NULL;
	import->records = import->matches = 0;
	import->conflict[0] = '\0';
}

/* Compares the answer with pairs of the log.  deleted: their values count for nothing. */
static void
pairs_compare(struct import *import, const struct event_pair *pairs, size_t count, bool deleted)
{
	for (size_t i = 0; i < count; i++) {
		const struct event_pair pair = { pairs[i].key, deleted ? NULL : pairs[i].value,
			pairs[i].seq };
		enum answer_holds holds = answer_holds(import->answer, &pair);

		import->matches += holds == ANSWER_HOLDS;
		if (holds == ANSWER_DENIES && import->conflict[0] == '\0')
			snprintf(import->conflict, sizeof(import->conflict), "Key %.80s, Seq %llu",
			    pair.key, (unsigned long long)pair.seq);
	}
}

int
import_fold(struct import *import, const struct record *record, bool taken_out, struct fault *fault)
{
	const struct event *event = &record->event;
	bool deletes = !record->is_snapshot && event->operate_type == OPERATE_DELETE;

	import->records++;
	if (import->answer != NULL) {
		pairs_compare(import, event->pairs, event->pair_count, deletes);
		pairs_compare(import, record->deleted, record->deleted_count, true);
		pairs_compare(import, record->unlisted, record->unlisted_count, false);
	}
	if (state_fold(import->before, record) != 0 ||
	    (!taken_out && state_fold(import->after, record) != 0))
		return fault_memory(fault);
	return 0;
}

/* A state's pairs by key, as many as *count; the caller frees them.  NULL: no memory. */
static struct event_pair *
pairs_by_key(struct state *state, uint64_t msg_seq, size_t *count, uint64_t *version)
{
	struct message *message;
	struct event_pair *pairs;

	*count = 0;
	*version = 0;
	if (state_flush(state) != 0)
		return NULL;
	message = state_message(state, msg_seq);
	if (message == NULL)
		return calloc(1, sizeof(*pairs));
	*version = message->latest_seq;
	pairs = message_pairs(message, count);
	if (pairs != NULL)
		qsort(pairs, *count, sizeof(*pairs), pair_compare_key);
	return pairs;
}

int
import_compare(struct import *import, struct fault *fault)
{
	struct change *change = &import->change;
	size_t count = 0, i = 0, j = 0;
	struct event_pair *before, *after = NULL;
	int result = -1;

	*change = (struct change){ 0 };
	before =
	    pairs_by_key(import->before, import->msg_seq, &change->pairs, &change->version_before);
	after = pairs_by_key(import->after, import->msg_seq, &count, &change->version_after);
	if (before == NULL || after == NULL) {
		fault_memory(fault);
		goto out;
	}
	while (i < change->pairs || j < count) {
		int order = i == change->pairs ? 1
		    : j == count               ? -1
					       : strcmp(before[i].key, after[j].key);

		change->go += order < 0;
		change->come += order > 0;
		change->differ += order == 0 && strcmp(before[i].value, after[j].value) != 0;
		i += order <= 0;
		j += order >= 0;
	}
	result = 0;
out:
	free(before);
	free(after);
	return result;
}

/* Refuses what --force passes.  The reason is last: of a long one the end is cut. */
static int PRINTF_LIKE(3, 4)
    import_refuse(struct fault *fault, const char *member, const char *format, ...)
{
	char reason[FAULT_DETAIL_SIZE];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(reason, sizeof(reason), format, arguments);
	va_end(arguments);
	return fault_set(fault, FAULT_FIELD_RANGE,
	    "%s: nothing was written; if this is the right answer, repeat with --force: %s", member,
	    reason);
}

int
import_judge(const struct import *import, struct fault *fault)
{
	const struct change *change = &import->change;
	unsigned long long message = import->msg_seq;

	if (!import->has_log)
		return import_refuse(fault, "GroupId", "there is no log of %s", import->group_id);
	if (import->records == 0)
		return import_refuse(fault, "MsgSeq", "the log has no events of message %llu",
		    message);
	if (import->conflict[0] != '\0')
		return import_refuse(fault, "ExtensionList",
		    "the log of message %llu has another value for %s", message, import->conflict);
	if (change->pairs >= PAIRS_MANY && 2 * change->go > change->pairs && import->matches == 0)
		return import_refuse(fault, "ExtensionList",
		    "most pairs of message %llu would be removed, and its log has none of the "
		    "answer's",
		    message);
	return 0;
}

int
import_judge_fetched(const struct import *import, struct fault *fault)
{
	if (import->conflict[0] == '\0')
		return 0;
	return fault_set(fault, FAULT_FIELD_RANGE, "the log has another value for %s",
	    import->conflict);
}

bool
import_leaves_gap(const struct import *import)
{
	const struct message *message = state_message(import->after, import->msg_seq);
	struct seq_range gap;

	return message != NULL && message_gap(message, 0, &gap);
}

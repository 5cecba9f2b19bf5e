/*
 * import.c - msgextctl import: the vendor's answer taken in, and taken out again.
 *
 * An answer names no message.  Appended to another one's log it replaces that
 * state, and since it speaks of higher versions not even the right answer heals
 * it.  So the log is asked first: what would change is told, and what the log speaks
 * against is refused unless --force.  Nobody is ever asked: scripts import too.
 *
 * The whole log is read without a lock.  What an event says that arrives between
 * that and the append is read under the log's lock, and judged with the rest, in the
 * same step as the append (store_append_if); so what is told is what was done.  All
 * that could block, reading the answer and telling of it, is before and behind that.
 *
 * Both states, with and without the answer, are folded side by side: the order in
 * which records are folded does not matter, so the answer can be the first.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/base.h"
#include "base/fault.h"
#include "base/text.h"
#include "ctl/ctl.h"
#include "ctl/read.h"
#include "log/answer.h"
#include "log/compact.h"
#include "log/scan.h"
#include "log/state.h"
#include "names.h"
#include "parse.h"
#include "base/lock.h"
#include "base/time.h"
#include "store/options.h"
#include "store.h"

#define ANSWER_SIZE_MAX (64 << 20)
#define SETTLE_MILLISECONDS 5000
#define TRIES_MAX 10 /* where the log is replaced again and again */
#define PAIRS_MANY 8 /* of fewer, more than half may well go */

struct change {
	size_t pairs, go, come, differ;
	uint64_t version_before, version_after;
};

struct import {
	struct ctl *ctl;
	struct answer answer;
	char *line; /* the snapshot */
	size_t length;
	/* the log, as far as it was read */
	char log_name[STORE_NAME_SIZE];
	char needle[48];
	struct scan scan; /* not open: there is no log */
	off_t offset;     /* behind the last line */
	uint64_t number;  /* of that line */
	struct state *before, *after;
	struct last_import undone; /* which after lacks; .line 0: lacks none */
	uint64_t records, matches;
	char conflict[128]; /* what of the answer the log has with another value, or "" */
	struct change change;
};

/* the answer */

/* Reads all of a descriptor, for free. */
static char *
input_read(struct ctl *ctl, int fd, size_t *length)
{
	size_t size = 65536;
	char *bytes = malloc(size);
	ssize_t count;

	*length = 0;
	while (bytes != NULL) {
		count = read(fd, bytes + *length, size - *length);
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0) {
			fault_set(&ctl->fault, FAULT_OPEN_FAILED, "answer: %s", strerror(errno));
			break;
		}
		if (count == 0)
			return bytes;
		*length += (size_t)count;
		if (*length > ANSWER_SIZE_MAX) {
			fault_set(&ctl->fault, FAULT_FIELD_RANGE, "answer: is over 64 MiB");
			break;
		}
		if (*length == size) {
			char *larger = realloc(bytes, 2 * size);

			size *= 2;
			if (larger == NULL)
				break;
			bytes = larger;
		}
	}
	if (ctl->fault.code == FAULT_NONE)
		fault_set(&ctl->fault, FAULT_MEMORY, "no memory for the answer");
	free(bytes);
	return NULL;
}

/* Reads the answer, and makes the line of it. */
static int
answer_load(struct import *import)
{
	struct ctl *ctl = import->ctl;
	struct record *record = &import->answer.record;
	bool named = ctl->file != NULL && strcmp(ctl->file, "-") != 0;
	int fd = named ? open(ctl->file, O_RDONLY | O_CLOEXEC) : STDIN_FILENO, result = -1;
	struct timespec now;
	size_t length = 0;
	char *bytes = NULL;

	if (fd < 0)
		return fault_set(&ctl->fault, FAULT_OPEN_FAILED, "%s: %s", ctl->file,
		    strerror(errno));
	bytes = input_read(ctl, fd, &length);
	if (bytes == NULL || answer_read(&import->answer, bytes, length, &ctl->fault) != 0)
		goto out;
	clock_gettime(CLOCK_REALTIME, &now);
	record->time = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
	record->event.group_id = ctl->selection.group;
	record->event.msg_seq = ctl->selection.message;
	import->line = record_line(record, &import->length);
	if (import->line == NULL)
		fault_set(&ctl->fault, FAULT_MEMORY, "no memory for the snapshot");
	else if (import->length > LINE_SIZE_MAX)
		fault_set(&ctl->fault, FAULT_FIELD_RANGE,
		    "answer: its snapshot would be over %d bytes", LINE_SIZE_MAX);
	else
		result = 0;
out:
	free(bytes);
	if (named)
		close(fd);
	return result;
}

/* the log */

/* Compares the answer with pairs of the log.  deleted: their values count for nothing. */
static void
pairs_compare(struct import *import, const struct event_pair *pairs, size_t count, bool deleted)
{
	for (size_t i = 0; i < count; i++) {
		const struct event_pair pair = { pairs[i].key, deleted ? NULL : pairs[i].value,
			pairs[i].seq };
		enum answer_holds holds = answer_holds(&import->answer, &pair);

		import->matches += holds == ANSWER_HOLDS;
		if (holds == ANSWER_DENIES && import->conflict[0] == '\0')
			snprintf(import->conflict, sizeof(import->conflict), "Key %.80s, Seq %llu",
			    pair.key, (unsigned long long)pair.seq);
	}
}

/* Takes a record of the message in. */
static int
record_take(struct import *import, const struct line *line, const struct record *record)
{
	const struct event *event = &record->event;
	bool deletes = !record->is_snapshot && event->operate_type == OPERATE_DELETE;

	import->records++;
	pairs_compare(import, event->pairs, event->pair_count, deletes);
	pairs_compare(import, record->deleted, record->deleted_count, true);
	pairs_compare(import, record->unlisted, record->unlisted_count, false);
	if (state_fold(import->before, record) != 0 ||
	    (line->number != import->undone.line && state_fold(import->after, record) != 0))
		return fault_set(&import->ctl->fault, FAULT_MEMORY, "no memory for the state");
	return 0;
}

/* Calls take with the message's records in the log's lines that end at or before that offset. */
static int
lines_read(struct import *import, off_t end,
    int (*take)(struct import *import, const struct line *line, const struct record *record))
{
	struct ctl *ctl = import->ctl;
	size_t needle_length = strlen(import->needle);
	struct line line;
	int result = 1;

	/* Anew from the last whole line: what was unfinished may have been cut off. */
	scan_seek(&import->scan, import->offset, import->number);
	while (result >= 0 && import->offset < end &&
	    (result = scan_next(&import->scan, &line, &ctl->fault)) == 1) {
		struct record record;

		if (scan_offset(&import->scan) > end)
			break;
		import->offset = scan_offset(&import->scan);
		import->number = line.number;
		if (memmem(line.bytes, line.length, import->needle, needle_length) == NULL)
			continue;
		result = ctl_record(ctl, import->log_name, &line, &record);
		if (result == 1 && record.event.msg_seq == ctl->selection.message)
			result = take(import, &line, &record);
	}
	return result < 0 ? -1 : 0;
}

/* Forgets what was read of the log. */
static void
log_forget(struct import *import)
{
	scan_close(&import->scan);
	state_free(import->before);
	state_free(import->after);
	import->before = import->after = NULL;
	import->offset = 0;
	import->number = import->records = import->matches = 0;
	import->conflict[0] = '\0';
	import->ctl->unreadable = 0;
}

/*
 * Opens the log, and finds out up to where no writer takes anything back any more;
 * where there is none, it stays closed.
 */
static int
log_open(struct import *import, off_t *settled)
{
	struct ctl *ctl = import->ctl;
	int found;

	log_forget(import);
	*settled = INT64_MAX;
	import->before = state_new();
	import->after = state_new();
	if (import->before == NULL || import->after == NULL)
		return fault_set(&ctl->fault, FAULT_MEMORY, "no memory for the state");
	if (import->answer.page_count > 0 && state_fold(import->after, &import->answer.record) != 0)
		return fault_set(&ctl->fault, FAULT_MEMORY, "no memory for the state");
	found = scan_open(&import->scan, ctl->store.data_dir, import->log_name, &ctl->fault);
	if (found < 0 || (found == 0 && ctl->undo))
		return found < 0
		    ? -1
		    : fault_set(&ctl->fault, FAULT_LOG_CHANGED, "%s: is gone", import->log_name);
	if (found == 0 || ctl->dry_run || ctl->undo)
		return 0;
	if (lock_wait(import->scan.fd, F_RDLCK, clock_milliseconds() + SETTLE_MILLISECONDS) != 0)
		return fault_set(&ctl->fault, FAULT_LOCK_TIMEOUT,
		    "%s: the lock was not had in time", import->log_name);
	*settled = lseek(import->scan.fd, 0, SEEK_END);
	lock_end(import->scan.fd);
	return 0;
}

/* what would change */

/* A state's pairs by key, for free, as many as *count; NULL: no memory. */
static struct event_pair *
pairs_by_key(struct state *state, uint64_t msg_seq, size_t *count, uint64_t *version)
{
	struct message *message;
	struct event_pair *pairs;

	*count = 0;
	*version = 0;
	if (state_settle(state) != 0)
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

static int
change_find(struct import *import)
{
	struct change *change = &import->change;
	uint64_t message = import->ctl->selection.message;
	size_t count = 0, i = 0, j = 0;
	struct event_pair *before, *after = NULL;
	int result = -1;

	*change = (struct change){ 0 };
	before = pairs_by_key(import->before, message, &change->pairs, &change->version_before);
	after = pairs_by_key(import->after, message, &count, &change->version_after);
	if (before == NULL || after == NULL) {
		fault_set(&import->ctl->fault, FAULT_MEMORY, "no memory for the pairs");
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

static void
change_tell(const struct change *change)
{
	fprintf(stderr, "msgextctl: %zu of %zu pairs go, %zu come, version %llu -> %llu",
	    change->go, change->pairs, change->come, (unsigned long long)change->version_before,
	    (unsigned long long)change->version_after);
	if (change->differ > 0)
		fprintf(stderr, "; %zu other values", change->differ);
	fputc('\n', stderr);
}

/* Refuses what --force passes.  The reason is last: of a long one the end is cut. */
static int PRINTF_LIKE(3, 4)
    import_refuse(struct ctl *ctl, const char *member, const char *format, ...)
{
	char reason[FAULT_DETAIL_SIZE];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(reason, sizeof(reason), format, arguments);
	va_end(arguments);
	return fault_set(&ctl->fault, FAULT_FIELD_RANGE,
	    "%s: nothing is written; where this is the right answer repeat with --force: %s",
	    member, reason);
}

/* Finds what would change, and whether the log speaks against it. */
static int
import_judge(struct import *import)
{
	struct ctl *ctl = import->ctl;
	unsigned long long message = ctl->selection.message;
	const struct change *change = &import->change;

	if (change_find(import) != 0)
		return -1;
	if (ctl->force)
		return 0;
	if (import->scan.fd < 0)
		return import_refuse(ctl, "GroupId", "there is no log of %s", ctl->selection.group);
	if (import->records == 0)
		return import_refuse(ctl, "MsgSeq", "the log has nothing of message %llu", message);
	if (import->conflict[0] != '\0')
		return import_refuse(ctl, "ExtensionList",
		    "the log of message %llu has another value for %s", message, import->conflict);
	if (change->pairs >= PAIRS_MANY && 2 * change->go > change->pairs && import->matches == 0)
		return import_refuse(ctl, "ExtensionList",
		    "most pairs of message %llu would go, and its log has none of the answer's",
		    message);
	return 0;
}

/* import */

/* Is the log that is locked the one that was read? */
static bool
log_is_read(const struct import *import, const struct store_extent *extent)
{
	if (import->scan.fd < 0)
		return extent->size == 0;
	return import->scan.device == extent->device && import->scan.inode == extent->inode &&
	    import->offset <= extent->size;
}

/* Under the log's lock: judges with what has arrived since. */
static int
import_allow(void *context, const struct store_extent *extent, struct fault *fault)
{
	struct import *import = context;

	if (!log_is_read(import, extent))
		return fault_set(fault, FAULT_LOG_CHANGED,
		    "%s: was replaced or cut meanwhile; nothing is changed", import->log_name);
	if (import->scan.fd < 0 || import->offset == extent->size)
		return 0;
	/* The fault is ctl's, as is store_append_if's. */
	if (lines_read(import, extent->size, record_take) != 0)
		return -1;
	return import_judge(import);
}

/* Reads the log, judges, and appends; again where the log was replaced. */
static int
import_append(struct import *import)
{
	struct ctl *ctl = import->ctl;
	struct store_condition condition = { .line = import->line,
		.length = import->length,
		.allow = import_allow,
		.context = import };
	off_t settled;

	for (int i = 1;; i++) {
		ctl->fault.code = FAULT_NONE;
		if (log_open(import, &settled) != 0)
			return -1;
		if (import->scan.fd >= 0 && lines_read(import, settled, record_take) != 0)
			return -1;
		if (import_judge(import) != 0)
			return -1;
		if (ctl->dry_run)
			return 0;
		if (store_append_if(&ctl->store, ctl->selection.group, &condition, &ctl->fault) ==
		    0)
			return 0;
		if (ctl->fault.code != FAULT_LOG_CHANGED || i == TRIES_MAX)
			return -1;
	}
}

/* undo */

static int
import_find(struct import *import, const struct line *line, const struct record *record)
{
	import_look(&import->undone, line->number, record);
	return 0;
}

/* Finds what would change if the last import were not there, and whether it can be taken out. */
static int
undo_judge(struct import *import)
{
	struct ctl *ctl = import->ctl;
	off_t end;

	import->undone.msg_seq = ctl->selection.message;
	if (log_open(import, &end) != 0 || lines_read(import, end, import_find) != 0 ||
	    import_check(&import->undone, &ctl->fault) != 0)
		return -1;
	if (log_open(import, &end) != 0 || lines_read(import, end, record_take) != 0)
		return -1;
	return change_find(import);
}

static int
import_undo(struct import *import)
{
	struct ctl *ctl = import->ctl;
	struct compaction compaction = { .options = &ctl->store,
		.group_id = ctl->selection.group,
		.undo = &ctl->selection.message };

	if (undo_judge(import) != 0)
		return -1;
	if (!ctl->dry_run && compact_log(&compaction, &ctl->fault) != 0)
		return -1;
	change_tell(&import->change);
	if (compaction.archive[0] != '\0')
		fprintf(stderr, "msgextctl: the original is %s\n", compaction.archive);
	return 0;
}

int
ctl_import(struct ctl *ctl)
{
	struct import import = { .ctl = ctl, .scan.fd = -1 };
	int result = -1;

	store_name_find(ctl->store.data_dir, ctl->selection.group, import.log_name);
	snprintf(import.needle, sizeof(import.needle), "\"MsgSeq\":%llu",
	    (unsigned long long)ctl->selection.message);
	if (!text_is_plain(ctl->selection.group, strlen(ctl->selection.group))) {
		fault_set(&ctl->fault, FAULT_FIELD_RANGE, "GroupId: is no plain UTF-8");
		goto out;
	}
	if (!ctl->dry_run && ctl_owner_check(ctl) != 0)
		goto out;
	if (ctl->undo) {
		if (scan_size(ctl->store.data_dir, import.log_name) == 0)
			return ctl_nothing(ctl);
		result = import_undo(&import);
	} else if (answer_load(&import) == 0) {
		result = import_append(&import);
		if (result == 0 || fault_exit_status(ctl->fault.code) == EX_DATAERR)
			change_tell(&import.change);
	}
	ctl_tell_unreadable(ctl);
out:
	log_forget(&import);
	answer_free(&import.answer);
	free(import.line);
	return result == 0 ? EX_OK : ctl_fail(ctl);
}

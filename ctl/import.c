/*
 * import.c - msgextctl import: the vendor's answer taken in, and taken out again.
 *
 * It reports what would change (log/import.c), and refuses what the log speaks against,
 * unless --force.  Nobody is ever asked: scripts import too.
 *
 * The whole log is read without a lock.  What an event says that arrives between
 * that and the append is read under the log's lock, and judged with the rest, in the
 * same step as the append (store_append_if); so what is reported is what was done.  All
 * that could block, reading the answer and reporting, is before and after that.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/lock.h"
#include "base/text.h"
#include "base/time.h"
#include "ctl/ctl.h"
#include "ctl/read.h"
#include "log/answer.h"
#include "log/compact.h"
#include "log/import.h"
#include "log/scan.h"
#include "names.h"
#include "record.h"
#include "store/options.h"
#include "store.h"

#define ANSWER_SIZE_MAX (64 << 20)
#define SETTLE_MILLISECONDS 5000
#define TRIES_MAX 10 /* where the log is replaced again and again */

struct work {
	struct ctl *ctl;
	struct answer answer;
	char *line; /* the snapshot */
	size_t length;
	/* the log, as far as it was read */
	char log_name[STORE_NAME_SIZE];
	char needle[48];
	struct scan scan; /* not open: there is no log */
	off_t offset;     /* after the last line */
	uint64_t number;  /* of that line */
	struct import import;
	struct last_import undone; /* .line 0: none is */
};

/* the answer */

/* Reads all of a descriptor; the caller frees it.  NULL: ctl->fault. */
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
		fault_memory(&ctl->fault);
	free(bytes);
	return NULL;
}

/* Reads the answer, and makes the line of it. */
static int
answer_load(struct work *work)
{
	struct ctl *ctl = work->ctl;
	struct record *record = &work->answer.record;
	bool named = ctl->file != NULL && strcmp(ctl->file, "-") != 0;
	int fd = named ? open(ctl->file, O_RDONLY | O_CLOEXEC) : STDIN_FILENO, result = -1;
	struct timespec now;
	size_t length = 0;
	char *bytes = NULL;

	if (fd < 0)
		return fault_set(&ctl->fault, FAULT_OPEN_FAILED, "%s: %s", ctl->file,
		    strerror(errno));
	bytes = input_read(ctl, fd, &length);
	if (bytes == NULL || answer_read(&work->answer, bytes, length, &ctl->fault) != 0)
		goto out;
	clock_gettime(CLOCK_REALTIME, &now);
	record->time = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
	record->event.group_id = ctl->selection.group;
	record->event.msg_seq = ctl->selection.message;
	work->line = record_line(record, &work->length);
	if (work->line == NULL)
		fault_memory(&ctl->fault);
	else if (work->length > LINE_SIZE_MAX)
		fault_set(&ctl->fault, FAULT_FIELD_RANGE,
		    "answer: its snapshot would be over %d bytes", LINE_SIZE_MAX);
	else
		result = 0;
	work->import.answer = &work->answer;
out:
	free(bytes);
	if (named)
		close(fd);
	return result;
}

/* the log */

/*
 * 1: the message's next record, in a line that ends at or before that offset; 0: there is no other;
 * -1: ctl's fault.
 */
static int
record_next(struct work *work, off_t end, struct item *item)
{
	struct ctl *ctl = work->ctl;
	int more = 0;

	while (
	    work->offset < end && (more = scan_next(&work->scan, &item->line, &ctl->fault)) == 1) {
		if (scan_offset(&work->scan) > end)
			return 0;
		work->offset = scan_offset(&work->scan);
		work->number = item->line.number;
		if (memmem(item->line.bytes, item->line.length, work->needle,
			strlen(work->needle)) == NULL)
			continue;
		more = ctl_record(ctl, work->log_name, &item->line, &item->record);
		if (more < 0 || (more == 1 && ctl_selects(ctl, &item->record)))
			return more;
	}
	return more < 0 ? -1 : 0;
}

/* Folds what stands before that offset and was not folded yet. */
static int
log_fold(struct work *work, off_t end)
{
	struct fault *fault = &work->ctl->fault;
	struct item item;
	int more;

	/* Once more from the last whole line: what was unfinished may have been cut off. */
	scan_seek(&work->scan, work->offset, work->number);
	while ((more = record_next(work, end, &item)) == 1)
		if (import_fold(&work->import, &item.record, item.line.number == work->undone.line,
			fault) != 0)
			return -1;
	return more;
}

/* Forgets what was read of the log. */
static void
log_forget(struct work *work)
{
	scan_close(&work->scan);
	import_end(&work->import);
	work->offset = 0;
	work->number = 0;
	work->ctl->unreadable = 0;
}

/*
 * Opens the log, and finds out up to where no writer takes anything back any more;
 * where there is none, it stays closed.
 */
static int
log_open(struct work *work, off_t *settled)
{
	struct ctl *ctl = work->ctl;
	int found;

	log_forget(work);
	*settled = INT64_MAX;
	if (import_begin(&work->import, &ctl->fault) != 0)
		return -1;
	found = scan_open(&work->scan, ctl->store.data_dir, work->log_name, &ctl->fault);
	if (found < 0 || (found == 0 && ctl->undo))
		return found < 0
		    ? -1
		    : fault_set(&ctl->fault, FAULT_LOG_CHANGED, "%s: is gone", work->log_name);
	work->import.has_log = found == 1;
	if (found == 0 || ctl->dry_run || ctl->undo)
		return 0;
	if (lock_wait(work->scan.fd, F_RDLCK, clock_milliseconds() + SETTLE_MILLISECONDS) != 0)
		return fault_set(&ctl->fault, FAULT_LOCK_TIMEOUT,
		    "%s: the lock was not free in time", work->log_name);
	*settled = lseek(work->scan.fd, 0, SEEK_END);
	lock_end(work->scan.fd);
	return 0;
}

/* what would change */

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

/* Finds what would change, and whether the log speaks against it. */
static int
work_judge(struct work *work)
{
	struct ctl *ctl = work->ctl;

	if (import_compare(&work->import, &ctl->fault) != 0)
		return -1;
	return ctl->force ? 0 : import_judge(&work->import, &ctl->fault);
}

/* import */

/* Is the log that is locked the one that was read? */
static bool
log_is_read(const struct work *work, const struct store_span *span)
{
	if (work->scan.fd < 0)
		return span->size == 0;
	return work->scan.device == span->device && work->scan.inode == span->inode &&
	    work->offset <= span->size;
}

/* Under the log's lock: judges with what has arrived since. */
static int
import_allow(void *context, const struct store_span *span, struct fault *fault)
{
	struct work *work = context;

	if (!log_is_read(work, span))
		return fault_set(fault, FAULT_LOG_CHANGED,
		    "%s: was replaced or cut meanwhile; nothing is changed", work->log_name);
	if (work->scan.fd < 0 || work->offset == span->size)
		return 0;
	/* The fault is ctl's, as is store_append_if's. */
	if (log_fold(work, span->size) != 0)
		return -1;
	return work_judge(work);
}

/* Reads the log, judges, and appends; again where the log was replaced. */
static int
import_append(struct work *work)
{
	struct ctl *ctl = work->ctl;
	struct store_condition condition = { .line = work->line,
		.length = work->length,
		.allow = import_allow,
		.context = work };
	off_t settled;

	for (int i = 1;; i++) {
		ctl->fault.code = FAULT_NONE;
		if (log_open(work, &settled) != 0)
			return -1;
		if (work->scan.fd >= 0 && log_fold(work, settled) != 0)
			return -1;
		if (work_judge(work) != 0)
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

/* Finds what would change if the last import were not there, and whether it can be taken out. */
static int
undo_judge(struct work *work)
{
	struct ctl *ctl = work->ctl;
	struct item item;
	off_t end;
	int more;

	work->undone.msg_seq = ctl->selection.message;
	if (log_open(work, &end) != 0)
		return -1;
	while ((more = record_next(work, end, &item)) == 1)
		import_look(&work->undone, item.line.number, &item.record);
	if (more != 0 || import_check(&work->undone, &ctl->fault) != 0)
		return -1;
	if (log_open(work, &end) != 0 || log_fold(work, end) != 0)
		return -1;
	return import_compare(&work->import, &ctl->fault);
}

static int
import_undo(struct work *work)
{
	struct ctl *ctl = work->ctl;
	struct compaction compaction = { .options = &ctl->store,
		.group_id = ctl->selection.group,
		.undo = &ctl->selection.message };

	if (undo_judge(work) != 0)
		return -1;
	if (!ctl->dry_run && compact_log(&compaction, &ctl->fault) != 0)
		return -1;
	change_tell(&work->import.change);
	if (compaction.archive[0] != '\0')
		fprintf(stderr, "msgextctl: the original is %s\n", compaction.archive);
	return 0;
}

int
ctl_import(struct ctl *ctl)
{
	struct work work = { .ctl = ctl,
		.scan.fd = -1,
		.import = { .group_id = ctl->selection.group, .msg_seq = ctl->selection.message } };
	int result = -1;

	store_name_find(ctl->store.data_dir, ctl->selection.group, work.log_name);
	snprintf(work.needle, sizeof(work.needle), "\"MsgSeq\":%llu",
	    (unsigned long long)ctl->selection.message);
	if (!text_is_plain(ctl->selection.group, strlen(ctl->selection.group))) {
		fault_set(&ctl->fault, FAULT_FIELD_RANGE, "GroupId: is not plain UTF-8");
		goto out;
	}
	if (!ctl->dry_run && ctl_owner_check(ctl) != 0)
		goto out;
	if (ctl->undo) {
		if (scan_size(ctl->store.data_dir, work.log_name) == 0)
			return ctl_nothing(ctl);
		result = import_undo(&work);
	} else if (answer_load(&work) == 0) {
		result = import_append(&work);
		if (result == 0 || fault_exit_status(ctl->fault.code) == EX_DATAERR)
			change_tell(&work.import.change);
	}
	ctl_tell_unreadable(ctl);
out:
	log_forget(&work);
	answer_free(&work.answer);
	free(work.line);
	return result == 0 ? EX_OK : ctl_fail(ctl);
}

/*
 * store.c - the append: one line to its group's log, durable.
 *
 * What store_append guarantees (the numbers are the manual's):
 *
 *  P1  It returns 0 only when the whole line is written [write] and fdatasync has succeeded under
 *      the lock [sync].  If one of them fails, what was written is cut off again [undo].  Before
 *      the first byte of an empty file is written, the file's directory entry is synced [name],
 *      whoever created the file.  So a file with content is known to have a durable name.
 *  P2  Before it writes, the log's end is made whole (store/tail.c).
 *  P7  A group's id never becomes a path (names.c, store/log.c).
 *
 * store/turn.c decides who has the lock, and of which file; store/replace.c puts another file in a
 * log's place; batch.c lets many writers write at once.
 *
 * The sync stays inside the lock.  If it were outside, a second writer could append after a line
 * that is not yet on disk, and a power cut would leave a hole of NUL bytes before an acknowledged
 * line.  A failed sync is never retried: the kernel reports it once, drops the dirty pages, and the
 * next sync reports a success that is not one.
 *
 * The words in brackets are steps of tests/model/append.pml, which tries all that can happen to
 * them.
 */
#include "store.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/file.h"
#include "batch.h"
#include "store/log.h"
#include "store/turn.h"

/* Appends all lines and makes them durable, or appends none. */
static int
lines_append(const struct log *log, const char *lines, size_t length)
{
	if (file_write(log->fd, lines, length) != 0) {
		log_fault(log, FAULT_WRITE_FAILED, "write");
		goto fail;
	}
	if (log->options->sync && file_sync(log->fd) != 0) {
		log_fault(log, FAULT_SYNC_FAILED, "sync");
		goto fail;
	}
	return 0;
fail:
	/* Best effort.  If it fails too, the next writer's check of the tail does it. */
	(void)!ftruncate(log->fd, log->size);
	return -1;
}

static int
line_append(const struct log *log, const char *line, size_t length)
{
	if (log->size == 0 && log->options->sync && log_sync_directory(log) != 0)
		return -1;
	return lines_append(log, line, length);
}

/*
 * Looks for the lines whose leader died.  Makes the part of the log that can hold them durable
 * first.
 */
static int
orphans_find(const struct log *log, struct batch *batch)
{
	const struct store_span span = { log->device, log->inode, log->size };
	off_t start = batch_orphans_start(batch, &span);
	size_t length = (size_t)(log->size - start);
	char *bytes;

	if (file_sync(log->fd) != 0)
		return log_fault(log, FAULT_SYNC_FAILED, "sync");
	if (length == 0)
		return 0;
	bytes = malloc(length);
	if (bytes == NULL)
		return fault_memory(log->fault);
	if (file_read(log->fd, bytes, length, start) != 0) {
		free(bytes);
		return log_fault(log, FAULT_TAIL_FAILED, "read");
	}
	batch_orphans_find(batch, bytes, length, start);
	free(bytes);
	return 0;
}

/* Appends our line and those of our followers.  end: receives where ours ends. */
static int
batch_append(const struct log *log, struct batch *batch, struct store_span *end)
{
	/* This needs a descriptor, so it comes before the gather takes them all. */
	if (log->size == 0 && log_sync_directory(log) != 0)
		return -1;
	if (batch_gather(batch, log->fault) != 0)
		return -1;
	if (batch_has_orphans(batch) && orphans_find(log, batch) != 0)
		return -1;
	batch_compose(batch, log->size);
	end->size = batch->lines[0].end;
	return batch->size == 0 ? 0 : lines_append(log, batch->bytes, batch->size);
}

int
store_append(const struct store_options *options, const struct store_entry *entry,
    struct store_span *span, struct fault *fault)
{
	struct log log;
	struct store_span end = { 0 };
	struct batch batch;
	int result;

	log_make(&log, options, entry->group_id, fault);
	batch_begin(&batch, entry->line, entry->length, entry->deadline);
	log.batch = options->sync ? &batch : NULL;
	result = turn_begin(&log, entry->deadline);
	if (result == TURN_LED) {
		end = batch.span;
		result = batch.result;
		if (result != 0)
			*fault = batch.fault;
	} else if (result == 0) {
		end = log_span(&log);
		end.size += (off_t)entry->length;
		if (log.batch != NULL && batch_is_needed(&batch))
			result = batch_append(&log, &batch, &end);
		else
			result = line_append(&log, entry->line, entry->length);
		result = turn_end(&log, result);
	}
	batch_end(&batch, result, &end, fault);
	if (result == 0 && span != NULL)
		*span = end;
	return result;
}

int
store_append_if(const struct store_options *options, const char *group_id,
    const struct store_condition *condition, struct fault *fault)
{
	struct log log;
	struct store_span span;
	int result;

	log_make(&log, options, group_id, fault);
	if (turn_begin(&log, INT64_MAX) != 0)
		return -1;
	span = log_span(&log);
	result = condition->allow(condition->context, &span, fault);
	if (result == 0)
		result = line_append(&log, condition->line, condition->length);
	return turn_end(&log, result);
}

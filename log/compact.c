/*
 * compact.c - a log rewritten to what its state needs, or without its old messages, while writers go on.
 *
 * In a compaction each message becomes one snapshot line that holds all the fold would know of
 * it: pairs, deletes that a late event must still lose to, the clear, the
 * versions that arrived, those that did not, and those of which pairs were erased.
 * Folding the new log gives the same state and the same gaps, whatever is appended
 * after it (P4); only of a key that was erased nothing is kept (log/state.c).
 *
 *  1. Under the log's lock (store_repair): its tail is repaired and its size taken.
 *     What is before that was synced under the lock, so no writer takes it
 *     back any more.
 *  2. Without a lock: so much is read, folded, and written to an archive.
 *     NAME.ID.new receives the snapshots but the last.  Archive and NAME.ID.new are
 *     made durable [archive].
 *  3. Under the log's lock (store_replace): what was appended meanwhile is
 *     copied as it is, the last snapshot written, NAME.ID.new synced and given the
 *     log's name; store/mark.c tells how.
 *
 * So writers wait for a short copy and a sync only, and a kill at any moment
 * leaves the old log or the new one.  The last line that a compaction writes
 * is a snapshot: whoever follows the log finds what is new after it.
 *
 * Archiving does the same, but for what is written in step 2: a first reading
 * finds the messages that have not changed for long, a second puts their lines
 * into the archive and the others as they are into NAME.ID.new.  The last line is
 * a snapshot which changes nothing: it repeats a version of a line that stays.
 *
 * Taking an import out does the same again: a first reading finds it, a second
 * puts all lines into the archive and all but that one into NAME.ID.new.
 *
 * An erasure (log/erase.c) does the same once more: all lines are written, without what is
 * to leave them, and the original is not kept.  Addresses of clients leave, by their age, what any
 * of these writes of lines, the archive included.
 *
 * Lines that cannot be read are copied as they are: it is not for a compaction
 * to throw evidence away.  The new file, NAME.ID.new, is locked for the time, so that two
 * compactions of one log exclude each other; what a killed one left, the next removes.
 */
#include <sys/stat.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log/compact.h"
#include "base/base.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/time.h"
#include "log/erase.h"
#include "log/line.h"
#include "log/scan.h"
#include "log/state.h"
#include "log/zip.h"
#include "names.h"
#include "parse.h"
#include "store/options.h"
#include "store/replace.h"

#define COMPACT_LOCK_MILLISECONDS 10000
#define ERASED_MAX 100000 /* ranges that a line tells of: half of it at most */

struct work {
	struct compaction *compaction;
	struct fault *fault;
	char log_name[STORE_NAME_SIZE];
	struct store_span span;       /* what is compacted */
	struct fingerprint last_read; /* the last line of that */
	struct scan scan;
	struct line_reader reader;
	struct state *state;
	FILE *new; /* NAME.ID.new */
	char new_path[PATH_MAX];
	int archive_fd;
	struct zip *archive;
	uint64_t archived;           /* lines in it */
	struct erasure addresses;    /* that leave the lines that stay lines */
	struct erasure *editor;      /* of those: it, or the caller's, or NULL */
	char archive_path[PATH_MAX]; /* its name until it is whole */
	bool in_doubt;               /* the log may have been replaced all the same */
	uint64_t foreign;            /* records that are no snapshot of ours */
	size_t messages;
	struct last_import undone; /* is to be taken out */
	struct message
	    stays; /* has arrived in that version, by a line that was kept; record_count 0: none */
	char *last;
	size_t last_length;
};

static int
work_fault(const struct work *work, const char *doing)
{
	return fault_set(work->fault,
	    errno == ENOSPC || errno == EDQUOT ? FAULT_DISK_FULL : FAULT_WRITE_FAILED,
	    "%s: cannot %s: %s", work->log_name, doing, strerror(errno));
}

static int
work_open(struct work *work)
{
	struct compaction *compaction = work->compaction;
	const struct store_options *options = compaction->options;
	struct store_options patient = *options;
	struct stat status;
	int fd, found;

	patient.lock_timeout = COMPACT_LOCK_MILLISECONDS;
	if (store_repair(&patient, compaction->group_id, INT64_MAX, &work->span, work->fault) != 0)
		return -1;
	found = scan_open(&work->scan, options->data_dir, work->log_name, work->fault);
	if (found <= 0)
		return found < 0 ? -1 : fault_set(work->fault, FAULT_OPEN_FAILED, "no such log");
	fd = store_open_sibling(options, compaction->group_id, ".new", work->new_path, work->fault);
	if (fd < 0)
		return -1;
	work->new = fdopen(fd, "a");
	if (work->new == NULL) {
		close(fd);
		return work_fault(work, "open its new file");
	}
	if (fstat(work->scan.fd, &status) != 0 || file_permit(fd, &status) != 0)
		return work_fault(work, "prepare its new file");
	if (compaction->discard || compaction->erasure != NULL)
		return 0;
	work->archive_fd = store_open_sibling(options, compaction->group_id, ".gz.new",
	    work->archive_path, work->fault);
	if (work->archive_fd < 0)
		return -1;
	work->archive = zip_write(work->archive_fd);
	return work->archive != NULL ? 0 : work_fault(work, "open its archive");
}

/* Reads a line: 1, and the record lives until the next one is read; 0: it is no record of the group; -1. */
static int
line_read(struct work *work, const struct line *line, struct record *record)
{
	int result;

	if (line->overlong) {
		fault_set(work->fault, FAULT_LOG_UNSAFE, "%s: line %llu is too long to be an event",
		    work->log_name, (unsigned long long)line->number);
		return -1;
	}
	result = line_record(&work->reader, line, record, work->fault);
	if (result == 1)
		result = strcmp(record->event.group_id, work->compaction->group_id) == 0;
	return result;
}

/* Takes a line into the state: 1, 0 where it is none that we can read, -1. */
static int
line_fold(struct work *work, const struct line *line)
{
	struct record record;
	int result = line_read(work, line, &record);

	if (result == 1 && (!record.is_snapshot || strcmp(record.kind, SNAPSHOT_COMPACT) != 0))
		work->foreign++;
	if (result == 1 && state_fold(work->state, &record) != 0)
		result = fault_memory(work->fault);
	return result;
}

/* The line without what is to leave it, until the next one is edited.  -1: fault. */
static int
line_edit(struct work *work, const struct line *line, struct line *edited)
{
	int result;

	*edited = *line;
	if (work->editor == NULL)
		return 0;
	result = erasure_line(work->editor, line, &edited->bytes, &edited->length, work->fault);
	work->compaction->lines_edited += result == 1;
	return result < 0 ? fault_name(work->fault, work->log_name) : 0;
}

static int
line_archive(struct work *work, const struct line *line)
{
	struct line edited;

	if (work->archive == NULL)
		return 0;
	if (line_edit(work, line, &edited) != 0)
		return -1;
	work->archived++;
	return zip_put(work->archive, edited.bytes, edited.length) == 0
	    ? 0
	    : work_fault(work, "archive");
}

static int
line_keep(struct work *work, const struct line *line)
{
	struct line edited;

	if (line_edit(work, line, &edited) != 0)
		return -1;
	work->compaction->lines_after++;
	if (fwrite(edited.bytes, 1, edited.length, work->new) != edited.length ||
	    putc('\n', work->new) == EOF)
		return work_fault(work, "write its new file");
	return 0;
}

/* Of a compaction. */
static int
line_take(struct work *work, const struct line *line)
{
	struct compaction *compaction = work->compaction;
	int folded = line_fold(work, line);

	if (folded < 0 || line_archive(work, line) != 0)
		return -1;
	compaction->lines_before++;
	if (folded == 1)
		return 0;
	compaction->lines_unreadable++;
	return line_keep(work, line);
}

static bool
message_is_old(const struct work *work, const struct message *message)
{
	return message != NULL && message->time >= 0 && message->time < work->compaction->before;
}

/* Of archiving, which looks at all lines before it knows where each belongs. */
static int
line_look(struct work *work, const struct line *line)
{
	return line_fold(work, line) < 0 ? -1 : 0;
}

/*
 * Remembers a version that has arrived by a line that stays.  An import's do not count: it can
 * be taken out again.
 */
static void
stays_remember(struct work *work, const struct record *record)
{
	if (record->is_snapshot && strcmp(record->kind, SNAPSHOT_IMPORT) == 0)
		return;
	work->stays = (struct message){ .msg_seq = record->event.msg_seq,
		.latest_seq = record->event.seq,
		.time = record->time,
		.record_count = 1 };
}

/* As line_read; what could be read, and what not, is told in the end. */
static int
line_read_counted(struct work *work, const struct line *line, struct record *record)
{
	int result = line_read(work, line, record);

	if (result >= 0)
		work->compaction->lines_before++;
	if (result == 0)
		work->compaction->lines_unreadable++;
	return result;
}

static int
line_split(struct work *work, const struct line *line)
{
	struct record record;
	const struct message *message = NULL;
	int result = line_read_counted(work, line, &record);

	if (result == 1)
		message = state_message(work->state, record.event.msg_seq);
	if (result == 1 && !message_is_old(work, message))
		stays_remember(work, &record);
	if (result < 0)
		return -1;
	return message_is_old(work, message) ? line_archive(work, line) : line_keep(work, line);
}

/* Of taking an import out: looks for it first. */
static int
line_search(struct work *work, const struct line *line)
{
	struct record record;
	int result = line_read(work, line, &record);

	if (result == 1)
		import_look(&work->undone, line->number, &record);
	return result < 0 ? -1 : 0;
}

static int
line_leave_out(struct work *work, const struct line *line)
{
	struct record record;
	int result = line_read_counted(work, line, &record);

	if (result == 1 && line->number != work->undone.line)
		stays_remember(work, &record);
	if (result < 0 || line_archive(work, line) != 0)
		return -1;
	return line->number == work->undone.line ? 0 : line_keep(work, line);
}

/* Of an erasure: looks at what is to leave, and gathers, before it writes. */
static int
line_erase_look(struct work *work, const struct line *line)
{
	return erasure_look(work->editor, line, work->fault) == 0
	    ? 0
	    : fault_name(work->fault, work->log_name);
}

static int
line_erase_gather(struct work *work, const struct line *line)
{
	return erasure_gather(work->editor, line, work->fault);
}

static int
line_erase(struct work *work, const struct line *line)
{
	struct record record;
	int result = line_read_counted(work, line, &record);

	if (result == 1)
		stays_remember(work, &record);
	return result < 0 ? -1 : line_keep(work, line);
}

static int
log_changed(const struct work *work)
{
	return fault_set(work->fault, FAULT_LOG_CHANGED,
	    "%s: was replaced or cut meanwhile; nothing was changed (try again)", work->log_name);
}

/* Gives each line of the span to take. */
static int
work_read(struct work *work, int (*take)(struct work *work, const struct line *line))
{
	struct compaction *compaction = work->compaction;
	struct line line = { 0 };
	int more = 1;

	while (scan_offset(&work->scan) < work->span.size &&
	    (more = scan_next(&work->scan, &line, work->fault)) == 1) {
		if (take(work, &line) != 0)
			return -1;
		if (compaction->progress != NULL)
			compaction->progress(compaction->context, scan_offset(&work->scan),
			    work->span.size);
	}
	if (more == 1 && line.bytes != NULL)
		line_fingerprint(&line, scan_offset(&work->scan), &work->last_read);
	compaction->bytes_before = work->span.size;
	if (more == 0 || scan_offset(&work->scan) != work->span.size ||
	    work->scan.inode != work->span.inode || work->scan.device != work->span.device)
		return log_changed(work);
	return more < 0 ? -1 : 0;
}

/*
 * A snapshot of a message that says no more than that its latest version has arrived.
 * It changes no state, and is short whatever the message holds.
 */
static struct record
snapshot_bare(const struct work *work, const struct message *message)
{
	return (struct record){ .is_snapshot = true,
		.kind = SNAPSHOT_COMPACT,
		.time = message->time,
		.event = { .group_id = work->compaction->group_id,
		    .msg_seq = message->msg_seq,
		    .seq = message->latest_seq },
		.first_seq = message->latest_seq };
}

/* Writes the snapshot that was made last, and keeps this one in its place. */
static int
snapshot_add(struct work *work, const struct record *record)
{
	if (work->last != NULL &&
	    fwrite(work->last, 1, work->last_length, work->new) != work->last_length)
		return work_fault(work, "write its new file");
	free(work->last);
	work->last = record_line(record, &work->last_length);
	if (work->last == NULL)
		return fault_memory(work->fault);
	if (work->last_length > LINE_SIZE_MAX)
		return fault_set(work->fault, FAULT_FIELD_RANGE,
		    "message %llu: its snapshot would be over %d bytes",
		    (unsigned long long)record->event.msg_seq, LINE_SIZE_MAX);
	work->compaction->lines_after++;
	return 0;
}

/* What of a message is in no snapshot yet. */
struct remains {
	const struct message *message;
	struct record snapshot; /* bare; first_seq: the first version that none tells of */
	bool begun;             /* versions, clear_seq and complete_up_to stand in one */
	const struct seq_range *missing;
	const struct event_pair *listed, *deleted, *unlisted;
	size_t missing_count, listed_count, deleted_count, unlisted_count;
	/* stand in each: what one has of them is what is left of them */
	const struct seq_range *erased;
	size_t erased_count;
};

/* What a line has for pairs, in bytes: what is left of all of it. */
struct room {
	size_t left, all;
};

/* How many of the pairs fit into the room; one goes where no other is, and all of it is left. */
static size_t
pairs_fit(const struct event_pair *pairs, size_t count, struct room *room)
{
	size_t fit = 0;

	while (fit < count) {
		size_t size = record_pair_size(&pairs[fit]);

		if (size > room->left && (fit > 0 || room->left < room->all))
			break;
		room->left = size > room->left ? 0 : room->left - size;
		fit++;
	}
	return fit;
}

/* Takes the versions that arrived: all that are left, or as many as a line can tell of. */
static void
remains_take_versions(struct remains *remains, struct record *snapshot, struct room *room)
{
	size_t most = room->left / RECORD_RANGE_SIZE;
	size_t count = remains->missing_count < most ? remains->missing_count : most;

	snapshot->missing = remains->missing;
	snapshot->missing_count = count;
	room->left -= count * RECORD_RANGE_SIZE;
	remains->missing += count;
	remains->missing_count -= count;
	remains->begun = remains->missing_count == 0;
	/* Else the last version before the next hole ends this line, and begins the next. */
	if (!remains->begun)
		snapshot->event.seq = remains->missing[0].first - 1;
	remains->snapshot.first_seq = snapshot->event.seq;
}

/* Takes pairs out of what remains, as many as fit. */
static const struct event_pair *
pairs_take(const struct event_pair **pairs, size_t *left, struct room *room, size_t *taken)
{
	const struct event_pair *first = *pairs;

	*taken = pairs_fit(first, *left, room);
	*pairs += *taken;
	*left -= *taken;
	return first;
}

/* Takes out of what remains what one line can hold: all of it, mostly. */
static struct record
remains_take(struct remains *remains)
{
	struct record snapshot = remains->snapshot;
	struct event *event = &snapshot.event;
	size_t all = LINE_SIZE_MAX - RECORD_HEAD_SIZE - RECORD_RANGE_SIZE * remains->erased_count;
	struct room room = { .left = all, .all = all };

	snapshot.erased = remains->erased;
	snapshot.erased_count = remains->erased_count;
	if (!remains->begun)
		remains_take_versions(remains, &snapshot, &room);
	if (!remains->begun)
		return snapshot;
	snapshot.clear_seq = remains->message->clear_seq;
	snapshot.complete_up_to = remains->message->complete_up_to;
	event->pairs =
	    pairs_take(&remains->listed, &remains->listed_count, &room, &event->pair_count);
	snapshot.deleted =
	    pairs_take(&remains->deleted, &remains->deleted_count, &room, &snapshot.deleted_count);
	snapshot.unlisted = pairs_take(&remains->unlisted, &remains->unlisted_count, &room,
	    &snapshot.unlisted_count);
	return snapshot;
}

static bool
remains_any(const struct remains *remains)
{
	return !remains->begun || remains->listed_count > 0 || remains->deleted_count > 0 ||
	    remains->unlisted_count > 0;
}

/* The versions of which pairs were erased must leave a line room for what else it says. */
static int
remains_check(const struct work *work, const struct remains *remains)
{
	if (remains->erased_count <= ERASED_MAX)
		return 0;
	return fault_set(work->fault, FAULT_FIELD_RANGE,
	    "message %llu: pairs of over %d versions were erased, apart from each other; it "
	    "cannot be compacted",
	    (unsigned long long)remains->message->msg_seq, ERASED_MAX);
}

/* Makes the snapshots of a message.  replaces: what the last one says, or 0. */
static int
message_compact(struct work *work, const struct message *message, uint64_t replaces)
{
	struct remains remains = { .message = message, .snapshot = snapshot_bare(work, message) };
	struct seq_range *missing = message_gaps(message, &remains.missing_count);
	struct seq_range *erased = message_erasures(message, &remains.erased_count);
	struct event_pair *listed = message_listed(message, &remains.listed_count);
	struct event_pair *deleted = message_deleted(message, &remains.deleted_count);
	struct event_pair *unlisted = message_unlisted(message, &remains.unlisted_count);
	int result = 0;

	if (missing == NULL || erased == NULL || listed == NULL || deleted == NULL ||
	    unlisted == NULL) {
		result = fault_memory(work->fault);
		goto out;
	}
	result = remains_check(work, &remains);
	remains.erased = erased;
	remains.snapshot.first_seq = message_first_seq(message);
	remains.missing = missing;
	remains.listed = listed;
	remains.deleted = deleted;
	remains.unlisted = unlisted;
	while (result == 0 && remains_any(&remains)) {
		struct record snapshot = remains_take(&remains);

		if (!remains_any(&remains))
			snapshot.replaces = replaces;
		result = snapshot_add(work, &snapshot);
	}
out:
	free(missing);
	free(erased);
	free(listed);
	free(deleted);
	free(unlisted);
	return result;
}

void
import_look(struct last_import *import, uint64_t line, const struct record *record)
{
	if (!record->is_snapshot || record->event.msg_seq != import->msg_seq)
		return;
	if (strcmp(record->kind, SNAPSHOT_IMPORT) == 0) {
		import->line = line;
		import->complete_up_to = record->complete_up_to;
		import->compacted = false;
	} else if (record->complete_up_to > 0 && record->complete_up_to >= import->complete_up_to) {
		/* A snapshot that says nothing of it has nothing of the import. */
		import->compacted = true;
	}
}

int
import_check(const struct last_import *import, struct fault *fault)
{
	unsigned long long message = import->msg_seq;

	if (import->compacted)
		return fault_set(fault, FAULT_FIELD_RANGE,
		    "MsgSeq: the log was compacted after the import of message %llu; its older "
		    "lines are in its .jsonl.gz",
		    message);
	if (import->line == 0)
		return fault_set(fault, FAULT_FIELD_RANGE,
		    "MsgSeq: the log has no import of message %llu; lines that were moved out of "
		    "it are in its .jsonl.gz",
		    message);
	return 0;
}

uint64_t
compact_replaces(ino_t inode)
{
	return 1 + (uint64_t)inode % (INTEGER_MAX - 1);
}

static int
new_sync(struct work *work)
{
	if (fflush(work->new) != 0 || fsync(fileno(work->new)) != 0)
		return work_fault(work, "sync its new file");
	return 0;
}

/* The work of a compaction: all snapshots are written but the last, which is kept for the lock. */
static int
work_compact(struct work *work)
{
	struct compaction *compaction = work->compaction;
	struct message **messages;

	if (work_read(work, line_take) != 0)
		return -1;
	messages = state_messages(work->state, &work->messages);
	if (messages == NULL)
		return fault_memory(work->fault);
	for (size_t i = 0; i < work->messages; i++)
		if (message_compact(work, messages[i],
			i + 1 < work->messages ? 0 : compact_replaces(work->span.inode)) != 0)
			return -1;
	compaction->unchanged =
	    work->foreign == 0 && compaction->lines_before == compaction->lines_after;
	return new_sync(work);
}

/* Goes back to the log's beginning. */
static int
work_rewind(struct work *work)
{
	int found;

	scan_close(&work->scan);
	found = scan_open(&work->scan, work->compaction->options->data_dir, work->log_name,
	    work->fault);
	return found == 0 ? log_changed(work) : found < 0 ? -1 : 0;
}

/* Keeps a snapshot that changes nothing for the lock: by it a reader finds its place. */
static int
work_mark(struct work *work)
{
	struct record snapshot = snapshot_bare(work, &work->stays);

	if (work->stays.record_count == 0)
		return 0;
	snapshot.replaces = compact_replaces(work->span.inode);
	return snapshot_add(work, &snapshot);
}

/* The work of archiving: the lines of messages that stay are written, and a snapshot is kept for the lock. */
static int
work_split(struct work *work)
{
	struct compaction *compaction = work->compaction;
	struct message **messages;

	if (work_read(work, line_look) != 0)
		return -1;
	messages = state_messages(work->state, &work->messages);
	if (messages == NULL)
		return fault_memory(work->fault);
	if (work_rewind(work) != 0 || work_read(work, line_split) != 0)
		return -1;
	compaction->unchanged =
	    compaction->lines_before == compaction->lines_after && compaction->lines_edited == 0;
	if (!compaction->unchanged && work_mark(work) != 0)
		return -1;
	return new_sync(work);
}

/* The work of taking an import out. */
static int
work_undo(struct work *work)
{
	work->undone.msg_seq = *work->compaction->undo;
	if (work_read(work, line_search) != 0 || import_check(&work->undone, work->fault) != 0)
		return -1;
	if (work_rewind(work) != 0 || work_read(work, line_leave_out) != 0)
		return -1;
	return work_mark(work) != 0 ? -1 : new_sync(work);
}

/* The work of an erasure. */
static int
work_erase(struct work *work)
{
	if (work_read(work, line_erase_look) != 0)
		return -1;
	work->compaction->unchanged = !work->editor->found;
	if (work->compaction->unchanged)
		return 0;
	if (erasure_gathers(work->editor) &&
	    (work_rewind(work) != 0 || work_read(work, line_erase_gather) != 0))
		return -1;
	if (work_rewind(work) != 0 || work_read(work, line_erase) != 0)
		return -1;
	return work_mark(work) != 0 ? -1 : new_sync(work);
}

/* Ends the archive and gives it its name, which has the time in it. */
static int
archive_finish(struct work *work)
{
	struct compaction *compaction = work->compaction;
	struct stat there;
	struct timespec now;
	char ending[64];
	struct tm tm;
	int result = zip_end(work->archive);

	work->archive = NULL;
	if (result != 0 || fsync(work->archive_fd) != 0)
		return work_fault(work, "archive");
	/* No two compactions of one log come here at once. */
	do {
		clock_gettime(CLOCK_REALTIME, &now);
		tm = time_utc(now.tv_sec);
		snprintf(ending, sizeof(ending), ".%04d%02d%02dT%02d%02d%02d%03dZ.jsonl.gz",
		    tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
		    (int)(now.tv_nsec / 1000000));
		if (store_path_sibling(compaction->options, compaction->group_id, ending,
			compaction->archive, work->fault) != 0)
			goto unnamed;
	} while (lstat(compaction->archive, &there) == 0);
	if (errno != ENOENT) { /* something may be there, and would be replaced */
		work_fault(work, "find a name for its archive");
		goto unnamed;
	}
	if (rename(work->archive_path, compaction->archive) != 0) {
		work_fault(work, "name its archive");
		goto unnamed;
	}
	work->archive_path[0] = '\0';
	return store_sync_directory(compaction->options, work->fault);
unnamed:
	compaction->archive[0] = '\0'; /* what may be there is not ours to remove */
	return -1;
}

static int
work_commit(struct work *work)
{
	struct compaction *compaction = work->compaction;
	struct store_options options = *compaction->options;
	struct store_replacement replacement = {
		.fd = fileno(work->new),
		.path = work->new_path,
		.read = work->span,
		.last_read = work->last_read,
		.last = work->last == NULL ? "" : work->last,
		.last_length = work->last_length,
	};
	struct stat status;

	options.lock_timeout = COMPACT_LOCK_MILLISECONDS;
	if (store_replace(&options, compaction->group_id, &replacement,
		clock_milliseconds() + options.lock_timeout, work->fault) != 0) {
		work->in_doubt = replacement.in_doubt;
		return -1;
	}
	if (fstat(fileno(work->new), &status) == 0)
		compaction->bytes_after = status.st_size;
	return 0;
}

/* Removes what is not finished.  An archive stays where the log may have been replaced. */
static void
work_close(struct work *work, bool done)
{
	if (work->archive != NULL)
		zip_end(work->archive);
	if (work->archive_path[0] != '\0')
		unlink(work->archive_path);
	if (!done && !work->in_doubt && work->compaction->archive[0] != '\0')
		unlink(work->compaction->archive);
	if (work->new != NULL && work->new_path[0] != '\0')
		unlink(work->new_path);
	if (work->archive_fd >= 0)
		close(work->archive_fd);
	if (work->new != NULL)
		fclose(work->new);
	scan_close(&work->scan);
	line_reader_free(&work->reader);
	state_free(work->state);
	erasure_end(&work->addresses);
	free(work->last);
}

/* Who takes out of lines what is to leave them? */
static void
editor_set(struct work *work)
{
	const struct compaction *compaction = work->compaction;

	work->addresses = (struct erasure){ .before = compaction->addresses_before,
		.group_id = compaction->group_id };
	work->editor = compaction->erasure;
	if (compaction->erasure == NULL && compaction->addresses_before > 0)
		work->editor = &work->addresses;
}

static int
work_do(struct work *work)
{
	if (work->compaction->erasure != NULL)
		return work_erase(work);
	if (work->compaction->undo != NULL)
		return work_undo(work);
	return work->compaction->before > 0 ? work_split(work) : work_compact(work);
}

/*
 * Is the record one that a compaction would change?  What it leaves is a snapshot of each message,
 * in the order of their numbers.  Where one message has two, only compact_log can tell.
 */
static bool
record_is_loose(const struct record *record, uint64_t *last_msg_seq)
{
	bool loose = !record->is_snapshot || strcmp(record->kind, SNAPSHOT_COMPACT) != 0 ||
	    (*last_msg_seq != UINT64_MAX && record->event.msg_seq <= *last_msg_seq);

	*last_msg_seq = record->event.msg_seq;
	return loose;
}

/* Is any message of the state old?  -1: no memory. */
static int
state_has_old(struct work *work)
{
	struct message **messages = state_messages(work->state, &work->messages);

	if (messages == NULL)
		return fault_memory(work->fault);
	for (size_t i = 0; i < work->messages; i++)
		if (message_is_old(work, messages[i]))
			return 1;
	return 0;
}

/* Looks at the lines that there are: as compact_is_needed. */
static int
work_look(struct work *work)
{
	bool archives = work->compaction->before > 0;
	uint64_t last_msg_seq = UINT64_MAX;
	struct record record;
	struct line line;
	int more;

	while ((more = scan_next(&work->scan, &line, work->fault)) == 1) {
		int result = line_read(work, &line, &record);

		if (result < 0)
			return -1;
		if (archives && work->editor != NULL &&
		    erasure_look(work->editor, &line, work->fault) != 0)
			return -1;
		if (result == 0)
			continue;
		if (!archives && record_is_loose(&record, &last_msg_seq))
			return 1;
		record.event.pair_count = record.deleted_count = record.unlisted_count = 0;
		if (archives && state_fold(work->state, &record) != 0)
			return fault_memory(work->fault);
	}
	if (more < 0)
		return fault_name(work->fault, work->log_name);
	return work->editor != NULL && work->editor->found ? 1 : state_has_old(work);
}

int
compact_is_needed(const struct compaction *compaction, struct fault *fault)
{
	struct compaction looked_for = *compaction;
	struct work work = { .compaction = &looked_for, .fault = fault, .scan.fd = -1 };
	const char *data_dir = compaction->options->data_dir;
	int result = -1;

	store_name_find(data_dir, compaction->group_id, work.log_name);
	editor_set(&work);
	work.state = state_new();
	if (work.state == NULL) {
		fault_memory(fault);
		goto out;
	}
	result = scan_open(&work.scan, data_dir, work.log_name, fault);
	if (result == 1)
		result = work_look(&work);
out:
	scan_close(&work.scan);
	line_reader_free(&work.reader);
	state_free(work.state);
	erasure_end(&work.addresses);
	return result;
}

int
compact_log(struct compaction *compaction, struct fault *fault)
{
	struct work work = { .compaction = compaction,
		.fault = fault,
		.scan.fd = -1,
		.archive_fd = -1 };
	int result = -1;

	compaction->archive[0] = '\0';
	compaction->lines_before = compaction->lines_after = compaction->lines_unreadable = 0;
	compaction->lines_edited = 0;
	compaction->bytes_before = compaction->bytes_after = 0;
	store_name_find(compaction->options->data_dir, compaction->group_id, work.log_name);
	editor_set(&work);
	work.state = state_new();
	if (work.state == NULL) {
		fault_memory(fault);
		goto out;
	}
	if (work_open(&work) != 0 || work_do(&work) != 0)
		goto out;
	if (compaction->unchanged) {
		result = 0;
		goto out;
	}
	/* Where only addresses leave lines, nothing is taken out. */
	if (work.archived > 0 && archive_finish(&work) != 0)
		goto out;
	result = work_commit(&work);
out:
	work_close(&work, result == 0);
	return result;
}

/*
 * watch.c - what has happened to the logs since they were looked at last.
 *
 * It is asked every few minutes, so it must cost little.  A log that has not changed is not opened.
 * Of one that has, only the lines that are new are judged; that the last line is still where it
 * was tells that the log is the same one.
 *
 * Whether a version is missing depends on all lines.  So a log that has changed is read whole for
 * that, but a large one at most once an hour.  A gap is new where it begins after the newest
 * version that was known when the log was read so the last time, or ends before the oldest one:
 * whatever an import closed or a compaction rewrote meanwhile, no gap is told twice, and none is
 * hidden by one that was closed.
 *
 * A log that took another's place has no such place to go on from: there only a growth counts.
 */
#include "log/watch.h"

#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "log/alarm_state.h"
#include "log/line.h"
#include "log/repairs.h"
#include "log/scan.h"
#include "log/state.h"
#include "record.h"

#define TORN_ENDING ".torn"
#define WHOLE_PAUSE INT64_C(3600000) /* milliseconds between two whole readings of a large log */

/* A message, and the oldest and the newest version of it that were known. */
struct known {
	uint64_t msg_seq, first, latest;
};

/* One log that is read. */
struct look {
	struct watch *watch;
	const char *name;
	const struct alarm_log *before; /* NULL: the log is new */
	struct alarm_log after;
	struct scan scan;
	struct line_reader reader;
	bool same;           /* it is the log that was read before */
	struct state *state; /* NULL: only what is new is read */
	struct known *known; /* as it was where the log was read whole the last time */
	size_t known_count;
	char group[GROUP_ID_MAX + 1]; /* that was found to be the log's */
	uint64_t damaged;
};

static void
where_add(struct watch_where *where, const char *name)
{
	if (where->count < WATCH_NAMES)
		snprintf(where->names[where->count], STORE_NAME_SIZE, "%s", name);
	where->count++;
}

/* lines */

static bool
group_fits(struct look *look, const char *group)
{
	char name[STORE_NAME_SIZE];

	if (strcmp(group, look->group) == 0 && group[0] != '\0')
		return true;
	store_name(group, name);
	if (strcmp(name, look->name) != 0)
		store_name_short(group, name);
	if (strcmp(name, look->name) != 0)
		return false;
	snprintf(look->group, sizeof(look->group), "%s", group);
	return true;
}

/* A line that nobody has judged yet.  readable: it is a record of the log's group. */
static void
line_judge(struct look *look, const struct record *record, bool readable)
{
	if (!readable)
		look->damaged++;
	else if (!record->is_snapshot)
		arrivals_take(&look->watch->after->arrivals, record->time, look->watch->now);
}

static int
versions_fold(struct look *look, struct record *record)
{
	record->event.pair_count = record->deleted_count = record->unlisted_count = 0;
	return state_fold(look->state, record);
}

/* Keeps which versions are known up to here.  -1: no memory. */
static int
known_keep(struct look *look)
{
	struct message **messages = state_messages(look->state, &look->known_count);

	if (messages == NULL)
		return -1;
	look->known = calloc(look->known_count + 1, sizeof(*look->known));
	if (look->known == NULL)
		return -1;
	for (size_t i = 0; i < look->known_count; i++)
		look->known[i] = (struct known){ messages[i]->msg_seq,
			message_first_seq(messages[i]), messages[i]->latest_seq };
	return 0;
}

static int
line_look(struct look *look, const struct line *line, struct fault *fault)
{
	struct record record;
	int result = line_record(&look->reader, line, &record, fault);
	bool readable = result == 1 && group_fits(look, record.event.group_id);

	if (result < 0)
		return -1;
	if (!look->same || line->offset >= look->before->print.end)
		line_judge(look, &record, readable);
	if (look->state == NULL)
		return 0;
	if (look->same && look->known == NULL && line->offset >= look->before->checked &&
	    known_keep(look) != 0)
		return fault_memory(fault);
	if (readable && versions_fold(look, &record) != 0)
		return fault_memory(fault);
	return 0;
}

/* versions */

static int
known_compare(const void *a, const void *b)
{
	const struct known *left = a, *right = b;

	return (left->msg_seq > right->msg_seq) - (left->msg_seq < right->msg_seq);
}

/* How many versions of the message are missing that were not when the log was read before? */
static uint64_t
message_new(const struct look *look, const struct message *message)
{
	const struct known wanted = { .msg_seq = message->msg_seq }, *known;
	struct seq_range gap;
	uint64_t count = 0;

	known = look->known_count == 0
	    ? NULL
	    : bsearch(&wanted, look->known, look->known_count, sizeof(wanted), known_compare);
	if (known == NULL || known->latest == 0)
		return message_missing(message);
	/* What is new is behind what was there before, or, where an older one was late, before it. */
	for (size_t i = message_gap_count(message);
	     i > 0 && message_gap(message, i - 1, &gap) && gap.first > known->latest; i--)
		count += gap.last - gap.first + 1;
	for (size_t i = 0; message_gap(message, i, &gap) && gap.last < known->first; i++)
		count += gap.last - gap.first + 1;
	return count;
}

/* Sums up a log that was read whole. */
static int
versions_sum_up(struct look *look, struct fault *fault)
{
	struct watch *watch = look->watch;
	struct message **messages;
	size_t count = 0;
	uint64_t new = 0;

	/* All that it has is old. */
	if (look->same && look->known == NULL && known_keep(look) != 0)
		return fault_memory(fault);
	messages = state_messages(look->state, &count);
	if (messages == NULL)
		return fault_memory(fault);
	look->after.lost = 0;
	for (size_t i = 0; i < count; i++) {
		if (repairs_find(watch->repairs, look->group, messages[i]->msg_seq) == NULL)
			look->after.lost += message_missing(messages[i]);
		new += message_new(look, messages[i]);
	}
	if (!look->same && look->before != NULL)
		new = look->after.lost > look->before->lost ? look->after.lost - look->before->lost
							    : 0;
	watch->new_lost += new;
	if (new > 0)
		where_add(&watch->lost_in, look->name);
	look->after.checked = scan_offset(&look->scan);
	look->after.whole = watch->now;
	return 0;
}

/* logs */

static int64_t
time_of(const struct stat *status)
{
	return (int64_t)status->st_mtim.tv_sec * 1000000000 + status->st_mtim.tv_nsec;
}

/* Must the log be read whole, because versions may be missing that were not, or no longer are? */
static bool
whole_is_due(const struct look *look)
{
	const struct alarm_log *before = look->before;
	const struct watch *watch = look->watch;
	off_t most = watch->whole > 0 ? watch->whole : WATCH_WHOLE;

	return !look->same || look->scan.file_size <= most ||
	    watch->now - before->whole >= WHOLE_PAUSE || before->whole > watch->now;
}

/* Is nothing new to be known of the log? */
static bool
log_is_unchanged(const struct watch *watch, const struct alarm_log *before,
    const struct stat *status)
{
	return before != NULL && before->inode == status->st_ino &&
	    before->size == status->st_size && before->changed == time_of(status) &&
	    before->checked == before->print.end &&
	    (before->lost == 0 || watch->repairs->ended <= before->whole);
}

/* Reads the lines from where the log was read up to, or all. */
static int
lines_look(struct look *look, struct fault *fault)
{
	struct line line;
	int more = 0;

	look->same = look->before != NULL && look->before->print.end > 0 &&
	    look->before->print.end <= look->scan.file_size &&
	    fingerprint_holds(&look->before->print, look->scan.fd) == 1;
	if (!look->same)
		look->after.print = (struct fingerprint){ 0 };
	if (look->before == NULL || whole_is_due(look)) {
		look->state = state_new();
		if (look->state == NULL)
			return fault_memory(fault);
	} else {
		scan_seek(&look->scan, look->before->print.end, 0);
	}
	while ((more = scan_next(&look->scan, &line, fault)) == 1) {
		if (line_look(look, &line, fault) != 0)
			return -1;
		line_fingerprint(&line, scan_offset(&look->scan), &look->after.print);
	}
	if (more == 0 && look->state != NULL)
		return versions_sum_up(look, fault);
	return more;
}

/* A log that has changed.  -1: no memory. */
static int
log_look(struct look *look, struct fault *fault)
{
	struct watch *watch = look->watch;
	int result = scan_open(&look->scan, watch->data_dir, look->name, fault);

	if (result == 0)
		return 0; /* it has gone */
	if (result == 1) {
		result = lines_look(look, fault);
		/* The log of before ended in whole lines: nobody but a person takes one away. */
		if (result == 0 && look->before != NULL &&
		    look->scan.inode == look->before->inode &&
		    look->scan.file_size < look->before->print.end)
			look->damaged++;
	}
	scan_close(&look->scan);
	line_reader_free(&look->reader);
	state_free(look->state);
	free(look->known);
	if (result < 0 && fault->code == FAULT_MEMORY)
		return -1;
	if (result < 0) {
		where_add(&watch->closed_in, look->name);
		if (look->before != NULL)
			look->after = *look->before;
		look->after.changed = 0; /* to be looked at again */
	}
	watch->new_damaged += look->damaged;
	if (look->damaged > 0)
		where_add(&watch->damaged_in, look->name);
	return 0;
}

/* Any file with the name of a log.  -1: no memory. */
static int
log_take(struct watch *watch, const char *name, const struct stat *status, struct fault *fault)
{
	const struct alarm_log *before = alarm_state_log(watch->before, name);
	struct look look = { .watch = watch, .name = name, .before = before, .scan.fd = -1 };

	watch->logs++;
	watch->bytes += (uint64_t)status->st_size;
	if (time_of(status) / 1000000 > watch->changed)
		watch->changed = time_of(status) / 1000000;
	if (before != NULL)
		look.after = *before;
	look.after.name = hash_text(&watch->after->seed, name, strlen(name));
	if (!log_is_unchanged(watch, before, status)) {
		look.after.inode = status->st_ino;
		look.after.size = status->st_size;
		look.after.changed = time_of(status);
		if (log_look(&look, fault) != 0)
			return -1;
		/* It may have grown since. */
		if (look.after.print.end > look.after.size)
			look.after.size = look.after.print.end;
	}
	watch->lost += look.after.lost;
	if (look.after.lost > 0)
		where_add(&watch->gaps_in, name);
	return alarm_state_add(watch->after, &look.after) == 0 ? 0 : fault_memory(fault);
}

/* A file of what was set aside. */
static int
torn_take(struct watch *watch, const char *name, const struct stat *status, struct fault *fault)
{
	const struct alarm_log *before = alarm_state_log(watch->before, name);
	struct alarm_log after = { .name = hash_text(&watch->after->seed, name, strlen(name)),
		.inode = status->st_ino,
		.size = status->st_size };
	off_t new = status->st_size;

	/* One that took its place is what an erasure left of it: there only a growth counts. */
	if (before != NULL && before->size <= new)
		new -= before->size;
	else if (before != NULL && before->inode != status->st_ino)
		new = 0;
	watch->torn += (uint64_t)status->st_size;
	watch->new_torn += (uint64_t) new;
	if (new > 0)
		where_add(&watch->torn_in, name);
	return alarm_state_add(watch->after, &after) == 0 ? 0 : fault_memory(fault);
}

/* Is it the name of a log, but for its ending? */
static bool
name_is_torn(const char *name)
{
	char log[STORE_NAME_SIZE];
	size_t length = strlen(name), ending = strlen(TORN_ENDING);

	if (length <= ending || strcmp(name + length - ending, TORN_ENDING) != 0 ||
	    length - ending + sizeof(LOG_ENDING) > sizeof(log))
		return false;
	snprintf(log, sizeof(log), "%.*s" LOG_ENDING, (int)(length - ending), name);
	return scan_name_is_log(log);
}

/* Takes a name of the directory.  -1: no memory. */
static int
name_take(struct watch *watch, int directory, const char *name, struct fault *fault)
{
	bool torn = name_is_torn(name);
	struct stat status;

	if (!torn && !scan_name_is_log(name))
		return 0;
	if (fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
		if (errno != ENOENT)
			where_add(&watch->closed_in, name);
		return 0;
	}
	if (!S_ISREG(status.st_mode)) {
		if (!torn)
			where_add(&watch->closed_in, name);
		return 0;
	}
	return torn ? torn_take(watch, name, &status, fault)
		    : log_take(watch, name, &status, fault);
}

int
watch_run(struct watch *watch, struct fault *fault)
{
	DIR *directory = opendir(watch->data_dir);
	const struct dirent *entry;
	int result = 0;

	if (directory == NULL)
		return fault_set(fault, FAULT_DATA_DIR, "data_dir: %s: %s", watch->data_dir,
		    strerror(errno));
	for (errno = 0; result == 0 && (entry = readdir(directory)) != NULL; errno = 0)
		result = name_take(watch, dirfd(directory), entry->d_name, fault);
	if (result == 0 && errno != 0)
		result = fault_set(fault, FAULT_DATA_DIR, "data_dir: %s: %s", watch->data_dir,
		    strerror(errno));
	closedir(directory);
	return result;
}

/*
 * read.c - msgextctl groups, gaps, and what all commands read with.
 *
 * All of them read one log at a time from its beginning, without a lock, and
 * fold its records (state.c).  A line that is no record of the log's group is
 * passed over, counted and told of: verify names it.
 *
 * For a single message only the lines that hold its "MsgSeq":N are parsed; the
 * receiver sees to it that this is how the number is spelt.
 */
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "ctl/read.h"
#include "base/fault.h"
#include "ctl/ctl.h"
#include "ctl/print.h"
#include "ctl/progress.h"
#include "log/line.h"
#include "log/scan.h"
#include "log/source.h"
#include "log/state.h"
#include "names.h"
#include "parse.h"
#include "store/replace.h"

/* reading, for all commands */

bool
ctl_group_has(struct ctl *ctl, const char *group_id, const char *log_name)
{
	char name[STORE_NAME_SIZE];

	if (strcmp(group_id, ctl->known_group) == 0 && strcmp(log_name, ctl->known_log) == 0)
		return true;
	store_name(group_id, name);
	if (strcmp(name, log_name) != 0)
		store_name_short(group_id, name); /* the directory's own, or where it was before */
	if (strcmp(name, log_name) != 0)
		return false;
	strcpy(ctl->known_group, group_id);
	strcpy(ctl->known_log, name);
	return true;
}

int
ctl_record(struct ctl *ctl, const char *log_name, const struct line *line,
    struct document **document, struct record *record)
{
	struct fault fault = { FAULT_NONE, "" };
	bool no_memory;

	if (line_record(&ctl->shape, line, document, record, &fault) &&
	    ctl_group_has(ctl, record->event.group_id, log_name))
		return 1;
	document_free(*document);
	*document = NULL;
	no_memory = fault.code == FAULT_MEMORY;
	if (no_memory)
		ctl->fault = fault;
	else
		ctl->unreadable++;
	return no_memory ? -1 : 0;
}

int
ctl_open(struct ctl *ctl, struct source *source)
{
	return source_open(source, ctl->store.data_dir, ctl->from, &ctl->selection, &ctl->fault);
}

int
ctl_read_log(struct ctl *ctl, struct source *source,
    int (*take)(struct ctl *ctl, const struct log_record *item, void *context), void *context)
{
	struct line line;
	int result;

	while ((result = source_line(source, &line, &ctl->fault)) == 1) {
		struct document *document;
		struct record record;

		result = ctl_record(ctl, source->name, &line, &document, &record);
		if (result == 1 &&
		    (!ctl->selection.has_message || record.event.msg_seq == ctl->selection.message))
			result = take(ctl, &(struct log_record){ &line, &record }, context);
		document_free(document);
		if (result < 0)
			break;
	}
	return result < 0 ? -1 : 0;
}

int
ctl_read_logs(struct ctl *ctl, struct source *source,
    int (*read)(struct ctl *ctl, struct source *source, void *context), void *context)
{
	int result;

	while ((result = source_log(source, &ctl->fault)) != 0) {
		if (result == 1)
			result = read(ctl, source, context);
		if (result < 0 && !ctl_pass_over(ctl))
			break;
	}
	source_close(source);
	return result < 0 ? -1 : 0;
}

bool
ctl_pass_over(struct ctl *ctl)
{
	if (ctl->fault.code != FAULT_OPEN_FAILED && ctl->fault.code != FAULT_LOG_UNSAFE)
		return false;
	ctl->passed = ctl_fail(ctl);
	ctl->fault.code = FAULT_NONE;
	return true;
}

void
ctl_tell_unreadable(const struct ctl *ctl)
{
	fflush(stdout);
	if (ctl->unreadable > 0)
		fprintf(stderr,
		    "msgextctl: %llu lines could not be read and were passed over; "
		    "msgextctl verify names them\n",
		    (unsigned long long)ctl->unreadable);
}

void
ctl_tell_closed(struct ctl *ctl)
{
	int fd;

	if (ctl->from != NULL || ctl->store.data_dir == NULL || ctl->closed_told ||
	    (ctl->fault.code != FAULT_DATA_DIR && ctl->fault.code != FAULT_OPEN_FAILED))
		return;
	fd = open(ctl->store.data_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		close(fd);
	if (fd < 0 && errno == EACCES)
		fprintf(stderr,
		    "msgextctl: %s is closed to this user: sudo msgextctl ..., or let its group "
		    "in (chgrp GROUP, chmod 750)\n",
		    ctl->store.data_dir);
	else if (strstr(ctl->fault.detail, strerror(EACCES)) != NULL)
		fputs("msgextctl: the logs are closed to this user: sudo msgextctl ..., or let "
		      "their group read them (file_mode = 0640, chmod 640)\n",
		    stderr);
	else
		return;
	ctl->closed_told = true;
}

/* Is there no such log?  -1: ctl->fault, for that cannot be told. */
static int
log_is_missing(struct ctl *ctl)
{
	char name[STORE_NAME_SIZE], path[PATH_MAX];
	struct stat status;
	int length;

	if (stat(ctl->store.data_dir, &status) != 0)
		return fault_set(&ctl->fault, FAULT_DATA_DIR, "%s: %s", ctl->store.data_dir,
		    strerror(errno));
	store_name_find(ctl->store.data_dir, ctl->selection.group, name);
	length = snprintf(path, sizeof(path), "%s/%s", ctl->store.data_dir, name);
	if (length < 0 || (size_t)length >= sizeof(path))
		return fault_set(&ctl->fault, FAULT_DATA_DIR, "data_dir: the path is too long");
	if (lstat(path, &status) != 0 && errno != ENOENT)
		return fault_set(&ctl->fault, FAULT_OPEN_FAILED, "%s: %s", path, strerror(errno));
	return 0;
}

int
ctl_nothing(struct ctl *ctl)
{
	if (ctl->from == NULL && log_is_missing(ctl) != 0)
		return ctl_fail(ctl);
	fflush(stdout);
	if (ctl->selection.has_message)
		fprintf(stderr, "msgextctl: nothing of group %s, message %llu\n",
		    ctl->selection.group, (unsigned long long)ctl->selection.message);
	else
		fprintf(stderr, "msgextctl: nothing of group %s\n", ctl->selection.group);
	return CTL_NOTHING;
}

void
ctl_tell_archives(const struct ctl *ctl)
{
	static const char archived[] = ".jsonl.gz", any_time[] = ".00000000T000000000Z.jsonl.gz";
	char path[PATH_MAX], *name;
	struct fault ignored;
	const struct dirent *entry;
	size_t stem, count = 0;
	DIR *directory;
	int error;

	if (ctl->from != NULL || ctl->selection.group == NULL)
		return;
	if (store_path_beside(&ctl->store, ctl->selection.group, any_time, path, &ignored) != 0)
		return;
	directory = opendir(ctl->store.data_dir);
	if (directory == NULL && errno == EACCES)
		return; /* a directory may be closed so that only known names can be opened */
	name = strrchr(path, '/') + 1;
	stem = strcspn(name, ".");
	for (errno = directory == NULL ? errno : 0;
	     directory != NULL && (entry = readdir(directory)) != NULL; errno = 0) {
		size_t length = strlen(entry->d_name);

		count += strncmp(entry->d_name, name, stem) == 0 && entry->d_name[stem] == '.' &&
		    length > stem + strlen(archived) &&
		    strcmp(entry->d_name + length - strlen(archived), archived) == 0;
	}
	error = errno;
	if (directory != NULL)
		closedir(directory);
	fflush(stdout);
	if (error != 0 && error != ENOENT)
		fprintf(stderr,
		    "msgextctl: %s: cannot list it: %s; older lines may be in archived files, "
		    "which are not read\n",
		    ctl->store.data_dir, strerror(error));
	if (count == 0)
		return;
	fprintf(stderr,
	    "msgextctl: older lines of this group are in %zu archived file%s, which %s not read: "
	    "zcat %s/%.*s.*.jsonl.gz\n",
	    count, count == 1 ? "" : "s", count == 1 ? "is" : "are", ctl->store.data_dir, (int)stem,
	    name);
}

uint64_t
ctl_missing_count(const struct message *message)
{
	struct seq_range gap;
	uint64_t count = 0;

	for (size_t i = 0; message_gap(message, i, &gap); i++)
		count += gap.last - gap.first + 1;
	return count;
}

char *
ctl_missing_text(const struct message *message)
{
	struct seq_range gap;
	size_t count = 0;
	char *text, *at;

	while (message_gap(message, count, &gap))
		count++;
	at = text = calloc(count + 1, 48);
	for (size_t i = 0; text != NULL && message_gap(message, i, &gap); i++) {
		at += sprintf(at, "%s%llu", i == 0 ? "" : ", ", (unsigned long long)gap.first);
		if (gap.last > gap.first)
			at += sprintf(at, "-%llu", (unsigned long long)gap.last);
	}
	return text;
}

void
ctl_missing_print(struct printer *printer, const struct message *message)
{
	struct seq_range gap;

	print_open(printer, "Missing", '[');
	for (size_t i = 0; message_gap(message, i, &gap); i++) {
		print_open(printer, NULL, '[');
		print_number(printer, NULL, gap.first);
		print_number(printer, NULL, gap.last);
		print_close(printer, ']');
	}
	print_close(printer, ']');
}

/* groups */

struct group_summary {
	struct state *state; /* without pairs: to count messages */
	char group_id[GROUP_ID_MAX + 1];
	uint64_t events, snapshots;
	int64_t first, last;
};

static int
group_take(struct ctl *ctl, const struct log_record *item, void *context)
{
	struct group_summary *summary = context;
	struct record record = *item->record;

	if (summary->group_id[0] == '\0')
		strcpy(summary->group_id, record.event.group_id);
	if (record.is_snapshot)
		summary->snapshots++;
	else
		summary->events++;
	if (record.time >= 0 && (summary->first < 0 || record.time < summary->first))
		summary->first = record.time;
	if (record.time > summary->last)
		summary->last = record.time;
	record.event.pair_count = record.deleted_count = record.unlisted_count = 0;
	if (state_fold(summary->state, &record) != 0)
		return fault_set(&ctl->fault, FAULT_MEMORY, "no memory for the messages");
	return 0;
}

static void
group_print(struct printer *printer, const struct group_summary *summary, size_t messages,
    uint64_t bytes)
{
	if (printer->format == PRINT_JSON) {
		print_open(printer, NULL, '{');
		print_text(printer, "GroupId", summary->group_id);
		print_number(printer, "Events", summary->events);
		print_number(printer, "Snapshots", summary->snapshots);
		print_number(printer, "Messages", messages);
		print_number(printer, "Bytes", bytes);
		print_time(printer, "FirstTime", summary->first);
		print_time(printer, "LastTime", summary->last);
		print_close(printer, '}');
		print_line(printer);
		return;
	}
	table_text(printer, summary->group_id);
	table_number(printer, summary->events);
	table_number(printer, summary->snapshots);
	table_number(printer, messages);
	table_number(printer, bytes);
	table_time(printer, summary->first);
	table_time(printer, summary->last);
}

struct groups_reading {
	struct progress progress;
	off_t done, total;
	struct group_summary summary;
	bool found;
};

static int
groups_take(struct ctl *ctl, const struct log_record *item, void *context)
{
	struct groups_reading *reading = context;

	progress_show(&reading->progress, reading->done + item->line->offset, reading->total);
	return group_take(ctl, item, &reading->summary);
}

/* One log's row. */
static int
group_read(struct ctl *ctl, struct source *source, void *context)
{
	struct groups_reading *reading = context;
	struct group_summary *summary = &reading->summary;
	size_t messages = 0;
	int result = -1;

	*summary = (struct group_summary){ .state = state_new(), .first = -1, .last = -1 };
	if (summary->state == NULL)
		fault_set(&ctl->fault, FAULT_MEMORY, "no memory for the messages");
	else
		result = ctl_read_log(ctl, source, groups_take, reading);
	reading->done += source->size;
	/* A log without a record has no group to name. */
	if (result == 0 && summary->group_id[0] != '\0') {
		if (state_messages(summary->state, &messages) == NULL) {
			result = fault_set(&ctl->fault, FAULT_MEMORY, "no memory for the messages");
		} else {
			group_print(&ctl->printer, summary, messages, (uint64_t)source->size);
			reading->found = true;
		}
	}
	state_free(summary->state);
	return result;
}

/* The bytes of all logs, for the progress, which only a terminal is shown. */
static off_t
logs_measure(const struct ctl *ctl)
{
	struct scan_names names;
	struct fault ignored;
	off_t total = 0;

	if (ctl->from != NULL || isatty(STDERR_FILENO) != 1 ||
	    scan_list(ctl->store.data_dir, &names, &ignored) != 0)
		return 0;
	for (size_t i = 0; i < names.count; i++)
		total += scan_size(ctl->store.data_dir, names.names[i]);
	scan_names_free(&names);
	return total;
}

int
ctl_groups(struct ctl *ctl)
{
	static const struct column layout[] = { { "GroupId", false }, { "Events", true },
		{ "Snapshots", true }, { "Messages", true }, { "Bytes", true },
		{ "FirstTime", false }, { "LastTime", false } };
	struct groups_reading reading = { .total = logs_measure(ctl) };
	struct source source;
	int result;

	if (ctl_open(ctl, &source) != 0)
		return ctl_fail(ctl);
	if (ctl->format != PRINT_JSON)
		table_open(&ctl->printer, layout, sizeof(layout) / sizeof(layout[0]));
	result = ctl_read_logs(ctl, &source, group_read, &reading);
	progress_clear(&reading.progress);
	if (ctl->format != PRINT_JSON)
		table_close(&ctl->printer);
	ctl_tell_unreadable(ctl);
	if (result < 0)
		return ctl_fail(ctl);
	if (ctl->passed != 0)
		return ctl->passed;
	return reading.found ? EX_OK : CTL_NOTHING;
}

/* gaps */

struct gaps {
	char group_id[GROUP_ID_MAX + 1];
	struct state *state;
	uint64_t logs, found;
};

static int
gaps_take(struct ctl *ctl, const struct log_record *item, void *context)
{
	struct gaps *gaps = context;
	struct record record = *item->record;

	if (gaps->group_id[0] == '\0')
		strcpy(gaps->group_id, record.event.group_id);
	record.event.pair_count = record.deleted_count = record.unlisted_count = 0;
	if (state_fold(gaps->state, &record) != 0)
		return fault_set(&ctl->fault, FAULT_MEMORY, "no memory for the messages");
	return 0;
}

/*
 * The body of a group_get_key_values request.  StartSeq is 0: an answer that
 * began at the gap would not tell a key that was deleted in it from one that
 * was not touched, and could not close the gap.
 */
static void
gap_print_rest(struct printer *printer, const struct gaps *gaps, const struct message *message)
{
	print_open(printer, NULL, '{');
	print_text(printer, "GroupId", gaps->group_id);
	print_number(printer, "MsgSeq", message->msg_seq);
	print_number(printer, "StartSeq", 0);
	print_close(printer, '}');
	print_line(printer);
}

static void
gap_print_json(struct printer *printer, const struct gaps *gaps, const struct message *message)
{
	print_open(printer, NULL, '{');
	print_text(printer, "GroupId", gaps->group_id);
	print_number(printer, "MsgSeq", message->msg_seq);
	ctl_missing_print(printer, message);
	print_close(printer, '}');
	print_line(printer);
}

static int
gap_print(struct ctl *ctl, const struct gaps *gaps, const struct message *message)
{
	struct printer *printer = &ctl->printer;
	char *text;

	if (ctl->rest) {
		gap_print_rest(printer, gaps, message);
		return 0;
	}
	if (ctl->format == PRINT_JSON) {
		gap_print_json(printer, gaps, message);
		return 0;
	}
	text = ctl_missing_text(message);
	if (text == NULL)
		return fault_set(&ctl->fault, FAULT_MEMORY, "no memory to print");
	table_text(printer, gaps->group_id);
	table_number(printer, message->msg_seq);
	table_number(printer, ctl_missing_count(message));
	table_text(printer, text);
	free(text);
	return 0;
}

static int
gaps_print(struct ctl *ctl, struct gaps *gaps)
{
	size_t count = 0;
	struct message **messages = state_messages(gaps->state, &count);
	struct seq_range gap;

	if (messages == NULL)
		return fault_set(&ctl->fault, FAULT_MEMORY, "no memory for the messages");
	for (size_t i = 0; i < count; i++) {
		if (!message_gap(messages[i], 0, &gap))
			continue;
		gaps->found++;
		if (gap_print(ctl, gaps, messages[i]) != 0)
			return -1;
	}
	return 0;
}

static int
gaps_read(struct ctl *ctl, struct source *source, void *context)
{
	struct gaps *gaps = context;
	int result;

	gaps->logs++;
	gaps->group_id[0] = '\0';
	gaps->state = state_new();
	if (gaps->state == NULL)
		return fault_set(&ctl->fault, FAULT_MEMORY, "no memory for the state");
	result = ctl_read_log(ctl, source, gaps_take, gaps);
	if (result == 0)
		result = gaps_print(ctl, gaps);
	state_free(gaps->state);
	return result;
}

int
ctl_gaps(struct ctl *ctl)
{
	static const struct column layout[] = { { "GroupId", false }, { "MsgSeq", true },
		{ "Count", true }, { "Missing", false } };
	bool table = ctl->format != PRINT_JSON && !ctl->rest;
	struct gaps gaps = { 0 };
	struct source source;
	int result;

	if (ctl_open(ctl, &source) != 0)
		return ctl_fail(ctl);
	if (table)
		table_open(&ctl->printer, layout, sizeof(layout) / sizeof(layout[0]));
	result = ctl_read_logs(ctl, &source, gaps_read, &gaps);
	if (table && (gaps.found > 0 || ctl->format == PRINT_CSV))
		table_close(&ctl->printer);
	ctl_tell_unreadable(ctl);
	if (result < 0)
		return ctl_fail(ctl);
	if (ctl->passed != 0)
		return ctl->passed;
	ctl_tell_archives(ctl);
	if (ctl->selection.group != NULL && gaps.logs == 0)
		return ctl_nothing(ctl);
	return gaps.found > 0 ? CTL_NOTHING : EX_OK;
}

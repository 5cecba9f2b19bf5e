/*
 * read.c - what the commands read with, and how they report what is wrong.
 *
 * All of them read one log at a time from its beginning, without a lock, and
 * fold its records (log/state.c).  A line that is no record of the log's group is
 * skipped, counted and reported: verify names it.
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
#include <unistd.h>

#include "ctl/read.h"
#include "base/fault.h"
#include "ctl/ctl.h"
#include "ctl/group.h"
#include "log/line.h"
#include "log/source.h"
#include "log/state.h"
#include "names.h"
#include "store/replace.h"

/* records */

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
ctl_record(struct ctl *ctl, const char *log_name, const struct line *line, struct record *record)
{
	int result = line_record(&ctl->reader, line, record, &ctl->fault);

	if (result < 0 || (result == 1 && ctl_group_has(ctl, record->event.group_id, log_name)))
		return result;
	ctl->unreadable++;
	return 0;
}

bool
ctl_selects(const struct ctl *ctl, const struct record *record)
{
	return !ctl->selection.has_message || record->event.msg_seq == ctl->selection.message;
}

int
ctl_fold_versions(struct ctl *ctl, struct state *state, struct record *record)
{
	record->event.pair_count = record->deleted_count = record->unlisted_count = 0;
	return state_fold(state, record) == 0 ? 0 : fault_memory(&ctl->fault);
}

int
ctl_open(struct ctl *ctl, struct source *source)
{
	return source_open(source, ctl->store.data_dir, ctl->from, &ctl->selection, &ctl->fault);
}

int
ctl_next_log(struct ctl *ctl, struct source *source)
{
	int more;

	do
		if (ctl->fault.code != FAULT_NONE && !ctl_skip(ctl))
			return -1;
	while ((more = source_log(source, &ctl->fault)) < 0);
	return more;
}

int
ctl_next(struct ctl *ctl, struct source *source, struct item *item)
{
	int more;

	while ((more = source_line(source, &item->line, &ctl->fault)) == 1) {
		more = ctl_record(ctl, source->name, &item->line, &item->record);
		if (more < 0 || (more == 1 && ctl_selects(ctl, &item->record)))
			break;
	}
	return more;
}

off_t
ctl_measure(const struct ctl *ctl)
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

/* what is wrong */

void
ctl_error(const struct ctl *ctl)
{
	bool wanted = colours_wanted(ctl->colours, STDERR_FILENO);

	fflush(stdout);
	fprintf(stderr, "%smsgextctl:%s ", style(wanted, STYLE_ERROR), style(wanted, STYLE_PLAIN));
}

void
ctl_tell_of(const struct ctl *ctl, const char *name)
{
	char *shown = text_show(&ctl->printer, name, strlen(name));

	fprintf(stderr, "msgextctl: %s: ", shown == NULL ? "" : shown);
	free(shown);
}

int
ctl_fail(struct ctl *ctl)
{
	ctl_error(ctl);
	fprintf(stderr, "%s: %s\n", fault_slug(ctl->fault.code), ctl->fault.detail);
	ctl_tell_closed(ctl);
	return fault_exit_status(ctl->fault.code);
}

bool
ctl_skip(struct ctl *ctl)
{
	if (ctl->fault.code != FAULT_OPEN_FAILED && ctl->fault.code != FAULT_LOG_UNSAFE)
		return false;
	ctl->skipped = ctl_fail(ctl);
	ctl->fault.code = FAULT_NONE;
	return true;
}

void
ctl_tell_unreadable(const struct ctl *ctl)
{
	fflush(stdout);
	if (ctl->unreadable > 0)
		fprintf(stderr,
		    "msgextctl: %llu lines could not be read and were skipped; "
		    "msgextctl verify names them\n",
		    (unsigned long long)ctl->unreadable);
}

int
ctl_end(struct ctl *ctl)
{
	ctl_tell_unreadable(ctl);
	return ctl->fault.code != FAULT_NONE ? ctl_fail(ctl) : ctl->skipped;
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
		    "msgextctl: %s is closed to this user: use sudo, or let its group in (chgrp "
		    "GROUP, chmod 750)\n",
		    ctl->store.data_dir);
	else if (strstr(ctl->fault.detail, strerror(EACCES)) != NULL)
		fputs("msgextctl: the logs are closed to this user: use sudo, or let their group "
		      "read them (file_mode = 0640, chmod 640)\n",
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
	char *group;

	if (ctl->from == NULL && log_is_missing(ctl) != 0)
		return ctl_fail(ctl);
	/* It is a log's own where a file's name was given. */
	group = text_show(&ctl->printer, ctl->selection.group, strlen(ctl->selection.group));
	ctl_error(ctl);
	fprintf(stderr, "no events of group %s", group == NULL ? "" : group);
	if (ctl->selection.has_message)
		fprintf(stderr, ", message %llu", (unsigned long long)ctl->selection.message);
	fputc('\n', stderr);
	free(group);
	ctl_tell_next(ctl);
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
	if (store_path_sibling(&ctl->store, ctl->selection.group, any_time, path, &ignored) != 0)
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

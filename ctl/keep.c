/*
 * keep.c - msgextctl compact --all, archive --all, --keep: housekeeping.
 *
 * It is for cron: it is silent where there was nothing to do, so that nobody gets mail, and says a
 * line of each group where something was done.  Each group is by itself: what fails is remembered
 * with its reason, and the next group has its turn.  Where another process was in the way, the group
 * is tried once more when all others are done.  In the end all failures are told together, where
 * they are seen, and the exit status is 1.
 *
 * A group that needs nothing is only read.  What cannot be the log of a group is told, and not
 * touched.
 */
#include "ctl/keep.h"

#include <sys/stat.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/fault.h"
#include "ctl/ctl.h"
#include "ctl/files.h"
#include "ctl/group.h"
#include "ctl/progress.h"
#include "ctl/read.h"
#include "log/archives.h"
#include "log/compact.h"
#include "log/scan.h"
#include "names.h"
#include "store/replace.h"

/* What failed: a log, or an archive. */
struct failure {
	char *name;
	struct fault fault;
};

struct keeping {
	struct ctl *ctl;
	struct progress progress;
	char of[64];                  /* what the progress is of */
	struct archives archives;     /* that are to be removed */
	struct scan_names unfinished; /* logs whose replacement is, or was, under way */
	struct failure *failures;
	size_t failed, size;
	size_t done, removed;
};

/* what failed */

/* -1: no memory. */
static int
failure_add(struct keeping *keeping, const char *name, const struct fault *fault)
{
	if (keeping->failed == keeping->size) {
		size_t size = keeping->size == 0 ? 16 : 2 * keeping->size;
		struct failure *larger = realloc(keeping->failures, size * sizeof(*larger));

		if (larger == NULL)
			return fault_memory(&keeping->ctl->fault);
		keeping->failures = larger;
		keeping->size = size;
	}
	keeping->failures[keeping->failed].name = strdup(name);
	keeping->failures[keeping->failed].fault = *fault;
	if (keeping->failures[keeping->failed].name == NULL)
		return fault_memory(&keeping->ctl->fault);
	keeping->failed++;
	return 0;
}

static void
failures_tell(struct keeping *keeping)
{
	for (size_t i = 0; i < keeping->failed; i++) {
		struct failure *failure = &keeping->failures[i];

		if (strstr(failure->fault.detail, failure->name) == NULL)
			fault_name(&failure->fault, failure->name);
		ctl_error(keeping->ctl);
		fprintf(stderr, "%s: %s\n", fault_slug(failure->fault.code), failure->fault.detail);
	}
	if (keeping->failed > 0)
		fprintf(stderr, "msgextctl: %zu failed, as told above; all others were looked at\n",
		    keeping->failed);
}

/* Is it a fault of one log or file, after which the next has its turn? */
static bool
fault_is_of_one(const struct fault *fault)
{
	return fault->code != FAULT_MEMORY && fault->code != FAULT_DATA_DIR;
}

/* a group */

/* Why no receiver of this user appends to that file; NULL: it may. */
static const char *
file_judge(const struct stat *status)
{
	if (!S_ISREG(status->st_mode))
		return S_ISLNK(status->st_mode) ? "is a symbolic link" : "is not a regular file";
	if (status->st_nlink > 1)
		return "has more than one link";
	return status->st_uid != geteuid() ? "belongs to another user" : NULL;
}

/* Whose log is that?  1; 0: nobody's yet, or it is gone; -1: ctl->fault. */
static int
log_identify(struct ctl *ctl, const char *name, char group_id[GROUP_ID_MAX + 1])
{
	char path[PATH_MAX], found[STORE_NAME_SIZE];
	const char *reason;
	struct stat status;
	int result;

	if (snprintf(path, sizeof(path), "%s/%s", ctl->store.data_dir, name) >= (int)sizeof(path))
		return fault_set(&ctl->fault, FAULT_DATA_DIR, "data_dir: the path is too long");
	if (lstat(path, &status) != 0)
		return errno == ENOENT
		    ? 0
		    : fault_set(&ctl->fault, FAULT_OPEN_FAILED, "%s: %s", name, strerror(errno));
	reason = file_judge(&status);
	if (reason != NULL)
		return fault_set(&ctl->fault, FAULT_LOG_UNSAFE, "%s: %s", name, reason);
	if (access(path, R_OK | W_OK) != 0)
		return fault_set(&ctl->fault, FAULT_OPEN_FAILED, "%s: %s", name, strerror(errno));
	result = ctl_log_group(ctl, name, group_id);
	if (result != 1)
		return result;
	store_name_find(ctl->store.data_dir, group_id, found);
	if (strcmp(found, name) != 0)
		return fault_set(&ctl->fault, FAULT_LOG_UNSAFE,
		    "%s: is a second log of its group, under another spelling", name);
	return 1;
}

/* Has the log of that group files of a replacement that is, or was, under way? */
static bool
group_is_unfinished(const struct keeping *keeping, const char *name, const char *group_id)
{
	char stem[STORE_NAME_SIZE];

	name_sibling(group_id, name, strlen(".0000000000000000.new"), stem);
	return archives_has(&keeping->unfinished, stem);
}

/* A torn end that was set aside: of each log, for the next one may have another. */
static void
notice_tell(struct fault *notice)
{
	if (notice->code != FAULT_NONE)
		fprintf(stderr, "msgextctl: %s: %s\n", fault_slug(notice->code), notice->detail);
	notice->code = FAULT_NONE;
}

/* Does what is to be done with the log of that name.  -1: ctl->fault. */
static int
log_keep(struct keeping *keeping, const char *name)
{
	struct ctl *ctl = keeping->ctl;
	char group_id[GROUP_ID_MAX + 1];
	struct compaction compaction;
	int result = log_identify(ctl, name, group_id);

	if (result <= 0)
		return result;
	compaction = ctl_compaction(ctl, group_id, &keeping->progress);
	/* What a killed one left is completed, or removed, be there anything else to do or not. */
	result = group_is_unfinished(keeping, name, group_id)
	    ? 1
	    : compact_is_needed(&compaction, &ctl->fault);
	if (result < 0)
		return -1;
	if (result == 0)
		return ctl_archives_redact(ctl, group_id);
	result = compact_log(&compaction, &ctl->fault);
	progress_clear(&keeping->progress);
	notice_tell(ctl->store.notice);
	if (result != 0)
		return -1;
	ctl_tell_compaction(ctl, name, &compaction);
	keeping->done += !compaction.unchanged;
	return ctl_archives_redact(ctl, group_id);
}

/* One after the other.  -1: ctl->fault, and it is not of one log alone. */
static int
logs_keep(struct keeping *keeping, char *const *names, size_t count)
{
	struct ctl *ctl = keeping->ctl;

	for (size_t i = 0; i < count; i++) {
		keeping->progress.of = "group";
		progress_count(&keeping->progress, i + 1, count);
		snprintf(keeping->of, sizeof(keeping->of), "group %zu of %zu: ", i + 1, count);
		keeping->progress.of = keeping->of;
		if (log_keep(keeping, names[i]) == 0)
			continue;
		if (!fault_is_of_one(&ctl->fault) ||
		    failure_add(keeping, names[i], &ctl->fault) != 0)
			return -1;
		ctl->fault.code = FAULT_NONE;
	}
	return 0;
}

/* Was another process in the way, or has there been room since? */
static bool
failure_may_end(const struct keeping *keeping, const struct fault *fault)
{
	return fault->code == FAULT_LOCK_TIMEOUT || fault->code == FAULT_LOG_CHANGED ||
	    (fault->code == FAULT_DISK_FULL && keeping->removed > 0);
}

/* Tries once more what may work now.  -1: as logs_keep. */
static int
failures_try(struct keeping *keeping)
{
	struct scan_names again = { 0 };
	size_t stay = 0;
	int result = 0;

	for (size_t i = 0; i < keeping->failed; i++) {
		struct failure *failure = &keeping->failures[i];

		if (!failure_may_end(keeping, &failure->fault)) {
			keeping->failures[stay++] = *failure;
			continue;
		}
		if (scan_names_add(&again, failure->name, strlen(failure->name)) != 0)
			result = fault_memory(&keeping->ctl->fault);
		free(failure->name);
	}
	keeping->failed = stay;
	if (result == 0 && again.count > 0) {
		scan_names_free(&keeping->unfinished);
		result = archives_list_unfinished(&keeping->unfinished,
		    keeping->ctl->store.data_dir, &keeping->ctl->fault);
	}
	if (result == 0)
		result = logs_keep(keeping, again.names, again.count);
	scan_names_free(&again);
	return result;
}

/* archives */

static void
archive_told(void *context, const char *name, off_t bytes, const struct fault *fault)
{
	struct keeping *keeping = context;

	progress_clear(&keeping->progress);
	if (fault != NULL) {
		(void)failure_add(keeping, name, fault);
		return;
	}
	keeping->removed++;
	fprintf(stderr, "msgextctl: %s: removed, %lld bytes\n", name, (long long)bytes);
}

static int
archives_end(struct keeping *keeping)
{
	return archives_remove(&keeping->archives, keeping->ctl->store.data_dir, archive_told,
	    keeping, &keeping->ctl->fault);
}

/*
 * Groups whose log is empty, or gone, have archives still: from these, too, old addresses leave.
 * -1: ctl->fault, and it is not of one group alone.
 */
static int
archives_keep(struct keeping *keeping)
{
	struct ctl *ctl = keeping->ctl;
	struct files files = { 0 };
	int result = 0;

	if (ctl_addresses_before(ctl) <= 0)
		return 0;
	result = files_list(ctl, &files);
	for (size_t i = 0; result == 0 && i < files.groups.count; i++) {
		char name[STORE_NAME_SIZE];

		store_name_find(ctl->store.data_dir, files.groups.names[i], name);
		if (scan_size(ctl->store.data_dir, name) > 0 ||
		    ctl_archives_redact(ctl, files.groups.names[i]) == 0)
			continue;
		if (!fault_is_of_one(&ctl->fault) || failure_add(keeping, name, &ctl->fault) != 0)
			result = -1;
		else
			ctl->fault.code = FAULT_NONE;
	}
	files_free(&files);
	return result;
}

/* Those that stay because their logs are being replaced.  -1: no memory. */
static int
archives_tell_busy(struct keeping *keeping)
{
	for (size_t i = 0; i < keeping->archives.busy; i++) {
		const char *name = keeping->archives.names.names[i];
		struct fault fault;

		fault_set(&fault, FAULT_LOCK_TIMEOUT,
		    "%s: stays, for another process is at work on its log", name);
		if (failure_add(keeping, name, &fault) != 0)
			return -1;
	}
	return 0;
}

/* all of it */

static void
keeping_free(struct keeping *keeping)
{
	for (size_t i = 0; i < keeping->failed; i++)
		free(keeping->failures[i].name);
	free(keeping->failures);
	scan_names_free(&keeping->unfinished);
	archives_free(&keeping->archives);
}

/* The logs, then the archives, then what was in the way.  -1: ctl->fault. */
static int
keeping_run(struct keeping *keeping, const struct scan_names *logs)
{
	if (logs_keep(keeping, logs->names, logs->count) != 0 || archives_end(keeping) != 0 ||
	    failures_try(keeping) != 0 || archives_keep(keeping) != 0)
		return -1;
	return archives_end(keeping) != 0 ? -1 : archives_tell_busy(keeping);
}

/* Says how it ended: the exit status. */
static int
keeping_end(struct keeping *keeping, int result)
{
	struct ctl *ctl = keeping->ctl;

	progress_clear(&keeping->progress);
	failures_tell(keeping);
	if (result != 0)
		return ctl_fail(ctl);
	return keeping->failed > 0 ? CTL_NOTHING : EX_OK;
}

int
ctl_keep_all(struct ctl *ctl)
{
	struct keeping keeping = { .ctl = ctl };
	const char *data_dir = ctl->store.data_dir;
	struct scan_names logs = { 0 };
	int result = -1, status;

	/* The archives first: none that is made now is among them. */
	if (archives_list(&keeping.archives, data_dir, NULL, ctl->keep, &ctl->fault) == 0 &&
	    archives_list_unfinished(&keeping.unfinished, data_dir, &ctl->fault) == 0 &&
	    scan_list(data_dir, &logs, &ctl->fault) == 0)
		result = keeping_run(&keeping, &logs);
	status = keeping_end(&keeping, result);
	if (status == EX_OK && isatty(STDERR_FILENO) == 1)
		fprintf(stderr,
		    "msgextctl: %zu logs, of which %zu were rewritten; %zu archives were removed\n",
		    logs.count, keeping.done, keeping.removed);
	scan_names_free(&logs);
	keeping_free(&keeping);
	return status;
}

int
ctl_keep_group(struct ctl *ctl, int (*compact)(struct ctl *ctl))
{
	struct keeping keeping = { .ctl = ctl };
	char log_name[STORE_NAME_SIZE], stem[STORE_NAME_SIZE];
	int status, ended;

	if (ctl->keep == 0)
		return compact(ctl);
	store_name_find(ctl->store.data_dir, ctl->selection.group, log_name);
	name_sibling(ctl->selection.group, log_name, strlen(".00000000T000000000Z.jsonl.gz"), stem);
	if (archives_list(&keeping.archives, ctl->store.data_dir, stem, ctl->keep, &ctl->fault) !=
	    0)
		return ctl_fail(ctl);
	status = compact(ctl);
	/* All lines may have been archived, or the disk be full: what is old enough goes in any case. */
	if (status == EX_OK || status == CTL_NOTHING || ctl->fault.code == FAULT_DISK_FULL) {
		int result = archives_end(&keeping);

		if (result == 0)
			result = archives_tell_busy(&keeping);
		ended = keeping_end(&keeping, result);
		status = status == EX_OK ? ended : status;
	}
	keeping_free(&keeping);
	return status;
}

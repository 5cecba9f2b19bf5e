/*
 * erase.c - msgextctl erase: all pairs of a key leave the logs, and what lies beside them.
 *
 * Each file is by itself: what fails is told, and the next has its turn; so a run that failed
 * for want of anything, or was killed, is simply run again; what stays as it is, is told.  A file that has nothing of the key is only read.  What
 * is told goes to the terminal of whoever asks, and names no key.
 */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "base/fault.h"
#include "ctl/ctl.h"
#include "ctl/files.h"
#include "ctl/read.h"
#include "log/archives.h"
#include "log/compact.h"
#include "log/erase.h"
#include "log/rewrite.h"
#include "store/replace.h"

#define TRIES_MAX 200       /* where another process is in the way: some ten seconds */
#define TRY_PAUSE 50000000L /* nanoseconds */
#define CLEAN_LOCK_MILLISECONDS 10000

struct erasing {
	struct ctl *ctl;
	struct erasure erasure; /* its count: of the group at hand */
	struct rewriting rewriting;
	struct scan_names unfinished; /* logs whose replacement is, or was, under way */
	uint64_t files;               /* of the group at hand, that had anything */
	uint64_t groups;              /* that had */
	uint64_t failed;
	uint64_t stuck; /* of these, that fail again however often it is run */
};

/* Tells what failed.  False: it is not of one file alone, and nothing else can be done. */
static bool
failure_tell(struct erasing *erasing, const char *name)
{
	struct ctl *ctl = erasing->ctl;

	if (ctl->fault.code == FAULT_MEMORY || ctl->fault.code == FAULT_DATA_DIR)
		return false;
	if (strstr(ctl->fault.detail, name) == NULL)
		fault_name(&ctl->fault, name);
	(void)ctl_fail(ctl);
	if (ctl->fault.code == FAULT_OPEN_FAILED || ctl->fault.code == FAULT_LOG_UNSAFE ||
	    ctl->fault.code == FAULT_FIELD_RANGE) {
		erasing->stuck++;
		fprintf(stderr,
		    "msgextctl: %s: the key may still be in that file: restore it, or remove it\n",
		    name);
	}
	ctl->fault.code = FAULT_NONE;
	erasing->failed++;
	return true;
}

/* 1: the log lost something; 0: it had nothing, or --dry-run; -1: ctl->fault. */
static int
log_erase(struct erasing *erasing, const char *name)
{
	struct erasure *erasure = &erasing->erasure;
	struct compaction compaction = { .options = &erasing->ctl->store,
		.group_id = erasing->rewriting.group_id,
		.erasure = erasure };
	struct erased_count before = erasure->count;
	int found = rewrite_look_log(&erasing->rewriting, name, &erasing->ctl->fault);

	if (found <= 0 || erasing->rewriting.dry_run)
		return found;
	erasure->count = before;
	if (erasure_begin(erasure, &erasing->ctl->fault) != 0)
		return -1;
	if (compact_log(&compaction, &erasing->ctl->fault) == 0)
		return erasure->found;
	erasure->count = before;
	return -1;
}

enum kind { KIND_LOG, KIND_ARCHIVE, KIND_TORN };

/* One file, tried again where another process is in the way.  False: nothing else can be done. */
static bool
file_erase(struct erasing *erasing, const char *name, enum kind kind)
{
	const struct timespec pause = { .tv_nsec = TRY_PAUSE };
	struct fault *fault = &erasing->ctl->fault;
	int result = -1;

	for (int i = 0; i < TRIES_MAX && result < 0; i++) {
		fault->code = FAULT_NONE;
		result = kind == KIND_LOG  ? log_erase(erasing, name)
		    : kind == KIND_ARCHIVE ? rewrite_archive(&erasing->rewriting, name, fault)
					   : rewrite_torn(&erasing->rewriting, fault);
		/* A .torn file's lock was waited for already. */
		if (result >= 0 || kind == KIND_TORN ||
		    (fault->code != FAULT_LOG_CHANGED && fault->code != FAULT_LOCK_TIMEOUT))
			break;
		nanosleep(&pause, NULL);
	}
	erasing->files += result >= 0 && erasing->erasure.found;
	return result >= 0 || failure_tell(erasing, name);
}

static void
group_tell(struct erasing *erasing, const char *group_id)
{
	const struct erased_count *count = &erasing->erasure.count;
	bool dry_run = erasing->rewriting.dry_run;
	char text[ERASED_TEXT_SIZE];

	if (erasing->files > 0) {
		erasing->groups++;
		erased_text(count, erasing->files, dry_run, text);
		ctl_tell_of(erasing->ctl, group_id);
		fprintf(stderr, "%s\n", text);
	}
	if (count->fragments > 0) {
		ctl_tell_of(erasing->ctl, group_id);
		fprintf(stderr, "in %llu lines that cannot be read the key itself %s emptied\n",
		    (unsigned long long)count->fragments, dry_run ? "would be" : "is");
	}
	if (count->elsewhere > 0) {
		ctl_tell_of(erasing->ctl, group_id);
		fprintf(stderr,
		    "%llu lines have the same text as a value or in a member that is not known; "
		    "that stays\n",
		    (unsigned long long)count->elsewhere);
	}
}

/* Removes what killed replacements have left of the group: it may have the key.  False: as below. */
static bool
group_clean(struct erasing *erasing, const char *log_name, const char *group_id)
{
	struct ctl *ctl = erasing->ctl;
	struct store_options patient = ctl->store;
	char stem[STORE_NAME_SIZE];

	name_sibling(group_id, log_name, strlen(".0000000000000000.new"), stem);
	if (erasing->rewriting.dry_run || !archives_has(&erasing->unfinished, stem))
		return true;
	patient.lock_timeout = CLEAN_LOCK_MILLISECONDS;
	return store_clean(&patient, group_id, INT64_MAX, &ctl->fault) == 0 ||
	    failure_tell(erasing, log_name);
}

/* False: ctl->fault, and nothing else can be done. */
static bool
group_erase(struct erasing *erasing, const char *group_id)
{
	struct group_files files;
	bool goes_on;

	group_files_name(erasing->ctl, group_id, &files);
	erasing->rewriting.group_id = erasing->erasure.group_id = group_id;
	erasing->erasure.count = (struct erased_count){ 0 };
	erasing->files = 0;
	goes_on =
	    group_clean(erasing, files.log, group_id) && file_erase(erasing, files.log, KIND_LOG);
	goes_on = goes_on && group_files_list(erasing->ctl, group_id, &files) == 0;
	for (size_t i = 0; goes_on && i < files.archives.count; i++)
		goes_on = file_erase(erasing, files.archives.names[i], KIND_ARCHIVE);
	if (goes_on)
		goes_on = file_erase(erasing, files.torn, KIND_TORN);
	group_tell(erasing, group_id);
	group_files_free(&files);
	return goes_on;
}

static int
strange_look(void *context, const char *name, const struct line *line)
{
	struct erasing *erasing = context;

	(void)name;
	return erasure_look(&erasing->erasure, line, &erasing->ctl->fault);
}

/* A file of which nobody can tell whose it is: where it has the key, a person has to look at it. */
static bool
strange_tell(struct erasing *erasing, const char *name)
{
	struct ctl *ctl = erasing->ctl;

	erasing->erasure.group_id = "";
	if (erasure_begin(&erasing->erasure, &ctl->fault) == 0 &&
	    file_lines(ctl, name, strange_look, erasing) == 0) {
		if (!erasing->erasure.found)
			return true;
		fault_set(&ctl->fault, FAULT_LOG_UNSAFE,
		    "%s: has the key, and no line and name that tell whose file it is; nothing of "
		    "it is "
		    "erased",
		    name);
	}
	return failure_tell(erasing, name);
}

static void
end_tell(const struct erasing *erasing, const struct files *files)
{
	for (size_t i = 0; i < files->others.count; i++) {
		ctl_tell_of(erasing->ctl, files->others.names[i]);
		fputs("is no file of msgext's, and was not looked at\n", stderr);
	}
	if (erasing->failed > 0)
		fprintf(stderr,
		    "msgextctl: %llu file%s failed, as told above; all others were looked at. Run "
		    "it again%s\n",
		    (unsigned long long)erasing->failed, erasing->failed == 1 ? "" : "s",
		    erasing->stuck > 0 ? " after that" : "");
	if (erasing->groups == 0 && erasing->failed == 0)
		fputs("msgextctl: nothing of that key\n", stderr);
	if (erasing->groups > 0 && !erasing->rewriting.dry_run)
		fputs("msgextctl: an engine of msgext-ship keeps its rows until msgext-ship "
		      "--erase, and backups keep what they have until they are replaced\n",
		    stderr);
}

int
ctl_erase(struct ctl *ctl)
{
	struct erasing erasing = { .ctl = ctl, .erasure.key = ctl->key };
	struct files files = { 0 };
	bool goes_on;
	int there;

	if (!ctl->dry_run && ctl_owner_check(ctl) != 0)
		return ctl_fail(ctl);
	erasing.rewriting = (struct rewriting){ .options = &ctl->store,
		.erasure = &erasing.erasure,
		.dry_run = ctl->dry_run };
	goes_on = files_list(ctl, &files) == 0 &&
	    archives_list_unfinished(&erasing.unfinished, ctl->store.data_dir, &ctl->fault) == 0;
	there = !goes_on || ctl->selection.group == NULL ? 1 : files_has_group(ctl, &files);
	goes_on = goes_on && there >= 0;
	for (size_t i = 0; goes_on && there > 0 && i < files.groups.count; i++)
		goes_on = group_erase(&erasing, files.groups.names[i]);
	for (size_t i = 0; goes_on && i < files.strange.count; i++)
		goes_on = strange_tell(&erasing, files.strange.names[i]);
	if (goes_on && there > 0)
		end_tell(&erasing, &files);
	erasure_end(&erasing.erasure);
	files_free(&files);
	scan_names_free(&erasing.unfinished);
	if (!goes_on)
		return ctl_fail(ctl);
	if (there == 0)
		return ctl_nothing(ctl);
	return erasing.failed > 0 ? CTL_NOTHING : EX_OK;
}

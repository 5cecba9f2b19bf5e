/*
 * write.c - msgextctl compact, archive, of one group, and who may change a log.
 *
 * They replace through store/replace.c, under the receiver's own lock and
 * with its durability, and so may run while requests are served.  They must
 * run as the logs' owner: a file that another user owned would be refused by
 * the receiver.
 */
#include <sys/stat.h>

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/fault.h"
#include "check.h"
#include "base/time.h"
#include "ctl/ctl.h"
#include "ctl/files.h"
#include "ctl/keep.h"
#include "ctl/progress.h"
#include "ctl/read.h"
#include "log/compact.h"
#include "log/erase.h"
#include "log/rewrite.h"
#include "log/scan.h"
#include "names.h"
#include "store/directory.h"

/*
 * May root change logs there?  Where others may write, what root makes would be refused by
 * their receiver, and a path could lead elsewhere a moment later.
 */
static int
root_check(struct ctl *ctl, const struct stat *status)
{
	char parent[PATH_MAX];
	struct stat above;
	int found = check_parents(ctl->store.data_dir, parent, &above);

	if (found < 0)
		return fault_set(&ctl->fault, FAULT_DATA_DIR, "%s: %s", ctl->store.data_dir,
		    strerror(errno));
	if (found > 0)
		return fault_set(&ctl->fault, FAULT_LOG_UNSAFE,
		    "%s: root changes no logs below a directory that others can write to", parent);
	if ((status->st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return fault_set(&ctl->fault, FAULT_LOG_UNSAFE,
		    "%s: root changes no logs where others can write; run this as the web server's "
		    "user (sudo -u USER msgextctl ...)",
		    ctl->store.data_dir);
	return 0;
}

int
ctl_owner_check(struct ctl *ctl)
{
	const struct passwd *owner;
	struct stat status;

	if (stat(ctl->store.data_dir, &status) != 0)
		return fault_set(&ctl->fault, FAULT_DATA_DIR, "%s: %s", ctl->store.data_dir,
		    strerror(errno));
	if (status.st_uid == geteuid()) {
		if (geteuid() == 0 && root_check(ctl, &status) != 0)
			return -1;
		return store_check_access(&ctl->store, &ctl->fault);
	}
	owner = getpwuid(status.st_uid);
	return fault_set(&ctl->fault, FAULT_LOG_UNSAFE,
	    "%s: belongs to %s; run this as that user (sudo -u %s msgextctl ...)",
	    ctl->store.data_dir, owner == NULL ? "another user" : owner->pw_name,
	    owner == NULL ? "USER" : owner->pw_name);
}

/* compact, archive */

static void
compact_progress(void *context, off_t done, off_t total)
{
	progress_show(context, done, total);
}

int64_t
ctl_addresses_before(const struct ctl *ctl)
{
	int64_t age = ctl->configured ? ctl->config.client_ip_age : 0;

	return age == 0 ? 0 : time_now() - age;
}

int
ctl_archives_redact(struct ctl *ctl, const char *group_id)
{
	struct erasure erasure = { .group_id = group_id, .before = ctl_addresses_before(ctl) };
	const struct rewriting rewriting = { .options = &ctl->store,
		.group_id = group_id,
		.erasure = &erasure };
	struct group_files files;
	int result = 0;

	if (erasure.before <= 0)
		return 0;
	group_files_name(ctl, group_id, &files);
	if (group_files_list(ctl, group_id, &files) != 0)
		return -1;
	for (size_t i = 0; result >= 0 && i < files.archives.count; i++)
		result = rewrite_archive(&rewriting, files.archives.names[i], &ctl->fault);
	if (result >= 0)
		result = rewrite_torn(&rewriting, &ctl->fault);
	erasure_end(&erasure);
	group_files_free(&files);
	return result < 0 ? -1 : 0;
}

struct compaction
ctl_compaction(const struct ctl *ctl, const char *group_id, struct progress *progress)
{
	return (struct compaction){ .options = &ctl->store,
		.group_id = group_id,
		.discard = ctl->discard,
		.before = ctl->before,
		.addresses_before = ctl_addresses_before(ctl),
		.progress = compact_progress,
		.context = progress };
}

void
ctl_tell_compaction(const struct ctl *ctl, const char *name, const struct compaction *compaction)
{
	if (compaction->unchanged)
		return;
	fprintf(stderr, "msgextctl: %s: %llu lines, %lld bytes -> %llu lines, %lld bytes\n", name,
	    (unsigned long long)compaction->lines_before, (long long)compaction->bytes_before,
	    (unsigned long long)compaction->lines_after, (long long)compaction->bytes_after);
	if (compaction->archive[0] != '\0')
		fprintf(stderr, "msgextctl: %s is %s\n",
		    ctl->before > 0 ? "the archive" : "the original", compaction->archive);
	if (compaction->lines_unreadable > 0)
		fprintf(stderr,
		    "msgextctl: %llu lines could not be read and were kept as they are\n",
		    (unsigned long long)compaction->lines_unreadable);
}

/* One group. */
static int
group_compact(struct ctl *ctl)
{
	struct progress progress = { 0 };
	struct compaction compaction = ctl_compaction(ctl, ctl->selection.group, &progress);
	char name[STORE_NAME_SIZE];
	int result;

	store_name_find(ctl->store.data_dir, ctl->selection.group, name);
	if (scan_size(ctl->store.data_dir, name) == 0)
		return ctl_archives_redact(ctl, ctl->selection.group) != 0 ? ctl_fail(ctl)
									   : ctl_nothing(ctl);
	result = compact_log(&compaction, &ctl->fault);
	progress_clear(&progress);
	if (result != 0 || ctl_archives_redact(ctl, ctl->selection.group) != 0)
		return ctl_fail(ctl);
	if (compaction.unchanged)
		fprintf(stderr, "msgextctl: %s: %s\n", name,
		    ctl->before > 0 ? "no message is that old" : "is already compact");
	ctl_tell_compaction(ctl, name, &compaction);
	return EX_OK;
}

int
ctl_compact(struct ctl *ctl)
{
	if (ctl_owner_check(ctl) != 0)
		return ctl_fail(ctl);
	return ctl->all ? ctl_keep_all(ctl) : ctl_keep_group(ctl, group_compact);
}

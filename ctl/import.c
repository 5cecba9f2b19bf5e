/*
 * import.c - msgextctl import: the vendor's answer taken in, and taken out again.
 *
 * It reports what would change (log/import.c), and refuses what the log speaks against,
 * unless --force.  Nobody is ever asked: scripts import too.
 *
 * All that could block, reading the answer and reporting, is before and after what is done to the
 * log (log/importer.c).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/text.h"
#include "ctl/ctl.h"
#include "ctl/read.h"
#include "log/answer.h"
#include "log/compact.h"
#include "log/importer.h"
#include "log/scan.h"
#include "record.h"

#define ANSWER_SIZE_MAX (64 << 20)

struct work {
	struct ctl *ctl;
	struct answer answer;
	struct importer importer;
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
	bool named = ctl->file != NULL && strcmp(ctl->file, "-") != 0;
	int fd = named ? open(ctl->file, O_RDONLY | O_CLOEXEC) : STDIN_FILENO, result = -1;
	size_t length = 0;
	char *bytes = NULL;

	if (fd < 0)
		return fault_set(&ctl->fault, FAULT_OPEN_FAILED, "%s: %s", ctl->file,
		    strerror(errno));
	bytes = input_read(ctl, fd, &length);
	if (bytes == NULL || answer_read(&work->answer, bytes, length, &ctl->fault) != 0)
		goto out;
	result = importer_take(&work->importer, &work->answer, &ctl->fault);
out:
	free(bytes);
	if (named)
		close(fd);
	return result;
}

/* what would change */

static void
change_tell(const struct change *change)
{
	fprintf(stderr, "msgextctl: %zu of %zu pairs removed, %zu added, version %llu -> %llu",
	    change->go, change->pairs, change->come, (unsigned long long)change->version_before,
	    (unsigned long long)change->version_after);
	if (change->differ > 0)
		fprintf(stderr, "; %zu values differ", change->differ);
	fputc('\n', stderr);
}

/* undo */

/* Finds what would change if the last import were not there, and whether it can be taken out. */
static int
undo_judge(struct work *work)
{
	struct ctl *ctl = work->ctl;
	struct last_import undone = { .msg_seq = ctl->selection.message };
	struct record record;
	uint64_t number;
	int more;

	if (importer_open(&work->importer, &ctl->fault) != 0)
		return -1;
	while ((more = importer_next(&work->importer, &record, &number, &ctl->fault)) == 1)
		import_look(&undone, number, &record);
	if (more != 0 || import_check(&undone, &ctl->fault) != 0)
		return -1;
	return importer_compare(&work->importer, undone.line, &ctl->fault);
}

static int
import_undo(struct work *work)
{
	struct ctl *ctl = work->ctl;
	struct compaction compaction = { .options = &ctl->store,
		.addresses_before = ctl_addresses_before(ctl),
		.group_id = ctl->selection.group,
		.undo = &ctl->selection.message };

	if (undo_judge(work) != 0)
		return -1;
	if (!ctl->dry_run && compact_log(&compaction, &ctl->fault) != 0)
		return -1;
	change_tell(&work->importer.import.change);
	if (compaction.archive[0] != '\0')
		fprintf(stderr, "msgextctl: the original is %s\n", compaction.archive);
	return 0;
}

int
ctl_import(struct ctl *ctl)
{
	struct work work = { .ctl = ctl,
		.importer = { .options = &ctl->store,
		    .judge = ctl->force ? NULL : import_judge,
		    .dry_run = ctl->dry_run } };
	struct importer *importer = &work.importer;
	int result = -1;

	importer_begin(importer, ctl->selection.group, ctl->selection.message);
	if (!text_is_plain(ctl->selection.group, strlen(ctl->selection.group))) {
		fault_set(&ctl->fault, FAULT_FIELD_RANGE, "GroupId: is not plain UTF-8");
		goto out;
	}
	if (!ctl->dry_run && ctl_owner_check(ctl) != 0)
		goto out;
	if (ctl->undo) {
		if (scan_size(ctl->store.data_dir, importer->log_name) == 0)
			return ctl_nothing(ctl);
		result = import_undo(&work);
	} else if (answer_load(&work) == 0) {
		result = importer_append(importer, &ctl->fault);
		if (result == 0 || fault_exit_status(ctl->fault.code) == EX_DATAERR)
			change_tell(&importer->import.change);
	}
	ctl->unreadable = importer->unreadable;
	ctl_tell_unreadable(ctl);
out:
	importer_end(importer);
	answer_free(&work.answer);
	return result == 0 ? EX_OK : ctl_fail(ctl);
}

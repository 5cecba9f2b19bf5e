/*
 * mark.c - the last line of a log that was replaced: a mark that names the new file.
 *
 * Over a network, looking a name up proves nothing: the answer can come from this machine's memory.
 * So a log that is replaced says so itself.  The steps, under the log's lock:
 *
 *  1.  The new file is complete and on disk, under a name that is used only once [complete].
 *  2.  The old log gets a last line, the mark, which holds that name [mark].
 *  3.  The new file is renamed to the log's name, if the log still has it [again].
 *
 * A writer that has the lock of a log and finds a mark at its end does that rename again, and then
 * begins again.  Either the rename was done already, or the process that had to do it was killed
 * and it is done now.  A mark is removed only where it is certain that the rename did not happen
 * and cannot happen any more.
 *
 * Each step is on disk before the next one begins, so a crash can come after any of them.  Until
 * the mark is complete the old log counts.  From then on the new file counts, which holds all that
 * the old one holds.
 *
 * No call renames a file in the place of one that it names.  So between the last look at the log's
 * name and the rename another program can rename the log, and a writer can begin a new one: that is
 * lost then (msgext(8), Its limits).
 *
 * The words in brackets are steps of tests/model/replace.pml, which tries all that can happen to
 * them.
 */
#include "store/mark.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/filesystem.h"
#include "base/text.h"
#include "base/time.h"
#include "store/log.h"

#define MARK_BEGIN "{\"time\":\""
#define MARK_TIME_LENGTH 24
#define MARK_REPLACED "\",\"Replaced\":\""
#define MARK_END "\",\"ExtensionList\":[]}"
#define MARK_TIME (sizeof(MARK_BEGIN) - 1)
#define MARK_ID (sizeof(MARK_BEGIN MARK_REPLACED) - 1 + MARK_TIME_LENGTH)
/* After this time no machine's memory still has the name as it was before a rename. */
#define MARK_MILLISECONDS (INT64_C(10) * 60 * 1000)

_Static_assert(MARK_LENGTH ==
	sizeof(MARK_BEGIN MARK_REPLACED MARK_END) - 1 + MARK_TIME_LENGTH + LOG_ID_LENGTH,
    "a mark has its length");

bool
store_line_is_mark(const char *line, size_t length)
{
	static const char end[] = MARK_END;

	return length == MARK_LENGTH && memcmp(line, MARK_BEGIN, MARK_TIME) == 0 &&
	    memcmp(line + MARK_TIME + MARK_TIME_LENGTH, MARK_REPLACED, sizeof(MARK_REPLACED) - 1) ==
	    0 &&
	    strspn(line + MARK_ID, hex_digits) == LOG_ID_LENGTH &&
	    memcmp(line + MARK_ID + LOG_ID_LENGTH, end, sizeof(end) - 1) == 0;
}

void
mark_make(char mark[MARK_LENGTH + 2])
{
	char time[TIME_SIZE];

	time_print(time_now(), time);
	snprintf(mark, MARK_LENGTH + 2, MARK_BEGIN "%.24s" MARK_REPLACED "%016llx" MARK_END "\n",
	    time, (unsigned long long)log_id_make());
}

int
mark_path(char path[PATH_MAX], const struct log *log, const char *mark)
{
	char ending[LOG_ID_LENGTH + 8];

	snprintf(ending, sizeof(ending), ".%.*s.new", LOG_ID_LENGTH, mark + MARK_ID);
	return log_path(path, log, ending);
}

/* Does a look-up of the log's name prove that no other machine has replaced it? */
static bool
look_is_proof(const struct log *log, const char *mark)
{
	char time[MARK_TIME_LENGTH + 1];

	memcpy(time, mark + MARK_TIME, MARK_TIME_LENGTH);
	time[MARK_TIME_LENGTH] = '\0';
	return !filesystem_is_remote(log->options->data_dir) ||
	    time_now() - time_parse(time) > MARK_MILLISECONDS;
}

int
mark_finish(struct log *log, off_t start, const char *mark)
{
	char path[PATH_MAX];
	int error, result;

	if (mark_path(path, log, mark) != 0)
		return -1;
	/* Somebody may have renamed the log: the name is another one's then. */
	if (look_is_proof(log, mark)) {
		result = log_look(log);
		if (result != 0)
			return result;
	}
	if (rename(path, log->path) == 0)
		return log_sync_directory(log) == 0 ? LOG_RETRY : -1;
	error = errno;
	if (!look_is_proof(log, mark)) {
		errno = error;
		return error == ENOENT ? LOG_RETRY : log_fault(log, FAULT_WRITE_FAILED, "replace");
	}
	result = log_look(log);
	if (result != 0)
		return result;
	if (ftruncate(log->fd, start) != 0 || file_sync(log->fd) != 0)
		return log_fault(log, FAULT_TAIL_FAILED, "remove its mark");
	log->size = start;
	errno = error;
	return 0;
}

/*
 * rewrite.c - the files beside a group's log, without what is to leave them.
 *
 * An archive is never appended to: it is read, another one is written beside it, made durable and
 * given its name.  Two that do so with one archive at once would undo each other's work; so each
 * first makes and locks the group's NAME.ID.new, as whoever replaces the log does.  A .torn file is
 * appended to under the log's lock, and so is replaced under it, where it has what is to leave it.
 *
 * The time of an archive's last change stays: it tells when its lines were taken out.
 */
#include "log/rewrite.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/file.h"
#include "log/erase.h"
#include "log/scan.h"
#include "log/zip.h"
#include "store/options.h"
#include "store/replace.h"

#define TORN_LOCK_MILLISECONDS 10000

struct archive {
	const struct rewriting *rewriting;
	const char *name;
	struct fault *fault;
	char path[PATH_MAX], guard_path[PATH_MAX], new_path[PATH_MAX]; /* "": none */
	int fd, guard_fd, new_fd;                                      /* -1: none */
	struct zip_reader reader;
	struct zip *new;
	struct stat status;
};

static int
archive_fault(const struct archive *archive, const char *doing)
{
	return fault_set(archive->fault,
	    errno == ENOSPC || errno == EDQUOT ? FAULT_DISK_FULL : FAULT_WRITE_FAILED,
	    "%s: cannot %s it: %s", archive->name, doing, strerror(errno));
}

/* 1; 0: it is gone; -1. */
static int
archive_open(struct archive *archive)
{
	const char *data_dir = archive->rewriting->options->data_dir;
	int length =
	    snprintf(archive->path, sizeof(archive->path), "%s/%s", data_dir, archive->name);

	if (length < 0 || (size_t)length >= sizeof(archive->path))
		return fault_set(archive->fault, FAULT_DATA_DIR, "%s: the path is too long",
		    archive->name);
	archive->fd =
	    open(archive->path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (archive->fd < 0 && errno == ENOENT)
		return 0;
	if (archive->fd < 0 || fstat(archive->fd, &archive->status) != 0)
		return fault_set(archive->fault, FAULT_OPEN_FAILED, "%s: %s", archive->name,
		    file_open_reason(errno));
	if (!S_ISREG(archive->status.st_mode) || archive->status.st_uid != geteuid() ||
	    archive->status.st_nlink > 1)
		return fault_set(archive->fault, FAULT_LOG_UNSAFE,
		    "%s: is not a regular file of this user with one name", archive->name);
	if (zip_read(&archive->reader, archive->fd, archive->fault) != 0)
		return fault_name(archive->fault, archive->name);
	return 1;
}

static void
archive_close(struct archive *archive)
{
	zip_close(&archive->reader);
	if (archive->new != NULL)
		zip_end(archive->new);
	if (archive->new_path[0] != '\0')
		unlink(archive->new_path);
	if (archive->guard_path[0] != '\0')
		unlink(archive->guard_path);
	if (archive->new_fd >= 0)
		close(archive->new_fd);
	if (archive->guard_fd >= 0)
		close(archive->guard_fd);
	if (archive->fd >= 0)
		close(archive->fd);
}

static int
line_write(struct archive *archive, const struct line *line)
{
	const char *bytes = line->bytes;
	size_t length = line->length;

	if (erasure_line(archive->rewriting->erasure, line, &bytes, &length, archive->fault) < 0)
		return -1;
	return zip_put(archive->new, bytes, length) == 0 ? 0 : archive_fault(archive, "write");
}

static int
line_look(struct archive *archive, const struct line *line)
{
	return erasure_look(archive->rewriting->erasure, line, archive->fault);
}

static int
line_gather(struct archive *archive, const struct line *line)
{
	return erasure_gather(archive->rewriting->erasure, line, archive->fault);
}

/* Gives each line to take. */
static int
archive_lines(struct archive *archive, int (*take)(struct archive *, const struct line *))
{
	struct line line;
	int more;

	if (zip_rewind(&archive->reader, archive->fault) != 0)
		return fault_name(archive->fault, archive->name);
	while ((more = zip_next(&archive->reader, &line, archive->fault)) == 1)
		if (take(archive, &line) != 0)
			return -1;
	return more < 0 ? fault_name(archive->fault, archive->name) : 0;
}

/* Writes the new one beside it, and gives it its name. */
static int
archive_replace(struct archive *archive)
{
	const struct rewriting *rewriting = archive->rewriting;
	const struct timespec times[] = { archive->status.st_atim, archive->status.st_mtim };
	int ended;

	if (erasure_gathers(rewriting->erasure) && archive_lines(archive, line_gather) != 0)
		return -1;
	archive->new_fd = store_open_sibling(rewriting->options, rewriting->group_id, ".gz.new",
	    archive->new_path, archive->fault);
	if (archive->new_fd < 0)
		return -1;
	archive->new = zip_write(archive->new_fd);
	if (archive->new == NULL || file_permit(archive->new_fd, &archive->status) != 0)
		return archive_fault(archive, "write");
	if (archive_lines(archive, line_write) != 0)
		return -1;
	ended = zip_end(archive->new);
	archive->new = NULL;
	if (ended != 0 || futimens(archive->new_fd, times) != 0 || fsync(archive->new_fd) != 0)
		return archive_fault(archive, "write");
	if (rename(archive->new_path, archive->path) != 0)
		return archive_fault(archive, "replace");
	archive->new_path[0] = '\0';
	return store_sync_directory(rewriting->options, archive->fault) == 0 ? 1 : -1;
}

/* 1: it has something that is to leave it, and is open; 0; -1. */
static int
archive_look(struct archive *archive)
{
	struct erasure *erasure = archive->rewriting->erasure;
	int found = archive_open(archive);

	if (found != 1)
		return found;
	if (erasure_begin(erasure, archive->fault) != 0 || archive_lines(archive, line_look) != 0)
		return -1;
	return erasure->found;
}

static struct archive
archive_make(const struct rewriting *rewriting, const char *name, struct fault *fault)
{
	return (struct archive){ .rewriting = rewriting,
		.name = name,
		.fault = fault,
		.fd = -1,
		.guard_fd = -1,
		.new_fd = -1 };
}

int
rewrite_archive(const struct rewriting *rewriting, const char *name, struct fault *fault)
{
	struct archive archive = archive_make(rewriting, name, fault);
	struct erased_count before = rewriting->erasure->count;
	int result = archive_look(&archive);

	archive_close(&archive);
	if (result != 1 || rewriting->dry_run)
		return result < 0 ? -1 : 0;
	/* Once more, now that nobody else replaces it. */
	archive = archive_make(rewriting, name, fault);
	rewriting->erasure->count = before;
	archive.guard_fd = store_open_sibling(rewriting->options, rewriting->group_id, ".new",
	    archive.guard_path, fault);
	result = archive.guard_fd < 0 ? -1 : archive_look(&archive);
	if (result == 1)
		result = archive_replace(&archive);
	if (result < 0)
		rewriting->erasure->count = before;
	archive_close(&archive);
	return result;
}

/* the .torn file */

/* The line at an offset of the bytes, and where the next one begins. */
static size_t
line_at(const char *bytes, size_t length, size_t at, struct line *line)
{
	const char *newline = memchr(bytes + at, '\n', length - at);
	size_t end = newline == NULL ? length : (size_t)(newline - bytes);

	*line = (struct line){ .bytes = bytes + at,
		.length = end - at,
		.number = line->number + 1,
		.overlong = end - at >= LINE_SIZE_MAX };
	return newline == NULL ? length : end + 1;
}

/* Gives each line to the erasure.  -1: fault. */
static int
torn_lines(struct erasure *erasure, const char *bytes, size_t length,
    int (*take)(struct erasure *, const struct line *, struct fault *), struct fault *fault)
{
	struct line line = { 0 };

	for (size_t at = 0; at < length;) {
		at = line_at(bytes, length, at, &line);
		if (take(erasure, &line, fault) != 0)
			return -1;
	}
	return 0;
}

/* The whole of it as it is to be; NULL: fault. */
static char *
torn_write(struct erasure *erasure, const char *bytes, size_t length, size_t *new_length,
    struct fault *fault)
{
	struct line line = { 0 };
	char *to = NULL;
	FILE *file = open_memstream(&to, new_length);
	bool failed = file == NULL;

	for (size_t at = 0; at < length && !failed;) {
		const char *text;
		size_t text_length;
		int result;

		at = line_at(bytes, length, at, &line);
		text = line.bytes;
		text_length = line.length;
		result = erasure_line(erasure, &line, &text, &text_length, fault);
		failed = result < 0 || fwrite(text, 1, text_length, file) != text_length ||
		    (bytes[at - 1] == '\n' && putc('\n', file) == EOF);
	}
	if (file != NULL && fclose(file) != 0)
		failed = true;
	if (!failed)
		return to;
	if (fault->code == FAULT_NONE)
		fault_memory(fault);
	free(to);
	return NULL;
}

/* For store_edit_torn. */
static char *
torn_edit(void *context, const char *bytes, size_t length, size_t *new_length, struct fault *fault)
{
	const struct rewriting *rewriting = context;
	struct erasure *erasure = rewriting->erasure;

	if (erasure_begin(erasure, fault) != 0 ||
	    torn_lines(erasure, bytes, length, erasure_look, fault) != 0 || !erasure->found)
		return NULL;
	if (erasure_gathers(erasure) &&
	    torn_lines(erasure, bytes, length, erasure_gather, fault) != 0)
		return NULL;
	return torn_write(erasure, bytes, length, new_length, fault);
}

int
rewrite_torn(const struct rewriting *rewriting, struct fault *fault)
{
	struct store_options patient = *rewriting->options;
	const struct store_edit edit = { torn_edit, (void *)rewriting };
	struct erasure *erasure = rewriting->erasure;
	struct erased_count before = erasure->count;
	char path[PATH_MAX];
	int found;

	erasure->found = false;
	if (store_path_sibling(&patient, rewriting->group_id, ".torn", path, fault) != 0)
		return -1;
	if (access(path, F_OK) != 0 && errno == ENOENT)
		return 0;
	/* First without the lock, for which the log would be made where there is none. */
	found = rewrite_look_log(rewriting, strrchr(path, '/') + 1, fault);
	if (found <= 0 || rewriting->dry_run)
		return found < 0 ? -1 : 0;
	erasure->count = before;
	patient.lock_timeout = TORN_LOCK_MILLISECONDS;
	patient.max_groups = 0; /* the group is none that is new: its log was there once */
	if (store_edit_torn(&patient, rewriting->group_id, &edit, INT64_MAX, fault) != 0) {
		erasure->count = before;
		return -1;
	}
	return erasure->found;
}

int
rewrite_look_log(const struct rewriting *rewriting, const char *log_name, struct fault *fault)
{
	struct erasure *erasure = rewriting->erasure;
	struct scan scan;
	struct line line;
	int more = scan_open(&scan, rewriting->options->data_dir, log_name, fault);

	if (more <= 0)
		return more;
	more = erasure_begin(erasure, fault);
	while (more == 0 && (more = scan_next(&scan, &line, fault)) == 1)
		more = erasure_look(erasure, &line, fault);
	/* An end that was torn may become an event, or go to the .torn file, at the next one. */
	if (more == 0 && (more = scan_rest(&scan, &line, fault)) == 1)
		more = erasure_look(erasure, &line, fault);
	scan_close(&scan);
	return more < 0 ? fault_name(fault, log_name) : erasure->found;
}

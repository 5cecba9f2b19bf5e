/*
 * replace.c - put another file in a log's place while writers go on.
 *
 * Under the log's lock: it must be the log that was read [check]; what was appended since is copied
 * [copy].  mark.c explains the steps after that, and how the next writer completes a replacement
 * that was killed.  The file beside it, .torn, is written and replaced under the log's lock alone.
 */
#include "store/replace.h"

#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/file.h"
#include "base/lock.h"
#include "base/text.h"
#include "store/log.h"
#include "store/mark.h"
#include "store/tail.h"
#include "store/turn.h"

#define TORN_SIZE_MAX ((off_t)64 << 20)

size_t
store_name_unfinished(const char *name)
{
	size_t stem_length = strcspn(name, ".");
	const char *ending = name + stem_length;

	if (ending[0] == '.' && strspn(ending + 1, hex_digits) == LOG_ID_LENGTH &&
	    (strcmp(ending + 1 + LOG_ID_LENGTH, ".new") == 0 ||
		strcmp(ending + 1 + LOG_ID_LENGTH, ".gz.new") == 0))
		return stem_length;
	return 0;
}

/* Is this the name of a new file or archive of the log with that stem? */
static bool
name_is_sibling(const char *name, const char *stem, size_t stem_length)
{
	return store_name_unfinished(name) == stem_length && strncmp(name, stem, stem_length) == 0;
}

/*
 * Is another replacement of the log at work?  Each replacement keeps its files locked; own is the
 * name of ours.  A file that nobody has locked is left from a replacement that was killed: it is
 * removed if may_remove is set.
 */
static bool
siblings_look(const struct log *log, const char *own, bool may_remove)
{
	char stem[STORE_NAME_SIZE];
	size_t stem_length =
	    name_sibling(log->group_id, log->name, LOG_ID_LENGTH + strlen("..new"), stem);
	DIR *directory = opendir(log->options->data_dir);
	const struct dirent *entry;
	bool others = false;

	while (directory != NULL && (entry = readdir(directory)) != NULL) {
		int fd = -1;

		if (name_is_sibling(entry->d_name, stem, stem_length) &&
		    strcmp(entry->d_name, own) != 0)
			fd = openat(dirfd(directory), entry->d_name,
			    O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (lock_try(fd, F_WRLCK) != 0)
			others = true;
		else if (may_remove)
			unlinkat(dirfd(directory), entry->d_name, 0);
		close(fd);
	}
	if (directory != NULL)
		closedir(directory);
	return others;
}

int
store_repair(const struct store_options *options, const char *group_id, int64_t deadline,
    struct store_span *span, struct fault *fault)
{
	struct log log;

	log_make(&log, options, group_id, fault);
	if (turn_begin(&log, deadline) != 0)
		return -1;
	/*
	 * The log has its name and no mark, and we have its lock: files of killed replacements are
	 * not needed.
	 */
	(void)siblings_look(&log, "", true);
	*span = log_span(&log);
	return turn_end(&log, 0);
}

int
store_clean(const struct store_options *options, const char *group_id, int64_t deadline,
    struct fault *fault)
{
	struct log log;
	struct store_span span;

	log_make(&log, options, group_id, fault);
	if (log_path(log.path, &log, LOG_ENDING) != 0)
		return -1;
	if (access(log.path, F_OK) == 0 || errno != ENOENT)
		return store_repair(options, group_id, deadline, &span, fault);
	/* Without a log there is no mark, which alone would need one of them. */
	(void)siblings_look(&log, "", true);
	return 0;
}

static int
log_changed(const struct log *log)
{
	return fault_set(log->fault, FAULT_LOG_CHANGED,
	    "%s: was replaced or cut meanwhile; nothing was changed (try again)", log->name);
}

/* Is it still the log that was read, with the same last line at that place? */
static int
span_check(const struct log *log, const struct store_replacement *new)
{
	int holds;

	if (log->device != new->read.device || log->inode != new->read.inode ||
	    log->size < new->read.size || new->last_read.end != new->read.size)
		return log_changed(log);
	holds = fingerprint_holds(&new->last_read, log->fd);
	if (holds < 0)
		return log_fault(log, FAULT_OPEN_FAILED, "read");
	return holds == 1 ? 0 : log_changed(log);
}

/*
 * Gives the log's name to the new file, which is complete and on disk; mark.c explains the steps.
 * A failure is undone if it comes before the mark is complete, or if it is certain that the log
 * stays.
 */
static int
replacement_install(struct log *log, struct store_replacement *new)
{
	char mark[MARK_LENGTH + 2], path[PATH_MAX];
	off_t start = log->size;
	int result = -1;

	mark_make(mark);
	if (mark_path(path, log, mark) != 0)
		return -1;
	if (!path_is_file(new->path, new->fd))
		return fault_set(log->fault, FAULT_LOG_CHANGED, "%s: was removed", new->path);
	if (rename(new->path, path) != 0)
		return log_fault(log, FAULT_WRITE_FAILED, "name its new file");
	new->path[0] = '\0';
	if (log_sync_directory(log) != 0)
		goto undo;
	if (file_write(log->fd, mark, MARK_LENGTH + 1) != 0) {
		log_fault(log, FAULT_WRITE_FAILED, "mark");
		goto undo;
	}
	if (file_sync(log->fd) != 0) {
		log_fault(log, FAULT_SYNC_FAILED, "sync its mark");
		goto undo;
	}
	new->in_doubt = true;
	result = mark_finish(log, start, mark);
	if (result == LOG_RETRY && path_is_file(log->path, new->fd))
		return 0;
	/* The new file may be the log, now or after the next writer has completed the rename. */
	if (result != 0)
		return result < 0 ? -1 : log_changed(log);
	new->in_doubt = false;
	log_fault(log, FAULT_WRITE_FAILED, "replace");
undo:
	/*
	 * If the mark cannot be removed, the new file must stay, so that the next writer can
	 * finish.
	 */
	if (ftruncate(log->fd, start) == 0)
		unlink(path);
	else
		new->in_doubt = true;
	return -1;
}

/*
 * Call it under the log's lock: nobody appends meanwhile.  Writers that wait for the lock get it
 * later, find the mark or that the name belongs to another file, and begin again with that file.
 */
static int
log_replace(struct log *log, struct store_replacement *new)
{
	if (span_check(log, new) != 0)
		return -1;
	if (file_copy(log->fd, new->read.size, log->size, new->fd) != 0)
		return log_fault(log, FAULT_WRITE_FAILED, "copy its end");
	if (file_write(new->fd, new->last, new->last_length) != 0)
		return log_fault(log, FAULT_WRITE_FAILED, "rewrite");
	if (file_sync(new->fd) != 0)
		return log_fault(log, FAULT_SYNC_FAILED, "sync its new file");
	return replacement_install(log, new);
}

int
store_replace(const struct store_options *options, const char *group_id,
    struct store_replacement *replacement, int64_t deadline, struct fault *fault)
{
	struct log log;

	log_make(&log, options, group_id, fault);
	if (turn_begin(&log, deadline) != 0)
		return -1;
	return turn_end(&log, log_replace(&log, replacement));
}

int
store_path_sibling(const struct store_options *options, const char *group_id, const char *ending,
    char path[PATH_MAX], struct fault *fault)
{
	struct log log;

	log_make(&log, options, group_id, fault);
	return log_path(path, &log, ending);
}

/*
 * Makes a file under a name that was never used: a machine could remember an old name as the log's.
 */
static int
sibling_make(const struct log *log, const char *ending, char path[PATH_MAX])
{
	const int flags = O_RDWR | O_APPEND | O_NOFOLLOW | O_CLOEXEC | O_CREAT | O_EXCL;
	char whole[64];
	int fd;

	do {
		snprintf(whole, sizeof(whole), ".%016llx%s", (unsigned long long)log_id_make(),
		    ending);
		if (log_path(path, log, whole) != 0)
			return -1;
		fd = openat(AT_FDCWD, path, flags, log->options->file_mode);
	} while (fd < 0 && (errno == EEXIST || errno == EINTR));
	return fd >= 0 ? fd : log_fault(log, FAULT_OPEN_FAILED, "make a file beside it");
}

int
store_open_sibling(const struct store_options *options, const char *group_id, const char *ending,
    char path[PATH_MAX], struct fault *fault)
{
	struct log log;
	bool first = strcmp(ending, ".new") == 0;
	int fd;

	log_make(&log, options, group_id, fault);
	fd = sibling_make(&log, ending, path);
	if (fd < 0)
		goto fail;
	/*
	 * Each replacement makes and locks its own file before it looks for others.  So of two that
	 * run at the same time, at least one sees the other's file.
	 */
	if (lock_try(fd, F_WRLCK) == 0 && path_is_file(path, fd) &&
	    !(first && siblings_look(&log, strrchr(path, '/') + 1, false)))
		return fd;
	fault_set(fault, FAULT_LOCK_TIMEOUT,
	    "%s: another process is working on it (wait until it ends)", log.name);
	unlink(path);
	close(fd);
fail:
	path[0] = '\0';
	return -1;
}

int
store_sync_directory(const struct store_options *options, struct fault *fault)
{
	struct log log = { .options = options, .fault = fault, .name = "data_dir" };

	return log_sync_directory(&log);
}

/* A .torn file that is being edited. */
struct torn {
	char path[PATH_MAX], new_path[PATH_MAX]; /* new_path: "" while there is none */
	int fd, new_fd;                          /* -1: not open */
	char *bytes;
	size_t length;
};

/* Reads it: 1; 0: there is none; -1: fault. */
static int
torn_read(const struct log *log, struct torn *torn)
{
	struct stat status;

	if (log_path(torn->path, log, TORN_ENDING) != 0)
		return -1;
	torn->fd = open(torn->path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (torn->fd < 0 && errno == ENOENT)
		return 0;
	if (torn->fd < 0 && errno == ELOOP)
		return fault_set(log->fault, FAULT_LOG_UNSAFE,
		    "%s: its .torn file is a symbolic link", log->name);
	if (torn->fd < 0 || fstat(torn->fd, &status) != 0)
		return log_fault(log, FAULT_OPEN_FAILED, "open the .torn file of");
	if (log_check_file(log, &status) != 0)
		return fault_set(log->fault, FAULT_LOG_UNSAFE, "%s: its .torn file is unsafe",
		    log->name);
	if (status.st_size > TORN_SIZE_MAX)
		return fault_set(log->fault, FAULT_FIELD_RANGE,
		    "%s: its .torn file is too large to be edited", log->name);
	torn->length = (size_t)status.st_size;
	torn->bytes = malloc(torn->length + 1);
	if (torn->bytes == NULL)
		return fault_memory(log->fault);
	torn->bytes[torn->length] = '\0';
	if (file_read(torn->fd, torn->bytes, torn->length, 0) != 0)
		return log_fault(log, FAULT_OPEN_FAILED, "read the .torn file of");
	return 1;
}

/* Puts a file with these bytes in its place. */
static int
torn_put(const struct log *log, struct torn *torn, const char *bytes, size_t length)
{
	struct stat status;

	torn->new_fd = sibling_make(log, ".new", torn->new_path);
	if (torn->new_fd < 0) {
		torn->new_path[0] = '\0';
		return -1;
	}
	if (fstat(torn->fd, &status) != 0 || file_permit(torn->new_fd, &status) != 0 ||
	    file_write(torn->new_fd, bytes, length) != 0)
		return log_fault(log, FAULT_WRITE_FAILED, "write the .torn file of");
	if (file_sync(torn->new_fd) != 0)
		return log_fault(log, FAULT_SYNC_FAILED, "sync the .torn file of");
	if (rename(torn->new_path, torn->path) != 0)
		return log_fault(log, FAULT_WRITE_FAILED, "replace the .torn file of");
	torn->new_path[0] = '\0';
	return log_sync_directory(log);
}

/* Under the log's lock. */
static int
torn_edit(const struct log *log, const struct store_edit *edit)
{
	struct torn torn = { .fd = -1, .new_fd = -1 };
	char *bytes = NULL;
	size_t length = 0;
	int result = torn_read(log, &torn);

	if (result != 1)
		goto out;
	log->fault->code = FAULT_NONE;
	bytes = edit->edit(edit->context, torn.bytes, torn.length, &length, log->fault);
	result = log->fault->code != FAULT_NONE ? -1 : 0;
	if (bytes != NULL)
		result = torn_put(log, &torn, bytes, length);
out:
	if (torn.new_path[0] != '\0')
		unlink(torn.new_path);
	if (torn.new_fd >= 0)
		close(torn.new_fd);
	if (torn.fd >= 0)
		close(torn.fd);
	free(torn.bytes);
	free(bytes);
	return result;
}

int
store_edit_torn(const struct store_options *options, const char *group_id,
    const struct store_edit *edit, int64_t deadline, struct fault *fault)
{
	struct log log;

	log_make(&log, options, group_id, fault);
	if (turn_begin(&log, deadline) != 0)
		return -1;
	return turn_end(&log, torn_edit(&log, edit));
}

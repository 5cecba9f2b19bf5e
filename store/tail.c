/*
 * tail.c - the end of a log: is it whole, and what to do if it is not.
 *
 * P2.  Before anything is appended, the whole last line is checked [judge].  What a crash or a
 * power cut left unfinished was never acknowledged.  It is copied to NAME.torn, made durable there
 * [keep], and only then cut off the log [cut].  If the last line is torn, the lines that were
 * written together with it may be torn too.  They are checked as well, and whole lines among them
 * are written back [back].
 *
 * When its power is cut, and only then, a disk can keep the end of what was written and lose the
 * middle.  So if the last write to a log was before this machine started, the lines before the last
 * one are checked even though the last line is whole [gaps].  The append that follows makes the
 * last write a newer one.
 *
 * The words in brackets are steps of tests/model/append.pml, which tries all that can happen to
 * them.
 */
#include "store/tail.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/file.h"
#include "base/lock.h"
#include "batch.h"
#include "json.h"
#include "shape.h"
#include "store/log.h"
#include "store/mark.h"

#define TAIL_BLOCK 2048 /* holds the usual last line, and uses few pages */

/* The file's end, read once, so that the usual case needs only one read. */
struct tail {
	off_t line_start;  /* offset of the last line */
	off_t block_start; /* block holds the file from here to its end */
	char block[TAIL_BLOCK];
	bool whole;        /* the last line is a whole record, ... */
	bool with_newline; /* and its newline is there, ... */
	bool marked;       /* and it is the mark of a log that was replaced */
	char mark[MARK_LENGTH];
};

/* Finds where the last line begins.  Reads backwards from the end. */
static int
tail_find(const struct log *log, struct tail *tail)
{
	char block[TAIL_BLOCK];
	char *into = tail->block;
	off_t end = log->size;

	tail->line_start = 0;
	tail->block_start = log->size;
	while (end > 0) {
		size_t length = end < TAIL_BLOCK ? (size_t)end : TAIL_BLOCK;
		off_t start = end - (off_t)length;
		const char *newline;

		if (file_read(log->fd, into, length, start) != 0)
			return log_look_fault(log, FAULT_TAIL_FAILED, "read");
		if (into == tail->block) {
			tail->block_start = start;
			length--; /* the last byte cannot be an earlier line's newline */
		}
		newline = memrchr(into, '\n', length);
		if (newline != NULL) {
			tail->line_start = start + (newline - into) + 1;
			return 0;
		}
		end = start;
		into = block;
	}
	return 0;
}

/*
 * Checks the whole JSON, not just the braces: a line that is cut right after a pair's closing brace
 * also begins with '{' and ends with '}'. Demands nothing that the receiver demands of an event: a
 * line that it took before it became stricter was acknowledged.
 */
bool
store_line_is_whole(const char *line, size_t length)
{
	struct fault ignored;

	if (length == 0 || line[0] != '{')
		return false;
	if (length <= TAIL_BLOCK && shape_fits(line, length)) /* mostly, and at less cost */
		return true;
	return json_check(line, length, LINE_DEPTH_MAX, NULL, &ignored) == 0;
}

/* Determines what the last line is, whose place is known. */
static int
tail_judge(const struct log *log, struct tail *tail)
{
	off_t line_size = log->size - tail->line_start;
	size_t length = (size_t)line_size;
	const char *line;
	char *loaded = NULL;
	int result;

	tail->whole = tail->with_newline = tail->marked = false;
	if (line_size > LINE_SIZE_MAX)
		return 0;
	if (tail->line_start < tail->block_start) {
		loaded = malloc(length);
		if (loaded == NULL)
			return fault_memory(log->fault);
		if (file_read(log->fd, loaded, length, tail->line_start) != 0) {
			result = log_look_fault(log, FAULT_TAIL_FAILED, "read");
			free(loaded);
			return result;
		}
		line = loaded;
	} else {
		line = tail->block + (tail->line_start - tail->block_start);
	}
	tail->with_newline = line[length - 1] == '\n';
	if (tail->with_newline)
		length--;
	tail->marked = store_line_is_mark(line, length);
	if (tail->marked)
		memcpy(tail->mark, line, MARK_LENGTH);
	tail->whole = store_line_is_whole(line, length);
	free(loaded);
	return 0;
}

/*
 * Are length bytes of one file, from an offset on, the same as those of another? 1, 0, -1 with
 * errno.
 */
static int
bytes_compare(const struct log *one, off_t here, const struct log *other, off_t there, off_t length)
{
	char ours[TAIL_BLOCK], theirs[TAIL_BLOCK];

	for (off_t done = 0; done < length;) {
		size_t part = length - done < TAIL_BLOCK ? (size_t)(length - done) : TAIL_BLOCK;

		if (file_read(one->fd, ours, part, here + done) != 0 ||
		    file_read(other->fd, theirs, part, there + done) != 0)
			return -1;
		if (memcmp(ours, theirs, part) != 0)
			return 0;
		done += (off_t)part;
	}
	return 1;
}

/*
 * Does the .torn file end with the tail from start on?  1: with all of it, from an attempt that
 * failed later. 0: no.  If it ends with a part of the tail, from an attempt that was killed, that
 * part is cut off. -1: errno.
 */
static int
torn_look(const struct log *log, off_t start, struct log *torn)
{
	off_t length = log->size - start, held;
	struct tail last;
	char end;
	int same;

	if (torn->size == 0)
		return 0;
	/* Only the beginning is compared of a line longer than what we look for. */
	if (file_read(torn->fd, &end, 1, torn->size - 1) != 0 || tail_find(torn, &last) != 0)
		return -1;
	held = torn->size - last.line_start;
	if (end == '\n') {
		last.line_start = torn->size - length - 1;
		if (last.line_start < 0 ||
		    (last.line_start > 0 &&
			(file_read(torn->fd, &end, 1, last.line_start - 1) != 0 || end != '\n')))
			return 0;
		return bytes_compare(log, start, torn, last.line_start, length);
	}
	same = held > length ? 0 : bytes_compare(log, start, torn, last.line_start, held);
	if (same == 1 && ftruncate(torn->fd, last.line_start) == 0)
		torn->size = last.line_start;
	else if (same == 0 && file_write(torn->fd, "\n", 1) != 0)
		same = -1;
	return same < 0 ? -1 : 0;
}

/* Appends the log's bytes from start to its end, and a newline, to the .torn file. */
static int
torn_copy(const struct log *log, off_t start, const struct log *torn)
{
	return file_copy(log->fd, start, log->size, torn->fd) == 0 ? file_write(torn->fd, "\n", 1)
								   : -1;
}

/*
 * Makes sure that NAME.torn has the log's bytes from start to its end.  A copy that cannot be
 * completed is cut off again.  Not inlined: what it needs of the stack is no part of each append.
 */
__attribute__((noinline)) static int
torn_keep(const struct log *log, off_t start)
{
	struct log torn = *log;
	struct stat status;
	int there, error, result = -1;

	torn.fd = log_path(torn.path, log, TORN_ENDING) != 0 ? -1 : log_open_file(log, torn.path);
	if (torn.fd < 0)
		return -1;
	if (fstat(torn.fd, &status) != 0 || log_check_file(log, &status) != 0) {
		fault_set(log->fault, FAULT_TAIL_FAILED, "%s: its .torn file is unsafe", log->name);
		goto out;
	}
	torn.size = status.st_size;
	if (torn.size == 0 && log_sync_directory(log) != 0)
		goto out;
	there = torn_look(log, start, &torn);
	if (there < 0 || (there == 0 && torn_copy(log, start, &torn) != 0) ||
	    file_sync(torn.fd) != 0) {
		error = errno;
		if (there <= 0)
			(void)!ftruncate(torn.fd, torn.size);
		errno = error;
		log_fault(log, FAULT_TAIL_FAILED, "move its torn end aside");
		goto out;
	}
	result = 0;
out:
	close(torn.fd);
	return result;
}

/* What a torn write left at a log's end. */
struct tear {
	off_t start;       /* offset of the first broken line */
	size_t lines;      /* broken lines; 0: nothing is torn */
	char *whole;       /* whole lines between them; to be freed */
	size_t whole_size; /* length of them, in bytes */
	size_t whole_lines;
};

/* The most that one write can have written, in bytes and in lines; see batch.c. */
#define TEAR_BYTES (1 << 20)
#define TEAR_LINES BATCH_LINES_MAX

/*
 * Returns where in the bytes the last lines begin.  Where the bytes begin the file, its first line
 * counts too; else the bytes up to the first newline do not.
 */
static size_t
tear_first(const char *bytes, size_t length, bool from_start)
{
	size_t at = length;

	for (size_t lines = 0; at > 0 && lines < TEAR_LINES - 1; lines++) {
		const char *newline = memrchr(bytes, '\n', at - 1);

		if (newline == NULL)
			return from_start ? 0 : at;
		at = (size_t)(newline - bytes) + 1;
	}
	return at;
}

/*
 * The last line was checked.  The write that wrote it may have left gaps before it, so the lines
 * before it are checked too, as far back as one write can reach. 0, LOG_RETRY or -1.
 */
static int
tear_find(const struct log *log, const struct tail *tail, struct tear *tear)
{
	size_t before = tail->line_start < TEAR_BYTES ? (size_t)tail->line_start : TEAR_BYTES;
	size_t length = before + (tail->whole ? (size_t)(log->size - tail->line_start) : 0);
	off_t offset = tail->line_start - (off_t)before;
	char *bytes = malloc(length + 1);

	*tear = (struct tear){ .start = tail->line_start, .whole = bytes };
	if (bytes == NULL)
		return fault_memory(log->fault);
	if (file_read(log->fd, bytes, length, offset) != 0)
		return log_look_fault(log, FAULT_TAIL_FAILED, "read");
	if (tail->whole && !tail->with_newline)
		bytes[length++] = '\n';
	for (size_t at = tear_first(bytes, before, offset == 0), next; at < length; at = next) {
		const char *newline = memchr(bytes + at, '\n', length - at);

		/* A program that does without the lock can have put other bytes in their place. */
		next = newline == NULL ? length : (size_t)(newline - bytes) + 1;
		if (newline == NULL || !store_line_is_whole(bytes + at, next - at - 1)) {
			if (tear->lines++ == 0)
				tear->start = offset + (off_t)at;
		} else if (tear->lines > 0) {
			memmove(bytes + tear->whole_size, bytes + at, next - at);
			tear->whole_size += next - at;
			tear->whole_lines++;
		}
	}
	if (!tail->whole)
		tear->lines++;
	return 0;
}

/*
 * Sets the torn part aside, if there is one.  Only broken lines leave the log: whole lines among
 * them are written back.  After that the tail is whole.
 */
static int
tear_repair(struct log *log, struct tail *tail)
{
	off_t size = log->size;
	struct tear tear;
	int result = tear_find(log, tail, &tear);

	if (result != 0 || tear.lines == 0)
		goto out;
	result = -1;
	if (torn_keep(log, tear.start) != 0)
		goto out;
	if (ftruncate(log->fd, tear.start) != 0 ||
	    file_write(log->fd, tear.whole, tear.whole_size) != 0 || file_sync(log->fd) != 0) {
		log_fault(log, FAULT_TAIL_FAILED, "cut its torn end off");
		goto out;
	}
	log->size = tear.start + (off_t)tear.whole_size;
	tail->whole = tail->with_newline = true;
	if (log->options->notice != NULL)
		fault_set(log->options->notice, FAULT_TAIL_TORN,
		    "%s: its last %lld bytes were moved to its .torn file: %zu broken lines; %zu "
		    "whole lines among them were written back",
		    log->name, (long long)(size - tear.start), tear.lines, tear.whole_lines);
	result = 0;
out:
	free(tear.whole);
	return result;
}

/*
 * Finds up to where the next append would leave an open log of that size as it is.  0, LOG_RETRY or
 * -1.
 */
static int
tail_look(const struct log *log, struct store_settled *settled)
{
	struct tail tail;
	struct tear tear;
	int result;

	*settled = (struct store_settled){ .end = log->size };
	if (log->size == 0)
		return 0;
	result = tail_find(log, &tail);
	if (result == 0)
		result = tail_judge(log, &tail);
	if (result != 0)
		return result;
	if (!tail.whole) {
		result = tear_find(log, &tail, &tear);
		settled->end = tear.start;
		free(tear.whole);
		return result;
	}
	result = fingerprint_read(&settled->last, log->fd, tail.line_start, log->size);
	return result < 0 ? log_look_fault(log, FAULT_TAIL_FAILED, "read") : 0;
}

int
store_settle(int fd, int64_t until, struct store_settled *settled, struct fault *fault)
{
	const struct store_options none = { .data_dir = "" };
	struct log log = { .options = &none, .fault = fault, .name = "last line", .fd = fd };
	struct stat status;
	int result;

	if (lock_wait(fd, F_RDLCK, until) != 0)
		return errno == EINTR
		    ? fault_set(fault, FAULT_LOCK_TIMEOUT, "a writer has the lock all the time")
		    : fault_set(fault, FAULT_LOCK_FAILED, "%s", strerror(errno));
	result = fstat(fd, &status);
	log.size = status.st_size;
	result =
	    result == 0 ? tail_look(&log, settled) : log_fault(&log, FAULT_TAIL_FAILED, "examine");
	lock_end(fd);
	if (result != LOG_RETRY)
		return result;
	errno = ESTALE; /* Nothing is begun again here: the caller gets the error. */
	return log_fault(&log, FAULT_TAIL_FAILED, "read");
}

int
tail_repair(struct log *log)
{
	struct tail tail;
	int result;

	if (log->size == 0)
		return 0;
	result = tail_find(log, &tail);
	if (result == 0)
		result = tail_judge(log, &tail);
	if (result != 0)
		return result;
	if (tail.marked)
		return mark_finish(log, tail.line_start, tail.mark);
	if (!tail.whole || log->before_start)
		result = tear_repair(log, &tail);
	if (result != 0 || tail.with_newline)
		return result;
	if (file_write(log->fd, "\n", 1) != 0)
		return log_fault(log, FAULT_TAIL_FAILED, "end its last line");
	log->size++;
	return 0;
}

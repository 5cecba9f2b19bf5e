/* mark.h - the last line of a log that was replaced: a mark that names the new file. */
#ifndef STORE_MARK_H
#define STORE_MARK_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct log;

#define MARK_LENGTH 84 /* without its newline */

/*
 * Is this line (without its newline) the mark at the end of a log that was replaced?  The mark is
 * for the next writer and is not an event: readers skip it.
 */
bool store_line_is_mark(const char *line, size_t length);

/* Makes a mark with a new id, and a newline after it. */
void mark_make(char mark[MARK_LENGTH + 2]);

/*
 * The path that a replacement has from when it is complete until it becomes the log.  Fails with
 * DATA_DIR.
 */
int mark_path(char path[PATH_MAX], const struct log *log, const char *mark);

/*
 * Completes the replacement that the mark at start, the end of the locked log, has begun.
 * LOG_RETRY: the log's name now belongs to another file; 0: the new file is not there, or cannot
 * get the name, and the mark is removed; -1: fault, and the mark stays.
 */
int mark_finish(struct log *log, off_t start, const char *mark);

#endif

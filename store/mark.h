/*
 * mark.h - the mark that ends a log which was replaced, and leads to the new one.
 */
#ifndef STORE_MARK_H
#define STORE_MARK_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct log;

#define MARK_LENGTH 84 /* without its newline */

/*
 * Is that line (newline left out) the mark at the end of a log that was replaced?  It
 * is for the next writer, and no event: readers pass it over.
 */
bool store_line_is_mark(const char *line, size_t length);

/* Makes a mark with an id of its own, and a newline. */
void mark_make(char mark[MARK_LENGTH + 2]);

/* The name that a replacement has between being whole and being the log.  Fails with DATA_DIR. */
int mark_path(char path[PATH_MAX], const struct log *log, const char *mark);

/*
 * Ends what the mark at start, the end of the locked log, has begun.  LOG_RETRY: the log's name is
 * another file's now; 0: the new file is not there, or cannot have the name, and the mark is
 * taken off; -1: fault, and the mark stays.
 */
int mark_finish(struct log *log, off_t start, const char *mark);

#endif

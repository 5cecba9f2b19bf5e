/* source.h - where a reader's lines come from: a directory's logs, or an engine's rows */
#ifndef LOG_SOURCE_H
#define LOG_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "log/scan.h"
#include "names.h"

struct fault;

#define SOURCE_AHEAD 32

/* Logs, one after the other in the order of their names. */
struct source {
	char name[STORE_NAME_SIZE]; /* of the log at hand */
	off_t size; /* its bytes: of a file, when it was opened; of rows, those that were read */
	/* private */
	const char *data_dir, *from;
	char needle[48];
	struct scan scan;
	struct scan_names names;
	struct scan ahead[SOURCE_AHEAD]; /* those opened, each at its number modulo SOURCE_AHEAD */
	size_t opened, next;
	char wanted[STORE_NAME_SIZE]; /* the only log that an engine may give, or "" */
	pid_t ship;                   /* msgext-ship, or 0 */
	struct line held;             /* the last line of its output; */
	bool holds;                   /* it is the next log's name */
};

/*
 * Begins with the logs of a directory, or with what msgext-ship (found in PATH) says an engine has:
 * from, as libpq takes it, or NULL.  group: only that one's log, or NULL; message: only lines
 * that may be of that message, or NULL.  by_time: an engine's lines come in that order, which takes
 * longer.  source_close ends it where it succeeds.
 * Fails with DATA_DIR, ENGINE, MEMORY.
 */
int source_open(struct source *source, const char *data_dir, const char *from, const char *group,
    const uint64_t *message, bool by_time, struct fault *fault);
/* 1: the next log is at hand; 0: there is none any more; -1: fault, of this log alone where it is OPEN_FAILED or LOG_UNSAFE. */
int source_log(struct source *source, struct fault *fault);
/* 1: the next line of the log at hand; 0: none any more; -1: fault. */
int source_line(struct source *source, struct line *line, struct fault *fault);
void source_close(struct source *source);

#endif

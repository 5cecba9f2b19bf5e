/*
 * source.h - where a reader's lines come from: a directory's logs, or an engine's rows
 *
 *	if (source_open(&source, data_dir, from, &selection, fault) != 0)
 *		return -1;
 *	while ((more = source_log(&source, fault)) == 1)
 *		while ((more = source_line(&source, &line, fault)) == 1)
 *			use(source.name, &line);
 *	source_close(&source);
 */
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

/* What is read of all that there is. */
struct selection {
	const char *group; /* only this group's log; NULL: every log */
	bool has_message;  /* only lines that may be of this message */
	uint64_t message;
	bool by_time; /* an engine sorts its lines by time, which takes longer */
};

/* Logs, one after the other in the order of their names. */
struct source {
	char name[STORE_NAME_SIZE]; /* of the log at hand */
	off_t size; /* its bytes: of a file, when it was opened; of rows, those read so far */
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
 * Opens the logs of a directory.  Or, where from is not NULL, what an engine has: from is libpq's
 * connection string, and msgext-ship, found in PATH, reads the engine.  Both strings must live
 * until source_close.  Fails with DATA_DIR, ENGINE, MEMORY; then there is nothing to close.
 */
int source_open(struct source *source, const char *data_dir, const char *from,
    const struct selection *selection, struct fault *fault);
/*
 * 1: the next log is at hand; 0: there is no other log; -1: fault.  OPEN_FAILED and LOG_UNSAFE are
 * faults of this log alone: the next call goes on after it.
 */
int source_log(struct source *source, struct fault *fault);
/* 1: the next line of the log at hand, valid until the next call; 0: it has no other line; -1: fault. */
int source_line(struct source *source, struct line *line, struct fault *fault);
void source_close(struct source *source);

/*
 * A directory's log at hand in parts, for threads.  source_part gives a source whose log at hand are the lines
 * that begin from begin up to end (0: to the log's end), and which has no other log; source must live as
 * long.  -1: MEMORY; part is to be closed all the same.
 */
int source_part(const struct source *source, off_t begin, off_t end, struct source *part,
    struct fault *fault);
/* Lets the log at hand end where lines begin that a part has. */
void source_limit(struct source *source, off_t end);

#endif

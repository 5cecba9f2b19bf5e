/* rewrite.h - the files beside a group's log, without what is to leave them */
#ifndef LOG_REWRITE_H
#define LOG_REWRITE_H

#include <stdbool.h>

struct erasure;
struct fault;
struct store_options;

/* Of a file, what the erasure has found; and was another file put in its place? */
struct rewriting {
	const struct store_options *options;
	const char *group_id;
	struct erasure *erasure;
	bool dry_run; /* only counts */
};

/*
 * Each puts another file in its place in one step, and makes that durable: a kill leaves the old
 * one or the new one.  1; 0: it has nothing that is to leave it, or dry_run; -1: fault, and it is
 * as it was.  LOCK_TIMEOUT: another replacement of the group's files is at work.  A file that
 * is gone has nothing.
 */
int rewrite_archive(const struct rewriting *rewriting, const char *name, struct fault *fault);
int rewrite_torn(const struct rewriting *rewriting, struct fault *fault);

/* Would the log lose anything?  1, 0, or -1 as scan_open.  Reads without a lock. */
int rewrite_look_log(const struct rewriting *rewriting, const char *log_name, struct fault *fault);

#endif

/*
 * log.h - a group's log as a file: its name, its opening, and what goes wrong with it.
 *
 * Of the store's own files only.
 */
#ifndef STORE_LOG_H
#define STORE_LOG_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/fault.h"
#include "names.h"
#include "store/options.h"

struct batch;
struct stat;

/* What a step gives besides 0 and -1: the log is another file now, and all begins anew. */
#define LOG_RETRY 1

#define LOG_ID_LENGTH 16 /* of what tells files beside a log apart: hexadecimal digits */

struct log {
	const struct store_options *options;
	struct fault *fault;
	const char *group_id;
	struct batch *batch; /* of an append that others may write, or NULL */
	char name[STORE_NAME_SIZE];
	char path[PATH_MAX];
	int fd;
	dev_t device;
	ino_t inode;
	off_t size;        /* where the line goes */
	bool before_start; /* it was written last before this machine was started */
};

/* A log of that group that is not open yet. */
struct log log_make(const struct store_options *options, const char *group_id, struct fault *fault);

/* Fills path with data_dir/name, its ending replaced by the one given. */
int log_path(char path[PATH_MAX], const struct log *log, const char *ending);

/* Fills the log's fault with what errno says, DISK_FULL where it says that; returns -1. */
int log_fault(const struct log *log, enum fault_code code, const char *doing);

/*
 * The same after a failed look at the log.  Over NFS a file that was replaced can be gone from the server:
 * LOG_RETRY.
 */
int log_look_fault(const struct log *log, enum fault_code code, const char *doing);

/* Opens or creates a file of ours; the descriptor, or -1. */
int log_open_file(const struct log *log, const char *path);

/* Is it a regular file of ours with one name?  Fails with LOG_UNSAFE. */
int log_check_file(const struct log *log, const struct stat *status);

/*
 * Fills in what the open log is now.  0: it still has its name, as far as this machine knows;
 * LOG_RETRY: it has not; -1: fault.
 */
int log_look(struct log *log);

/* Makes the names in the log's directory durable. */
int log_sync_directory(const struct log *log);

/* Closes the log, which ends the lock; NFS reports some failed writes only here: -1 with errno. */
int log_close(const struct log *log);

/* The log up to where the next line goes. */
struct store_span log_span(const struct log *log);

/* A number that nobody used before. */
uint64_t log_id_make(void);

#endif

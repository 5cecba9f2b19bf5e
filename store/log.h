/*
 * log.h - a group's log as a file: its name, how it is opened, and its errors.
 *
 * Only the files in store/ include it.
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

/* What a step returns besides 0 and -1: the log is another file now.  Begin the turn again. */
#define LOG_RETRY 1

#define LOG_ID_LENGTH 16 /* of the ID in the names of a log's siblings: hexadecimal digits */

struct log {
	const struct store_options *options;
	struct fault *fault;
	const char *group_id;
	struct batch *batch; /* of an append that another writer may do, or NULL */
	char name[STORE_NAME_SIZE];
	char path[PATH_MAX];
	int fd;
	dev_t device;
	ino_t inode;
	off_t size;        /* where the next line goes */
	bool before_start; /* the last write to it was before this machine started */
};

/* Makes the log of that group, which is not open yet.  Its path and state are not filled in. */
void log_make(struct log *log, const struct store_options *options, const char *group_id,
    struct fault *fault);

/* Fills path with data_dir/name, with ending in place of the name's own ending. */
int log_path(char path[PATH_MAX], const struct log *log, const char *ending);

/* Fills the log's fault from errno, DISK_FULL where that is the reason.  Returns -1. */
int log_fault(const struct log *log, enum fault_code code, const char *doing);

/*
 * The same after a failed stat of the log.  Over NFS a log that was replaced can be gone from the
 * server: then it returns LOG_RETRY.
 */
int log_look_fault(const struct log *log, enum fault_code code, const char *doing);

/* Opens or creates a file of ours.  Returns the descriptor, or -1. */
int log_open_file(const struct log *log, const char *path);

/* Is it a regular file, ours, with one name?  Fails with LOG_UNSAFE. */
int log_check_file(const struct log *log, const struct stat *status);

/*
 * Fills in the state of the open log.  0: it still has its name, as far as this machine knows;
 * LOG_RETRY: it does not; -1: fault.
 */
int log_look(struct log *log);

/* Syncs the log's directory: the names in it are durable. */
int log_sync_directory(const struct log *log);

/*
 * Closes the log, which releases the lock. -1 with errno: NFS reports some failed writes only here.
 */
int log_close(const struct log *log);

/* The log up to where the next line goes. */
struct store_span log_span(const struct log *log);

/* Makes a number that nobody used before. */
uint64_t log_id_make(void);

#endif

/* options.h - how logs are kept: what every file of the store knows */
#ifndef STORE_OPTIONS_H
#define STORE_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct fault;

/* The longest line, its newline included: above Content-Length's 7 digits and an envelope. */
#ifndef LINE_SIZE_MAX /* valgrind asks for a small one */
#define LINE_SIZE_MAX (10 << 20)
#endif
/* The most that an import may bring, so that a compaction's snapshot of it is not too long. */
#define LINE_IMPORT_MAX (LINE_SIZE_MAX - 4096)

struct store_options {
	const char *data_dir;
	uid_t owner;         /* the user that must own the logs: ours */
	mode_t file_mode;    /* of new files */
	bool sync;           /* false: do not wait for the disk */
	int lock_timeout;    /* milliseconds */
	uint64_t max_groups; /* no new log is created where there are this many; 0: no limit */
	/*
	 * Receives TAIL_TORN, and what was set aside, if a log's torn end was repaired.  May be
	 * NULL.
	 */
	struct fault *notice;
};

/* A log up to size: what no writer can take back any more. */
struct store_span {
	dev_t device;
	ino_t inode;
	off_t size;
};

#endif

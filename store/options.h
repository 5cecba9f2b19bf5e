/* options.h - how logs are kept: what all files of the store know */
#ifndef STORE_OPTIONS_H
#define STORE_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct fault;

/* The longest line, its newline included: above Content-Length's 7 digits and an envelope. */
#define LINE_SIZE_MAX (10 << 20)
/* What an import may bring at most, so that a compaction's snapshot of the same is none too long. */
#define LINE_IMPORT_MAX (LINE_SIZE_MAX - 4096)

struct store_options {
	const char *data_dir;
	uid_t owner;         /* whose the logs must be: ours */
	mode_t file_mode;    /* of new files */
	bool sync;           /* false: answer before the disk has it */
	int lock_timeout;    /* milliseconds */
	uint64_t max_groups; /* no further log is created beside so many; 0: no limit */
	/* Receives TAIL_TORN and what was set aside where a log's torn end was mended; or NULL. */
	struct fault *notice;
};

/* A log, as far as nothing that stands in it can be taken back any more. */
struct store_span {
	dev_t device;
	ino_t inode;
	off_t size;
};

#endif

/* files.h - the files of a data directory, and how far each is shipped */
#ifndef SHIP_FILES_H
#define SHIP_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/hash.h"

struct fault;

#define SHIP_IDENTITY_SIZE 32 /* hexadecimal digits */

/* An offset in a file, and a hash of bytes before it. */
struct ship_point {
	off_t offset;
	uint64_t mark;
};

struct ship_file {
	uint64_t inode;
	int64_t born;              /* nanoseconds since 1970 */
	int64_t generation;        /* how often it was found rewritten in place */
	int64_t row;               /* its row in the engine; 0: not asked yet */
	struct ship_point shipped; /* the engine has committed the file up to here */
	struct ship_point batched; /* the current batch ends here */
	char *name;
	struct ship_file *next_dirty; /* links a list of whoever took the file off the files' own */
	/* private */
	struct ship_file *next_in_slot;
	bool dirty;
	bool is_new_generation; /* nothing of this generation can be shipped yet */
};

struct ship_files {
	const char *data_dir;
	char identity[SHIP_IDENTITY_SIZE + 1]; /* of the directory, for ever */
	int notify;                            /* for poll(2): if readable call ship_files_events */
	/*
	 * Set it after ship_files_open.  Reports a file that cannot be shipped; the others go on.
	 */
	void (*skipped)(void *context, const struct fault *fault);
	void *context;
	/* private */
	int directory;
	struct hash_seed seed; /* of the slots */
	struct ship_file **slots;
	size_t slot_count, count;
	struct ship_file *dirty; /* the files that may have */
};

/*
 * Opens and locks the directory.  Fails with DATA_DIR; LOCK_TIMEOUT where another msgext-ship works
 * there; LOG_UNSAFE where the file with its number is not one that we would have made; LOG_CHANGED,
 * OPEN_FAILED, LOCK_FAILED, WRITE_FAILED.
 */
int ship_files_open(struct ship_files *files, const char *data_dir, struct fault *fault);

/*
 * Looks at the whole directory.  Forgets what the engine said of its files.  Frees the entries of
 * files that are gone.  Fails with DATA_DIR, MEMORY; LOG_CHANGED where the path leads to another
 * directory now.
 */
int ship_files_look(struct ship_files *files, struct fault *fault);

/* Reads what inotify reports.  Fails as ship_files_look. */
int ship_files_events(struct ship_files *files, struct fault *fault);

/*
 * Takes a file that may have something new off the queue; NULL: the queue is empty.
 * ship_files_requeue puts a file back.
 */
struct ship_file *ship_files_dequeue(struct ship_files *files);
void ship_files_requeue(struct ship_files *files, struct ship_file *file);

/* Returns up to where the log of that inode is shipped; 0: that file must be looked at first. */
off_t ship_files_shipped(const struct ship_files *files, ino_t inode);

/*
 * Opens a file to read on from what is shipped.  Returns the descriptor, or -1.  Fails with NONE
 * where the file is gone; with OPEN_FAILED or DATA_DIR.
 */
int ship_file_open(struct ship_files *files, struct ship_file *file, struct fault *fault);

/*
 * Does the file, open as fd, still have what is shipped of it?  Ask between store_settle and the
 * look at what that saw: a repair in between moves lines.  0: it has.  -1 with NONE: it was
 * rewritten; it has no row and is in the queue again.  Fails with OPEN_FAILED, and with ENGINE
 * where the engine cannot have shipped what it says.
 */
int ship_file_verify(struct ship_files *files, struct ship_file *file, int fd, struct fault *fault);

/*
 * Notes that the batch brings the file, open as fd, to that offset.  At least one byte is before
 * the offset.
 */
void ship_file_batched(struct ship_file *file, int fd, off_t offset);

/*
 * Notes, for msgextctl alarm, that all there is is shipped now: the time of change of a file of the
 * data directory.  Fails silently.
 */
void ship_files_done(const struct ship_files *files);

#endif

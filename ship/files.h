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

/* A place in a file, and a hash of what stands before it. */
struct ship_point {
	off_t offset;
	uint64_t mark;
};

struct ship_file {
	uint64_t inode;
	int64_t born;              /* nanoseconds since 1970 */
	int64_t generation;        /* how often it was seen to be rewritten in place */
	int64_t row;               /* its number in the engine; 0: not asked for yet */
	struct ship_point shipped; /* the engine has committed it up to here */
	struct ship_point batched; /* what the batch at hand brings it to */
	char *name;
	struct ship_file *next_dirty; /* links a list of whoever took the file off the files' own */
	/* private */
	struct ship_file *next_in_slot;
	bool dirty;
	bool is_new_generation; /* its generation is new: nothing of it can be shipped yet */
};

struct ship_files {
	const char *data_dir;
	char identity[SHIP_IDENTITY_SIZE + 1]; /* the directory's, for ever */
	int notify;                            /* to poll: then call ship_files_events */
	/* Set after ship_files_open: is told of a file that cannot be shipped; the others go on. */
	void (*skipped)(void *context, const struct fault *fault);
	void *context;
	/* private */
	int directory;
	struct hash_seed seed; /* of the slots */
	struct ship_file **slots;
	size_t slot_count, count;
	struct ship_file *dirty; /* those that may have something new */
};

/*
 * Opens and locks the directory.  Fails with DATA_DIR, with LOCK_TIMEOUT where another
 * msgext-ship has it, LOG_UNSAFE where its number is not what we would have made, LOG_CHANGED,
 * OPEN_FAILED, LOCK_FAILED, WRITE_FAILED.
 */
int ship_files_open(struct ship_files *files, const char *data_dir, struct fault *fault);

/*
 * Looks at the whole directory; what the engine said of its files counts no more.
 * Frees the entries of files that are gone.  Fails with DATA_DIR, MEMORY.
 */
int ship_files_look(struct ship_files *files, struct fault *fault);

/* Takes in what inotify tells.  Fails likewise, and with LOG_CHANGED where the directory is another's now. */
int ship_files_events(struct ship_files *files, struct fault *fault);

/* Takes a file that may have something new off the list, NULL: there is none; and puts one back. */
struct ship_file *ship_files_dequeue(struct ship_files *files);
void ship_files_requeue(struct ship_files *files, struct ship_file *file);

/* Up to where the log of that inode is shipped; 0 where it is to be looked at first. */
off_t ship_files_shipped(const struct ship_files *files, ino_t inode);

/*
 * Opens a file to read on from what is shipped: the descriptor, or -1.  Fails with NONE where it
 * is not there, or was rewritten: then it has no row, and is on the list again.  Else with
 * OPEN_FAILED, DATA_DIR, or ENGINE where that has shipped of it what it cannot have.
 */
int ship_file_open(struct ship_files *files, struct ship_file *file, struct fault *fault);

/* The batch brings the file, open as fd, to that offset, before which it has at least one byte. */
void ship_file_batched(struct ship_file *file, int fd, off_t offset);

#endif

/*
 * alarm_state.h - what msgextctl alarm knew at the end of its last run: the file .alarm-state
 *
 *	lock = alarm_state_lock(path, fault);
 *	result = alarm_state_read(&before, path, fault);
 *	... look, and fill in after ...
 *	alarm_state_write(&after, path, lock, true, fault);
 *	close(lock);
 */
#ifndef LOG_ALARM_STATE_H
#define LOG_ALARM_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/fingerprint.h"
#include "base/hash.h"
#include "log/arrivals.h"

struct fault;

#define ALARM_STATE_NAME ".alarm-state" /* in the data directory */

/* What an alarm can be about. */
enum alarm_kind {
	ALARM_REFUSED,   /* events that the receiver refused */
	ALARM_LOST,      /* versions that never arrived */
	ALARM_GIVEN_UP,  /* messages that msgext-repair cannot repair */
	ALARM_DAMAGED,   /* lines that no reader takes, logs that were cut */
	ALARM_TORN,      /* what was set aside */
	ALARM_CLOSED,    /* logs that cannot be read */
	ALARM_SILENCE,   /* nothing arrives */
	ALARM_SHIP,      /* msgext-ship stands still */
	ALARM_REPAIR,    /* msgext-repair stands still, or fails */
	ALARM_SIGNATURE, /* msgext-repair's UserSig ends soon */
	ALARM_SPACE,     /* the disk is nearly full */
	ALARM_KINDS
};

/* In the file, and in metrics: "refused". */
extern const char *const alarm_names[ALARM_KINDS];

/* What is known of one kind.  All 0: there was nothing. */
struct alarm_record {
	bool stands;         /* at the last run it was still so */
	int64_t since, told; /* milliseconds since 1970: when it began; when it was told last */
	uint64_t seen, said; /* how much of it there was in all, and how much of that was told */
	uint64_t times;      /* how often it was told since it grew last, */
	uint64_t growths;    /* and how often that it grew, without a day's pause */
};

/* How far a log was read, or a file of what was set aside. */
struct alarm_log {
	uint64_t name; /* the hash of its file name */
	uint64_t inode;
	int64_t changed; /* nanoseconds since 1970 */
	off_t size;      /* when it was looked at */
	off_t checked;   /* up to here its versions are known */
	int64_t whole;   /* when they were read last, in milliseconds since 1970 */
	uint64_t lost;   /* versions that never arrived, as of then */
	struct fingerprint
	    print; /* of the last line that was read, which ends where reading ended */
};

struct alarm_state {
	int64_t ended; /* milliseconds since 1970; 0: no run is known of */
	struct hash_seed seed;
	uint64_t refused, given_up; /* as the files of receiver and repairer had them */
	struct arrivals arrivals;
	struct alarm_record records[ALARM_KINDS];
	struct alarm_log *logs; /* sorted by name, once it was read */
	/* private */
	size_t count, size;
};

enum alarm_state_found {
	ALARM_STATE_NONE,
	ALARM_STATE_READ,
	ALARM_STATE_DAMAGED,
	ALARM_STATE_NEWER
};

/*
 * Reads the file, in whole or without the logs.  Of one that is not there, is damaged or of a newer
 * version, the state is empty.  *found tells which.  0; -1: OPEN_FAILED, MEMORY, and nothing is to
 * be freed.
 */
int alarm_state_read(struct alarm_state *state, const char *path, enum alarm_state_found *found,
    struct fault *fault);
int alarm_state_glance(struct alarm_state *state, const char *path, enum alarm_state_found *found,
    struct fault *fault);
void alarm_state_free(struct alarm_state *state);

/* The log of that file name in a state that was read; NULL: there is none. */
const struct alarm_log *alarm_state_log(const struct alarm_state *state, const char *name);
/* Adds one to a state that is to be written.  -1: no memory. */
int alarm_state_add(struct alarm_state *state, const struct alarm_log *log);

/*
 * Opens and locks the file that will take the state's place.  The descriptor, for close(2); -1:
 * OPEN_FAILED, LOCK_FAILED, LOCK_TIMEOUT where another run is at work.
 */
int alarm_state_lock(const char *path, struct fault *fault);
/* Puts the state into the file, in one step; sync: and waits for the disk.  -1: WRITE_FAILED, DISK_FULL, SYNC_FAILED, MEMORY. */
int alarm_state_write(const struct alarm_state *state, const char *path, int lock, bool sync,
    struct fault *fault);

#endif

/*
 * turn.c - a writer's turn at a group's log: the log is open, locked, and its tail is whole.
 *
 * There is one exclusive lock, on the log file itself [lock].  To have the lock is not enough: the
 * name may belong to another file by now (rotation, compaction), and a line appended to the old
 * file would be lost to every reader.  So the name is looked up again under the lock [look].  If it
 * leads elsewhere, everything begins again.  If the log ends in a mark, it was replaced: that is
 * completed first [redo] (store/mark.c).
 *
 * The words in brackets are steps of tests/model/append.pml and replace.pml, which try all that
 * can happen to them.
 */
#include "store/turn.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/file.h"
#include "base/lock.h"
#include "base/time.h"
#include "batch.h"
#include "store/log.h"
#include "store/tail.h"

#define RETRY_MICROSECONDS 10000

static int
lock_missed(const struct log *log)
{
	if (log->batch != NULL && log->batch->orphaned)
		return fault_set(log->fault, FAULT_LOCK_TIMEOUT,
		    "%s: the writer that has the line did not answer in time; the event may still "
		    "be stored",
		    log->name);
	return fault_set(log->fault, FAULT_LOCK_TIMEOUT,
	    "%s: the lock was not free in time (another program holds it, or the disk is slow)",
	    log->name);
}

/*
 * The line that a dead leader had written was synced by another process.  That process may have
 * opened the log after the kernel had reported a failed sync to others; we had the log open all the
 * time.
 *
 * Another writer's sync must not run beside ours: when two processes sync one file at once, btrfs
 * (Linux 6.18) can tell one of them that it is done while the other is still at it.  So we have the
 * lock too, and share it: whatever others sync under a shared lock is durable already.
 */
static int
led(const struct log *log, int64_t until)
{
	const struct store_span *span = &log->batch->span;
	struct stat status;

	if (!log->batch->found)
		return TURN_LED;
	/* It was replaced or renamed since: we do not have it open any more. */
	if (fstat(log->fd, &status) != 0 || status.st_dev != span->device ||
	    status.st_ino != span->inode)
		return lock_missed(log);
	if (lock_wait(log->fd, F_RDLCK, until) != 0)
		return errno == EINTR ? lock_missed(log)
				      : log_fault(log, FAULT_LOCK_FAILED, "lock");
	if (file_sync(log->fd) != 0)
		return log_fault(log, FAULT_SYNC_FAILED, "sync");
	return TURN_LED;
}

/*
 * Gets the lock.  0: we have it; TURN_LED; LOG_RETRY; -1: fault.  While another process has the
 * lock, a leader may have the line.
 */
int
turn_lock(const struct log *log, int64_t until)
{
	const struct batch_log place = { log->options->data_dir, log->name, log->fd };
	enum batch_turn turn = log->batch != NULL ? BATCH_RETRY : BATCH_WAIT;

	while (turn == BATCH_RETRY) {
		if (!log->batch->moved) {
			if (lock_try(log->fd, F_WRLCK) == 0)
				return 0;
			if (errno != EAGAIN && errno != EACCES)
				break;
		}
		turn = batch_join(log->batch, &place, until);
	}
	if (turn == BATCH_DONE)
		return led(log, until);
	if (turn == BATCH_TIMEOUT)
		return lock_missed(log);
	if (lock_wait(log->fd, F_WRLCK, until) == 0)
		return 0;
	if (errno == EINTR)
		return lock_missed(log);
	return log_look_fault(log, FAULT_LOCK_FAILED, "lock");
}

/* As log_look, or TURN_LED. */
static int
open_locked(struct log *log, int64_t until)
{
	int result;

	log->fd = log_open_file(log, log->path);
	if (log->fd < 0)
		return -1;
	result = turn_lock(log, until);
	if (result == 0)
		result = log_look(log);
	if (log->batch != NULL && result == LOG_RETRY)
		batch_move(log->batch);
	if (log->batch != NULL && result == 0 && batch_leave(log->batch))
		result = led(log, until);
	return result;
}

int
turn_begin(struct log *log, int64_t deadline)
{
	int64_t until = clock_milliseconds() + log->options->lock_timeout;
	int result;

	if (until > deadline)
		until = deadline;
	if (log_path(log->path, log, LOG_ENDING) != 0)
		return -1;
	for (unsigned tries = 0;; tries++) {
		result = open_locked(log, until);
		if (result == 0)
			result = tail_repair(log);
		if (result == 0)
			return 0;
		if (log->fd >= 0)
			log_close(log);
		if (result != LOG_RETRY)
			return result;
		if (clock_milliseconds() >= until)
			return fault_set(log->fault, FAULT_LOCK_TIMEOUT,
			    "%s: was replaced again and again", log->name);
		if (tries > 0)
			usleep(RETRY_MICROSECONDS);
	}
}

int
turn_end(const struct log *log, int result)
{
	if (log_close(log) != 0 && result == 0)
		return log_fault(log, FAULT_SYNC_FAILED, "close");
	return result;
}

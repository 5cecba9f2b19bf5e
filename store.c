/*
 * store.c - one log file a group: the append, and the log's replacement.
 *
 * What store_append guarantees (the numbers are the manual's):
 *
 *  P1  It returns 0 only when the whole line is written and fdatasync has
 *      succeeded under the lock.  A file that is still empty has its directory
 *      entry synced before its first byte is written, whoever created it: so
 *      a file with content is known to have a durable name.
 *  P2  Before it writes, the whole last line is checked.  What a crash or a
 *      power cut left unfinished was never acknowledged; it is copied to
 *      NAME.torn, made durable there, and only then cut off.  Where it is torn, so may be what
 *      was written with it before it: that is judged too, and whole lines are written back.
 *      A disk may keep the end of what was written and lose its middle, but only when its power is
 *      cut: so a log that was written last before this machine was started is judged
 *      likewise, whole as its last line may be.  The append behind makes it a newer one.
 *  P7  A group's id never becomes a path; symbolic links, hard links, devices
 *      and other people's files are refused.
 *
 * Locking.  One exclusive lock on the log file itself, open-file-description
 * locks where the kernel has them: POSIX locks vanish when anything in the
 * process closes the file, and flock(2) does not exclude programs that use
 * fcntl(2).  Waiting is blocking with a repeating timer, not polling, which
 * starves under load.  Having the lock is not enough: the name may meanwhile
 * belong to another file (rotation, compaction), and a line appended to the
 * old one would be lost to every reader; so the name is looked up again under
 * the lock, and on a difference everything begins anew.
 *
 * Over a network a look-up is no proof: the name can come from this machine's
 * memory.  So a log that is replaced says so itself.  Under its lock, when the
 * new file is whole and on disk under a name that is used but once, the old one
 * gets a last line, the mark, which holds that name; then the new file is
 * renamed to the log's name.  Whoever finds a mark at the end of a log, having its
 * lock, does that rename again and begins anew: it was done already, or its
 * process was killed and it is done now.  A mark is never taken off but where it is
 * certain that the rename did not happen and cannot any more.  All steps are
 * on disk before the next begins, so any of them may be the last: before
 * the mark is whole the old log counts, from then on the new file does, which holds
 * all that stands in the old one.
 *
 * The sync stays inside the lock.  Outside it, a second writer could append
 * behind a line that is not yet on disk, and a power cut would leave a hole of
 * NUL bytes before an acknowledged line.  A failed sync is never retried: the
 * kernel reports it once, drops the dirty pages, and the next one lies.
 */
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/time.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined(__has_include) && !defined(STATX_BTIME) /* musl has none of it before 1.2.5 */
#if __has_include(<linux/stat.h>)
#include <linux/stat.h>
#endif
#endif

#include <sha2.h>

#include "store.h"
#include "base/fault.h"
#include "base/filesystem.h"
#include "base/time.h"
#include "batch.h"
#include "json.h"
#include "names.h"

#define TORN_ENDING ".torn"
#define PROBE_NAME ".msgext-probe" /* begins with a dot: no log's name does */
#define TAIL_BLOCK 2048            /* holds the usual last line, and touches few pages */
#define OPEN_TRIES 100
#define TIMER_MICROSECONDS 50000
#define ANEW_MICROSECONDS 10000
#define ID_LENGTH 16 /* of what tells files beside a log apart: hexadecimal digits */
#define MARK_LENGTH (sizeof(MARK_BEGIN MARK_REPLACED MARK_END) - 1 + MARK_TIME_LENGTH + ID_LENGTH)
#define MARK_BEGIN "{\"time\":\""
#define MARK_TIME_LENGTH 24
#define MARK_REPLACED "\",\"Replaced\":\""
#define MARK_END "\",\"ExtensionList\":[]}"
#define MARK_TIME (sizeof(MARK_BEGIN) - 1)
#define MARK_ID (sizeof(MARK_BEGIN MARK_REPLACED) - 1 + MARK_TIME_LENGTH)
/* So long after a rename no machine's memory still has the name as it was before. */
#define MARK_MILLISECONDS (INT64_C(10) * 60 * 1000)

/* What a step gives besides 0 and -1: the log is another file now, and all begins anew; */
#define ANEW 1
/* a leader has dealt with the line (batch.c). */
#define LED 2

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

/* The file's end as read once, so that the usual case costs one read. */
struct tail {
	off_t line_start;  /* of the last line */
	off_t block_start; /* what block holds: the file from here to its end */
	char block[TAIL_BLOCK];
	bool whole;        /* is the last line a whole record, */
	bool with_newline; /* its newline too, */
	bool marked;       /* and the mark of a log that was replaced? */
	char mark[MARK_LENGTH];
};

/* file names */

/* Fills path with data_dir/name, its ending replaced by the one given. */
static int
path_make(char path[PATH_MAX], const struct log *log, const char *ending)
{
	char stem[STORE_NAME_SIZE];
	int stem_length = (int)name_beside(log->group_id, log->name, strlen(ending), stem);
	int length = snprintf(path, PATH_MAX, "%s/%.*s%s", log->options->data_dir, stem_length,
	    stem, ending);

	if (length < 0 || length >= PATH_MAX)
		return fault_set(log->fault, FAULT_DATA_DIR, "data_dir: the path is too long");
	return 0;
}

/* A log of that group that is not open yet. */
static struct log
log_make(const struct store_options *options, const char *group_id, struct fault *fault)
{
	struct log log = { .options = options, .fault = fault, .group_id = group_id, .fd = -1 };

	store_name_find(options->data_dir, group_id, log.name);
	return log;
}

/* opening */

static int
fault_errno(const struct log *log, enum fault_code code, const char *doing)
{
	int error = errno;

	if (error == ENOSPC || error == EDQUOT)
		code = FAULT_DISK_FULL;
	return fault_set(log->fault, code, "%s: cannot %s: %s", log->name, doing, strerror(error));
}

/*
 * Is there room for one more log?  Whoever may post may name as many groups as
 * he likes, but must not use up what files the disk has.  Counted anew for
 * each new group, which is rare.
 */
static int
groups_check(const struct log *log)
{
	uint64_t count = 0, most = log->options->max_groups;
	const struct dirent *entry;
	DIR *directory;
	int error;

	if (most == 0)
		return 0;
	directory = opendir(log->options->data_dir);
	if (directory == NULL)
		return fault_errno(log, FAULT_OPEN_FAILED, "count the logs beside");
	for (errno = 0; count < most && (entry = readdir(directory)) != NULL; errno = 0) {
		const char *ending = strchr(entry->d_name, '.');

		count += ending != NULL && strcmp(ending, LOG_ENDING) == 0;
	}
	error = errno; /* what could not be read is not the list's end */
	closedir(directory);
	errno = error;
	if (error != 0)
		return fault_errno(log, FAULT_OPEN_FAILED, "count the logs beside");
	if (count < most)
		return 0;
	return fault_set(log->fault, FAULT_GROUPS_FULL,
	    "%s: would be one more than max_groups, %llu logs", log->name,
	    (unsigned long long)most);
}

/* After a failed look at the log.  Over NFS a file that was replaced can be gone from the server. */
static int
look_fault(const struct log *log, enum fault_code code, const char *doing)
{
	return errno == ESTALE ? ANEW : fault_errno(log, code, doing);
}

/*
 * Opens or creates a file of ours; the descriptor, or -1.  NFS refuses, once, a file that another
 * machine has just made.
 */
static int
file_open(const struct log *log, const char *path)
{
	const int flags = O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	bool refused = false;

	for (int i = 0; i < OPEN_TRIES; i++) {
		int fd = openat(AT_FDCWD, path, flags); /* musl's open takes two calls */

		if (fd < 0 && errno == ENOENT) {
			if (path == log->path && groups_check(log) != 0)
				return -1;
			fd = openat(AT_FDCWD, path, flags | O_CREAT | O_EXCL,
			    log->options->file_mode);
		}
		if (fd >= 0)
			return fd;
		if (errno == EACCES && !refused)
			refused = true;
		else if (errno != EEXIST && errno != EINTR && errno != ESTALE)
			break;
	}
	if (errno == ELOOP)
		return fault_set(log->fault, FAULT_LOG_UNSAFE, "%s: is a symbolic link", log->name);
	return fault_errno(log, FAULT_OPEN_FAILED, "open");
}

static int
file_check(const struct log *log, const struct stat *status)
{
	const char *reason = NULL;

	if (!S_ISREG(status->st_mode))
		reason = "is no regular file";
	else if (status->st_nlink > 1)
		reason = "has more than one link";
	else if (status->st_uid != log->options->owner)
		reason = "belongs to another user";
	if (reason != NULL)
		return fault_set(log->fault, FAULT_LOG_UNSAFE, "%s: %s", log->name, reason);
	return 0;
}

/* locking */

static void
alarm_ignore(int signal_number)
{
	(void)signal_number; /* its only use is to interrupt fcntl */
}

/* F_OFD_* where the kernel, and a container's filter, knows them, else POSIX record locks. */
static int
lock_control(int fd, bool wait, short type)
{
	struct flock lock = { .l_type = type, .l_whence = SEEK_SET };

#if defined(F_OFD_SETLK) && !defined(MSGEXT_WITHOUT_OFD_LOCKS)
	if (fcntl(fd, wait ? F_OFD_SETLKW : F_OFD_SETLK, &lock) == 0)
		return 0;
	if (errno != EINVAL && errno != EPERM && errno != ENOSYS)
		return -1;
#endif
	return fcntl(fd, wait ? F_SETLKW : F_SETLK, &lock);
}

/*
 * Waits for a lock until then.  The timer does not fire before, for who is interrupted loses his
 * place in the lock's queue; and then it fires again and again, for a single shot could fall between the
 * look at the clock and the call.  -1: errno, EINTR where it was not had in time.
 */
static int
lock_wait(int fd, short type, int64_t until)
{
	struct sigaction ignore = { .sa_handler = alarm_ignore }, action_before;
	struct itimerval timer = { { 0, TIMER_MICROSECONDS }, { 0, 0 } };
	struct itimerval off = { { 0, 0 }, { 0, 0 } };
	int64_t left;
	int result, error;

	if (lock_control(fd, false, type) == 0)
		return 0;
	if (errno != EAGAIN && errno != EACCES)
		return -1;
	left = until - clock_milliseconds();
	if (left <= 0) {
		errno = EINTR;
		return -1;
	}
	timer.it_value.tv_sec = (time_t)(left / 1000);
	timer.it_value.tv_usec = (suseconds_t)(left % 1000 * 1000);
	sigemptyset(&ignore.sa_mask);
	sigaction(SIGALRM, &ignore, &action_before);
	setitimer(ITIMER_REAL, &timer, NULL);
	while ((result = lock_control(fd, true, type)) != 0 && errno == EINTR)
		if (clock_milliseconds() >= until)
			break;
	error = errno;
	setitimer(ITIMER_REAL, &off, NULL);
	sigaction(SIGALRM, &action_before, NULL);
	errno = error;
	return result;
}

/* Only an interruption is tried again; see the top. */
static int
data_sync(int fd)
{
	int result;

	do
		result = fdatasync(fd);
	while (result != 0 && errno == EINTR);
	return result;
}

static int
lock_missed(const struct log *log)
{
	if (log->batch != NULL && log->batch->orphaned)
		return fault_set(log->fault, FAULT_LOCK_TIMEOUT,
		    "%s: the writer that has the line did not answer in time; the event may "
		    "be stored all the same",
		    log->name);
	return fault_set(log->fault, FAULT_LOCK_TIMEOUT, "%s: the lock was not had in time",
	    log->name);
}

/*
 * A line that a dead leader had written was synced by another, who may have opened the log when the
 * kernel had told of a failed sync already; we had it open.
 */
static int
led(const struct log *log)
{
	const struct store_extent *extent = &log->batch->extent;
	struct stat status;

	if (!log->batch->found)
		return LED;
	/* Replaced or renamed since: no longer. */
	if (fstat(log->fd, &status) != 0 || status.st_dev != extent->device ||
	    status.st_ino != extent->inode)
		return lock_missed(log);
	if (data_sync(log->fd) != 0)
		return fault_errno(log, FAULT_SYNC_FAILED, "sync");
	return LED;
}

/* 0: had; LED; ANEW; -1: fault.  As long as the lock is another's the line may be a leader's. */
static int
log_lock(const struct log *log, int64_t until)
{
	const struct batch_log place = { log->options->data_dir, log->name, log->fd };
	enum batch_turn turn = log->batch != NULL ? BATCH_AGAIN : BATCH_WAIT;

	while (turn == BATCH_AGAIN) {
		if (!log->batch->moved) {
			if (lock_control(log->fd, false, F_WRLCK) == 0)
				return 0;
			if (errno != EAGAIN && errno != EACCES)
				break;
		}
		turn = batch_join(log->batch, &place, until);
	}
	if (turn == BATCH_DONE)
		return led(log);
	if (turn == BATCH_TIMEOUT)
		return lock_missed(log);
	if (lock_wait(log->fd, F_WRLCK, until) == 0)
		return 0;
	if (errno == EINTR)
		return lock_missed(log);
	return look_fault(log, FAULT_LOCK_FAILED, "lock");
}

/*
 * Over a network: a directory that is opened is asked for anew, and what was
 * remembered of its names is forgotten where it has changed.  Only what is on no disk of
 * this machine's, whose devices have a major number, can be such.
 */
static void
names_refresh(const struct log *log, dev_t device)
{
	int fd;

	if (major(device) != 0 || !filesystem_is_remote(log->options->data_dir))
		return;
	fd = openat(AT_FDCWD, log->options->data_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		close(fd);
}

/* Is the file that was opened still the one of that name? */
static bool
path_is_file(const char *path, int fd)
{
	struct stat opened, named;

	return fstat(fd, &opened) == 0 && lstat(path, &named) == 0 &&
	    opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

/*
 * Was the file written last before this machine was started, as far as its clock tells?  A second in
 * doubt was before.  A time to come is of a clock that was set back since, as one without a battery is.
 */
static bool
file_is_before_start(const struct stat *status)
{
#ifdef CLOCK_BOOTTIME
	struct timespec now, up;

	return clock_gettime(CLOCK_REALTIME, &now) == 0 &&
	    clock_gettime(CLOCK_BOOTTIME, &up) == 0 &&
	    (status->st_mtime <= now.tv_sec - up.tv_sec || status->st_mtime > now.tv_sec);
#else
	(void)status;
	return false;
#endif
}

/* 0: the locked file still bears its name, as far as this machine knows; ANEW: it does not; -1: fault. */
static int
log_look(struct log *log)
{
	struct stat opened, named;

	if (fstat(log->fd, &opened) != 0)
		return look_fault(log, FAULT_OPEN_FAILED, "examine");
	names_refresh(log, opened.st_dev);
	if (fstatat(AT_FDCWD, log->path, &named, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT ? ANEW : look_fault(log, FAULT_OPEN_FAILED, "examine");
	if (opened.st_dev != named.st_dev || opened.st_ino != named.st_ino || opened.st_nlink == 0)
		return ANEW;
	log->device = opened.st_dev;
	log->inode = opened.st_ino;
	log->size = opened.st_size;
	log->before_start = file_is_before_start(&opened);
	return file_check(log, &opened);
}

/* As log_look, or LED. */
static int
log_open_locked(struct log *log, int64_t until)
{
	int result;

	log->fd = file_open(log, log->path);
	if (log->fd < 0)
		return -1;
	result = log_lock(log, until);
	if (result == 0)
		result = log_look(log);
	if (log->batch != NULL && result == ANEW)
		batch_move(log->batch);
	if (log->batch != NULL && result == 0 && batch_leave(log->batch))
		result = led(log);
	return result;
}

/* syncing and writing */

static int
directory_sync(const struct log *log)
{
	int fd = openat(AT_FDCWD, log->options->data_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int result;

	if (fd < 0)
		return fault_errno(log, FAULT_SYNC_FAILED, "open the directory of");
	do
		result = fsync(fd);
	while (result != 0 && errno == EINTR);
	if (result != 0)
		fault_errno(log, FAULT_SYNC_FAILED, "sync the directory of");
	close(fd);
	return result;
}

static int
write_all(int fd, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t count = write(fd, bytes, length);

		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0)
			return -1;
		bytes += count;
		length -= (size_t)count;
	}
	return 0;
}

/* Reads exactly length bytes at offset. */
static int
read_all(int fd, char *bytes, size_t length, off_t offset)
{
	while (length > 0) {
		ssize_t count = pread(fd, bytes, length, offset);

		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0) {
			if (count == 0)
				errno = EIO; /* shorter than fstat said */
			return -1;
		}
		bytes += count;
		offset += count;
		length -= (size_t)count;
	}
	return 0;
}

/* the mark of a log that was replaced */

bool
store_line_is_mark(const char *line, size_t length)
{
	static const char end[] = MARK_END;

	return length == MARK_LENGTH && memcmp(line, MARK_BEGIN, MARK_TIME) == 0 &&
	    memcmp(line + MARK_TIME + MARK_TIME_LENGTH, MARK_REPLACED, sizeof(MARK_REPLACED) - 1) ==
	    0 &&
	    strspn(line + MARK_ID, "0123456789abcdef") == ID_LENGTH &&
	    memcmp(line + MARK_ID + ID_LENGTH, end, sizeof(end) - 1) == 0;
}

static int64_t
now_milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* A number that nobody used before. */
static uint64_t
id_make(void)
{
	struct timespec now;
	uint64_t id;

	if (getrandom(&id, sizeof(id), GRND_NONBLOCK) == (ssize_t)sizeof(id))
		return id;
	clock_gettime(CLOCK_REALTIME, &now);
	return ((uint64_t)now.tv_sec << 32 | (uint64_t)now.tv_nsec) ^ (uint64_t)getpid();
}

/* Makes a mark with an id of its own, and a newline. */
static void
mark_make(char mark[MARK_LENGTH + 2])
{
	char time[TIME_SIZE];

	time_print(now_milliseconds(), time);
	snprintf(mark, MARK_LENGTH + 2, MARK_BEGIN "%.24s" MARK_REPLACED "%016llx" MARK_END "\n",
	    time, (unsigned long long)id_make());
}

/* The name that a replacement has between being whole and being the log. */
static int
mark_path(char path[PATH_MAX], const struct log *log, const char *mark)
{
	char ending[ID_LENGTH + 8];

	snprintf(ending, sizeof(ending), ".%.*s.new", ID_LENGTH, mark + MARK_ID);
	return path_make(path, log, ending);
}

/* Does a look-up of the log's name say for certain that no other machine has replaced it? */
static bool
look_is_proof(const struct log *log, const char *mark)
{
	char time[MARK_TIME_LENGTH + 1];

	memcpy(time, mark + MARK_TIME, MARK_TIME_LENGTH);
	time[MARK_TIME_LENGTH] = '\0';
	return !filesystem_is_remote(log->options->data_dir) ||
	    now_milliseconds() - time_parse(time) > MARK_MILLISECONDS;
}

/*
 * Ends what the mark at start, the end of the locked log, has begun.  ANEW: the log's name is
 * another file's now; 0: the new file is not there, or cannot have the name, and the mark is
 * taken off; -1: fault, and the mark stays.
 */
static int
replacement_finish(struct log *log, off_t start, const char *mark)
{
	char path[PATH_MAX];
	int error, result;

	if (mark_path(path, log, mark) != 0)
		return -1;
	if (rename(path, log->path) == 0)
		return directory_sync(log) == 0 ? ANEW : -1;
	error = errno;
	if (!look_is_proof(log, mark)) {
		errno = error;
		return error == ENOENT ? ANEW : fault_errno(log, FAULT_WRITE_FAILED, "replace");
	}
	result = log_look(log);
	if (result != 0)
		return result;
	if (ftruncate(log->fd, start) != 0 || data_sync(log->fd) != 0)
		return fault_errno(log, FAULT_TAIL_FAILED, "take the mark off");
	log->size = start;
	errno = error;
	return 0;
}

/* the tail */

/* Finds where the last line begins, reading backwards from the end. */
static int
tail_find(const struct log *log, struct tail *tail)
{
	char block[TAIL_BLOCK];
	char *into = tail->block;
	off_t end = log->size;

	tail->line_start = 0;
	tail->block_start = log->size;
	while (end > 0) {
		size_t length = end < TAIL_BLOCK ? (size_t)end : TAIL_BLOCK;
		off_t start = end - (off_t)length;
		const char *newline;

		if (read_all(log->fd, into, length, start) != 0)
			return look_fault(log, FAULT_TAIL_FAILED, "read");
		if (into == tail->block) {
			tail->block_start = start;
			length--; /* the last byte is no earlier line's newline */
		}
		newline = memrchr(into, '\n', length);
		if (newline != NULL) {
			tail->line_start = start + (newline - into) + 1;
			return 0;
		}
		end = start;
		into = block;
	}
	return 0;
}

/*
 * Whole JSON, not a look at the braces: a cut right behind a pair's closing
 * brace also begins with '{' and ends with '}'.  Nothing that the receiver
 * demands of an event: what it took before it became stricter was acknowledged.
 */
bool
store_line_is_whole(const char *line, size_t length)
{
	struct fault ignored;

	return length > 0 && line[0] == '{' &&
	    json_check(line, length, LINE_DEPTH_MAX, NULL, &ignored) == 0;
}

/* What is the last line, which was found? */
static int
tail_judge(const struct log *log, struct tail *tail)
{
	off_t span = log->size - tail->line_start;
	size_t length = (size_t)span;
	const char *line;
	char *loaded = NULL;
	int result;

	tail->whole = tail->with_newline = tail->marked = false;
	if (span > LINE_SIZE_MAX)
		return 0;
	if (tail->line_start < tail->block_start) {
		loaded = malloc(length);
		if (loaded == NULL)
			return fault_memory(log->fault);
		if (read_all(log->fd, loaded, length, tail->line_start) != 0) {
			result = look_fault(log, FAULT_TAIL_FAILED, "read");
			free(loaded);
			return result;
		}
		line = loaded;
	} else {
		line = tail->block + (tail->line_start - tail->block_start);
	}
	tail->with_newline = line[length - 1] == '\n';
	if (tail->with_newline)
		length--;
	tail->marked = store_line_is_mark(line, length);
	if (tail->marked)
		memcpy(tail->mark, line, MARK_LENGTH);
	tail->whole = store_line_is_whole(line, length);
	free(loaded);
	return 0;
}

/* Are length bytes of one file, from here on, those of another from there on?  1, 0, -1 with errno. */
static int
bytes_compare(const struct log *one, off_t here, const struct log *other, off_t there, off_t length)
{
	char ours[TAIL_BLOCK], theirs[TAIL_BLOCK];

	for (off_t done = 0; done < length;) {
		size_t part = length - done < TAIL_BLOCK ? (size_t)(length - done) : TAIL_BLOCK;

		if (read_all(one->fd, ours, part, here + done) != 0 ||
		    read_all(other->fd, theirs, part, there + done) != 0)
			return -1;
		if (memcmp(ours, theirs, part) != 0)
			return 0;
		done += (off_t)part;
	}
	return 1;
}

/*
 * What of the tail from start on does the .torn file end with?  All of it, by an attempt that failed
 * later: 1; a part, by one that was killed, which is cut off, or nothing: 0; -1 with errno.
 */
static int
torn_look(const struct log *log, off_t start, struct log *torn)
{
	off_t length = log->size - start, held;
	struct tail last;
	char end;
	int same;

	if (torn->size == 0)
		return 0;
	/* Of a line that is longer than what is looked for only its beginning counts. */
	if (read_all(torn->fd, &end, 1, torn->size - 1) != 0 || tail_find(torn, &last) != 0)
		return -1;
	held = torn->size - last.line_start;
	if (end == '\n') {
		last.line_start = torn->size - length - 1;
		if (last.line_start < 0 ||
		    (last.line_start > 0 &&
			(read_all(torn->fd, &end, 1, last.line_start - 1) != 0 || end != '\n')))
			return 0;
		return bytes_compare(log, start, torn, last.line_start, length);
	}
	same = held > length ? 0 : bytes_compare(log, start, torn, last.line_start, held);
	if (same == 1 && ftruncate(torn->fd, last.line_start) == 0)
		torn->size = last.line_start;
	else if (same == 0 && write_all(torn->fd, "\n", 1) != 0)
		same = -1;
	return same < 0 ? -1 : 0;
}

/* Appends the log's bytes from start to its end, and a newline, to the .torn file. */
static int
torn_copy(const struct log *log, off_t start, const struct log *torn)
{
	char block[TAIL_BLOCK];

	for (off_t at = start; at < log->size;) {
		size_t length = log->size - at < TAIL_BLOCK ? (size_t)(log->size - at) : TAIL_BLOCK;

		if (read_all(log->fd, block, length, at) != 0 ||
		    write_all(torn->fd, block, length) != 0)
			return -1;
		at += (off_t)length;
	}
	return write_all(torn->fd, "\n", 1);
}

/* Makes sure that NAME.torn has the log's bytes from start to its end; what cannot be completed is cut off again. */
static int
torn_keep(const struct log *log, off_t start)
{
	struct log torn = *log;
	struct stat status;
	int there, error, result = -1;

	torn.fd = path_make(torn.path, log, TORN_ENDING) != 0 ? -1 : file_open(log, torn.path);
	if (torn.fd < 0)
		return -1;
	if (fstat(torn.fd, &status) != 0 || file_check(log, &status) != 0) {
		fault_set(log->fault, FAULT_TAIL_FAILED, "%s: its .torn file is unsafe", log->name);
		goto out;
	}
	torn.size = status.st_size;
	if (torn.size == 0 && directory_sync(log) != 0)
		goto out;
	there = torn_look(log, start, &torn);
	if (there < 0 || (there == 0 && torn_copy(log, start, &torn) != 0) ||
	    data_sync(torn.fd) != 0) {
		error = errno;
		if (there <= 0)
			(void)!ftruncate(torn.fd, torn.size);
		errno = error;
		fault_errno(log, FAULT_TAIL_FAILED, "set the torn tail aside of");
		goto out;
	}
	result = 0;
out:
	close(torn.fd);
	return result;
}

/* What a torn write has left at a log's end. */
struct tear {
	off_t start;       /* of the first broken line */
	size_t lines;      /* that are broken; 0: nothing is torn */
	char *whole;       /* the lines between them that are not, to be freed */
	size_t whole_size; /* in bytes */
	size_t whole_lines;
};

/* So much of a log can have been written in one go, in bytes and in lines; see batch.c. */
#define TEAR_BYTES (1 << 20)
#define TEAR_LINES 512

/* Where in the bytes the last lines begin; the first line's beginning is known where they are a file's. */
static size_t
tear_first(const char *bytes, size_t length, bool from_start)
{
	size_t at = length;

	for (size_t lines = 0; at > 0 && lines < TEAR_LINES - 1; lines++) {
		const char *newline = memrchr(bytes, '\n', at - 1);

		if (newline == NULL)
			return from_start ? 0 : at;
		at = (size_t)(newline - bytes) + 1;
	}
	return at;
}

/*
 * What was written with a log's last line, which was judged, may have left gaps in the middle of
 * that, so what stands before it is judged too, as far back as one write can reach.  0, ANEW or -1.
 */
static int
tear_find(const struct log *log, const struct tail *tail, struct tear *tear)
{
	size_t before = tail->line_start < TEAR_BYTES ? (size_t)tail->line_start : TEAR_BYTES;
	size_t length = before + (tail->whole ? (size_t)(log->size - tail->line_start) : 0);
	off_t offset = tail->line_start - (off_t)before;
	char *bytes = malloc(length + 1);

	*tear = (struct tear){ .start = tail->line_start, .whole = bytes };
	if (bytes == NULL)
		return fault_memory(log->fault);
	if (read_all(log->fd, bytes, length, offset) != 0)
		return look_fault(log, FAULT_TAIL_FAILED, "read");
	if (tail->whole && !tail->with_newline)
		bytes[length++] = '\n';
	for (size_t at = tear_first(bytes, before, offset == 0), next; at < length; at = next) {
		next = (size_t)((char *)memchr(bytes + at, '\n', length - at) - bytes) + 1;
		if (!store_line_is_whole(bytes + at, next - at - 1)) {
			if (tear->lines++ == 0)
				tear->start = offset + (off_t)at;
		} else if (tear->lines > 0) {
			memmove(bytes + tear->whole_size, bytes + at, next - at);
			tear->whole_size += next - at;
			tear->whole_lines++;
		}
	}
	if (!tail->whole)
		tear->lines++;
	return 0;
}

/*
 * Sets the tear aside, where there is one; only broken lines leave the log: those among them are
 * written back.  The tail is whole then.
 */
static int
tear_mend(struct log *log, struct tail *tail)
{
	off_t size = log->size;
	struct tear tear;
	int result = tear_find(log, tail, &tear);

	if (result != 0 || tear.lines == 0)
		goto out;
	result = -1;
	if (torn_keep(log, tear.start) != 0)
		goto out;
	if (ftruncate(log->fd, tear.start) != 0 ||
	    write_all(log->fd, tear.whole, tear.whole_size) != 0 || data_sync(log->fd) != 0) {
		fault_errno(log, FAULT_TAIL_FAILED, "cut the torn tail off");
		goto out;
	}
	log->size = tear.start + (off_t)tear.whole_size;
	tail->whole = tail->with_newline = true;
	if (log->options->notice != NULL)
		fault_set(log->options->notice, FAULT_TAIL_TORN,
		    "%s: the last %lld bytes are set aside in its .torn file: %zu broken lines; "
		    "%zu whole "
		    "ones among them are written back",
		    log->name, (long long)(size - tear.start), tear.lines, tear.whole_lines);
	result = 0;
out:
	free(tear.whole);
	return result;
}

int
store_tail_look(int fd, off_t size, off_t *end, struct fault *fault)
{
	const struct store_options none = { .data_dir = "" };
	struct log log = { .options = &none,
		.fault = fault,
		.name = "last line",
		.fd = fd,
		.size = size };
	struct tail tail;
	struct tear tear;
	int result;

	*end = size;
	if (size == 0)
		return 0;
	result = tail_find(&log, &tail);
	if (result == 0)
		result = tail_judge(&log, &tail);
	if (result == 0 && !tail.whole) {
		result = tear_find(&log, &tail, &tear);
		*end = tear.start;
		free(tear.whole);
	}
	if (result != ANEW)
		return result;
	errno = ESTALE; /* Nothing begins anew here: the caller is told. */
	return fault_errno(&log, FAULT_TAIL_FAILED, "read");
}

/* Makes the file end in a whole line, or be empty. */
static int
tail_repair(struct log *log)
{
	struct tail tail;
	int result;

	if (log->size == 0)
		return 0;
	result = tail_find(log, &tail);
	if (result == 0)
		result = tail_judge(log, &tail);
	if (result != 0)
		return result;
	if (tail.marked)
		return replacement_finish(log, tail.line_start, tail.mark);
	if (!tail.whole || log->before_start)
		result = tear_mend(log, &tail);
	if (result != 0 || tail.with_newline)
		return result;
	if (write_all(log->fd, "\n", 1) != 0)
		return fault_errno(log, FAULT_TAIL_FAILED, "end the last line of");
	log->size++;
	return 0;
}

/* the append */

/* All of them, durable, or none. */
static int
lines_append(const struct log *log, const char *lines, size_t length)
{
	if (write_all(log->fd, lines, length) != 0) {
		fault_errno(log, FAULT_WRITE_FAILED, "write");
		goto fail;
	}
	if (log->options->sync && data_sync(log->fd) != 0) {
		fault_errno(log, FAULT_SYNC_FAILED, "sync");
		goto fail;
	}
	return 0;
fail:
	/* Best effort; where it fails too, the next writer's tail check does it. */
	(void)!ftruncate(log->fd, log->size);
	return -1;
}

static int
line_append(const struct log *log, const char *line, size_t length)
{
	if (log->size == 0 && log->options->sync && directory_sync(log) != 0)
		return -1;
	return lines_append(log, line, length);
}

/* Closes the log, which ends the lock; NFS reports some failed writes only here. */
static int
log_close(const struct log *log)
{
	return close(log->fd) == 0 || errno == EINTR ? 0 : -1;
}

/* Looks for the lines whose leader has died; what they stand among is made durable first. */
static int
orphans_find(const struct log *log, struct batch *batch)
{
	const struct store_extent extent = { log->device, log->inode, log->size };
	off_t start = batch_orphans_start(batch, &extent);
	size_t length = (size_t)(log->size - start);
	char *bytes;

	if (data_sync(log->fd) != 0)
		return fault_errno(log, FAULT_SYNC_FAILED, "sync");
	if (length == 0)
		return 0;
	bytes = malloc(length);
	if (bytes == NULL)
		return fault_memory(log->fault);
	if (read_all(log->fd, bytes, length, start) != 0) {
		free(bytes);
		return fault_errno(log, FAULT_TAIL_FAILED, "read");
	}
	batch_orphans_find(batch, bytes, length, start);
	free(bytes);
	return 0;
}

/* Appends our line and those of our followers; end: receives where ours ends. */
static int
batch_append(const struct log *log, struct batch *batch, struct store_extent *end)
{
	/* What needs a descriptor is done before the gather takes them all. */
	if (log->size == 0 && directory_sync(log) != 0)
		return -1;
	if (batch_gather(batch, log->fault) != 0)
		return -1;
	if (batch_has_orphans(batch) && orphans_find(log, batch) != 0)
		return -1;
	batch_compose(batch, log->size);
	end->size = batch->lines[0].end;
	return batch->size == 0 ? 0 : lines_append(log, batch->bytes, batch->size);
}

/* What is done with a group's log, locked and its tail whole. */
struct job {
	int (*work)(struct log *log, const void *context); /* may give ANEW too */
	const void *context;
	int64_t deadline;
	struct batch *batch; /* as the log's */
};

/* 0; LED; -1: fault. */
static int
log_work(const struct store_options *options, const char *group_id, const struct job *job,
    struct fault *fault)
{
	struct log log = log_make(options, group_id, fault);
	int64_t until = clock_milliseconds() + options->lock_timeout;
	int result;

	if (until > job->deadline)
		until = job->deadline;
	log.batch = job->batch;
	if (path_make(log.path, &log, LOG_ENDING) != 0)
		return -1;
	for (unsigned tries = 0;; tries++) {
		result = log_open_locked(&log, until);
		if (result == 0)
			result = tail_repair(&log);
		if (result == 0)
			result = job->work(&log, job->context);
		if (log.fd >= 0 && log_close(&log) != 0 && result == 0)
			result = fault_errno(&log, FAULT_SYNC_FAILED, "close");
		if (result != ANEW)
			return result;
		if (clock_milliseconds() >= until)
			return fault_set(fault, FAULT_LOCK_TIMEOUT,
			    "%s: was replaced again and again", log.name);
		if (tries > 0)
			usleep(ANEW_MICROSECONDS);
	}
}

struct append {
	const char *line;
	size_t length;
	struct store_extent *extent;
};

static int
append_work(struct log *log, const void *context)
{
	const struct append *append = context;

	*append->extent =
	    (struct store_extent){ log->device, log->inode, log->size + (off_t)append->length };
	if (log->batch != NULL && batch_is_needed(log->batch))
		return batch_append(log, log->batch, append->extent);
	return line_append(log, append->line, append->length);
}

int
store_append(const struct store_options *options, const char *group_id, const char *line,
    size_t length, int64_t deadline, struct store_extent *extent, struct fault *fault)
{
	struct store_extent end;
	struct append append = { line, length, &end };
	struct batch batch;
	struct job job = { append_work, &append, deadline, options->sync ? &batch : NULL };
	int result;

	batch_begin(&batch, line, length, deadline);
	result = log_work(options, group_id, &job, fault);
	if (result == LED) {
		end = batch.extent;
		result = batch.result;
		if (result != 0)
			*fault = batch.fault;
	}
	batch_end(&batch, result, &end, fault);
	if (result == 0 && extent != NULL)
		*extent = end;
	return result;
}

static int
condition_work(struct log *log, const void *context)
{
	const struct store_condition *condition = context;
	struct store_extent extent = { log->device, log->inode, log->size };

	if (condition->allow(condition->context, &extent, log->fault) != 0)
		return -1;
	return line_append(log, condition->line, condition->length);
}

int
store_append_if(const struct store_options *options, const char *group_id,
    const struct store_condition *condition, struct fault *fault)
{
	const struct job job = { condition_work, condition, INT64_MAX, NULL };

	return log_work(options, group_id, &job, fault);
}

/* the replacement */

/* Is that the name of a new file or archive, NAME.ID.new or NAME.ID.gz.new? */
static bool
name_is_beside(const char *name, const char *stem, size_t stem_length)
{
	const char *ending = name + stem_length;

	return strncmp(name, stem, stem_length) == 0 && ending[0] == '.' &&
	    strspn(ending + 1, "0123456789abcdef") == ID_LENGTH &&
	    (strcmp(ending + 1 + ID_LENGTH, ".new") == 0 ||
		strcmp(ending + 1 + ID_LENGTH, ".gz.new") == 0);
}

/*
 * Is another replacement of the log at work than the one that has the file own?  Each has its files
 * locked; those that nobody has locked are of one that was killed, and go where they may.
 */
static bool
beside_look(const struct log *log, const char *own, bool may_remove)
{
	char stem[STORE_NAME_SIZE];
	size_t stem_length =
	    name_beside(log->group_id, log->name, ID_LENGTH + strlen("..new"), stem);
	DIR *directory = opendir(log->options->data_dir);
	const struct dirent *entry;
	bool others = false;

	while (directory != NULL && (entry = readdir(directory)) != NULL) {
		int fd = -1;

		if (name_is_beside(entry->d_name, stem, stem_length) &&
		    strcmp(entry->d_name, own) != 0)
			fd = openat(dirfd(directory), entry->d_name,
			    O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (lock_control(fd, false, F_WRLCK) != 0)
			others = true;
		else if (may_remove)
			unlinkat(dirfd(directory), entry->d_name, 0);
		close(fd);
	}
	if (directory != NULL)
		closedir(directory);
	return others;
}

static int
mend_work(struct log *log, const void *context)
{
	struct store_extent *extent = *(struct store_extent *const *)context;

	/* The log bears its name and no mark, and we have its lock: no killed one's file is needed. */
	(void)beside_look(log, "", true);
	*extent = (struct store_extent){ log->device, log->inode, log->size };
	return 0;
}

int
store_mend(const struct store_options *options, const char *group_id, int64_t deadline,
    struct store_extent *extent, struct fault *fault)
{
	const struct job job = { mend_work, &extent, deadline, NULL };

	return log_work(options, group_id, &job, fault);
}

static int
log_changed(const struct log *log)
{
	return fault_set(log->fault, FAULT_LOG_CHANGED,
	    "%s: was replaced or cut meanwhile; nothing is changed", log->name);
}

/* Is the log still the one that was read, with the same bytes before the end of that? */
static int
extent_check(const struct log *log, const struct store_replacement *new)
{
	char before[TAIL_BLOCK];
	off_t start = new->read.size - (off_t) new->before_length;

	if (log->device != new->read.device || log->inode != new->read.inode ||
	    log->size < new->read.size || start < 0 || new->before_length > sizeof(before))
		goto changed;
	if (read_all(log->fd, before, new->before_length, start) != 0)
		return fault_errno(log, FAULT_OPEN_FAILED, "read");
	if (memcmp(before, new->before, new->before_length) == 0)
		return 0;
changed:
	return log_changed(log);
}

/*
 * Gives the new file, which is whole and on disk, the log's name; the steps are told at the top.
 * What fails before the mark is whole, or leaves it certain that the log stays, is undone.
 */
static int
replacement_install(struct log *log, struct store_replacement *new)
{
	char mark[MARK_LENGTH + 2], path[PATH_MAX];
	off_t start = log->size;
	int result = -1;

	mark_make(mark);
	if (mark_path(path, log, mark) != 0)
		return -1;
	if (!path_is_file(new->path, new->fd))
		return fault_set(log->fault, FAULT_LOG_CHANGED, "%s: was removed", new->path);
	if (rename(new->path, path) != 0)
		return fault_errno(log, FAULT_WRITE_FAILED, "name the new");
	new->path[0] = '\0';
	if (directory_sync(log) != 0)
		goto undo;
	if (write_all(log->fd, mark, MARK_LENGTH + 1) != 0) {
		fault_errno(log, FAULT_WRITE_FAILED, "mark");
		goto undo;
	}
	if (data_sync(log->fd) != 0) {
		fault_errno(log, FAULT_SYNC_FAILED, "sync the mark of");
		goto undo;
	}
	new->in_doubt = true;
	result = replacement_finish(log, start, mark);
	if (result == ANEW && path_is_file(log->path, new->fd))
		return 0;
	if (result != 0) /* it may be the log, now or when another has finished it */
		return result < 0 ? -1 : log_changed(log);
	new->in_doubt = false;
	fault_errno(log, FAULT_WRITE_FAILED, "replace");
undo:
	/* Where the mark cannot be taken off, the new file must stay for the next to finish. */
	if (ftruncate(log->fd, start) == 0)
		unlink(path);
	else
		new->in_doubt = true;
	return -1;
}

/*
 * Under the log's lock: nobody appends.  Writers that wait for it find, when
 * they have it, the mark, or that the name is another file's, and begin anew there.
 */
static int
replace_work(struct log *log, const void *context)
{
	struct store_replacement *new = *(struct store_replacement *const *)context;
	char block[TAIL_BLOCK];

	if (extent_check(log, new) != 0)
		return -1;
	for (off_t at = new->read.size; at < log->size;) {
		size_t length = log->size - at < TAIL_BLOCK ? (size_t)(log->size - at) : TAIL_BLOCK;

		if (read_all(log->fd, block, length, at) != 0 ||
		    write_all(new->fd, block, length) != 0)
			return fault_errno(log, FAULT_WRITE_FAILED, "copy the end of");
		at += (off_t)length;
	}
	if (write_all(new->fd, new->last, new->last_length) != 0)
		return fault_errno(log, FAULT_WRITE_FAILED, "write anew");
	if (data_sync(new->fd) != 0)
		return fault_errno(log, FAULT_SYNC_FAILED, "sync the new");
	return replacement_install(log, new);
}

int
store_replace(const struct store_options *options, const char *group_id,
    struct store_replacement *replacement, int64_t deadline, struct fault *fault)
{
	const struct job job = { replace_work, &replacement, deadline, NULL };

	return log_work(options, group_id, &job, fault);
}

int
store_path_beside(const struct store_options *options, const char *group_id, const char *ending,
    char path[PATH_MAX], struct fault *fault)
{
	struct log log = log_make(options, group_id, fault);

	return path_make(path, &log, ending);
}

/* Makes a file of a name that was never used, for a name that was could lead a machine to the log itself. */
static int
beside_make(const struct log *log, const char *ending, char path[PATH_MAX])
{
	const int flags = O_RDWR | O_APPEND | O_NOFOLLOW | O_CLOEXEC | O_CREAT | O_EXCL;
	char whole[64];
	int fd;

	do {
		snprintf(whole, sizeof(whole), ".%016llx%s", (unsigned long long)id_make(), ending);
		if (path_make(path, log, whole) != 0)
			return -1;
		fd = openat(AT_FDCWD, path, flags, log->options->file_mode);
	} while (fd < 0 && (errno == EEXIST || errno == EINTR));
	return fd >= 0 ? fd : fault_errno(log, FAULT_OPEN_FAILED, "make a file beside");
}

int
store_open_beside(const struct store_options *options, const char *group_id, const char *ending,
    char path[PATH_MAX], struct fault *fault)
{
	struct log log = log_make(options, group_id, fault);
	int fd = beside_make(&log, ending, path);
	bool first = strcmp(ending, ".new") == 0;

	if (fd < 0)
		goto fail;
	/* Of two at once one sees the other's, for each makes and locks its own before it looks. */
	if (lock_control(fd, false, F_WRLCK) == 0 && path_is_file(path, fd) &&
	    !(first && beside_look(&log, strrchr(path, '/') + 1, false)))
		return fd;
	fault_set(fault, FAULT_LOCK_TIMEOUT, "%s: another process is at work on it", log.name);
	unlink(path);
	close(fd);
fail:
	path[0] = '\0';
	return -1;
}

int
store_sync_directory(const struct store_options *options, struct fault *fault)
{
	struct log log = { .options = options, .fault = fault, .name = "data_dir" };

	return directory_sync(&log);
}

int
store_settle(int fd, int milliseconds)
{
	return lock_wait(fd, F_RDLCK, clock_milliseconds() + milliseconds);
}

void
store_settle_end(int fd)
{
	lock_control(fd, false, F_UNLCK);
}

/* the directory */

/*
 * Its mode, and which directory it is.  When it was born counts, for a number that was freed is
 * given to the next one at once, by ext4 for example.  A container's filter may
 * say EPERM to a call that it does not know.
 */
static int
directory_examine(const char *path, mode_t *mode, struct store_place *place)
{
	struct stat status;

	*place = (struct store_place){ 0 };
#if defined(SYS_statx) && defined(STATX_BTIME)
	struct statx more;

	if (syscall(SYS_statx, AT_FDCWD, path, 0, STATX_TYPE | STATX_MODE | STATX_INO | STATX_BTIME,
		&more) == 0) {
		*mode = more.stx_mode;
		place->device = makedev(more.stx_dev_major, more.stx_dev_minor);
		place->inode = more.stx_ino;
		if ((more.stx_mask & STATX_BTIME) != 0)
			place->born =
			    (int64_t)more.stx_btime.tv_sec * 1000000000 + more.stx_btime.tv_nsec;
		return 0;
	}
	if (errno != EPERM && errno != ENOSYS)
		return -1;
#endif
	if (stat(path, &status) != 0)
		return -1;
	*mode = status.st_mode;
	place->device = status.st_dev;
	place->inode = status.st_ino;
	return 0;
}

int
store_look(const struct store_options *options, struct store_place *place, struct fault *fault)
{
	mode_t mode;

	if (directory_examine(options->data_dir, &mode, place) != 0)
		return fault_set(fault, FAULT_DATA_DIR, "data_dir: %s: %s", options->data_dir,
		    strerror(errno));
	if (!S_ISDIR(mode))
		return fault_set(fault, FAULT_DATA_DIR, "data_dir: %s: is no directory",
		    options->data_dir);
	if ((mode & S_IWOTH) != 0)
		return fault_set(fault, FAULT_DATA_DIR, "data_dir: %s: others may write it",
		    options->data_dir);
	return 0;
}

bool
store_place_equals(const struct store_place *one, const struct store_place *other)
{
	return one->device == other->device && one->inode == other->inode &&
	    one->born == other->born;
}

int
store_check(const struct store_options *options, struct fault *fault)
{
	struct store_place ignored;

	return store_look(options, &ignored, fault);
}

/*
 * AT_EACCESS needs a call of Linux 5.8.  Where a filter does not know that one,
 * the old call asks for the real user, who is the effective one as a rule.
 */
static int
directory_may(const char *path, int mode)
{
	if (faccessat(AT_FDCWD, path, mode, AT_EACCESS) == 0)
		return 0;
	if (errno != EPERM && errno != ENOSYS)
		return -1;
	return access(path, mode); /* faccessat may take the new call again */
}

int
store_check_access(const struct store_options *options, struct fault *fault)
{
	if (store_check(options, fault) != 0)
		return -1;
	if (directory_may(options->data_dir, R_OK | W_OK | X_OK) != 0)
		return fault_set(fault, FAULT_DATA_DIR, "data_dir: %s: %s", options->data_dir,
		    strerror(errno));
	return 0;
}

/* the probe */

/*
 * A file that has no name, so that nothing is left of it, whoever dies when.
 * Where the file system has none (NFS), or the kernel, it is one whose name no
 * reader takes for a log, and it stays: a process under Landlock can make files
 * and cannot remove them.
 */
static int
probe_open(const struct log *log)
{
	char path[PATH_MAX];
	int length, fd;

	fd = openat(AT_FDCWD, log->options->data_dir, O_TMPFILE | O_RDWR | O_APPEND | O_CLOEXEC,
	    log->options->file_mode);
	if (fd >= 0)
		return fd;
	if ((errno != EOPNOTSUPP && errno != EISDIR) ||
	    directory_may(log->options->data_dir, W_OK | X_OK) != 0)
		return fault_errno(log, FAULT_DATA_DIR, "make a file");
	length = snprintf(path, sizeof(path), "%s/" PROBE_NAME, log->options->data_dir);
	if (length < 0 || (size_t)length >= sizeof(path))
		return fault_set(log->fault, FAULT_DATA_DIR, "data_dir: the path is too long");
	return file_open(log, path);
}

/* Opens, locks, writes and cuts, as an append does; nothing is synced, for anybody may ask. */
static int
probe_file(const struct log *log, int64_t until)
{
	struct stat status;
	int result;

	if (fstat(log->fd, &status) != 0)
		return fault_errno(log, FAULT_OPEN_FAILED, "examine a file");
	if (file_check(log, &status) != 0)
		return -1;
	result = log_lock(log, until);
	if (result == ANEW)
		return fault_errno(log, FAULT_LOCK_FAILED, "lock a file");
	if (result != 0)
		return -1;
	if (write_all(log->fd, "\n", 1) != 0 || ftruncate(log->fd, 0) != 0)
		return fault_errno(log, FAULT_WRITE_FAILED, "write a file");
	return 0;
}

int
store_probe(const struct store_options *options, int64_t deadline, struct fault *fault)
{
	struct log log = { .options = options, .fault = fault, .name = "data_dir", .fd = -1 };
	int64_t until = clock_milliseconds() + options->lock_timeout;
	int directory, result = -1;

	if (store_check(options, fault) != 0)
		return -1;
	directory = openat(AT_FDCWD, options->data_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (directory < 0)
		return fault_errno(&log, FAULT_DATA_DIR, "open");
	close(directory);
	log.fd = probe_open(&log);
	if (log.fd < 0)
		return -1;
	result = probe_file(&log, until < deadline ? until : deadline);
	if (log_close(&log) != 0 && result == 0)
		result = fault_errno(&log, FAULT_SYNC_FAILED, "close a file");
	return result;
}

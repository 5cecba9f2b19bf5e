/*
 * follow.c - log --follow, tally --follow: the records as they come.
 *
 * One inotify watch on the data directory tells of every log in
 * it; nothing is polled where inotify sees all changes, which over a network
 * it does not.  A followed log is a descriptor and an offset; the buffer is
 * shared.  Whatever wakes us, the same is done for the log concerned:
 *
 *   1. read the open file to its end; where other machines write, open it again, for
 *      only then is seen what they have written;
 *   2. if its name now belongs to another file, wait until no writer is at
 *      work on the old one (a rename does not need the lock) [wait], read what that
 *      one wrote [rest], and go on in the new file;
 *   3. a new file that a compaction of the old one made repeats what was printed
 *      already: it is read from after the snapshot that says so [after].  Any other is
 *      read from its start.
 *
 * Each wake-up reads again from where the last whole line ended: an unfinished
 * one may have been cut off and replaced.  Lines can be taken back after they were printed, where
 * their sync failed, and others can come in their place [back].  So it is remembered up to where no
 * writer takes anything back any more [settled]: what one write brought is taken back by one cut.
 *
 * The words in brackets are steps of tests/model/reader.pml, which tries all that can happen to
 * them.
 */
#include <sys/inotify.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl/follow.h"
#include "base/fault.h"
#include "base/filesystem.h"
#include "base/fingerprint.h"
#include "base/lock.h"
#include "base/time.h"
#include "ctl/ctl.h"
#include "ctl/read.h"
#include "log/compact.h"
#include "log/scan.h"
#include "names.h"
#include "record.h"

#define NEEDLE_COMPACT "\"Snapshot\":\"" SNAPSHOT_COMPACT "\""
#define SETTLE_MILLISECONDS 2000
#define POLL_MILLISECONDS 1000 /* only where inotify does not see all */
#define EVENTS_SIZE 65536

struct followed {
	char *name;
	int fd; /* -1: not open */
	bool known;
	dev_t device; /* of the file that was open last */
	ino_t inode;
	off_t offset;                /* after the last line that was read */
	struct fingerprint last;     /* that line, */
	struct fingerprint readable; /* the last one that was a record, */
	struct fingerprint settled;  /* and the last one whose writer is known to have ended */
	uint64_t number;
};

struct follower {
	struct ctl *ctl;
	const struct follow *follow;
	const char *wanted;    /* the one log's name, or NULL */
	struct followed *logs; /* by name */
	size_t count, size;
	size_t open_count, open_max;
	bool blind;        /* inotify does not tell of what other machines write */
	size_t close_next; /* whose descriptor is the next to be given up */
	struct scan scan;  /* its buffer, for all of them */
};

/* The log of that name, made where it is new, in order of name; NULL: no memory. */
static struct followed *
followed_get(struct follower *follower, const char *name)
{
	struct followed *logs = follower->logs;
	size_t low = 0, high = follower->count;
	char *copy;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(logs[middle].name, name);

		if (order == 0)
			return &logs[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (follower->count == follower->size) {
		size_t size = follower->size == 0 ? 16 : 2 * follower->size;

		logs = realloc(logs, size * sizeof(*logs));
		if (logs == NULL)
			return NULL;
		follower->logs = logs;
		follower->size = size;
	}
	copy = strdup(name);
	if (copy == NULL)
		return NULL;
	memmove(logs + low + 1, logs + low, (follower->count - low) * sizeof(*logs));
	logs[low] = (struct followed){ .name = copy, .fd = -1 };
	follower->count++;
	return &logs[low];
}

/*
 * Goes back where the line that was read last stands there no more.  It was taken back, perhaps
 * with others before it that came by the same write, and other lines may stand in their place.  So it
 * goes back to where nobody took anything back any more.  Where that is moved, too, the log was
 * emptied, or repaired after a power cut: all of it is read again.
 */
static void
followed_check(struct followed *log)
{
	if (fingerprint_holds(&log->last, log->fd) != 0)
		return; /* whoever reads on reports what cannot be read */
	if (fingerprint_holds(&log->settled, log->fd) != 1)
		log->settled = (struct fingerprint){ 0 };
	log->last = log->readable = log->settled;
	log->offset = log->settled.end;
}

/*
 * Remembers what was read as settled where no writer is at work.  Does not wait for one: it would
 * print nothing meanwhile.  The next append sets lines aside that are no records, so they do not
 * count.
 */
static void
followed_settle(struct followed *log)
{
	if (log->settled.end == log->readable.end || lock_try(log->fd, F_RDLCK) != 0)
		return;
	if (fingerprint_holds(&log->readable, log->fd) == 1)
		log->settled = log->readable;
	lock_end(log->fd);
}

/* Takes what is after the log's offset. */
static int
followed_read(struct follower *follower, struct followed *log)
{
	struct ctl *ctl = follower->ctl;
	struct scan *scan = &follower->scan;
	struct item item;
	int result;

	followed_check(log);
	scan->fd = log->fd;
	scan_seek(scan, log->offset, log->number);
	while ((result = scan_next(scan, &item.line, &ctl->fault)) == 1) {
		log->offset = scan_offset(scan);
		line_fingerprint(&item.line, log->offset, &log->last);
		log->number = item.line.number;
		result = ctl_record(ctl, log->name, &item.line, &item.record);
		if (result == 1)
			log->readable = log->last;
		if (result == 1 && ctl_selects(ctl, &item.record))
			result = follower->follow->take(ctl, log->name, &item,
			    follower->follow->context);
		if (result < 0)
			break;
	}
	if (result == 0)
		followed_settle(log);
	return result;
}

/*
 * Goes after the last line that a compaction of the file before wrote, if one
 * did.  Where another came between, what was appended before that is only in
 * the snapshots, and they are printed.
 */
static int
followed_skip(struct follower *follower, struct followed *log)
{
	struct ctl *ctl = follower->ctl;
	struct scan *scan = &follower->scan;
	struct record record;
	struct line line;
	int result;

	scan->fd = log->fd;
	scan_seek(scan, 0, 0);
	while ((result = scan_find(scan, NEEDLE_COMPACT, &line, &ctl->fault)) == 1) {
		result = ctl_record(ctl, log->name, &line, &record);
		if (result == 1 && record.is_snapshot && record.replaces > 0 &&
		    record.replaces == compact_replaces(log->inode)) {
			log->offset = scan_offset(scan);
			line_fingerprint(&line, log->offset, &log->settled);
			log->last = log->readable = log->settled;
		}
		if (result < 0)
			break;
	}
	return result;
}

static void
followed_close(struct follower *follower, struct followed *log)
{
	close(log->fd);
	log->fd = -1;
	follower->open_count--;
}

/*
 * Opens the file that has the log's name: 1; 0 where there is none, -1.
 * Where descriptors are short another log gives its own up, by turns.
 */
static int
followed_open(struct follower *follower, struct followed *log)
{
	struct ctl *ctl = follower->ctl;
	struct scan scan;
	int result;

	while (follower->open_count >= follower->open_max) {
		struct followed *other = &follower->logs[follower->close_next++ % follower->count];

		if (other->fd >= 0)
			followed_close(follower, other);
	}
	result = scan_open_ahead(&scan, ctl->store.data_dir, log->name, &ctl->fault);
	if (result <= 0)
		return result;
	log->fd = scan.fd;
	follower->open_count++;
	if (!log->known || log->device != scan.device || log->inode != scan.inode) {
		log->offset = 0;
		log->last = log->readable = log->settled = (struct fingerprint){ 0 };
		log->number = 0;
		if (log->known)
			result = followed_skip(follower, log);
	}
	log->known = true;
	log->device = scan.device;
	log->inode = scan.inode;
	return result < 0 ? -1 : 1;
}

/*
 * Is the open file still the one of that name?  Where inotify is blind it is opened again, for
 * only then is seen what another machine has written.
 */
static bool
followed_is_named(const struct follower *follower, struct followed *log)
{
	char path[PATH_MAX];
	struct stat status;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", follower->ctl->store.data_dir, log->name);
	if (lstat(path, &status) != 0) {
		if (errno == ENOENT)
			log->known = false; /* what comes next is new, even with its inode */
		return false;               /* else whoever opens it reports that */
	}
	if (!follower->blind)
		return status.st_dev == log->device && status.st_ino == log->inode;
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return true; /* at the next poll */
	if (fstat(fd, &status) != 0 || status.st_dev != log->device ||
	    status.st_ino != log->inode) {
		close(fd);
		return false;
	}
	close(log->fd);
	log->fd = fd;
	return true;
}

/*
 * Reads on in the open file.  1: it is still the log; 0: it is closed, and the log another; -1.
 * One that a server has forgotten (ESTALE) may have held more than was read: so what comes
 * next is printed from its start.
 */
static int
followed_read_open(struct follower *follower, struct followed *log)
{
	int result = followed_read(follower, log);
	bool named = result >= 0 && followed_is_named(follower, log);

	if (named && follower->blind)
		result = followed_read(follower, log);
	if (result >= 0 && !named) {
		lock_wait(log->fd, F_RDLCK, clock_milliseconds() + SETTLE_MILLISECONDS);
		lock_end(log->fd);
		result = followed_read(follower, log);
	}
	if (result < 0 && errno != ESTALE)
		return -1;
	if (result >= 0 && named)
		return 1;
	if (result < 0) {
		log->known = false;
		follower->ctl->fault.code = FAULT_NONE;
	}
	followed_close(follower, log);
	return 0;
}

/* What is done whenever something may have changed; see the top. */
static int
followed_update(struct follower *follower, struct followed *log)
{
	int result = log->fd < 0 ? 0 : followed_read_open(follower, log);

	if (result > 0)
		return 0;
	if (result == 0)
		result = followed_open(follower, log);
	if (result == 1)
		result = followed_read(follower, log);
	/* Of all logs one may be another user's, or not to be read. */
	if (result < 0 && follower->ctl->all && ctl_skip(follower->ctl))
		result = 0;
	return result < 0 ? -1 : 0;
}

/* Every log that there is, for the start and whenever events were lost. */
static int
follow_all(struct follower *follower)
{
	struct ctl *ctl = follower->ctl;
	struct scan_names names;
	int result = 0;

	if (scan_list(ctl->store.data_dir, &names, &ctl->fault) != 0)
		return -1;
	for (size_t i = 0; i < names.count && result == 0; i++) {
		struct followed *log;

		if (follower->wanted != NULL && strcmp(names.names[i], follower->wanted) != 0)
			continue;
		log = followed_get(follower, names.names[i]);
		result = log == NULL ? fault_memory(&ctl->fault) : followed_update(follower, log);
	}
	scan_names_free(&names);
	return result;
}

/* Does what a block of inotify's events asks for: 1, or -1. */
static int
events_take(struct follower *follower, const char *block, size_t length)
{
	struct ctl *ctl = follower->ctl;
	const struct inotify_event *event;

	for (size_t at = 0; at < length; at += sizeof(*event) + event->len) {
		struct followed *log;

		event = (const void *)(block + at);
		if ((event->mask & IN_Q_OVERFLOW) != 0) {
			if (follow_all(follower) != 0)
				return -1;
			continue;
		}
		if ((event->mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED | IN_UNMOUNT)) != 0)
			return fault_set(&ctl->fault, FAULT_DATA_DIR, "%s: has gone",
			    ctl->store.data_dir);
		if (event->len == 0 || !scan_name_is_log(event->name) ||
		    (follower->wanted != NULL && strcmp(event->name, follower->wanted) != 0))
			continue;
		log = followed_get(follower, event->name);
		if (log == NULL)
			return fault_memory(&ctl->fault);
		if (followed_update(follower, log) != 0)
			return -1;
	}
	return 1;
}

static int
follow_loop(struct follower *follower, int notify)
{
	union {
		struct inotify_event align;
		char bytes[EVENTS_SIZE];
	} block;
	const struct follow *follow = follower->follow;
	struct pollfd wake = { .fd = notify, .events = POLLIN };

	for (;;) {
		ssize_t count = 0;
		int ready;

		int rest = follow->rest(follower->ctl, follow->context);

		if (rest != 0)
			return rest < 0 ? -1 : 0;
		ready = poll(&wake, 1, follower->blind ? POLL_MILLISECONDS : follow->wake);
		if (ready > 0)
			count = read(notify, block.bytes, sizeof(block.bytes));
		if ((ready < 0 || count < 0) && errno == EINTR)
			continue;
		if (ready < 0 || count < 0)
			return fault_set(&follower->ctl->fault, FAULT_DATA_DIR, "%s: inotify: %s",
			    follower->ctl->store.data_dir, strerror(errno));
		if (count > 0 && events_take(follower, block.bytes, (size_t)count) < 0)
			return -1;
		if (ready == 0 && follower->blind && follow_all(follower) != 0)
			return -1;
	}
}

/* Each followed log keeps a descriptor, as far as they go: how many may. */
static size_t
descriptors_raise(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return 16;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	return limit.rlim_cur > 32 ? (size_t)limit.rlim_cur - 16 : 16;
}

int
log_follow(struct ctl *ctl, const struct follow *follow)
{
	const uint32_t mask = IN_MODIFY | IN_CLOSE_WRITE | IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM |
	    IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
	char name[STORE_NAME_SIZE];
	struct follower follower = { .ctl = ctl,
		.follow = follow,
		.wanted = ctl->selection.group == NULL ? NULL : name,
		.open_max = descriptors_raise() };
	int notify = inotify_init1(IN_CLOEXEC), result = -1;

	follower.blind = notify < 0 || filesystem_is_remote(ctl->store.data_dir);
	if (ctl->selection.group != NULL)
		store_name_find(ctl->store.data_dir, ctl->selection.group, name);
	if (notify >= 0 && inotify_add_watch(notify, ctl->store.data_dir, mask) < 0) {
		fault_set(&ctl->fault, FAULT_DATA_DIR, "%s: %s", ctl->store.data_dir,
		    strerror(errno));
		goto out;
	}
	if (scan_prepare(&follower.scan, &ctl->fault) == 0 && follow_all(&follower) == 0)
		result = follow_loop(&follower, notify);
out:
	follower.scan.fd = -1;
	scan_close(&follower.scan);
	for (size_t i = 0; i < follower.count; i++) {
		if (follower.logs[i].fd >= 0)
			close(follower.logs[i].fd);
		free(follower.logs[i].name);
	}
	free(follower.logs);
	if (notify >= 0)
		close(notify);
	return result;
}

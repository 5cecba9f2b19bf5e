/*
 * selftest.c - is all right, as far as reading can tell?
 *
 * It is for those who have no shell, and looks with the eyes of the viewer's own process: what that
 * cannot read, no page shows.  It writes nothing and takes no lock, so that writing works it does
 * not say; the receiver's check does what the receiver does.  Nor does it know the receiver's
 * configuration, which holds a token that is none of the viewer's business.
 *
 * All that it reads is bounded: the ends of the logs that changed last.
 */
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "view/selftest.h"
#include "base/base.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/filesystem.h"
#include "base/text.h"
#include "log/growth.h"
#include "log/line.h"
#include "log/scan.h"
#include "mount.h"
#include "names.h"
#include "record.h"
#include "view/directory.h"
#include "view/view.h"

#define LOGS_READ 32
#define TAIL_SIZE ((off_t)128 << 10)
#define LONG_NAME 100 /* bytes: only longer names have a second spelling */
#define EVENTS_MAX 100
#define EVENTS_MIN 5
#define SKEW_WARNED 30 /* seconds; the receiver's max_skew is 60 where nobody has set it */
#define DAY_SECONDS 86400

/* A log that is read, and what is found in all of them. */
struct candidate {
	char name[STORE_NAME_SIZE];
	struct timespec changed;
};

struct look {
	int directory;
	struct candidate newest[LOGS_READ];
	size_t newest_count;
	uint64_t logs, bytes, closed, irregular, torn, twice;
	uint64_t lines, unreadable;
	int64_t last;              /* milliseconds since 1970; -1: no event */
	int64_t skews[EVENTS_MAX]; /* seconds that our clock is ahead of the sender's */
	size_t skew_count;
};

static void found(struct selftest *test, enum verdict verdict, const char *name, const char *format,
    ...) PRINTF_LIKE(4, 5);

static void
found(struct selftest *test, enum verdict verdict, const char *name, const char *format, ...)
{
	struct selftest_point *point = &test->points[test->count];
	va_list arguments;

	if (test->count == SELFTEST_POINTS_MAX)
		return;
	test->count++;
	test->errors += verdict == VERDICT_ERROR;
	test->warnings += verdict == VERDICT_WARNING;
	point->verdict = verdict;
	point->name = name;
	va_start(arguments, format);
	vsnprintf(point->text, sizeof(point->text), format, arguments);
	va_end(arguments);
}

/* the directory's files */

static bool
is_newer(const struct timespec *one, const struct timespec *other)
{
	return one->tv_sec != other->tv_sec ? one->tv_sec > other->tv_sec
					    : one->tv_nsec > other->tv_nsec;
}

/* Keeps the log if it is among the newest, in the place of the oldest of those. */
static void
newest_take(struct look *look, const char *name, const struct timespec *changed)
{
	struct candidate *oldest = &look->newest[0];

	if (look->newest_count < LOGS_READ) {
		oldest = &look->newest[look->newest_count++];
	} else {
		for (size_t i = 1; i < LOGS_READ; i++)
			if (is_newer(&oldest->changed, &look->newest[i].changed))
				oldest = &look->newest[i];
		if (!is_newer(changed, &oldest->changed))
			return;
	}
	snprintf(oldest->name, sizeof(oldest->name), "%s", name);
	oldest->changed = *changed;
}

/* Opens a log as every page does; -1: errno. */
static int
log_open(const struct look *look, const char *name)
{
	return openat(look->directory, name,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

/* The lines of an open log from offset on, at most TAIL_SIZE; for free().  NULL: none, or no memory. */
static char *
lines_read(int fd, off_t offset, size_t *length)
{
	struct stat status;
	char *bytes;

	if (fstat(fd, &status) != 0 || status.st_size <= offset)
		return NULL;
	*length =
	    (size_t)(status.st_size - offset < TAIL_SIZE ? status.st_size - offset : TAIL_SIZE);
	bytes = malloc(*length + 1);
	if (bytes != NULL && file_read(fd, bytes, *length, offset) == 0)
		return bytes;
	free(bytes);
	return NULL;
}

/* Has the group of that log another one, under the other spelling of its name? */
static void
spellings_look(struct look *look, const char *name)
{
	char group[GROUP_ID_MAX + 1], other[STORE_NAME_SIZE];
	struct stat status;

	if (directory_group(name, group) != DIRECTORY_GROUP)
		return;
	store_name_short(group, other);
	look->twice += strcmp(name, other) != 0 &&
	    fstatat(look->directory, other, &status, AT_SYMLINK_NOFOLLOW) == 0;
}

static void
log_look(struct look *look, const char *name)
{
	struct stat status;

	if (fstatat(look->directory, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
		return;
	look->logs++;
	if (!S_ISREG(status.st_mode)) {
		look->irregular++;
		return;
	}
	look->bytes += (uint64_t)status.st_size;
	if (faccessat(look->directory, name, R_OK, AT_EACCESS) != 0) {
		look->closed++;
		return;
	}
	if (status.st_size > 0)
		newest_take(look, name, &status.st_mtim);
	if (strlen(name) > LONG_NAME)
		spellings_look(look, name);
}

static bool
name_ends(const char *name, const char *ending)
{
	size_t length = strlen(name), end = strlen(ending);

	return length > end && strcmp(name + length - end, ending) == 0;
}

/* -1: errno. */
static int
directory_look(struct look *look)
{
	int fd = openat(look->directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *directory = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (directory == NULL) {
		if (fd >= 0)
			close(fd);
		return -1;
	}
	while ((entry = readdir(directory)) != NULL) {
		if (scan_name_is_log(entry->d_name))
			log_look(look, entry->d_name);
		else
			look->torn += name_ends(entry->d_name, ".torn");
	}
	closedir(directory);
	return 0;
}

/* the logs' ends */

static void
record_look(struct look *look, const struct record *record)
{
	if (record->is_snapshot || record->time < 0)
		return;
	if (record->time > look->last)
		look->last = record->time;
	if (record->event.event_time == 0)
		return;
	look->skews[look->skew_count % EVENTS_MAX] =
	    (record->time - (int64_t)record->event.event_time) / 1000;
	look->skew_count++;
}

/* Reads the whole lines of a log's end. */
static void
tail_look(struct look *look, const char *name)
{
	struct line_reader reader = { 0 };
	struct record record;
	struct fault fault;
	struct stat status;
	size_t length = 0;
	int fd = log_open(look, name);
	off_t start = fd >= 0 && fstat(fd, &status) == 0 && status.st_size > TAIL_SIZE
	    ? status.st_size - TAIL_SIZE
	    : 0;
	char *bytes = fd < 0 ? NULL : lines_read(fd, start, &length);
	const char *at = bytes, *end = bytes == NULL ? NULL : bytes + length, *newline;

	/* What is before the first newline may be the rest of a line. */
	if (start > 0 && at != NULL)
		at = (newline = memchr(at, '\n', length)) == NULL ? end : newline + 1;
	while (at != NULL && (newline = memchr(at, '\n', (size_t)(end - at))) != NULL) {
		struct line line = { .bytes = at, .length = (size_t)(newline - at) };

		int is_record = line_record(&reader, &line, &record, &fault);

		look->lines++;
		look->unreadable += is_record == 0;
		if (is_record == 1)
			record_look(look, &record);
		at = newline + 1;
	}
	line_reader_free(&reader);
	free(bytes);
	if (fd >= 0)
		close(fd);
}

/* what is said of it */

static void
ages_print(int64_t seconds, char text[48])
{
	if (seconds < 120)
		snprintf(text, 48, "%lld seconds", (long long)(seconds < 0 ? 0 : seconds));
	else if (seconds < 7200)
		snprintf(text, 48, "%lld minutes", (long long)seconds / 60);
	else if (seconds < 2LL * DAY_SECONDS)
		snprintf(text, 48, "%lld hours", (long long)seconds / 3600);
	else
		snprintf(text, 48, "%lld days", (long long)seconds / DAY_SECONDS);
}

static int
number_compare(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

/* How far our clock is from the sender's: the middle one of what the last events say. */
static void
clock_tell(struct selftest *test, struct look *look)
{
	size_t count = look->skew_count < EVENTS_MAX ? look->skew_count : EVENTS_MAX;
	int64_t skew;

	if (count < EVENTS_MIN)
		return;
	qsort(look->skews, count, sizeof(look->skews[0]), number_compare);
	skew = look->skews[count / 2];
	if (skew > DAY_SECONDS || skew < -DAY_SECONDS)
		return; /* these events' times are no times of the clock */
	if (skew > SKEW_WARNED || skew < -SKEW_WARNED)
		found(test, VERDICT_WARNING, "clock",
		    "%lld s %s the sender's, by the EventTime of the last %zu events: if it is "
		    "more than max_skew (60 s, unless msgext.conf says otherwise), signed events "
		    "are refused (ask the host to set the clock)",
		    (long long)(skew < 0 ? -skew : skew), skew < 0 ? "behind" : "ahead of", count);
	else
		found(test, VERDICT_OK, "clock", "agrees with the sender's, by the last %zu events",
		    count);
}

static void
events_tell(struct selftest *test, struct look *look, int64_t now)
{
	char age[48];

	if (look->last < 0) {
		found(test, VERDICT_WARNING, "last event", "none has been stored yet");
	} else {
		ages_print((now - look->last) / 1000, age);
		found(test, VERDICT_OK, "last event", "%s ago", age);
	}
	if (look->unreadable > 0)
		found(test, VERDICT_WARNING, "lines",
		    "%llu of the last %llu could not be read (msgextctl verify says which and why)",
		    (unsigned long long)look->unreadable, (unsigned long long)look->lines);
	else if (look->lines > 0)
		found(test, VERDICT_OK, "lines", "the last %llu of the newest logs could be read",
		    (unsigned long long)look->lines);
	clock_tell(test, look);
}

static void
logs_tell(struct selftest *test, const struct look *look)
{
	char bytes[BYTES_SIZE];

	bytes_print(look->bytes, bytes);
	if (look->closed > 0)
		found(test, VERDICT_ERROR, "logs",
		    "this process cannot read %llu: it must run as their owner, or in their group "
		    "with file_mode = 0640 in msgext.conf",
		    (unsigned long long)look->closed);
	if (look->irregular > 0)
		found(test, VERDICT_WARNING, "logs", "not regular files, so not read: %llu",
		    (unsigned long long)look->irregular);
	if (look->twice > 0)
		found(test, VERDICT_WARNING, "logs",
		    "groups with two logs, one for each spelling of a long name (only one is "
		    "read): %llu",
		    (unsigned long long)look->twice);
	if (look->torn > 0)
		found(test, VERDICT_WARNING, "logs",
		    "broken ends after a crash, moved to .torn files (no sender got OK for them): "
		    "%llu",
		    (unsigned long long)look->torn);
	if (look->closed == 0 && look->irregular == 0)
		found(test, VERDICT_OK, "logs", "groups: %llu; %s", (unsigned long long)look->logs,
		    bytes);
}

/* Whose it is, and what its mode lets others do. */
static void
owner_tell(struct selftest *test, const char *data_dir, const struct stat *status)
{
	unsigned mode = (unsigned)status->st_mode & 07777;

	if ((mode & 02) != 0)
		found(test, VERDICT_ERROR, "data_dir",
		    "%s: everyone can write to it, and the receiver refuses that (chmod o-w it)",
		    data_dir);
	else if ((mode & 020) != 0)
		found(test, VERDICT_WARNING, "data_dir",
		    "%s: its group can write to it, and so replace logs (chmod g-w it)", data_dir);
	else if ((mode & 05) != 0)
		found(test, VERDICT_WARNING, "data_dir", "%s: others can enter it (chmod o= it)",
		    data_dir);
	else
		found(test, VERDICT_OK, "data_dir", "%s: mode %04o", data_dir, mode);
	if (status->st_uid == geteuid())
		found(test, VERDICT_OK, "user", "%lu, the owner of the data directory",
		    (unsigned long)geteuid());
	else
		found(test, VERDICT_OK, "user",
		    "%lu; the data directory belongs to %lu, so logs must be readable by its group",
		    (unsigned long)geteuid(), (unsigned long)status->st_uid);
}

static void
space_tell(struct selftest *test, int directory, const struct view *view)
{
	struct space_point points[SPACE_POINTS_MAX];
	size_t count = space_points(points, directory, view->config->data_dir, view->now);

	for (size_t i = 0; i < count; i++)
		found(test, points[i].verdict, points[i].name, "%s", points[i].text);
}

/* Of the mount a process under Landlock learns no options: that is no reason for a warning. */
static void
mount_tell(struct selftest *test, int directory)
{
	char text[MOUNT_TEXT_SIZE];
	struct mount mount;
	const struct filesystem *kind;
	enum verdict verdict;

	mount_find(&mount, directory);
	kind = filesystem_find(mount.magic);
	verdict = mount_judge(&mount, text);
	if (mount.options == NULL && kind != NULL && !kind->remote && kind->warning == NULL)
		found(test, VERDICT_OK, "file system",
		    "%s; the receiver's check says how it is mounted", kind->name);
	else
		found(test, verdict, "file system", "%s", text);
	mount_free(&mount);
}

static void
data_dir_look(struct selftest *test, const struct view *view)
{
	struct look look = { .last = -1 };
	const char *data_dir = view->config->data_dir;
	struct stat status;

	look.directory = open(data_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (look.directory < 0 || fstat(look.directory, &status) != 0 ||
	    directory_look(&look) != 0) {
		found(test, VERDICT_ERROR, "data_dir",
		    "%s: %s, for user %lu, who runs this program", data_dir, strerror(errno),
		    (unsigned long)geteuid());
		goto out;
	}
	owner_tell(test, data_dir, &status);
	logs_tell(test, &look);
	for (size_t i = 0; i < look.newest_count; i++)
		tail_look(&look, look.newest[i].name);
	/* Where every last line is longer than what was read, the logs' times must do. */
	for (size_t i = 0; look.lines == 0 && i < look.newest_count; i++)
		if (look.newest[i].changed.tv_sec * INT64_C(1000) > look.last)
			look.last = look.newest[i].changed.tv_sec * INT64_C(1000);
	events_tell(test, &look, view->now);
	space_tell(test, look.directory, view);
	mount_tell(test, look.directory);
out:
	if (look.directory >= 0)
		close(look.directory);
}

/* Can this process open what is none of its business? */
static void
landlock_look(struct selftest *test)
{
	int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 && errno == EACCES) {
		found(test, VERDICT_OK, "Landlock",
		    "this process can open only the data directory's files");
		return;
	}
	found(test, VERDICT_WARNING, "Landlock",
	    "not available here (Linux 5.13 or later has it): this process can open whatever its "
	    "user can");
	if (fd >= 0)
		close(fd);
}

static void
config_look(struct selftest *test, const struct view *view)
{
	const struct view_config *config = view->config;
	int minutes = config->timezone < 0 ? -config->timezone : config->timezone;

	if (view->secure)
		found(test, VERDICT_OK, "https", "this page came encrypted");
	else
		found(test, VERDICT_WARNING, "https",
		    "this page came unencrypted, and passwords do too: use https (behind a proxy "
		    "with https: https = yes in view.conf)");
	found(test, VERDICT_OK, "sign-in",
	    config->password == NULL   ? "the web server asks for the password (trust_server)"
		: config->trust_server ? "by password, or by the web server (trust_server)"
				       : "by password");
	if (config->link_keys.count > 1)
		found(test, VERDICT_OK, "links",
		    "%zu keys: when the old links have expired, remove the last link_key",
		    config->link_keys.count);
	else
		found(test, VERDICT_OK, "links", "live for %llu days at most (link_days)",
		    (unsigned long long)config->link_days);
	found(test, VERDICT_OK, "time zone", "UTC%c%02d:%02d", config->timezone < 0 ? '-' : '+',
	    minutes / 60, minutes % 60);
}

void
selftest_run(struct selftest *test, const struct view *view)
{
	test->count = 0;
	test->errors = test->warnings = 0;
	data_dir_look(test, view);
	config_look(test, view);
	landlock_look(test);
	found(test, VERDICT_OK, "writing",
	    "not tested here, because this program writes nothing (the receiver's check tests it)");
}

/*
 * growth.c - how fast the logs grow, and how long the space will last.
 *
 * Each line begins with the time of its receipt.  The lines of a log are in that order, but for a
 * clock that stepped, or a compaction, which leaves a snapshot of each message in the order of
 * their numbers.  So a small log is read whole, in whatever order it is; in a large one the first
 * line of the week is looked for by halving, and what follows it counts.  The largest logs are
 * looked at, and the others, where there are that many, are taken to have grown like them.
 *
 * It is an estimate, and read only where the space is low.
 */
#include "log/growth.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/file.h"
#include "base/space.h"
#include "base/text.h"
#include "base/time.h"
#include "log/scan.h"
#include "store/options.h"

#define DAY_MILLISECONDS INT64_C(86400000)
#define LOGS_MAX 1000                /* that are looked at */
#define SMALL_SIZE ((off_t)64 << 10) /* a log that is read whole */
#define BLOCK_SIZE 4096
#define LINES_PASSED_MAX 64 /* without a time */
#define SPACE_NONE 1000000  /* bytes: less is as good as nothing */

#define LINE_BEGIN "{\"time\":\""
#define LINE_TIME_LENGTH 24
#define LINE_HEAD (sizeof(LINE_BEGIN) - 1 + LINE_TIME_LENGTH)

/* A log that changed within the week. */
struct changed {
	char *name;
	off_t size;
};

struct measuring {
	int directory;
	int64_t since;
	int64_t oldest; /* the time of a line; INT64_MAX: none was seen */
	struct changed *logs;
	size_t count, size;
};

/* A log's bytes. */
struct text {
	int fd;
	off_t size;
};

/* lines */

/* The time that a line begins with, or -1. */
static int64_t
line_time(const char *line, size_t length)
{
	char time[LINE_TIME_LENGTH + 1];

	if (length < LINE_HEAD || memcmp(line, LINE_BEGIN, sizeof(LINE_BEGIN) - 1) != 0)
		return -1;
	memcpy(time, line + sizeof(LINE_BEGIN) - 1, LINE_TIME_LENGTH);
	time[LINE_TIME_LENGTH] = '\0';
	return time_parse(time);
}

/* The offset of the first line that begins at or after start and before end; end: there is none. */
static off_t
line_begin(const struct text *text, off_t start, off_t end)
{
	char block[BLOCK_SIZE];
	const off_t none = end;
	off_t at = start - 1; /* its newline may be right before */

	if (start == 0)
		return 0;
	/* No line of ours is longer. */
	if (end - at > LINE_SIZE_MAX)
		end = at + LINE_SIZE_MAX;
	while (at < end) {
		size_t length = end - at < BLOCK_SIZE ? (size_t)(end - at) : BLOCK_SIZE;
		const char *newline;

		if (file_read(text->fd, block, length, at) != 0)
			return none;
		newline = memchr(block, '\n', length);
		if (newline != NULL)
			return at + (newline - block) + 1;
		at += (off_t)length;
	}
	return none;
}

/* Likewise, of the first line that has a time; time: which. */
static off_t
timed_begin(const struct text *text, off_t start, off_t end, int64_t *time)
{
	char head[LINE_HEAD];
	off_t at = line_begin(text, start, end);

	*time = -1;
	for (int i = 0; at < end && i < LINES_PASSED_MAX; i++) {
		size_t length =
		    text->size - at < (off_t)LINE_HEAD ? (size_t)(text->size - at) : LINE_HEAD;

		if (file_read(text->fd, head, length, at) != 0)
			return end;
		*time = line_time(head, length);
		if (*time >= 0)
			return at;
		at = line_begin(text, at + 1, end);
	}
	return end;
}

/* logs */

static void
oldest_take(struct measuring *measuring, int64_t time)
{
	if (time >= 0 && time < measuring->oldest)
		measuring->oldest = time;
}

/* The bytes of a large log that follow the first line of the week. */
static uint64_t
large_grown(struct measuring *measuring, const struct text *text)
{
	off_t low = 0, high = text->size, first = text->size;
	int64_t time;

	timed_begin(text, 0, text->size, &time);
	oldest_take(measuring, time);
	while (low < high) {
		off_t middle = low + (high - low) / 2;
		off_t at = timed_begin(text, middle, high, &time);

		if (at < high && time < measuring->since) {
			low = at + 1;
			continue;
		}
		if (at < high)
			first = at;
		high = middle;
	}
	return (uint64_t)(text->size - first);
}

/* The bytes of a small log's lines of the week. */
static uint64_t
small_grown(struct measuring *measuring, const struct text *text)
{
	char *bytes = malloc((size_t)text->size);
	const char *at = bytes, *end, *newline;
	uint64_t grown = 0;

	if (bytes == NULL || file_read(text->fd, bytes, (size_t)text->size, 0) != 0)
		goto out;
	for (end = bytes + text->size; at < end; at = newline + 1) {
		int64_t time;

		newline = memchr(at, '\n', (size_t)(end - at));
		if (newline == NULL)
			break;
		time = line_time(at, (size_t)(newline - at));
		oldest_take(measuring, time);
		if (time >= measuring->since)
			grown += (uint64_t)(newline + 1 - at);
	}
out:
	free(bytes);
	return grown;
}

static uint64_t
log_grown(struct measuring *measuring, const struct changed *log)
{
	struct text text = { .size = log->size };
	uint64_t grown;

	text.fd = openat(measuring->directory, log->name,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (text.fd < 0)
		return 0;
	grown =
	    log->size <= SMALL_SIZE ? small_grown(measuring, &text) : large_grown(measuring, &text);
	close(text.fd);
	return grown;
}

/* Keeps a log for later, if it changed within the week.  -1: no memory. */
static int
log_take(struct measuring *measuring, char *name)
{
	struct stat status;

	if (fstatat(measuring->directory, name, &status, AT_SYMLINK_NOFOLLOW) != 0 ||
	    !S_ISREG(status.st_mode) || status.st_size == 0)
		return 0;
	if ((int64_t)status.st_mtime < measuring->since / 1000) {
		measuring->oldest = 0;
		return 0;
	}
	if (measuring->count == measuring->size) {
		size_t size = measuring->size == 0 ? 64 : 2 * measuring->size;
		struct changed *larger = realloc(measuring->logs, size * sizeof(*larger));

		if (larger == NULL)
			return -1;
		measuring->logs = larger;
		measuring->size = size;
	}
	measuring->logs[measuring->count++] = (struct changed){ name, status.st_size };
	return 0;
}

static int
compare_size(const void *a, const void *b)
{
	const struct changed *left = a, *right = b;

	return (left->size < right->size) - (left->size > right->size);
}

/* What all that changed have grown by. */
static uint64_t
logs_grown(struct measuring *measuring)
{
	double grown = 0, looked = 0, others = 0;

	if (measuring->count > 0)
		qsort(measuring->logs, measuring->count, sizeof(*measuring->logs), compare_size);
	for (size_t i = 0; i < measuring->count; i++) {
		if (i >= LOGS_MAX) {
			others += (double)measuring->logs[i].size;
			continue;
		}
		looked += (double)measuring->logs[i].size;
		grown += (double)log_grown(measuring, &measuring->logs[i]);
	}
	return (uint64_t)(looked > 0 ? grown + grown / looked * others : 0);
}

int
growth_measure(struct growth *growth, const char *data_dir, int64_t now, struct fault *fault)
{
	struct measuring measuring = { .since = now - GROWTH_DAYS * DAY_MILLISECONDS,
		.oldest = INT64_MAX };
	struct scan_names names = { 0 };
	int result = -1;

	*growth = (struct growth){ .milliseconds = GROWTH_DAYS * DAY_MILLISECONDS };
	measuring.directory = open(data_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (measuring.directory < 0) {
		fault_set(fault, FAULT_DATA_DIR, "%s: %s", data_dir, strerror(errno));
		goto out;
	}
	if (scan_list(data_dir, &names, fault) != 0)
		goto out;
	for (size_t i = 0; i < names.count; i++)
		if (log_take(&measuring, names.names[i]) != 0) {
			fault_memory(fault);
			goto out;
		}
	growth->bytes = logs_grown(&measuring);
	/* What began within the week has not had a week. */
	if (measuring.oldest > measuring.since && measuring.oldest < INT64_MAX)
		growth->milliseconds = now - measuring.oldest;
	if (growth->milliseconds < DAY_MILLISECONDS)
		growth->milliseconds = DAY_MILLISECONDS;
	result = 0;
out:
	if (measuring.directory >= 0)
		close(measuring.directory);
	free(measuring.logs);
	scan_names_free(&names);
	return result;
}

/* what is said of it */

#define LASTS_SIZE 128

/* How long so many bytes will last: "; at the rate ..., that is enough for 30 days", or "". */
static void
lasts_print(const char *data_dir, int64_t now, uint64_t left, char text[LASTS_SIZE])
{
	char rate[BYTES_SIZE];
	struct growth growth;
	struct fault ignored;
	double a_day, days;

	text[0] = '\0';
	if (growth_measure(&growth, data_dir, now, &ignored) != 0)
		return;
	a_day = (double)growth.bytes / ((double)growth.milliseconds / (double)DAY_MILLISECONDS);
	if (a_day < 1) {
		snprintf(text, LASTS_SIZE, "; the logs did not grow in the last week");
		return;
	}
	days = (double)left / a_day;
	bytes_print((uint64_t)a_day, rate);
	if (days >= 3650)
		snprintf(text, LASTS_SIZE,
		    "; at the rate of the last week, %s a day, it lasts for more than 10 years",
		    rate);
	else
		snprintf(text, LASTS_SIZE,
		    "; at the rate of the last week, %s a day, it lasts for %.0f %s", rate,
		    days >= 730     ? days / 365
			: days >= 2 ? days
				    : days * 24,
		    days >= 730     ? "years"
			: days >= 2 ? "days"
				    : "hours");
}

/* Of bytes.  unsure: what is to be added where all is well. */
static struct space_point
bytes_point(const struct space_part *part, const char *name, const char *lasts, const char *unsure)
{
	struct space_point point = { .name = name };
	char left[BYTES_SIZE], most[BYTES_SIZE];
	bool low = space_is_low(part);

	bytes_print(space_left(part), left);
	bytes_print(part->most, most);
	point.verdict = space_left(part) < SPACE_NONE ? VERDICT_ERROR
	    : low                                     ? VERDICT_WARNING
						      : VERDICT_OK;
	if (low)
		snprintf(point.text, sizeof(point.text),
		    "%s of %s are left, %u %% are used%s (msgextctl archive --all --before 90d "
		    "makes logs smaller)",
		    left, most, space_percent(part), lasts);
	else
		snprintf(point.text, sizeof(point.text), "%s of %s are left%s", left, most, unsure);
	return point;
}

static struct space_point
files_point(const struct space_part *part, const char *name)
{
	struct space_point point = { .verdict = VERDICT_WARNING, .name = name };

	snprintf(point.text, sizeof(point.text),
	    "%llu further files fit (inodes), %u %% are used: each new group needs one",
	    (unsigned long long)space_left(part), space_percent(part));
	return point;
}

size_t
space_points(struct space_point points[SPACE_POINTS_MAX], int directory, const char *data_dir,
    int64_t now)
{
	struct space space;
	char disk_lasts[LASTS_SIZE] = "", quota_lasts[LASTS_SIZE] = "";
	size_t count = 0;

	space_look(&space, directory);
	if (space_is_low(&space.disk))
		lasts_print(data_dir, now, space_left(&space.disk), disk_lasts);
	if (space_is_low(&space.quota))
		lasts_print(data_dir, now, space_left(&space.quota), quota_lasts);
	if (space.disk.most > 0)
		points[count++] = bytes_point(&space.disk, "space", disk_lasts,
		    space.quota_known ? "" : " (a quota may allow less)");
	else
		points[count++] = (struct space_point){ VERDICT_WARNING, "space",
			"is not known: the file system does not tell" };
	if (space.quota.most > 0)
		points[count++] = bytes_point(&space.quota, "quota", quota_lasts, "");
	if (space_is_low(&space.disk_files))
		points[count++] = files_point(&space.disk_files, "space");
	if (space_is_low(&space.quota_files))
		points[count++] = files_point(&space.quota_files, "quota");
	return count;
}

/*
 * repairs.c - what msgext-repair could not repair, and what its last run did.
 *
 * The file is a help to memory and nothing more: without it, the vendor is asked again.  So a line
 * that cannot be read is skipped, and the next run writes the file without it.  Nor is more written
 * than would be read.
 *
 * A line is found by its beginning, {"GroupId":...,"MsgSeq":N, which is spelt in one way: no
 * parser is needed.
 */
#include "log/repairs.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/file.h"
#include "base/text.h"
#include "base/time.h"
#include "record.h"
#include "store/options.h"
#include "store/replace.h"

#define FILE_SIZE_MAX (64 << 20)
#define HEAD_SIZE 200
#define LINE_SIZE (6 * GROUP_ID_MAX + REPAIR_REASON_SIZE + 200)
#define TIME_LENGTH 24

struct repairs_entry {
	char *key; /* the line's beginning */
	struct repair repair;
};

/* reading */

static bool
number_take(const char **at, const char *name, uint64_t *number)
{
	size_t digits;

	if (!text_skip(at, name))
		return false;
	digits = strspn(*at, "0123456789");
	if (!integer_parse(*at, digits, number))
		return false;
	*at += digits;
	return true;
}

static bool
time_take(const char **at, const char *name, int64_t *time)
{
	char text[TIME_LENGTH + 1];

	if (!text_skip(at, name) || memchr(*at, '\0', TIME_LENGTH) != NULL)
		return false;
	memcpy(text, *at, TIME_LENGTH);
	text[TIME_LENGTH] = '\0';
	*time = time_parse(text);
	*at += TIME_LENGTH;
	return *time >= 0 && text_skip(at, "\"");
}

/* The line's beginning ends at *end, which is after the message's number. */
static bool
key_take(const char *line, const char **end)
{
	static const char middle[] = "\",\"MsgSeq\":"; /* no string's inside has it */
	uint64_t number;

	if (strncmp(line, "{\"GroupId\":\"", 12) != 0)
		return false;
	*end = strstr(line + 11, middle);
	return *end != NULL && number_take(end, middle, &number) && text_skip(end, ",");
}

/* Takes a line of a message: -1: no memory. */
static int
entry_take(struct repairs *repairs, const char *line)
{
	struct repairs_entry entry = { 0 };
	const char *at, *end;

	if (!key_take(line, &at) || (size_t)(at - line) >= LINE_SIZE)
		return 0;
	end = at;
	if (!number_take(&at, "\"ErrorCode\":", &entry.repair.code) ||
	    !time_take(&at, ",\"time\":\"", &entry.repair.asked) ||
	    !text_skip(&at, ",\"Reason\":\""))
		return 0;
	if (strcspn(at, "\"\\") >= REPAIR_REASON_SIZE)
		return 0;
	memcpy(entry.repair.reason, at, strcspn(at, "\"\\"));
	at += strlen(entry.repair.reason);
	if (strcmp(at, "\"}") != 0)
		return 0;
	entry.key = strndup(line, (size_t)(end - line));
	if (entry.key == NULL)
		return -1;
	if (repairs->count == repairs->size) {
		size_t size = repairs->size == 0 ? 64 : 2 * repairs->size;
		struct repairs_entry *larger = realloc(repairs->entries, size * sizeof(*larger));

		if (larger == NULL) {
			free(entry.key);
			return -1;
		}
		repairs->entries = larger;
		repairs->size = size;
	}
	repairs->entries[repairs->count++] = entry;
	return 0;
}

/* Takes the first line; false: it is another one. */
static bool
head_take(struct repairs *repairs, const char *line)
{
	struct repairs read = *repairs;

	if (!time_take(&line, "{\"Ended\":\"", &read.ended) ||
	    !number_take(&line, ",\"Calls\":", &read.calls) ||
	    !number_take(&line, ",\"Repaired\":", &read.repaired) ||
	    !number_take(&line, ",\"Left\":", &read.left) || strcmp(line, "}") != 0)
		return false;
	*repairs = read;
	return true;
}

/* Takes a line that an earlier version skips, and need not have written. */
static void
note_take(struct repairs *repairs, const char *line)
{
	int64_t time;
	size_t length;

	if (text_skip(&line, "{\"SignatureEnds\":")) {
		if (time_take(&line, "\"", &time) && strcmp(line, "}") == 0)
			repairs->signature_ends = time;
		return;
	}
	if (!text_skip(&line, "{\"Failed\":\""))
		return;
	length = strspn(line, "abcdefghijklmnopqrstuvwxyz-");
	if (length == 0 || length >= REPAIR_SLUG_SIZE)
		return;
	memcpy(repairs->failed, line, length);
	repairs->failed[length] = '\0';
	line += length;
	if (time_take(&line, "\",\"Since\":\"", &time) && strcmp(line, "}") == 0)
		repairs->failed_since = time;
	else
		repairs->failed[0] = '\0';
}

static int
entry_compare(const void *a, const void *b)
{
	const struct repairs_entry *left = a, *right = b;

	return strcmp(left->key, right->key);
}

/* Reads the file, with a NUL at its end; NULL: there is none, or fault. */
static char *
text_load(const char *data_dir, struct fault *fault)
{
	char path[PATH_MAX], *text = NULL;
	struct stat status;
	int length = snprintf(path, sizeof(path), "%s/" REPAIRS_NAME, data_dir), fd;

	if (length < 0 || (size_t)length >= sizeof(path)) {
		fault_set(fault, FAULT_OPEN_FAILED, "data_dir: the path is too long");
		return NULL;
	}
	fd = openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY);
	if (fd < 0 && errno == ENOENT)
		return NULL;
	if (fd < 0 || fstat(fd, &status) != 0) {
		fault_set(fault, FAULT_OPEN_FAILED, REPAIRS_NAME ": %s", strerror(errno));
		goto out;
	}
	if (!S_ISREG(status.st_mode) || status.st_size > FILE_SIZE_MAX) {
		fault_set(fault, FAULT_OPEN_FAILED,
		    REPAIRS_NAME ": is not a file of at most 64 MiB (remove it)");
		goto out;
	}
	text = calloc(1, (size_t)status.st_size + 1);
	if (text == NULL) {
		fault_memory(fault);
	} else if (file_read(fd, text, (size_t)status.st_size, 0) != 0) {
		fault_set(fault, FAULT_OPEN_FAILED, REPAIRS_NAME ": %s", strerror(errno));
		free(text);
		text = NULL;
	}
out:
	if (fd >= 0)
		close(fd);
	return text;
}

int
repairs_read(struct repairs *repairs, const char *data_dir, struct fault *fault)
{
	char *text, *line, *newline;
	int result = -1;

	*repairs = (struct repairs){ .ended = -1 };
	fault->code = FAULT_NONE;
	text = text_load(data_dir, fault);
	if (text == NULL)
		return fault->code == FAULT_NONE ? 0 : -1;
	for (line = text; (newline = strchr(line, '\n')) != NULL; line = newline + 1) {
		*newline = '\0';
		if (line == text && head_take(repairs, line))
			continue;
		note_take(repairs, line);
		if (entry_take(repairs, line) != 0) {
			fault_memory(fault);
			goto out;
		}
	}
	if (repairs->count > 0)
		qsort(repairs->entries, repairs->count, sizeof(*repairs->entries), entry_compare);
	result = 0;
out:
	free(text);
	if (result != 0)
		repairs_free(repairs);
	return result;
}

static void
key_print(char key[LINE_SIZE], const char *group_id, uint64_t msg_seq)
{
	size_t length = (size_t)sprintf(key, "{\"GroupId\":");

	length += json_quote(key + length, group_id, strlen(group_id));
	sprintf(key + length, ",\"MsgSeq\":%llu,", (unsigned long long)msg_seq);
}

const struct repair *
repairs_find(const struct repairs *repairs, const char *group_id, uint64_t msg_seq)
{
	char key[LINE_SIZE];
	const struct repairs_entry wanted = { .key = key }, *found;

	if (repairs->count == 0 || strlen(group_id) > GROUP_ID_MAX)
		return NULL;
	key_print(key, group_id, msg_seq);
	found = bsearch(&wanted, repairs->entries, repairs->count, sizeof(wanted), entry_compare);
	return found == NULL ? NULL : &found->repair;
}

uint64_t
repairs_count(const struct repairs *repairs)
{
	return repairs->count;
}

/* writing */

int
repairs_add(struct repairs *repairs, const char *group_id, uint64_t msg_seq,
    const struct repair *repair)
{
	char line[LINE_SIZE], time[TIME_SIZE], reason[REPAIR_REASON_SIZE];
	size_t i, length;

	if (strlen(group_id) > GROUP_ID_MAX)
		return 0;
	for (i = 0; repair->reason[i] != '\0'; i++) {
		reason[i] = repair->reason[i];
		if (reason[i] == '"')
			reason[i] = '\'';
		else if (reason[i] == '\\')
			reason[i] = '/';
		else if (reason[i] < ' ' || reason[i] > '~')
			reason[i] = '?';
	}
	reason[i] = '\0';
	key_print(line, group_id, msg_seq);
	length = strlen(line);
	time_print(repair->asked, time);
	snprintf(line + length, sizeof(line) - length,
	    "\"ErrorCode\":%llu,\"time\":\"%s\",\"Reason\":\"%s\"}",
	    (unsigned long long)repair->code, time, reason);
	return entry_take(repairs, line);
}

/* Writes the lines to the new file, as many as a reader takes. */
static int
lines_write(const struct repairs *repairs, FILE *file)
{
	char time[TIME_SIZE];
	long written = 0;

	time_print(repairs->ended < 0 ? 0 : repairs->ended, time);
	fprintf(file, "{\"Ended\":\"%s\",\"Calls\":%llu,\"Repaired\":%llu,\"Left\":%llu}\n", time,
	    (unsigned long long)repairs->calls, (unsigned long long)repairs->repaired,
	    (unsigned long long)repairs->left);
	if (repairs->failed[0] != '\0') {
		time_print(repairs->failed_since, time);
		fprintf(file, "{\"Failed\":\"%s\",\"Since\":\"%s\"}\n", repairs->failed, time);
	}
	if (repairs->signature_ends > 0) {
		time_print(repairs->signature_ends, time);
		fprintf(file, "{\"SignatureEnds\":\"%s\"}\n", time);
	}
	for (size_t i = 0; i < repairs->count && written < FILE_SIZE_MAX - 2 * LINE_SIZE; i++) {
		const struct repair *repair = &repairs->entries[i].repair;

		time_print(repair->asked, time);
		written +=
		    fprintf(file, "%s\"ErrorCode\":%llu,\"time\":\"%s\",\"Reason\":\"%s\"}\n",
			repairs->entries[i].key, (unsigned long long)repair->code, time,
			repair->reason);
	}
	return fflush(file) == 0 && !ferror(file) ? 0 : -1;
}

int
repairs_write(struct repairs *repairs, const struct store_options *options, struct fault *fault)
{
	char path[PATH_MAX], other[PATH_MAX];
	int length = snprintf(path, sizeof(path), "%s/" REPAIRS_NAME, options->data_dir);
	int longer = snprintf(other, sizeof(other), "%s/" REPAIRS_NAME ".new", options->data_dir);
	FILE *file = NULL;
	int fd, result = -1;

	if (length < 0 || longer < 0 || (size_t)longer >= sizeof(other))
		return fault_set(fault, FAULT_OPEN_FAILED, "data_dir: the path is too long");
	fd = openat(AT_FDCWD, other,
	    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY,
	    options->file_mode);
	if (fd < 0)
		return fault_set(fault, FAULT_OPEN_FAILED, REPAIRS_NAME ".new: %s",
		    strerror(errno));
	file = fdopen(fd, "w");
	if (file == NULL)
		fault_memory(fault);
	else if (lines_write(repairs, file) != 0)
		fault_set(fault, FAULT_WRITE_FAILED, REPAIRS_NAME ".new: %s", strerror(errno));
	else if (file_sync(fd) != 0)
		fault_set(fault, FAULT_SYNC_FAILED, REPAIRS_NAME ".new: %s", strerror(errno));
	else if (rename(other, path) != 0)
		fault_set(fault, FAULT_WRITE_FAILED, REPAIRS_NAME ": %s", strerror(errno));
	else
		result = store_sync_directory(options, fault);
	if (file != NULL)
		fclose(file);
	else
		close(fd);
	return result;
}

void
repairs_free(struct repairs *repairs)
{
	for (size_t i = 0; i < repairs->count; i++)
		free(repairs->entries[i].key);
	free(repairs->entries);
	*repairs = (struct repairs){ .ended = -1 };
}

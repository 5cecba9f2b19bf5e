/*
 * ctl_write.c - msgextctl import, compact, archive: the commands that change a log.
 *
 * They append or replace through store.c, under the receiver's own lock and
 * with its durability, and so may run while requests are served.  They must
 * run as the logs' owner: a file that another user owned would be refused by
 * the receiver.
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "msgext.h"

#define ANSWER_MAX (64 << 20)
#define PAGES_MAX 1000

/*
 * May root change logs there?  Where others may write, what root makes would be refused by
 * their receiver, and a path could lead elsewhere a moment later.
 */
static int
root_check(struct ctl *ctl, const struct stat *status)
{
	char parent[PATH_MAX];
	struct stat above;
	int found = check_parents(ctl->store.data_dir, parent, &above);

	if (found < 0)
		return fault_set(&ctl->fault, FAULT_DATA_DIR, "%s: %s", ctl->store.data_dir,
		    strerror(errno));
	if (found > 0)
		return fault_set(&ctl->fault, FAULT_LOG_UNSAFE,
		    "%s: root changes nothing below a directory that others may write", parent);
	if ((status->st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return fault_set(&ctl->fault, FAULT_LOG_UNSAFE,
		    "%s: root changes nothing where others may write; run this as the web "
		    "server's user (sudo -u USER msgextctl ...)",
		    ctl->store.data_dir);
	return 0;
}

/* Are the logs ours to change? */
static int
owner_check(struct ctl *ctl)
{
	const struct passwd *owner;
	struct stat status;

	if (stat(ctl->store.data_dir, &status) != 0)
		return fault_set(&ctl->fault, FAULT_DATA_DIR, "%s: %s", ctl->store.data_dir,
		    strerror(errno));
	if (status.st_uid == geteuid()) {
		if (geteuid() == 0 && root_check(ctl, &status) != 0)
			return -1;
		return store_check_access(&ctl->store, &ctl->fault);
	}
	owner = getpwuid(status.st_uid);
	return fault_set(&ctl->fault, FAULT_LOG_UNSAFE,
	    "%s: belongs to %s; run this as that user (sudo -u %s msgextctl ...)",
	    ctl->store.data_dir, owner == NULL ? "another user" : owner->pw_name,
	    owner == NULL ? "USER" : owner->pw_name);
}

/* import */

struct import {
	struct document *pages[PAGES_MAX];
	size_t page_count;
	struct event_pair *pairs; /* of all pages */
	struct record record;     /* made of all pages */
};

/* Reads all of a descriptor, for free. */
static char *
input_read(struct ctl *ctl, int fd, size_t *length)
{
	size_t size = 65536;
	char *bytes = malloc(size);
	ssize_t count;

	*length = 0;
	while (bytes != NULL) {
		count = read(fd, bytes + *length, size - *length);
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0) {
			fault_set(&ctl->fault, FAULT_OPEN_FAILED, "answer: %s", strerror(errno));
			break;
		}
		if (count == 0)
			return bytes;
		*length += (size_t)count;
		if (*length > ANSWER_MAX) {
			fault_set(&ctl->fault, FAULT_FIELD_RANGE, "answer: is over 64 MiB");
			break;
		}
		if (*length == size) {
			char *larger = realloc(bytes, 2 * size);

			size *= 2;
			if (larger == NULL)
				break;
			bytes = larger;
		}
	}
	if (ctl->fault.code == FAULT_NONE)
		fault_set(&ctl->fault, FAULT_MEMORY, "no memory for the answer");
	free(bytes);
	return NULL;
}

/*
 * Where the JSON object that begins at bytes[0] ends: pages follow each other
 * in one file.  Without an end: length; the strict check says what is wrong.
 */
static size_t
object_length(const char *bytes, size_t length)
{
	bool string = false;
	size_t depth = 0;

	for (size_t i = 0; i < length; i++) {
		if (string && bytes[i] == '\\')
			i++;
		else if (bytes[i] == '"')
			string = !string;
		else if (!string && (bytes[i] == '{' || bytes[i] == '['))
			depth++;
		else if (!string && (bytes[i] == '}' || bytes[i] == ']') && depth > 0 &&
		    --depth == 0)
			return i + 1;
	}
	return length;
}

/* Takes the first page into the record, or adds a further one to it. */
static int
page_merge(struct ctl *ctl, struct import *import, const struct record *page)
{
	struct record *record = &import->record;
	size_t held = record->event.pair_count, count = held + page->event.pair_count;
	struct event_pair *pairs = realloc(import->pairs, (count + 1) * sizeof(*pairs));

	if (pairs == NULL)
		return fault_set(&ctl->fault, FAULT_MEMORY, "no memory for the answer");
	import->pairs = pairs;
	memcpy(pairs + held, page->event.pairs, page->event.pair_count * sizeof(*pairs));
	if (import->page_count == 1) {
		*record = *page;
	} else {
		/*
		 * The message may have changed from page to page.  What is known
		 * whole ends where the oldest page does; newer pairs count as such.
		 */
		if (page->event.seq < record->event.seq)
			record->event.seq = record->whole_seq = page->event.seq;
		if (page->clear_seq > record->clear_seq)
			record->clear_seq = page->clear_seq;
	}
	record->event.pairs = pairs;
	record->event.pair_count = count;
	return 0;
}

static bool
byte_is_space(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

/* Reads all pages of an answer; the last must say that it is. */
static int
answer_read(struct ctl *ctl, struct import *import, const char *bytes, size_t length)
{
	bool complete = false;

	for (;;) {
		struct document *page;
		struct record record;
		size_t space = 0, object;

		while (space < length && byte_is_space(bytes[space]))
			space++;
		bytes += space;
		length -= space;
		if (length == 0)
			break;
		if (import->page_count == PAGES_MAX)
			return fault_set(&ctl->fault, FAULT_FIELD_RANGE,
			    "answer: has over %d pages", PAGES_MAX);
		object = object_length(bytes, length);
		page = document_parse(bytes, object, &ctl->fault);
		if (page == NULL)
			return -1;
		import->pages[import->page_count++] = page;
		if (document_answer(page, &record, &complete, &ctl->fault) != 0 ||
		    page_merge(ctl, import, &record) != 0)
			return -1;
		bytes += object;
		length -= object;
	}
	if (import->page_count == 0)
		return fault_set(&ctl->fault, FAULT_JSON_MALFORMED, "answer: is empty");
	if (!complete)
		return fault_set(&ctl->fault, FAULT_FIELD_RANGE,
		    "CompleteFlag: the last page is not the answer's end; fetch the rest with "
		    "StartSeq, and give all pages");
	return 0;
}

static int
import_append(struct ctl *ctl, struct import *import)
{
	struct record *record = &import->record;
	struct timespec now;
	size_t length;
	char *line;
	int result;

	clock_gettime(CLOCK_REALTIME, &now);
	record->time = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
	record->event.group_id = ctl->group;
	record->event.msg_seq = ctl->message;
	line = record_line(record, &length);
	if (line == NULL)
		return fault_set(&ctl->fault, FAULT_MEMORY, "no memory for the snapshot");
	if (length > LINE_IMPORT_MAX) {
		free(line);
		return fault_set(&ctl->fault, FAULT_FIELD_RANGE,
		    "answer: its snapshot would be over %d bytes", LINE_IMPORT_MAX);
	}
	result = store_append(&ctl->store, ctl->group, line, length, INT64_MAX, NULL, &ctl->fault);
	free(line);
	return result;
}

int
ctl_import(struct ctl *ctl)
{
	struct import import = { 0 };
	char *bytes = NULL;
	size_t length = 0;
	int fd = STDIN_FILENO, result = -1;

	if (!text_is_plain(ctl->group, strlen(ctl->group))) {
		fault_set(&ctl->fault, FAULT_FIELD_RANGE, "GroupId: is no plain UTF-8");
		goto out;
	}
	if (owner_check(ctl) != 0)
		goto out;
	if (ctl->file != NULL && strcmp(ctl->file, "-") != 0)
		fd = open(ctl->file, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		fault_set(&ctl->fault, FAULT_OPEN_FAILED, "%s: %s", ctl->file, strerror(errno));
		goto out;
	}
	bytes = input_read(ctl, fd, &length);
	if (bytes == NULL || answer_read(ctl, &import, bytes, length) != 0 ||
	    import_append(ctl, &import) != 0)
		goto out;
	fprintf(stderr, "msgextctl: imported %zu pairs, version %llu\n",
	    import.record.event.pair_count, (unsigned long long)import.record.event.seq);
	result = 0;
out:
	for (size_t i = 0; i < import.page_count; i++)
		document_free(import.pages[i]);
	free(import.pairs);
	free(bytes);
	if (fd > STDIN_FILENO)
		close(fd);
	return result == 0 ? EX_OK : ctl_fail(ctl);
}

/* compact, archive */

static void
compact_progress(void *context, off_t done, off_t total)
{
	progress_show(context, done, total);
}

int
ctl_compact(struct ctl *ctl)
{
	struct progress progress = { 0 };
	struct compaction compaction = { .options = &ctl->store,
		.group_id = ctl->group,
		.discard = ctl->discard,
		.before = ctl->before,
		.progress = compact_progress,
		.context = &progress };
	char name[STORE_NAME_SIZE];
	int result;

	if (owner_check(ctl) != 0)
		return ctl_fail(ctl);
	store_name_find(ctl->store.data_dir, ctl->group, name);
	if (scan_size(ctl->store.data_dir, name) == 0)
		return ctl_nothing(ctl);
	result = compact_log(&compaction, &ctl->fault);
	progress_clear(&progress);
	if (result != 0)
		return ctl_fail(ctl);
	if (compaction.unchanged) {
		fprintf(stderr, "msgextctl: %s: %s\n", name,
		    ctl->before > 0 ? "no message is that old" : "is compact already");
		return EX_OK;
	}
	fprintf(stderr, "msgextctl: %s: %llu lines, %lld bytes -> %llu lines, %lld bytes\n", name,
	    (unsigned long long)compaction.lines_before, (long long)compaction.bytes_before,
	    (unsigned long long)compaction.lines_after, (long long)compaction.bytes_after);
	if (compaction.archive[0] != '\0')
		fprintf(stderr, "msgextctl: %s is %s\n",
		    ctl->before > 0 ? "what was taken out" : "the original", compaction.archive);
	ctl->unreadable = compaction.lines_unreadable;
	if (ctl->unreadable > 0)
		fprintf(stderr,
		    "msgextctl: %llu lines could not be read and were kept as they are\n",
		    (unsigned long long)ctl->unreadable);
	return EX_OK;
}

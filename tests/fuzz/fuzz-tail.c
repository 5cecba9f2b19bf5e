/*
 * Any bytes as an existing log: an append leaves every byte of it in the log
 * or in .torn, and the log with whole lines only (P2).
 */
#include <sys/stat.h>

#include <fcntl.h>

#include "base/fault.h"
#include "base/time.h"
#include "json.h"
#include "store/options.h"
#include "store.h"
#include "fuzz.h"

#define LINE "{\"MsgSeq\":1}\n"
#define LINE_LENGTH (sizeof(LINE) - 1)
#define OLD "{\"old\n"
#define MENDED_LINES 512            /* the last ones, at most */
#define LOG_MAX ((size_t)128 << 10) /* several of the blocks that the tail is read in */

struct files {
	char *log, *torn;
	size_t log_length, torn_length;
};

static void
append(struct files *files)
{
	const struct store_options options = { .data_dir = scratch,
		.owner = geteuid(),
		.file_mode = 0600,
		.lock_timeout = 1200 };
	struct fault fault = { 0 };

	if (store_append(&options,
		&(struct store_entry){ "test", LINE, LINE_LENGTH, clock_milliseconds() + 1700 },
		NULL, &fault) != 0)
		check_fail(fault.detail, __FILE__, __LINE__);
	files->log = scratch_load("test.jsonl", &files->log_length);
	files->torn = scratch_load("test.torn", &files->torn_length);
	CHECK(files->log != NULL && files->log_length >= LINE_LENGTH);
}

static void
files_free(struct files *files)
{
	free(files->log);
	free(files->torn);
}

static bool
line_is_whole(const char *line, size_t length)
{
	struct fault fault;

	return length > 0 && line[0] == '{' &&
	    json_check(line, length, LINE_DEPTH_MAX, NULL, &fault) == 0;
}

/*
 * What stays of a log whose last line, from last on, is broken: what stands before the first broken one
 * of its last lines, which is at *start, and those behind it that are whole.  kept: has room for it.
 */
static size_t
log_mend(const char *before, size_t last, char *kept, size_t *start)
{
	size_t from = last, used;

	for (int lines = 1; from > 0 && lines < MENDED_LINES; lines++) {
		const char *newline = memrchr(before, '\n', from - 1);

		from = newline == NULL ? 0 : (size_t)(newline + 1 - before);
	}
	memcpy(kept, before, from);
	used = from;
	*start = last;
	for (size_t at = from, next; at < last; at = next) {
		next = (size_t)((const char *)memchr(before + at, '\n', last - at) - before) + 1;
		if (line_is_whole(before + at, next - at - 1)) {
			memcpy(kept + used, before + at, next - at);
			used += next - at;
		} else if (*start == last) {
			*start = at;
		}
	}
	return used;
}

/*
 * What was whole is kept, what was not is set aside; all of it.  cut: the log is of before the machine
 * was started, and what stands before a whole last line is looked at too.
 */
static void
log_verify(const char *before, size_t length, const struct files *files, size_t old, bool cut)
{
	size_t kept = files->log_length - LINE_LENGTH, start, aside;
	const char *newline = length == 0 ? NULL : memrchr(before, '\n', length - 1);
	size_t last = newline == NULL ? 0 : (size_t)(newline + 1 - before); /* its last line */
	bool whole = length == 0 || line_is_whole(before + last, length - last);
	char *expected = malloc(length + 1);
	size_t used;

	CHECK(expected != NULL);
	used = log_mend(before, last, expected, &start);
	if (whole && (!cut || start == last)) {
		memcpy(expected, before, length);
		used = start = length;
	} else if (whole) {
		memcpy(expected + used, before + last, length - last);
		used += length - last;
	}
	if (used > 0 && expected[used - 1] != '\n')
		expected[used++] = '\n';
	CHECK(kept == used && memcmp(files->log, expected, used) == 0);
	CHECK(memcmp(files->log + kept, LINE, LINE_LENGTH) == 0);
	free(expected);
	aside = length - start;
	/* A copy that was there already is not made again. */
	if (old == aside + 1 && memcmp(OLD, before + start, aside) == 0)
		old = 0;
	if (aside == 0) {
		CHECK(files->torn_length == old);
		return;
	}
	CHECK(files->torn_length == old + aside + 1);
	CHECK(memcmp(files->torn + old, before + start, aside) == 0);
	CHECK(files->torn[files->torn_length - 1] == '\n');
}

/* Makes the log one that was written last before the machine was started. */
static void
log_age(void)
{
	const struct timespec written[2] = { { 1, 0 }, { 1, 0 } };
	char path[PATH_MAX];

	scratch_path(path, "test.jsonl");
	CHECK(utimensat(AT_FDCWD, path, written, 0) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct files first, second;
	size_t length, old = size % 2 == 0 ? 0 : strlen(OLD);
	char *before = input_expand(data, size, LOG_MAX, &length);
	bool cut = size / 2 % 2 == 1;

	scratch_make();
	scratch_clear();
	scratch_write("test.jsonl", "w", before, length);
	if (cut)
		log_age();
	if (old > 0)
		scratch_write("test.torn", "w", OLD, old);
	append(&first);
	CHECK(old == 0 || memcmp(first.torn, OLD, old) == 0);
	log_verify(before, length, &first, old, cut);
	/* The next one finds nothing to mend. */
	append(&second);
	CHECK(second.log_length == first.log_length + LINE_LENGTH);
	CHECK(memcmp(second.log, first.log, first.log_length) == 0);
	CHECK(memcmp(second.log + first.log_length, LINE, LINE_LENGTH) == 0);
	CHECK(second.torn_length == first.torn_length);
	CHECK(first.torn_length == 0 || memcmp(second.torn, first.torn, first.torn_length) == 0);
	files_free(&first);
	files_free(&second);
	free(before);
	return 0;
}

/* The files beside a log that are not as msgext leaves them: archives of long lines, cut off, of several names. */
#include <fcntl.h>

#include <zlib.h>

#include "base/fault.h"
#include "log/erase.h"
#include "log/redact.h"
#include "log/rewrite.h"
#include "log/scan.h"
#include "log/zip.h"
#include "parse.h"
#include "store/options.h"
#include "store/replace.h"
#include "unit.h"

#define ARCHIVE "test.20251202T151134395Z.jsonl.gz"
#define EVENT                                                                                      \
	"{\"time\":\"2025-12-02T15:11:34.395Z\",\"SdkAppid\":1400000000,\"CallbackCommand\":"      \
	"\"" COMMAND_OURS "\",\"GroupId\":\"test\",\"MsgSeq\":10,\"OperateType\":1,"               \
	"\"ExtensionList\":[{\"Key\":\"a\",\"Value\":\"v\",\"Seq\":3}],\"Seq\":3,\"EventTime\":1}"

static struct store_options options = { .file_mode = 0600, .sync = false, .lock_timeout = 1000 };

/* An archive of the beginning and so many bytes behind it, as they are. */
static void
archive_make(const char *begin, size_t behind, const char *end)
{
	gzFile file = gzopen(file_path(ARCHIVE), "wb");
	static char bytes[65536];

	memset(bytes, 'x', sizeof(bytes));
	assert_non_null(file);
	assert_int_equal(gzwrite(file, begin, (unsigned)strlen(begin)), strlen(begin));
	for (size_t part; behind > 0; behind -= part) {
		part = behind < sizeof(bytes) ? behind : sizeof(bytes);
		assert_int_equal(gzwrite(file, bytes, (unsigned)part), part);
	}
	assert_int_equal(gzwrite(file, end, (unsigned)strlen(end)), strlen(end));
	assert_int_equal(gzclose(file), Z_OK);
	assert_int_equal(chmod(file_path(ARCHIVE), 0600), 0);
}

/* How many bytes have the archive's lines, and how many lines are there?  -1: fault. */
static int
archive_read(size_t lengths[4], struct fault *fault)
{
	int fd = open(file_path(ARCHIVE), O_RDONLY), lines = 0, more;
	struct zip_reader reader;
	struct line line;

	assert_int_equal(zip_read(&reader, fd, fault), 0);
	while ((more = zip_next(&reader, &line, fault)) == 1)
		lengths[lines++ % 4] = line.length;
	zip_close(&reader);
	close(fd);
	return more < 0 ? -1 : lines;
}

static void
long_lines_of_archives_are_read(void **state)
{
	size_t lengths[4];
	struct fault fault;

	(void)state;
	archive_make("1\n", 1000000, "\nlast");
	assert_int_equal(archive_read(lengths, &fault), 3);
	assert_int_equal(lengths[0], 1);
	assert_int_equal(lengths[1], 1000000);
	assert_int_equal(lengths[2], strlen("last")); /* without a newline */
	archive_make("1\n", 2 * LINE_SIZE_MAX + 1000000, "\n");
	assert_int_equal(archive_read(lengths, &fault), -1);
	assert_int_equal(fault.code, FAULT_OPEN_FAILED);
	assert_string_equal(fault.detail, "line 2 is longer than any of a log");
	archive_make("", 0, "");
	assert_int_equal(archive_read(lengths, &fault), 0);
	/* Cut off, and no archive at all. */
	archive_make(EVENT "\n", 100000, "\n");
	assert_int_equal(truncate(file_path(ARCHIVE), 100), 0);
	assert_int_equal(archive_read(lengths, &fault), -1);
	assert_non_null(strstr(fault.detail, "is no whole archive"));
}

static int
key_erase(bool torn, struct erased_count *count, struct fault *fault)
{
	struct erasure erasure = { .key = "a", .group_id = "test" };
	const struct rewriting rewriting = { .options = &options,
		.group_id = "test",
		.erasure = &erasure };
	int result;

	options.data_dir = scratch;
	fault->code = FAULT_NONE;
	result =
	    torn ? rewrite_torn(&rewriting, fault) : rewrite_archive(&rewriting, ARCHIVE, fault);
	*count = erasure.count;
	erasure_end(&erasure);
	return result;
}

static void
only_a_file_of_one_name_is_rewritten(void **state)
{
	char other[192];
	struct erased_count count;
	struct fault fault;

	(void)state;
	assert_int_equal(unlink(file_path(ARCHIVE)), 0);
	assert_int_equal(key_erase(false, &count, &fault), 0); /* it is gone */
	archive_make(EVENT "\n", 0, EVENT);
	snprintf(other, sizeof(other), "%s/other", scratch);
	assert_int_equal(link(file_path(ARCHIVE), other), 0);
	assert_int_equal(key_erase(false, &count, &fault), -1);
	assert_int_equal(fault.code, FAULT_LOG_UNSAFE);
	assert_int_equal(unlink(other), 0);
	assert_int_equal(key_erase(false, &count, &fault), 1);
	assert_int_equal(count.pairs, 2);
	assert_int_equal(key_erase(false, &count, &fault), 0);
	assert_int_equal(unlink(file_path(ARCHIVE)), 0);
	assert_int_equal(mkfifo(file_path(ARCHIVE), 0600), 0);
	assert_int_equal(key_erase(false, &count, &fault), -1);
	assert_int_equal(fault.code, FAULT_LOG_UNSAFE);
	assert_int_equal(unlink(file_path(ARCHIVE)), 0);
	assert_int_equal(symlink("other", file_path(ARCHIVE)), 0);
	assert_int_equal(key_erase(false, &count, &fault), -1);
	assert_int_equal(unlink(file_path(ARCHIVE)), 0);
}

/* For store_edit_torn: nothing is to leave it. */
static char *
torn_keep(void *context, const char *bytes, size_t length, size_t *new_length, struct fault *fault)
{
	(void)context;
	(void)bytes;
	(void)length;
	(void)new_length;
	(void)fault;
	fail_msg("it was read");
	return NULL;
}

static void
a_torn_file_that_is_not_ours_stays(void **state)
{
	static const char two[] = EVENT "\n{\"Key\":\"a\",\"Val";
	char torn[192], other[192];
	const struct store_edit edit = { torn_keep, NULL };
	struct erased_count count;
	struct fault fault;
	size_t length = 0;
	char *left;

	(void)state;
	snprintf(torn, sizeof(torn), "%s/test.torn", scratch);
	snprintf(other, sizeof(other), "%s/other", scratch);
	assert_int_equal(key_erase(true, &count, &fault), 0); /* there is none */
	assert_int_equal(chmod(file_write("test.torn", two, strlen(two)), 0600), 0);
	assert_int_equal(link(torn, other), 0);
	assert_int_equal(key_erase(true, &count, &fault), -1);
	assert_int_equal(fault.code, FAULT_LOG_UNSAFE);
	assert_int_equal(unlink(torn), 0);
	assert_int_equal(symlink("other", torn), 0);
	assert_int_equal(key_erase(true, &count, &fault), -1);
	assert_int_equal(fault.code, FAULT_OPEN_FAILED);
	/* Put there after it was looked at. */
	assert_int_equal(store_edit_torn(&options, "test", &edit, INT64_MAX, &fault), -1);
	assert_int_equal(fault.code, FAULT_LOG_UNSAFE);
	assert_int_equal(rename(other, torn), 0);
	assert_int_equal(truncate(torn, (off_t)65 << 20), 0);
	assert_int_equal(store_edit_torn(&options, "test", &edit, INT64_MAX, &fault), -1);
	assert_int_equal(fault.code, FAULT_FIELD_RANGE);
	assert_int_equal(truncate(torn, (off_t)strlen(two)), 0);
	assert_int_equal(key_erase(true, &count, &fault), 1);
	assert_int_equal(count.pairs, 1);
	assert_int_equal(count.fragments, 1);
	left = file_load("test.torn", &length);
	assert_non_null(left);
	assert_false(line_has_key(left, length, "a"));
	free(left);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(long_lines_of_archives_are_read),
		cmocka_unit_test(only_a_file_of_one_name_is_rewritten),
		cmocka_unit_test(a_torn_file_that_is_not_ours_stays),
	};

	options.owner = geteuid();
	umask(077);
	return RUN(tests);
}

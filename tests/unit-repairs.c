/* What msgext-repair remembers: written, read back, and read from files of others. */
#include <sys/stat.h>

#include "base/fault.h"
#include "log/repairs.h"
#include "record.h"
#include "store/options.h"
#include "unit.h"

static void
options_make(struct store_options *options)
{
	*options = (struct store_options){ .data_dir = scratch,
		.owner = geteuid(),
		.file_mode = 0600,
		.sync = true };
}

static void
what_is_written_is_read(void **state)
{
	char longest[GROUP_ID_MAX + 1];
	const char *const groups[] = { "g", "@TGS#2J4/../x", "a\",\"MsgSeq\":5,\"b", "\x01\x7f\\",
		"\xe4\xb8\xad", longest };
	struct repair repair = { .code = 10010,
		.asked = 1764688294395,
		.reason = "the \"reason\" \\ \x01" };
	struct repairs repairs = { .ended = 1764688294000,
		.calls = 9,
		.repaired = 1,
		.left = 7,
		.failed = "rest-failed",
		.failed_since = 1764688290000,
		.signature_ends = 1764688299000 };
	struct store_options options;
	struct fault fault;

	(void)state;
	options_make(&options);
	memset(longest, '"', GROUP_ID_MAX);
	longest[GROUP_ID_MAX] = '\0';
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		assert_int_equal(repairs_add(&repairs, groups[i], i, &repair), 0);
	memset(repair.reason, 'r', sizeof(repair.reason) - 1);
	repair.reason[sizeof(repair.reason) - 1] = '\0';
	assert_int_equal(repairs_add(&repairs, "g", UINT64_C(9007199254740992), &repair), 0);
	assert_int_equal(repairs_write(&repairs, &options, &fault), 0);
	repairs_free(&repairs);
	holds(REPAIRS_NAME ".new", NULL);

	assert_int_equal(repairs_read(&repairs, scratch, &fault), 0);
	assert_true(repairs.ended == 1764688294000 && repairs.calls == 9);
	assert_true(repairs.repaired == 1 && repairs.left == 7);
	assert_string_equal(repairs.failed, "rest-failed");
	assert_true(repairs.failed_since == 1764688290000);
	assert_true(repairs.signature_ends == 1764688299000);
	assert_true(repairs_count(&repairs) == sizeof(groups) / sizeof(groups[0]) + 1);
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		const struct repair *found = repairs_find(&repairs, groups[i], i);

		assert_non_null(found);
		assert_true(found->code == 10010 && found->asked == 1764688294395);
		assert_string_equal(found->reason, "the 'reason' / ?");
		assert_null(repairs_find(&repairs, groups[i], i + 100));
	}
	assert_string_equal(repairs_find(&repairs, "g", UINT64_C(9007199254740992))->reason,
	    repair.reason);
	assert_null(repairs_find(&repairs, "h", 0));
	repairs_free(&repairs);
	unlink(file_path(REPAIRS_NAME));
}

static void
what_is_none_is_skipped(void **state)
{
	static const char text[] =
	    "{\"Ended\":\"2025-12-02T15:11:34.395Z\",\"Calls\":1,\"Repaired\":2,\"Left\":-3}\n"
	    "\n"
	    "{\n"
	    "{\"GroupId\":\"a\",\"MsgSeq\":1}\n"
	    "{\"GroupId\":\"a\",\"MsgSeq\":1,\"ErrorCode\":1,\"time\":\"2025\"}\n"
	    "{\"GroupId\":\"a\",\"MsgSeq\":1,\"ErrorCode\":1,\"time\":\"2025-12-02T15:11:34.395Z\"}"
	    "\n"
	    "{\"GroupId\":\"a\",\"MsgSeq\":1,\"ErrorCode\":1,\"time\":\"2025-12-02T15:11:34.395Z\","
	    "\"Reason\":\"x\n"
	    "{\"GroupId\":\"b\",\"MsgSeq\":2,\"ErrorCode\":3,\"time\":\"2025-12-02T15:11:34.395Z\","
	    "\"Reason\":\"good\"}\n"
	    "{\"GroupId\":\"c\",\"MsgSeq\":2,\"ErrorCode\":3,\"time\":\"2025-12-02T15:11:34.395Z\","
	    "\"Reason\":\"no end\"}";
	struct repairs repairs;
	struct fault fault;

	(void)state;
	assert_int_equal(repairs_read(&repairs, scratch, &fault), 0);
	assert_int_equal(repairs.ended, -1);
	repairs_free(&repairs);
	file_write(REPAIRS_NAME, text, strlen(text));
	assert_int_equal(repairs_read(&repairs, scratch, &fault), 0);
	assert_int_equal(repairs.ended, -1);
	assert_null(repairs_find(&repairs, "a", 1));
	assert_string_equal(repairs_find(&repairs, "b", 2)->reason, "good");
	assert_null(repairs_find(&repairs, "c", 2));
	repairs_free(&repairs);
	unlink(file_path(REPAIRS_NAME));
	assert_int_equal(symlink("/etc/passwd", file_path(REPAIRS_NAME)), 0);
	assert_int_equal(repairs_read(&repairs, scratch, &fault), -1);
	assert_int_equal(fault.code, FAULT_OPEN_FAILED);
	unlink(file_path(REPAIRS_NAME));
	assert_int_equal(mkfifo(file_path(REPAIRS_NAME), 0600), 0);
	assert_int_equal(repairs_read(&repairs, scratch, &fault), -1);
	assert_int_equal(fault.code, FAULT_OPEN_FAILED);
	unlink(file_path(REPAIRS_NAME));
}

/* Of a vendor that knows none of a million messages. */
static void
no_more_is_written_than_is_read(void **state)
{
	struct repair repair = { .code = 10015, .asked = 1764688294395 };
	struct repairs repairs = { .ended = 1764688294000 };
	struct store_options options;
	struct fault fault;

	(void)state;
	options_make(&options);
	options.sync = false;
	memset(repair.reason, 'r', sizeof(repair.reason) - 1);
	for (uint64_t i = 0; i < 250000; i++)
		assert_int_equal(repairs_add(&repairs, "g", i, &repair), 0);
	assert_int_equal(repairs_write(&repairs, &options, &fault), 0);
	repairs_free(&repairs);
	assert_int_equal(repairs_read(&repairs, scratch, &fault), 0);
	assert_non_null(repairs_find(&repairs, "g", 100000));
	assert_null(repairs_find(&repairs, "g", 249999));
	repairs_free(&repairs);
	unlink(file_path(REPAIRS_NAME));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(what_is_none_is_skipped),
		cmocka_unit_test(no_more_is_written_than_is_read),
	};

	return RUN(tests);
}

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
	char long_reason[512];
	struct repairs repairs;
	struct fault fault;

	(void)state;
	assert_int_equal(repairs_read(&repairs, scratch, &fault), 0);
	assert_int_equal(repairs.ended, -1);
	repairs_free(&repairs);
	snprintf(long_reason, sizeof(long_reason),
	    "{\"GroupId\":\"a\",\"MsgSeq\":1,\"ErrorCode\":1,"
	    "\"time\":\"2025-12-02T15:11:34.395Z\",\"Reason\":\"%0*d\"}\n",
	    REPAIR_REASON_SIZE, 0);
	file_write(REPAIRS_NAME, long_reason, strlen(long_reason));
	assert_int_equal(repairs_read(&repairs, scratch, &fault), 0);
	assert_null(repairs_find(&repairs, "a", 1));
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
	file_write(REPAIRS_NAME, text, strlen(text));
	assert_int_equal(truncate(file_path(REPAIRS_NAME), (64 << 20) + 1), 0);
	assert_int_equal(repairs_read(&repairs, scratch, &fault), -1);
	assert_int_equal(fault.code, FAULT_OPEN_FAILED);
	assert_non_null(strstr(fault.detail, "at most 64 MiB (remove it)"));
	unlink(file_path(REPAIRS_NAME));
}

/* Each byte of a file replaced, or the last one before it is cut off there: it is read, whatever it says. */
static void
whatever_is_changed_is_read(void **state)
{
	static const char text[] =
	    "{\"Ended\":\"2025-12-02T15:11:34.395Z\",\"Calls\":1,\"Repaired\":2,\"Left\":3}\n"
	    "{\"Failed\":\"rest-failed\",\"Since\":\"2025-12-02T15:11:34.395Z\"}\n"
	    "{\"SignatureEnds\":\"2025-12-02T15:11:34.395Z\"}\n"
	    "{\"GroupId\":\"b\",\"MsgSeq\":2,\"ErrorCode\":3,\"time\":\"2025-12-02T15:11:34.395Z\","
	    "\"Reason\":\"good\"}\n";
	static const char others[] = "\n\"x0 ";
	const size_t length = sizeof(text) - 1;
	struct repairs repairs;
	struct fault fault;
	size_t whole = 0;
	char changed[sizeof(text)];

	(void)state;
	for (size_t i = 0; i < length; i++)
		for (size_t j = 0; j < sizeof(others); j++) {
			memcpy(changed, text, sizeof(text));
			changed[i] = others[j]; /* the last one is a NUL, which ends it */
			file_write(REPAIRS_NAME, changed, length);
			assert_int_equal(repairs_read(&repairs, scratch, &fault), 0);
			assert_in_range(repairs_count(&repairs), 0, 1);
			/* A fault without its time would be told for ever. */
			assert_true(repairs.failed[0] == '\0' || repairs.failed_since > 0);
			assert_true(repairs.ended < 0 || repairs.calls <= 10);
			whole += repairs.ended >= 0 && repairs.failed[0] != '\0' &&
			    repairs.signature_ends > 0 && repairs_count(&repairs) == 1;
			repairs_free(&repairs);
		}
	/* Nearly every change is noticed, but for other letters and digits. */
	assert_in_range(whole, length / 4, 2 * length);
	unlink(file_path(REPAIRS_NAME));
}

/* What does not fit is not written: no name of a group is so long. */
static void
longer_names_are_left_out(void **state)
{
	char longer[GROUP_ID_MAX + 2];
	struct repair repair = { .code = 1, .asked = 1 };
	struct repairs repairs = { .ended = -1 };

	(void)state;
	memset(longer, 'g', GROUP_ID_MAX + 1);
	longer[GROUP_ID_MAX + 1] = '\0';
	assert_int_equal(repairs_add(&repairs, longer, 1, &repair), 0);
	assert_int_equal(repairs_count(&repairs), 0);
	longer[GROUP_ID_MAX] = '\0';
	assert_int_equal(repairs_add(&repairs, longer, 1, &repair), 0);
	assert_int_equal(repairs_count(&repairs), 1);
	longer[GROUP_ID_MAX] = 'g';
	assert_null(repairs_find(&repairs, longer, 1));
	repairs_free(&repairs);
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
		cmocka_unit_test(whatever_is_changed_is_read),
		cmocka_unit_test(longer_names_are_left_out),
		cmocka_unit_test(no_more_is_written_than_is_read),
	};

	return RUN(tests);
}

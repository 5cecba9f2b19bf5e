/*
 * Every call into the system and every allocation of what readers share (log/) fails in turn, with
 * each errno: it works or says why not, leaves files whole, and works when it is tried again.
 */
#include <fcntl.h>

#include <cjson/cJSON.h>
#include <zlib.h>

#include "base/fault.h"
#include "log/alarm.h"
#include "log/answer.h"
#include "log/archives.h"
#include "log/compact.h"
#include "log/erase.h"
#include "log/export.h"
#include "log/growth.h"
#include "log/import.h"
#include "log/importer.h"
#include "log/repairs.h"
#include "log/rewrite.h"
#include "log/scan.h"
#include "log/source.h"
#include "log/zip.h"
#include "parse.h"
#include "record.h"
#include "store/options.h"
#include "store/refused.h"
#include "store/replace.h"
#include "faults.h"
#include "unit.h"

WRAP(int, lstat64, -1, (const char *path, struct stat *status), (path, status))
WRAP(int, access, -1, (const char *path, int mode), (path, mode))
WRAP(int, unlink, -1, (const char *path), (path))
WRAP(int, unlinkat, -1, (int directory, const char *path, int flags), (directory, path, flags))
WRAP(int, fchmod, -1, (int fd, mode_t mode), (fd, mode))
WRAP(int, futimens, -1, (int fd, const struct timespec *times), (fd, times))
WRAP(off_t, lseek64, -1, (int fd, off_t offset, int whence), (fd, offset, whence))
WRAP(int, dup, -1, (int fd), (fd))
WRAP(int, pipe2, -1, (int *ends, int flags), (ends, flags))
WRAP(pid_t, fork, -1, (void), ())
WRAP(struct dirent *, readdir64, NULL, (DIR * directory), (directory))
WRAP(FILE *, fopen64, NULL, (const char *path, const char *mode), (path, mode))
WRAP(FILE *, fdopen, NULL, (int fd, const char *mode), (fd, mode))
WRAP(int, fflush, EOF, (FILE * file), (file))
WRAP(gzFile, gzdopen, NULL, (int fd, const char *mode), (fd, mode))
WRAP(z_size_t, gzfwrite, 0, (voidpc bytes, z_size_t size, z_size_t count, gzFile file),
    (bytes, size, count, file))
WRAP(int, gzputc, -1, (gzFile file, int byte), (file, byte))
WRAP(int, gzread, -1, (gzFile file, voidp bytes, unsigned size), (file, bytes, size))
WRAP(int, gzrewind, -1, (gzFile file), (file))

int __real_gzclose(gzFile file);
int __wrap_gzclose(gzFile file);
int
__wrap_gzclose(gzFile file)
{
	int result = __real_gzclose(file); /* it is closed even where it fails */

	return fails("gzclose") ? Z_ERRNO : result;
}

int __real_fclose(FILE *file);
int __wrap_fclose(FILE *file);
int
__wrap_fclose(FILE *file)
{
	int result = __real_fclose(file);

	return fails("fclose") ? EOF : result;
}

WRAP_MEMORY(reallocarray, (void *block, size_t members, size_t size), (block, members, size))

char *__real_strdup(const char *text);
char *__wrap_strdup(const char *text);
char *
__wrap_strdup(const char *text)
{
	return memory_fails("strdup") ? NULL : __real_strdup(text);
}

char *__real_strndup(const char *text, size_t length);
char *__wrap_strndup(const char *text, size_t length);
char *
__wrap_strndup(const char *text, size_t length)
{
	return memory_fails("strndup") ? NULL : __real_strndup(text, length);
}

FILE *__real_open_memstream(char **bytes, size_t *size);
FILE *__wrap_open_memstream(char **bytes, size_t *size);
FILE *
__wrap_open_memstream(char **bytes, size_t *size)
{
	return memory_fails("open_memstream") ? NULL : __real_open_memstream(bytes, size);
}

#define EVENT(time, seq, pairs)                                                                    \
	"{\"time\":\"" time "\",\"SdkAppid\":1400000000,\"ClientIP\":\"203.0.113.7\","             \
	"\"CallbackCommand\":\"" COMMAND_OURS "\",\"GroupId\":\"test\",\"MsgSeq\":10,"             \
	"\"OperateType\":1,\"ExtensionList\":[" pairs "],\"Seq\":" seq ",\"EventTime\":1}\n"
#define EVENT_OLD                                                                                  \
	EVENT("2025-12-02T15:11:34.395Z", "3", "{\"Key\":\"a\",\"Value\":\"v\",\"Seq\":3}")
#define EVENT_NEW                                                                                  \
	EVENT("2025-12-02T15:12:34.395Z", "7", "{\"Key\":\"b\",\"Value\":\"w\",\"Seq\":7}")
#define IMPORT                                                                                     \
	"{\"time\":\"2025-12-02T15:13:34.395Z\",\"Snapshot\":\"import\",\"GroupId\":\"test\","     \
	"\"MsgSeq\":10,\"LatestSeq\":9,\"ClearSeq\":0,\"WholeSeq\":9,\"FirstSeq\":1,"              \
	"\"ExtensionList\":[{\"Key\":\"b\",\"Value\":\"x\",\"Seq\":9}]}\n"
#define ARCHIVE "test.20251202T151134395Z.jsonl.gz"
#define TRIALS_MAX 1000
#define NOW INT64_C(1764688454395)

static const char log_text[] = EVENT_OLD EVENT_NEW "no record\n" IMPORT;
static const char torn_text[] = EVENT_OLD "{\"ExtensionList\":[{\"Key\":\"a\",\"Val\n";

static struct store_options options = {
	.file_mode = 0600, .sync = true, .lock_timeout = 1000, .max_groups = 100
};

/* As they are before each trial. */
static char *archive, *state;
static size_t archive_length, state_length;

/* Writes it, unless nobody has touched it since. */
static void
put(const char *name, const char *bytes, size_t length, struct stat *then)
{
	struct stat now = { 0 };

	if (then->st_ino != 0 && stat(file_path(name), &now) == 0 && now.st_ino == then->st_ino &&
	    now.st_size == then->st_size && now.st_mtim.tv_sec == then->st_mtim.tv_sec &&
	    now.st_mtim.tv_nsec == then->st_mtim.tv_nsec)
		return;
	if (then->st_ino != 0)
		remove(file_path(name)); /* what is emptied to be written anew is written out */
	assert_int_equal(chmod(file_write(name, bytes, length), 0600), 0);
	assert_int_equal(stat(file_path(name), then), 0);
}

static void
prepare(void)
{
	static struct stat then[4];
	struct fault fault;

	/* What a run has left behind where a file could not be removed. */
	if (store_clean(&options, "test", INT64_MAX, &fault) != 0)
		fail_msg("%s", fault.detail);
	assert_int_equal(files_count(".new"), 0);
	put("test.jsonl", log_text, strlen(log_text), &then[0]);
	put("test.torn", torn_text, strlen(torn_text), &then[1]);
	put(ARCHIVE, archive, archive_length, &then[2]);
	put(ALARM_STATE_NAME, state, state_length, &then[3]);
}

/* An archive of both events. */
static void
archive_make(void)
{
	int fd = open(file_path(ARCHIVE), O_RDWR | O_CREAT | O_TRUNC, 0600);
	struct zip *zip = zip_write(fd);

	assert_non_null(zip);
	assert_int_equal(zip_put(zip, EVENT_OLD, strlen(EVENT_OLD) - 1), 0);
	assert_int_equal(zip_put(zip, EVENT_NEW, strlen(EVENT_NEW) - 1), 0);
	assert_int_equal(zip_end(zip), 0);
	close(fd);
	archive = file_load(ARCHIVE, &archive_length);
}

static int
run_alarm(struct fault *fault)
{
	struct alarm alarm = { .store = &options, .now = NOW };
	size_t length;
	char *metrics;
	int result = alarm_run(&alarm, fault);

	if (result == 0)
		result = alarm_keep(&alarm, fault);
	if (result == 0) {
		metrics = alarm_metrics(&alarm, &length);
		result = metrics == NULL ? fault_memory(fault) : 0;
		free(metrics);
	}
	alarm_end(&alarm);
	return result;
}

/* What pages and metrics ask of the state alone. */
static int
run_glance(struct fault *fault)
{
	struct alarm_state glance;
	enum alarm_state_found found;
	int result = alarm_state_glance(&glance, file_path(ALARM_STATE_NAME), &found, fault);

	if (result == 0)
		alarm_state_free(&glance);
	return result;
}

static int
run_growth(struct fault *fault)
{
	struct growth growth;

	return growth_measure(&growth, scratch, NOW, fault);
}

static int
run_repairs(struct fault *fault)
{
	struct repair repair = { .code = 10010, .asked = NOW, .reason = "r" };
	struct repairs repairs = { .ended = NOW, .failed = "rest-failed", .failed_since = NOW };
	int result = 0;

	for (uint64_t i = 0; i < 3 && result == 0; i++)
		result = repairs_add(&repairs, "test", i, &repair);
	if (result == 0)
		result = repairs_write(&repairs, &options, fault);
	else
		fault_memory(fault);
	repairs_free(&repairs);
	if (result == 0) {
		result = repairs_read(&repairs, scratch, fault);
		repairs_free(&repairs);
	}
	return result;
}

static int
run_import(struct fault *fault)
{
	static const char pages[] =
	    "{\"ActionStatus\":\"OK\",\"ErrorInfo\":\"\",\"ErrorCode\":0,\"LatestSeq\":11,"
	    "\"ClearSeq\":0,\"CompleteFlag\":1,\"ExtensionList\":[{\"Key\":\"a\",\"Value\":\"v\","
	    "\"Seq\":3},{\"Key\":\"b\",\"Value\":\"w\",\"Seq\":7}]}";
	struct answer *answer = calloc(1, sizeof(*answer));
	struct importer importer = { .options = &options, .judge = import_judge };
	int result;

	if (answer == NULL)
		return fault_memory(fault);
	importer_begin(&importer, "test", 10);
	result = answer_read(answer, pages, strlen(pages), fault);
	if (result == 0)
		result = importer_take(&importer, answer, fault);
	if (result == 0)
		result = importer_append(&importer, fault);
	if (result == 0)
		assert_int_equal(importer.import.change.version_after, 11);
	importer_end(&importer);
	answer_free(answer);
	free(answer);
	return result;
}

/* What would taking an import out change? */
static int
run_import_compare(struct fault *fault)
{
	struct importer importer = { .options = &options };
	struct record record;
	uint64_t number, imported = 0;
	int more;

	importer_begin(&importer, "test", 10);
	more = importer_open(&importer, fault) == 0 ? 1 : -1;
	while (more == 1 && (more = importer_next(&importer, &record, &number, fault)) == 1)
		if (record.is_snapshot)
			imported = number;
	if (more == 0)
		more = importer_compare(&importer, imported, fault);
	if (more == 0)
		assert_int_equal(importer.import.change.version_after, 7);
	importer_end(&importer);
	return more;
}

static int
run_export(struct fault *fault)
{
	static const struct event_pair pairs[] = { { "a", "=v", 3 }, { "\"b", "w\n", 7 } };
	const struct export message = { .group = "test",
		.msg_seq = 10,
		.latest_seq = 7,
		.pairs = pairs,
		.pair_count = 2 };
	size_t length;
	char *json = export_json(&message, &length);
	char *csv = export_csv(&message, true, &length);
	bool failed = json == NULL || csv == NULL;

	free(json);
	free(csv);
	return failed ? fault_memory(fault) : 0;
}

/* Whole, with the key or without: never anything in between. */
static void
archive_check(void)
{
	struct zip_reader reader;
	struct line line;
	struct fault fault;
	int fd = open(file_path(ARCHIVE), O_RDONLY);
	size_t lines = 0;

	assert_true(fd >= 0);
	assert_int_equal(zip_read(&reader, fd, &fault), 0);
	while (zip_next(&reader, &line, &fault) == 1)
		lines++;
	zip_close(&reader);
	close(fd);
	assert_int_equal(lines, 2);
}

static int
run_rewrite(struct fault *fault)
{
	struct erasure erasure = { .key = "a", .group_id = "test" };
	const struct rewriting rewriting = { .options = &options,
		.group_id = "test",
		.erasure = &erasure };
	int result = rewrite_archive(&rewriting, ARCHIVE, fault);
	int torn = result < 0 ? -1 : rewrite_torn(&rewriting, fault);

	/* A file that is gone has nothing. */
	if (fault_plan.fired == NULL) {
		assert_true(result == 1 && torn == 1);
		assert_int_equal(erasure.count.lines, 2);
		assert_int_equal(erasure.count.fragments, 1);
	}
	erasure_end(&erasure);
	return torn < 0 ? -1 : 0;
}

static int
run_zip(struct fault *fault)
{
	int fd = open(file_path("zip"), O_RDWR | O_CREAT | O_TRUNC, 0600);
	struct zip_reader reader = { 0 };
	struct zip *zip = fd < 0 ? NULL : zip_write(fd);
	struct line line;
	int result = -1;

	if (zip == NULL || zip_put(zip, "line", 4) != 0) {
		fault_set(fault, FAULT_WRITE_FAILED, "%s", strerror(errno));
	} else {
		result = zip_end(zip);
		zip = NULL;
		if (result != 0)
			fault_set(fault, FAULT_WRITE_FAILED, "%s", strerror(errno));
	}
	if (zip != NULL)
		zip_end(zip);
	if (result == 0 && (result = zip_read(&reader, fd, fault)) == 0) {
		while ((result = zip_next(&reader, &line, fault)) == 1)
			assert_int_equal(line.length, 4);
		if (result == 0)
			result = zip_rewind(&reader, fault);
	}
	zip_close(&reader);
	if (fd >= 0)
		close(fd);
	return result;
}

static void
archive_told(void *context, const char *name, off_t bytes, const struct fault *fault)
{
	struct fault *first = context;

	(void)bytes;
	assert_string_equal(name, ARCHIVE);
	if (fault != NULL)
		*first = *fault;
}

static int
run_archives(struct fault *fault)
{
	struct archives archives;
	struct fault told = { 0 };
	int result = archives_list(&archives, scratch, "test", NOW, fault);

	if (result != 0)
		return -1;
	result = archives_remove(&archives, scratch, archive_told, &told, fault);
	archives_free(&archives);
	if (result == 0 && told.code != FAULT_NONE) {
		*fault = told;
		result = -1;
	}
	return result;
}

/* Counts all lines that a source has, and closes it. */
static int
lines_count(struct source *source, size_t *lines, struct fault *fault)
{
	struct line line;
	int result;

	*lines = 0;
	while ((result = source_log(source, fault)) == 1) {
		while ((result = source_line(source, &line, fault)) == 1)
			++*lines;
		if (result < 0)
			break;
	}
	source_close(source);
	return result;
}

/* Each line of each log, and of one log those of one message. */
static int
run_source(struct fault *fault)
{
	static const struct selection selections[] = { { 0 },
		{ .group = "test", .has_message = true, .message = 10 } };
	int result = 0;

	for (size_t i = 0; i < 2 && result == 0; i++) {
		struct source source;
		size_t lines;

		result = source_open(&source, scratch, NULL, &selections[i], fault);
		if (result != 0)
			break;
		result = lines_count(&source, &lines, fault);
		/* A log that is gone has none, nor has a directory that ends before it. */
		if (fault_plan.fired == NULL)
			assert_int_equal(lines, i == 0 ? 4 : 3);
	}
	return result;
}

/* A log in two parts. */
static int
run_parts(struct fault *fault)
{
	struct source source, part = { 0 };
	struct line line;
	off_t begin;
	int result =
	    source_open(&source, scratch, NULL, &(struct selection){ .group = "test" }, fault);

	if (result != 0)
		return -1;
	result = source_log(&source, fault);
	begin = result == 1 ? scan_line_begin(&source.scan, 10, fault) : result;
	if (begin > 0) {
		assert_int_equal(begin, strlen(EVENT_OLD));
		result = source_part(&source, begin, 0, &part, fault);
		while (result == 0 && (result = source_line(&part, &line, fault)) == 1)
			result = 0;
		source_close(&part);
		source_limit(&source, begin);
	} else if (begin < 0) {
		result = -1;
	}
	source_close(&source);
	return result < 0 ? -1 : 0;
}

/* Lines that msgext-ship says, which stands in PATH as a script. */
static int
run_pipe(struct fault *fault)
{
	struct source source;
	int result = source_open(&source, scratch, "here", &(struct selection){ 0 }, fault);
	size_t lines;

	if (result != 0)
		return -1;
	result = lines_count(&source, &lines, fault);
	if (fault_plan.fired == NULL)
		assert_int_equal(lines, 2);
	return result;
}

static int
run_compaction(struct compaction *compaction, struct fault *fault)
{
	int needed = 1;

	compaction->options = &options;
	compaction->group_id = "test";
	if (compaction->undo == NULL)
		needed = compact_is_needed(compaction, fault);
	if (needed == 1)
		needed = compact_log(compaction, fault);
	if (compaction->archive[0] != '\0')
		__real_unlink(compaction->archive);
	return needed;
}

static int
run_undo(struct fault *fault)
{
	static const uint64_t message = 10;

	return run_compaction(&(struct compaction){ .undo = &message }, fault);
}

static int
run_addresses(struct fault *fault)
{
	return run_compaction(&(struct compaction){ .before = NOW - 100000,
				  .addresses_before = NOW },
	    fault);
}

static int
run_erasure(struct fault *fault)
{
	struct erasure erasure = { .key = "a", .group_id = "test" };
	int result = erasure_begin(&erasure, fault);

	if (result == 0)
		result = run_compaction(&(struct compaction){ .erasure = &erasure }, fault);

	erasure_end(&erasure);
	return result;
}

static void
cleared(void)
{
	char command[200];

	snprintf(command, sizeof(command), "cd '%s' && rm -f *.gz", scratch);
	assert_int_equal(system(command), 0);
	prepare();
}

static size_t
failures_try(int (*run)(struct fault *), const int *with, size_t count)
{
	size_t trials = 0;

	for (size_t i = 0; i < count; i++)
		for (int countdown = 1;; countdown++, trials++) {
			struct fault fault = { 0 };
			const char *fired;
			int result;

			prepare();
			plan(countdown, with[i], false);
			result = run(&fault);
			fired = plan_end();
			if (result != 0 && fault.code == FAULT_NONE)
				fail_msg("%s, %d: no reason is given", fired, with[i]);
			if (result != 0 && fired == NULL)
				fail_msg("without a failure: %s", fault.detail);
			if (fired == NULL)
				break;
			if (countdown > TRIALS_MAX)
				fail_msg("%s, %d: it never ends", fired, with[i]);
		}
	return trials;
}

static void
p5_whatever_fails_is_told(void **unused)
{
	static int (*const runs[])(struct fault * fault) = { run_alarm, run_glance, run_growth,
		run_repairs, run_import, run_import_compare, run_export, run_zip, run_archives,
		run_source, run_parts, run_undo, run_addresses, run_erasure };
	static const int some[] = { EIO, ENOSPC, EINTR, ENOMEM, ENOENT, SHORT_WRITE };
	size_t trials = 0;

	(void)unused;
	cleared();
	for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
		trials += failures_try(runs[i], some, sizeof(some) / sizeof(some[0]));
		cleared();
	}
	print_message("# %zu faults\n", trials);
}

static void
p2_an_archive_is_whole_whatever_fails(void **unused)
{
	(void)unused;
	cleared();
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		for (int countdown = 1;; countdown++) {
			struct fault fault = { 0 };
			const char *fired;

			prepare();
			plan(countdown, errors[i], false);
			if (run_rewrite(&fault) != 0)
				assert_int_not_equal(fault.code, FAULT_NONE);
			fired = plan_end();
			archive_check();
			if (fired == NULL)
				break;
			assert_true(countdown < TRIALS_MAX);
		}
	prepare();
}

static void
p5_an_engine_that_cannot_be_read(void **unused)
{
	static const int some[] = { EIO, EINTR, ENOMEM };
	char path[300];

	(void)unused;
	cleared();
	snprintf(path, sizeof(path), "%s:%s", scratch, getenv("PATH"));
	setenv("PATH", path, 1);
	file_write("msgext-ship", "#!/bin/sh\necho =one.jsonl\necho 1\necho =two.jsonl\necho 2\n",
	    57);
	chmod(file_path("msgext-ship"), 0700);
	failures_try(run_pipe, some, 3);
	remove(file_path("msgext-ship"));
}

static void
a_source_may_be_closed_before_its_end(void **unused)
{
	static const char script[] = "#!/bin/sh\necho =one.jsonl\n"
				     "head -c 12000000 /dev/zero | tr '\\0' x\necho\n";
	struct source source;
	struct fault fault;
	struct line line;
	int before = dup(STDIN_FILENO);

	(void)unused;
	close(before);
	cleared();
	/* Of a directory the next logs are open already. */
	file_write("other.jsonl", log_text, strlen(log_text));
	file_write("third.jsonl", log_text, strlen(log_text));
	assert_int_equal(source_open(&source, scratch, NULL, &(struct selection){ 0 }, &fault), 0);
	assert_int_equal(source_log(&source, &fault), 1);
	source_close(&source);
	assert_int_equal(dup(STDIN_FILENO), before);
	close(before);
	remove(file_path("other.jsonl"));
	remove(file_path("third.jsonl"));
	/* Of an engine a line is longer than any can be. */
	file_write("msgext-ship", script, sizeof(script) - 1);
	chmod(file_path("msgext-ship"), 0700);
	assert_int_equal(source_open(&source, scratch, "here", &(struct selection){ 0 }, &fault),
	    0);
	assert_int_equal(source_log(&source, &fault), 1);
	assert_int_equal(source_line(&source, &line, &fault), -1);
	assert_int_equal(fault.code, FAULT_ENGINE);
	assert_non_null(strstr(fault.detail, "a line is longer than any of ours"));
	source_close(&source);
	remove(file_path("msgext-ship"));
}

static int
setup(void **unused)
{
	struct fault fault = { 0 };

	if (scratch_make(unused) != 0)
		return -1;
	options.data_dir = scratch;
	archive_make();
	file_write("test.jsonl", EVENT_OLD, strlen(EVENT_OLD));
	chmod(file_path("test.jsonl"), 0600);
	refused_prepare(&options);
	refused_count(&options, FAULT_DISK_FULL, NOW);
	if (run_alarm(&fault) != 0)
		return -1;
	state = file_load(ALARM_STATE_NAME, &state_length);
	return 0;
}

static int
teardown(void **unused)
{
	free(archive);
	free(state);
	return scratch_remove(unused);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(p5_whatever_fails_is_told),
		cmocka_unit_test(p2_an_archive_is_whole_whatever_fails),
		cmocka_unit_test(p5_an_engine_that_cannot_be_read),
		cmocka_unit_test(a_source_may_be_closed_before_its_end),
	};

	options.owner = geteuid();
	umask(077);
	cJSON_InitHooks(&(cJSON_Hooks){ __wrap_malloc, free });
	tree_enter();
	results_begin();
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup, teardown);
}

/*
 * A data directory whose path is so long that the names of files in it do not fit behind it: whoever
 * needs one says so, and nobody uses a path that was cut off.
 */
#include <limits.h>

#include "base/fault.h"
#include "config.h"
#include "log/alarm.h"
#include "log/compact.h"
#include "log/erase.h"
#include "log/repairs.h"
#include "log/rewrite.h"
#include "log/scan.h"
#include "store/options.h"
#include "store/probe.h"
#include "store/refused.h"
#include "store/replace.h"
#include "store.h"
#include "unit.h"

#define LINE "{\"a\":1}\n"
#define ARCHIVE "test.20251202T151134395Z.jsonl.gz"

static struct store_options options = { .file_mode = 0600,
	.lock_timeout = 1000,
	.max_groups = 100 };

static int
run_append(struct fault *fault)
{
	return store_append(&options,
	    &(struct store_entry){ "test", LINE, strlen(LINE), INT64_MAX }, NULL, fault);
}

/* A group of the longest name, which is looked for in both of its spellings. */
static int
run_append_long(struct fault *fault)
{
	char group_id[GROUP_ID_MAX + 1];

	memset(group_id, '@', GROUP_ID_MAX);
	group_id[GROUP_ID_MAX] = '\0';
	return store_append(&options,
	    &(struct store_entry){ group_id, LINE, strlen(LINE), INT64_MAX }, NULL, fault);
}

static int
run_clean(struct fault *fault)
{
	return store_clean(&options, "test", INT64_MAX, fault);
}

static int
run_sibling(struct fault *fault)
{
	char path[PATH_MAX];
	int fd = store_open_sibling(&options, "test", ".gz.new", path, fault);

	if (fd >= 0) {
		close(fd);
		assert_int_equal(unlink(path), 0);
	}
	return fd < 0 ? -1 : 0;
}

static int
run_probe(struct fault *fault)
{
	return store_probe(&options, INT64_MAX, fault);
}

static int
run_scan(struct fault *fault)
{
	struct scan scan;
	int result = scan_open(&scan, options.data_dir, "test.jsonl", fault);

	if (result == 1)
		scan_close(&scan);
	return result < 0 ? -1 : 0;
}

static int
run_alarm(struct fault *fault)
{
	struct alarm alarm = { .store = &options, .now = 1 };
	int result = alarm_run(&alarm, fault);

	if (result == 0)
		result = alarm_keep(&alarm, fault);
	alarm_end(&alarm);
	return result;
}

static int
run_repairs(struct fault *fault)
{
	struct repairs repairs = { .ended = 1 };

	return repairs_write(&repairs, &options, fault);
}

static int
run_repairs_read(struct fault *fault)
{
	struct repairs repairs;
	int result = repairs_read(&repairs, options.data_dir, fault);

	if (result == 0)
		repairs_free(&repairs);
	return result;
}

static int
run_refused(struct fault *fault)
{
	struct refused list[REFUSED_MAX];

	return refused_read(list, options.data_dir, fault) < 0 ? -1 : 0;
}

static int
rewrite(int (*work)(const struct rewriting *, struct fault *), struct fault *fault)
{
	struct erasure erasure = { .key = "a", .group_id = "test" };
	const struct rewriting rewriting = { .options = &options,
		.group_id = "test",
		.erasure = &erasure,
		.dry_run = true };
	int result = work(&rewriting, fault);

	erasure_end(&erasure);
	return result < 0 ? -1 : 0;
}

static int
archive_rewrite(const struct rewriting *rewriting, struct fault *fault)
{
	return rewrite_archive(rewriting, ARCHIVE, fault);
}

static int
run_rewrite(struct fault *fault)
{
	return rewrite(archive_rewrite, fault);
}

static int
run_rewrite_torn(struct fault *fault)
{
	return rewrite(rewrite_torn, fault);
}

static int
run_compact(struct fault *fault)
{
	return compact_log(&(struct compaction){ .options = &options,
			       .group_id = "test",
			       .discard = true },
	    fault);
}

/* A file that includes one of a longer name. */
static int
run_include(struct fault *fault)
{
	struct config config;
	char path[PATH_MAX];
	int length = snprintf(path, sizeof(path), "%s/c", options.data_dir), result;

	if ((size_t)length >= sizeof(path))
		return fault_set(fault, FAULT_CONFIG_MISSING, "c: the path is too long");
	result = config_load(&config, path, fault);
	config_free(&config);
	return result;
}

static const struct {
	const char *name;
	int (*run)(struct fault *fault);
} runs[] = { { "append", run_append }, { "append_long", run_append_long }, { "clean", run_clean },
	{ "sibling", run_sibling }, { "probe", run_probe }, { "scan", run_scan },
	{ "alarm", run_alarm }, { "repairs", run_repairs }, { "repairs_read", run_repairs_read },
	{ "refused", run_refused }, { "rewrite", run_rewrite },
	{ "rewrite_torn", run_rewrite_torn }, { "compact", run_compact },
	{ "include", run_include } };

#define RUNS (sizeof(runs) / sizeof(runs[0]))

/* The scratch directory, as a path of that length. */
static const char *
path_of(size_t length)
{
	static char path[PATH_MAX];
	size_t used = (size_t)snprintf(path, sizeof(path), "%s", scratch);

	assert_true(used < length && length < sizeof(path));
	if ((length - used) % 2 != 0)
		path[used++] = '/';
	for (; used < length; used += 2)
		memcpy(path + used, "/.", 2);
	path[used] = '\0';
	return path;
}

static void
a_path_that_is_too_long_is_told(void **state)
{
	bool failed[RUNS] = { false };

	(void)state;
	chmod(file_write("c", "include = another\nsdk_app_id = 7\n", 33), 0600);
	chmod(file_write("another", "data_dir = /tmp\n", 16), 0600);
	for (size_t length = 100; length < PATH_MAX;
	     length = length == 100 ? PATH_MAX - 64 : length + 1) {
		options.data_dir = path_of(length);
		for (size_t i = 0; i < RUNS; i++) {
			struct fault fault = { 0 };
			int result = runs[i].run(&fault);

			if (result != 0 && fault.code == FAULT_NONE)
				fail_msg("%s, %zu: no reason", runs[i].name, length);
			if (result != 0 && length == 100)
				fail_msg("%s: %s", runs[i].name, fault.detail);
			if (result == 0 && failed[i])
				fail_msg("%s, %zu: shorter ones were too long", runs[i].name,
				    length);
			failed[i] = result != 0;
		}
	}
	for (size_t i = 0; i < RUNS; i++)
		if (!failed[i] && runs[i].run != run_probe) /* its file may do without a name */
			fail_msg("%s: whatever fits", runs[i].name);
	/* No name of a file is half there. */
	assert_int_equal(files_count(".jsonl"), 2);
	assert_int_equal(files_count(""), 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_that_is_too_long_is_told),
	};

	options.owner = geteuid();
	umask(077);
	return RUN(tests);
}

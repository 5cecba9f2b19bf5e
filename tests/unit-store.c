/* The append: names, tails, locks, and files that are not what they should be. */
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>

#include <sha2.h>

#include "base/fault.h"
#include "base/time.h"
#include "names.h"
#include "record.h"
#include "base/lock.h"
#include "store/directory.h"
#include "store/options.h"
#include "store/replace.h"
#include "store/tail.h"
#include "store.h"
#include "unit.h"

#define LINE "{\"a\":1}\n"

static struct store_options options = { .file_mode = 0600, .sync = true, .lock_timeout = 1200 };

static int
append(const char *group_id, struct fault *fault)
{
	options.data_dir = scratch;
	*fault = (struct fault){ 0 };
	return store_append(&options,
	    &(struct store_entry){ group_id, LINE, strlen(LINE), clock_milliseconds() + 10000 },
	    NULL, fault);
}

static void
p7_ids_become_names(void **state)
{
	static const struct {
		const char *id, *name;
	} cases[] = {
		{ "test", "test.jsonl" },
		{ "aZ09_-", "aZ09_-.jsonl" },
		{ "-rf", "%2Drf.jsonl" },
		{ ".", "%2E.jsonl" },
		{ "../etc", "%2E%2E%2Fetc.jsonl" },
		{ "@TGS#2J4", "%40TGS%232J4.jsonl" },
		{ "a%2Fb c~", "a%252Fb%20c%7E.jsonl" },
		{ "\xc3\xa9", "%C3%A9.jsonl" },
	};
	char id[GROUP_ID_MAX + 1], other[GROUP_ID_MAX + 1];
	char name[STORE_NAME_SIZE], other_name[STORE_NAME_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		store_name(cases[i].id, name);
		assert_string_equal(name, cases[i].name);
	}
	memset(id, 'a', 200);
	id[200] = '\0';
	store_name(id, name);
	assert_int_equal(strlen(name), 206);
	assert_null(strchr(name, '~'));
	/* 201 bytes: cut at 128 and hashed; the hash is sha256sum's. */
	strcat(id, "a");
	store_name(id, name);
	assert_int_equal(strlen(name), 128 + 1 + 64 + 6);
	assert_string_equal(name + 128,
	    "~a92efd82109373e58f9a2056dee01e807e216ce6075f7051207c0a9f7d666e50.jsonl");
	strcpy(other, id);
	other[200] = 'b';
	store_name(other, other_name);
	assert_string_not_equal(name, other_name);
	/* No %XX is split: 3 * 42 = 126, the next would end at 129. */
	memset(id, '@', GROUP_ID_MAX);
	id[GROUP_ID_MAX] = '\0';
	store_name(id, name);
	assert_int_equal(name[126], '~');
	/* The shorter names beside it end, whatever was in the buffer. */
	memset(other_name, 'x', sizeof(other_name));
	assert_int_equal(name_sibling(id, name, sizeof(".gz.new"), other_name), 48 + 1 + 64);
	assert_int_equal(strlen(other_name), 48 + 1 + 64);
	assert_string_equal(strchr(other_name, '~') + 1 + 64, "");
}

static void
p1_lines_are_appended(void **state)
{
	struct fault fault;
	struct stat status;
	char path[192];

	(void)state;
	assert_int_equal(append("plain", &fault), 0);
	holds("plain.jsonl", LINE);
	assert_int_equal(append("plain", &fault), 0);
	holds("plain.jsonl", LINE LINE);
	snprintf(path, sizeof(path), "%s/plain.jsonl", scratch);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	options.sync = false;
	assert_int_equal(append("plain", &fault), 0);
	options.sync = true;
	holds("plain.jsonl", LINE LINE LINE);
	/* Signals are as they were. */
	sigset_t blocked;
	assert_int_equal(sigprocmask(SIG_BLOCK, NULL, &blocked), 0);
	assert_false(sigismember(&blocked, SIGTERM));
}

static void
p2_torn_tails_are_set_aside(void **state)
{
	static const struct {
		const char *before, *kept, *torn;
	} cases[] = {
		{ "", "", NULL },
		{ LINE, LINE, NULL },
		{ "{\"b\":", "", "{\"b\":\n" },
		{ LINE "{\"b\":", LINE, "{\"b\":\n" },
		{ LINE "{", LINE, "{\n" },
		{ LINE "garbage\n", LINE, "garbage\n\n" },
		{ LINE "[1]\n", LINE, "[1]\n\n" },
		{ LINE "\n", LINE, "\n\n" },
		{ "\n", "", "\n\n" },
		{ LINE "{\"c\":2}", LINE "{\"c\":2}\n", NULL }, /* only the newline was lost */
		/* Begins with '{', ends with '}', and is torn all the same. */
		{ LINE "{\"l\":[{\"k\":1}", LINE, "{\"l\":[{\"k\":1}\n" },
	};
	struct fault fault;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char group[16], name[32], torn[32], expected[128];

		snprintf(group, sizeof(group), "torn%zu", i);
		snprintf(name, sizeof(name), "%s.jsonl", group);
		snprintf(torn, sizeof(torn), "%s.torn", group);
		snprintf(expected, sizeof(expected), "%s%s", cases[i].kept, LINE);
		chmod(file_write(name, cases[i].before, strlen(cases[i].before)), 0600);
		assert_int_equal(append(group, &fault), 0);
		holds(name, expected);
		holds(torn, cases[i].torn);
	}
}

static void
p2_gaps_before_a_torn_tail_are_set_aside(void **state)
{
	static const char before[] = LINE "broken 1\n{\"b\":1}\n{\"b\":\n{\"c\":1}\n{\"d\":";
	struct fault fault, notice = { 0 };
	struct store_settled settled;
	int fd;

	(void)state;
	file_write("gaps.jsonl", before, strlen(before));
	fd = open(file_path("gaps.jsonl"), O_RDONLY);
	assert_int_equal(store_settle(fd, INT64_MAX, &settled, &fault), 0);
	assert_int_equal(settled.end, strlen(LINE));
	close(fd);
	options.notice = &notice;
	assert_int_equal(append("gaps", &fault), 0);
	options.notice = NULL;
	assert_int_equal(notice.code, FAULT_TAIL_TORN);
	assert_non_null(strstr(notice.detail, "3 broken lines; 2 whole"));
	holds("gaps.jsonl", LINE "{\"b\":1}\n{\"c\":1}\n" LINE);
	holds("gaps.torn", "broken 1\n{\"b\":1}\n{\"b\":\n{\"c\":1}\n{\"d\":\n");
	/* Before a whole last line everything stays. */
	file_write("gaps.jsonl", before, strlen(before) - 5);
	assert_int_equal(append("gaps", &fault), 0);
	holds("gaps.jsonl", LINE "broken 1\n{\"b\":1}\n{\"b\":\n{\"c\":1}\n" LINE);
}

/*
 * A power cut can leave gaps before a whole last line: they are set aside where the log was written
 * last before the machine was started, or in a time to come; and once, for the append makes it newer.
 */
static void
p2_gaps_of_a_power_cut_are_set_aside(void **state)
{
	static const char before[] = LINE "broken\n{\"b\":1}\n\0\0\n{\"c\":1}\n";
	static const time_t times[] = { 0, 1577836800, INT32_MAX };
	struct fault fault, notice;
	size_t length;
	char *got;

	(void)state;
	options.notice = &notice;
	for (size_t i = 0; i < 2 * sizeof(times) / sizeof(times[0]); i++) {
		const struct timespec written[2] = { { times[i / 2], 0 }, { times[i / 2], 0 } };
		bool newline = i % 2 == 0; /* of the last line */

		notice = (struct fault){ 0 };
		file_write("cut.jsonl", before, sizeof(before) - 1 - !newline);
		assert_int_equal(utimensat(AT_FDCWD, file_path("cut.jsonl"), written, 0), 0);
		assert_int_equal(append("cut", &fault), 0);
		holds("cut.jsonl", LINE "{\"b\":1}\n{\"c\":1}\n" LINE);
		got = file_load("cut.torn", &length);
		assert_int_equal(length, sizeof(before) - sizeof(LINE) + newline);
		assert_memory_equal(got, before + strlen(LINE), length - 1);
		free(got);
		assert_non_null(strstr(notice.detail, "2 broken lines; 2 whole"));
		notice = (struct fault){ 0 };
		assert_int_equal(append("cut", &fault), 0);
		assert_int_equal(notice.code, FAULT_NONE);
		unlink(file_path("cut.torn"));
	}
	/* What was written since has no such gaps: it costs no look, and nothing is touched. */
	file_write("cut.jsonl", LINE "broken\n" LINE, 2 * strlen(LINE) + 7);
	assert_int_equal(append("cut", &fault), 0);
	holds("cut.jsonl", LINE "broken\n" LINE LINE);
	options.notice = NULL;
}

/* Of a whole log of before the start only the last line's newline may be missing. */
static void
p2_a_whole_log_of_a_power_cut_stays(void **state)
{
	const struct timespec written[2] = { { 1, 0 }, { 1, 0 } };
	struct fault fault, notice = { 0 };

	(void)state;
	options.notice = &notice;
	for (size_t missing = 0; missing < 2; missing++) {
		file_write("cut.jsonl", LINE LINE, 2 * strlen(LINE) - missing);
		assert_int_equal(utimensat(AT_FDCWD, file_path("cut.jsonl"), written, 0), 0);
		assert_int_equal(append("cut", &fault), 0);
		holds("cut.jsonl", LINE LINE LINE);
		holds("cut.torn", NULL);
	}
	assert_int_equal(notice.code, FAULT_NONE);
	options.notice = NULL;
}

/*
 * Any one of 100 acknowledged lines is damaged, with nothing behind them or with a torn line: after
 * the next append the 99 others are there, and the damaged one only where no repair was due.
 */
static void
p1_damage_takes_no_other_line(void **state)
{
	enum { COUNT = 100, LENGTH = 13 };
	char before[COUNT * LENGTH + 2], expected[COUNT * LENGTH + sizeof(LINE)];
	struct fault fault;

	(void)state;
	for (int i = 0; i < 2 * COUNT; i++) {
		int damaged = i / 2;
		bool torn = i % 2 == 1, stays = !torn && damaged < COUNT - 1;
		char *into = expected;

		for (int line = 0; line < COUNT; line++) {
			char *at = before + line * LENGTH;

			memcpy(at, "{\"key\":1000}\n", LENGTH);
			at[9] = (char)('0' + line / 10);
			at[10] = (char)('0' + line % 10);
			if (line == damaged)
				at[damaged % (LENGTH - 1)] = '\1';
			if (line != damaged || stays) {
				memcpy(into, at, LENGTH);
				into += LENGTH;
			}
		}
		before[COUNT * LENGTH] = '{';
		strcpy(into, LINE);
		file_write("batch.jsonl", before, COUNT * LENGTH + (size_t)torn);
		assert_int_equal(append("batch", &fault), 0);
		holds("batch.jsonl", expected);
	}
}

/* Farther back than one write can reach, in lines or in bytes, nothing is touched. */
static void
p2_old_damage_stays(void **state)
{
	static const size_t lengths[] = { 8, 8000 };
	struct fault fault;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		size_t line = lengths[i], count = i == 0 ? 600 : 160, length;
		char *got, *before = malloc(count * line + 1);

		memset(before, ' ', count * line);
		for (size_t at = 0; at < count * line; at += line) {
			memcpy(before + at, "{\"a\":1}", 7);
			before[at + line - 1] = '\n';
		}
		before[20 * line] = 'x'; /* the 21st */
		before[count * line] = '{';
		file_write("damage.jsonl", before, count * line + 1);
		unlink(file_path("damage.torn"));
		assert_int_equal(append("damage", &fault), 0);
		got = file_load("damage.jsonl", &length);
		assert_int_equal(length, count * line + strlen(LINE));
		assert_memory_equal(got, before, count * line);
		holds("damage.torn", "{\n");
		free(got);
		free(before);
	}
}

static void
p2_nul_runs_are_set_aside(void **state)
{
	struct fault fault;
	char before[64] = LINE "{\"a\":";
	size_t length;
	char *torn;

	(void)state;
	before[63] = '\n'; /* a hole as a power cut leaves it, newline and all */
	file_write("nul.jsonl", before, sizeof(before));
	assert_int_equal(append("nul", &fault), 0);
	holds("nul.jsonl", LINE LINE);
	torn = file_load("nul.torn", &length);
	assert_non_null(torn);
	assert_int_equal(length, sizeof(before) - strlen(LINE) + 1);
	assert_memory_equal(torn, before + strlen(LINE), sizeof(before) - strlen(LINE));
	free(torn);
}

/* Last lines around the block that is read first, whole and torn. */
static void
p2_long_lines_are_checked_whole(void **state)
{
	static const size_t sizes[] = { 8190, 8191, 8192, 8193, 16384, 100000 };
	char *line = malloc(200000);
	struct fault fault;

	(void)state;
	assert_non_null(line);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		for (int torn = 0; torn < 2; torn++) {
			size_t length = sizes[i] + strlen(LINE), got = 0;
			char *after;

			unlink("long.torn");
			strcpy(line, LINE "{\"x\":\"");
			memset(line + strlen(line), 'y', length - strlen(line));
			memcpy(line + length - 3, torn ? "\0\"}" : "y\"}", 3);
			line[length] = '\n';
			file_write("long.jsonl", line, length + 1);
			assert_int_equal(append("long", &fault), 0);
			after = file_load("long.jsonl", &got);
			assert_non_null(after);
			assert_int_equal(got, torn ? 2 * strlen(LINE) : length + 1 + strlen(LINE));
			assert_string_equal(after + got - strlen(LINE), LINE);
			free(after);
		}
	}
	free(line);
}

static void
p7_unsafe_files_are_refused(void **state)
{
	struct fault fault;
	char path[192], target[192];

	(void)state;
	strcpy(target, file_write("target", "kept\n", 5));
	snprintf(path, sizeof(path), "%s/symbolic.jsonl", scratch);
	assert_int_equal(symlink(target, path), 0);
	assert_int_equal(append("symbolic", &fault), -1);
	assert_int_equal(fault.code, FAULT_LOG_UNSAFE);
	snprintf(path, sizeof(path), "%s/dangling.jsonl", scratch);
	assert_int_equal(symlink("nowhere", path), 0);
	assert_int_equal(append("dangling", &fault), -1);
	assert_int_equal(fault.code, FAULT_LOG_UNSAFE);
	snprintf(path, sizeof(path), "%s/hard.jsonl", scratch);
	assert_int_equal(link(target, path), 0);
	assert_int_equal(append("hard", &fault), -1);
	assert_int_equal(fault.code, FAULT_LOG_UNSAFE);
	snprintf(path, sizeof(path), "%s/fifo.jsonl", scratch);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(append("fifo", &fault), -1);
	assert_int_equal(fault.code, FAULT_LOG_UNSAFE);
	snprintf(path, sizeof(path), "%s/directory.jsonl", scratch);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(append("directory", &fault), -1);
	assert_int_equal(fault.code, FAULT_OPEN_FAILED);
	/* A torn tail is not set aside through a link either; nothing is lost. */
	snprintf(path, sizeof(path), "%s/tornlink.torn", scratch);
	assert_int_equal(symlink(target, path), 0);
	file_write("tornlink.jsonl", "{", 1);
	assert_int_equal(append("tornlink", &fault), -1);
	holds("tornlink.jsonl", "{");
	holds("target", "kept\n");
}

static void
missing_directories_are_told(void **state)
{
	struct store_options nowhere = options;
	struct fault fault = { 0 };
	char path[192];

	(void)state;
	nowhere.data_dir = "/nonexistent/data";
	assert_int_equal(store_append(&nowhere,
			     &(struct store_entry){ "x", LINE, 8, clock_milliseconds() + 1000 },
			     NULL, &fault),
	    -1);
	assert_int_equal(fault.code, FAULT_OPEN_FAILED);
	assert_int_equal(store_check_access(&nowhere, &fault), -1);
	assert_int_equal(fault.code, FAULT_DATA_DIR);
	nowhere.data_dir = file_write("file", "", 0);
	assert_int_equal(store_check_access(&nowhere, &fault), -1);
	assert_non_null(strstr(fault.detail, "is not a directory"));
	snprintf(path, sizeof(path), "%s/open", scratch);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(chmod(path, 0702), 0);
	nowhere.data_dir = path;
	assert_int_equal(store_check_access(&nowhere, &fault), -1);
	assert_non_null(strstr(fault.detail, "others can write to it"));
	assert_int_equal(chmod(path, 0700), 0);
	assert_int_equal(store_check_access(&nowhere, &fault), 0);
}

static void
long_paths_are_told(void **state)
{
	static char path[PATH_MAX + 10];
	struct store_options far = options;
	struct fault fault = { 0 };
	char beside[PATH_MAX];

	(void)state;
	memset(path, 'x', sizeof(path) - 1);
	path[0] = '/';
	far.data_dir = path;
	assert_int_equal(store_append(&far,
			     &(struct store_entry){ "x", LINE, 8, clock_milliseconds() + 1000 },
			     NULL, &fault),
	    -1);
	assert_int_equal(fault.code, FAULT_DATA_DIR);
	assert_int_equal(store_open_sibling(&far, "x", ".new", beside, &fault), -1);
	assert_int_equal(fault.code, FAULT_DATA_DIR);
}

/* Of a name that leaves no room for an archive's ending, what can be read comes first. */
static void
names_beside_a_long_one_are_cut(void **state)
{
	static const char ending[] = ".20261126T124711172Z.jsonl.gz";
	char group[49], path[PATH_MAX], digest[SHA256_DIGEST_STRING_LENGTH], expected[PATH_MAX];
	struct fault fault;
	char *name;
	size_t length;

	(void)state;
	memset(group, '@', sizeof(group) - 1);
	group[sizeof(group) - 1] = '\0';
	SHA256Data((const uint8_t *)group, strlen(group), digest);
	for (length = 0; length < 48; length += 3)
		memcpy(expected + length, "%40", 3);
	snprintf(expected + length, sizeof(expected) - length, "~%s%s", digest, ending);
	assert_int_equal(store_path_sibling(&options, group, ending, path, &fault), 0);
	name = strrchr(path, '/') + 1;
	assert_string_equal(name, expected);
	assert_true(strlen(name) <= 143);
}

/* As somebody else: what belongs to us is neither writable nor to be appended to. */
static void
p7_other_users_files_are_refused(void **state)
{
	struct fault fault = { 0 };
	int status;
	pid_t child;

	(void)state;
	if (geteuid() != 0)
		LEAVE("only root can be somebody else");
	assert_int_equal(append("root", &fault), 0);
	assert_int_equal(chmod(scratch, 0770), 0);
	fflush(stdout);
	child = fork();
	if (child == 0) {
		bool right = setegid(0) == 0 && seteuid(65534) == 0;

		/* Writable through the group, but another user's. */
		right = right && store_check_access(&options, &fault) == 0;
		right = right && append("root", &fault) != 0;
		_exit(right ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(chmod(scratch, 0700), 0);
	child = fork();
	if (child == 0)
		_exit(seteuid(65534) == 0 && store_check_access(&options, &fault) != 0 &&
			    fault.code == FAULT_DATA_DIR
			? 0
			: 1);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	holds("root.jsonl", LINE);
	assert_int_equal(chown(file_write("theirs.jsonl", LINE, strlen(LINE)), 65534, 0), 0);
	assert_int_equal(append("theirs", &fault), -1);
	assert_int_equal(fault.code, FAULT_LOG_UNSAFE);
	assert_non_null(strstr(fault.detail, "belongs to another user"));
}

/* What was appended behind what the new file covers is copied; a last line ends it. */
static void
p1_a_replacement_keeps_the_rest(void **state)
{
	char path[PATH_MAX];
	struct store_replacement new = { .path = path,
		.last = "{\"last\":1}\n",
		.last_length = 11 };
	struct fault fault = { 0 };
	struct stat status;

	(void)state;
	fingerprint_set(&new.last_read, LINE, strlen(LINE), (off_t)strlen(LINE));
	assert_int_equal(append("old", &fault), 0);
	assert_int_equal(append("old", &fault), 0);
	assert_int_equal(stat(file_path("old.jsonl"), &status), 0);
	new.fd = store_open_sibling(&options, "old", ".new", path, &fault);
	assert_true(new.fd >= 0);
	assert_int_equal(write(new.fd, "{\"new\":1}\n", 10), 10);
	new.read = (struct store_span){ status.st_dev, status.st_ino, (off_t)strlen(LINE) };
	assert_int_equal(store_replace(&options, "old", &new, INT64_MAX, &fault), 0);
	holds("old.jsonl", "{\"new\":1}\n" LINE "{\"last\":1}\n");
	assert_int_equal(files_count(".new"), 0);
	close(new.fd);
	/* The log is another file now. */
	assert_int_equal(store_replace(&options, "old", &new, INT64_MAX, &fault), -1);
	assert_int_equal(fault.code, FAULT_LOG_CHANGED);
	/* Or it is the same, but what was read of it is not what stands there. */
	assert_int_equal(stat(file_path("old.jsonl"), &status), 0);
	new.read = (struct store_span){ status.st_dev, status.st_ino, (off_t)strlen(LINE) };
	assert_int_equal(store_replace(&options, "old", &new, INT64_MAX, &fault), -1);
	assert_int_equal(fault.code, FAULT_LOG_CHANGED);
	new.read.size = 1000;
	assert_int_equal(store_replace(&options, "old", &new, INT64_MAX, &fault), -1);
	assert_int_equal(fault.code, FAULT_LOG_CHANGED);
}

/* Sizes that 32 bits cannot hold; the hole before the last line takes no room. */
static void
a_log_can_be_larger_than_4_gb(void **state)
{
	const off_t large = (off_t)5 << 30;
	const char *path = file_write("large.jsonl", "", 0);
	char tail[2 * sizeof(LINE)] = "";
	struct fault fault;
	int fd = open(path, O_RDWR);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, "\n" LINE, strlen(LINE) + 1, large), strlen(LINE) + 1);
	assert_int_equal(append("large", &fault), 0);
	assert_int_equal(lseek(fd, 0, SEEK_END), large + 1 + 2 * (off_t)strlen(LINE));
	assert_int_equal(pread(fd, tail, sizeof(tail) - 1, large + 1), 2 * strlen(LINE));
	assert_string_equal(tail, LINE LINE);
	close(fd);
	assert_int_equal(unlink(path), 0);
}

static void
p6_a_held_lock_is_given_up(void **state)
{
	pid_t holder = holder_start("held.jsonl", NULL, false);
	struct fault fault;
	int64_t before = clock_milliseconds();

	(void)state;
	options.lock_timeout = 200;
	assert_int_equal(append("held", &fault), -1);
	options.lock_timeout = 1200;
	assert_int_equal(fault.code, FAULT_LOCK_TIMEOUT);
	assert_true(clock_milliseconds() - before >= 200);
	holds("held.jsonl", "");
	holder_end(holder);
	assert_int_equal(append("held", &fault), 0);
	holds("held.jsonl", LINE);
}

static void
p1_a_renamed_file_swallows_nothing(void **state)
{
	struct fault fault;

	(void)state;
	/* Whether or not another file has taken the name meanwhile. */
	for (int again = 0; again < 2; again++) {
		pid_t holder = holder_start("moved.jsonl", "moved.old", again != 0);
		int status;

		assert_int_equal(append("moved", &fault), 0);
		assert_int_equal(waitpid(holder, &status, 0), holder);
		assert_int_equal(status, 0);
		holds("moved.old", "");
		holds("moved.jsonl", LINE);
		assert_int_equal(remove(file_path("moved.jsonl")), 0);
	}
}

static void
modes_are_as_configured(void **state)
{
	struct fault fault;
	struct stat status;
	char path[192];
	mode_t before = umask(0);

	(void)state;
	options.file_mode = 0640;
	assert_int_equal(append("mode", &fault), 0);
	options.file_mode = 0600;
	umask(before);
	snprintf(path, sizeof(path), "%s/mode.jsonl", scratch);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0640);
}

/* Whoever may post cannot use up the disk's files. */
static void
groups_are_limited(void **state)
{
	struct fault fault;

	(void)state;
	assert_int_equal(append("limit1", &fault), 0);
	options.max_groups = files_count(".jsonl") + 1;
	assert_int_equal(append("limit2", &fault), 0);
	assert_int_equal(append("limit3", &fault), -1);
	assert_int_equal(fault.code, FAULT_GROUPS_FULL);
	assert_non_null(strstr(fault.detail, "limit3.jsonl: would be one more than max_groups"));
	holds("limit3.jsonl", NULL);
	/* Those that there are go on, and what sets torn tails aside is none. */
	file_write("limit1.jsonl", LINE "{torn", strlen(LINE) + 5);
	assert_int_equal(append("limit1", &fault), 0);
	holds("limit1.jsonl", LINE LINE);
	holds("limit1.torn", "{torn\n");
	options.max_groups = 0;
	assert_int_equal(append("limit3", &fault), 0);
}

static void
p2_endless_tails_are_set_aside(void **state)
{
	size_t length = LINE_SIZE_MAX + 100;
	char *bytes = malloc(length);
	struct fault fault;
	struct stat status;

	(void)state;
	assert_non_null(bytes);
	memset(bytes, 'x', length);
	memcpy(bytes, LINE, strlen(LINE));
	file_write("endless.jsonl", bytes, length);
	free(bytes);
	assert_int_equal(append("endless", &fault), 0);
	holds("endless.jsonl", LINE LINE);
	assert_int_equal(stat(file_path("endless.torn"), &status), 0);
	assert_int_equal(status.st_size, length - strlen(LINE) + 1);
}

/* A disk that has no room for a copy of the tail: no part of one is left, however often it is tried. */
static void
p2_what_cannot_be_set_aside_leaves_nothing(void **state)
{
	const size_t length = strlen(LINE) + 20000;
	struct rlimit limit = { 10000, RLIM_INFINITY };
	struct fault fault;
	char *bytes = malloc(length), *got;
	size_t got_length;

	(void)state;
	assert_non_null(bytes);
	memset(bytes, 'x', length);
	memcpy(bytes, LINE, strlen(LINE));
	file_write("full.jsonl", bytes, length);
	file_write("full.torn", "before\n", 7);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(append("full", &fault), -1);
		holds("full.torn", "before\n");
	}
	limit.rlim_cur = RLIM_INFINITY;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(append("full", &fault), 0);
	holds("full.jsonl", LINE LINE);
	got = file_load("full.torn", &got_length);
	assert_int_equal(got_length, 7 + 20000 + 1);
	assert_memory_equal(got + 7, bytes + strlen(LINE), 20000);
	free(got);
	free(bytes);
}

/* What an attempt before has left: a whole copy, a part of one, or what is no copy at all. */
static void
p2_a_copy_is_made_but_once(void **state)
{
	static const struct {
		const char *there, *expected;
	} cases[] = {
		{ "{\"torn\n", "{\"torn\n" },
		{ "other\n{\"torn\n", "other\n{\"torn\n" },
		{ "{\"to", "{\"torn\n" },
		{ "other\n{\"torn", "other\n{\"torn\n" },
		{ "other{\"torn\n", "other{\"torn\n{\"torn\n" },
		{ "foreign", "foreign\n{\"torn\n" },
		{ "{\"torn, but longer", "{\"torn, but longer\n{\"torn\n" },
		{ "\n", "\n{\"torn\n" },
	};
	struct fault fault;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		file_write("once.jsonl", LINE "{\"torn", strlen(LINE) + 6);
		file_write("once.torn", cases[i].there, strlen(cases[i].there));
		assert_int_equal(append("once", &fault), 0);
		holds("once.jsonl", LINE LINE);
		holds("once.torn", cases[i].expected);
	}
}

static void
settling_takes_turns_with_writers(void **state)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int reader, writer;

	(void)state;
	reader = open(file_write("settled.jsonl", LINE, strlen(LINE)), O_RDWR);
	writer = open(file_path("settled.jsonl"), O_RDWR);
	assert_true(reader >= 0 && writer >= 0);
	assert_int_equal(fcntl(writer, F_OFD_SETLK, &lock), 0);
	assert_int_equal(lock_wait(reader, F_RDLCK, clock_milliseconds() + 20), -1);
	lock.l_type = F_UNLCK;
	assert_int_equal(fcntl(writer, F_OFD_SETLK, &lock), 0);
	assert_int_equal(lock_wait(reader, F_RDLCK, clock_milliseconds() + 20), 0);
	lock.l_type = F_WRLCK;
	assert_int_equal(fcntl(writer, F_OFD_SETLK, &lock), -1);
	lock_end(reader);
	assert_int_equal(fcntl(writer, F_OFD_SETLK, &lock), 0);
	close(reader);
	close(writer);
	assert_int_equal(lock_wait(-1, F_RDLCK, clock_milliseconds() + 20), -1);
}

/* Programs inherit what whoever starts them has blocked. */
static void
p6_a_blocked_timer_ends_the_wait(void **state)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int reader, writer, status;
	sigset_t alarms, before, after;
	pid_t child;

	(void)state;
	reader = open(file_write("blocked.jsonl", LINE, strlen(LINE)), O_RDWR);
	writer = open(file_path("blocked.jsonl"), O_RDWR);
	assert_true(reader >= 0 && writer >= 0);
	assert_int_equal(fcntl(writer, F_OFD_SETLK, &lock), 0);
	child = fork(); /* so that a wait without an end ends, too, with the lock */
	if (child == 0) {
		sleep(5);
		lock.l_type = F_UNLCK;
		_exit(fcntl(writer, F_OFD_SETLK, &lock) != 0);
	}
	assert_true(child > 0);
	sigemptyset(&alarms);
	sigaddset(&alarms, SIGALRM);
	assert_int_equal(sigprocmask(SIG_BLOCK, &alarms, &before), 0);
	assert_int_equal(lock_wait(reader, F_RDLCK, clock_milliseconds() + 20), -1);
	assert_int_equal(errno, EINTR);
	assert_int_equal(sigprocmask(SIG_SETMASK, &before, &after), 0);
	assert_true(sigismember(&after, SIGALRM));
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	close(reader);
	close(writer);
}

static void
an_append_tells_where_it_ends(void **state)
{
	struct store_span span;
	struct stat status;
	struct fault fault;

	(void)state;
	file_write("span.jsonl", LINE "{\"torn", strlen(LINE) + 6);
	options.data_dir = scratch;
	assert_int_equal(store_append(&options,
			     &(struct store_entry){ "span", LINE, strlen(LINE),
				 clock_milliseconds() + 10000 },
			     &span, &fault),
	    0);
	assert_int_equal(stat(file_path("span.jsonl"), &status), 0);
	assert_int_equal(span.device, status.st_dev);
	assert_int_equal(span.inode, status.st_ino);
	assert_int_equal(span.size, status.st_size);
	assert_int_equal(span.size, 2 * strlen(LINE));
}

static void
closed_directories_are_told(void **state)
{
	struct store_options closed = { .data_dir = scratch, .owner = geteuid() };
	struct fault fault;
	uid_t user = geteuid();

	(void)state;
	assert_int_equal(chmod(scratch, user == 0 ? 0700 : 0), 0);
	if (user == 0)
		assert_int_equal(seteuid(65534), 0);
	assert_int_equal(store_check_access(&closed, &fault), -1);
	assert_int_equal(fault.code, FAULT_DATA_DIR);
	if (user == 0)
		assert_int_equal(seteuid(0), 0);
	assert_int_equal(chmod(scratch, 0700), 0);
	assert_int_equal(store_check_access(&closed, &fault), 0);
}

/* A directory that is made anew may get the number of the one before. */
static void
places_are_told_apart(void **state)
{
	struct store_options moving = { .owner = geteuid() };
	struct store_place before, after;
	struct fault fault;
	char path[192], other[192];
	int tries = 0;

	(void)state;
	snprintf(path, sizeof(path), "%s/place", scratch);
	snprintf(other, sizeof(other), "%s/other", scratch);
	moving.data_dir = path;
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(store_look(moving.data_dir, &before, &fault), 0);
	assert_int_equal(close(open(file_write("place/x.jsonl", "", 0), O_RDONLY)), 0);
	assert_int_equal(store_look(moving.data_dir, &after, &fault), 0);
	assert_true(store_place_equals(&before, &after));
	assert_int_equal(remove(file_write("place/x.jsonl", "", 0)), 0);
	do {
		assert_int_equal(rmdir(path), 0);
		assert_int_equal(store_look(moving.data_dir, &after, &fault), -1);
		usleep(5000); /* a birth is told to some milliseconds */
		assert_int_equal(mkdir(path, 0700), 0);
		assert_int_equal(store_look(moving.data_dir, &after, &fault), 0);
		assert_false(store_place_equals(&before, &after));
		/* Another program may have been given the number. */
	} while (after.inode != before.inode && ++tries < 50);
	assert_int_equal(rename(path, other), 0);
	assert_int_equal(symlink(other, path), 0);
	assert_int_equal(store_look(moving.data_dir, &before, &fault), 0);
	assert_true(store_place_equals(&before, &after));
	assert_int_equal(unlink(path), 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(p7_ids_become_names),
		cmocka_unit_test(p1_lines_are_appended),
		cmocka_unit_test(p2_torn_tails_are_set_aside),
		cmocka_unit_test(p2_gaps_before_a_torn_tail_are_set_aside),
		cmocka_unit_test(p2_gaps_of_a_power_cut_are_set_aside),
		cmocka_unit_test(p2_a_whole_log_of_a_power_cut_stays),
		cmocka_unit_test(p1_damage_takes_no_other_line),
		cmocka_unit_test(p2_old_damage_stays),
		cmocka_unit_test(p2_nul_runs_are_set_aside),
		cmocka_unit_test(p2_long_lines_are_checked_whole),
		cmocka_unit_test(p7_unsafe_files_are_refused),
		cmocka_unit_test(missing_directories_are_told),
		cmocka_unit_test(a_log_can_be_larger_than_4_gb),
		cmocka_unit_test(p6_a_held_lock_is_given_up),
		cmocka_unit_test(p1_a_renamed_file_swallows_nothing),
		cmocka_unit_test(modes_are_as_configured),
		cmocka_unit_test(groups_are_limited),
		cmocka_unit_test(long_paths_are_told),
		cmocka_unit_test(names_beside_a_long_one_are_cut),
		cmocka_unit_test(p7_other_users_files_are_refused),
		cmocka_unit_test(p1_a_replacement_keeps_the_rest),
		cmocka_unit_test(p2_endless_tails_are_set_aside),
		cmocka_unit_test(p2_what_cannot_be_set_aside_leaves_nothing),
		cmocka_unit_test(p2_a_copy_is_made_but_once),
		cmocka_unit_test(settling_takes_turns_with_writers),
		cmocka_unit_test(p6_a_blocked_timer_ends_the_wait),
		cmocka_unit_test(an_append_tells_where_it_ends),
		cmocka_unit_test(closed_directories_are_told),
		cmocka_unit_test(places_are_told_apart),
	};

	options.owner = geteuid();
	umask(077);
	return RUN(tests);
}

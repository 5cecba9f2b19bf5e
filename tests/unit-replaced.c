/*
 * A log that is replaced, seen by a writer whose machine remembers names and files as they were:
 * look-ups and opens that answer late, files that a server has forgotten.  And the replacement
 * itself, killed before each of its calls, or with each of them failing: nothing that
 * was acknowledged is lost (P1), and nobody is held up for ever.
 *
 * The linker's --wrap puts the functions below between the modules and the C library.
 */
#include <sys/stat.h>
#include <sys/vfs.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

#include "base/fault.h"
#include "base/time.h"
#include "log/compact.h"
#include "log/scan.h"
#include "names.h"
#include "record.h"
#include "store/mark.h"
#include "store/options.h"
#include "store/replace.h"
#include "store/tail.h"
#include "store.h"
#include "unit.h"

#define OLD "{\"old\":1}\n"
#define LINE "{\"line\":1}\n"
#define LAST "{\"last\":1}\n"
#define MARK(time)                                                                                 \
	"{\"time\":\"" time "\",\"Replaced\":\"0123456789abcdef\",\"ExtensionList\":[]}\n"
#define NFS 0x6969
#define EXT4 0xef53

static struct store_options options = { .file_mode = 0600, .sync = true, .lock_timeout = 60000 };

static struct {
	int countdown; /* the call that changes something before which the process is killed; 0: none */
	int error;     /* or that fails with it, and is not killed */
	bool halves; /* a write before which it is killed has done half of its work */
	bool no_rename;
	bool remote;
	bool short_names; /* as where a home is encrypted: of 143 bytes at most */
	int old;          /* a descriptor of the file that late answers are of */
	int late_opens, late_looks;
	const char *stale; /* the call that fails with plan.stale_error */
	int stale_times, stale_error;
	void (*opened)(void);  /* called once when the log was opened */
	void (*read)(void);    /* called once when a file was read */
	void (*renamed)(void); /* called once when a file got another name */
} plan;

/* True where the call is to fail. */
static bool
changes(void)
{
	if (plan.countdown == 0 || --plan.countdown > 0)
		return false;
	if (plan.error == 0)
		_exit(9);
	errno = plan.error;
	return true;
}

ssize_t __real_write(int fd, const void *bytes, size_t size);

static bool
write_fails(int fd, const void *bytes, size_t size)
{
	if (plan.halves && plan.countdown == 1)
		(void)!__real_write(fd, bytes, size / 2);
	return changes();
}

static bool
is_stale(const char *call)
{
	if (plan.stale == NULL || strcmp(call, plan.stale) != 0 || plan.stale_times == 0)
		return false;
	plan.stale_times--;
	errno = plan.stale_error;
	return true;
}

WRAP_WHERE(changes(), int, fdatasync, -1, (int fd), (fd))
WRAP_WHERE(changes(), int, fsync, -1, (int fd), (fd))
WRAP_WHERE(changes(), int, ftruncate64, -1, (int fd, off_t size), (fd, size))
WRAP_WHERE(changes(), int, unlink, -1, (const char *path), (path))
WRAP_WHERE(is_stale("write") || write_fails(fd, bytes, size), ssize_t, write, -1,
    (int fd, const void *bytes, size_t size), (fd, bytes, size))
WRAP_WHERE(is_stale("lock"), int, fcntl64, -1, (int fd, int command, void *argument),
    (fd, command, argument))

ssize_t __real_pread64(int fd, void *bytes, size_t size, off_t offset);
ssize_t __wrap_pread64(int fd, void *bytes, size_t size, off_t offset);
ssize_t
__wrap_pread64(int fd, void *bytes, size_t size, off_t offset)
{
	ssize_t count = is_stale("pread") ? -1 : __real_pread64(fd, bytes, size, offset);
	void (*read_once)(void) = plan.read;

	plan.read = NULL;
	if (read_once != NULL)
		read_once();
	return count;
}

static bool
is_too_long(const char *path)
{
	errno = ENAMETOOLONG;
	return plan.short_names && strlen(strrchr(path, '/') + 1) > 143;
}

int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);
int
__wrap_rename(const char *from, const char *to)
{
	if (changes() || is_too_long(from) || is_too_long(to))
		return -1;
	if (!plan.no_rename) {
		void (*renamed)(void) = plan.renamed;
		int result = __real_rename(from, to);

		plan.renamed = NULL;
		if (renamed != NULL)
			renamed();
		return result;
	}
	errno = EACCES;
	return -1;
}

/* Where it has another name (NFS's .nfs...), or is remembered, a file that was replaced has a link. */
int __real_fstat64(int fd, struct stat *status);
int __wrap_fstat64(int fd, struct stat *status);
int
__wrap_fstat64(int fd, struct stat *status)
{
	int result = is_stale("fstat") ? -1 : __real_fstat64(fd, status);

	if (result == 0 && status->st_nlink == 0)
		status->st_nlink = 1;
	return result;
}

static bool
path_is_log(const char *path)
{
	size_t length = strlen(path), name = strlen("/test.jsonl");

	return length > name && strcmp(path + length - name, "/test.jsonl") == 0;
}

int __real_openat64(int directory, const char *path, int flags, mode_t mode);
int __wrap_openat64(int directory, const char *path, int flags, mode_t mode);
int
__wrap_openat64(int directory, const char *path, int flags, mode_t mode)
{
	void (*opened)(void) = plan.opened;
	char old[32];
	int fd;

	if (is_too_long(path))
		return -1;
	if (!path_is_log(path))
		return __real_openat64(directory, path, flags, mode);
	if (is_stale("open"))
		return -1;
	if (plan.late_opens > 0) {
		plan.late_opens--;
		snprintf(old, sizeof(old), "/proc/self/fd/%d", plan.old);
		return __real_openat64(directory, old, flags & ~O_NOFOLLOW, mode);
	}
	fd = __real_openat64(directory, path, flags, mode);
	if (fd >= 0 && opened != NULL) {
		plan.opened = NULL;
		opened();
	}
	return fd;
}

int __real_fstatat64(int directory, const char *path, struct stat *status, int flags);
int __wrap_fstatat64(int directory, const char *path, struct stat *status, int flags);
int
__wrap_fstatat64(int directory, const char *path, struct stat *status, int flags)
{
	if (is_too_long(path))
		return -1;
	if (!path_is_log(path) || plan.late_looks == 0)
		return __real_fstatat64(directory, path, status, flags);
	plan.late_looks--;
	return __real_fstat64(plan.old, status);
}

int __real_statfs64(const char *path, struct statfs *status);
int __wrap_statfs64(const char *path, struct statfs *status);
int
__wrap_statfs64(const char *path, struct statfs *status)
{
	int result = __real_statfs64(path, status);

	status->f_type = plan.remote ? NFS : EXT4;
	return result;
}

static void
plan_begin(void)
{
	if (plan.old > 0)
		close(plan.old);
	memset(&plan, 0, sizeof(plan));
}

static int
append(const char *line, struct fault *fault)
{
	*fault = (struct fault){ 0 };
	options.data_dir = scratch;
	return store_append(&options,
	    &(struct store_entry){ "test", line, strlen(line), INT64_MAX }, NULL, fault);
}

/* One that finds no log to append to: it need not wait for long. */
static int
append_in_vain(struct fault *fault)
{
	int timeout = options.lock_timeout, result;

	options.lock_timeout = 100;
	result = append(LINE, fault);
	options.lock_timeout = timeout;
	return result;
}

/* A log with OLD, and nothing beside it. */
static void
log_begin(void)
{
	char command[128];

	plan_begin();
	snprintf(command, sizeof(command), "rm -f '%s'/*", scratch);
	assert_int_equal(system(command), 0);
	file_write("test.jsonl", OLD, strlen(OLD));
	plan.old = open(file_path("test.jsonl"), O_RDWR);
	assert_true(plan.old >= 0);
}

/* Puts OLD and LAST in the log's place, by the only way there is. */
static int
replace(struct fault *fault)
{
	char path[PATH_MAX];
	struct store_replacement new = { .path = path, .last = LAST, .last_length = strlen(LAST) };
	int result = -1;

	fingerprint_set(&new.last_read, OLD, strlen(OLD), (off_t)strlen(OLD));
	options.data_dir = scratch;
	*fault = (struct fault){ 0 };
	if (store_repair(&options, "test", INT64_MAX, &new.read, fault) != 0)
		return -1;
	new.fd = store_open_sibling(&options, "test", ".new", path, fault);
	if (new.fd < 0)
		return -1;
	if (write(new.fd, OLD, strlen(OLD)) != (ssize_t)strlen(OLD))
		fault_set(fault, FAULT_WRITE_FAILED, "the test's own");
	else
		result = store_replace(&options, "test", &new, INT64_MAX, fault);
	if (path[0] != '\0')
		unlink(path);
	close(new.fd);
	return result;
}

static void
replace_now(void)
{
	struct fault fault;

	assert_int_equal(replace(&fault), 0);
}

/* What the client of a network file system remembers, for a while or for long. */
static void
p1_late_look_ups_lose_nothing(void **state)
{
	struct fault fault;

	(void)state;
	for (int remote = 0; remote < 2; remote++)
		for (int opens = 0; opens < 4; opens++) {
			log_begin();
			plan.remote = remote != 0;
			plan.opened = replace_now;
			assert_int_equal(append(LINE, &fault), 0);
			holds("test.jsonl", OLD LAST LINE);
			/* The name comes from memory: the old file has it, by each look. */
			log_begin();
			plan.opened = replace_now;
			plan.remote = true;
			plan.late_looks = 1 + opens;
			assert_int_equal(append(LINE, &fault), 0);
			holds("test.jsonl", OLD LAST LINE);
			/* And so does what is opened by it. */
			log_begin();
			replace_now();
			plan.remote = true;
			plan.late_opens = plan.late_looks = opens;
			assert_int_equal(append(LINE, &fault), 0);
			holds("test.jsonl", OLD LAST LINE);
			assert_int_equal(files_count(".new"), 0);
		}
}

/* It remembers for ever: nothing is acknowledged, and the next replacement is not disturbed. */
static void
p1_old_files_take_nothing(void **state)
{
	struct fault fault;

	(void)state;
	log_begin();
	replace_now();
	file_write("test.fedcba9876543210.new", "{\"unfin", 7);
	plan.remote = true;
	plan.late_opens = plan.late_looks = INT_MAX;
	assert_int_equal(append_in_vain(&fault), -1);
	assert_int_equal(fault.code, FAULT_LOCK_TIMEOUT);
	plan.late_opens = plan.late_looks = 0;
	holds("test.jsonl", OLD LAST);
	holds("test.fedcba9876543210.new", "{\"unfin");
	assert_int_equal(append(LINE, &fault), 0);
	holds("test.jsonl", OLD LAST LINE);
}

/* Who reads without a lock sees all that was acknowledged, and no mark. */
static void
lines_check(void)
{
	struct fault fault;
	struct scan scan;
	struct line line;

	assert_int_equal(scan_open(&scan, scratch, "test.jsonl", &fault), 1);
	assert_int_equal(scan_next(&scan, &line, &fault), 1);
	assert_int_equal(line.length, strlen(OLD) - 1);
	assert_memory_equal(line.bytes, OLD, strlen(OLD) - 1);
	if (scan_next(&scan, &line, &fault) == 1) {
		assert_memory_equal(line.bytes, LAST, strlen(LAST) - 1);
		assert_int_equal(scan_next(&scan, &line, &fault), 0);
	}
	assert_int_equal(scan_unfinished(&scan), 0);
	scan_close(&scan);
}

/* Writers go on, whatever was left; a later replacement takes away what a killed one has. */
static void
log_goes_on(bool remote, bool no_rename)
{
	struct fault fault;
	size_t length;
	char *got;

	lines_check();
	plan.remote = remote;
	plan.no_rename = no_rename;
	assert_int_equal(append(LINE, &fault), 0);
	got = file_load("test.jsonl", &length);
	if (strcmp(got, OLD LINE) != 0 && strcmp(got, OLD LAST LINE) != 0)
		fail_msg("%s", got);
	free(got);
	assert_int_equal(files_count(".torn"), 0);
	plan.no_rename = false;
	plan.remote = false;
	got = file_load("test.jsonl", &length);
	file_write("test.jsonl", OLD, strlen(OLD));
	replace_now();
	holds("test.jsonl", OLD LAST);
	free(got);
	assert_int_equal(files_count(".new"), 0);
}

static void
p1_killed_at_any_call(void **state)
{
	(void)state;
	for (int way = 0; way < 3; way++)
		for (int call = 1, status = 9 << 8; WEXITSTATUS(status) == 9; call++) {
			struct fault fault;
			pid_t child;

			log_begin();
			fflush(stdout);
			child = fork();
			if (child == 0) {
				plan.countdown = call;
				_exit(replace(&fault) == 0 ? 0 : 1);
			}
			assert_int_equal(waitpid(child, &status, 0), child);
			assert_true(WEXITSTATUS(status) == 9 || WEXITSTATUS(status) == 0);
			log_goes_on(way == 1, way == 2);
			assert_true(call > 8 || WEXITSTATUS(status) == 9);
		}
}

static void
p1_failing_at_any_call(void **state)
{
	static const int errors[] = { EIO, ENOSPC, ENOENT, EACCES };

	(void)state;
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		for (int call = 1, result = -1; result != 0 || call < 9; call++) {
			struct fault fault;

			log_begin();
			plan.error = errors[i];
			plan.countdown = call;
			result = replace(&fault);
			plan.countdown = 0;
			assert_true(result == 0 || fault.code != FAULT_NONE);
			log_goes_on(call % 2 == 0, false);
			assert_true(call < 30);
		}
}

/* The acknowledged lines among which a batch was torn: each is in the log, or whole in its .torn file. */
static void
tear_check(void)
{
	static const char *const lines[] = { OLD, "{\"b\":1}\n", "{\"c\":1}\n",
		"{\"d\":\"long\"}\n" };
	size_t length;
	char *log = file_load("test.jsonl", &length), *torn = file_load("test.torn", &length);

	assert_non_null(log);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		const char *found = strstr(log, lines[i]);
		const char *begin = log;

		if (found == NULL && torn != NULL) {
			found = strstr(torn, lines[i]);
			begin = torn;
		}
		if (found == NULL || (found != begin && found[-1] != '\n'))
			fail_msg("%s: is in neither of: %s and: %s", lines[i], log,
			    torn == NULL ? "" : torn);
	}
	free(log);
	free(torn);
}

/* An append that mends a torn batch, or one whose power was cut, with a plan; then one that must do. */
static int
tear_try(bool cut, int call, int error, bool halves)
{
	static const struct timespec written[2] = { { 1, 0 }, { 1, 0 } };
	static const char before[] =
	    OLD "broken\n{\"b\":1}\n{\"c\":1}\nbroken\n{\"d\":\"long\"}\n{\"e\":";
	size_t length = strlen(before) - (cut ? strlen("{\"e\":") : 0);
	struct fault fault;
	pid_t child;
	int status;

	log_begin();
	assert_int_equal(utimensat(AT_FDCWD, file_write("test.jsonl", before, length),
			     cut ? written : NULL, 0),
	    0);
	fflush(stdout);
	child = fork();
	if (child == 0) {
		plan.countdown = call;
		plan.error = error;
		plan.halves = halves;
		_exit(append(LINE, &fault) == 0 ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	tear_check();
	assert_int_equal(append(LAST, &fault), 0);
	tear_check();
	return WEXITSTATUS(status);
}

/* A process that dies before a call that changes nothing has left what it leaves before the next that does. */
static void
p1_mending_killed_at_any_call(void **state)
{
	static const int errors[] = { EIO, ENOSPC, EINTR };
	int status = 9;

	(void)state;
	for (int cut = 0; cut < 2; cut++, status = 9)
		for (int call = 1; status == 9; call++) {
			status = tear_try(cut, call, 0, false);
			assert_true(status == 9 || (status == 0 && call > 8));
			if (status == 9)
				assert_int_equal(tear_try(cut, call, 0, true), 9);
			for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
				tear_try(cut, call, errors[i], false);
		}
	log_begin();
}

/* A copy of a log that was made just when it was replaced. */
static void
a_copy_with_its_mark_is_mended(void **state)
{
	static const char then[] = OLD MARK("2025-12-02T15:11:34.395Z");
	struct fault fault;
	char now[512], time[TIME_SIZE];
	struct timespec clock;

	(void)state;
	clock_gettime(CLOCK_REALTIME, &clock);
	time_print((int64_t)clock.tv_sec * 1000, time);
	snprintf(now, sizeof(now), OLD MARK("%s"), time);
	log_begin();
	file_write("test.jsonl", then, strlen(then));
	lines_check();
	plan.remote = true;
	assert_int_equal(append(LINE, &fault), 0);
	holds("test.jsonl", OLD LINE);
	file_write("test.jsonl", now, strlen(now) - 1); /* its newline was lost */
	plan.remote = false;
	assert_int_equal(append(LINE, &fault), 0);
	holds("test.jsonl", OLD LINE);
	/* As long as another machine may know better, it is waited for. */
	file_write("test.jsonl", now, strlen(now));
	plan.remote = true;
	assert_int_equal(append_in_vain(&fault), -1);
	assert_int_equal(fault.code, FAULT_LOCK_TIMEOUT);
	holds("test.jsonl", now);
	/* What is nearly a mark is none; a torn one is set aside. */
	plan.remote = false;
	now[strlen(OLD) + 5] = 'T';
	file_write("test.jsonl", now, strlen(now));
	assert_int_equal(append(LINE, &fault), 0);
	file_write("test.jsonl", then, strlen(then) - 4);
	assert_int_equal(append(LINE, &fault), 0);
	holds("test.jsonl", OLD LINE);
	assert_int_equal(files_count(".torn"), 1);
}

/* Each byte of a mark is looked at, but those of its time. */
static void
what_is_nearly_a_mark_is_none(void **state)
{
	char mark[] = MARK("2025-12-02T15:11:34.395Z");
	size_t length = strlen(mark) - 1, other = 0;

	(void)state;
	assert_true(store_line_is_mark(mark, length));
	assert_false(store_line_is_mark(mark, length - 1));
	for (size_t i = 0; i < length; i++) {
		char was = mark[i];

		mark[i] = '_';
		other += store_line_is_mark(mark, length) ? 0 : 1;
		mark[i] = was;
	}
	assert_int_equal(other, length - strlen("2025-12-02T15:11:34.395Z"));
}

/* A server that has forgotten the file, or does not know who we are yet. */
static void
forgotten_files_are_opened_anew(void **state)
{
	static const char *const calls[] = { "lock", "fstat", "pread", "open" };
	struct fault fault;

	(void)state;
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		log_begin();
		plan.stale = calls[i];
		plan.stale_error = ESTALE;
		plan.stale_times = 2;
		assert_int_equal(append(LINE, &fault), 0);
		holds("test.jsonl", OLD LINE);
		plan.stale_times = INT_MAX;
		assert_int_equal(append_in_vain(&fault), -1);
		assert_int_not_equal(fault.code, FAULT_NONE);
		plan.stale_times = 0;
		holds("test.jsonl", OLD LINE);
	}
	plan.stale = "write";
	plan.stale_times = 1;
	assert_int_equal(append(LINE, &fault), -1);
	assert_int_equal(fault.code, FAULT_WRITE_FAILED);
	plan.stale = "open";
	plan.stale_error = EACCES;
	plan.stale_times = 1;
	assert_int_equal(append(LINE, &fault), 0);
	plan.stale_times = 2;
	assert_int_equal(append(LINE, &fault), -1);
	assert_int_equal(fault.code, FAULT_OPEN_FAILED);
}

static int
append_to(const char *group_id)
{
	struct fault fault;

	return store_append(&options,
	    &(struct store_entry){ group_id, LINE, strlen(LINE), INT64_MAX }, NULL, &fault);
}

/* Which groups there may be does not depend on whether a home is encrypted. */
static void
long_ids_fit_everywhere(void **state)
{
	char id[GROUP_ID_MAX + 1], plain[STORE_NAME_SIZE], short_name[STORE_NAME_SIZE],
	    found[STORE_NAME_SIZE], torn[STORE_NAME_SIZE];
	struct compaction compaction = { .options = &options, .group_id = id };
	struct fault fault;

	(void)state;
	for (size_t length = 1; length <= GROUP_ID_MAX; length++) {
		memset(id, length % 2 == 0 ? '@' : 'g', length);
		id[length] = '\0';
		log_begin();
		plan.short_names = true;
		assert_int_equal(append_to(id), 0);
		assert_int_equal(append_to(id), 0);
		store_name(id, plain);
		store_name_short(id, short_name);
		store_name_find(scratch, id, found);
		assert_true(strlen(short_name) <= 143);
		assert_int_equal(strcmp(plain, short_name) == 0, strlen(plain) <= 143);
		assert_string_equal(found, short_name);
		holds(short_name, LINE LINE);
		/* What is made beside it fits as well. */
		snprintf(torn, sizeof(torn), "%.*s.torn", (int)strlen(short_name) - 6, short_name);
		file_write(short_name, LINE "{\"torn", strlen(LINE) + 6);
		assert_int_equal(append_to(id), 0);
		holds(torn, "{\"torn\n");
		assert_int_equal(compact_log(&compaction, &fault), 0);
		/* A copy elsewhere: the log that there is goes on. */
		plan.short_names = false;
		file_write(short_name, LINE, strlen(LINE));
		assert_int_equal(append_to(id), 0);
		holds(short_name, LINE LINE);
		assert_int_equal(files_count(".jsonl"), 2);
		/* And one that was spelt out, where that is possible. */
		log_begin();
		file_write(plain, LINE, strlen(LINE));
		assert_int_equal(append_to(id), 0);
		holds(plain, LINE LINE);
		assert_int_equal(files_count(".jsonl"), 2);
	}
}

/* logrotate takes no lock; the next writer makes a new log. */
static void
log_rotate(void)
{
	struct fault fault;
	char rotated[PATH_MAX];

	snprintf(rotated, sizeof(rotated), "%s.1", file_path("test.jsonl"));
	assert_int_equal(rename(file_path("test.jsonl"), rotated), 0);
	assert_int_equal(append(LINE, &fault), 0);
}

/* A log that is renamed while it is replaced: the new file does not take the next log's place. */
static void
p1_renamed_while_it_is_replaced(void **state)
{
	struct fault fault;

	(void)state;
	log_begin();
	plan.renamed = log_rotate;
	assert_int_equal(replace(&fault), -1);
	assert_int_equal(fault.code, FAULT_LOG_CHANGED);
	holds("test.jsonl", LINE);
	/* The next one finds it as any log. */
	assert_int_equal(append(LINE, &fault), 0);
	holds("test.jsonl", LINE LINE);
}

#define TORN "{\"b\":"

static void
looked_rewrite(void)
{
	char line[2 * sizeof(LINE TORN)];

	memset(line, ' ', sizeof(line));
	line[0] = '{';
	file_write("looked.jsonl", line, sizeof(line));
}

/* A program without the lock repairs a tail while it is looked at. */
static void
a_look_at_a_tail_during_its_repair(void **state)
{
	const char *path = file_write("looked.jsonl", LINE TORN, strlen(LINE TORN));
	struct fault fault = { 0 };
	int fd = open(path, O_RDONLY);
	struct store_settled settled;

	(void)state;
	plan.read = looked_rewrite;
	assert_int_equal(store_settle(fd, INT64_MAX, &settled, &fault), 0);
	assert_null(plan.read);
	assert_int_equal(settled.end, 0);
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(p1_late_look_ups_lose_nothing),
		cmocka_unit_test(p1_old_files_take_nothing),
		cmocka_unit_test(p1_renamed_while_it_is_replaced),
		cmocka_unit_test(p1_killed_at_any_call),
		cmocka_unit_test(p1_failing_at_any_call),
		cmocka_unit_test(p1_mending_killed_at_any_call),
		cmocka_unit_test(a_copy_with_its_mark_is_mended),
		cmocka_unit_test(what_is_nearly_a_mark_is_none),
		cmocka_unit_test(forgotten_files_are_opened_anew),
		cmocka_unit_test(long_ids_fit_everywhere),
		cmocka_unit_test(a_look_at_a_tail_during_its_repair),
	};

	options.owner = geteuid();
	umask(077);
	return RUN(tests);
}

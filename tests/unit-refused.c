/* The counter of refused events: what counts and what does not, whatever stands in its file, many writers, any kill. */
#include <sys/wait.h>

#include <limits.h>

#include "base/fault.h"
#include "base/time.h"
#include "store/options.h"
#include "store/refused.h"
#include "unit.h"

#define THEN 1764688294395
#define SIZE 4096

static struct store_options options;

static int
setup(void **state)
{
	(void)state;
	options =
	    (struct store_options){ .data_dir = scratch, .owner = geteuid(), .file_mode = 0600 };
	unlink(file_path(REFUSED_NAME));
	return 0;
}

/* What is counted for a reason; 0: nothing. */
static struct refused
counted(const char *reason)
{
	struct refused list[REFUSED_MAX];
	struct fault fault = { 0 };
	int count = refused_read(list, scratch, &fault);

	for (int i = 0; i < count; i++)
		if (strcmp(list[i].reason, reason) == 0)
			return list[i];
	return (struct refused){ 0 };
}

static off_t
size_of(const char *name)
{
	struct stat status;

	return lstat(file_path(name), &status) == 0 ? status.st_size : -1;
}

static void
each_reason_is_counted(void **state)
{
	struct refused list[REFUSED_MAX];
	struct fault fault;
	struct refused found;
	int places = 0;

	(void)state;
	assert_int_equal(refused_read(list, scratch, &fault), 0);
	refused_prepare(&options);
	assert_int_equal(size_of(REFUSED_NAME), SIZE);
	assert_int_equal(refused_read(list, scratch, &fault), 0);
	/* What an event with a configuration can be refused for by the receiver itself. */
	for (int code = FAULT_DATA_DIR; code < FAULT_COUNT; code++) {
		if (fault_status((enum fault_code)code) < 500 || code == FAULT_ENGINE ||
		    code == FAULT_REST_REFUSED || code == FAULT_REST_FAILED ||
		    code == FAULT_REST_LIMITED)
			continue;
		refused_count(&options, (enum fault_code)code, THEN);
		refused_count(&options, (enum fault_code)code, THEN + 1000);
		found = counted(fault_slug((enum fault_code)code));
		if (found.count != 2 || found.first != THEN || found.last != THEN + 1000)
			fail_msg("%s", fault_slug((enum fault_code)code));
		places++;
	}
	assert_int_equal(refused_read(list, scratch, &fault), places);
	refused_count(&options, FAULT_ENGINE, THEN);
	assert_int_equal(counted("other").count, 1);
	assert_int_equal(size_of(REFUSED_NAME), SIZE);
}

/* Bytes of anybody: nothing is read beyond them, and a line of ours stays countable. */
static void
any_bytes_are_read(void **state)
{
	char bytes[2 * SIZE];
	struct refused list[REFUSED_MAX];
	struct fault fault;

	(void)state;
	srand((unsigned)seed_make());
	for (int i = 0; i < 2000; i++) {
		size_t length = (size_t)rand() % sizeof(bytes), changes = (size_t)rand() % 20;
		char *mine;
		size_t size = 0;

		unlink(file_path(REFUSED_NAME));
		refused_count(&options, FAULT_DISK_FULL, THEN);
		mine = file_load(REFUSED_NAME, &size);
		assert_int_equal(size, SIZE);
		memset(bytes, ' ', sizeof(bytes));
		memcpy(bytes, mine, size);
		free(mine);
		/* After the head, which says whose it is. */
		while (changes-- > 0)
			bytes[128 + rand() % (int)(sizeof(bytes) - 128)] = (char)rand();
		if (length < 128)
			length = 128;
		file_write(REFUSED_NAME, bytes, length);
		assert_true(refused_read(list, scratch, &fault) >= 0);
		refused_count(&options, FAULT_DISK_FULL, THEN);
		assert_true(counted("disk-full").count >= 1);
	}
}

/* A line that is not one of ours counts nothing; its place is used again. */
static void
a_broken_line_counts_nothing(void **state)
{
	static const char *const lines[] = { "", "{\"Reason\":\"\"", "{\"Reason\":\"DISK\"",
		"{\"Reason\":\"a-reason-that-is-longer-than-any\"", "{\"Reason\":\"disk-full\"}",
		"{\"Reason\":\"disk-full\",\"Count\":x", "{\"Reason\":\"disk-full\",\"Count\":0,",
		"{\"Reason\":\"disk-full\",\"Count\":1}",
		"{\"Reason\":\"disk-full\",\"Count\":1,\"First\":\"2025-12-02T15:11:34,395Z\"",
		"{\"Reason\":\"disk-full\",\"Count\":1,\"First\":\"2025-12-02T15:11:34.395Z\"}",
		"{\"Reason\":\"disk-full\",\"Count\":1,\"First\":\"2025-12-02T15:11:34.395Z\","
		"\"Last\":"
		"\"2025-13-02T15:11:34.395Z\"}",
		"{\"Reason\":\"disk-full\",\"Count\":1,\"First\":\"2025-12-02T15:11:34.395Z\","
		"\"Last\":"
		"\"2025-12-02T15:11:34.395Z\",",
		"{\"Reason\":\"disk-full\",\"Count\":1,\"First\":\"2025-12-02T15:11:34.395Z\","
		"\"Last\":"
		"\"2025-12-02T15:11:34.395Z\"}x",
		/* A line has no room for the last time of these. */
		"{\"Reason\":\"aaaaaaaaaaaaaaaaaaaaaaaa\",\"Count\":9007199254740992,\"First\":"
		"\"2025-12-02T15:"
		"11:34.395Z\",\"Last\":\"2025" };
	char *bytes, *place;
	size_t length = 0;

	(void)state;
	refused_count(&options, FAULT_DISK_FULL, THEN);
	bytes = file_load(REFUSED_NAME, &length);
	assert_int_equal(length, SIZE);
	place = strstr(bytes, "{\"Reason\":\"disk-full\"");
	assert_non_null(place);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		memset(place, ' ', 127);
		memcpy(place, lines[i], strlen(lines[i]));
		file_write(REFUSED_NAME, bytes, length);
		assert_int_equal(counted("disk-full").count, 0);
		refused_count(&options, FAULT_DISK_FULL, THEN);
		assert_int_equal(counted("disk-full").count, 1);
	}
	free(bytes);
}

/* A data directory that there is not, or of which no file's path can be said. */
static void
without_a_directory_nothing_is_counted(void **state)
{
	static char far[PATH_MAX];
	struct refused list[REFUSED_MAX];
	struct fault fault = { 0 };

	(void)state;
	memset(far, '/', sizeof(far) - 1);
	options.data_dir = far;
	refused_prepare(&options);
	refused_count(&options, FAULT_DISK_FULL, THEN);
	assert_int_equal(refused_read(list, far, &fault), -1);
	assert_int_equal(fault.code, FAULT_OPEN_FAILED);
	options.data_dir = "/nonexistent";
	refused_prepare(&options);
	refused_count(&options, FAULT_DISK_FULL, THEN);
	assert_int_equal(refused_read(list, "/nonexistent", &fault), 0);
}

static void
what_is_not_ours_is_left_alone(void **state)
{
	static const char theirs[] = "a file of somebody's, of one line and then some\n";
	struct refused list[REFUSED_MAX];
	struct fault fault;
	char *there;
	size_t length = 0;

	(void)state;
	file_write(REFUSED_NAME, theirs, sizeof(theirs) - 1);
	refused_prepare(&options);
	refused_count(&options, FAULT_DISK_FULL, THEN);
	there = file_load(REFUSED_NAME, &length);
	assert_string_equal(there, theirs);
	free(there);
	assert_int_equal(refused_read(list, scratch, &fault), -1);
	assert_int_equal(fault.code, FAULT_OPEN_FAILED);
	/* A link, to a file and to none; another name of a file; a FIFO, which would keep us waiting. */
	unlink(file_path(REFUSED_NAME));
	file_write("elsewhere", "", 0);
	assert_int_equal(symlink("elsewhere", file_path(REFUSED_NAME)), 0);
	refused_count(&options, FAULT_DISK_FULL, THEN);
	assert_int_equal(size_of("elsewhere"), 0);
	unlink(file_path("elsewhere"));
	refused_prepare(&options);
	assert_int_equal(size_of("elsewhere"), -1);
	unlink(file_path(REFUSED_NAME));
	file_write("elsewhere", "", 0);
	{
		char from[512];

		snprintf(from, sizeof(from), "%s", file_path("elsewhere"));
		assert_int_equal(link(from, file_path(REFUSED_NAME)), 0);
	}
	refused_count(&options, FAULT_DISK_FULL, THEN);
	assert_int_equal(size_of("elsewhere"), 0);
	unlink(file_path(REFUSED_NAME));
	assert_int_equal(mkfifo(file_path(REFUSED_NAME), 0600), 0);
	refused_count(&options, FAULT_DISK_FULL, THEN);
	assert_int_equal(refused_read(list, scratch, &fault), -1);
	unlink(file_path(REFUSED_NAME));
	/* Of another owner. */
	options.owner = geteuid() + 1;
	file_write(REFUSED_NAME, "", 0);
	refused_count(&options, FAULT_DISK_FULL, THEN);
	assert_int_equal(size_of(REFUSED_NAME), 0);
}

static void
a_file_that_was_cut_is_completed(void **state)
{
	char *whole;
	size_t length = 0;

	(void)state;
	refused_prepare(&options);
	whole = file_load(REFUSED_NAME, &length);
	for (size_t size = 0; size < SIZE; size += 61) {
		file_write(REFUSED_NAME, whole, size);
		refused_count(&options, FAULT_LOCK_TIMEOUT, THEN);
		assert_int_equal(counted("lock-timeout").count, 1);
		assert_int_equal(size_of(REFUSED_NAME), SIZE);
	}
	free(whole);
}

/* Never more than there were, and with so few calls under the lock nearly all. */
static void
many_writers_count(void **state)
{
	enum { WRITERS = 8, EACH = 500 };
	struct refused found;

	(void)state;
	for (int i = 0; i < WRITERS; i++)
		if (fork() == 0) {
			for (int j = 0; j < EACH; j++)
				refused_count(&options, FAULT_LOCK_TIMEOUT, THEN);
			_exit(0);
		}
	while (wait(NULL) > 0)
		;
	found = counted("lock-timeout");
	print_message("# %llu of %d\n", (unsigned long long)found.count, WRITERS * EACH);
	assert_true(found.count >= EACH && found.count <= WRITERS * EACH);
}

/* A writer that is killed at any moment leaves a file that goes on counting. */
static void
killed_writers_leave_it_whole(void **state)
{
	struct refused before = { 0 };

	(void)state;
	for (int i = 0; i < 200; i++) {
		pid_t child = fork();
		struct refused found;

		if (child == 0)
			for (;;)
				refused_count(&options, FAULT_DISK_FULL, THEN + i);
		usleep((unsigned)(i * 7 % 1000));
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		found = counted("disk-full");
		if (found.count < before.count)
			fail_msg("%llu, and then %llu", (unsigned long long)before.count,
			    (unsigned long long)found.count);
		before = found;
	}
	refused_count(&options, FAULT_DISK_FULL, THEN);
	assert_true(counted("disk-full").count == before.count + 1);
}

/* Somebody keeps the lock: counting ends at once. */
static void
nobody_is_waited_for(void **state)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int64_t took = INT64_MAX;
	int fd;

	(void)state;
	refused_prepare(&options);
	fd = open(file_path(REFUSED_NAME), O_RDWR | O_CLOEXEC);
	assert_int_equal(fcntl(fd, F_OFD_SETLK, &lock), 0);
	/* A machine that is busy at one of these is not busy at all of them. */
	for (int i = 0; i < 10 && took >= 1000; i++) {
		int64_t began = clock_milliseconds();

		refused_count(&options, FAULT_DISK_FULL, THEN);
		took = clock_milliseconds() - began;
	}
	assert_true(took < 1000);
	assert_int_equal(counted("disk-full").count, 0);
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(each_reason_is_counted, setup),
		cmocka_unit_test_setup(any_bytes_are_read, setup),
		cmocka_unit_test_setup(a_broken_line_counts_nothing, setup),
		cmocka_unit_test_setup(without_a_directory_nothing_is_counted, setup),
		cmocka_unit_test_setup(what_is_not_ours_is_left_alone, setup),
		cmocka_unit_test_setup(a_file_that_was_cut_is_completed, setup),
		cmocka_unit_test_setup(many_writers_count, setup),
		cmocka_unit_test_setup(killed_writers_leave_it_whole, setup),
		cmocka_unit_test_setup(nobody_is_waited_for, setup),
	};

	return RUN(tests);
}

/*
 * Every call that batches make on sockets fails, each in turn and one in so many: nothing that was
 * acknowledged is missing, and no descriptor stays open.
 *
 * The linker's --wrap puts the functions below between the modules and the C library.
 */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>

#include "batch.h"
#include "base/fault.h"
#include "base/time.h"
#include "store/options.h"
#include "store.h"
#include "clock.h"
#include "unit.h"

#if defined(__linux__) && !defined(MSGEXT_WITHOUT_BATCHES)
#define BATCHES true
#else
#define BATCHES false
#endif

#define LINE "{\"a\":1}\n"
#define OTHER "{\"b\":2}\n"
#define WRITERS 12
#define LINES 6

static struct {
	int countdown; /* the call that fails; 0: none */
	int one_in;    /* 0, or so many calls have one that fails */
	int error;
	unsigned random;
	const char *fired; /* what failed */
} plan;

static unsigned
random_next(void)
{
	plan.random = plan.random * 1103515245U + 12345U;
	return plan.random >> 16;
}

static bool
fails(const char *name)
{
	bool failing = plan.one_in > 0 && random_next() % (unsigned)plan.one_in == 0;

	if (plan.countdown > 0 && --plan.countdown == 0)
		failing = true;
	if (!failing)
		return false;
	plan.fired = name;
	errno = plan.error;
	return true;
}

WRAP(int, socket, -1, (int domain, int type, int protocol), (domain, type, protocol))
WRAP(int, bind, -1, (int fd, const struct sockaddr *address, socklen_t length),
    (fd, address, length))
WRAP(int, listen, -1, (int fd, int backlog), (fd, backlog))
WRAP(int, connect, -1, (int fd, const struct sockaddr *address, socklen_t length),
    (fd, address, length))
WRAP(int, accept4, -1, (int fd, struct sockaddr *address, socklen_t *length, int flags),
    (fd, address, length, flags))
WRAP(int, getsockopt, -1, (int fd, int level, int option, void *value, socklen_t *length),
    (fd, level, option, value, length))
WRAP(int, shutdown, -1, (int fd, int how), (fd, how))
WRAP(ssize_t, sendmsg, -1, (int fd, const struct msghdr *message, int flags), (fd, message, flags))
WRAP(ssize_t, recvmsg, -1, (int fd, struct msghdr *message, int flags), (fd, message, flags))
WRAP(ssize_t, send, -1, (int fd, const void *bytes, size_t size, int flags),
    (fd, bytes, size, flags))
WRAP(ssize_t, recv, -1, (int fd, void *bytes, size_t size, int flags), (fd, bytes, size, flags))

int
__wrap_poll(struct pollfd *polls, nfds_t count, int timeout)
{
	return fails("poll") ? -1 : test_clock_poll(polls, count, timeout);
}

static const int errors[] = { EIO, EINTR, EAGAIN, ENOMEM, EMFILE, EPERM, EINVAL, ECONNABORTED,
	EADDRINUSE, ECONNREFUSED, EPIPE };

static int
descriptors_count(void)
{
	DIR *directory = opendir("/proc/self/fd");
	int count = 0;

	assert_non_null(directory);
	while (readdir(directory) != NULL)
		count++;
	closedir(directory);
	return count;
}

/* What the second of two writers does when both have joined. */
enum course { WAITS, WITHDRAWS, HAS_THE_LOCK };

static struct batch_log place = { .name = "group.jsonl" };

/* Both writers, as store_append drives them; true: the second's line is in what is written. */
static bool
both_write(struct batch *follower, enum course course, enum batch_turn *turn)
{
	int64_t until = clock_milliseconds() + 5000;
	struct store_span span = { 0 };
	struct fault fault = { 0 };
	struct batch leader;
	bool written;

	batch_begin(&leader, LINE, strlen(LINE), INT64_MAX);
	batch_begin(follower, OTHER, strlen(OTHER), INT64_MAX);
	batch_join(&leader, &place, until);
	*turn = batch_join(follower, &place, until);
	if (course == WITHDRAWS && *turn == BATCH_RETRY && follower->connection >= 0) {
		*turn = batch_join(follower, &place, 0);
	} else if (course == HAS_THE_LOCK) {
		*turn = batch_leave(follower) ? BATCH_DONE : BATCH_WAIT;
	}
	assert_int_equal(batch_gather(&leader, &fault), 0);
	batch_compose(&leader, 100);
	written = memmem(leader.bytes, leader.size, OTHER, strlen(OTHER)) != NULL;
	assert_memory_equal(leader.bytes, LINE, strlen(LINE));
	batch_end(&leader, 0, &span, &fault);
	if (course == WAITS && follower->connection >= 0)
		*turn = batch_join(follower, &place, until);
	return written;
}

/* One exchange with one fault in it; false: nothing was left to fail. */
static bool
trial(enum course course, int countdown, int error)
{
	struct store_span span = { 0 };
	struct fault fault = { 0 };
	int open_before = descriptors_count();
	struct batch follower;
	enum batch_turn turn;
	bool written;

	plan.countdown = countdown;
	plan.error = error;
	plan.fired = NULL;
	written = both_write(&follower, course, &turn);
	plan.countdown = 0;
	if (turn == BATCH_DONE && (follower.result != 0 || !written))
		fail_msg("%d, %s, %d: acknowledged, and not written", course, plan.fired, error);
	if (written && !follower.orphaned &&
	    (turn == BATCH_TIMEOUT || (turn != BATCH_DONE && follower.connection < 0)))
		fail_msg("%d, %s, %d: written, and not known to be", course, plan.fired, error);
	if (course == HAS_THE_LOCK && turn != BATCH_DONE && written)
		fail_msg("%s, %d: written by two", plan.fired, error);
	batch_end(&follower, -1, &span, &fault);
	if (descriptors_count() != open_before)
		fail_msg("%d, %s, %d: a descriptor stays open", course, plan.fired, error);
	return plan.fired != NULL;
}

static void
one_call_fails(void **state)
{
	size_t trials = 0;
	char path[192];

	(void)state;
	if (!BATCHES)
		LEAVE("batches, of which this build has none");
	strcpy(path, file_write("group.jsonl", "", 0));
	place.data_dir = scratch;
	place.fd = open(path, O_RDWR | O_APPEND | O_CLOEXEC);
	assert_true(place.fd >= 0);
	test_clock.stands = true;
	for (enum course course = WAITS; course <= HAS_THE_LOCK; course++)
		for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
			int countdown = 1;

			while (trial(course, countdown, errors[i]))
				countdown++;
			assert_true(countdown > 8);
			trials += (size_t)countdown;
		}
	test_clock.stands = false;
	close(place.fd);
	print_message("# %zu faults\n", trials);
}

/* Appends its lines where one call in so many fails, and tells which were taken. */
static void
writer(int number, int told)
{
	struct store_options options = { .data_dir = scratch,
		.owner = geteuid(),
		.file_mode = 0600,
		.sync = true,
		.lock_timeout = 5000 * slowness() };
	int open_before = descriptors_count();

	plan.random += (unsigned)number * 7919U;
	for (int i = 0; i < LINES; i++) {
		struct fault fault = { 0 };
		char line[64];
		int length = snprintf(line, sizeof(line), "{\"n\":%d}\n", number * LINES + i);
		int result;

		plan.error = errors[random_next() % (sizeof(errors) / sizeof(errors[0]))];
		result = store_append(&options,
		    &(struct store_entry){ "many", line, (size_t)length, INT64_MAX }, NULL, &fault);
		if (result == 0 && write(told, line, (size_t)length) != length)
			_exit(1);
		if (result != 0 && fault.code == FAULT_NONE)
			_exit(2);
	}
	_exit(descriptors_count() == open_before ? 0 : 3);
}

/* All lines that were told must stand in the log, each of its lines be whole: how many were told. */
static int
lines_check(FILE *told)
{
	char line[64], *log, *next;
	size_t length;
	int count = 0;

	log = file_load("many.jsonl", &length);
	assert_non_null(log);
	while (fgets(line, sizeof(line), told) != NULL) {
		count++;
		if (strstr(log, line) == NULL)
			fail_msg("acknowledged, and missing: %s", line);
	}
	for (char *at = log; *at != '\0'; at = next + 1) {
		next = strchr(at, '\n');
		assert_non_null(next);
		assert_memory_equal(at, "{\"n\":", 5);
		assert_int_equal(next[-1], '}');
	}
	free(log);
	return count;
}

static void
many_calls_fail(void **state)
{
	static const int rates[] = { 100, 20, 4 };
	unsigned start = (unsigned)seed_make();

	(void)state;
	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		FILE *told = tmpfile();
		int status, failed = 0, count;

		assert_non_null(told);
		fcntl(fileno(told), F_SETFL, O_APPEND);
		file_write("many.jsonl", "", 0);
		plan.random = start;
		plan.one_in = rates[i];
		fflush(stdout);
		for (int number = 0; number < WRITERS; number++)
			if (fork() == 0)
				writer(number, fileno(told));
		plan.one_in = 0;
		while (wait(&status) > 0)
			failed = status != 0 ? status : failed;
		assert_int_equal(failed, 0);
		rewind(told);
		count = lines_check(told);
		print_message("# one in %d: %d of %d\n", rates[i], count, WRITERS * LINES);
		fclose(told);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_call_fails),
		cmocka_unit_test(many_calls_fail),
	};

	umask(077);
	return RUN(tests);
}

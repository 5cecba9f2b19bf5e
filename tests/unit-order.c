/*
 * What a leader and a follower do, and in which order: one append, and in the same process, at one of
 * its calls, what others do then.  Nobody waits: time goes on by what is waited for.
 *
 * The linker's --wrap puts the functions below between the modules and the C library.
 */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>

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
#define FIRST "{\"b\":2}\n"
#define SECOND "{\"c\":3}\n"
#define LOG "order.jsonl"
#define TIMEOUT 5000

static struct store_options options = { .file_mode = 0600, .sync = true };
static struct batch_log place = { .name = LOG };
static int holder;                 /* an open log that has the lock, or -1 */
static struct batch other, second; /* leader or followers beside the append */
static const struct store_span nowhere;
static struct fault none;

static struct {
	bool on; /* what the append calls is written down, */
	char calls[400];
	int lock_tries;
	int64_t timer;     /* after so many milliseconds the first signal would come */
	int64_t withdrawn; /* when */
	int syncs_until_failure;
	bool close_fails;
	int accept_milliseconds; /* that each takes */
	/* What happens once right after a call, or before the lock is waited for. */
	void (*at_listen)(void), (*at_connect)(void), (*at_sent)(void), (*at_timeout)(void),
	    (*at_shutdown)(void), (*at_wait)(void);
} plan;

static void
called(const char *name)
{
	if (plan.on)
		strcat(strcat(plan.calls, *plan.calls != '\0' ? " " : ""), name);
}

/* What happens then calls what the append does, and is not written down. */
static void
happens(void (**what)(void))
{
	void (*once)(void) = *what;
	int error = errno;

	*what = NULL;
	if (once == NULL)
		return;
	plan.on = false;
	once();
	plan.on = true;
	errno = error;
}

/* Is it the log, another file, or what else? */
static void
called_on(const char *name, int fd)
{
	struct stat status, log;
	char text[64];

	if (!plan.on || fstat(fd, &status) != 0 || fstat(place.fd, &log) != 0 ||
	    !S_ISREG(status.st_mode))
		return;
	snprintf(text, sizeof(text), "%s%s", name, status.st_ino == log.st_ino ? "" : "-torn");
	called(text);
}

int __real_listen(int fd, int backlog);
int __wrap_listen(int fd, int backlog);
int
__wrap_listen(int fd, int backlog)
{
	int result = __real_listen(fd, backlog);

	called("listen");
	happens(&plan.at_listen);
	return result;
}

int __real_connect(int fd, const struct sockaddr *address, socklen_t length);
int __wrap_connect(int fd, const struct sockaddr *address, socklen_t length);
int
__wrap_connect(int fd, const struct sockaddr *address, socklen_t length)
{
	int result = __real_connect(fd, address, length);

	if (plan.on)
		happens(&plan.at_connect);
	return result;
}

int __real_accept4(int fd, struct sockaddr *address, socklen_t *length, int flags);
int __wrap_accept4(int fd, struct sockaddr *address, socklen_t *length, int flags);
int
__wrap_accept4(int fd, struct sockaddr *address, socklen_t *length, int flags)
{
	int result = __real_accept4(fd, address, length, flags);

	if (result >= 0)
		called("accept");
	test_clock.ahead += plan.accept_milliseconds;
	return result;
}

ssize_t __real_sendmsg(int fd, const struct msghdr *message, int flags);
ssize_t __wrap_sendmsg(int fd, const struct msghdr *message, int flags);
ssize_t
__wrap_sendmsg(int fd, const struct msghdr *message, int flags)
{
	ssize_t result = __real_sendmsg(fd, message, flags);

	if (result > 0)
		called("give");
	if (plan.on && result > 0)
		happens(&plan.at_sent);
	return result;
}

ssize_t __real_send(int fd, const void *bytes, size_t size, int flags);
ssize_t __wrap_send(int fd, const void *bytes, size_t size, int flags);
ssize_t
__wrap_send(int fd, const void *bytes, size_t size, int flags)
{
	called("tell");
	return __real_send(fd, bytes, size, flags);
}

int __real_shutdown(int fd, int how);
int __wrap_shutdown(int fd, int how);
int
__wrap_shutdown(int fd, int how)
{
	int result = __real_shutdown(fd, how);

	called("withdraw");
	plan.withdrawn = __wrap_clock_milliseconds();
	happens(&plan.at_shutdown);
	return result;
}

int
__wrap_poll(struct pollfd *polls, nfds_t count, int timeout)
{
	int ready = test_clock_poll(polls, count, timeout);

	if (ready == 0 && plan.on)
		happens(&plan.at_timeout);
	return ready;
}

int __real_fsync(int fd);
int __wrap_fsync(int fd);
int
__wrap_fsync(int fd)
{
	called("directory");
	return __real_fsync(fd);
}

int __real_fcntl64(int fd, int command, void *argument);
int __wrap_fcntl64(int fd, int command, void *argument);

/* Does the log's lock keep others from writing, or from syncing what they wrote? */
static bool
writers_are_kept_out(int fd)
{
#ifdef F_OFD_GETLK
	struct flock others = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
	struct flock ours = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	return __real_fcntl64(fd, F_OFD_GETLK, &others) == 0 && others.l_type == F_UNLCK &&
	    __real_fcntl64(place.fd, F_OFD_GETLK, &ours) == 0 && ours.l_type != F_UNLCK;
#else
	(void)fd;
	return true;
#endif
}

int __real_fdatasync(int fd);
int __wrap_fdatasync(int fd);
int
__wrap_fdatasync(int fd)
{
	called_on("sync", fd);
	if (plan.on && !writers_are_kept_out(fd))
		called("beside-a-writer");
	if (plan.syncs_until_failure == 0 || --plan.syncs_until_failure > 0)
		return __real_fdatasync(fd);
	errno = EIO;
	return -1;
}

ssize_t __real_write(int fd, const void *bytes, size_t size);
ssize_t __wrap_write(int fd, const void *bytes, size_t size);
ssize_t
__wrap_write(int fd, const void *bytes, size_t size)
{
	called_on("write", fd);
	return __real_write(fd, bytes, size);
}

int __real_ftruncate64(int fd, off_t size);
int __wrap_ftruncate64(int fd, off_t size);
int
__wrap_ftruncate64(int fd, off_t size)
{
	called_on("cut", fd);
	return __real_ftruncate64(fd, size);
}

int __real_close(int fd);
int __wrap_close(int fd);
int
__wrap_close(int fd)
{
	int listening = 0;
	socklen_t length = sizeof(listening);
	struct stat status;
	bool fails;

	getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &length);
	if (listening)
		called("give-up");
	called_on("close", fd);
	fails = plan.on && plan.close_fails && fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
	__real_close(fd);
	errno = EIO;
	return fails ? -1 : 0;
}

int
__wrap_fcntl64(int fd, int command, void *argument)
{
	bool waits = command == F_SETLKW;

#ifdef F_OFD_SETLKW
	waits = waits || command == F_OFD_SETLKW;
#endif
	if (waits && plan.on)
		happens(&plan.at_wait);
	assert_true(++plan.lock_tries < 1000); /* or it is for ever */
	return __real_fcntl64(fd, command, argument);
}

int __real_setitimer(int which, const struct itimerval *timer, struct itimerval *before);
int __wrap_setitimer(int which, const struct itimerval *timer, struct itimerval *before);
int
__wrap_setitimer(int which, const struct itimerval *timer, struct itimerval *before)
{
	if (timer->it_value.tv_sec != 0 || timer->it_value.tv_usec != 0)
		plan.timer =
		    (int64_t)timer->it_value.tv_sec * 1000 + timer->it_value.tv_usec / 1000;
	return __real_setitimer(which, timer, before);
}

/* the others */

static void
lock_release(void)
{
	if (holder >= 0)
		close(holder);
	holder = -1;
}

/* Another writer has the lock of a log that holds these bytes. */
static int
setup(void **state)
{
	static char path[192];
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	(void)state;
	strcpy(path, file_write(LOG, "", 0));
	options.data_dir = place.data_dir = scratch;
	options.owner = geteuid();
	options.sync = true;
	options.lock_timeout = TIMEOUT;
	memset(&plan, 0, sizeof(plan));
	test_clock.stands = true;
	test_clock.ahead = 0;
	place.fd = open(path, O_RDWR | O_APPEND | O_CLOEXEC);
	holder = open(path, O_RDWR | O_CLOEXEC);
	batch_begin(&other, FIRST, strlen(FIRST), INT64_MAX);
	batch_begin(&second, SECOND, strlen(SECOND), INT64_MAX);
#ifdef F_OFD_SETLK
	return holder < 0 ? -1 : fcntl(holder, F_OFD_SETLK, &lock);
#else
	return -1;
#endif
}

static int
teardown(void **state)
{
	char torn[96];

	(void)state;
	snprintf(torn, sizeof(torn), "%s/order.torn", scratch);
	batch_end(&other, -1, &nowhere, &none);
	batch_end(&second, -1, &nowhere, &none);
	lock_release();
	unlink(torn);
	return close(place.fd);
}

static void
log_holds(const char *expected)
{
	size_t length;
	char *bytes = file_load(LOG, &length);

	assert_string_equal(bytes, expected);
	free(bytes);
}

static void
log_begin(const char *bytes)
{
	assert_int_equal(write(place.fd, bytes, strlen(bytes)), strlen(bytes));
}

static int64_t
later(void)
{
	return __wrap_clock_milliseconds() + TIMEOUT;
}

/* A batch ends for its other side, in the log where all are, and begins anew. */
static void
ended(struct batch *batch, int result)
{
	struct store_span span = { 0 };
	struct stat status;

	assert_int_equal(fstat(place.fd, &status), 0);
	span.device = status.st_dev;
	span.inode = status.st_ino;
	batch_end(batch, result, &span, &none);
	batch_begin(batch, FIRST, strlen(FIRST), INT64_MAX);
}

static void
followers_join(void)
{
	assert_int_equal(batch_join(&other, &place, later()), BATCH_RETRY);
	assert_int_equal(batch_join(&second, &place, later()), BATCH_RETRY);
	lock_release();
}

/* The append becomes a follower: another is leader before. */
static void
other_leads(void)
{
	assert_int_equal(batch_join(&other, &place, later()), BATCH_WAIT);
	assert_true(other.listener >= 0);
}

static void
other_gathers(void)
{
	struct fault fault;

	assert_int_equal(batch_gather(&other, &fault), 0);
	assert_int_equal(other.line_count, 2);
	assert_memory_equal(other.bytes + other.lines[1].start, LINE, strlen(LINE));
}

static void
other_tells(void)
{
	ended(&other, 0);
}

static void
other_gathers_and_tells(void)
{
	other_gathers();
	other_tells();
}

/* A leader before that one had written the line, and died. */
static void
other_finds_and_tells(void)
{
	other_gathers();
	other.lines[1].found = true;
	other_tells();
}

/* The leader has written the lines, and is killed. */
static void
other_writes_and_dies(void)
{
	other_gathers();
	log_begin(FIRST LINE);
	close(other.lines[1].fd);
	other.line_count = 1;
	ended(&other, 0);
}

static void
other_gathers_and_hangs(void)
{
	other_gathers();
	lock_release();
}

static void
other_tells_and_unlocks(void)
{
	other_gathers_and_tells();
	lock_release();
}

/* In a log that has replaced the one that the append has open. */
static void
other_finds_elsewhere(void)
{
	struct store_span elsewhere = { 0 };

	other_gathers();
	other.lines[1].found = true;
	batch_end(&other, 0, &elsewhere, &none);
	batch_begin(&other, FIRST, strlen(FIRST), INT64_MAX);
}

static void
other_finds_and_unlocks(void)
{
	other_finds_and_tells();
	lock_release();
}

/* The lock is a reader's then. */
static void
other_finds_and_shares(void)
{
#ifdef F_OFD_SETLK
	struct flock lock = { .l_type = F_RDLCK, .l_whence = SEEK_SET };

	assert_int_equal(fcntl(holder, F_OFD_SETLK, &lock), 0);
#endif
	other_finds_and_tells();
}

static void
other_finds_when_the_time_is_over(void)
{
	other_finds_and_tells();
	test_clock.ahead += TIMEOUT;
}

static void
other_gathers_until_the_time_is_over(void)
{
	other_gathers();
	test_clock.ahead += TIMEOUT;
}

static void
other_goes(void)
{
	ended(&other, 0);
}

/* the append */

static int
append_line(const char *line, int64_t deadline, struct fault *fault)
{
	struct store_span span = { 0 };
	struct stat status;
	int result;

	*fault = (struct fault){ 0 };
	plan.lock_tries = 0;
	plan.on = true;
	result = store_append(&options,
	    &(struct store_entry){ "order", line, strlen(line), deadline }, &span, fault);
	plan.on = false;
	if (result == 0 && fstat(place.fd, &status) == 0 && span.inode != 0) {
		assert_true(span.inode == (uint64_t)status.st_ino);
		assert_true(span.size <= status.st_size);
	}
	return result;
}

static void
append_does(const char *calls)
{
	struct fault fault;

	assert_int_equal(append_line(LINE, INT64_MAX, &fault), 0);
	assert_string_equal(plan.calls, calls);
}

static void
append_fails(enum fault_code code, const char *calls)
{
	struct fault fault;

	assert_int_equal(append_line(LINE, INT64_MAX, &fault), -1);
	assert_int_equal(fault.code, code);
	assert_string_equal(plan.calls, calls);
}

static void
is_told(struct batch *batch, int result, enum fault_code code)
{
	batch->ask = later();
	assert_int_equal(batch_join(batch, &place, later()), BATCH_DONE);
	assert_int_equal(batch->result, result);
	if (result != 0)
		assert_int_equal(batch->fault.code, code);
}

/* The name is durable before the gather; one write, one sync; who waits is told when the lock is free. */
static void
a_leader_goes_step_by_step(void **state)
{
	(void)state;
	plan.at_listen = followers_join;
	append_does("listen directory accept accept give-up write sync close tell tell");
	log_holds(LINE FIRST SECOND);
	is_told(&other, 0, FAULT_NONE);
	is_told(&second, 0, FAULT_NONE);
	assert_int_equal(other.span.size, strlen(LINE FIRST));
	assert_int_equal(second.span.size, strlen(LINE FIRST SECOND));
}

/* What a dead leader may have written is durable before it is looked for. */
static void
orphans_are_looked_for_in_what_is_durable(void **state)
{
	(void)state;
	log_begin(LINE FIRST);
	other.orphaned = second.orphaned = true;
	other.before = second.before = nowhere;
	plan.at_listen = followers_join;
	append_does("listen accept accept give-up sync write sync close tell tell");
	/* It is of no log that either knew. */
	log_holds(LINE FIRST LINE FIRST SECOND);
}

static void
a_found_orphan_is_not_written_again(void **state)
{
	struct stat status;

	(void)state;
	log_begin(LINE FIRST);
	assert_int_equal(fstat(place.fd, &status), 0);
	other.orphaned = second.orphaned = true;
	other.before = second.before = (struct store_span){ status.st_dev, status.st_ino, 0 };
	plan.at_listen = followers_join;
	append_does("listen accept accept give-up sync write sync close tell tell");
	log_holds(LINE FIRST LINE SECOND);
	is_told(&other, 0, FAULT_NONE);
	assert_true(other.found);
	assert_int_equal(other.span.size, strlen(LINE FIRST));
	is_told(&second, 0, FAULT_NONE);
	assert_false(second.found);
}

static void
what_is_not_durable_is_nobodys(void **state)
{
	(void)state;
	log_begin(FIRST);
	other.orphaned = true;
	other.before = nowhere;
	plan.at_listen = followers_join;
	plan.syncs_until_failure = 1;
	append_fails(FAULT_SYNC_FAILED, "listen accept accept give-up sync close tell tell");
	is_told(&other, -1, FAULT_SYNC_FAILED);
	is_told(&second, -1, FAULT_SYNC_FAILED);
	log_holds(FIRST);
}

static void
a_failed_sync_is_everybodys(void **state)
{
	(void)state;
	log_begin(LINE);
	plan.at_listen = followers_join;
	plan.syncs_until_failure = 1;
	append_fails(FAULT_SYNC_FAILED,
	    "listen accept accept give-up write sync cut close tell tell");
	is_told(&other, -1, FAULT_SYNC_FAILED);
	is_told(&second, -1, FAULT_SYNC_FAILED);
	log_holds(LINE);
}

static void
a_failed_close_is_everybodys(void **state)
{
	(void)state;
	log_begin(LINE);
	plan.at_listen = followers_join;
	plan.close_fails = true;
	append_fails(FAULT_SYNC_FAILED, "listen accept accept give-up write sync close tell tell");
	is_told(&other, -1, FAULT_SYNC_FAILED);
	is_told(&second, -1, FAULT_SYNC_FAILED);
}

static void
a_torn_tail_is_durably_mended_first(void **state)
{
	(void)state;
	log_begin(LINE "{\"b\":\n" LINE "{\"c\"");
	plan.at_listen = followers_join;
	append_does("listen directory write-torn write-torn sync-torn close-torn cut write sync "
		    "accept accept give-up write sync close tell tell");
	log_holds(LINE LINE LINE FIRST SECOND);
}

/* A gather that takes long ends: who was not taken begins anew. */
static void
a_slow_gather_ends(void **state)
{
	(void)state;
	log_begin(LINE);
	plan.at_listen = followers_join;
	plan.accept_milliseconds = 21;
	append_does("listen accept give-up write sync close tell");
	is_told(&other, 0, FAULT_NONE);
	second.ask = later();
	assert_int_equal(batch_join(&second, &place, later()), BATCH_RETRY);
	assert_true(second.connection < 0);
	assert_false(second.orphaned);
}

static void
a_follower_is_done_when_it_is_told(void **state)
{
	(void)state;
	other_leads();
	plan.at_sent = other_gathers_and_tells;
	append_does("give close");
	assert_int_equal(plan.lock_tries, 1);
}

/*
 * Who had the log open before learns of a failed sync; the leader that found the line may not.  No writer
 * has the lock meanwhile.
 */
static void
a_line_that_was_found_is_synced_by_its_own_writer(void **state)
{
	(void)state;
	other_leads();
	plan.at_sent = other_finds_and_tells;
	plan.at_wait = lock_release;
	append_does("give sync close");
	assert_null(plan.at_wait);
}

static void
a_failed_sync_of_a_line_that_was_found_is_its_own_writers(void **state)
{
	(void)state;
	other_leads();
	plan.at_sent = other_finds_and_tells;
	plan.at_wait = lock_release;
	plan.syncs_until_failure = 1;
	append_fails(FAULT_SYNC_FAILED, "give sync close");
}

/* Those whose lines were found, and readers, do not wait for one another. */
static void
a_line_that_was_found_is_synced_beside_others(void **state)
{
	(void)state;
	other_leads();
	plan.at_sent = other_finds_and_shares;
	append_does("give sync close");
}

static void
a_line_that_was_found_is_in_doubt_while_a_writer_syncs(void **state)
{
	(void)state;
	other_leads();
	plan.at_sent = other_finds_when_the_time_is_over;
	append_fails(FAULT_LOCK_TIMEOUT, "give withdraw close");
}

static void
a_line_that_was_found_elsewhere_is_in_doubt(void **state)
{
	(void)state;
	other_leads();
	plan.at_sent = other_finds_elsewhere;
	append_fails(FAULT_LOCK_TIMEOUT, "give close");
}

static void
a_verdict_that_comes_with_the_lock_counts(void **state)
{
	(void)state;
	other_leads();
	plan.at_timeout = other_tells_and_unlocks;
	append_does("give close");
	log_holds("");
}

static void
so_does_one_that_found_the_line(void **state)
{
	(void)state;
	other_leads();
	plan.at_timeout = other_finds_and_unlocks;
	plan.syncs_until_failure = 1;
	append_fails(FAULT_SYNC_FAILED, "give sync close");
}

static void
an_orphan_that_leads_finds_its_own_line(void **state)
{
	(void)state;
	other_leads();
	plan.at_sent = other_writes_and_dies;
	plan.at_listen = lock_release;
	append_does("give listen give-up sync close");
	log_holds(FIRST LINE);
}

/* A leader that hangs: the lock is tried now and then, and whoever has it takes his line back. */
static void
a_line_is_taken_back_with_the_lock(void **state)
{
	(void)state;
	log_begin(FIRST);
	other_leads();
	plan.at_sent = other_gathers_and_hangs;
	append_does("give sync write sync close");
	assert_true(test_clock.ahead < 300);
	log_holds(FIRST LINE);
}

static void
the_lock_is_tried_now_and_then_only(void **state)
{
	(void)state;
	options.lock_timeout = 1000;
	other_leads();
	plan.at_sent = other_gathers;
	append_fails(FAULT_LOCK_TIMEOUT, "give withdraw close");
	assert_in_range(plan.lock_tries, 4, 20);
}

static void
who_withdraws_may_still_be_told(void **state)
{
	(void)state;
	other_leads();
	plan.at_sent = other_gathers_until_the_time_is_over;
	plan.at_shutdown = other_tells;
	append_does("give withdraw close");
}

static void
who_withdraws_leaves_time_for_that_and_keeps_the_deadline(void **state)
{
	int64_t deadline = clock_milliseconds() + 2000;
	struct fault fault;

	(void)state;
	other_leads();
	plan.at_sent = other_gathers;
	assert_int_equal(append_line(LINE, deadline, &fault), -1);
	assert_int_equal(fault.code, FAULT_LOCK_TIMEOUT);
	assert_int_equal(plan.withdrawn, deadline - 250);
	assert_int_equal(clock_milliseconds(), deadline);
}

static void
a_leader_that_goes_before_the_line_is_given_leaves_no_doubt(void **state)
{
	(void)state;
	log_begin(LINE);
	other_leads();
	plan.at_connect = other_goes;
	plan.at_listen = plan.at_wait = lock_release;
	append_does("listen give-up write sync close");
	log_holds(LINE LINE);
}

/* A queue that is full is a leader's, for a while. */
static void
a_full_queue_is_waited_for(void **state)
{
	struct sockaddr_un address;
	socklen_t length = sizeof(address);
	int fd, waiting, tries = 0;

	(void)state;
	other_leads();
	assert_int_equal(getsockname(other.listener, (struct sockaddr *)&address, &length), 0);
	assert_int_equal(listen(other.listener, 0), 0);
	waiting = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0);
	assert_int_equal(connect(waiting, (struct sockaddr *)&address, length), 0);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, length), -1);
	assert_int_equal(errno, EAGAIN);
	while (tries < 2000 && batch_join(&second, &place, later()) == BATCH_RETRY)
		tries++;
	assert_in_range(tries, 100, 400);
	assert_true(second.connection < 0);
	close(fd);
	close(waiting);
}

/* So many bytes are one batch's; whose line is not in it begins anew. */
static void
a_batch_has_a_size(void **state)
{
	enum { MANY = 12 };
	struct batch followers[MANY];
	char *line = malloc(BATCH_LINE_MAX);
	struct fault fault;
	size_t again = 0;

	(void)state;
	memset(line, ' ', BATCH_LINE_MAX);
	line[0] = '{';
	line[BATCH_LINE_MAX - 1] = '\n';
	other_leads();
	for (size_t i = 0; i < MANY; i++) {
		batch_begin(&followers[i], line, BATCH_LINE_MAX, INT64_MAX);
		assert_int_equal(batch_join(&followers[i], &place, later()), BATCH_RETRY);
		assert_true(followers[i].connection >= 0);
	}
	assert_int_equal(batch_gather(&other, &fault), 0);
	assert_in_range(other.line_count, 6, 9);
	batch_compose(&other, 0);
	assert_in_range(other.size, 5 * BATCH_LINE_MAX, 1 << 20);
	ended(&other, 0);
	for (size_t i = 0; i < MANY; i++) {
		followers[i].ask = later();
		again += batch_join(&followers[i], &place, later()) != BATCH_DONE;
		assert_false(followers[i].orphaned);
		batch_end(&followers[i], -1, &nowhere, &none);
	}
	assert_in_range(again, MANY - 8, MANY - 5);
	free(line);
}

/* What answers at a leader's address, and not with a verdict's size, is another program. */
static void
another_programs_answer_is_no_verdict(void **state)
{
	char answer[4096] = "", line[256];
	struct sockaddr_un address;
	socklen_t size = sizeof(address);
	int fd, accepted;

	(void)state;
	other_leads();
	assert_int_equal(getsockname(other.listener, (struct sockaddr *)&address, &size), 0);
	ended(&other, 0);
	fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
	assert_int_equal(listen(fd, 4), 0);
	for (size_t length = 2; length <= sizeof(answer); length *= sizeof(answer) / 2) {
		ended(&second, -1); /* as one that has not asked it yet */
		assert_int_equal(batch_join(&second, &place, later()), BATCH_RETRY);
		assert_true(second.connection >= 0);
		accepted = accept(fd, NULL, NULL);
		assert_true(recv(accepted, line, sizeof(line), 0) > 0);
		assert_int_equal(send(accepted, answer, length, 0), length);
		second.ask = later();
		assert_int_equal(batch_join(&second, &place, later()), BATCH_RETRY);
		assert_true(second.connection < 0);
		assert_true(second.orphaned);
		close(accepted);
	}
	close(fd);
}

/* Who would not sync has no part in it; who waits for the lock is interrupted by nothing. */
static void
without_sync_the_lock_is_waited_for(void **state)
{
	(void)state;
	options.sync = false;
	plan.at_wait = lock_release;
	append_does("write close");
	assert_in_range(plan.timer, TIMEOUT - 1000, TIMEOUT);
}

static void
a_leader_keeps_its_place(void **state)
{
	(void)state;
	log_begin(LINE);
	plan.at_wait = lock_release;
	append_does("listen give-up write sync close");
	assert_in_range(plan.timer, TIMEOUT - 1000, TIMEOUT);
	/* The first, what the wait began with, and the wait. */
	assert_int_equal(plan.lock_tries, 3);
}

static void
the_time_passes(void)
{
	usleep(60000);
}

/* A signal that came before the wait began is not the last. */
static void
an_early_signal_holds_nobody_up(void **state)
{
	pid_t pid;

	(void)state;
	if (slowness() > 10) /* under valgrind, not where lines are counted */
		LEAVE("what a signal has to interrupt");
	options.lock_timeout = 20;
	test_clock.stands = false; /* whose signals these are */
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) { /* whoever hangs has the lock when that is gone, and does not fail */
		__real_poll(NULL, 0, 5000);
		_exit(0);
	}
	lock_release(); /* the child has it still */
	plan.at_wait = the_time_passes;
	append_fails(FAULT_LOCK_TIMEOUT, "listen close give-up");
	holder_end(pid);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_leader_goes_step_by_step),
		TEST(orphans_are_looked_for_in_what_is_durable),
		TEST(a_found_orphan_is_not_written_again),
		TEST(what_is_not_durable_is_nobodys),
		TEST(a_failed_sync_is_everybodys),
		TEST(a_failed_close_is_everybodys),
		TEST(a_torn_tail_is_durably_mended_first),
		TEST(a_slow_gather_ends),
		TEST(a_follower_is_done_when_it_is_told),
		TEST(a_line_that_was_found_is_synced_by_its_own_writer),
		TEST(a_failed_sync_of_a_line_that_was_found_is_its_own_writers),
		TEST(a_line_that_was_found_is_synced_beside_others),
		TEST(a_line_that_was_found_is_in_doubt_while_a_writer_syncs),
		TEST(a_line_that_was_found_elsewhere_is_in_doubt),
		TEST(a_verdict_that_comes_with_the_lock_counts),
		TEST(so_does_one_that_found_the_line),
		TEST(an_orphan_that_leads_finds_its_own_line),
		TEST(a_line_is_taken_back_with_the_lock),
		TEST(the_lock_is_tried_now_and_then_only),
		TEST(who_withdraws_may_still_be_told),
		TEST(who_withdraws_leaves_time_for_that_and_keeps_the_deadline),
		TEST(a_leader_that_goes_before_the_line_is_given_leaves_no_doubt),
		TEST(a_full_queue_is_waited_for),
		TEST(a_batch_has_a_size),
		TEST(another_programs_answer_is_no_verdict),
		TEST(without_sync_the_lock_is_waited_for),
		TEST(a_leader_keeps_its_place),
		TEST(an_early_signal_holds_nobody_up),
	};

	umask(077);
	if (BATCHES)
		return RUN(tests);
	puts("1..0 # SKIP this build has no batches");
	return 0;
}

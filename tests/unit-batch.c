/* Writers that come at once: leaders, followers, and strangers on the address. */
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>

#include "batch.h"
#include "base/fault.h"
#include "base/time.h"
#include "store/options.h"
#include "store.h"
#include "clock.h"
#include "unit.h"

#define LINE "{\"a\":1}\n"
#define OTHER "{\"b\":2}\n"
#define LOG "group.jsonl"

#if defined(__linux__) && !defined(MSGEXT_WITHOUT_BATCHES)
#define BATCHES true
#else
#define BATCHES false
#endif

int
__wrap_poll(struct pollfd *polls, nfds_t count, int timeout)
{
	return test_clock_poll(polls, count, timeout);
}

static struct batch_log place = { .name = LOG };
static struct batch leader, follower;

static int64_t
soon(void)
{
	return __wrap_clock_milliseconds() + 50;
}

static int
setup(void **state)
{
	static char path[192];

	(void)state;
	snprintf(path, sizeof(path), "%s/" LOG, scratch);
	file_write(LOG, "", 0);
	test_clock.stands = true;
	place.data_dir = scratch;
	place.fd = open(path, O_RDWR | O_APPEND | O_CLOEXEC);
	batch_begin(&leader, LINE, strlen(LINE), INT64_MAX);
	batch_begin(&follower, OTHER, strlen(OTHER), INT64_MAX);
	return place.fd < 0 ? -1 : 0;
}

/* Ends what a test has begun. */
static int
teardown(void **state)
{
	struct store_span span = { 0 };
	struct fault fault = { 0 };

	(void)state;
	batch_end(&follower, 0, &span, &fault);
	batch_end(&leader, 0, &span, &fault);
	return close(place.fd);
}

/* The first is the leader, the second's line waits with it. */
static void
both_join(void)
{
	assert_int_equal(batch_join(&leader, &place, soon() + 5000), BATCH_WAIT);
	assert_true(leader.listener >= 0);
	assert_int_equal(batch_join(&follower, &place, soon() + 5000), BATCH_RETRY);
	assert_true(follower.connection >= 0);
}

static void
a_follower_is_told_what_became_of_its_line(void **state)
{
	struct store_span span = { 1, 2, 100 };
	struct fault fault = { 0 };

	(void)state;
	both_join();
	assert_int_equal(batch_gather(&leader, &fault), 0);
	assert_int_equal(leader.line_count, 2);
	assert_false(batch_has_orphans(&leader));
	batch_compose(&leader, 100);
	assert_int_equal(leader.size, strlen(LINE OTHER));
	assert_memory_equal(leader.bytes, LINE OTHER, strlen(LINE OTHER));
	batch_end(&leader, 0, &span, &fault);
	batch_begin(&leader, LINE, strlen(LINE), INT64_MAX);
	assert_int_equal(batch_join(&follower, &place, soon()), BATCH_DONE);
	assert_int_equal(follower.result, 0);
	assert_int_equal(follower.span.device, 1);
	assert_int_equal(follower.span.inode, 2);
	assert_int_equal(follower.span.size, 100 + strlen(LINE OTHER));
}

static void
a_leaders_fault_is_each_followers(void **state)
{
	struct fault fault = { FAULT_SYNC_FAILED, "the disk" };

	(void)state;
	both_join();
	assert_int_equal(batch_gather(&leader, &fault), 0);
	batch_end(&leader, -1, &leader.before, &fault);
	batch_begin(&leader, LINE, strlen(LINE), INT64_MAX);
	assert_int_equal(batch_join(&follower, &place, soon()), BATCH_DONE);
	assert_int_equal(follower.result, -1);
	assert_int_equal(follower.fault.code, FAULT_SYNC_FAILED);
	assert_string_equal(follower.fault.detail, "the disk");
}

/* A leader that has read nothing leaves nobody in doubt. */
static void
a_line_that_was_not_read_begins_anew(void **state)
{
	(void)state;
	both_join();
	close(leader.listener);
	leader.listener = -1;
	assert_int_equal(batch_join(&follower, &place, soon()), BATCH_RETRY);
	assert_true(follower.connection < 0);
	assert_false(follower.orphaned);
	assert_int_equal(batch_join(&follower, &place, soon()), BATCH_WAIT);
	assert_true(follower.listener >= 0);
}

/* One that has read the line and dies does: the next leader looks for it. */
static void
an_orphans_line_is_looked_for(void **state)
{
	static const char log[] = OTHER "{\"c\":3}\n" OTHER;
	struct store_span span;
	struct fault fault;

	(void)state;
	both_join();
	assert_int_equal(batch_gather(&leader, &fault), 0);
	close(leader.lines[1].fd);
	leader.line_count = 1;
	assert_int_equal(batch_join(&follower, &place, soon()), BATCH_RETRY);
	assert_true(follower.orphaned);
	batch_end(&leader, 0, &leader.before, &fault);

	batch_begin(&leader, LINE, strlen(LINE), INT64_MAX);
	both_join();
	assert_int_equal(batch_gather(&leader, &fault), 0);
	assert_true(batch_has_orphans(&leader));
	span = (struct store_span){ follower.before.device, follower.before.inode,
		(off_t)strlen(log) };
	assert_int_equal(batch_orphans_start(&leader, &span), follower.before.size);
	/* What stood there before it was claimed is another's. */
	leader.lines[1].before.size = 1;
	assert_int_equal(batch_orphans_start(&leader, &span), 1);
	batch_orphans_find(&leader, log + 1, strlen(log) - 1, 1);
	assert_true(leader.lines[1].found);
	assert_int_equal(leader.lines[1].end, strlen(log));
	batch_compose(&leader, 1000);
	assert_int_equal(leader.size, strlen(LINE));
	batch_end(&leader, 0, &span, &fault);
	batch_begin(&leader, LINE, strlen(LINE), INT64_MAX);
	assert_int_equal(batch_join(&follower, &place, soon()), BATCH_DONE);
	assert_true(follower.found);
	assert_int_equal(follower.span.size, strlen(log));
}

/* One line that stands there is one orphan's; one in another log is none's. */
static void
one_line_is_one_orphans(void **state)
{
	static char bytes[] = OTHER OTHER;
	struct batch_line lines[2] = { { .length = 8, .orphaned = true },
		{ .start = 8, .length = 8, .orphaned = true } };
	struct batch batch = { .bytes = bytes, .lines = lines, .line_count = 2 };
	struct store_span elsewhere = { 7, 7, 50 };

	(void)state;
	assert_int_equal(batch_orphans_start(&batch, &elsewhere), 50);
	batch_orphans_find(&batch, OTHER, 8, 0);
	assert_true(lines[0].found);
	assert_false(lines[1].found);
	batch_orphans_find(&batch, OTHER, 8, 8);
	assert_true(lines[1].found);
	assert_int_equal(lines[1].end, 16);
}

static void
a_line_that_is_withdrawn_is_left_out(void **state)
{
	struct fault fault;

	(void)state;
	both_join();
	follower.deadline = __wrap_clock_milliseconds() + 300;
	assert_int_equal(batch_join(&follower, &place, __wrap_clock_milliseconds() - 1),
	    BATCH_TIMEOUT);
	assert_true(follower.orphaned);
	assert_int_equal(batch_gather(&leader, &fault), 0);
	assert_int_equal(leader.line_count, 1);
}

/* Whose lock it is knows that no leader is at work: the line is taken back. */
static void
who_has_the_lock_takes_the_line_back(void **state)
{
	struct fault fault;

	(void)state;
	both_join();
	assert_false(batch_leave(&follower));
	assert_true(follower.orphaned);
	assert_true(batch_is_needed(&follower));
	assert_int_equal(batch_gather(&leader, &fault), 0);
	assert_int_equal(leader.line_count, 1);
}

/* A socket on the leader's address, or connected to it. */
static int
address_use(bool connected)
{
	struct sockaddr_un address;
	socklen_t length = sizeof(address);
	struct batch probe;
	int fd;

	if (connected) {
		assert_int_equal(getsockname(leader.listener, (struct sockaddr *)&address, &length),
		    0);
		fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0);
		assert_int_equal(connect(fd, (struct sockaddr *)&address, length), 0);
		return fd;
	}
	batch_begin(&probe, LINE, strlen(LINE), INT64_MAX);
	assert_int_equal(batch_join(&probe, &place, soon()), BATCH_WAIT);
	assert_int_equal(getsockname(probe.listener, (struct sockaddr *)&address, &length), 0);
	close(probe.listener);
	fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, length), 0);
	return fd;
}

static void
an_address_where_nobody_listens_is_no_leaders(void **state)
{
	int64_t until = __wrap_clock_milliseconds() + 10000;
	int fd = address_use(false);
	enum batch_turn turn;
	int tries = 0;

	(void)state;
	while ((turn = batch_join(&follower, &place, until)) == BATCH_RETRY)
		tries++;
	assert_int_equal(turn, BATCH_WAIT);
	assert_true(__wrap_clock_milliseconds() < until);
	assert_true(tries > 1);
	assert_true(follower.listener < 0);
	close(fd);
}

static void
strangers_bytes_are_no_lines(void **state)
{
	static const char nonsense[] = "{\"b\":2}\n{\"b\":3}\n";
	char claim[256] = "";
	struct fault fault;
	int fds[4];

	(void)state;
	assert_int_equal(batch_join(&leader, &place, soon()), BATCH_WAIT);
	for (int i = 0; i < 4; i++)
		fds[i] = address_use(true);
	(void)!send(fds[1], nonsense, strlen(nonsense), 0);
	(void)!send(fds[2], claim, sizeof(claim), 0);
	close(fds[3]);
	assert_int_equal(batch_gather(&leader, &fault), 0);
	assert_int_equal(leader.line_count, 1);
	for (int i = 0; i < 3; i++)
		close(fds[i]);
}

/* Of a message that is too long the beginning is no line, though it looks like one. */
static void
the_beginning_of_a_message_is_no_line(void **state)
{
	const size_t claim_size = sizeof(int64_t) + sizeof(struct store_span);
	const size_t length = claim_size + BATCH_LINE_MAX + 1;
	char *message = calloc(1, length);
	struct fault fault;
	int fd;

	(void)state;
	memset(message + claim_size, ' ', BATCH_LINE_MAX);
	message[claim_size] = '{';
	message[claim_size + BATCH_LINE_MAX - 1] = '\n';
	message[claim_size + BATCH_LINE_MAX] = '{';
	assert_int_equal(batch_join(&leader, &place, soon()), BATCH_WAIT);
	fd = address_use(true);
	assert_int_equal(send(fd, message, length, 0), length);
	assert_int_equal(batch_gather(&leader, &fault), 0);
	assert_int_equal(leader.line_count, 1);
	close(fd);
	free(message);
}

/* Strangers who connect cannot keep the leader. */
static void
a_gather_ends(void **state)
{
	struct fault fault;
	int fds[600];
	char byte;

	(void)state;
	assert_int_equal(batch_join(&leader, &place, soon()), BATCH_WAIT);
	for (int i = 0; i < 600; i++)
		fds[i] = address_use(true);
	assert_int_equal(batch_gather(&leader, &fault), 0);
	assert_int_equal(leader.line_count, 1);
	/* Those that were taken have an end, the others are reset: nobody waits. */
	assert_int_equal(recv(fds[0], &byte, 1, MSG_DONTWAIT), 0);
	assert_int_equal(recv(fds[599], &byte, 1, MSG_DONTWAIT), -1);
	assert_int_equal(errno, ECONNRESET);
	for (int i = 1; i < 599; i++) {
		assert_true(recv(fds[i], &byte, 1, MSG_DONTWAIT) <= 0);
	}
	for (int i = 0; i < 600; i++)
		close(fds[i]);
}

/* After a power cut the next append looks so far back for what one write has left. */
static void
p2_one_write_has_as_many_lines_as_are_looked_for(void **state)
{
	static struct batch followers[BATCH_LINES_MAX];
	struct store_span span = { 0 };
	struct rlimit descriptors;
	struct fault fault;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &descriptors), 0);
	descriptors.rlim_cur = descriptors.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &descriptors), 0);
	assert_int_equal(batch_join(&leader, &place, soon()), BATCH_WAIT);
	for (int i = 0; i < BATCH_LINES_MAX; i++) {
		batch_begin(&followers[i], OTHER, strlen(OTHER), INT64_MAX);
		assert_int_equal(batch_join(&followers[i], &place, soon() + 5000), BATCH_RETRY);
	}
	assert_int_equal(batch_gather(&leader, &fault), 0);
	assert_int_equal(leader.line_count, BATCH_LINES_MAX);
	for (int i = 0; i < BATCH_LINES_MAX; i++)
		batch_end(&followers[i], 0, &span, &fault);
}

static void
lines_that_no_leader_takes_wait_by_themselves(void **state)
{
	char *line = malloc(BATCH_LINE_MAX + 2);

	(void)state;
	assert_int_equal(batch_join(&leader, &place, soon()), BATCH_WAIT);
	memset(line, ' ', BATCH_LINE_MAX + 1);
	line[0] = '{';
	line[BATCH_LINE_MAX] = '\n';
	batch_begin(&follower, line, BATCH_LINE_MAX + 1, INT64_MAX);
	assert_int_equal(batch_join(&follower, &place, soon()), BATCH_WAIT);
	batch_begin(&follower, "[1]\n", 4, INT64_MAX);
	assert_int_equal(batch_join(&follower, &place, soon()), BATCH_WAIT);
	assert_true(follower.connection < 0);
	free(line);
}

static void
a_leader_without_descriptors_writes_its_own_line(void **state)
{
	struct rlimit before, few;
	struct fault fault;

	(void)state;
	both_join();
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	few = before;
	few.rlim_cur = 3;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	assert_int_equal(batch_gather(&leader, &fault), 0);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(leader.line_count, 1);
	assert_int_equal(batch_join(&follower, &place, soon()), BATCH_RETRY);
	assert_false(follower.orphaned);
}

/* Another user's address is nobody's, and another user's line no line. */
static void
another_user_is_no_peer(void **state)
{
	struct {
		int64_t orphaned;
		struct store_span before;
		char line[sizeof(LINE)];
	} message = { .line = LINE };
	size_t length = (size_t)(message.line - (char *)&message) + strlen(LINE);
	struct fault fault;
	int fd;

	(void)state;
	if (geteuid() != 0)
		LEAVE("only root can be another user");
	both_join();
	/* Whoever one is when one connects. */
	assert_int_equal(seteuid(12345), 0);
	fd = address_use(true);
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(send(fd, &message, length, 0), length);
	assert_int_equal(batch_gather(&leader, &fault), 0);
	assert_int_equal(leader.line_count, 2);
	close(fd);
}

/* As batch.c sends it. */
struct leader_verdict {
	int64_t result, found;
	struct store_span span;
	struct fault fault;
};

/* A process that listens on the leader's address, and what it does with each connection. */
static pid_t
squatter_start(bool reads, const void *answer, size_t length)
{
	int fd = address_use(false);
	char line[256];
	pid_t pid;

	assert_int_equal(listen(fd, 5), 0);
	pid = fork();
	if (pid == 0)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (pid == 0) {
		int connection = accept(fd, NULL, NULL);

		if (reads)
			(void)!recv(connection, line, sizeof(line), 0);
		if (length > 0)
			(void)!send(connection, answer, length, MSG_NOSIGNAL);
		close(connection);
	}
	close(fd);
	return pid;
}

/* Whoever has our address as our user, and is no leader, costs the batch and not the place in the queue. */
static void
who_does_not_answer_as_a_leader_is_asked_no_more(void **state)
{
	static const struct leader_verdict wrong[] = { { .result = 1 }, { .found = 2 },
		{ .result = -1 }, { .result = -1, .fault = { .code = FAULT_COUNT } } };
	static const struct {
		bool reads;
		const void *answer;
		size_t length;
	} ways[] = { { false, NULL, 0 }, { true, NULL, 0 }, { true, "OK", 2 },
		{ true, &wrong[0], sizeof(wrong[0]) - 1 }, { true, &wrong[0], sizeof(wrong[0]) },
		{ true, &wrong[1], sizeof(wrong[0]) }, { true, &wrong[2], sizeof(wrong[0]) },
		{ true, &wrong[3], sizeof(wrong[0]) } };

	(void)state;
	test_clock.stands = false;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		int64_t until = clock_milliseconds() + 10000;
		enum batch_turn turn = BATCH_RETRY;
		pid_t pid = squatter_start(ways[i].reads, ways[i].answer, ways[i].length);

		batch_begin(&follower, OTHER, strlen(OTHER), INT64_MAX);
		while (turn == BATCH_RETRY && clock_milliseconds() < until)
			turn = batch_join(&follower, &place, until);
		assert_int_equal(turn, BATCH_WAIT);
		assert_true(clock_milliseconds() < until);
		assert_true(follower.connection < 0 && follower.listener < 0);
		/* One that has read the line may be anybody. */
		assert_true(follower.orphaned || !ways[i].reads);
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
	}
}

/* A leader of ours is no stranger; what listens there for another user is. */
static void
an_address_that_another_user_has_is_told(void **state)
{
	int fd;

	(void)state;
	assert_false(batch_address_is_taken(&place));
	both_join();
	assert_false(batch_address_is_taken(&place));
	close(leader.listener);
	leader.listener = -1;
	if (geteuid() != 0)
		LEAVE("only root can be another user");
	fd = address_use(false);
	assert_int_equal(seteuid(12345), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(seteuid(0), 0);
	assert_true(batch_address_is_taken(&place));
	close(fd);
}

/* Is it another log's leader that the follower finds? */
static void
leads_elsewhere(const struct batch_log *elsewhere)
{
	assert_int_equal(batch_join(&follower, elsewhere, soon()), BATCH_WAIT);
	assert_true(follower.listener >= 0);
	close(follower.listener);
	follower.listener = -1;
}

static void
each_log_has_leaders_of_its_own(void **state)
{
	struct batch_log elsewhere = place;
	struct stat one, other;
	char below[96];

	(void)state;
	assert_int_equal(batch_join(&leader, &place, soon()), BATCH_WAIT);
	elsewhere.name = "other.jsonl";
	leads_elsewhere(&elsewhere);
	elsewhere = place;
	snprintf(below, sizeof(below), "%s/below", scratch);
	assert_int_equal(mkdir(below, 0700), 0);
	elsewhere.data_dir = below;
	leads_elsewhere(&elsewhere);
	assert_int_equal(rmdir(below), 0);
	/* Two file systems can give one number to two directories. */
	if (stat("/proc", &one) == 0 && stat("/sys", &other) == 0 && one.st_ino == other.st_ino) {
		close(leader.listener);
		leader.listener = -1;
		elsewhere.data_dir = "/proc";
		assert_int_equal(batch_join(&leader, &elsewhere, soon()), BATCH_WAIT);
		elsewhere.data_dir = "/sys";
		leads_elsewhere(&elsewhere);
	}
}

/* An address has a user, and one that the kernel has no number for is none. */
static void
each_user_has_leaders_of_his_own(void **state)
{
	enum batch_turn other, nobody;
	int others, nobodys;

	(void)state;
	if (geteuid() != 0)
		LEAVE("only root can be another user");
	assert_int_equal(chmod(scratch, 0711), 0);
	assert_int_equal(batch_join(&leader, &place, soon()), BATCH_WAIT);
	assert_int_equal(seteuid(12345), 0);
	other = batch_join(&follower, &place, soon());
	assert_int_equal(seteuid(0), 0);
	others = follower.listener;
	close(others);
	follower.listener = -1;
	assert_int_equal(seteuid(65534), 0);
	nobody = batch_join(&follower, &place, soon());
	assert_int_equal(seteuid(0), 0);
	nobodys = follower.listener;
	assert_int_equal(chmod(scratch, 0700), 0);
	assert_int_equal(other, BATCH_WAIT);
	assert_true(others >= 0);
	assert_int_equal(nobody, BATCH_WAIT);
	assert_true(nobodys < 0);
}

/* A line is given to nobody but us. */
static void
another_users_leader_is_given_nothing(void **state)
{
	char byte;
	int fd, accepted;

	(void)state;
	if (geteuid() != 0)
		LEAVE("only root can be another user");
	fd = address_use(false);
	assert_int_equal(seteuid(12345), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(batch_join(&follower, &place, soon()), BATCH_WAIT);
	assert_true(follower.connection < 0);
	accepted = accept(fd, NULL, NULL);
	assert_int_equal(recv(accepted, &byte, 1, MSG_DONTWAIT), 0);
	close(accepted);
	close(fd);
}

static void
a_fault_that_does_not_end_is_no_verdict(void **state)
{
	struct fault fault = { FAULT_SYNC_FAILED, "" };

	(void)state;
	both_join();
	assert_int_equal(batch_gather(&leader, &fault), 0);
	memset(fault.detail, 'x', sizeof(fault.detail));
	batch_end(&leader, -1, &leader.before, &fault);
	batch_begin(&leader, LINE, strlen(LINE), INT64_MAX);
	assert_int_equal(batch_join(&follower, &place, soon()), BATCH_RETRY);
	assert_true(follower.orphaned);
}

/* Whoever has died is told nothing, and no signal ends who would tell him. */
static void
a_follower_that_has_gone_harms_nobody(void **state)
{
	struct store_span span = { 0 };
	struct fault fault;

	(void)state;
	both_join();
	assert_int_equal(batch_gather(&leader, &fault), 0);
	assert_int_equal(leader.line_count, 2);
	batch_end(&follower, -1, &span, &fault);
	batch_begin(&follower, OTHER, strlen(OTHER), INT64_MAX);
	signal(SIGPIPE, SIG_DFL);
	batch_end(&leader, 0, &span, &fault);
	batch_begin(&leader, LINE, strlen(LINE), INT64_MAX);
}

/* Nobody reads a whole log for an orphan, nor takes for its line what stood there before. */
static void
an_orphan_is_looked_for_where_it_can_stand(void **state)
{
	static char bytes[] = OTHER;
	const off_t size = 100 << 20, shorter = 2 << 20;
	struct batch_line line = { .length = 8, .orphaned = true, .before = { 1, 2, 50 << 20 } };
	struct batch batch = { .bytes = bytes, .lines = &line, .line_count = 1 };
	struct store_span log = { 1, 2, size };

	(void)state;
	assert_int_equal(batch_orphans_start(&batch, &log), size - (4 << 20));
	log.size = (50 << 20) + 100;
	assert_int_equal(batch_orphans_start(&batch, &log), line.before.size);
	log.inode = 3;
	assert_int_equal(batch_orphans_start(&batch, &log), log.size);
	log = (struct store_span){ 2, 2, log.size };
	assert_int_equal(batch_orphans_start(&batch, &log), log.size);
	batch_orphans_find(&batch, OTHER, 8, line.before.size - 8);
	assert_false(line.found);
	batch_orphans_find(&batch, OTHER, 8, line.before.size);
	assert_true(line.found);
	if (!BATCHES)
		return;
	/* A torn batch may be cut off before the line is written. */
	assert_int_equal(ftruncate(place.fd, 2 * shorter), 0);
	both_join();
	assert_int_equal(follower.before.size, shorter);
}

/* In a process of its own: 0 or 1, its exit status. */
static pid_t
appender_start(const char *line)
{
	struct store_options options = { .data_dir = scratch,
		.owner = geteuid(),
		.file_mode = 0600,
		.sync = true,
		.lock_timeout = 5000 };
	struct fault fault;
	pid_t pid = fork();

	if (pid == 0)
		_exit(store_append(&options,
			  &(struct store_entry){ "group", line, strlen(line), INT64_MAX }, NULL,
			  &fault) == 0
			? 0
			: 1);
	return pid;
}

/* store_append: followers of a lock that is held for a while all get in, in few syncs. */
static void
lines_are_stored_together(void **state)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	struct stat before, after;
	int failed = 0, status;

	(void)state;
	test_clock.stands = false;
	fstat(place.fd, &before);
	assert_int_equal(fcntl(place.fd, F_OFD_SETLK, &lock), 0);
	for (int i = 0; i < 8; i++)
		appender_start(LINE);
	poll(NULL, 0, 150);
	lock.l_type = F_UNLCK;
	assert_int_equal(fcntl(place.fd, F_OFD_SETLK, &lock), 0);
	while (wait(&status) > 0)
		failed += status != 0;
	assert_int_equal(failed, 0);
	fstat(place.fd, &after);
	assert_int_equal(after.st_size - before.st_size, 8 * strlen(LINE));
}

/* The locks of the old log and of the new one are free, and the leader at work on one of them, or on a third. */
static void
where_the_log_was_replaced_no_line_is_taken_back(void **state)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	struct pollfd poll_listener, poll_line;
	struct store_span span = { 0 };
	char path[192], new_path[192];
	struct fault fault;
	int new_log, status;
	pid_t pid;

	(void)state;
	test_clock.stands = false;
	snprintf(path, sizeof(path), "%s/" LOG, scratch);
	snprintf(new_path, sizeof(new_path), "%s/new", scratch);
	assert_int_equal(fcntl(place.fd, F_OFD_SETLK, &lock), 0);
	assert_int_equal(batch_join(&leader, &place, soon() + 5000), BATCH_WAIT);
	pid = appender_start(OTHER);
	poll_listener = (struct pollfd){ .fd = leader.listener, .events = POLLIN };
	assert_int_equal(poll(&poll_listener, 1, 5000), 1);
	poll(NULL, 0, 200); /* the line comes behind the connection */
	assert_int_equal(batch_gather(&leader, &fault), 0);
	assert_int_equal(leader.line_count, 2);

	file_write("new", "", 0);
	new_log = open(new_path, O_RDWR | O_APPEND | O_CLOEXEC);
	assert_int_equal(rename(new_path, path), 0);
	lock.l_type = F_UNLCK;
	assert_int_equal(fcntl(place.fd, F_OFD_SETLK, &lock), 0);
	/* By then it would have tried both. */
	poll_line = (struct pollfd){ .fd = leader.lines[1].fd, .events = POLLRDHUP };
	assert_int_equal(poll(&poll_line, 1, 400), 0);
	batch_end(&leader, 0, &span, &fault);
	batch_begin(&leader, LINE, strlen(LINE), INT64_MAX);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(lseek(new_log, 0, SEEK_END), 0);
	close(new_log);
}

static void
nobody_leads_where_there_are_no_batches(void **state)
{
	(void)state;
	assert_int_equal(batch_join(&leader, &place, soon()), BATCH_WAIT);
	assert_int_equal(batch_join(&follower, &place, soon()), BATCH_WAIT);
	assert_true(leader.listener < 0 && follower.connection < 0);
	assert_false(batch_leave(&follower));
	assert_false(batch_is_needed(&follower));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_follower_is_told_what_became_of_its_line),
		TEST(a_leaders_fault_is_each_followers),
		TEST(a_line_that_was_not_read_begins_anew),
		TEST(an_orphans_line_is_looked_for),
		TEST(one_line_is_one_orphans),
		TEST(a_line_that_is_withdrawn_is_left_out),
		TEST(who_has_the_lock_takes_the_line_back),
		TEST(an_address_where_nobody_listens_is_no_leaders),
		TEST(strangers_bytes_are_no_lines),
		TEST(the_beginning_of_a_message_is_no_line),
		TEST(a_gather_ends),
		TEST(p2_one_write_has_as_many_lines_as_are_looked_for),
		TEST(lines_that_no_leader_takes_wait_by_themselves),
		TEST(a_leader_without_descriptors_writes_its_own_line),
		TEST(another_user_is_no_peer),
		TEST(who_does_not_answer_as_a_leader_is_asked_no_more),
		TEST(an_address_that_another_user_has_is_told),
		TEST(another_users_leader_is_given_nothing),
		TEST(each_log_has_leaders_of_its_own),
		TEST(each_user_has_leaders_of_his_own),
		TEST(a_fault_that_does_not_end_is_no_verdict),
		TEST(a_follower_that_has_gone_harms_nobody),
		TEST(an_orphan_is_looked_for_where_it_can_stand),
		TEST(lines_are_stored_together),
		TEST(where_the_log_was_replaced_no_line_is_taken_back),
	};
	const struct CMUnitTest tests_without[] = {
		TEST(one_line_is_one_orphans),
		TEST(an_orphan_is_looked_for_where_it_can_stand),
		TEST(nobody_leads_where_there_are_no_batches),
		TEST(lines_are_stored_together),
	};

	umask(077);
	if (BATCHES)
		return RUN(tests);
	puts("# left out: leaders and followers, of which this build has none");
	return RUN(tests_without);
}

/* The question whether a line is shipped: who waits, for how long, and who is let go. */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>

#include "base/fault.h"
#include "base/time.h"
#include "store/options.h"
#include "wait.h"
#include "unit.h"

#define LONG 600000 /* milliseconds: whoever waits so long hangs this test */

static struct wait_queue queue;

/* The next call of that name fails; the linker's --wrap puts these functions before the C library's. */
static struct {
	const char *name; /* NULL: none */
	int error;
} failing;

static bool
fails(const char *name)
{
	if (failing.name == NULL || strcmp(failing.name, name) != 0)
		return false;
	failing.name = NULL;
	errno = failing.error;
	return true;
}

WRAP(int, socket, -1, (int domain, int type, int protocol), (domain, type, protocol))
WRAP(int, listen, -1, (int fd, int backlog), (fd, backlog))
WRAP(int, connect, -1, (int fd, const struct sockaddr *address, socklen_t length),
    (fd, address, length))
WRAP(int, accept4, -1, (int fd, struct sockaddr *address, socklen_t *length, int flags),
    (fd, address, length, flags))
WRAP(int, getsockopt, -1, (int fd, int level, int option, void *value, socklen_t *length),
    (fd, level, option, value, length))
WRAP(int, poll, -1, (struct pollfd * polls, nfds_t count, int timeout), (polls, count, timeout))
WRAP(ssize_t, send, -1, (int fd, const void *bytes, size_t length, int flags),
    (fd, bytes, length, flags))
WRAP(ssize_t, recv, -1, (int fd, void *bytes, size_t length, int flags), (fd, bytes, length, flags))

static void
fail_next(const char *name, int error)
{
	failing.name = name;
	failing.error = error;
}

/* The lowest descriptor that is free: the same before and after where none stays open. */
static int
descriptor_free(void)
{
	int fd = dup(STDIN_FILENO);

	close(fd);
	return fd;
}

/* Inode 7 is shipped up to 100. */
static off_t
shipped(const void *context, ino_t inode)
{
	(void)context;
	return inode == 7 ? 100 : 0;
}

static void
listen_begin(void)
{
	struct fault fault;

	wait_prepare(&queue);
	assert_int_equal(wait_listen(&queue, scratch, &fault), 0);
	assert_int_equal(queue.count, 0);
}

static void
listen_end(void)
{
	wait_end(&queue);
	assert_int_equal(queue.count, 0);
}

/* A process that asks; its exit status tells whether it was let go before its time. */
static pid_t
ask(ino_t inode, off_t end, int milliseconds)
{
	const struct store_span span = { .inode = inode, .size = end };
	int64_t deadline = clock_milliseconds() + milliseconds;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child == 0) {
		wait_shipped(scratch, &span, deadline);
		_exit(clock_milliseconds() < deadline ? 0 : 1);
	}
	return child;
}

static int
asked(pid_t child)
{
	int status;

	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
serve(void)
{
	wait_accept(&queue);
	wait_answer(&queue, shipped, NULL);
}

/* Answers until so many are waiting. */
static void
answer_until(size_t count)
{
	for (int i = 0; i < 600; i++) {
		serve();
		if (queue.count == count)
			return;
		poll(queue.polls, WAIT_QUEUE_MAX + 1, 100);
	}
	fail_msg("%zu are waiting, not %zu", queue.count, count);
}

/* A connection made by hand. */
static int
dial(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/msgext-ship.socket", scratch);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static void
nobody_waits_where_no_shipper_is(void **state)
{
	const struct store_span span = { .inode = 7, .size = 100 };

	(void)state;
	wait_shipped(scratch, &span, INT64_MAX); /* there never was one */
	listen_begin();
	listen_end();
	wait_shipped(scratch, &span, INT64_MAX); /* it has gone, its socket has not */
	wait_shipped("/nowhere", &span, INT64_MAX);
}

static void
who_is_shipped_is_let_go(void **state)
{
	pid_t child, other;
	int status;

	(void)state;
	listen_begin();
	other = ask(7, 101, LONG);
	answer_until(1);
	child = ask(7, 100, LONG);
	while (waitpid(child, &status, WNOHANG) == 0) {
		poll(queue.polls, WAIT_QUEUE_MAX + 1, 100);
		serve();
	}
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	answer_until(1);
	for (int i = 0; i < 3; i++)
		serve();
	assert_int_equal(waitpid(other, NULL, WNOHANG), 0);
	listen_end(); /* a shipper that dies sets it free */
	assert_int_equal(asked(other), 0);
}

static void
nobody_waits_longer_than_he_asked_for(void **state)
{
	pid_t child;

	(void)state;
	listen_begin();
	child = ask(7, 101, 50);
	assert_int_equal(asked(child), 1); /* nobody even took the question */
	child = ask(8, 1, 50);
	assert_int_equal(asked(child), 1);
	answer_until(0); /* and who has gone is forgotten */
	listen_end();
}

static void
what_is_no_question_is_dropped(void **state)
{
	static const char zeros[32];
	static const int64_t negative[2] = { 7, -1 };
	char byte;
	int fds[4];

	(void)state;
	listen_begin();
	for (size_t i = 0; i < 4; i++)
		fds[i] = dial();
	answer_until(4); /* they have not asked yet */
	assert_int_equal(send(fds[0], zeros, 15, 0), 15);
	assert_int_equal(send(fds[1], zeros, 32, 0), 32);
	assert_int_equal(send(fds[2], negative, sizeof(negative), 0), sizeof(negative));
	shutdown(fds[3], SHUT_WR);
	answer_until(0);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(recv(fds[i], &byte, 1, 0), 0);
		close(fds[i]);
	}
	listen_end();
}

static void
more_than_there_is_room_for_are_let_go(void **state)
{
	const int64_t question[2] = { 8, 1 };
	static int fds[WAIT_QUEUE_MAX + 10];
	size_t open = 0;

	(void)state;
	listen_begin();
	for (size_t i = 0; i < WAIT_QUEUE_MAX + 10; i++) {
		fds[i] = dial();
		assert_int_equal(send(fds[i], question, sizeof(question), 0), sizeof(question));
		serve();
	}
	assert_int_equal(queue.count, WAIT_QUEUE_MAX);
	for (size_t i = 0; i < WAIT_QUEUE_MAX + 10; i++) {
		char byte;

		open += recv(fds[i], &byte, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN;
		close(fds[i]);
	}
	assert_int_equal(open, WAIT_QUEUE_MAX);
	answer_until(0);
	listen_end();
}

static void
only_the_owner_may_ask(void **state)
{
	char path[192], deep[192];
	struct stat status;
	struct fault fault;

	(void)state;
	listen_begin();
	snprintf(path, sizeof(path), "%s/msgext-ship.socket", scratch);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	listen_end();
	memset(deep, 'd', sizeof(deep));
	deep[0] = '/';
	deep[sizeof(deep) - 1] = '\0';
	assert_true(wait_possible(scratch));
	assert_false(wait_possible(deep));
	assert_int_equal(wait_listen(&queue, deep, &fault), -1);
	assert_int_equal(fault.code, FAULT_DATA_DIR);
	serve(); /* does no harm */
	assert_int_equal(wait_listen(&queue, "/nowhere", &fault), -1);
	assert_int_equal(fault.code, FAULT_OPEN_FAILED);
	assert_int_equal(queue.polls[0].fd, -1);
}

/* Whoever may write the directory may put a socket there. */
static void
nobody_waits_for_another_user(void **state)
{
	const struct store_span span = { .inode = 7, .size = 101 };
	int64_t began;
	pid_t child;
	int ready[2];
	char byte;

	(void)state;
	if (geteuid() != 0) {
		print_message("# only root can be another user\n"); /* skip() prints "not ok" */
		return;
	}
	assert_int_equal(chmod(scratch, 0777), 0);
	assert_int_equal(pipe(ready), 0);
	child = fork();
	if (child == 0) {
		struct fault fault;

		alarm(20); /* whatever becomes of the test */
		wait_prepare(&queue);
		if (setuid(65534) != 0 || wait_listen(&queue, scratch, &fault) != 0)
			_exit(1);
		if (write(ready[1], "", 1) == 1)
			pause();
		_exit(0);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	began = clock_milliseconds();
	wait_shipped(scratch, &span, began + 5000);
	assert_true(clock_milliseconds() - began < 4000);
	assert_false(wait_shipper_is_there(scratch));
	/* But for oneself, and for root. */
	assert_int_equal(seteuid(65534), 0);
	assert_true(wait_shipper_is_there(scratch));
	assert_int_equal(seteuid(0), 0);
	kill(child, SIGTERM);
	waitpid(child, NULL, 0);
	listen_begin();
	assert_true(wait_shipper_is_there(scratch));
	listen_end();
}

/* Who cannot ask is let go at once; who is only interrupted waits on. */
static void
who_cannot_ask_does_not_wait(void **state)
{
	static const char *const calls[] = { "socket", "connect", "getsockopt", "send", "poll" };
	const struct store_span span = { .inode = 7, .size = 101 };
	char deep[192];
	int64_t began = clock_milliseconds();
	int before;

	(void)state;
	listen_begin();
	before = descriptor_free();
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		fail_next(calls[i], EIO);
		wait_shipped(scratch, &span, INT64_MAX);
		assert_null(failing.name);
		answer_until(0);
		assert_int_equal(descriptor_free(), before);
	}
	memset(deep, 'd', sizeof(deep));
	deep[sizeof(deep) - 1] = '\0';
	wait_shipped(deep, &span, INT64_MAX);
	assert_false(wait_shipper_is_there(deep));
	assert_true(clock_milliseconds() - began < LONG);
	began = clock_milliseconds();
	fail_next("poll", EINTR);
	wait_shipped(scratch, &span, began + 50);
	assert_null(failing.name);
	assert_true(clock_milliseconds() - began >= 50);
	wait_shipped(scratch, &span, began); /* the time is over already */
	answer_until(0);
	listen_end();
}

static void
who_cannot_answer_says_so_or_goes_on(void **state)
{
	static const char *const calls[] = { "socket", "listen" };
	static const int full[] = { EMFILE, ENFILE };
	const int64_t question[2] = { 7, 101 };
	struct fault fault;
	int before = descriptor_free(), fd;

	(void)state;
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		wait_prepare(&queue);
		fail_next(calls[i], EIO);
		assert_int_equal(wait_listen(&queue, scratch, &fault), -1);
		assert_int_equal(fault.code, FAULT_OPEN_FAILED);
		assert_int_equal(descriptor_free(), before);
	}
	listen_begin();
	for (size_t i = 0; i < sizeof(full) / sizeof(full[0]); i++) {
		fail_next("accept4", full[i]);
		serve();
		assert_int_equal(queue.polls[0].events,
		    0); /* or poll would return again and again */
		serve();
		assert_int_equal(queue.polls[0].events, POLLIN);
	}
	fd = dial();
	answer_until(1);
	assert_int_equal(send(fd, question, sizeof(question), 0), sizeof(question));
	fail_next("recv", EINTR);
	serve();
	assert_int_equal(queue.count, 1);
	fail_next("recv", ECONNRESET);
	serve();
	assert_int_equal(queue.count, 0);
	close(fd);
	listen_end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_waits_where_no_shipper_is),
		cmocka_unit_test(who_is_shipped_is_let_go),
		cmocka_unit_test(nobody_waits_longer_than_he_asked_for),
		cmocka_unit_test(what_is_no_question_is_dropped),
		cmocka_unit_test(more_than_there_is_room_for_are_let_go),
		cmocka_unit_test(only_the_owner_may_ask),
		cmocka_unit_test(nobody_waits_for_another_user),
		cmocka_unit_test(who_cannot_ask_does_not_wait),
		cmocka_unit_test(who_cannot_answer_says_so_or_goes_on),
	};

	return RUN(tests);
}

/* What a web server may ask before it sends a request, over a real socket. */
#undef _FORTIFY_SOURCE /* with it, recv is an inline function */
#include <sys/socket.h>

#include <errno.h>

#include "base/time.h"
#include "management.h"
#include "records.h"
#include "unit.h"

#define BEGIN                                                                                      \
	"\1\1\0\1\0\10\0\0"                                                                        \
	"\0\1\0\0\0\0\0\0"
#define PATIENCE 10000

static int server, client;
static struct records next; /* as the last answer had it */

static int
pair_open(void **state)
{
	int ends[2];

	(void)state;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
		return -1;
	server = ends[0];
	client = ends[1];
	return 0;
}

static int
pair_close(void **state)
{
	(void)state;
	close(server);
	return close(client);
}

#define LATE_MICROSECONDS 40000

/* What comes, after that time, once so many looks have found nothing. */
static const char *late;
static int late_looks;
static int looks; /* how often there was one */

/* The C library's, with that. */
ssize_t
recv(int fd, void *bytes, size_t size, int flags)
{
	ssize_t count = recvfrom(fd, bytes, size, flags, NULL, NULL);

	looks++;
	if (count < 0 && errno == EAGAIN && late != NULL && --late_looks == 0) {
		usleep(LATE_MICROSECONDS);
		assert_int_equal(send(client, late, sizeof(BEGIN) - 1, 0), sizeof(BEGIN) - 1);
		late = NULL;
		errno = EAGAIN;
	}
	return count;
}

static bool
answer(int milliseconds)
{
	return management_answer(server, clock_milliseconds() + milliseconds, &next);
}

/* What the client has received must be so, and nothing more. */
static void
received(const void *expected, size_t length)
{
	char bytes[512];
	ssize_t count = recv(client, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (length == 0) {
		assert_int_equal(count, -1);
		return;
	}
	assert_int_equal(count, length);
	assert_memory_equal(bytes, expected, length);
}
#define SENT(bytes) assert_int_equal(send(client, bytes, sizeof(bytes) - 1, 0), sizeof(bytes) - 1)
#define RECEIVED(bytes) received(bytes, sizeof(bytes) - 1)

/* And the request is there, and was looked at. */
static void
begins(void)
{
	char bytes[64];

	assert_int_equal(next.length, sizeof(BEGIN) - 1);
	assert_memory_equal(next.bytes, BEGIN, sizeof(BEGIN) - 1);
	assert_int_equal(recv(server, bytes, sizeof(bytes), MSG_DONTWAIT), sizeof(BEGIN) - 1);
	assert_memory_equal(bytes, BEGIN, sizeof(BEGIN) - 1);
}

static void
a_request_is_left_as_it_is(void **state)
{
	(void)state;
	SENT(BEGIN);
	assert_true(answer(PATIENCE));
	RECEIVED("");
	begins();
	/* What is wrong is libfcgi's to refuse. */
	SENT("GET / HTTP/1.0\r\n");
	assert_true(answer(PATIENCE));
	RECEIVED("");
}

static void
values_are_told(void **state)
{
	(void)state;
	SENT("\1\x9\0\0\0\x10\0\0"
	     "\xe\0FCGI_MAX_CONNS" BEGIN);
	assert_true(answer(PATIENCE));
	RECEIVED("\1\xa\0\0\0\x11\0\0"
		 "\xe\1FCGI_MAX_CONNS1");
	begins();
	/* Padded; several, twice, with values, of long lengths, and unknown ones: each known one once. */
	SENT("\1\x9\0\0\0\x40\3\0"
	     "\xf\3FCGI_MPXS_CONNSabc"
	     "\xd\0FCGI_MAX_REQS"
	     "\4\0NAME"
	     "\x80\0\0\xd\x80\0\0\0FCGI_MAX_REQS"
	     "\0\0"
	     "pad"
	     "" BEGIN);
	assert_true(answer(PATIENCE));
	RECEIVED("\1\xa\0\0\0\x22\0\0"
		 "\xd\1FCGI_MAX_REQS1"
		 "\xf\1FCGI_MPXS_CONNS0");
	begins();
	SENT("\1\x9\0\0\0\0\0\0" BEGIN);
	assert_true(answer(PATIENCE));
	RECEIVED("\1\xa\0\0\0\0\0\0");
	begins();
}

/* One name so often that its answers, one each, would not fit. */
static void
repetitions_overflow_nothing(void **state)
{
	static char record[8 + 60000];
	size_t used = 8;

	(void)state;
	while (used + 16 <= sizeof(record)) {
		memcpy(record + used, "\xe\0FCGI_MAX_CONNS", 16);
		used += 16;
	}
	memcpy(record, "\1\x9\0\0", 4);
	record[4] = (char)((used - 8) >> 8);
	record[5] = (char)(used - 8);
	assert_int_equal(send(client, record, used, 0), used);
	SENT(BEGIN);
	assert_true(answer(PATIENCE));
	RECEIVED("\1\xa\0\0\0\x11\0\0"
		 "\xe\1FCGI_MAX_CONNS1");
	begins();
}

static void
unknown_records_are_told_so(void **state)
{
	(void)state;
	SENT("\1\x63\0\0\0\3\2\0"
	     "xyz"
	     "pp"
	     "\1\x0b\0\0\0\0\0\0" BEGIN);
	assert_true(answer(PATIENCE));
	RECEIVED("\1\xb\0\0\0\x8\0\0"
		 "\x63\0\0\0\0\0\0\0"
		 "\1\xb\0\0\0\x8\0\0"
		 "\x0b\0\0\0\0\0\0\0");
	begins();
}

static void
what_is_cut_off_is_refused(void **state)
{
	(void)state;
	SENT("\1\x9\0\0\0\x2\0\0"
	     "\xe\0");
	assert_false(answer(PATIENCE));
	SENT("\1\x9\0\0\0\x3\0\0"
	     "\x80\0\0");
	assert_false(answer(PATIENCE));
	SENT("\1\x9\0\0\0\x1\0\0"
	     "\0");
	assert_false(answer(PATIENCE));
	SENT("\1\x9\0\0\0\x8\0\0"
	     "\xff\xff\xff\xff\xff\xff\xff\xff");
	assert_false(answer(PATIENCE));
	RECEIVED("");
}

/* A server connects first, and sends then: whom the connection wakes is often the faster one. */
static void
a_request_behind_its_connection_takes_one_look_more(void **state)
{
	(void)state;
	SENT(BEGIN);
	looks = 0;
	assert_true(answer(PATIENCE));
	assert_int_equal(looks, 1);
	begins();
	late = BEGIN;
	late_looks = 1;
	looks = 0;
	assert_true(answer(PATIENCE));
	assert_int_equal(looks, 2);
	begins();
}

/* As where the process was stopped: the time is over, and the request has come. */
static void
what_has_come_is_not_late(void **state)
{
	(void)state;
	for (int misses = 1; misses <= 2; misses++) {
		late = BEGIN;
		late_looks = misses;
		assert_true(answer(20));
		begins();
	}
}

/* Whoever sends nothing, half a header, half a record, or nothing behind his question. */
static void
p6_nobody_is_waited_for(void **state)
{
	int64_t start = clock_milliseconds();

	(void)state;
	assert_false(answer(20));
	SENT("\1\x9\0\0");
	assert_false(answer(20));
	SENT("\0\x10\0\0"
	     "\xe\0FCGI_MAX_");
	assert_false(answer(20));
	pair_close(state);
	pair_open(state);
	SENT("\1\x9\0\0\0\x10\0\0"
	     "\xe\0FCGI_MAX_CONNS");
	assert_false(answer(20));
	RECEIVED("\1\xa\0\0\0\x11\0\0"
		 "\xe\1FCGI_MAX_CONNS1");
	assert_in_range(clock_milliseconds() - start, 0, PATIENCE / 2);
	SENT("\1\x9");
	close(client);
	client = dup(server);
	start = clock_milliseconds();
	assert_false(answer(20));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_request_is_left_as_it_is, pair_open, pair_close),
		cmocka_unit_test_setup_teardown(values_are_told, pair_open, pair_close),
		cmocka_unit_test_setup_teardown(repetitions_overflow_nothing, pair_open,
		    pair_close),
		cmocka_unit_test_setup_teardown(unknown_records_are_told_so, pair_open, pair_close),
		cmocka_unit_test_setup_teardown(what_is_cut_off_is_refused, pair_open, pair_close),
		cmocka_unit_test_setup_teardown(a_request_behind_its_connection_takes_one_look_more,
		    pair_open, pair_close),
		cmocka_unit_test_setup_teardown(what_has_come_is_not_late, pair_open, pair_close),
		cmocka_unit_test_setup_teardown(p6_nobody_is_waited_for, pair_open, pair_close),
	};

	return RUN(tests);
}

/* CGI and FastCGI for a program that is not the receiver, by the lines that front.h teaches. */
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/fault.h"
#include "front.h"
#include "unit.h"

#define LARGE 100000 /* of several records, and more than one write */
#define HEAD                                                                                       \
	"Status: %d %s\r\nContent-Type: text/x-second\r\nCache-Control: no-store\r\n"              \
	"Content-Length: %zu\r\nX-Second: yes\r\n\r\n"

static char body[LARGE + 1];
static int begun = -1; /* a worker writes a byte there once it waits for connections */

/* The program: its answer depends on PATH_INFO. */
static void
second_reply(struct front *front, const struct request *request)
{
	const char *path = front_variable(front, "PATH_INFO");
	bool small = path != NULL && strcmp(path, "/small") == 0;
	struct fault fault = { .code = FAULT_NONE };
	char read[16];

	front_tell(front, &fault);
	if (request->method != NULL && strcmp(request->method, "POST") == 0) {
		bool late = path != NULL && strcmp(path, "/late") == 0;
		ssize_t count =
		    request->read(request->context, read, 5, request->started + (late ? -1 : 5000));

		fault_set(&fault, FAULT_METHOD, "%zd bytes came", count);
		front_tell(front, &fault);
	}
	if (path != NULL && strcmp(path, "/same") == 0) {
		front_reply(front,
		    &(struct front_reply){ .status = 304,
			.cache = "private",
			.headers = "ETag: \"x\"\r\n",
			.body = "" });
		return;
	}
	front_reply(front,
	    &(struct front_reply){ .status = small ? 404 : 200,
		.type = "text/x-second",
		.headers = "X-Second: yes\r\n",
		.body = body,
		.length = small ? 6 : LARGE });
}

static int
second_main(void)
{
	struct front *front = front_open("second");
	struct request request;
	int waits = 0;

	if (front == NULL || !front_is_served(front) || front_start(front) != 0)
		return 1;
	if (begun >= 0 && write(begun, "", 1) != 1)
		return 1;
	while (front_wait(front)) {
		waits++;
		if (front_take(front, &request))
			second_reply(front, &request);
	}
	return waits == 0;
}

static int
body_fill(void **state)
{
	(void)state;
	for (size_t i = 0; i < LARGE; i++)
		body[i] = (char)('a' + i % 26);
	return 0;
}

/* All that comes until the end, NUL-terminated. */
static size_t
read_all(int fd, char *bytes, size_t size)
{
	size_t used = 0;
	ssize_t count;

	while ((count = read(fd, bytes + used, size - 1 - used)) > 0)
		used += (size_t)count;
	bytes[used] = '\0';
	close(fd);
	return used;
}

static void
ended_well(pid_t child)
{
	int status;

	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

/* Runs the program as a CGI that gets "hello" on standard input; its outputs. */
static void
cgi_ask(const char *method, const char *path, char *output, size_t size, char error[256])
{
	int input[2], out[2], err[2];
	pid_t child;

	assert_true(pipe(input) == 0 && pipe(out) == 0 && pipe(err) == 0);
	assert_int_equal(write(input[1], "hello", 5), 5);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		setenv("REQUEST_METHOD", method, 1);
		setenv("PATH_INFO", path, 1);
		dup2(input[0], 0);
		dup2(out[1], 1);
		dup2(err[1], 2);
		close(input[1]);
		_exit(second_main());
	}
	close(input[0]);
	close(input[1]);
	close(out[1]);
	close(err[1]);
	read_all(out[0], output, size);
	read_all(err[0], error, 256);
	ended_well(child);
}

static void
cgi_is_answered_once(void **state)
{
	static char output[2 * LARGE], expected[2 * LARGE];
	char error[256];

	(void)state;
	cgi_ask("GET", "/small", output, sizeof(output), error);
	snprintf(expected, sizeof(expected), HEAD "%.6s", 404, "Not Found", (size_t)6, body);
	assert_string_equal(output, expected);
	assert_string_equal(error, "");
	cgi_ask("HEAD", "/", output, sizeof(output), error);
	snprintf(expected, sizeof(expected), HEAD, 200, "OK", (size_t)LARGE);
	assert_string_equal(output, expected);
	cgi_ask("POST", "/", output, sizeof(output), error);
	snprintf(expected, sizeof(expected), HEAD "%s", 200, "OK", (size_t)LARGE, body);
	assert_string_equal(output, expected);
	assert_string_equal(error, "second: method: 5 bytes came\n");
}

/* Its time is over before it is looked at, as where the process was stopped.  Nothing is waited for then. */
static void
a_body_that_has_come_is_not_late(void **state)
{
	static char output[2 * LARGE];
	char error[256];

	(void)state;
	cgi_ask("POST", "/late", output, sizeof(output), error);
	assert_string_equal(error, "second: method: 5 bytes came\n");
}

/* Of a page that is as it was, neither type nor length is told: they would be this answer's. */
static void
an_answer_without_a_body_has_no_type(void **state)
{
	char output[512], error[256];

	(void)state;
	cgi_ask("GET", "/same", output, sizeof(output), error);
	assert_string_equal(output,
	    "Status: 304 Not Modified\r\nCache-Control: private\r\nETag: \"x\"\r\n\r\n");
}

/* Makes a listening socket, and its address. */
static int
listener_make(struct sockaddr_un *address, socklen_t *length)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	*length = sizeof(*address);
	assert_int_equal(bind(fd, (struct sockaddr *)address, sizeof(sa_family_t)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)address, length), 0);
	assert_int_equal(listen(fd, 5), 0);
	return fd;
}

/* Starts a process, and returns once it has written a byte to begun. */
static pid_t
child_start(int listener, int (*run)(void))
{
	pid_t child;
	int ready[2];
	char byte;

	assert_int_equal(pipe(ready), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(listener, 0);
		begun = ready[1];
		_exit(run());
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return child;
}

/* A worker that the kernel wakes for a connection, and that ends before it accepts. */
static int
dying_main(void)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLEXCLUSIVE };
	int set = epoll_create1(0);

	if (set < 0 || epoll_ctl(set, EPOLL_CTL_ADD, 0, &event) != 0 || write(begun, "", 1) != 1)
		return 1;
	return epoll_wait(set, &event, 1, -1) == 1 ? 0 : 1;
}

/* Takes the records of one type out of an answer; the bytes of their contents. */
static size_t
records_take(const char *answer, size_t length, int type, char *to)
{
	size_t used = 0;

	for (size_t at = 0; at + 8 <= length;) {
		const unsigned char *head = (const unsigned char *)answer + at;
		size_t size = (size_t)head[4] << 8 | head[5];

		if (head[1] == type) {
			memcpy(to + used, answer + at + 8, size);
			used += size;
		}
		at += 8 + size + head[6];
	}
	to[used] = '\0';
	return used;
}

#define POST "\1\4\0\1\0\24\0\0\16\4REQUEST_METHODPOST"
#define END_OF_PARAMETERS "\1\4\0\1\0\0\0\0"
#define BODY(length) "\1\5\0\1\0" length "\0\0"

/* Sends a request whose body is of two bytes, and compares the answer. */
static void
fastcgi_send(const struct sockaddr_un *address, socklen_t length, const char *request, size_t size)
{
	static char answer[2 * LARGE], output[2 * LARGE], expected[2 * LARGE];
	const struct timeval patience = { 20, 0 };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	size_t count;

	snprintf(expected, sizeof(expected), HEAD "%s", 200, "OK", (size_t)LARGE, body);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)), 0);
	assert_int_equal(connect(fd, (const struct sockaddr *)address, length), 0);
	assert_int_equal(write(fd, request, size), size);
	count = read_all(fd, answer, sizeof(answer));
	records_take(answer, count, 6, output);
	assert_string_equal(output, expected);
	records_take(answer, count, 7, output);
	assert_string_equal(output, "second: method: 2 bytes came\n");
}

static void
fastcgi_ask(const struct sockaddr_un *address, socklen_t length)
{
	static const char request[] =
	    "\1\1\0\1\0\10\0\0\0\1\0\0\0\0\0\0" POST END_OF_PARAMETERS BODY("\2") "hi" BODY("\0");

	fastcgi_send(address, length, request, sizeof(request) - 1);
}

/* In another role, which is libfcgi's to read, and after its time. */
static void
fastcgi_ask_late(const struct sockaddr_un *address, socklen_t length)
{
	static const char request[] =
	    "\1\1\0\1\0\10\0\0\0\2\0\0\0\0\0\0" POST
	    "\1\4\0\1\0\20\0\0\11\5PATH_INFO/late" END_OF_PARAMETERS BODY("\2") "hi" BODY("\0");

	fastcgi_send(address, length, request, sizeof(request) - 1);
}

static void
fastcgi_is_answered_until_it_is_to_stop(void **state)
{
	struct sockaddr_un address;
	socklen_t length;
	int listener = listener_make(&address, &length);
	pid_t worker = child_start(listener, second_main);

	(void)state;
	close(listener);
	for (int i = 0; i < 3; i++)
		fastcgi_ask(&address, length);
	fastcgi_ask_late(&address, length);
	kill(worker, SIGTERM);
	ended_well(worker);
}

/* The kernel wakes the one that has waited longest. */
static void
an_idle_worker_serves_whom_another_left(void **state)
{
	struct sockaddr_un address;
	socklen_t length;
	int listener = listener_make(&address, &length);
	pid_t dying = child_start(listener, dying_main), worker;

	(void)state;
	worker = child_start(listener, second_main);
	close(listener);
	fastcgi_ask(&address, length);
	ended_well(dying);
	kill(worker, SIGTERM);
	ended_well(worker);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(cgi_is_answered_once, body_fill),
		cmocka_unit_test(a_body_that_has_come_is_not_late),
		cmocka_unit_test(an_answer_without_a_body_has_no_type),
		cmocka_unit_test_setup(fastcgi_is_answered_until_it_is_to_stop, body_fill),
		cmocka_unit_test_setup(an_idle_worker_serves_whom_another_left, body_fill),
	};

	return RUN(tests);
}

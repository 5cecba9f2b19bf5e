/* CGI and FastCGI for a program that is not the receiver, by the lines that front.h teaches. */
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/fault.h"
#include "base/time.h"
#include "front.h"
#include "unit.h"

#define LARGE 100000 /* of several records, and more than one write */
#define HEAD                                                                                       \
	"Status: %d %s\r\nContent-Type: text/x-second\r\nCache-Control: no-store\r\n"              \
	"Content-Length: %zu\r\nX-Second: yes\r\n\r\n"

static char body[LARGE + 1];

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
		ssize_t count =
		    request->read(request->context, read, sizeof(read), request->started + 5000);

		fault_set(&fault, FAULT_METHOD, "%zd bytes came", count);
		front_tell(front, &fault);
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

/* Starts the program as a FastCGI worker; its address. */
static pid_t
worker_start(struct sockaddr_un *address, socklen_t *length)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	pid_t child;

	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	*length = sizeof(*address);
	assert_int_equal(bind(fd, (struct sockaddr *)address, sizeof(sa_family_t)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)address, length), 0);
	assert_int_equal(listen(fd, 5), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(fd, 0);
		_exit(second_main());
	}
	close(fd);
	return child;
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

static void
fastcgi_is_answered_until_it_is_to_stop(void **state)
{
	static const char request[] = "\1\1\0\1\0\10\0\0\0\1\0\0\0\0\0\0"
				      "\1\4\0\1\0\24\0\0\16\4REQUEST_METHODPOST"
				      "\1\4\0\1\0\0\0\0\1\5\0\1\0\2\0\0hi\1\5\0\1\0\0\0\0";
	static char answer[2 * LARGE], output[2 * LARGE], expected[2 * LARGE];
	struct sockaddr_un address;
	socklen_t length;
	pid_t worker = worker_start(&address, &length);

	(void)state;
	snprintf(expected, sizeof(expected), HEAD "%s", 200, "OK", (size_t)LARGE, body);
	for (int i = 0; i < 3; i++) {
		int fd = socket(AF_UNIX, SOCK_STREAM, 0);
		size_t count;

		assert_int_equal(connect(fd, (struct sockaddr *)&address, length), 0);
		assert_int_equal(write(fd, request, sizeof(request) - 1), sizeof(request) - 1);
		count = read_all(fd, answer, sizeof(answer));
		records_take(answer, count, 6, output);
		assert_string_equal(output, expected);
		records_take(answer, count, 7, output);
		assert_string_equal(output, "second: method: 2 bytes came\n");
	}
	kill(worker, SIGTERM);
	ended_well(worker);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(cgi_is_answered_once, body_fill),
		cmocka_unit_test_setup(fastcgi_is_answered_until_it_is_to_stop, body_fill),
	};

	return RUN(tests);
}

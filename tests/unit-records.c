/* A small request of FastCGI, read where it came to, and answers in records. */
#include <sys/socket.h>

#include <errno.h>

#include "base/time.h"
#include "records.h"
#include "unit.h"

#define BEGIN                                                                                      \
	"\1\1\0\1\0\10\0\0"                                                                        \
	"\0\1\0\0\0\0\0\0"
#define PARAMETERS                                                                                 \
	"\1\4\0\1\0\3\5\0"                                                                         \
	"\1\0N12345"
#define PARAMETERS_END "\1\4\0\1\0\0\0\0"
#define BODY_PART                                                                                  \
	"\1\5\0\1\0\2\0\0"                                                                         \
	"{}"
#define BODY_END "\1\5\0\1\0\0\0\0"

static struct records records;

static bool
split(const char *bytes, size_t length)
{
	assert_true(length <= sizeof(records.bytes));
	memset(&records, 0x55, sizeof(records));
	memcpy(records.bytes, bytes, length);
	records.length = length;
	return records_split(&records);
}
#define IS_WHOLE(bytes, expected) assert_int_equal(split(bytes, sizeof(bytes) - 1), expected)

static void
body_is(const char *text)
{
	assert_int_equal(records.body_length, strlen(text));
	assert_memory_equal(records.bytes + records.body, text, strlen(text));
}

/* Of a request that is said to be whole nothing may be missing. */
static void
whole_request_is_known(void **state)
{
	static const char request[] = BEGIN PARAMETERS PARAMETERS_END BODY_PART BODY_END;

	(void)state;
	IS_WHOLE(BEGIN PARAMETERS PARAMETERS_END BODY_PART BODY_END, true);
	body_is("{}");
	assert_string_equal(records_parameter(&records, "N"), "");
	assert_null(records_parameter(&records, ""));
	assert_int_equal(records.id, 1);
	IS_WHOLE(BEGIN PARAMETERS_END BODY_END, true);
	assert_int_equal(records.body_length, 0);
	IS_WHOLE(BEGIN PARAMETERS PARAMETERS PARAMETERS_END BODY_PART BODY_PART BODY_END "more",
	    true);
	body_is("{}{}");
	for (size_t length = 0; length < sizeof(request) - 1; length++)
		assert_false(split(request, length));
}

/* What libfcgi may wait in, or refuses. */
static void
other_requests_are_left(void **state)
{
	(void)state;
	/* in another order */
	IS_WHOLE(BEGIN BODY_END, false);
	IS_WHOLE(BEGIN PARAMETERS BODY_PART BODY_END, false);
	IS_WHOLE(BEGIN BODY_PART PARAMETERS_END BODY_END, false);
	IS_WHOLE(BEGIN BEGIN PARAMETERS_END BODY_END, false);
	IS_WHOLE(PARAMETERS PARAMETERS_END BODY_END, false);
	/* another request's, another version's, another role's */
	IS_WHOLE(BEGIN PARAMETERS_END "\1\5\0\2\0\0\0\0", false);
	IS_WHOLE(BEGIN PARAMETERS_END "\1\5\1\1\0\0\0\0", false);
	IS_WHOLE(BEGIN PARAMETERS_END "\2\5\0\1\0\0\0\0", false);
	IS_WHOLE("\1\1\0\1\0\10\0\0\0\2\0\0\0\0\0\0" PARAMETERS_END BODY_END, false);
	IS_WHOLE("\1\1\0\1\0\10\0\0\1\1\0\0\0\0\0\0" PARAMETERS_END BODY_END, false);
	IS_WHOLE("\1\1\0\1\0\11\0\0\0\1\0\0\0\0\0\0\0" PARAMETERS_END BODY_END, false);
	/* a management record between */
	IS_WHOLE(BEGIN "\1\11\0\0\0\0\0\0" PARAMETERS_END BODY_END, false);
	/* parameters that end too early: in a length, a name, a value */
	IS_WHOLE(BEGIN "\1\4\0\1\0\1\0\0\1" PARAMETERS_END BODY_END, false);
	IS_WHOLE(BEGIN "\1\4\0\1\0\3\0\0\200\0\0" PARAMETERS_END BODY_END, false);
	IS_WHOLE(BEGIN "\1\4\0\1\0\3\0\0\2\0N" PARAMETERS_END BODY_END, false);
	IS_WHOLE(BEGIN "\1\4\0\1\0\3\0\0\1\1N" PARAMETERS_END BODY_END, false);
	IS_WHOLE(BEGIN "\1\4\0\1\0\10\0\0\377\377\377\377\377\377\377\377" PARAMETERS_END BODY_END,
	    false);
}

/* Values of any length, of several records, and two of one name: libfcgi takes the first. */
static void
parameters_are_found(void **state)
{
	static const char request[] =
	    BEGIN "\1\4\0\1\0\15\0\0\4\3NAMEone\0\0\4\200"
		  "\1\4\0\1\0\20\3\0\0\0\3NAMEtwo\4\0MOREpad" PARAMETERS_END "\1\5\0\1\0\1\1\0{."
		  "\1\5\0\1\0\3\0\0abc" BODY_END;

	(void)state;
	assert_true(split(request, sizeof(request) - 1));
	assert_string_equal(records_parameter(&records, "NAME"), "one");
	assert_string_equal(records_parameter(&records, "MORE"), "");
	assert_null(records_parameter(&records, "NAM"));
	assert_null(records_parameter(&records, "NAMES"));
	assert_null(records_parameter(&records, "name"));
	body_is("{abc");
}

/* As many parameters as there is room for, and one more. */
static void
parameters_are_counted(void **state)
{
	(void)state;
	for (size_t count = RECORDS_PARAMETERS_MAX; count <= RECORDS_PARAMETERS_MAX + 1; count++) {
		char request[RECORDS_SIZE] = BEGIN "\1\4\0\1";
		size_t used = 24;

		request[20] = (char)(4 * count >> 8);
		request[21] = (char)(4 * count);
		for (size_t i = 0; i < count; i++, used += 4)
			memcpy(request + used, i == 95 ? "\1\1LZ" : "\1\1NV", 4);
		memcpy(request + used, PARAMETERS_END BODY_END, 16);
		assert_int_equal(split(request, used + 16), count == RECORDS_PARAMETERS_MAX);
	}
	assert_true(RECORDS_PARAMETERS_MAX == 96);
}

/* what is written */

static size_t
answer_of(size_t length, bool told, char *answer, size_t size)
{
	static char body[200000];
	size_t used = 0;
	ssize_t count;
	int ends[2];
	pid_t child;

	memset(body, 'b', sizeof(body));
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		if (told)
			records_write_error(ends[1], 258, "why\n", 4);
		records_write_answer(&(struct records_answer){ .connection = ends[1],
		    .id = 258,
		    .told = told,
		    .head = "head",
		    .head_length = 4,
		    .body = body,
		    .body_length = length });
		_exit(0);
	}
	close(ends[1]);
	while ((count = read(ends[0], answer + used, size - used)) > 0)
		used += (size_t)count;
	close(ends[0]);
	assert_int_equal(waitpid(child, NULL, 0), child);
	return used;
}

#define END "\1\6\1\2\0\0\0\0\1\3\1\2\0\10\0\0\0\0\0\0\0\0\0\0"

static void
answers_are_records(void **state)
{
	static char answer[300000];
	size_t length = answer_of(2, false, answer, sizeof(answer));

	(void)state;
	assert_int_equal(length, 8 + 6 + 24);
	assert_memory_equal(answer, "\1\6\1\2\0\6\0\0headbb" END, length);
	length = answer_of(0, true, answer, sizeof(answer));
	assert_int_equal(length, 12 + 8 + 12 + 24);
	assert_memory_equal(answer, "\1\7\1\2\0\4\0\0why\n\1\7\1\2\0\0\0\0\1\6\1\2\0\4\0\0head" END,
	    length);
	/* The largest record, and one byte more than it has room for. */
	length = answer_of(65531, false, answer, sizeof(answer));
	assert_int_equal(length, 8 + 65535 + 24);
	assert_memory_equal(answer, "\1\6\1\2\377\377\0\0headb", 13);
	length = answer_of(65532, false, answer, sizeof(answer));
	assert_int_equal(length, 8 + 65535 + 8 + 1 + 24);
	assert_memory_equal(answer + 8 + 65535, "\1\6\1\2\0\1\0\0b" END, 33);
	length = answer_of(200000, false, answer, sizeof(answer));
	assert_int_equal(length, 200004 + 4 * 8 + 24);
}

/* Nobody is left to read: no signal ends the worker, which ignores it. */
static void
a_peer_may_have_gone(void **state)
{
	int ends[2];

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	close(ends[0]);
	records_write_answer(&(struct records_answer){ .connection = ends[1], .head = "" });
	close(ends[1]);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_request_is_known),
		cmocka_unit_test(other_requests_are_left),
		cmocka_unit_test(parameters_are_found),
		cmocka_unit_test(parameters_are_counted),
		cmocka_unit_test(answers_are_records),
		cmocka_unit_test(a_peer_may_have_gone),
	};

	return RUN(tests);
}

/*
 * management.c - FastCGI's management records, answered before libfcgi reads.
 *
 * A web server may ask a worker, before it sends a request, what it can do
 * (FastCGI 1.0, section 4).  libfcgi up to 2.4.2 answers FCGI_GET_VALUES only when
 * padding or another record follows, so that the asker waits, and the worker with him; writes
 * the answer into 64 bytes, however often a name is asked for; and takes
 * what another management record holds for the request's own.  So what comes before
 * a connection's first request is read here: headers are looked at where they
 * are (MSG_PEEK), and libfcgi finds the connection as if only the request had been sent.
 *
 * Nobody is waited for beyond the deadline, however he spreads his bytes.
 *
 * The same look shows all of a small request, which is usual: then libfcgi does not read at all (records.c).
 */
#include <sys/socket.h>

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>

#include "management.h"
#include "base/time.h"
#include "records.h"

#define VERSION 1
#define CONTENT_MAX (65535 + 255) /* with padding */
#define RESULT_MAX (RECORD_HEADER_SIZE + 64)
#define PIECE_MILLISECONDS 2 /* before a header of which only a part came is looked at again */

/* What a worker says of itself: one connection, one request at a time. */
static const struct {
	const char *name, *value;
} values[] = { { "FCGI_MAX_CONNS", "1" }, { "FCGI_MAX_REQS", "1" }, { "FCGI_MPXS_CONNS", "0" } };

/*
 * A look found so many bytes, too few (or recv's -1): waits for more.  False: none will come, or it is too
 * late.  The time may have passed while we had no turn: so there is a last look, late.
 */
static bool
more_wait(int connection, ssize_t count, int64_t deadline, bool *late)
{
	struct pollfd input = { .fd = connection, .events = POLLIN };
	int64_t left;

	if (*late || count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR))
		return false;
	left = deadline - clock_milliseconds();
	if (left <= 0)
		*late = true;
	else if (count > 0) /* what is there is not enough, and poll would not wait */
		poll(NULL, 0, PIECE_MILLISECONDS);
	else
		poll(&input, 1, left < INT_MAX ? (int)left : INT_MAX);
	return true;
}

/*
 * Looks at what has come, a record's header at least; how many bytes, or -1: it did not come.  A
 * worker that was woken by a connection is often here before what is sent on it: that costs one
 * wait, and one look more.
 */
static ssize_t
bytes_look(int connection, unsigned char bytes[RECORDS_SIZE], int64_t deadline)
{
	bool late = false;

	for (;;) {
		ssize_t count = recv(connection, bytes, RECORDS_SIZE, MSG_PEEK | MSG_DONTWAIT);

		if (count >= RECORD_HEADER_SIZE)
			return count;
		if (!more_wait(connection, count, deadline, &late))
			return -1;
	}
}

/* Receives length bytes; false: they did not come. */
static bool
bytes_receive(int connection, unsigned char *bytes, size_t length, int64_t deadline)
{
	size_t had = 0;
	bool late = false;

	while (had < length) {
		ssize_t count = recv(connection, bytes + had, length - had, MSG_DONTWAIT);

		if (count > 0)
			had += (size_t)count;
		else if (!more_wait(connection, count, deadline, &late))
			return false;
	}
	return true;
}

/* Writes what is known of the names asked for, each once; its length, or -1: they are malformed. */
static int
values_write(unsigned char *to, const unsigned char *content, size_t length)
{
	const unsigned char *end = content + length;
	unsigned asked = 0;
	int used = 0;

	while (content < end) {
		size_t name, value;

		if (!records_take_length(&content, end, &name) ||
		    !records_take_length(&content, end, &value) || name > (size_t)(end - content) ||
		    value > (size_t)(end - content) - name)
			return -1;
		for (unsigned i = 0; i < sizeof(values) / sizeof(values[0]); i++)
			if (name == strlen(values[i].name) &&
			    memcmp(content, values[i].name, name) == 0)
				asked |= 1U << i;
		content += name + value;
	}
	for (unsigned i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		size_t name = strlen(values[i].name);

		if ((asked & 1U << i) == 0)
			continue;
		to[used++] = (unsigned char)name;
		to[used++] = 1;
		memcpy(to + used, values[i].name, name);
		used += (int)name;
		to[used++] = (unsigned char)values[i].value[0];
	}
	return used;
}

/* Takes one management record from the connection and answers it. */
static bool
record_answer(int connection, int64_t deadline)
{
	unsigned char record[RECORD_HEADER_SIZE + CONTENT_MAX], result[RESULT_MAX] = { VERSION };
	size_t content, size;
	int length = 8;

	if (!bytes_receive(connection, record, RECORD_HEADER_SIZE, deadline))
		return false;
	content = (size_t)record[4] << 8 | record[5];
	if (!bytes_receive(connection, record + RECORD_HEADER_SIZE, content + record[6], deadline))
		return false;
	if (record[1] == RECORD_GET_VALUES) {
		length =
		    values_write(result + RECORD_HEADER_SIZE, record + RECORD_HEADER_SIZE, content);
		result[1] = RECORD_GET_VALUES_RESULT;
	} else {
		result[RECORD_HEADER_SIZE] = record[1];
		result[1] = RECORD_UNKNOWN_TYPE;
	}
	if (length < 0)
		return false;
	result[5] = (unsigned char)length;
	size = (size_t)(RECORD_HEADER_SIZE + length);
	return send(connection, result, size, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)size;
}

bool
management_answer(int connection, int64_t deadline, struct records *next)
{
	unsigned char *peeked = next->bytes;

	for (;;) {
		ssize_t count = bytes_look(connection, peeked, deadline);

		if (count < 0)
			return false;
		next->length = (size_t)count;
		/* A request's record has a number; what is wrong is for libfcgi to refuse. */
		if (peeked[0] != VERSION || peeked[1] == RECORD_BEGIN || peeked[2] != 0 ||
		    peeked[3] != 0)
			return true;
		if (!record_answer(connection, deadline))
			return false;
	}
}

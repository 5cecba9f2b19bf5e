/*
 * records.c - FastCGI's records: a small request's, read where they are, and an answer's, written.
 *
 * Nearly every request comes whole and fits into a page.  Of such a one the parameters and the body
 * are taken from where they came to: libfcgi makes three buffers of 8 KB for each request, copies each
 * parameter into a block of its own, and copies the answer twice.  Whatever is not of the
 * usual order, not whole, or too large, is libfcgi's to read: it reads from the connection, from
 * which nothing was taken.
 *
 * Answers are the same bytes whoever read the request: records without padding, which only aligns
 * (FastCGI 1.0, section 3.3), and the record that ends the request in the same write as the last of them.
 */
#include "records.h"

#include <sys/uio.h>

#include <errno.h>
#include <stdint.h>
#include <string.h>

#define VERSION 1
#define BEGIN_SIZE 8
#define RESPONDER 1 /* the role of who answers requests */

/* a request */

bool
records_take_length(const unsigned char **at, const unsigned char *end, size_t *length)
{
	const unsigned char *from = *at;
	size_t size = from < end && from[0] >= 0x80 ? 4 : 1;

	if ((size_t)(end - from) < size)
		return false;
	*length = from[0];
	if (size == 4)
		*length = (size_t)(from[0] & 0x7f) << 24 | (size_t)from[1] << 16 |
		    (size_t)from[2] << 8 | from[3];
	*at = from + size;
	return true;
}

/* Takes a record's header from the bytes; its content's length, or -1: it is not whole. */
static int
record_length(const unsigned char *bytes, size_t length)
{
	int content = length < RECORD_HEADER_SIZE ? 0 : bytes[4] << 8 | bytes[5];

	if (length < RECORD_HEADER_SIZE ||
	    length - RECORD_HEADER_SIZE < (size_t)content + bytes[6] || bytes[0] != VERSION)
		return -1;
	return content;
}

/* Joins a record's content to what came before it of the same stream, which mostly is nothing. */
static void
content_join(struct records *records, size_t content, size_t length, size_t *start, size_t *joined)
{
	if (*joined == 0)
		*start = content;
	else
		memmove(records->bytes + *start + *joined, records->bytes + content, length);
	*joined += length;
}

/* Notes the names and values that the parameters have; false: they are malformed, or too many. */
static bool
parameters_split(struct records *records, size_t start, size_t length)
{
	const unsigned char *at = records->bytes + start, *end = at + length;

	records->parameter_count = 0;
	while (at < end) {
		size_t name, value, i = records->parameter_count;

		if (!records_take_length(&at, end, &name) ||
		    !records_take_length(&at, end, &value) || name > (size_t)(end - at) ||
		    value > (size_t)(end - at) - name || i == RECORDS_PARAMETERS_MAX)
			return false;
		records->parameters[i].name = (unsigned short)(at - records->bytes);
		records->parameters[i].name_length = (unsigned short)name;
		at += name;
		records->parameters[i].value = (unsigned short)(at - records->bytes);
		records->parameters[i].value_length = (unsigned short)value;
		at += value;
		records->parameter_count++;
	}
	return true;
}

/* Reads the parameters' places, and ends their values. */
static bool
parameters_take(struct records *records, size_t start, size_t length)
{
	if (!parameters_split(records, start, length))
		return false;
	/* The next one's lengths stand there, which are known by now, or the header of the next record. */
	for (size_t i = 0; i < records->parameter_count; i++) {
		size_t end =
		    (size_t)records->parameters[i].value + records->parameters[i].value_length;

		records->bytes[end] = 0;
	}
	return true;
}

/* Is it the first record of a request that a worker answers? */
static bool
begins(const struct records *records)
{
	const unsigned char *bytes = records->bytes;

	return record_length(bytes, records->length) == BEGIN_SIZE && bytes[1] == RECORD_BEGIN &&
	    bytes[RECORD_HEADER_SIZE] == 0 && bytes[RECORD_HEADER_SIZE + 1] == RESPONDER;
}

bool
records_split(struct records *records)
{
	enum record_type wanted = RECORD_PARAMETERS;
	size_t at = RECORD_HEADER_SIZE + BEGIN_SIZE, start = 0, length = 0;
	const unsigned char *bytes = records->bytes;

	if (!begins(records))
		return false;
	at += bytes[6];
	records->id = bytes[2] << 8 | bytes[3];
	records->body_length = 0;
	for (;;) {
		const unsigned char *record = bytes + at;
		int content = record_length(record, records->length - at);
		size_t padding;

		if (content < 0 || record[1] != wanted ||
		    (record[2] << 8 | record[3]) != records->id)
			return false;
		padding = record[6]; /* its header may be moved over */
		at += RECORD_HEADER_SIZE;
		if (content == 0 && wanted == RECORD_BODY)
			return parameters_take(records, start, length);
		if (content == 0)
			wanted = RECORD_BODY;
		else if (wanted == RECORD_PARAMETERS)
			content_join(records, at, (size_t)content, &start, &length);
		else
			content_join(records, at, (size_t)content, &records->body,
			    &records->body_length);
		at += (size_t)content + padding;
	}
}

const char *
records_parameter(const struct records *records, const char *name)
{
	size_t length = strlen(name);

	for (size_t i = 0; i < records->parameter_count; i++)
		if (records->parameters[i].name_length == length &&
		    memcmp(records->bytes + records->parameters[i].name, name, length) == 0)
			return (const char *)records->bytes + records->parameters[i].value;
	return NULL;
}

/* an answer */

void
records_put_header(unsigned char header[RECORD_HEADER_SIZE], enum record_type type, int id,
    size_t length)
{
	header[0] = VERSION;
	header[1] = (unsigned char)type;
	header[2] = (unsigned char)(id >> 8);
	header[3] = (unsigned char)id;
	header[4] = (unsigned char)(length >> 8);
	header[5] = (unsigned char)length;
	header[6] = header[7] = 0;
}

/* Writes all parts; false: the peer has gone. */
static bool
parts_write(int fd, struct iovec *parts, int count)
{
	while (count > 0) {
		ssize_t written = writev(fd, parts, count);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return false;
		while (count > 0 && (size_t)written >= parts->iov_len) {
			written -= (ssize_t)parts->iov_len;
			parts++;
			count--;
		}
		if (count > 0) {
			parts->iov_base = (char *)parts->iov_base + written;
			parts->iov_len -= (size_t)written;
		}
	}
	return true;
}

static struct iovec
part(const void *bytes, size_t length)
{
	return (struct iovec){ (void *)(uintptr_t)bytes, length };
}

/* The records that end the answer: of its output, and of the request. */
#define END_SIZE (2 * RECORD_HEADER_SIZE + 8)

void
records_write_answer(const struct records_answer *answer)
{
	unsigned char error[RECORD_HEADER_SIZE], output[RECORD_HEADER_SIZE], end[END_SIZE] = { 0 };
	size_t head = answer->head_length, rest = answer->body_length;
	const char *body = answer->body;
	bool told = answer->told;

	records_put_header(error, RECORD_ERROR, answer->id, 0);
	records_put_header(end, RECORD_OUTPUT, answer->id, 0);
	records_put_header(end + RECORD_HEADER_SIZE, RECORD_END, answer->id, 8);
	do {
		size_t room = RECORD_CONTENT_MAX - head, length = rest < room ? rest : room;
		struct iovec parts[] = { part(error, told ? sizeof(error) : 0),
			part(output, sizeof(output)), part(answer->head, head), part(body, length),
			part(end, rest == length ? sizeof(end) : 0) };

		records_put_header(output, RECORD_OUTPUT, answer->id, head + length);
		if (!parts_write(answer->connection, parts, sizeof(parts) / sizeof(parts[0])))
			return;
		body += length;
		rest -= length;
		head = 0;
		told = false;
	} while (rest > 0);
}

void
records_write_error(int connection, int id, const char *line, size_t length)
{
	unsigned char header[RECORD_HEADER_SIZE];
	struct iovec parts[] = { part(header, sizeof(header)), part(line, length) };

	records_put_header(header, RECORD_ERROR, id, length);
	(void)parts_write(connection, parts, 2);
}

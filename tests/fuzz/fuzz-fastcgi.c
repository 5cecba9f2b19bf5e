/*
 * The bytes of a FastCGI connection, whose first one says whether a token is
 * set: the front, libfcgi and the receiver, in this process, over a real socket.  Every
 * answer is whole, the connection is closed behind it, and with a token that
 * nobody knows nothing is ever stored (P7).
 */
int msgext_main(int argc, char **argv);
#define main msgext_main
#include "msgext.c"
#undef main

#include "base/fault.h"
#include "config.h"
#include "log/scan.h"
#include "parse.h"
#include "fuzz.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <errno.h>
#include <stdlib.h>

#define FASTCGI_INPUT_MAX 16384 /* fits into a socket's buffer, and so do the answers */
#define STANDARD_OUT 6

static struct sockaddr_un address;
static socklen_t address_length = sizeof(address);

/* The front of a process whose descriptor 0 listens, at a name that the kernel finds. */
static struct front *
listener_open(void)
{
	struct front *front;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	address.sun_family = AF_UNIX;
	CHECK(fd >= 0);
	CHECK(bind(fd, (struct sockaddr *)&address, sizeof(sa_family_t)) == 0);
	CHECK(getsockname(fd, (struct sockaddr *)&address, &address_length) == 0);
	CHECK(listen(fd, 5) == 0);
	CHECK(dup2(fd, 0) == 0);
	front = front_open("msgext");
	CHECK(front != NULL && front_is_served(front) && front_start(front) == 0);
	return front;
}

/*
 * libfcgi 2.4.2 puts its answer to FCGI_GET_VALUES into 64 bytes, however many
 * values were asked for, and aborts.  Only a web server could ask, and none
 * does: wherever that record might begin, the input is left out.
 */
static bool
asks_for_values(const uint8_t *bytes, size_t size)
{
	return memmem(bytes, size, "\x01\x09\x00\x00", 4) != NULL;
}

/* It also leaks what it made for any other record between the server and itself. */
const char *__lsan_default_suppressions(void);
const char *
__lsan_default_suppressions(void)
{
	return "leak:libfcgi";
}

/*
 * Nor does it look at a parameter's length, four bytes of which the first is
 * 0x80 or more, before it adds two of them up.  Here they are below 2^24, and
 * so the corpus has no record of more than 127 bytes.
 */
static void
lengths_limit(uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (bytes[i] > 0x80 || (bytes[i] == 0x80 && i + 1 < size && bytes[i + 1] != 0))
			bytes[i] &= 0x7f;
}

/* The client: all it has to say, then its end. */
static int
client_open(const uint8_t *bytes, size_t size)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	CHECK(fd >= 0 && connect(fd, (struct sockaddr *)&address, address_length) == 0);
	CHECK(size == 0 || write(fd, bytes, size) == (ssize_t)size);
	CHECK(shutdown(fd, SHUT_WR) == 0);
	return fd;
}

/* One answer as RFC 3875 has it. */
static void
output_verify(char *text, size_t length)
{
	char *body, *end;
	unsigned long status, announced;

	text[length] = '\0';
	CHECK(strlen(text) == length && strncmp(text, "Status: ", 8) == 0);
	status = strtoul(text + 8, &end, 10);
	CHECK(status >= 200 && status <= 507 && *end == ' ');
	body = strstr(text, "\r\n\r\n");
	CHECK(body != NULL);
	body += 4;
	end = strstr(text, "Content-Length: ");
	CHECK(end != NULL && end < body);
	announced = strtoul(end + 16, NULL, 10);
	CHECK(*body == '\0' || announced == strlen(body)); /* none: of a HEAD */
	if (*body != '\0')
		answer_verify(body, strlen(body), status == 200);
}

/* Takes the answer's records apart, behind which the connection ends. */
static void
reply_read(int client)
{
	static char bytes[1 << 20], output[1 << 20];
	size_t length = 0, used = 0;
	ssize_t count;

	while ((count = recv(client, bytes + length, sizeof(bytes) - length, MSG_DONTWAIT)) > 0)
		length += (size_t)count;
	CHECK(count == 0 || errno == ECONNRESET); /* EAGAIN: it was left open */
	for (size_t at = 0; at + 8 <= length && count == 0;) {
		const unsigned char *head = (const unsigned char *)bytes + at;
		size_t size = (size_t)head[4] << 8 | head[5];

		CHECK(head[0] == 1 && at + 8 + size + head[6] <= length);
		if (head[1] == STANDARD_OUT) {
			memcpy(output + used, bytes + at + 8, size);
			used += size;
		}
		at += 8 + size + head[6];
	}
	if (used > 0)
		output_verify(output, used);
}

static void
logs_verify(bool with_token)
{
	struct scan_names names;
	struct fault fault;

	CHECK(scan_list(scratch, &names, &fault) == 0);
	CHECK(names.count == 0 || !with_token);
	CHECK(names.count <= 1);
	for (size_t i = 0; i < names.count; i++) {
		size_t length;
		char *line = scratch_load(names.names[i], &length);
		struct document *document;
		struct record record;

		/* A log is there before its lock is had; here nobody else has it. */
		CHECK(line != NULL && length > 0);
		CHECK(memchr(line, '\n', length) == line + length - 1);
		document = document_parse_line(line, length, &fault);
		CHECK(document != NULL && document_record(document, &record, &fault) == 0);
		document_free(document);
		free(line);
	}
	CHECK(scratch_clear() == names.count);
	scan_names_free(&names);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct front *front;
	static uint8_t bytes[FASTCGI_INPUT_MAX];
	struct receiver receiver = { 0 };
	bool with_token = size > 0 && (data[0] & 1) != 0;
	struct request request;
	int client;

	if (size == 0 || size > FASTCGI_INPUT_MAX)
		return 0;
	size--;
	memcpy(bytes, data + 1, size);
	lengths_limit(bytes, size);
	if (asks_for_values(bytes, size))
		return 0;
	scratch_make();
	if (front == NULL)
		front = listener_open();
	receiver.config = (struct config){
		.store = { .data_dir = scratch,
		    .owner = geteuid(),
		    .file_mode = 0600,
		    .lock_timeout = 1200 },
		.sdk_app_id = 1400000000,
		.tokens = { "nobody knows this one" },
		.token_count = with_token,
		.max_skew = UINT64_C(9999999999),
		.max_body = 4096,
	};
	client = client_open(bytes, size);
	CHECK(front_wait(front));
	if (front_take(front, &request))
		receiver_answer(&receiver, front, &request, NULL);
	reply_read(client);
	close(client);
	logs_verify(with_token);
	return 0;
}

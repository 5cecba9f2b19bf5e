/*
 * load.c - load SOCKET|PORT TARGET BODY EXPECT CLIENTS REQUESTS keep|close
 *
 * So many clients, each with one connection at a time, post the file BODY until
 * REQUESTS are answered.  1NUMBER in it is the request's: 1000000, 1000001 and so on.
 * Every answer must be 200 and hold the text EXPECT.  Where TARGET is "-", BODY is the whole
 * request, header included, and EXPECT alone is asked for.
 * Prints "answered N failed N seconds S p50 MS p99 MS max MS".
 *
 * One process and one epoll: it must cost less than what it measures.
 */
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/times.h"

#define ANSWER_MAX 65536
#define NUMBER "1NUMBER"

struct client {
	int fd;
	size_t sent, received;
	long number;
	double started;
	char answer[ANSWER_MAX + 1];
};

static struct {
	const char *address, *expect;
	bool keep, whole; /* whole: BODY is the request */
	char request[1 << 20];
	size_t length;
	char *number; /* in the request; NULL: it has none */
	int poll;
	long begun, answered, failed, wanted;
	double *times;
} load;

static void
client_connect(struct client *client)
{
	struct sockaddr_un local = { .sun_family = AF_UNIX };
	struct sockaddr_in inet = { .sin_family = AF_INET };
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = client };
	bool is_local = load.address[0] == '/';
	int result;

	client->fd = socket(is_local ? AF_UNIX : AF_INET, SOCK_STREAM, 0);
	if (is_local) {
		strncpy(local.sun_path, load.address, sizeof(local.sun_path) - 1);
		result = connect(client->fd, (struct sockaddr *)&local, sizeof(local));
	} else {
		inet.sin_port = htons((uint16_t)atoi(load.address));
		inet.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		result = connect(client->fd, (struct sockaddr *)&inet, sizeof(inet));
	}
	if (result != 0) {
		perror("load: connect");
		exit(1);
	}
	fcntl(client->fd, F_SETFL, O_NONBLOCK);
	epoll_ctl(load.poll, EPOLL_CTL_ADD, client->fd, &event);
}

/* Begins the next request, on a new connection where there is none. */
static void
client_begin(struct client *client)
{
	if (load.begun == load.wanted) {
		if (client->fd >= 0)
			close(client->fd);
		client->fd = -1;
		return;
	}
	client->number = load.begun++;
	client->sent = client->received = 0;
	client->started = now_milliseconds();
	if (client->fd < 0)
		client_connect(client);
}

static void
client_send(struct client *client)
{
	long left = client->number;

	for (size_t i = sizeof(NUMBER) - 1; load.number != NULL && i > 1; i--, left /= 10)
		load.number[i - 1] = (char)('0' + left % 10);
	while (client->sent < load.length) {
		ssize_t count = send(client->fd, load.request + client->sent,
		    load.length - client->sent, MSG_NOSIGNAL);

		if (count <= 0)
			return;
		client->sent += (size_t)count;
	}
}

/* Is the answer whole?  By its Content-Length; ended: the connection is at its end. */
static bool
answer_is_whole(const struct client *client, bool ended)
{
	const char *body = strstr(client->answer, "\r\n\r\n");
	const char *length = strcasestr(client->answer, "\r\nContent-Length:");

	if (body != NULL && strncmp(client->answer, "HTTP/1.1 304", 12) == 0)
		return true;
	if (ended || body == NULL || length == NULL || length > body)
		return ended;
	return client->received >=
	    (size_t)(body + 4 - client->answer) + strtoul(length + 17, NULL, 10);
}

static void
client_finish(struct client *client, bool ended)
{
	bool right = (load.whole || strncmp(client->answer, "HTTP/1.1 200", 12) == 0) &&
	    strstr(client->answer, load.expect) != NULL;

	if (!right && load.failed == 0)
		fprintf(stderr, "load: %.300s\n", client->answer);
	load.failed += !right;
	load.times[load.answered++] = now_milliseconds() - client->started;
	if (ended || !load.keep) {
		close(client->fd);
		client->fd = -1;
	}
	client_begin(client);
}

static void
client_receive(struct client *client)
{
	ssize_t count;

	do {
		count = recv(client->fd, client->answer + client->received,
		    ANSWER_MAX - client->received, 0);
		if (count < 0 && errno == EAGAIN)
			return;
		if (count > 0)
			client->received += (size_t)count;
		client->answer[client->received] = '\0';
	} while (count > 0 && !answer_is_whole(client, false));
	client_finish(client, count <= 0);
}

static void
request_make(const char *target, const char *path)
{
	static char body[1 << 19];
	FILE *file = fopen(path, "r");
	size_t length = file == NULL ? 0 : fread(body, 1, sizeof(body), file);

	load.whole = strcmp(target, "-") == 0;
	load.length = load.whole
	    ? (size_t)snprintf(load.request, sizeof(load.request), "%.*s", (int)length, body)
	    : (size_t)snprintf(load.request, sizeof(load.request),
		  "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
		  "Content-Length: %zu\r\nConnection: %s\r\n\r\n%.*s",
		  target, length, load.keep ? "keep-alive" : "close", (int)length, body);
	load.number = strstr(load.request, NUMBER);
}

int
main(int argc, char **argv)
{
	struct epoll_event events[256];
	struct client *clients;
	double started;
	int count;

	if (argc != 8)
		return 64;
	load.address = argv[1];
	load.expect = argv[4];
	count = atoi(argv[5]);
	load.wanted = atol(argv[6]);
	load.keep = strcmp(argv[7], "keep") == 0;
	request_make(argv[2], argv[3]);
	clients = calloc((size_t)count, sizeof(*clients));
	load.times = calloc((size_t)load.wanted, sizeof(*load.times));
	load.poll = epoll_create1(0);
	if (clients == NULL || load.times == NULL || load.poll < 0)
		return 71;
	started = now_milliseconds();
	for (int i = 0; i < count; i++) {
		clients[i].fd = -1;
		client_begin(&clients[i]);
	}
	while (load.answered < load.wanted) {
		int ready = epoll_wait(load.poll, events, 256, 30000);

		if (ready == 0)
			break;
		for (int i = 0; i < ready; i++) {
			struct client *client = events[i].data.ptr;

			client_send(client);
			if (client->sent == load.length)
				client_receive(client);
			if (client->fd >= 0)
				client_send(client);
		}
	}
	started = (now_milliseconds() - started) / 1e3;
	printf("answered %ld failed %ld seconds %.4f ", load.answered, load.failed, started);
	if (load.answered > 0)
		times_print(load.times, (size_t)load.answered);
	return load.answered == load.wanted && load.failed == 0 ? 0 : 1;
}

/*
 * cgi.c - a process that a web server starts, for one request or for more.
 *
 * CGI as RFC 3875 has it: the request is in the environment, its body on standard input, the
 * answer goes to standard output.  Plain read(2) and write(2), for the process is over
 * before a buffer pays.
 *
 * A web server ends its CGIs with SIGTERM when the client goes away.  While the
 * body is still to come that is right; what was sent whole is stored whole.
 *
 * The time for a body can pass while the machine has none for this process: so what has come is read
 * then, too, and only what has not come is late.
 *
 * An answer can come before its request's body was read, and must reach a peer that still sends it,
 * however long that has no turn.  mod_cgid takes the answer where it may send no more, but not where
 * its connection is reset.  mod_proxy_fcgi and mod_fcgid take it in neither case: so a worker that
 * nobody else waits for reads on until they close.
 */
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "cgi.h"
#include "base/time.h"
#include "request.h"

/*
 * What a peer still sends after the answer is waited for so long, and read for so long where it
 * never pauses, whoever else waits; and so long a peer may be silent where nobody does.
 */
#define LINGER_MILLISECONDS 50
#define LINGER_MILLISECONDS_MAX 200
#define SILENCE_MILLISECONDS 1800 /* nobody waits longer for an answer (P6) */
#define LINGER_BLOCKS 1024        /* more than the buffers of a socket hold */

bool
cgi_is_request(void)
{
	return getenv("GATEWAY_INTERFACE") != NULL || getenv("REQUEST_METHOD") != NULL ||
	    getenv("QUERY_STRING") != NULL;
}

/*
 * Opens /dev/null for what is closed of 0 to 2: some servers start programs so,
 * and then a log file would become standard error.
 */
static int
descriptors_guard(void)
{
	struct pollfd standard[] = { { .fd = 0 }, { .fd = 1 }, { .fd = 2 } };

	while (poll(standard, 3, 0) < 0)
		if (errno != EINTR)
			return -1;
	for (int i = 0; i < 3; i++) /* each takes the lowest number that is free */
		if ((standard[i].revents & POLLNVAL) != 0 &&
		    openat(AT_FDCWD, "/dev/null", O_RDWR) < 0)
			return -1;
	return 0;
}

int
cgi_prepare(void)
{
	sigset_t none;

	if (descriptors_guard() != 0)
		return -1;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_IGN);
	return 0;
}

void
cgi_hold(void)
{
	sigset_t held;

	sigfillset(&held);
	sigdelset(&held, SIGALRM); /* the lock's timer */
	sigprocmask(SIG_SETMASK, &held, NULL);
}

ssize_t
cgi_read(void *context, char *buffer, size_t size, int64_t deadline)
{
	bool *ended = context;
	struct pollfd standard_input = { .fd = STDIN_FILENO, .events = POLLIN };

	if (deadline == READ_NOW)
		cgi_hold();
	for (;;) {
		int64_t left = deadline == READ_NOW ? 0 : deadline - clock_milliseconds();
		ssize_t count;
		int ready = poll(&standard_input, 1, left < 0 ? 0 : (int)left);

		if (ready == 0)
			return deadline == READ_NOW ? 0 : READ_STALLED;
		count = ready < 0 ? -1 : read(STDIN_FILENO, buffer, size);
		if (count == 0) {
			*ended = true;
			cgi_hold();
		}
		if (count >= 0)
			return count;
		if (errno != EINTR)
			return READ_BROKEN;
	}
}

void
cgi_close(void)
{
	shutdown(STDOUT_FILENO, SHUT_WR); /* under mod_cgid one socket with standard input */
	input_drop(STDIN_FILENO, -1);
}

const char *
status_phrase(int status)
{
	switch (status) {
	case 200:
		return "OK";
	case 303:
		return "See Other";
	case 304:
		return "Not Modified";
	case 400:
		return "Bad Request";
	case 403:
		return "Forbidden";
	case 404:
		return "Not Found";
	case 405:
		return "Method Not Allowed";
	case 410:
		return "Gone";
	case 413:
		return "Content Too Large";
	case 429:
		return "Too Many Requests";
	case 503:
		return "Service Unavailable";
	case 507:
		return "Insufficient Storage";
	default:
		return "Internal Server Error";
	}
}

/*
 * Whoever closes a socket with unread input resets it, and its peer may lose the answer: so nothing
 * more is let in, which the peer notices as a broken pipe, and what came before is read.
 */
static void
input_close(int fd)
{
	char block[16384];

	if (shutdown(fd, SHUT_RD) != 0)
		return; /* a pipe, which has an end for each direction */
	for (int i = 0; i < LINGER_BLOCKS; i++)
		if (recv(fd, block, sizeof(block), MSG_DONTWAIT) <= 0)
			return;
}

/* Does somebody else want this process?  One of a single request has to end. */
static bool
is_awaited(int listener)
{
	struct pollfd others = { .fd = listener, .events = POLLIN };

	return listener < 0 || poll(&others, 1, 0) != 0;
}

void
input_drop(int fd, int listener)
{
	struct pollfd input = { .fd = fd, .events = POLLIN };
	int64_t begun = clock_milliseconds(), now = begun, came = begun, waited = 0;
	char block[16384];

	while ((waited < LINGER_MILLISECONDS && now - begun < LINGER_MILLISECONDS_MAX) ||
	    (now - came < SILENCE_MILLISECONDS && !is_awaited(listener))) {
		int ready = poll(&input, 1, LINGER_MILLISECONDS);
		int64_t before = now;

		if (ready < 0 && errno != EINTR)
			break;
		if (ready > 0 && read(fd, block, sizeof(block)) <= 0)
			return;
		now = clock_milliseconds();
		waited += now - before;
		if (ready > 0)
			came = now;
	}
	input_close(fd);
}

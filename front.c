/*
 * front.c - CGI and FastCGI: requests in, replies out.
 *
 * The only code that knows libfcgi, which reads requests that are large or come in pieces.  The
 * usual ones are read where they came to, and all answers are written, by records.c.  The front
 * knows nothing of the program that it serves, and trusts nothing that a client can influence:
 * under a web server arguments are not options, since a query without '=' arrives there (RFC
 * 3875, 4.4).
 *
 * CGI (cgi.c): one request, one write for the answer.
 *
 * FastCGI: any number of processes on one socket, one request at a time each.
 * Connections are closed after their answer even where the server offers to
 * keep them: with a handful of workers, each would soon belong to one idle
 * connection while other requests wait.  So an idle worker waits for the socket
 * only, and of many idle ones the kernel wakes one.  Leaving at once on SIGTERM or
 * SIGUSR1 needs no race: the handler puts /dev/null in the place of the listening socket and of
 * what waits for it, so that no wait begins and accept fails.  A request in
 * progress is finished first, for SA_RESTART keeps its reads whole.
 *
 * Whoever holds a worker keeps others waiting (P6), so nothing waits for a peer
 * without a limit.  libfcgi has none while it reads parameters, and waits 2 s
 * for a peer to close after its answer.  Therefore the connection is accepted
 * and closed here, and libfcgi gets it in between.
 */
#ifdef __linux__
#include <sys/epoll.h>
#endif
#include <sys/socket.h>
#include <sys/time.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <fcgiapp.h>

#include "front.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/text.h"
#include "base/time.h"
#include "cgi.h"
#include "management.h"
#include "records.h"

#define FASTCGI_SOCKET 0 /* FCGI_LISTENSOCK_FILENO, FastCGI 1.0 section 2.2 */
#define TIMER_MICROSECONDS 50000
/*
 * How long a peer is waited for: until it has sent its parameters, which servers
 * do at once; for the end of a body that is whole.
 */
#define PARAMETERS_MILLISECONDS 300
#define BODY_END_MILLISECONDS 10
#define LOOK_MILLISECONDS 500 /* between two looks of the caller's */

#define BODY_LARGE                                                                                 \
	16384 /* its parsed form may have forty times as much; so may what an answer was made of */
#define ANSWER_SIZE 4096 /* what fits goes out in one write */

struct front {
	const char *program;
	bool request; /* a web server started this process for one */
	bool fastcgi; /* descriptor 0 is a socket to accept from */
	bool local;   /* of this machine alone: a peer has no address */
	bool stopped; /* there will be no request any more */
	bool called;  /* somebody calls, who may have a request */
	bool taken;   /* and is not answered yet: */
	FCGX_Request connection;
	bool head;         /* its method is HEAD */
	bool told;         /* something of it was written to the web server's error log */
	bool body_ended;   /* the last record of its body was read */
	size_t body_count; /* bytes of it that were read */
	bool whole;        /* it is small, and came whole: libfcgi was not needed, */
	struct records small;
};

/* the process */

/*
 * Is descriptor 0 a listening socket (FastCGI 1.0, 2.2)?  libfcgi could tell
 * too, but sets itself up first, which costs a CGI a quarter of its calls.
 */
static bool
is_fastcgi(void)
{
	int listens = 0;
	socklen_t size = sizeof(listens);

	return getsockopt(FASTCGI_SOCKET, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 &&
	    listens != 0;
}

static bool
is_local(void)
{
	int domain = AF_UNSPEC;
	socklen_t size = sizeof(domain);

	return getsockopt(FASTCGI_SOCKET, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 &&
	    domain == AF_UNIX;
}

struct front *
front_open(const char *program)
{
	static struct front front; /* as there is one descriptor 0 */

	if (cgi_prepare() != 0)
		return NULL;
	/* The rest is 0, and under CGI stays untouched. */
	front.program = program;
	front.request = cgi_is_request();
	front.fastcgi = is_fastcgi();
	return &front;
}

bool
front_takes_options(const struct front *front)
{
	return !front->request;
}

bool
front_is_served(const struct front *front)
{
	return front->request || front->fastcgi;
}

bool
front_is_worker(const struct front *front)
{
	return front->fastcgi;
}

static volatile sig_atomic_t null_descriptor;
static volatile sig_atomic_t waiter = -1; /* an epoll set of the socket alone; -1: there is none */

static void
stop_handle(int signal_number)
{
	int error = errno;

	(void)signal_number;
	while (dup2(null_descriptor, FASTCGI_SOCKET) < 0 && errno == EINTR)
		;
	while (waiter >= 0 && dup2(null_descriptor, waiter) < 0 && errno == EINTR)
		;
	errno = error;
}

static void
alarm_handle(int signal_number)
{
	(void)signal_number; /* its only use is to interrupt read */
}

static int
fastcgi_signals(void)
{
	struct sigaction stop = { .sa_handler = stop_handle, .sa_flags = SA_RESTART };
	struct sigaction interrupt = { .sa_handler = alarm_handle };

	null_descriptor = openat(AT_FDCWD, "/dev/null", O_RDWR | O_CLOEXEC);
	if (null_descriptor < 0)
		return -1;
	sigemptyset(&stop.sa_mask);
	sigemptyset(&interrupt.sa_mask);
	sigaction(SIGTERM, &stop, NULL);
	sigaction(SIGUSR1, &stop, NULL);
	sigaction(SIGINT, &stop, NULL);
	sigaction(SIGALRM, &interrupt, NULL);
	return 0;
}

/* poll(2) would wake all workers for one connection; where there is nothing better it has to do. */
static void
waiter_make(void)
{
#ifdef EPOLLEXCLUSIVE
	struct epoll_event peers = { .events = EPOLLIN | EPOLLEXCLUSIVE };
	int set = epoll_create1(EPOLL_CLOEXEC);

	/* A signal can come at any moment: a set that waits for the socket must be the waiter. */
	waiter = set;
	if (set < 0 || epoll_ctl(set, EPOLL_CTL_ADD, FASTCGI_SOCKET, &peers) == 0)
		return;
	waiter = -1;
	close(set);
#endif
}

int
front_start(struct front *front)
{
	if (!front->fastcgi)
		return 0;
	if (fastcgi_signals() != 0)
		return -1;
	waiter_make();
	front->local = is_local();
	return fcntl(FASTCGI_SOCKET, F_SETFL, O_RDWR | O_NONBLOCK);
}

/* the next request */

/* May this peer send requests (FastCGI 1.0, 3.2)? */
static bool
peer_is_allowed(const struct sockaddr_storage *peer)
{
	const char *list;
	const void *address = peer->ss_family == AF_INET
	    ? (const void *)&((const struct sockaddr_in *)peer)->sin_addr
	    : (const void *)&((const struct sockaddr_in6 *)peer)->sin6_addr;
	char text[INET6_ADDRSTRLEN];

	if (peer->ss_family == AF_UNIX)
		return true;
	list = getenv("FCGI_WEB_SERVER_ADDRS");
	if (list == NULL || list[0] == '\0')
		return true;
	if (inet_ntop(peer->ss_family, address, text, sizeof(text)) == NULL)
		return false;
	while (*list != '\0') {
		size_t length = strcspn(list, ",");

		if (length == strlen(text) && memcmp(list, text, length) == 0)
			return true;
		list += length + (list[length] == ',');
	}
	return false;
}

/* Accepts from a socket of a network; -1: errno, or the peer is not let in, which is no error. */
static int
network_accept(int listener)
{
	struct sockaddr_storage peer = { .ss_family = AF_UNSPEC };
	socklen_t size = sizeof(peer);
	int fd = accept4(listener, (struct sockaddr *)&peer, &size, SOCK_CLOEXEC), one = 1;

	if (fd < 0)
		return -1;
	if (!peer_is_allowed(&peer)) {
		close(fd);
		errno = ECONNABORTED;
		return -1;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return fd;
}

/*
 * The next connection, which the caller closes, or -1: there are none any more.  To ask for an
 * address that nobody has costs an eighth of the call.
 */
static int
fastcgi_accept(const struct front *front)
{
	for (;;) {
		int fd = front->local ? accept4(FASTCGI_SOCKET, NULL, NULL, SOCK_CLOEXEC)
				      : network_accept(FASTCGI_SOCKET);

		if (fd >= 0)
			return fd;
		if (errno != EINTR && errno != ECONNABORTED && errno != EPROTO &&
		    errno != ECONNRESET && errno != ETIMEDOUT && errno != EHOSTUNREACH &&
		    errno != ENETUNREACH) /* what Linux may say of a peer, accept(2) */
			return -1;
	}
}

/*
 * Interrupts reads once so many milliseconds have passed, again and again, for
 * libfcgi may be about to begin one; 0: no more.
 */
static void
timer_set(int64_t milliseconds)
{
	struct itimerval timer = {
		.it_interval = { 0, milliseconds > 0 ? TIMER_MICROSECONDS : 0 },
		.it_value = { milliseconds / 1000, milliseconds % 1000 * 1000 },
	};

	setitimer(ITIMER_REAL, &timer, NULL);
}

/* Takes what was looked at from the connection.  Its bytes are known. */
static void
small_take(const struct front *front)
{
	char block[RECORDS_SIZE];

	(void)recv(front->connection.ipcFd, block, front->small.length, MSG_DONTWAIT);
}

/*
 * Reads a request's parameters from the connection, which is closed
 * where this returns false.  libfcgi takes it for one that was kept, and closes
 * it without waiting for the peer (FCGX_Detach); it has no socket to accept
 * another from.  It accepts a request also where a read was interrupted between two of the
 * parameters, or before their end: only the stream's error tells it.
 */
static bool
fastcgi_begin(struct front *front, int connection, int64_t started)
{
	FCGX_Request *fastcgi = &front->connection;
	int64_t deadline = started + PARAMETERS_MILLISECONDS, left;
	bool begun;

	if (!management_answer(connection, deadline, &front->small)) {
		close(connection);
		return false;
	}
	front->whole = records_split(&front->small);
	if (front->whole) {
		fastcgi->ipcFd = connection;
		fastcgi->requestId = front->small.id;
		small_take(front);
		return true;
	}
	if (FCGX_Init() != 0) {
		close(connection);
		return false;
	}
	FCGX_InitRequest(fastcgi, -1, 0);
	fastcgi->ipcFd = connection;
	fastcgi->keepConnection = 1;
	FCGX_Detach(fastcgi);
	left = deadline - clock_milliseconds();
	timer_set(left > 0 ? left : 1);
	begun = FCGX_Accept_r(fastcgi) == 0;
	timer_set(0);
	if (begun && FCGX_GetError(fastcgi->in) != 0) {
		FCGX_Free(fastcgi, 1);
		begun = false;
	}
	return begun;
}

/*
 * Waits for somebody who calls: 0 where nobody does.  Where the one worker that the kernel woke
 * ended before it accepted, the kernel wakes no other: so each looks at the socket itself, too.
 */
static int
peers_wait(void)
{
	struct pollfd peers = { .fd = FASTCGI_SOCKET, .events = POLLIN };
	int milliseconds = LOOK_MILLISECONDS;
#ifdef EPOLLEXCLUSIVE
	struct epoll_event event;
	int ready;

	if (waiter >= 0) {
		ready = epoll_wait(waiter, &event, 1, milliseconds);
		if (ready != 0)
			return ready;
		milliseconds = 0;
	}
#endif
	return poll(&peers, 1, milliseconds);
}

/*
 * The socket is shared: accept(2) must not wait where another worker was faster, and
 * whoever starts one (systemd) may make it wait again.
 */
bool
front_wait(struct front *front)
{
	int ready = 1;

	if (front->stopped)
		return false;
	if (front->fastcgi)
		ready = peers_wait();
	if (ready == 0)
		fcntl(FASTCGI_SOCKET, F_SETFL, O_RDWR | O_NONBLOCK);
	/* Where there is nothing to wait for any more, accept says so. */
	front->called = ready > 0 || (ready < 0 && errno != EINTR);
	return true;
}

/* Reads what has come of a small request's body, which is all of it. */
static ssize_t
small_read(void *context, char *buffer, size_t size, int64_t deadline)
{
	struct front *front = context;
	size_t left = front->small.body_length - front->body_count;
	size_t count = left < size ? left : size;

	(void)deadline;
	memcpy(buffer, front->small.bytes + front->small.body + front->body_count, count);
	front->body_count += count;
	return (ssize_t)count;
}

/* Reads from the stream, which is of no more use once a read was interrupted. */
static ssize_t
fastcgi_read(void *context, char *buffer, size_t size, int64_t deadline)
{
	struct front *front = context;
	FCGX_Stream *in = front->connection.in;
	int64_t left =
	    deadline == READ_NOW ? BODY_END_MILLISECONDS : deadline - clock_milliseconds();
	int want = size > INT_MAX ? INT_MAX : (int)size, count;

	/* What has come is read without a wait, also where the time passed while we had no turn. */
	timer_set(left > 0 ? left : 1);
	count = FCGX_GetStr(buffer, want, in);
	timer_set(0);
	front->body_count += (size_t)count;
	if (FCGX_GetError(in) == 0)
		front->body_ended = count < want;
	else if (count < want && deadline != READ_NOW)
		return clock_milliseconds() >= deadline ? READ_STALLED : READ_BROKEN;
	return count;
}

/* Takes a connection, and reads its request's parameters; false: there is none. */
static bool
fastcgi_take(struct front *front, int64_t *started)
{
	int connection = fastcgi_accept(front);

	if (connection < 0) {
		front->stopped = errno != EAGAIN;
		return false;
	}
	*started = clock_milliseconds();
	return fastcgi_begin(front, connection, *started);
}

const char *
front_variable(const struct front *front, const char *name)
{
	if (!front->fastcgi)
		return getenv(name);
	return front->whole ? records_parameter(&front->small, name)
			    : FCGX_GetParam(name, front->connection.envp);
}

/* What reads the body of the request that was taken. */
static ssize_t (*body_reader(const struct front *front))(void *, char *, size_t, int64_t)
{
	if (!front->fastcgi)
		return cgi_read;
	return front->whole ? small_read : fastcgi_read;
}

bool
front_take(struct front *front, struct request *request)
{
	int64_t started = 0;

	if (!front->called || (front->fastcgi && !fastcgi_take(front, &started)))
		return false;
	*request = (struct request){
		.method = front_variable(front, "REQUEST_METHOD"),
		.query = front_variable(front, "QUERY_STRING"),
		.content_length = front_variable(front, "CONTENT_LENGTH"),
		.content_encoding = front_variable(front, "HTTP_CONTENT_ENCODING"),
		.read = body_reader(front),
		.context = front->fastcgi ? (void *)front : &front->body_ended,
	};
	clock_gettime(CLOCK_REALTIME, &request->now);
	/* An answer's time counts from when the connection was accepted. */
	request->started = front->fastcgi ? started : clock_milliseconds();
	front->head = request->method != NULL && strcmp(request->method, "HEAD") == 0;
	front->body_ended = front->whole;
	front->body_count = 0;
	front->told = false;
	front->taken = true;
	return true;
}

/* the reply */

void
front_tell(struct front *front, const struct fault *fault)
{
	char line[FAULT_DETAIL_SIZE + 128];
	int length;

	if (fault->code == FAULT_NONE)
		return;
	length = snprintf(line, sizeof(line), "%s: %s: %s\n", front->program,
	    fault_slug(fault->code), fault->detail);
	if (!front->taken || !front->fastcgi) {
		(void)file_write(STDERR_FILENO, line, (size_t)length);
		return;
	}
	records_write_error(front->connection.ipcFd, front->connection.requestId, line,
	    (size_t)length);
	front->told = true;
}

/*
 * Gives back what a large request has left, which glibc would keep; base/memory.c
 * and other C libraries do so by themselves.
 */
static void
memory_give_back(size_t size)
{
#ifdef __GLIBC__
	if (size > BODY_LARGE)
		malloc_trim(0);
#else
	(void)size;
#endif
}

static void
fastcgi_end(struct front *front, size_t answered)
{
	FCGX_Request *connection = &front->connection;

	if (!front->body_ended) {
		shutdown(connection->ipcFd, SHUT_WR);
		input_drop(connection->ipcFd, FASTCGI_SOCKET);
	}
	memory_give_back(front->body_count + answered);
	if (front->whole)
		close(connection->ipcFd);
	else
		FCGX_Free(connection, 1);
}

/* Appends a text to what has at most ANSWER_SIZE bytes; what has no room is cut off. */
static size_t
head_add(char text[ANSWER_SIZE], size_t used, const char *more)
{
	size_t length = strnlen(more, ANSWER_SIZE - used);

	memcpy(text + used, more, length);
	return used + length;
}

/* The header as RFC 3875 section 6 wants it; its length. */
static size_t
head_print(const struct front_reply *reply, char text[ANSWER_SIZE])
{
	char status[INTEGER_SIZE], length[INTEGER_SIZE];
	/* The length in a 304 would be that of the page that it stands for (RFC 9110, 8.6). */
	bool measured = reply->status != 304, typed = reply->type != NULL && reply->type[0] != '\0';
	const char *const pieces[] = { "Status: ", status, " ", status_phrase(reply->status),
		typed ? "\r\nContent-Type: " : "", typed ? reply->type : "",
		"\r\nCache-Control: ", reply->cache == NULL ? "no-store" : reply->cache,
		measured ? "\r\nContent-Length: " : "", measured ? length : "", "\r\n",
		reply->headers, "\r\n" };
	size_t used = 0;

	integer_put(status, (uint64_t)reply->status);
	integer_put(length, reply->length);
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++)
		used = head_add(text, used, pieces[i]);
	return used;
}

void
front_reply(struct front *front, const struct front_reply *reply)
{
	char text[ANSWER_SIZE];
	size_t used = head_print(reply, text), body = front->head ? 0 : reply->length;

	front->taken = false;
	if (front->fastcgi) {
		records_write_answer(&(struct records_answer){ front->connection.ipcFd,
		    front->connection.requestId, front->told, text, used, reply->body, body });
		fastcgi_end(front, reply->length);
		return;
	}
	if (body <= sizeof(text) - used) {
		memcpy(text + used, reply->body, body);
		used += body;
		body = 0;
	}
	/* If somebody listens. */
	if (file_write(STDOUT_FILENO, text, used) == 0)
		(void)file_write(STDOUT_FILENO, reply->body, body);
	if (!front->body_ended)
		cgi_close();
	front->stopped = true;
}

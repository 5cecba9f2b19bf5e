/*
 * msgext.c - the front: CGI or FastCGI -> struct request -> struct reply.
 *
 * The only code that knows transports, prints or exits.  It trusts nothing
 * that a client can influence: under a web server arguments are not parsed as
 * options, since a query without '=' arrives there (RFC 3875, 4.4), and the
 * configuration is never looked for in a request's variables.
 *
 * CGI (cgi.c): one request, one write for the answer.
 *
 * FastCGI: any number of processes on one socket, one request at a time each.
 * Connections are closed after their answer even where the server offers to
 * keep them: with a handful of workers, each would soon belong to one idle
 * connection while other requests wait.  So an idle worker waits for the socket
 * only, and leaving at once on SIGTERM or SIGUSR1 needs no race: the handler
 * puts /dev/null in the listening socket's place, on which poll does not wait
 * and accept fails.  A request in progress is finished first, for SA_RESTART
 * keeps its reads whole.
 *
 * What a worker is bound to (harden.c) is a directory, not its path.  Where the
 * path leads to another one, each append would fail for ever: the worker leaves
 * before it takes the next connection, and something starts it anew.
 *
 * Whoever holds a worker keeps others waiting (P6), so nothing waits for a peer
 * without a limit.  libfcgi has none while it reads parameters, and waits 2 s
 * for a peer to close behind its answer.  Therefore the connection is accepted
 * and closed here, and libfcgi gets it in between.
 */
#include <sys/auxv.h>
#include <sys/socket.h>
#include <sys/stat.h>
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
#include <sysexits.h>
#include <unistd.h>

#include <fcgiapp.h>

#include "base/base.h"
#include "base/fault.h"
#include "base/harden.h"
#include "base/time.h"
#include "cgi.h"
#include "config.h"
#include "management.h"
#include "receive.h"
#include "store/directory.h"

#define FASTCGI_SOCKET 0 /* FCGI_LISTENSOCK_FILENO, FastCGI 1.0 section 2.2 */
#define TIMER_MICROSECONDS 50000
/*
 * How long a peer is waited for: until it has sent its parameters, which servers
 * do at once; for the end of a body that is whole; for the body, where the parameters
 * were late.
 */
#define PARAMETERS_MILLISECONDS 300
#define LOOK_MILLISECONDS 500 /* between two looks at the data directory */
#define BODY_END_MILLISECONDS 10
#define LATE_MILLISECONDS 50

#define BODY_LARGE 16384 /* its parsed form may have forty times as much */

/* The configuration in force, or why there is none. */
struct service {
	const char *path;
	struct config config;
	bool loaded;
	struct store_place place; /* the directory that this process can open files in */
	bool unusable;            /* it was, at the last look */
	struct fault fault;
	char root[PATH_MAX]; /* the document root that was last found harmless */
};

/* the configuration */

static void
service_load(struct service *service)
{
	if (service->path == NULL)
		return; /* for a reason that is known */
	service->loaded = config_load(&service->config, service->path, &service->fault) == 0 &&
	    store_look(&service->config.store, &service->place, &service->fault) == 0;
	if (service->config.check) {
		config_program_fault(&service->config, service->path, "msgextctl", &service->fault);
		service->loaded = false;
	}
	if (!service->loaded) {
		config_free(&service->config);
		return;
	}
	if (service->config.store.file_mode != 0600)
		umask(0777 & ~service->config.store.file_mode);
	harden(service->config.store.data_dir);
}

/*
 * The configuration for a request, or NULL and service->fault.  One that did
 * not load is tried again: a mended file needs no restart.
 */
static const struct config *
service_config(struct service *service, const char *document_root)
{
	if (!service->loaded)
		service_load(service);
	if (!service->loaded || service->unusable)
		return NULL;
	if (document_root == NULL || strcmp(document_root, service->root) == 0)
		return &service->config;
	if (config_check_root(service->config.store.data_dir, document_root, &service->fault) != 0)
		return NULL;
	snprintf(service->root, sizeof(service->root), "%s", document_root);
	return &service->config;
}

/*
 * Is the data directory still the one that the process is bound to?  False: the
 * path leads to another one now, and service->fault says so; only a new process
 * can work there.  One that is missing, or open to others, is no reason to leave.
 */
static bool
service_look(struct service *service)
{
	struct store_place now;

	if (!service->loaded)
		return true;
	service->unusable = store_look(&service->config.store, &now, &service->fault) != 0;
	if (service->unusable || store_place_equals(&now, &service->place))
		return true;
	fault_set(&service->fault, FAULT_DATA_DIR,
	    "data_dir: %s: is another directory now; this process leaves, to be started anew",
	    service->config.store.data_dir);
	return false;
}

/* The configuration's path, where the command line gave none; NULL: service->fault. */
static const char *
config_find(struct service *service, const char *argument)
{
	const char *executed = (const char *)getauxval(AT_EXECFN);
	int control = config_control_file(argument, executed, &service->fault);

	if (control != 0)
		return control > 0 ? argument : NULL;
	return config_path_default(NULL);
}

/* requests and replies */

static void
request_start(struct request *request)
{
	clock_gettime(CLOCK_REALTIME, &request->now);
	request->started = clock_milliseconds();
}

/* The answer as RFC 3875 section 6 wants it; the bytes put into text. */
static size_t
reply_print(const struct reply *reply, const struct request *request, char *text, size_t size)
{
	bool head = request->method != NULL && strcmp(request->method, "HEAD") == 0;

	return (size_t)snprintf(text, size,
	    "Status: %d %s\r\n"
	    "Content-Type: application/json\r\n"
	    "Cache-Control: no-store\r\n"
	    "Content-Length: %zu\r\n"
	    "%s\r\n%s",
	    reply->status, status_phrase(reply->status), strlen(reply->body), reply->header,
	    head ? "" : reply->body);
}

/* The line for the error log; the bytes put into text, 0 where there is nothing to tell. */
static size_t
fault_print(const struct fault *fault, char *text, size_t size)
{
	if (fault->code == FAULT_NONE)
		return 0;
	return (
	    size_t)snprintf(text, size, "msgext: %s: %s\n", fault_slug(fault->code), fault->detail);
}

/* CGI */

static int
cgi_serve(struct service *service)
{
	bool ended = false; /* standard input */
	struct request request = {
		.method = getenv("REQUEST_METHOD"),
		.query = getenv("QUERY_STRING"),
		.content_length = getenv("CONTENT_LENGTH"),
		.content_encoding = getenv("HTTP_CONTENT_ENCODING"),
		.read = cgi_read,
		.context = &ended,
	};
	struct reply reply;
	char text[2048];
	const struct config *config;

	request_start(&request);
	config = service_config(service, getenv("DOCUMENT_ROOT"));
	receive(config, &service->fault, &request, &reply);
	output_write(STDERR_FILENO, text, fault_print(&reply.fault, text, sizeof(text)));
	output_write(STDOUT_FILENO, text, reply_print(&reply, &request, text, sizeof(text)));
	if (!ended)
		cgi_close();
	return EX_OK; /* with it goes the configuration */
}

/* FastCGI */

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

static volatile sig_atomic_t null_descriptor;

static void
stop_handle(int signal_number)
{
	int error = errno;

	(void)signal_number;
	while (dup2(null_descriptor, FASTCGI_SOCKET) < 0 && errno == EINTR)
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

/* A request's body. */
struct fastcgi_input {
	FCGX_Stream *in;
	size_t count;
	bool ended; /* its last record was read */
	bool late;  /* the parameters took all their time: perhaps they are not whole */
};

/*
 * Reads from the stream, which is of no more use once a read was interrupted.  libfcgi does not
 * tell whether that befell the parameters: so whoever was late with them is not waited for
 * again, but what he has sent by then is taken.
 */
static ssize_t
fastcgi_read(void *context, char *buffer, size_t size, int64_t deadline)
{
	struct fastcgi_input *input = context;
	int64_t left =
	    deadline == READ_NOW ? BODY_END_MILLISECONDS : deadline - clock_milliseconds();
	int want = size > INT_MAX ? INT_MAX : (int)size, count;

	if (left <= 0)
		return READ_STALLED;
	if (input->late && left > LATE_MILLISECONDS)
		left = LATE_MILLISECONDS;
	timer_set(left);
	count = FCGX_GetStr(buffer, want, input->in);
	timer_set(0);
	input->count += (size_t)count;
	if (FCGX_GetError(input->in) == 0)
		input->ended = count < want;
	else if (count < want && deadline != READ_NOW)
		return clock_milliseconds() >= deadline ? READ_STALLED : READ_BROKEN;
	return count;
}

/*
 * Gives back what a large request has left, which glibc would keep; memory.c
 * and other C libraries do so by themselves.
 */
static void
memory_give_back(size_t body_size)
{
#ifdef __GLIBC__
	if (body_size > BODY_LARGE)
		malloc_trim(0);
#else
	(void)body_size;
#endif
}

/* started: when the connection was accepted, which the answer's time counts from. */
static void
fastcgi_answer(struct service *service, FCGX_Request *fastcgi, int64_t started)
{
	struct fastcgi_input input = { .in = fastcgi->in };
	struct request request = {
		.method = FCGX_GetParam("REQUEST_METHOD", fastcgi->envp),
		.query = FCGX_GetParam("QUERY_STRING", fastcgi->envp),
		.content_length = FCGX_GetParam("CONTENT_LENGTH", fastcgi->envp),
		.content_encoding = FCGX_GetParam("HTTP_CONTENT_ENCODING", fastcgi->envp),
		.read = fastcgi_read,
		.context = &input,
	};
	struct reply reply;
	char text[2048];
	const struct config *config;
	int length;

	request_start(&request);
	input.late = request.started - started >= PARAMETERS_MILLISECONDS;
	request.started = started;
	config = service_config(service, FCGX_GetParam("DOCUMENT_ROOT", fastcgi->envp));
	receive(config, &service->fault, &request, &reply);
	length = (int)fault_print(&reply.fault, text, sizeof(text));
	if (length > 0)
		FCGX_PutStr(text, length, fastcgi->err);
	length = (int)reply_print(&reply, &request, text, sizeof(text));
	FCGX_PutStr(text, length, fastcgi->out);
	FCGX_FClose(fastcgi->err); /* in this order: the last one ends the request */
	FCGX_FClose(fastcgi->out);
	if (!input.ended) {
		shutdown(fastcgi->ipcFd, SHUT_WR);
		input_drop(fastcgi->ipcFd);
	}
	memory_give_back(input.count);
}

/* May this peer send requests (FastCGI 1.0, 3.2)? */
static bool
peer_is_allowed(const struct sockaddr_storage *peer)
{
	const char *list = getenv("FCGI_WEB_SERVER_ADDRS");
	const void *address = peer->ss_family == AF_INET
	    ? (const void *)&((const struct sockaddr_in *)peer)->sin_addr
	    : (const void *)&((const struct sockaddr_in6 *)peer)->sin6_addr;
	char text[INET6_ADDRSTRLEN];

	if (list == NULL || list[0] == '\0' || peer->ss_family == AF_UNIX)
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

/* The next connection, which the caller closes, or -1: there are none any more. */
static int
fastcgi_accept(int listener)
{
	for (;;) {
		struct sockaddr_storage peer = { .ss_family = AF_UNIX };
		socklen_t size = sizeof(peer);
		int fd = accept4(listener, (struct sockaddr *)&peer, &size, SOCK_CLOEXEC);
		int one = 1;

		if (fd >= 0 && peer_is_allowed(&peer)) {
			if (peer.ss_family != AF_UNIX)
				setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
			return fd;
		}
		if (fd >= 0)
			close(fd);
		else if (errno != EINTR && errno != ECONNABORTED && errno != EPROTO &&
		    errno != ECONNRESET && errno != ETIMEDOUT && errno != EHOSTUNREACH &&
		    errno != ENETUNREACH) /* what Linux may say of a peer, accept(2) */
			return -1;
	}
}

/*
 * Reads a request's parameters from the connection, which libfcgi has closed
 * where this returns false.  libfcgi takes it for one that was kept, and closes
 * it without waiting for the peer (FCGX_Detach); it has no socket to accept
 * another from.
 */
static bool
fastcgi_begin(FCGX_Request *fastcgi, int connection, int64_t started)
{
	int64_t deadline = started + PARAMETERS_MILLISECONDS, left;
	bool begun;

	if (!management_answer(connection, deadline)) {
		close(connection);
		return false;
	}
	left = deadline - clock_milliseconds();
	FCGX_InitRequest(fastcgi, -1, 0);
	fastcgi->ipcFd = connection;
	fastcgi->keepConnection = 1;
	FCGX_Detach(fastcgi);
	timer_set(left > 0 ? left : 1);
	begun = FCGX_Accept_r(fastcgi) == 0;
	timer_set(0);
	return begun;
}

/*
 * Waits until a peer calls.  Looks at the data directory now and then, and again
 * before the connection is taken: so that one is left for the worker that
 * follows.  The socket is shared: accept(2) must not wait where another worker
 * was faster, and whoever starts one (systemd) may make it wait again.
 */
static bool
fastcgi_wait(struct service *service, int listener)
{
	struct pollfd peers = { .fd = listener, .events = POLLIN };

	for (;;) {
		int ready = poll(&peers, 1, LOOK_MILLISECONDS);

		if (!service_look(service))
			return false;
		if (ready > 0)
			return true;
		if (ready == 0)
			fcntl(listener, F_SETFL, O_RDWR | O_NONBLOCK);
	}
}

static int
fastcgi_serve(struct service *service)
{
	FCGX_Request fastcgi;
	int connection = -1, status = EX_OK;
	int64_t started;
	char text[512];

	if (fastcgi_signals() != 0 || FCGX_Init() != 0 ||
	    fcntl(FASTCGI_SOCKET, F_SETFL, O_RDWR | O_NONBLOCK) != 0)
		return EX_OSERR;
	for (;;) {
		if (!fastcgi_wait(service, FASTCGI_SOCKET)) {
			output_write(STDERR_FILENO, text,
			    fault_print(&service->fault, text, sizeof(text)));
			status = EX_TEMPFAIL;
			break;
		}
		connection = fastcgi_accept(FASTCGI_SOCKET);
		if (connection < 0 && errno == EAGAIN)
			continue;
		if (connection < 0)
			break;
		started = clock_milliseconds();
		if (!fastcgi_begin(&fastcgi, connection, started))
			continue;
		fastcgi_answer(service, &fastcgi, started);
		FCGX_Free(&fastcgi, 1);
	}
	config_free(&service->config);
	return status;
}

/* the command line */

static int
usage(int fd)
{
	static const char text[] =
	    "usage: msgext [-c FILE]     under a web server: CGI, or FastCGI on descriptor 0\n"
	    "       msgext [-c FILE] -t  test the configuration and the data directory\n"
	    "       msgext -V | -h       version, this help\n";

	output_write(fd, text, sizeof(text) - 1);
	return fd == STDERR_FILENO ? EX_USAGE : EX_OK;
}

static int
config_test(struct service *service)
{
	char text[512];

	service_load(service);
	output_write(STDERR_FILENO, text, fault_print(&service->fault, text, sizeof(text)));
	if (!service->loaded)
		return EX_CONFIG;
	config_free(&service->config);
	printf("%s: OK\n", service->path);
	return fflush(stdout) == 0 ? EX_OK : EX_IOERR;
}

/* Parses the options of a process that no web server started as a CGI. */
static int
options_serve(struct service *service, int argc, char **argv)
{
	bool test = false;
	int option;

	while ((option = getopt(argc, argv, "c:htV")) != -1) {
		switch (option) {
		case 'c':
			service->path = optarg;
			break;
		case 't':
			test = true;
			break;
		case 'V':
			printf("msgext %s\n", MSGEXT_VERSION);
			return fflush(stdout) == 0 ? EX_OK : EX_IOERR;
		default:
			return usage(option == 'h' ? STDOUT_FILENO : STDERR_FILENO);
		}
	}
	if (service->path == NULL)
		service->path = config_find(service, optind < argc ? argv[optind] : NULL);
	if (test)
		return config_test(service);
	return is_fastcgi() ? fastcgi_serve(service) : usage(STDERR_FILENO);
}

int
main(int argc, char **argv)
{
	static struct service service;
	bool under_server = cgi_is_request();

	if (cgi_prepare() != 0)
		return EX_OSERR;
	signal(SIGXFSZ, SIG_IGN);
	umask(077);
	if (!under_server)
		return options_serve(&service, argc, argv);
	service.path = config_find(&service, argc > 1 ? argv[1] : NULL);
	return is_fastcgi() ? fastcgi_serve(&service) : cgi_serve(&service);
}

/*
 * msgext-view.c - the viewer: a web server's request -> who may see what -> a page.
 *
 * What stands around one request, and around the process, is service.c's.  The process can read the
 * data directory and nothing else, and write nothing.
 *
 * The order is its security.  What the request says is read first, then who sends it: a
 * signature, or a session.  Whoever has neither is told nothing of what there is, for no file has been
 * looked at.  Only then is asked how the logs look from outside, which a browser that has the page
 * already needs (304), and last they are read.
 *
 * A page is built whole, in memory, before its first byte is sent: so whatever fails half-way is
 * still an error with its own status, and the length is known, which browsers want before they
 * ask again for a page that they have.
 */
#include <sys/types.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/harden.h"
#include "front.h"
#include "link.h"
#include "request.h"
#include "service.h"
#include "settings.h"
#include "store/directory.h"
#include "view/address.h"
#include "view/download.h"
#include "view/etag.h"
#include "view/form.h"
#include "view/layout.h"
#include "view/page.h"
#include "view/session.h"
#include "view/view.h"
#include "view_config.h"

#define BASE_SIZE 2048
#define HEADERS_SIZE 3000 /* as front.h has it */
#define RETRY_SECONDS 2   /* an attempt takes one */
#define PRIVATE "private, no-cache"

struct viewer {
	struct view_config config;
	bool loaded;
};

/* One request and its answer. */
struct exchange {
	const struct view_config *config; /* NULL: none works */
	struct front *front;
	const struct request *request;
	const struct fault *unusable; /* why no log can be read, or NULL */
	struct session_client client;
	struct address address;
	char decoded[PARAMETERS_LENGTH_MAX + 1]; /* which the address's strings point into */
	struct form form;
	struct link link;
	struct view view;
	struct download download;
	int status;
	char etag[ETAG_SIZE];
	char cookie[SESSION_HEADER_SIZE];
	char location[ADDRESS_SIZE]; /* of 303 */
	char base[BASE_SIZE];
	char to[ADDRESS_SIZE];
	char headers[HEADERS_SIZE];
	size_t headers_length;
};

/* the headers */

/* Printable ASCII without what ends an attribute, a path or a host. */
static bool
text_is_address(const char *text)
{
	for (; *text != '\0'; text++)
		if (*text <= ' ' || *text > '~' || strchr("?#\"<>\\", *text) != NULL)
			return false;
	return true;
}

/* What links to be sent begin with: as the browser has asked for it, where that can be told. */
static void
base_print(struct exchange *exchange)
{
	const char *host = front_variable(exchange->front, "HTTP_HOST");
	const char *path = exchange->client.request;
	size_t length;

	if (host == NULL || host[0] == '\0')
		host = front_variable(exchange->front, "SERVER_NAME");
	if (path == NULL || path[0] != '/')
		path = exchange->client.script;
	exchange->view.base = exchange->base;
	if (host == NULL || path == NULL || path[0] != '/' || strchr(host, '/') != NULL)
		return;
	length = strcspn(path, "?");
	if (strlen(host) + length + sizeof("https://") > sizeof(exchange->base))
		return;
	sprintf(exchange->base, "%s://%s%.*s", exchange->view.secure ? "https" : "http", host,
	    (int)length, path);
	if (!text_is_address(exchange->base))
		exchange->base[0] = '\0';
}

/* There is room for all that is ever added. */
static void
lines_add(struct exchange *exchange, const char *lines)
{
	size_t length = strlen(lines);

	if (length >= sizeof(exchange->headers) - exchange->headers_length)
		return;
	memcpy(exchange->headers + exchange->headers_length, lines, length + 1);
	exchange->headers_length += length;
}

static void
header_add(struct exchange *exchange, const char *name, const char *value)
{
	lines_add(exchange, name);
	lines_add(exchange, ": ");
	lines_add(exchange, value);
	lines_add(exchange, "\r\n");
}

/* Who may show the page inside one of his own: nobody, but for a link's page where it is allowed. */
static void
policy_add(struct exchange *exchange)
{
	const struct view *view = &exchange->view;
	bool shared = view->address != NULL && view->address->page == PAGE_SHARED;
	const char *embed = shared && view->config != NULL ? view->config->link_embed : NULL;
	char policy[1024];

	snprintf(policy, sizeof(policy),
	    "default-src 'none'; style-src %s; form-action 'self'; base-uri 'none'; "
	    "frame-ancestors %s",
	    style_source, embed == NULL ? "'none'" : embed);
	header_add(exchange, "Content-Security-Policy", policy);
}

static void
headers_make(struct exchange *exchange)
{
	const struct address *address = exchange->view.address;
	bool shown = exchange->status == 200 || exchange->status == 304;
	char seconds[16];

	policy_add(exchange);
	header_add(exchange, "X-Content-Type-Options", "nosniff");
	header_add(exchange, "Referrer-Policy", "no-referrer");
	header_add(exchange, "Cross-Origin-Opener-Policy", "same-origin");
	header_add(exchange, "Cross-Origin-Resource-Policy", "same-origin");
	header_add(exchange, "X-Robots-Tag", "noindex, nofollow");
	header_add(exchange, "Vary", "Accept-Language, Cookie");
	if (shown && exchange->etag[0] != '\0')
		header_add(exchange, "ETag", exchange->etag);
	if (shown && address->refresh > 0) {
		snprintf(seconds, sizeof(seconds), "%u", address->refresh);
		header_add(exchange, "Refresh", seconds);
	}
	if (exchange->status == 303)
		header_add(exchange, "Location", exchange->location);
	if (exchange->status == 405)
		header_add(exchange, "Allow", "GET, HEAD, POST");
	if (exchange->status == 429) {
		snprintf(seconds, sizeof(seconds), "%d", RETRY_SECONDS);
		header_add(exchange, "Retry-After", seconds);
	}
	lines_add(exchange, exchange->cookie);
	lines_add(exchange, exchange->download.headers);
}

/* what is answered */

static int
page_make(struct view *view)
{
	switch (view->address->page) {
	case PAGE_GROUPS:
		return page_groups(view);
	case PAGE_GROUP:
		return page_group(view);
	case PAGE_MESSAGE:
		return page_message(view);
	case PAGE_SHARE:
		return page_share(view);
	case PAGE_SHARED:
		return page_shared(view);
	case PAGE_EVENTS:
		return page_events(view);
	case PAGE_CHECK:
		return page_check(view);
	}
	return page_error(view, 404);
}

/* Of a link only what programs read is a file, and only where it shows who answered. */
static int
file_make(struct exchange *exchange)
{
	struct view *view = &exchange->view;
	int status;

	if (view->link != NULL && (!view->link->names || view->address->download == DOWNLOAD_EXCEL))
		return page_error(view, 403);
	status = download_make(view, &exchange->download);
	if (status == 200)
		return status;
	exchange->download.headers[0] = '\0';
	return page_error(view, status);
}

/* Whoever asks may see what he asks for. */
static int
result_answer(struct exchange *exchange)
{
	struct view *view = &exchange->view;

	/* The self-test says what is wrong with the directory. */
	if (exchange->unusable != NULL && view->address->page != PAGE_CHECK) {
		view->fault = *exchange->unusable;
		return page_error(view, 503);
	}
	if (!etag_make(view, exchange->etag))
		exchange->etag[0] = '\0';
	else if (etag_matches(front_variable(exchange->front, "HTTP_IF_NONE_MATCH"),
		     exchange->etag))
		return 304;
	if (view->address->download != DOWNLOAD_NONE)
		return file_make(exchange);
	return page_make(view);
}

static int
signin_answer(struct exchange *exchange, enum signin why)
{
	struct view *view = &exchange->view;

	address_print(view->address, exchange->to);
	view->to = exchange->to + 1;
	if (exchange->config->https == VIEW_HTTPS_REQUIRED && !view->secure)
		why = SIGNIN_PLAIN;
	return page_signin(view, why);
}

static int
get_answer(struct exchange *exchange)
{
	struct view *view = &exchange->view;
	struct address *address = &exchange->address;
	int read = address_read(address, exchange->request->query, exchange->decoded, &view->fault);

	view->address = address;
	if (address->language != LANGUAGE_NONE)
		view->language = address->language;
	if (read != 0)
		return page_error(view, 400);
	if (address->page != PAGE_SHARED)
		return view->signed_in ? result_answer(exchange)
				       : signin_answer(exchange, SIGNIN_ASK);
	view->signed_in = view->by_server = false; /* the same for whoever has the link */
	switch (link_check(&exchange->config->link_keys, &address->link, (uint64_t)view->now / 1000,
	    &exchange->link)) {
	case LINK_WRONG:
		return page_error(view, 403);
	case LINK_EXPIRED:
		return page_error(view, 410);
	case LINK_SOUND:
		break;
	}
	view->link = &exchange->link;
	return result_answer(exchange);
}

/* Says in the error log who tried: who guards a host by it can. */
static void
attempt_tell(const struct exchange *exchange)
{
	const char *peer = front_variable(exchange->front, "REMOTE_ADDR");
	struct fault fault;

	fault_set(&fault, FAULT_SIGN_WRONG, "password: is wrong, from %s",
	    peer == NULL ? "an unknown address" : peer);
	front_tell(exchange->front, &fault);
}

static int
signin_try(struct exchange *exchange)
{
	const struct view_config *config = exchange->config;

	if (config->https == VIEW_HTTPS_REQUIRED && !exchange->view.secure)
		return signin_answer(exchange, SIGNIN_PLAIN);
	switch (session_attempt(config, exchange->form.password)) {
	case SESSION_BUSY:
		return signin_answer(exchange, SIGNIN_BUSY);
	case SESSION_WRONG:
		attempt_tell(exchange);
		return signin_answer(exchange, SIGNIN_WRONG);
	case SESSION_RIGHT:
		break;
	}
	session_begin(config, &exchange->client, (uint64_t)exchange->view.now / 1000,
	    exchange->cookie);
	return 303;
}

/*
 * Nothing but a session is begun or ended.  A form of another site ends none: browsers send it
 * without the cookie.
 */
static int
post_answer(struct exchange *exchange)
{
	struct view *view = &exchange->view;
	const struct address *to = &exchange->form.to;
	int read = form_read(&exchange->form, exchange->request, &view->fault);

	view->address = to;
	if (to->language != LANGUAGE_NONE)
		view->language = to->language;
	address_print(to, exchange->location);
	if (read != 0)
		return page_error(view, view->fault.code == FAULT_MEMORY ? 503 : 400);
	if (exchange->form.kind == FORM_SIGN_IN)
		return signin_try(exchange);
	if (view->signed_in && !view->by_server)
		session_end(exchange->config, &exchange->client, exchange->cookie);
	return 303;
}

/* Without a configuration nothing is shown, but that in the reader's language. */
static int
refusal_answer(struct exchange *exchange)
{
	struct view *view = &exchange->view;
	struct fault ignored;

	(void)address_read(&exchange->address, exchange->request->query, exchange->decoded,
	    &ignored);
	if (exchange->address.language != LANGUAGE_NONE)
		view->language = exchange->address.language;
	view->fault = *exchange->unusable;
	return page_refused(view);
}

static int
request_answer(struct exchange *exchange)
{
	const char *method = exchange->request->method == NULL ? "" : exchange->request->method;
	struct view *view = &exchange->view;

	if (exchange->config == NULL)
		return refusal_answer(exchange);
	if (strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0)
		return get_answer(exchange);
	if (strcmp(method, "POST") == 0)
		return post_answer(exchange);
	return page_error(view, 405);
}

/* Fills in what all pages know, and whatever is read before anything is written to it. */
static void
exchange_begin(struct exchange *exchange)
{
	struct front *front = exchange->front;
	const struct timespec *now = &exchange->request->now;
	const struct view_config *config = exchange->config;
	struct session_client *client = &exchange->client;
	struct view *view = &exchange->view;

	*client = (struct session_client){
		.cookie = front_variable(front, "HTTP_COOKIE"),
		.https = front_variable(front, "HTTPS"),
		.user = front_variable(front, "REMOTE_USER"),
		.auth = front_variable(front, "AUTH_TYPE"),
		.script = front_variable(front, "SCRIPT_NAME"),
		.request = front_variable(front, "REQUEST_URI"),
	};
	exchange->address = exchange->form.to = (struct address){ .language = LANGUAGE_NONE };
	exchange->download = (struct download){ 0 };
	exchange->etag[0] = exchange->cookie[0] = exchange->location[0] = '\0';
	exchange->base[0] = exchange->to[0] = exchange->headers[0] = '\0';
	exchange->headers_length = 0;
	*view = (struct view){
		.config = config,
		.language = language_accept(front_variable(front, "HTTP_ACCEPT_LANGUAGE")),
		.now = (int64_t)now->tv_sec * 1000 + now->tv_nsec / 1000000,
		.html = { .limit = HTML_LIMIT },
	};
	if (config != NULL) {
		view->secure = session_is_secure(config, client);
		view->by_server = session_is_by_server(config, client);
		view->signed_in =
		    view->by_server || session_is_open(config, client, (uint64_t)now->tv_sec);
		if (config->https == VIEW_HTTPS_REQUIRED && !view->secure)
			view->signed_in = view->by_server = false; /* whatever they were before */
	}
	base_print(exchange);
}

/* Where there is no memory for a page, there is a sentence. */
static void
exchange_reply(struct exchange *exchange)
{
	static const char sorry[] = "503: the viewer has no memory for this page\n";
	struct view *view = &exchange->view;
	bool file = exchange->status == 200 && exchange->download.bytes != NULL;
	bool bare = exchange->status == 303 || exchange->status == 304;
	struct front_reply reply = { .type = "text/html; charset=utf-8",
		.headers = exchange->headers,
		.body = view->html.bytes,
		.length = view->html.length };

	if (file) {
		reply.type = exchange->download.type;
		reply.body = exchange->download.bytes;
		reply.length = exchange->download.length;
	} else if (bare) {
		reply.type = NULL;
		reply.body = "";
		reply.length = 0;
	} else if (view->html.failed || view->html.bytes == NULL) {
		exchange->status = 503;
		fault_memory(&view->fault);
		reply.type = "text/plain";
		reply.body = sorry;
		reply.length = strlen(sorry);
	}
	if (exchange->status >= 500)
		front_tell(exchange->front, &view->fault);
	headers_make(exchange);
	reply.status = exchange->status;
	if ((exchange->status == 200 || exchange->status == 304) &&
	    view->address->page != PAGE_SHARE && view->address->page != PAGE_CHECK)
		reply.cache = PRIVATE;
	front_reply(exchange->front, &reply);
}

/* the program */

static const char *
viewer_load(void *context, const char *path, struct fault *fault)
{
	struct viewer *viewer = context;

	viewer->loaded = view_config_load(&viewer->config, path, fault) == 0;
	if (!viewer->loaded)
		return NULL;
	/* The logs can be another user's, who has to let this one in. */
	if (directory_may(viewer->config.data_dir, R_OK | X_OK) != 0 && errno == EACCES) {
		fault_set(fault, FAULT_DATA_DIR, "data_dir: %s: %s", viewer->config.data_dir,
		    strerror(errno));
		return NULL;
	}
	return viewer->config.data_dir;
}

static void
viewer_free(void *context)
{
	struct viewer *viewer = context;

	view_config_free(&viewer->config);
	viewer->loaded = false;
}

/* A password that was changed, and links that were revoked, count from the next request on. */
static bool
viewer_changed(void *context)
{
	const struct viewer *viewer = context;

	return settings_changed(viewer->config.texts);
}

static void
viewer_harden(void *context)
{
	const struct viewer *viewer = context;

	harden(viewer->config.data_dir, HARDEN_READ);
}

static void
viewer_answer(void *context, struct front *front, const struct request *request,
    const struct fault *fault)
{
	struct viewer *viewer = context;
	bool works = viewer->loaded && (fault == NULL || fault->code == FAULT_DATA_DIR);
	struct exchange exchange; /* its buffers are large, and most requests need few of them */

	exchange.config = works ? &viewer->config : NULL;
	exchange.front = front;
	exchange.request = request;
	exchange.unusable = fault;
	exchange_begin(&exchange);
	exchange.status = request_answer(&exchange);
	exchange_reply(&exchange);
	html_free(&exchange.view.html);
	free(exchange.download.bytes);
}

int
main(int argc, char **argv)
{
	static const struct service_program program = { "msgext-view", view_config_path_default,
		viewer_load, viewer_free, viewer_changed, viewer_harden, viewer_answer };
	static struct viewer viewer = { .config = { .guard = -1 } };

	return service_main(&program, &viewer, argc, argv);
}

/*
 * msgext.c - the receiver: a web server's request -> receive.c -> its reply.
 *
 * What stands around one request: the command line, the configuration, and the data
 * directory that the process is bound to.  How requests come and replies go is front.c's.
 *
 * The configuration is never looked for in what a client can influence: neither in arguments
 * under a web server, but for the script that the kernel says was executed, nor in
 * a request's variables.
 *
 * What a worker is bound to (base/harden.c) is a directory, not its path.  Where the
 * path leads to another one, each append would fail for ever: the worker leaves
 * before it takes the next connection, and something starts another.
 */
#include <sys/auxv.h>
#include <sys/stat.h>

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/base.h"
#include "base/fault.h"
#include "base/harden.h"
#include "config.h"
#include "front.h"
#include "receive.h"
#include "store/directory.h"

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
	struct config *config = &service->config;

	if (service->path == NULL)
		return; /* for a reason that is known */
	service->loaded = config_load(config, service->path, &service->fault) == 0 &&
	    store_look(&config->store, &service->place, &service->fault) == 0;
	if (config->check) {
		config_program_fault(config, service->path, "msgextctl", &service->fault);
		service->loaded = false;
	}
	if (!service->loaded) {
		config_free(config);
		return;
	}
	if (config->store.file_mode != 0600)
		umask(0777 & ~config->store.file_mode);
	harden(config->store.data_dir);
}

/*
 * The configuration for a request, or NULL and service->fault.  One that did
 * not load is tried again: a repaired file needs no restart.
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
	    "data_dir: %s: is another directory now; this process ends, to be started again",
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
request_answer(struct service *service, struct front *front, const struct request *request)
{
	const struct config *config =
	    service_config(service, front_variable(front, "DOCUMENT_ROOT"));
	struct reply reply;

	receive(config, &service->fault, request, &reply);
	front_tell(front, &reply.fault);
	front_reply(front,
	    &(struct front_reply){ .status = reply.status,
		.type = "application/json",
		.headers = reply.header,
		.body = reply.body,
		.length = strlen(reply.body) });
}

static int
service_run(struct service *service, struct front *front)
{
	int status = EX_OK;
	struct request request;

	if (front_start(front) != 0)
		return EX_OSERR;
	while (status == EX_OK && front_wait(front)) {
		if (!service_look(service)) {
			front_tell(front, &service->fault);
			status = EX_TEMPFAIL;
		} else if (front_take(front, &request)) {
			request_answer(service, front, &request);
		}
	}
	config_free(&service->config);
	return status;
}

/* the command line */

/* Has all been printed that was to be? */
static int
output_end(int status)
{
	return fflush(stdout) == 0 ? status : EX_IOERR;
}

static int
usage(FILE *out)
{
	fputs("usage: msgext [-c FILE]     under a web server: CGI, or FastCGI on descriptor 0\n"
	      "       msgext [-c FILE] -t  test the configuration and the data directory\n"
	      "       msgext -V | -h       version, this help\n",
	    out);
	return output_end(out == stderr ? EX_USAGE : EX_OK);
}

static int
config_test(struct service *service, const struct front *front)
{
	service_load(service);
	if (!service->loaded) {
		front_tell(front, &service->fault);
		return EX_CONFIG;
	}
	printf("%s: OK\n", service->path);
	config_free(&service->config);
	return output_end(EX_OK);
}

/* Parses the options of a process that no web server started as a CGI. */
static int
options_run(struct service *service, struct front *front, int argc, char **argv)
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
			puts("msgext " MSGEXT_VERSION);
			return output_end(EX_OK);
		default:
			return usage(option == 'h' ? stdout : stderr);
		}
	}
	if (service->path == NULL)
		service->path = config_find(service, optind < argc ? argv[optind] : NULL);
	if (test)
		return config_test(service, front);
	return front_is_served(front) ? service_run(service, front) : usage(stderr);
}

int
main(int argc, char **argv)
{
	static struct service service;
	struct front *front = front_open("msgext");

	if (front == NULL)
		return EX_OSERR;
	signal(SIGXFSZ, SIG_IGN);
	umask(077);
	if (front_takes_options(front))
		return options_run(&service, front, argc, argv);
	service.path = config_find(&service, argc > 1 ? argv[1] : NULL);
	return service_run(&service, front);
}

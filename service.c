/*
 * service.c - a program that a web server runs, receiver or viewer: all around one request.
 *
 * The command line, the configuration, and the data directory that the process is bound to.  How
 * requests come and replies go is front.c's, and what a request is answered is the program's.
 *
 * The configuration is never looked for in what a client can influence: neither in arguments
 * under a web server, but for the script that the kernel says was executed, nor in
 * a request's variables.  One that does not load is tried again at the next request.
 *
 * What a worker is bound to (base/harden.c) is a directory, not its path.  Where the
 * path leads to another one, each request would fail for ever: the worker leaves
 * before it takes the next connection, and something starts another.  So it does where a program
 * wants to go by a changed configuration at once: it cannot open the file any more.
 */
#include "service.h"

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
#include "base/file.h"
#include "front.h"
#include "settings.h"
#include "store/directory.h"

/* The configuration in force, or why there is none. */
struct service {
	const struct service_program *program;
	void *context;
	const char *path;
	const char *data_dir;     /* NULL: the configuration is not loaded */
	struct store_place place; /* the directory that this process can open files in */
	bool unusable;            /* it was, at the last look */
	struct fault fault;
	char root[PATH_MAX]; /* the document root that was last found harmless */
};

/* the configuration */

static void
service_load(struct service *service)
{
	const struct service_program *program = service->program;

	if (service->path == NULL)
		return; /* for a reason that is known */
	service->data_dir = program->load(service->context, service->path, &service->fault);
	if (service->data_dir == NULL ||
	    store_look(service->data_dir, &service->place, &service->fault) != 0) {
		program->free(service->context);
		service->data_dir = NULL;
		return;
	}
	program->harden(service->context);
}

/*
 * Why a request cannot be served; NULL: it can.  A configuration that did not load is tried
 * again: a repaired file needs no restart.
 */
static const struct fault *
service_fault(struct service *service, const char *document_root)
{
	if (service->data_dir == NULL)
		service_load(service);
	if (service->data_dir == NULL || service->unusable)
		return &service->fault;
	if (document_root == NULL || strcmp(document_root, service->root) == 0)
		return NULL;
	if (directory_check_root(service->data_dir, document_root, &service->fault) != 0)
		return &service->fault;
	snprintf(service->root, sizeof(service->root), "%s", document_root);
	return NULL;
}

/*
 * Are configuration and data directory still those that the process is bound to?  False: they are
 * not, and service->fault says so; only a new process can read the one and work in
 * the other.  A directory that is missing, or open to others, is no reason to leave.
 */
static bool
service_look(struct service *service)
{
	const struct service_program *program = service->program;
	struct store_place now;

	if (service->data_dir == NULL)
		return true;
	if (program->changed != NULL && program->changed(service->context)) {
		fault_set(&service->fault, FAULT_CONFIG_CHANGED,
		    "%s: was changed, or a file that it includes; this process ends, and a new one "
		    "must start",
		    service->path);
		return false;
	}
	service->unusable = store_look(service->data_dir, &now, &service->fault) != 0;
	if (service->unusable || store_place_equals(&now, &service->place))
		return true;
	fault_set(&service->fault, FAULT_DATA_DIR,
	    "data_dir: %s: is another directory now; this process ends, and a new one must start",
	    service->data_dir);
	return false;
}

/* The configuration's path, where the command line gave none; NULL: service->fault. */
static const char *
config_find(struct service *service, const char *argument)
{
	const char *executed = (const char *)getauxval(AT_EXECFN);
	int control = settings_control_file(argument, executed, &service->fault);

	if (control != 0)
		return control > 0 ? argument : NULL;
	return service->program->path_default(NULL);
}

/* requests and replies */

static int
service_run(struct service *service, struct front *front)
{
	const struct service_program *program = service->program;
	int status = EX_OK;
	struct request request;

	if (front_start(front) != 0)
		return EX_OSERR;
	while (status == EX_OK && front_wait(front)) {
		if (!service_look(service)) {
			front_tell(front, &service->fault);
			status = EX_TEMPFAIL;
		} else if (front_take(front, &request)) {
			program->answer(service->context, front, &request,
			    service_fault(service, front_variable(front, "DOCUMENT_ROOT")));
		}
	}
	program->free(service->context);
	return status;
}

/* the command line */

static int
usage(const char *name, FILE *out)
{
	fprintf(out,
	    "usage: %s [-c FILE]     under a web server: CGI, or FastCGI on descriptor 0\n"
	    "       %s [-c FILE] -t  test the configuration and the data directory\n"
	    "       %s -V | -h       version, this help\n",
	    name, name, name);
	return out == stderr ? EX_USAGE : output_end(name);
}

static int
config_test(struct service *service, struct front *front)
{
	service_load(service);
	if (service->data_dir == NULL) {
		front_tell(front, &service->fault);
		return EX_CONFIG;
	}
	printf("%s: OK\n", service->path);
	service->program->free(service->context);
	return output_end(service->program->name);
}

/* Parses the options of a process that no web server started as a CGI. */
static int
options_run(struct service *service, struct front *front, int argc, char **argv)
{
	const char *name = service->program->name;
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
			printf("%s " MSGEXT_VERSION "\n", name);
			return output_end(name);
		default:
			return usage(name, option == 'h' ? stdout : stderr);
		}
	}
	if (service->path == NULL)
		service->path = config_find(service, optind < argc ? argv[optind] : NULL);
	if (test)
		return config_test(service, front);
	return front_is_served(front) ? service_run(service, front) : usage(name, stderr);
}

int
service_main(const struct service_program *program, void *context, int argc, char **argv)
{
	struct service service = { .program = program, .context = context };
	struct front *front = front_open(program->name);

	if (front == NULL)
		return EX_OSERR;
	signal(SIGXFSZ, SIG_IGN);
	umask(077);
	if (front_takes_options(front))
		return options_run(&service, front, argc, argv);
	service.path = config_find(&service, argc > 1 ? argv[1] : NULL);
	return service_run(&service, front);
}

/*
 * msgext.c - the receiver: a web server's request -> receive.c -> its reply.
 *
 * What stands around one request, and around the process, is service.c's.
 */
#include <sys/stat.h>

#include <string.h>

#include "base/fault.h"
#include "base/harden.h"
#include "config.h"
#include "front.h"
#include "receive.h"
#include "service.h"

static const char *
receiver_load(void *context, const char *path, struct fault *fault)
{
	struct config *config = context;
	int result = config_load(config, path, fault);

	if (config->check)
		result = config_program_fault(config, path, "msgextctl", fault);
	return result == 0 ? config->store.data_dir : NULL;
}

static void
receiver_free(void *context)
{
	config_free(context);
}

static void
receiver_harden(void *context)
{
	const struct config *config = context;

	if (config->store.file_mode != 0600)
		umask(0777 & ~config->store.file_mode);
	harden(config->store.data_dir, HARDEN_APPEND);
}

static void
receiver_answer(void *context, struct front *front, const struct request *request,
    const struct fault *fault)
{
	struct reply reply;

	receive(fault == NULL ? context : NULL, fault, request, &reply);
	front_tell(front, &reply.fault);
	front_reply(front,
	    &(struct front_reply){ .status = reply.status,
		.type = "application/json",
		.headers = reply.header,
		.body = reply.body,
		.length = strlen(reply.body) });
}

int
main(int argc, char **argv)
{
	static const struct service_program program = { "msgext", config_path_default,
		receiver_load, receiver_free, NULL, receiver_harden, receiver_answer };
	static struct config config;

	return service_main(&program, &config, argc, argv);
}

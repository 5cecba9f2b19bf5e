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

struct receiver {
	struct config config;
	struct told told; /* by this process */
};

static const char *
receiver_load(void *context, const char *path, struct fault *fault)
{
	struct receiver *receiver = context;
	struct config *config = &receiver->config;
	int result = config_load(config, path, fault);

	if (config->check)
		result = config_program_fault(config, path, "msgextctl", fault);
	return result == 0 ? config->store.data_dir : NULL;
}

static void
receiver_free(void *context)
{
	struct receiver *receiver = context;

	config_free(&receiver->config);
}

static void
receiver_harden(void *context)
{
	const struct receiver *receiver = context;
	const struct config *config = &receiver->config;

	if (config->store.file_mode != 0600)
		umask(0777 & ~config->store.file_mode);
	harden(config->store.data_dir, HARDEN_APPEND);
}

static void
receiver_answer(void *context, struct front *front, const struct request *request,
    const struct fault *fault)
{
	struct receiver *receiver = context;
	struct reply reply;

	receive(fault == NULL ? &receiver->config : NULL, fault, request, &reply);
	/* A process of one request cannot know what others told. */
	if (reply_is_told(&reply, front_is_worker(front) ? &receiver->told : NULL,
		request->started))
		front_tell(front, &reply.fault);
	front_reply(front,
	    &(struct front_reply){ .status = reply.status,
		.type = "application/json",
		.headers = reply.header,
		.body = reply.body,
		.length = strlen(reply.body) });
	if (fault == NULL)
		reply_remember(&reply, &receiver->config);
}

int
main(int argc, char **argv)
{
	static const struct service_program program = { "msgext", config_path_default,
		receiver_load, receiver_free, NULL, receiver_harden, receiver_answer };
	static struct receiver receiver;

	return service_main(&program, &receiver, argc, argv);
}

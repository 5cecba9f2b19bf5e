/*
 * sample.c - a test event: a request that the vendor could send.
 *
 * It is of a group of its own, and of a message that no other test event has, so it changes no
 * poll, and whoever looks for it finds it.
 */
#include <stdio.h>

#include "ctl/sample.h"
#include "config.h"
#include "parse.h"

void
sample_body(char body[SAMPLE_SIZE], unsigned long long now)
{
	snprintf(body, SAMPLE_SIZE,
	    "{\"CallbackCommand\":\"" COMMAND_OURS
	    "\",\"GroupId\":\"msgext-sample\",\"MsgSeq\":%llu,"
	    "\"OperateType\":1,\"ExtensionList\":[{\"Key\":\"sample\",\"Value\":\"yes\","
	    "\"Seq\":1}],\"Seq\":1,\"EventTime\":%llu000}",
	    now, now);
}

void
sample_query(char query[SAMPLE_SIZE], const struct config *config)
{
	snprintf(query, SAMPLE_SIZE,
	    "?SdkAppid=%llu&CallbackCommand=" COMMAND_OURS "&contenttype=json&OptPlatform=RESTAPI",
	    config->any_app || config->sdk_app_id == 0 ? 1400000000ULL
						       : (unsigned long long)config->sdk_app_id);
}

/*
 * download.c - a message's pairs as a file.
 *
 * The bytes are log/export.c's, as those that msgextctl prints.  A file holds who chose what: so a
 * link gives it only where its maker let names be shown.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "view/download.h"
#include "base/fault.h"
#include "log/export.h"
#include "log/state.h"
#include "view/address.h"
#include "view/result.h"
#include "view/view.h"

#define NAME_GROUP_MAX 80 /* bytes of a file's name that tell the group */

/* The group's letters, digits and '-': a name for every system, and one that ends no header. */
static void
name_print(const char *group, char name[NAME_GROUP_MAX + 1])
{
	static const char safe[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
	size_t length = 0;

	for (; *group != '\0' && length < NAME_GROUP_MAX; group++)
		name[length++] = (char)(strchr(safe, *group) == NULL ? '_' : *group);
	name[length] = '\0';
}

static void
headers_print(const struct address *address, char headers[DOWNLOAD_HEADERS_SIZE])
{
	char name[NAME_GROUP_MAX + 1], version[32] = "";

	name_print(address->group, name);
	if (address->version > 0)
		snprintf(version, sizeof(version), "-v%" PRIu64, address->version);
	snprintf(headers, DOWNLOAD_HEADERS_SIZE,
	    "Content-Disposition: attachment; filename=\"msgext-%s-%" PRIu64 "%s.%s\"\r\n", name,
	    address->message, version, address->download == DOWNLOAD_JSON ? "json" : "csv");
}

/* The message as the format has it; NULL: no memory. */
static char *
bytes_make(const struct address *address, const struct message *message, size_t *length)
{
	size_t count = 0;
	struct event_pair *pairs = message_pairs(message, &count);
	const struct export export = { address->group, message->msg_seq, message->latest_seq,
		message->clear_seq, pairs, count };
	char *bytes = NULL;

	if (pairs == NULL)
		return NULL;
	if (address->download != DOWNLOAD_JSON)
		bytes = export_csv(&export, address->download == DOWNLOAD_EXCEL, length);
	else if ((bytes = export_json(&export, length)) != NULL)
		bytes[(*length)++] = '\n';
	free(pairs);
	return bytes;
}

int
download_make(struct view *view, struct download *download)
{
	const struct address *address = view->address;
	const struct result_query query = { .data_dir = view->config->data_dir,
		.group = address->group,
		.message = address->message,
		.version = address->version };
	struct result result;
	int found, status = 404;

	*download = (struct download){ .type = address->download == DOWNLOAD_JSON
		    ? "application/json"
		    : "text/csv; charset=utf-8" };
	if (view->link != NULL && !view->link->names)
		return 403;
	found = result_read(&result, &query, &view->fault);
	if (found == 1 && result.message != NULL) {
		download->bytes = bytes_make(address, result.message, &download->length);
		status = 200;
		if (download->bytes == NULL)
			found = fault_memory(&view->fault);
	}
	result_free(&result);
	if (found < 0)
		return view->fault.code == FAULT_DATA_DIR || view->fault.code == FAULT_MEMORY ? 503
											      : 500;
	headers_print(address, download->headers);
	return status;
}

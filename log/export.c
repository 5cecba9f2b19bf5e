/*
 * export.c - a message's pairs, as other programs take them: CSV, CSV for spreadsheets, JSON.
 *
 * What msgextctl prints of a message and what the viewer hands out are the same bytes, for both
 * are made here.  Each is built whole, at its greatest possible size: pairs are at hand whole too.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log/export.h"
#include "base/csv.h"
#include "base/text.h"
#include "record.h"

#define NUMBER_SIZE 24 /* of 64 bits, and what stands around it */

static size_t
number_put(char *to, uint64_t number)
{
	return (size_t)sprintf(to, "%" PRIu64, number);
}

/* `"name":`, after the comma of what came before. */
static size_t
name_put(char *to, bool first, const char *name)
{
	return (size_t)sprintf(to, "%s\"%s\":", first ? "" : ",", name);
}

char *
export_json(const struct export *message, size_t *length)
{
	size_t size = 128 + 3 * NUMBER_SIZE + 6 * strlen(message->group);
	char *text, *at;

	for (size_t i = 0; i < message->pair_count; i++)
		size += 6 * strlen(message->pairs[i].key) + 6 * strlen(message->pairs[i].value) +
		    32 + NUMBER_SIZE;
	at = text = malloc(size);
	if (text == NULL)
		return NULL;
	at += sprintf(at, "{\"GroupId\":");
	at += json_quote(at, message->group, strlen(message->group));
	at += sprintf(at,
	    ",\"MsgSeq\":%" PRIu64 ",\"LatestSeq\":%" PRIu64 ",\"ClearSeq\":%" PRIu64
	    ",\"ExtensionList\":[",
	    message->msg_seq, message->latest_seq, message->clear_seq);
	for (size_t i = 0; i < message->pair_count; i++) {
		const struct event_pair *pair = &message->pairs[i];

		at += sprintf(at, "%s{", i == 0 ? "" : ",");
		at += name_put(at, true, EXPORT_KEY);
		at += json_quote(at, pair->key, strlen(pair->key));
		at += name_put(at, false, EXPORT_VALUE);
		at += json_quote(at, pair->value, strlen(pair->value));
		at += name_put(at, false, EXPORT_SEQ);
		at += number_put(at, pair->seq);
		*at++ = '}';
	}
	at += sprintf(at, "]}");
	*length = (size_t)(at - text);
	return text;
}

/* A row, with its end. */
static size_t
row_put(char *to, const char *const cells[3], bool spreadsheet)
{
	char *at = to;

	for (size_t i = 0; i < 3; i++) {
		at += csv_cell(at, cells[i], spreadsheet);
		at += sprintf(at, "%s", i < 2 ? "," : CSV_LINE_END);
	}
	return (size_t)(at - to);
}

char *
export_csv(const struct export *message, bool spreadsheet, size_t *length)
{
	static const char *const names[3] = { EXPORT_KEY, EXPORT_VALUE, EXPORT_SEQ };
	size_t size = 128;
	char *text, *at, seq[NUMBER_SIZE];

	for (size_t i = 0; i < message->pair_count; i++)
		size += CSV_CELL_SIZE(strlen(message->pairs[i].key)) +
		    CSV_CELL_SIZE(strlen(message->pairs[i].value)) + 8 + NUMBER_SIZE;
	at = text = malloc(size);
	if (text == NULL)
		return NULL;
	at += sprintf(at, "%s", spreadsheet ? CSV_MARK : "");
	at += row_put(at, names, spreadsheet);
	for (size_t i = 0; i < message->pair_count; i++) {
		const struct event_pair *pair = &message->pairs[i];

		number_put(seq, pair->seq);
		at +=
		    row_put(at, (const char *const[]){ pair->key, pair->value, seq }, spreadsheet);
	}
	*length = (size_t)(at - text);
	return text;
}

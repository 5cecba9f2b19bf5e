/*
 * record.c - what a line of a log says, and the line that says it.
 *
 * The line of an event is the vendor's own bytes (parse.c).  The line of a snapshot is made here,
 * of what is known of a message.
 */
#include "record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"

size_t
record_put_time(char *to, int64_t time)
{
	char text[TIME_SIZE];

	time_print(time, text);
	return (size_t)sprintf(to, "\"time\":\"%s\",", text);
}

/* The letter of a character's short escape; 0: there is none. */
static char
escape_letter(char c)
{
	static const char pairs[][2] = { { '"', '"' }, { '\\', '\\' }, { '\b', 'b' }, { '\t', 't' },
		{ '\n', 'n' }, { '\f', 'f' }, { '\r', 'r' } };

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if (pairs[i][0] == c)
			return pairs[i][1];
	return '\0';
}

/*
 * As json_quote, but with the short escapes, so that no text is longer than it was in any line
 * before.
 */
static size_t
quote(char *to, const char *text, size_t length)
{
	char *at = to;

	*at++ = '"';
	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)text[i];
		char letter = escape_letter(text[i]);

		if (letter != '\0') {
			*at++ = '\\';
			*at++ = letter;
		} else if (byte < 0x20) {
			at += sprintf(at, "\\u%04x", byte);
		} else {
			*at++ = text[i];
		}
	}
	*at++ = '"';
	return (size_t)(at - to);
}

/* The number of bytes that quote writes. */
static size_t
quoted_size(const char *text)
{
	size_t size = 2;

	for (; *text != '\0'; text++) {
		unsigned char byte = (unsigned char)*text;

		if (escape_letter(*text) != '\0')
			size += 2;
		else
			size += byte < 0x20 ? 6 : 1;
	}
	return size;
}

size_t
record_put_text(char *to, const char *name, const char *text, size_t length)
{
	char *at = to;

	at += quote(at, name, strlen(name));
	*at++ = ':';
	at += quote(at, text, length);
	*at++ = ',';
	return (size_t)(at - to);
}

/* Writes "name":number with its comma, and returns the number of bytes written. */
static size_t
number_put(char *to, const char *name, uint64_t number)
{
	return (size_t)sprintf(to, "\"%s\":%llu,", name, (unsigned long long)number);
}

/* Writes "name":[pairs] with its comma.  A pair may have no value. */
static size_t
pairs_put(char *to, const char *name, const struct event_pair *pairs, size_t count)
{
	char *at = to + sprintf(to, "\"%s\":[", name);

	for (size_t i = 0; i < count; i++) {
		at += sprintf(at, i == 0 ? "{" : ",{");
		at += record_put_text(at, "Key", pairs[i].key, strlen(pairs[i].key));
		if (pairs[i].value != NULL)
			at += record_put_text(at, "Value", pairs[i].value, strlen(pairs[i].value));
		at += sprintf(at, "\"Seq\":%llu}", (unsigned long long)pairs[i].seq);
	}
	return (size_t)(at + sprintf(at, "],") - to);
}

size_t
record_pair_size(const struct event_pair *pair)
{
	return sizeof("{\"Key\":,\"Value\":,\"Seq\":12345678901234567890},") +
	    quoted_size(pair->key) + (pair->value == NULL ? 0 : quoted_size(pair->value));
}

static size_t
pairs_size(const struct event_pair *pairs, size_t count)
{
	size_t size = 0;

	for (size_t i = 0; i < count; i++)
		size += record_pair_size(&pairs[i]);
	return size;
}

char *
record_line(const struct record *record, size_t *length)
{
	const struct event *event = &record->event;
	char *line = malloc(512 + 6 * (strlen(record->kind) + strlen(event->group_id)) +
	    pairs_size(event->pairs, event->pair_count) +
	    pairs_size(record->deleted, record->deleted_count) +
	    pairs_size(record->unlisted, record->unlisted_count) +
	    RECORD_RANGE_SIZE * record->missing_count);
	char *at = line;

	if (line == NULL)
		return NULL;
	*at++ = '{';
	if (record->time >= 0)
		at += record_put_time(at, record->time);
	at += record_put_text(at, "Snapshot", record->kind, strlen(record->kind));
	at += record_put_text(at, "GroupId", event->group_id, strlen(event->group_id));
	at += number_put(at, "MsgSeq", event->msg_seq);
	at += number_put(at, "LatestSeq", event->seq);
	at += number_put(at, "ClearSeq", record->clear_seq);
	at += number_put(at, "WholeSeq", record->complete_up_to);
	if (record->first_seq > 0)
		at += number_put(at, "FirstSeq", record->first_seq);
	if (record->replaces > 0)
		at += number_put(at, "Replaces", record->replaces);
	at += pairs_put(at, "ExtensionList", event->pairs, event->pair_count);
	if (record->deleted_count > 0)
		at += pairs_put(at, "Deleted", record->deleted, record->deleted_count);
	if (record->unlisted_count > 0)
		at += pairs_put(at, "Unlisted", record->unlisted, record->unlisted_count);
	for (size_t i = 0; i < record->missing_count; i++)
		at += sprintf(at, "%s[%llu,%llu]%s", i == 0 ? "\"Missing\":[" : "",
		    (unsigned long long)record->missing[i].first,
		    (unsigned long long)record->missing[i].last,
		    i + 1 < record->missing_count ? "," : "],");
	at += sprintf(at - 1, "}\n") - 1;
	*length = (size_t)(at - line);
	return line;
}

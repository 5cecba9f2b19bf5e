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

#include "base/text.h"
#include "base/time.h"

size_t
record_put_time(char *to, int64_t time)
{
	static const char name[] = "\"time\":\"";
	char text[TIME_SIZE], *at;

	time_print(time, text);
	memcpy(to, name, sizeof(name) - 1);
	at = stpcpy(to + sizeof(name) - 1, text);
	memcpy(at, "\",", 2);
	return (size_t)(at + 2 - to);
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
		char letter;

		if (json_is_plain(text[i])) {
			*at++ = text[i];
			continue;
		}
		letter = escape_letter(text[i]);
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

	*at++ = '"';
	at = stpcpy(at, name); /* which are ours, and plain */
	*at++ = '"';
	*at++ = ':';
	at += quote(at, text, length);
	*at++ = ',';
	return (size_t)(at - to);
}

size_t
record_put_number(char *to, const char *name, uint64_t number)
{
	char *at = to;

	*at++ = '"';
	at = stpcpy(at, name);
	*at++ = '"';
	*at++ = ':';
	at += integer_put(at, number);
	*at++ = ',';
	return (size_t)(at - to);
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

bool
record_has_erased(const struct record *record, uint64_t seq)
{
	size_t low = 0, high = record->erased_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (record->erased[middle].last < seq)
			low = middle + 1;
		else
			high = middle;
	}
	return low < record->erased_count && record->erased[low].first <= seq;
}

bool
record_has_left(const struct record *record, uint64_t seq)
{
	return record_has_erased(record, seq) ||
	    (seq == 0 && record->is_snapshot && strcmp(record->kind, SNAPSHOT_COMPACT) == 0);
}

/* Writes "name":[[first,last],...] with its comma. */
static size_t
ranges_put(char *to, const char *name, const struct seq_range *ranges, size_t count)
{
	char *at = to + sprintf(to, "\"%s\":[", name);

	for (size_t i = 0; i < count; i++)
		at += sprintf(at, "%s[%llu,%llu]", i == 0 ? "" : ",",
		    (unsigned long long)ranges[i].first, (unsigned long long)ranges[i].last);
	return (size_t)(at + sprintf(at, "],") - to);
}

size_t
record_put_erased(char *to, const struct seq_range *ranges, size_t count)
{
	return ranges_put(to, "Erased", ranges, count);
}

char *
record_line(const struct record *record, size_t *length)
{
	const struct event *event = &record->event;
	char *line = malloc(512 + 6 * (strlen(record->kind) + strlen(event->group_id)) +
	    pairs_size(event->pairs, event->pair_count) +
	    pairs_size(record->deleted, record->deleted_count) +
	    pairs_size(record->unlisted, record->unlisted_count) +
	    RECORD_RANGE_SIZE * (record->missing_count + record->erased_count));
	char *at = line;

	if (line == NULL)
		return NULL;
	*at++ = '{';
	if (record->time >= 0)
		at += record_put_time(at, record->time);
	if (record->erased_count > 0)
		at += record_put_erased(at, record->erased, record->erased_count);
	at += record_put_text(at, "Snapshot", record->kind, strlen(record->kind));
	at += record_put_text(at, "GroupId", event->group_id, strlen(event->group_id));
	at += record_put_number(at, "MsgSeq", event->msg_seq);
	at += record_put_number(at, "LatestSeq", event->seq);
	at += record_put_number(at, "ClearSeq", record->clear_seq);
	at += record_put_number(at, "WholeSeq", record->complete_up_to);
	if (record->first_seq > 0)
		at += record_put_number(at, "FirstSeq", record->first_seq);
	if (record->replaces > 0)
		at += record_put_number(at, "Replaces", record->replaces);
	at += pairs_put(at, "ExtensionList", event->pairs, event->pair_count);
	if (record->deleted_count > 0)
		at += pairs_put(at, "Deleted", record->deleted, record->deleted_count);
	if (record->unlisted_count > 0)
		at += pairs_put(at, "Unlisted", record->unlisted, record->unlisted_count);
	if (record->missing_count > 0)
		at += ranges_put(at, "Missing", record->missing, record->missing_count);
	at += sprintf(at - 1, "}\n") - 1;
	*length = (size_t)(at - line);
	return line;
}

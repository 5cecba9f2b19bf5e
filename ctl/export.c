/*
 * export.c - msgextctl export: all that is stored about a person, as JSON, a line for each pair.
 *
 * Nothing is folded: whoever asks what is stored about him is told of every place, also of
 * what no longer counts, in logs, archives and .torn files.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/fault.h"
#include "base/text.h"
#include "ctl/ctl.h"
#include "ctl/files.h"
#include "ctl/print.h"
#include "ctl/read.h"
#include "log/line.h"
#include "log/redact.h"
#include "log/scan.h"
#include "parse.h"
#include "record.h"

struct exporting {
	struct ctl *ctl;
	uint64_t rows;
	uint64_t failed;
	uint64_t elsewhere; /* lines that have the key, and not as one */
};

/* The members of an event that are told of as they stand, besides those of the pair. */
static const char *const told[] = { "time", "EventTime", "ClientIP", "OptPlatform", NULL };

/* Prints "name":"text" and a comma.  -1: ctl->fault. */
static int
text_print(struct exporting *exporting, const char *name, const char *text)
{
	size_t length = strlen(text);
	char *quoted = malloc(6 * length + 2);

	if (quoted == NULL)
		return fault_memory(&exporting->ctl->fault);
	printf("\"%s\":", name);
	print_json(&exporting->ctl->printer, quoted, json_quote(quoted, text, length));
	putchar(',');
	free(quoted);
	return 0;
}

static void
members_print(struct printer *printer, const char *line, size_t length)
{
	for (const char *const *name = told; *name != NULL; name++) {
		size_t size;
		const char *value = line_member(line, length, *name, &size);

		if (value == NULL)
			continue;
		printf("\"%s\":", *name);
		print_json(printer, value, size);
		putchar(',');
	}
}

/* What the pair is part of, in the words of log. */
static const char *
record_kind(const struct record *record, bool deleted)
{
	if (record->is_snapshot)
		return record->kind;
	if (record->event.operate_type == OPERATE_CLEAR)
		return "clear";
	return deleted ? "delete" : "set";
}

struct place {
	const char *name;
	const struct line *line;
	const char *text; /* of the line, without white space between tokens */
	size_t length;
	const struct record *record;
};

static int
pair_print(struct exporting *exporting, const struct place *place, const struct event_pair *pair,
    bool deleted)
{
	const struct event *event = &place->record->event;

	exporting->rows++;
	putchar('{');
	if (text_print(exporting, "GroupId", event->group_id) != 0)
		return -1;
	printf("\"MsgSeq\":%llu,\"Operation\":\"%s\",", (unsigned long long)event->msg_seq,
	    record_kind(place->record, deleted));
	if (text_print(exporting, "Key", pair->key) != 0 ||
	    (pair->value != NULL && !deleted && text_print(exporting, "Value", pair->value) != 0))
		return -1;
	printf("\"Seq\":%llu,", (unsigned long long)pair->seq);
	members_print(&exporting->ctl->printer, place->text, place->length);
	if (text_print(exporting, "File", place->name) != 0)
		return -1;
	printf("\"Line\":%llu}\n", (unsigned long long)place->line->number);
	return 0;
}

static int
pairs_print(struct exporting *exporting, const struct place *place, const struct event_pair *pairs,
    size_t count, bool deleted)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(pairs[i].key, exporting->ctl->key) == 0 &&
		    pair_print(exporting, place, &pairs[i], deleted) != 0)
			return -1;
	return 0;
}

static int
record_print(struct exporting *exporting, const struct place *place)
{
	const struct record *record = place->record;
	bool deletes = !record->is_snapshot && record->event.operate_type == OPERATE_DELETE;
	uint64_t rows = exporting->rows;

	if (pairs_print(exporting, place, record->event.pairs, record->event.pair_count, deletes) !=
		0 ||
	    pairs_print(exporting, place, record->deleted, record->deleted_count, true) != 0 ||
	    pairs_print(exporting, place, record->unlisted, record->unlisted_count, false) != 0)
		return -1;
	exporting->elsewhere += rows == exporting->rows;
	return 0;
}

/* A line that cannot be read and has the key: it may say of others, too. */
static int
fragment_print(struct exporting *exporting, const char *name, const struct line *line)
{
	exporting->rows++;
	putchar('{');
	if (text_print(exporting, "File", name) != 0)
		return -1;
	printf("\"Line\":%llu,\"Unreadable\":true}\n", (unsigned long long)line->number);
	return 0;
}

/* Names a line of which only the end was read: the key may stand before that. */
static void
overlong_tell(struct exporting *exporting, const char *name, const struct line *line)
{
	struct ctl *ctl = exporting->ctl;

	fflush(stdout);
	fault_set(&ctl->fault, FAULT_LOG_UNSAFE, "%s: line %llu is too long to be an event", name,
	    (unsigned long long)line->number);
	(void)ctl_fail(ctl);
	ctl->fault.code = FAULT_NONE;
	exporting->failed++;
}

static int
line_export(void *context, const char *name, const struct line *line)
{
	struct exporting *exporting = context;
	struct ctl *ctl = exporting->ctl;
	struct fault reason = { .code = FAULT_NONE };
	struct document *document;
	struct record record;
	struct place place = { .name = name, .line = line, .record = &record };
	int result;

	if (line->overlong)
		overlong_tell(exporting, name, line);
	if (!line_has_key(line->bytes, line->length, ctl->key))
		return 0;
	document = document_parse_line(line->bytes, line->length, &reason);
	if (document != NULL && document_record(document, &record, &reason) == 0) {
		place.text = document_text(document, &place.length);
		result = record_print(exporting, &place);
	} else if (reason.code == FAULT_MEMORY) {
		result = fault_memory(&ctl->fault);
	} else {
		/* What stands between two strings may look like the key. */
		result = fragment_has_key(line->bytes, line->length, ctl->key)
		    ? fragment_print(exporting, name, line)
		    : 0;
	}
	document_free(document);
	return result;
}

/* False: ctl->fault, and nothing else can be done. */
static bool
file_export(struct exporting *exporting, const char *name)
{
	struct ctl *ctl = exporting->ctl;

	if (file_lines(ctl, name, line_export, exporting) == 0)
		return true;
	if (ctl->fault.code == FAULT_MEMORY || ctl->fault.code == FAULT_DATA_DIR)
		return false;
	(void)ctl_fail(ctl);
	ctl->fault.code = FAULT_NONE;
	exporting->failed++;
	return true;
}

static bool
group_export(struct exporting *exporting, const char *group_id)
{
	struct group_files files;
	bool goes_on;

	group_files_name(exporting->ctl, group_id, &files);
	goes_on = file_export(exporting, files.log);
	goes_on = goes_on && group_files_list(exporting->ctl, group_id, &files) == 0;
	for (size_t i = 0; goes_on && i < files.archives.count; i++)
		goes_on = file_export(exporting, files.archives.names[i]);
	if (goes_on)
		goes_on = file_export(exporting, files.torn);
	group_files_free(&files);
	return goes_on;
}

int
ctl_export(struct ctl *ctl)
{
	struct exporting exporting = { .ctl = ctl };
	struct files files = { 0 };
	bool goes_on = files_list(ctl, &files) == 0;
	int there = !goes_on || ctl->selection.group == NULL ? 1 : files_has_group(ctl, &files);

	goes_on = goes_on && there >= 0;

	for (size_t i = 0; goes_on && i < files.groups.count; i++)
		goes_on = group_export(&exporting, files.groups.names[i]);
	for (size_t i = 0; goes_on && i < files.strange.count; i++)
		goes_on = file_export(&exporting, files.strange.names[i]);
	fflush(stdout);
	for (size_t i = 0; i < files.others.count; i++) {
		ctl_tell_of(ctl, files.others.names[i]);
		fputs("is no file of msgext's, and was not looked at\n", stderr);
	}
	files_free(&files);
	if (!goes_on)
		return ctl_fail(ctl);
	if (there == 0)
		return ctl_nothing(ctl);
	if (exporting.elsewhere > 0)
		fprintf(stderr, "msgextctl: %llu lines have the same text, but not as a key\n",
		    (unsigned long long)exporting.elsewhere);
	if (exporting.rows == 0)
		fputs("msgextctl: nothing of that key\n", stderr);
	return exporting.rows == 0 || exporting.failed > 0 ? CTL_NOTHING : EX_OK;
}

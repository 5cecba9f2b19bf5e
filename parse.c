/*
 * parse.c - bytes -> event (strict), and event -> one log line.
 *
 * json.c has decided what is JSON, and has made a view that cJSON can hold without loss.  Here
 * cJSON only looks things up.
 *
 * Reading and receiving are separate.  event_read takes from a document what the state of a message
 * consists of, and asks for nothing else: it reads lines of logs that a receiver took years ago,
 * and what was acknowledged then must stay readable.  The receiver's check is the same reading, and
 * further demands after it, in document_parse and document_event.  So a stricter check changes no
 * reading, and no check can accept what is not readable. tests/lines holds a line of every kind
 * that was ever accepted.
 *
 * Each complaint names the member.  What the receiver demands beyond the vendor's page helps those
 * who read the log later with other programs:
 *
 *  - two members of one name are refused: readers disagree on which one counts;
 *  - a known member's name must be spelt plainly, without \u escapes, and its integer as plain
 *    decimal digits, so that a search for "MsgSeq":10 finds it;
 *  - text that a C string cannot hold is refused in members that we compare.
 *
 * The line is the envelope, and then the document's own bytes.  No byte of the vendor's is printed
 * again from values, so unknown members are kept as they came.  Only a member with the name of one
 * of the envelope's gets another name: what has the envelope's name must be what we have checked.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "parse.h"
#include "base/fault.h"
#include "base/text.h"
#include "base/time.h"
#include "json.h"

#ifdef CJSON_NESTING_LIMIT
_Static_assert(LINE_DEPTH_MAX <= CJSON_NESTING_LIMIT, "cJSON takes what json_check takes");
#endif

struct document {
	struct json_copy copy;
	cJSON *tree;
	/* events and records point into it */
	struct event_pair *pairs;
	struct event_pair *deleted;
	struct event_pair *unlisted;
	struct seq_range *missing;
	struct seq_range *erased;
};

const char *const event_names[] = { "CallbackCommand", "GroupId", "MsgSeq", "OperateType",
	"ExtensionList", "Seq", "EventTime", NULL };
const char *const pair_names[] = { "Key", "Value", "Seq", NULL };

static int
name_compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The name without the mark that says how it was spelt. */
static const char *
name_plain(const char *name)
{
	return (unsigned char)name[0] == JSON_MARK_ESCAPED_NAME ? name + 1 : name;
}

/* The first member of that name, in any spelling; NULL: there is none. */
static const cJSON *
member_find(const cJSON *object, const char *name)
{
	const cJSON *member;

	cJSON_ArrayForEach(member, object)
	{
		if (strcmp(name_plain(member->string), name) == 0)
			return member;
	}
	return NULL;
}

/* Sorts the names, so that a body of 40,000 names takes no quadratic time. */
static int
names_check_unique(const cJSON *object, const char *where, struct fault *fault)
{
	const cJSON *member;
	const char **names;
	size_t count = 0;
	int result = 0;

	cJSON_ArrayForEach(member, object) count++;
	names = malloc((count + 1) * sizeof(*names));
	if (names == NULL)
		return fault_memory(fault);
	count = 0;
	cJSON_ArrayForEach(member, object) names[count++] = name_plain(member->string);
	qsort(names, count, sizeof(*names), name_compare);
	for (size_t i = 1; i < count; i++) {
		if (strcmp(names[i - 1], names[i]) == 0) {
			result = fault_set(fault, FAULT_FIELD_DUPLICATE, "%s%s: is there twice",
			    where, names[i]);
			break;
		}
	}
	free(names);
	return result;
}

/* Refuses a known name that was spelt with escapes. */
static int
names_check_plain(const cJSON *object, const char *const *known, const char *where,
    struct fault *fault)
{
	const cJSON *member;

	cJSON_ArrayForEach(member, object)
	{
		if ((unsigned char)member->string[0] != JSON_MARK_ESCAPED_NAME)
			continue;
		for (const char *const *name = known; *name != NULL; name++)
			if (strcmp(member->string + 1, *name) == 0)
				return fault_set(fault, FAULT_FIELD_SPELLING,
				    "%s%s: its name is spelt with escapes", where, *name);
	}
	return 0;
}

static struct document *
document_make(const char *bytes, size_t length, int depth_max, size_t values_max,
    struct fault *fault)
{
	struct document *document = calloc(1, sizeof(*document));

	if (document == NULL) {
		fault_memory(fault);
		return NULL;
	}
	if (json_check(bytes, length, depth_max, &document->copy, fault) != 0)
		goto fail;
	if (document->copy.text[0] != '{') {
		fault_set(fault, FAULT_JSON_MALFORMED, "body: is not a JSON object");
		goto fail;
	}
	if (document->copy.values > values_max) {
		fault_set(fault, FAULT_FIELD_RANGE, "body: has more than %zu values", values_max);
		goto fail;
	}
	document->tree = cJSON_ParseWithLength(document->copy.view, document->copy.view_length);
	if (document->tree == NULL) {
		/* The view holds nothing that cJSON refuses: so only memory can be missing. */
		fault_memory(fault);
		goto fail;
	}
	return document;
fail:
	document_free(document);
	return NULL;
}

struct document *
document_parse(const char *bytes, size_t length, struct fault *fault)
{
	struct document *document =
	    document_make(bytes, length, JSON_DEPTH_MAX, JSON_VALUES_MAX, fault);

	if (document != NULL && names_check_unique(document->tree, "", fault) != 0) {
		document_free(document);
		document = NULL;
	}
	return document;
}

struct document *
document_parse_line(const char *bytes, size_t length, struct fault *fault)
{
	return document_make(bytes, length, LINE_DEPTH_MAX, SIZE_MAX, fault);
}

void
document_free(struct document *document)
{
	if (document == NULL)
		return;
	cJSON_Delete(document->tree);
	json_copy_free(&document->copy);
	free(document->pairs);
	free(document->deleted);
	free(document->unlisted);
	free(document->missing);
	free(document->erased);
	free(document);
}

/* The member of that name, which must be there. */
static const cJSON *
member_get(const cJSON *object, const char *where, const char *name, struct fault *fault)
{
	const cJSON *member = member_find(object, name);

	if (member == NULL)
		fault_set(fault, FAULT_FIELD_MISSING, "%s%s: is missing", where, name);
	return member;
}

/* Reads whole text: without \u0000 and without half of a surrogate pair. */
static int
text_read(const cJSON *member, const char *where, const char *name, const char **text,
    struct fault *fault)
{
	if (!cJSON_IsString(member))
		return fault_set(fault, FAULT_FIELD_TYPE, "%s%s: must be a string", where, name);
	if (strchr(member->valuestring, JSON_MARK_UNUSABLE) != NULL)
		return fault_set(fault, FAULT_FIELD_RANGE,
		    "%s%s: holds \\u0000 or half a surrogate pair", where, name);
	*text = member->valuestring;
	return 0;
}

static int
integer_read(const cJSON *object, const char *where, const char *name, uint64_t *value,
    struct fault *fault)
{
	const cJSON *member = member_get(object, where, name, fault);

	if (member == NULL)
		return -1;
	if (!cJSON_IsNumber(member))
		return fault_set(fault, FAULT_FIELD_TYPE, "%s%s: must be an integer", where, name);
	if (member->valuedouble < 0)
		return fault_set(fault, FAULT_FIELD_RANGE,
		    "%s%s: must be a plain integer from 0 to 9007199254740992", where, name);
	*value = (uint64_t)member->valuedouble;
	return 0;
}

/* reading: what a line in a log must have, and an event before the receiver demands more */

static int
group_id_read(const cJSON *object, const char **group_id, struct fault *fault)
{
	const cJSON *member = member_get(object, "", "GroupId", fault);
	const char *text = "";
	size_t length;

	if (member == NULL || text_read(member, "", "GroupId", &text, fault) != 0)
		return -1;
	length = strlen(text);
	if (length < 1 || length > GROUP_ID_MAX)
		return fault_set(fault, FAULT_FIELD_RANGE, "GroupId: must be 1 to %d bytes, is %zu",
		    GROUP_ID_MAX, length);
	*group_id = text;
	return 0;
}

/* A list of pairs that is being read. */
struct pair_list {
	const char *name;
	enum operate_type type; /* OPERATE_SET asks each pair for its Value */
	struct event_pair *pairs;
	size_t count;
};

/* Reads one more pair into the list, which has room for it. */
static int
pair_read(const cJSON *item, struct pair_list *list, struct fault *fault)
{
	struct event_pair *pair = &list->pairs[list->count];
	struct fault ignored;
	char where[48];
	const cJSON *member;

	snprintf(where, sizeof(where), "%s[%zu].", list->name, list->count);
	if (!cJSON_IsObject(item))
		return fault_set(fault, FAULT_FIELD_TYPE, "%s[%zu]: must be an object", list->name,
		    list->count);
	member = member_get(item, where, "Key", fault);
	if (member == NULL || text_read(member, where, "Key", &pair->key, fault) != 0)
		return -1;
	pair->value = "";
	member = member_find(item, "Value");
	if (list->type != OPERATE_SET) /* a delete is clear without a value that can be read */
		text_read(member, where, "Value", &pair->value, &ignored);
	else if (member_get(item, where, "Value", fault) == NULL ||
	    text_read(member, where, "Value", &pair->value, fault) != 0)
		return -1;
	list->count++;
	return integer_read(item, where, "Seq", &pair->seq, fault);
}

/* Reads an array of pairs into the list.  *pairs: where the document keeps them; it frees them. */
static int
pairs_array_read(const cJSON *array, struct pair_list *list, struct event_pair **pairs,
    struct fault *fault)
{
	const cJSON *item;
	size_t size = 0;

	list->count = 0;
	if (!cJSON_IsArray(array))
		return fault_set(fault, FAULT_FIELD_TYPE, "%s: must be an array", list->name);
	cJSON_ArrayForEach(item, array) size++;
	free(*pairs);
	*pairs = list->pairs = calloc(size + 1, sizeof(**pairs));
	if (list->pairs == NULL)
		return fault_memory(fault);
	cJSON_ArrayForEach(item, array) if (pair_read(item, list, fault) != 0) return -1;
	return 0;
}

/* Reads an ExtensionList into the event.  The document keeps the pairs. */
static int
extension_list_read(struct document *document, const cJSON *array, struct event *event,
    struct fault *fault)
{
	struct pair_list list = { .name = "ExtensionList", .type = event->operate_type };
	int result = pairs_array_read(array, &list, &document->pairs, fault);

	event->pairs = list.pairs;
	event->pair_count = list.count;
	return result;
}

static int
pairs_read(struct document *document, struct event *event, struct fault *fault)
{
	const cJSON *list = member_find(document->tree, "ExtensionList");

	if (event->operate_type == OPERATE_CLEAR && (list == NULL || cJSON_IsNull(list)))
		return 0;
	if (list == NULL)
		return fault_set(fault, FAULT_FIELD_MISSING, "ExtensionList: is missing");
	return extension_list_read(document, list, event, fault);
}

/* EventTime: a number or, as other callbacks of the vendor send it, a string; 0: it says none. */
static uint64_t
event_time_read(const cJSON *object)
{
	const cJSON *member = member_find(object, "EventTime");
	uint64_t time = 0;

	if (cJSON_IsString(member) &&
	    integer_parse(member->valuestring, strlen(member->valuestring), &time))
		return time;
	return cJSON_IsNumber(member) && member->valuedouble >= 0 ? (uint64_t)member->valuedouble
								  : 0;
}

/* Reads what the state of a message consists of. */
static int
event_read(struct document *document, struct event *event, struct fault *fault)
{
	const cJSON *tree = document->tree;
	uint64_t operate_type = 0;

	*event = (struct event){ 0 };
	if (group_id_read(tree, &event->group_id, fault) != 0 ||
	    integer_read(tree, "", "MsgSeq", &event->msg_seq, fault) != 0 ||
	    integer_read(tree, "", "OperateType", &operate_type, fault) != 0)
		return -1;
	if (operate_type < OPERATE_SET || operate_type > OPERATE_CLEAR)
		return fault_set(fault, FAULT_FIELD_RANGE,
		    "OperateType: must be 1 (set), 2 (delete) or 3 (clear)");
	event->operate_type = (enum operate_type)operate_type;
	event->event_time = event_time_read(tree);
	if (pairs_read(document, event, fault) != 0)
		return -1;
	return integer_read(tree, "", "Seq", &event->seq, fault);
}

/* the receiver's check: what it demands today beyond that */

static int
group_id_check(const char *group_id, struct fault *fault)
{
	for (const char *p = group_id; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return fault_set(fault, FAULT_FIELD_RANGE,
			    "GroupId: holds a control character");
	return 0;
}

static int
pair_names_check(const cJSON *list, const char *name, struct fault *fault)
{
	const cJSON *item;
	size_t index = 0;

	cJSON_ArrayForEach(item, list)
	{
		char where[48];

		snprintf(where, sizeof(where), "%s[%zu].", name, index++);
		if (cJSON_IsObject(item) &&
		    (names_check_unique(item, where, fault) != 0 ||
			names_check_plain(item, pair_names, where, fault) != 0))
			return -1;
	}
	return 0;
}

/* A value that is not needed must be text if it is there. */
static int
pair_values_check(const cJSON *list, struct fault *fault)
{
	const cJSON *item, *value;
	size_t index = 0;

	cJSON_ArrayForEach(item, list)
	{
		char where[48];
		const char *text;

		snprintf(where, sizeof(where), "ExtensionList[%zu].", index++);
		value = member_find(item, "Value");
		if (value != NULL && text_read(value, where, "Value", &text, fault) != 0)
			return -1;
	}
	return 0;
}

static int
event_time_check(const cJSON *object, struct fault *fault)
{
	const cJSON *member = member_find(object, "EventTime");
	uint64_t value;

	if (!cJSON_IsString(member))
		return integer_read(object, "", "EventTime", &value, fault);
	if (!integer_parse(member->valuestring, strlen(member->valuestring), &value))
		return fault_set(fault, FAULT_FIELD_RANGE,
		    "EventTime: must be a plain integer from 0 to 9007199254740992");
	return 0;
}

int
document_names_check(const struct document *document, struct fault *fault)
{
	const cJSON *tree = document->tree;

	if (names_check_unique(tree, "", fault) != 0 ||
	    names_check_plain(tree, event_names, "", fault) != 0 ||
	    pair_names_check(member_find(tree, "ExtensionList"), "ExtensionList", fault) != 0)
		return -1;
	return 0;
}

static bool
byte_is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Not tolower, which depends on the locale. */
static int
byte_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

enum callback
callback_read(const char *text, size_t length)
{
	static const char ours[] = COMMAND_OURS;

	for (; length > 0 && byte_is_blank(text[0]); length--)
		text++;
	while (length > 0 && byte_is_blank(text[length - 1]))
		length--;
	if (length == 0)
		return CALLBACK_NONE;
	if (length != sizeof(ours) - 1)
		return CALLBACK_OTHER;
	if (memcmp(text, ours, length) == 0)
		return CALLBACK_OURS;
	for (size_t i = 0; i < length; i++)
		if (byte_lower(text[i]) != byte_lower(ours[i]))
			return CALLBACK_OTHER;
	return CALLBACK_OURS;
}

int
document_command(const struct document *document, enum callback *command, struct fault *fault)
{
	const cJSON *member = member_find(document->tree, "CallbackCommand");
	const char *text = "";

	*command = CALLBACK_NONE;
	if (names_check_plain(document->tree, event_names, "", fault) != 0)
		return -1;
	if (member != NULL && text_read(member, "", "CallbackCommand", &text, fault) != 0)
		return -1;
	*command = callback_read(text, strlen(text));
	return 0;
}

int
document_event(struct document *document, struct event *event, struct fault *fault)
{
	const cJSON *tree = document->tree, *list = member_find(tree, "ExtensionList");
	enum callback command;

	*event = (struct event){ 0 };
	if (document_command(document, &command, fault) != 0)
		return -1;
	if (command == CALLBACK_NONE)
		return fault_set(fault, FAULT_FIELD_MISSING, "CallbackCommand: is missing");
	if (event_read(document, event, fault) != 0 ||
	    group_id_check(event->group_id, fault) != 0 ||
	    pair_names_check(list, "ExtensionList", fault) != 0 ||
	    pair_values_check(list, fault) != 0)
		return -1;
	return event_time_check(tree, fault);
}

/* snapshots */

/* An integer that may be absent; then it is 0. */
static int
integer_read_optional(const cJSON *object, const char *name, uint64_t *value, struct fault *fault)
{
	*value = 0;
	if (member_find(object, name) == NULL)
		return 0;
	return integer_read(object, "", name, value, fault);
}

/* One [first, last] of a snapshot's Missing.  It must come after the one before. */
static int
range_read(const cJSON *item, uint64_t least, uint64_t latest, struct seq_range *range)
{
	const cJSON *first = cJSON_GetArrayItem(item, 0), *last = cJSON_GetArrayItem(item, 1);

	if (!cJSON_IsArray(item) || !cJSON_IsNumber(first) || !cJSON_IsNumber(last) ||
	    last->next != NULL || first->valuedouble < 0)
		return -1;
	range->first = (uint64_t)first->valuedouble;
	range->last = last->valuedouble < 0 ? 0 : (uint64_t)last->valuedouble;
	return range->first >= least && range->first <= range->last && range->last < latest ? 0
											    : -1;
}

static int
missing_read(struct document *document, struct record *record, struct fault *fault)
{
	const cJSON *list = member_find(document->tree, "Missing");
	const cJSON *item;
	size_t size = 0;
	uint64_t least = record->first_seq + 1;

	if (list == NULL)
		return 0;
	if (!cJSON_IsArray(list))
		return fault_set(fault, FAULT_FIELD_TYPE, "Missing: must be an array");
	cJSON_ArrayForEach(item, list) size++;
	free(document->missing);
	document->missing = calloc(size + 1, sizeof(*document->missing));
	if (document->missing == NULL)
		return fault_memory(fault);
	cJSON_ArrayForEach(item, list)
	{
		struct seq_range *range = &document->missing[record->missing_count];

		if (range_read(item, least, record->event.seq, range) != 0)
			return fault_set(fault, FAULT_FIELD_RANGE,
			    "Missing[%zu]: must be [first, last] between FirstSeq and LatestSeq, "
			    "in order",
			    record->missing_count);
		least = range->last + 1;
		record->missing_count++;
	}
	record->missing = document->missing;
	return 0;
}

/*
 * Reads the versions of which pairs were erased.  What is not such a list says nothing: it may be
 * the vendor's own, in a line that an earlier receiver took.
 */
static int
erased_read(struct document *document, struct record *record, struct fault *fault)
{
	const cJSON *list = member_find(document->tree, "Erased"), *item;
	size_t size = 0;
	uint64_t least = 0; /* a version may be 0 */

	if (!cJSON_IsArray(list))
		return 0;
	cJSON_ArrayForEach(item, list) size++;
	free(document->erased);
	document->erased = calloc(size + 1, sizeof(*document->erased));
	if (document->erased == NULL)
		return fault_memory(fault);
	cJSON_ArrayForEach(item, list)
	{
		struct seq_range *range = &document->erased[record->erased_count];

		if (range_read(item, least, UINT64_MAX, range) != 0) {
			record->erased_count = 0;
			return 0;
		}
		least = range->last + 1;
		record->erased_count++;
	}
	record->erased = document->erased;
	return 0;
}

static int
snapshot_kind_check(const char *kind, struct fault *fault)
{
	if (strcmp(kind, SNAPSHOT_IMPORT) == 0 || strcmp(kind, SNAPSHOT_COMPACT) == 0)
		return 0;
	return fault_set(fault, FAULT_FIELD_RANGE, "Snapshot: must be import or compact");
}

static int
first_seq_check(const struct record *record, struct fault *fault)
{
	if (record->first_seq <= record->event.seq)
		return 0;
	return fault_set(fault, FAULT_FIELD_RANGE, "FirstSeq: is above LatestSeq");
}

/* A list that a snapshot may have: keys that were deleted or, with a Value, were not. */
static int
snapshot_list_read(const cJSON *tree, const char *name, struct event_pair **pairs, size_t *count,
    struct fault *fault)
{
	const cJSON *list = member_find(tree, name), *item;
	struct pair_list deleted = { .name = name, .type = OPERATE_DELETE };
	size_t index = 0;

	if (list == NULL)
		return 0;
	if (pairs_array_read(list, &deleted, pairs, fault) != 0)
		return -1;
	*count = deleted.count;
	cJSON_ArrayForEach(item, list)
	{
		if (member_find(item, "Value") == NULL)
			(*pairs)[index].value = NULL;
		index++;
	}
	return 0;
}

static int
snapshot_read(struct document *document, struct record *record, struct fault *fault)
{
	const cJSON *tree = document->tree;
	const cJSON *list = member_get(tree, "", "ExtensionList", fault);
	struct event *event = &record->event;

	record->is_snapshot = true;
	event->operate_type = OPERATE_SET;
	if (list == NULL ||
	    text_read(member_find(tree, "Snapshot"), "", "Snapshot", &record->kind, fault) != 0 ||
	    snapshot_kind_check(record->kind, fault) != 0 ||
	    group_id_read(tree, &event->group_id, fault) != 0 ||
	    integer_read(tree, "", "MsgSeq", &event->msg_seq, fault) != 0 ||
	    integer_read(tree, "", "LatestSeq", &event->seq, fault) != 0 ||
	    integer_read(tree, "", "ClearSeq", &record->clear_seq, fault) != 0 ||
	    integer_read(tree, "", "WholeSeq", &record->complete_up_to, fault) != 0 ||
	    integer_read_optional(tree, "FirstSeq", &record->first_seq, fault) != 0 ||
	    integer_read_optional(tree, "Replaces", &record->replaces, fault) != 0 ||
	    first_seq_check(record, fault) != 0 ||
	    extension_list_read(document, list, event, fault) != 0 ||
	    missing_read(document, record, fault) != 0 ||
	    snapshot_list_read(tree, "Deleted", &document->deleted, &record->deleted_count,
		fault) != 0 ||
	    snapshot_list_read(tree, "Unlisted", &document->unlisted, &record->unlisted_count,
		fault) != 0)
		return -1;
	record->deleted = document->deleted;
	record->unlisted = document->unlisted;
	return 0;
}

int
document_record(struct document *document, struct record *record, struct fault *fault)
{
	const cJSON *time = member_find(document->tree, "time");

	*record =
	    (struct record){ .time = cJSON_IsString(time) ? time_parse(time->valuestring) : -1 };
	if (erased_read(document, record, fault) != 0)
		return -1;
	/*
	 * Every event has a command.  If the vendor ever adds a "Snapshot" to one, it is still an
	 * event.
	 */
	if (member_find(document->tree, "Snapshot") != NULL &&
	    member_find(document->tree, "CallbackCommand") == NULL)
		return snapshot_read(document, record, fault);
	if (event_read(document, &record->event, fault) != 0)
		return -1;
	if (record->event.operate_type == OPERATE_CLEAR)
		record->clear_seq = record->event.seq;
	return 0;
}

/* LatestSeq is the largest version that exists: no answer can have a larger one. */
static int
answer_versions_check(const struct record *record, struct fault *fault)
{
	uint64_t latest = record->event.seq;

	if (record->clear_seq > latest)
		return fault_set(fault, FAULT_FIELD_RANGE,
		    "ClearSeq: is above LatestSeq, %llu; fetch the answer again",
		    (unsigned long long)latest);
	for (size_t i = 0; i < record->event.pair_count; i++)
		if (record->event.pairs[i].seq > latest)
			return fault_set(fault, FAULT_FIELD_RANGE,
			    "ExtensionList[%zu].Seq: is above LatestSeq, %llu; fetch the answer "
			    "again",
			    i, (unsigned long long)latest);
	return 0;
}

/* What to do about one of the vendor's errors. */
static const char *
error_advice(uint64_t code)
{
	static const struct {
		unsigned codes[5];
		const char *advice;
	} known[] = {
		{ { 60007, 60011, 60018, 60019 }, "too many calls: ask again, more slowly" },
		{ { 60008, 10002 }, "the vendor had an error: ask again" },
		{ { 60010 },
		    "the identifier is not an administrator of the app: use an administrator" },
		{ { 60020 }, "the app's package has expired or does not include this" },
		{ { 60021 },
		    "the app does not allow this machine's address: allow it in the console" },
		{ { 70001 },
		    "the UserSig has expired: make a new one; if it is new, set this machine's "
		    "clock" },
		{ { 70003 }, "the UserSig cannot be read: is it whole, and encoded for a URL?" },
		{ { 70009 }, "the UserSig was made with another key: use the app's own" },
		{ { 70013 }, "the UserSig is another identifier's" },
		{ { 70014 }, "the UserSig is another app's: compare sdkappid" },
		{ { 70016, 70020 }, "the app is not known there: use the domain of its region" },
		{ { 70050 }, "too many wrong UserSigs: correct it, then wait a minute" },
		{ { 10010, 10015 }, "the group is gone: nothing can be fetched" },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		for (size_t j = 0; j < 5 && known[i].codes[j] != 0; j++)
			if (known[i].codes[j] == code)
				return known[i].advice;
	return "the vendor refuses";
}

/* The vendor reports every failure in an answer, often without a list: so this is checked first. */
static int
answer_check(const cJSON *tree, struct fault *fault)
{
	const cJSON *info = member_find(tree, "ErrorInfo");
	const char *status = "", *said = "", *between;
	uint64_t code = 0;
	struct fault ignored;

	if (integer_read(tree, "", "ErrorCode", &code, fault) != 0)
		return -1;
	if (cJSON_IsString(info))
		text_read(info, "", "ErrorInfo", &said, &ignored);
	between = said[0] == '\0' ? "" : "; it says: ";
	if (code != 0)
		return fault_set(fault, FAULT_FIELD_RANGE, "ErrorCode: is %llu, %s%s%.100s",
		    (unsigned long long)code, error_advice(code), between, said);
	if (text_read(member_find(tree, "ActionStatus"), "", "ActionStatus", &status, fault) != 0)
		return -1;
	if (strcmp(status, "OK") != 0)
		return fault_set(fault, FAULT_FIELD_RANGE,
		    "ActionStatus: is %.40s, the vendor refuses%s%.100s", status, between, said);
	return 0;
}

int
document_answer_code(const struct document *document, uint64_t *code, struct fault *fault)
{
	return integer_read(document->tree, "", "ErrorCode", code, fault);
}

int
document_answer(struct document *document, struct record *record, bool *complete,
    struct fault *fault)
{
	const cJSON *tree = document->tree;
	const cJSON *list;
	uint64_t complete_flag = 0;

	*record = (struct record){ .is_snapshot = true, .kind = SNAPSHOT_IMPORT };
	record->event.operate_type = OPERATE_SET;
	if (answer_check(tree, fault) != 0)
		return -1;
	list = member_get(tree, "", "ExtensionList", fault);
	if (list == NULL)
		return -1;
	if (integer_read(tree, "", "CompleteFlag", &complete_flag, fault) != 0 ||
	    integer_read(tree, "", "LatestSeq", &record->event.seq, fault) != 0 ||
	    integer_read(tree, "", "ClearSeq", &record->clear_seq, fault) != 0 ||
	    extension_list_read(document, list, &record->event, fault) != 0 ||
	    pair_names_check(list, "ExtensionList", fault) != 0)
		return -1;
	*complete = complete_flag == 1;
	record->complete_up_to = record->event.seq;
	return answer_versions_check(record, fault);
}

const char *
document_text(const struct document *document, size_t *length)
{
	*length = document->copy.text_length;
	return document->copy.text;
}

bool
document_is_of_app(const struct document *document, uint64_t sdk_app_id)
{
	const cJSON *member = member_find(document->tree, "SdkAppid");
	uint64_t named;

	if (member == NULL)
		return true;
	if (cJSON_IsString(member))
		return integer_parse(member->valuestring, strlen(member->valuestring), &named) &&
		    named == sdk_app_id;
	return cJSON_IsNumber(member) && member->valuedouble >= 0 &&
	    (uint64_t)member->valuedouble == sdk_app_id;
}

/*
 * The new name of a member of the body that has a name of the envelope's; NULL: it has none of
 * them.
 */
static const char *
name_of_body(const char *name)
{
	static const char *const names[] = { "body.time", "body.SdkAppid", "body.ClientIP",
		"body.OptPlatform", "body.Erased", NULL };

	for (const char *const *own = names; *own != NULL; own++)
		if (strcmp(strchr(*own, '.') + 1, name) == 0)
			return *own;
	return NULL;
}

/*
 * Writes the document's members, each with a comma after it, and returns the number of bytes
 * written.
 */
static size_t
members_put(char *to, const struct document *document)
{
	const char *from = document->copy.text + 1, *colon, *end;
	const cJSON *member;
	char *at = to;

	cJSON_ArrayForEach(member, document->tree)
	{
		const char *name = name_of_body(name_plain(member->string));

		colon = json_token_end(from);
		end = json_token_end(colon + 1);
		if (name != NULL) {
			if (member_find(document->tree, name) == NULL) {
				at += sprintf(at, "\"%s\"", name);
				from = colon;
			} else {
				from = end; /* the vendor has a member of that name already */
			}
		}
		memcpy(at, from, (size_t)(end - from));
		at += end - from;
		if (from < end)
			*at++ = ',';
		from = end + 1;
	}
	return (size_t)(at - to);
}

size_t
envelope_size(const struct envelope *envelope)
{
	return 256 + 6 * (envelope->client_ip_length + envelope->platform_length);
}

size_t
envelope_put(char *to, const struct envelope *envelope)
{
	char *at = to;

	*at++ = '{';
	at += record_put_time(at,
	    (int64_t)envelope->time.tv_sec * 1000 + envelope->time.tv_nsec / 1000000);
	at += record_put_number(at, "SdkAppid", envelope->sdk_app_id);
	if (envelope->client_ip != NULL)
		at += record_put_text(at, "ClientIP", envelope->client_ip,
		    envelope->client_ip_length);
	if (envelope->platform != NULL)
		at += record_put_text(at, "OptPlatform", envelope->platform,
		    envelope->platform_length);
	return (size_t)(at - to);
}

char *
document_line(const struct document *document, const struct envelope *envelope, size_t *length)
{
	/* Five names become five bytes longer. */
	size_t size = envelope_size(envelope) + 25 + document->copy.text_length;
	char *line = malloc(size);
	char *at = line;

	if (line == NULL)
		return NULL;
	at += envelope_put(at, envelope);
	at += members_put(at, document);
	at[-1] = '}'; /* in place of the last comma */
	*at++ = '\n';
	*length = (size_t)(at - line);
	return line;
}

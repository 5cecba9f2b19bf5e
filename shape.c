/*
 * shape.c - a line as msgext itself writes it, read without a parser.
 *
 * A line is the envelope, in the order in which document_line puts it, and after it
 * the body's members.  Nearly every line has those that the vendor documents, in the
 * vendor's order: each name is compared with the one that comes next there, and its
 * value is read in place, without a tree.  A member in another place costs some
 * more comparisons.  A member that is not known, whatever its value, is checked and skipped: the
 * vendor may add one to every event on any day, and the readers must not become slow by it.
 *
 * This is no second parser: whatever is not of the shape, valid or not, is left to parse.c,
 * which decides.  So what is taken here must be taken there, and as the same
 * record, and verify must have nothing to say of it; tests/fuzz/fuzz-shape.c holds the two
 * together.  And what the receiver's gate takes today is of the shape: tests/fuzz/fuzz-body.c.
 *
 * No name may stand twice, nor a known one be spelt with escapes.  Known names are counted
 * as they come; the others of an object are kept, decoded as json.c and cJSON decode
 * them, and sorted at its end, so that a body full of names takes no quadratic time.  Nested values
 * are skipped with a stack of LINE_DEPTH_MAX brackets, without recursion.
 *
 * The receiver reads a request's body with the same code (shape_line): it writes the line that it would
 * store, and then reads that line's members as every reader will.  What the receiver's gate demands of a
 * body, and no reader of a line, is asked for besides; and what is not taken goes to the gate.  So no body
 * is accepted here that the gate would refuse, and none is stored that readers must parse.
 */
#include <stdlib.h>
#include <string.h>

#include "shape.h"
#include "base/base.h"
#include "base/text.h"
#include "base/time.h"
#include "json.h"
#include "parse.h"

#define PAIR_LENGTH_MIN 16  /* no pair is so short */
#define MEMBER_LENGTH_MIN 5 /* nor is a member shorter, with its comma */
#define TOP_DEPTH 1         /* of the line's own members */
#define PAIR_DEPTH 3

struct cursor {
	const char *at;
	const char *end;
	char *text;         /* where the next decoded byte goes */
	const char **names; /* where the next unknown member's name goes */
	size_t depth_max;   /* of objects and arrays within each other */
	bool unusable;      /* a text holds what no C string can: see JSON_MARK_UNUSABLE */
};

static const char *const envelope_names[] = { "time", "SdkAppid", "ClientIP", "OptPlatform",
	"Erased", NULL };

enum {
	HAS_COMMAND = 1,
	HAS_GROUP = 2,
	HAS_MESSAGE = 4,
	HAS_TYPE = 8,
	HAS_LIST = 16,
	HAS_SEQ = 32,
	HAS_TIME = 64
};
enum { HAS_KEY = 1, HAS_VALUE = 2, HAS_VERSION = 4 };

/* Is it the first member of that kind? */
static inline bool
once(unsigned *seen, unsigned member)
{
	bool first = (*seen & member) == 0;

	*seen |= member;
	return first;
}

/* Takes the literal, which must come next. */
#define TAKE(cursor, literal) bytes_take(cursor, literal, sizeof(literal) - 1)

static inline bool
bytes_take(struct cursor *cursor, const char *text, size_t length)
{
	if ((size_t)(cursor->end - cursor->at) < length || memcmp(cursor->at, text, length) != 0)
		return false;
	cursor->at += length;
	return true;
}

/* Takes eight digits at once: all pairs of them together, all pairs of pairs, and both halves.  False: not all are. */
static inline bool
eight_digits_take(struct cursor *cursor, uint64_t *value)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7;
	uint64_t word;

	if (cursor->end - cursor->at < 8)
		return false;
	memcpy(&word, cursor->at, sizeof(word));
	word = le64toh(word) ^ ones * '0';
	if (((word | (word + ones * (0x80 - 10))) & tops) != 0)
		return false;
	word = word * 10 + (word >> 8);
	*value = ((word & UINT64_C(0xff000000ff)) * (100 + (UINT64_C(1000000) << 32)) +
		     (word >> 16 & UINT64_C(0xff000000ff)) * (1 + (UINT64_C(10000) << 32))) >>
	    32;
	cursor->at += 8;
	return true;
}

/*
 * Takes a plain integer, as integer_parse has it.  What has fewer than eight digits is read one by one: a processor
 * that foresees how many there are goes on with what follows, where it would wait for a count.
 */
static inline bool
integer_take(struct cursor *cursor, uint64_t *value)
{
	const char *from = cursor->at, *end, *at;
	uint64_t sum = 0;

	(void)eight_digits_take(cursor, &sum);
	at = cursor->at;
	end = cursor->end - at < 9 ? cursor->end : at + 9; /* which is too many */
	for (; at < end && *at >= '0' && *at <= '9'; at++)
		sum = sum * 10 + (uint64_t)(*at - '0');
	cursor->at = at;
	*value = sum;
	return at > from && (*from != '0' || at - from == 1) && sum <= INTEGER_MAX;
}

/* Decodes an escape as json.c and cJSON do. */
static bool
escape_take(struct cursor *cursor)
{
	int32_t character;
	size_t length = json_escape(cursor->at, cursor->end, &character);

	if (length == 0)
		return false;
	if (character >= 0) {
		cursor->text += utf8_put(cursor->text, (uint32_t)character);
	} else {
		cursor->unusable = true;
		*cursor->text++ = (char)JSON_MARK_UNUSABLE;
		for (int i = 2; i < 6; i++)
			*cursor->text++ = (char)(cursor->at[i] | 0x20); /* a digit has that bit */
	}
	cursor->at += length;
	return true;
}

/* Decodes what is no plain character of ASCII: an escape, or a character of UTF-8. */
static bool
character_take(struct cursor *cursor)
{
	size_t length;

	if (*cursor->at == '\\')
		return escape_take(cursor);
	if ((unsigned char)*cursor->at < 0x80)
		return false; /* a control character */
	length = utf8_length(cursor->at, cursor->end);
	memcpy(cursor->text, cursor->at, length);
	cursor->text += length;
	cursor->at += length;
	return length > 0;
}

/* Takes what is left of a string.  Apart from what most strings need, so that this has no registers to save. */
static __attribute__((noinline)) bool
string_decode(struct cursor *cursor)
{
	for (;;) {
		if (cursor->end - cursor->at >= 8) {
			size_t count = json_plain_length(cursor->at);

			memcpy(cursor->text, cursor->at, 8);
			cursor->text += count;
			cursor->at += count;
			if (count == 8)
				continue;
		} else {
			while (cursor->at < cursor->end && json_is_plain(*cursor->at))
				*cursor->text++ = *cursor->at++;
			if (cursor->at == cursor->end)
				return false;
		}
		if (*cursor->at == '"')
			break;
		if (!character_take(cursor))
			return false;
	}
	*cursor->text++ = '\0';
	cursor->at++;
	return true;
}

/* Takes the rest of a string with its closing quote; *text: what it says, NUL-terminated. */
static inline bool
string_take(struct cursor *cursor, const char **text)
{
	const char *at = cursor->at;
	char *to = cursor->text;
	size_t count = 8;

	*text = to;
	while (count == 8 && cursor->end - at >= 8) {
		count = json_plain_length(at);
		memcpy(to, at, 8); /* there is room; what is too much is overwritten */
		to += count;
		at += count;
	}
	cursor->at = at;
	cursor->text = to;
	if (at == cursor->end || *at != '"')
		return string_decode(cursor);
	*to = '\0';
	cursor->at = at + 1;
	cursor->text = to + 1;
	return true;
}

/* Likewise of a text that counts, which a C string must hold. */
static inline bool
text_take(struct cursor *cursor, const char **text)
{
	return string_take(cursor, text) && !cursor->unusable;
}

/* members that are not known */

static bool
digits_skip(struct cursor *cursor)
{
	const char *from = cursor->at;

	while (cursor->at < cursor->end && *cursor->at >= '0' && *cursor->at <= '9')
		cursor->at++;
	return cursor->at > from;
}

/* Takes any number of JSON's. */
static bool
number_skip(struct cursor *cursor)
{
	(void)TAKE(cursor, "-");
	if (!TAKE(cursor, "0") && !digits_skip(cursor))
		return false;
	if (TAKE(cursor, ".") && !digits_skip(cursor))
		return false;
	if (!TAKE(cursor, "e") && !TAKE(cursor, "E"))
		return true;
	if (!TAKE(cursor, "+"))
		(void)TAKE(cursor, "-");
	return digits_skip(cursor);
}

/* Takes a value that is neither object nor array. */
static bool
scalar_skip(struct cursor *cursor)
{
	const char *text;

	if (TAKE(cursor, "\""))
		return string_take(cursor, &text);
	return TAKE(cursor, "null") || TAKE(cursor, "true") || TAKE(cursor, "false") ||
	    number_skip(cursor);
}

/* Takes a name and its colon. */
static bool
name_take(struct cursor *cursor, const char **name)
{
	return TAKE(cursor, "\"") && string_take(cursor, name) && TAKE(cursor, ":");
}

/* Takes any value of JSON's, in an object that is itself so deep. */
static bool
value_skip(struct cursor *cursor, size_t outer)
{
	char ends[LINE_DEPTH_MAX + 1]; /* ends[n]: the bracket that ends what is open at depth n */
	size_t depth = outer;
	const char *name;

	for (;;) {
		if (TAKE(cursor, "{") || TAKE(cursor, "[")) {
			if (depth == cursor->depth_max)
				return false;
			ends[++depth] = cursor->at[-1] == '{' ? '}' : ']';
			if (!bytes_take(cursor, &ends[depth], 1)) {
				if (ends[depth] == '}' && !name_take(cursor, &name))
					return false;
				continue; /* with its first value */
			}
			depth--;
		} else if (!scalar_skip(cursor)) {
			return false;
		}
		while (depth > outer && bytes_take(cursor, &ends[depth], 1))
			depth--;
		if (depth == outer)
			return true;
		if (!TAKE(cursor, ",") || (ends[depth] == '}' && !name_take(cursor, &name)))
			return false;
	}
}

static bool
names_have(const char *const *names, const char *name)
{
	while (*names != NULL && strcmp(*names, name) != 0)
		names++;
	return *names != NULL;
}

/* Takes a member that does not count, of an object that is so deep, and keeps its name. */
static bool
unknown_take(struct cursor *cursor, const char *const *known, size_t depth)
{
	const char *name;

	if (!name_take(cursor, &name))
		return false;
	/* It is there twice, or is spelt with escapes, or has a value that is for the parser to judge. */
	if (names_have(known, name) || (depth == TOP_DEPTH && names_have(envelope_names, name)))
		return false;
	*cursor->names++ = name;
	if (!value_skip(cursor, depth))
		return false;
	cursor->unusable = false;
	return true;
}

static int
name_compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool
names_are_unique(const char **names, size_t count)
{
	bool unique = true;

	qsort(names, count, sizeof(*names), name_compare);
	for (size_t i = 1; i < count; i++)
		unique = unique && strcmp(names[i - 1], names[i]) != 0;
	return unique;
}

/* Forgets the names that were kept since; false: two of them are the same. */
static inline bool
names_end(struct cursor *cursor, const char **names)
{
	size_t count = (size_t)(cursor->names - names);

	cursor->names = names;
	return count < 2 || names_are_unique(names, count);
}

/* the envelope */

/* Reads so many digits and the byte after them. */
static inline bool
field_read(const char *at, int count, char after, int *value)
{
	*value = 0;
	for (int i = 0; i < count; i++) {
		if (at[i] < '0' || at[i] > '9')
			return false;
		*value = *value * 10 + (at[i] - '0');
	}
	return at[count] == after;
}

/* Takes the time, whose calendar is asked only when the day changes. */
static bool
time_take(struct shape *shape, struct cursor *cursor, int64_t *time)
{
	const char *at = cursor->at;
	int hour, minute, second, millisecond;

	if (cursor->end - at < SHAPE_DATE_SIZE + 14)
		return false;
	if (shape->date[0] == '\0' || memcmp(at, shape->date, SHAPE_DATE_SIZE) != 0) {
		char midnight[] = "YYYY-MM-DDT00:00:00.000Z";

		memcpy(midnight, at, SHAPE_DATE_SIZE);
		*time = time_parse(midnight);
		if (*time < 0)
			return false;
		memcpy(shape->date, midnight, SHAPE_DATE_SIZE);
		shape->midnight = *time;
	}
	at += SHAPE_DATE_SIZE;
	if (at[0] != 'T' || !field_read(at + 1, 2, ':', &hour) ||
	    !field_read(at + 4, 2, ':', &minute) || !field_read(at + 7, 2, '.', &second) ||
	    !field_read(at + 10, 3, 'Z', &millisecond) || hour > 23 || minute > 59 || second > 59)
		return false;
	cursor->at = at + 14;
	second += (hour * 60 + minute) * 60;
	*time = shape->midnight + (int64_t)second * 1000 + millisecond;
	return true;
}

/* Takes the ranges of versions and the bracket that ends them, as parse.c has them. */
static bool
erased_take(struct shape *shape, struct cursor *cursor, struct record *record)
{
	uint64_t least = 0;

	do {
		struct seq_range range;

		if (!TAKE(cursor, "[") || !integer_take(cursor, &range.first) ||
		    !TAKE(cursor, ",") || !integer_take(cursor, &range.last) ||
		    !TAKE(cursor, "]") || range.first < least || range.last < range.first)
			return false;
		if (record->erased_count == shape->erased_size) {
			size_t size = 2 * shape->erased_size + 4;
			struct seq_range *larger =
			    realloc(shape->erased, size * sizeof(*shape->erased));

			if (larger == NULL)
				return false;
			shape->erased = larger;
			shape->erased_size = size;
		}
		shape->erased[record->erased_count++] = range;
		least = range.last + 1;
	} while (TAKE(cursor, ","));
	record->erased = shape->erased;
	return TAKE(cursor, "]");
}

/* Takes the envelope, of which the receiver may leave out address and platform. */
static bool
envelope_take(struct shape *shape, struct cursor *cursor, struct record *record)
{
	const char *text;
	uint64_t number;

	if (!TAKE(cursor, "{\"time\":\"") || !time_take(shape, cursor, &record->time) ||
	    !TAKE(cursor, "\",\"SdkAppid\":") || !integer_take(cursor, &number))
		return false;
	if (TAKE(cursor, ",\"ClientIP\":\"") && !text_take(cursor, &text))
		return false;
	if (TAKE(cursor, ",\"OptPlatform\":\"") && !text_take(cursor, &text))
		return false;
	return !TAKE(cursor, ",\"Erased\":[") || erased_take(shape, cursor, record);
}

/* the body */

/* Takes the command, which may be spelt in any case, with blanks around it. */
static bool
command_take(struct cursor *cursor)
{
	const char *text;

	if (TAKE(cursor, COMMAND_OURS "\""))
		return true;
	return text_take(cursor, &text) && callback_read(text, strlen(text)) == CALLBACK_OURS;
}

/* Takes the group's id, which mostly is that of the line before. */
static bool
group_take(struct shape *shape, struct cursor *cursor, const char **group_id)
{
	const char *from = cursor->at;
	size_t length;

	if (shape->group_length > 0 && bytes_take(cursor, shape->group_id, shape->group_length)) {
		*group_id = shape->group_id;
		if (TAKE(cursor, "\""))
			return true;
		cursor->at = from;
	}
	if (!text_take(cursor, group_id))
		return false;
	length = strlen(*group_id);
	if (length < 1 || length > GROUP_ID_MAX)
		return false;
	if (memchr(from, '\\', (size_t)(cursor->at - from)) == NULL) {
		memcpy(shape->group_id, *group_id, length + 1);
		shape->group_length = length;
	}
	return true;
}

/* Takes a time, a number or a string. */
static bool
event_time_take(struct cursor *cursor, uint64_t *time)
{
	const char *text;

	if (!TAKE(cursor, "\""))
		return integer_take(cursor, time);
	return text_take(cursor, &text) && integer_parse(text, strlen(text), time);
}

/* Takes any of a pair's members. */
static bool
pair_member_take(struct cursor *cursor, struct event_pair *pair, unsigned *seen)
{
	if (TAKE(cursor, "\"Key\":\""))
		return once(seen, HAS_KEY) && text_take(cursor, &pair->key);
	if (TAKE(cursor, "\"Value\":\""))
		return once(seen, HAS_VALUE) && text_take(cursor, &pair->value);
	if (TAKE(cursor, "\"Seq\":"))
		return once(seen, HAS_VERSION) && integer_take(cursor, &pair->seq);
	return unknown_take(cursor, pair_names, PAIR_DEPTH);
}

/* Takes a pair.  all_have: those of its members that all pairs have so far. */
static inline bool
pair_take(struct cursor *cursor, struct event_pair *pair, unsigned *all_have)
{
	const char **names = cursor->names;
	unsigned seen = 0;

	*pair = (struct event_pair){ .value = "" };
	if (TAKE(cursor, "{\"Key\":\"")) {
		seen = HAS_KEY;
		if (!text_take(cursor, &pair->key))
			return false;
	} else if (!TAKE(cursor, "{") || !pair_member_take(cursor, pair, &seen)) {
		return false;
	}
	while (!TAKE(cursor, "}")) {
		const char *from = cursor->at;

		/* The vendor's order first. */
		if (TAKE(cursor, ",\"Value\":\"") &&
		    (!once(&seen, HAS_VALUE) || !text_take(cursor, &pair->value)))
			return false;
		if (TAKE(cursor, ",\"Seq\":") &&
		    (!once(&seen, HAS_VERSION) || !integer_take(cursor, &pair->seq)))
			return false;
		if (cursor->at == from &&
		    (!TAKE(cursor, ",") || !pair_member_take(cursor, pair, &seen)))
			return false;
	}
	*all_have &= seen;
	return names_end(cursor, names);
}

/* Takes the pairs and the bracket that ends them. */
static bool
pairs_take(struct shape *shape, struct cursor *cursor, struct event *event, unsigned *all_have)
{
	event->pairs = shape->pairs;
	if (TAKE(cursor, "]"))
		return true;
	do
		if (!pair_take(cursor, &shape->pairs[event->pair_count++], all_have))
			return false;
	while (TAKE(cursor, ","));
	return TAKE(cursor, "]");
}

/* What was found of an event's members. */
struct found {
	unsigned seen;
	unsigned pairs_have; /* what each pair has */
	uint64_t type;
};

/* Takes a member with a list of pairs, or null. */
static bool
list_take(struct shape *shape, struct cursor *cursor, struct event *event, struct found *found)
{
	if (TAKE(cursor, "["))
		return pairs_take(shape, cursor, event, &found->pairs_have);
	return TAKE(cursor, "null");
}

/* Takes the body's members and the bracket that ends them. */
static bool
members_take(struct shape *shape, struct cursor *cursor, struct event *event, struct found *found)
{
	unsigned seen = 0;

	while (!TAKE(cursor, "}")) {
		const char *from = cursor->at;

		/* The vendor's order first. */
		if (TAKE(cursor, ",\"CallbackCommand\":\"") &&
		    (!once(&seen, HAS_COMMAND) || !command_take(cursor)))
			return false;
		if (TAKE(cursor, ",\"GroupId\":\"") &&
		    (!once(&seen, HAS_GROUP) || !group_take(shape, cursor, &event->group_id)))
			return false;
		if (TAKE(cursor, ",\"MsgSeq\":") &&
		    (!once(&seen, HAS_MESSAGE) || !integer_take(cursor, &event->msg_seq)))
			return false;
		if (TAKE(cursor, ",\"OperateType\":") &&
		    (!once(&seen, HAS_TYPE) || !integer_take(cursor, &found->type)))
			return false;
		if (TAKE(cursor, ",\"ExtensionList\":") &&
		    (!once(&seen, HAS_LIST) || !list_take(shape, cursor, event, found)))
			return false;
		if (TAKE(cursor, ",\"Seq\":") &&
		    (!once(&seen, HAS_SEQ) || !integer_take(cursor, &event->seq)))
			return false;
		if (TAKE(cursor, ",\"EventTime\":") &&
		    (!once(&seen, HAS_TIME) || !event_time_take(cursor, &event->event_time)))
			return false;
		if (cursor->at == from &&
		    (!TAKE(cursor, ",") || !unknown_take(cursor, event_names, TOP_DEPTH)))
			return false;
	}
	found->seen = seen;
	return true;
}

/* Is all there that an event is made of? */
static bool
event_is_whole(const struct event *event, const struct found *found)
{
	const unsigned members = HAS_COMMAND | HAS_GROUP | HAS_MESSAGE | HAS_TYPE | HAS_SEQ;
	unsigned pairs =
	    HAS_KEY | HAS_VERSION | (event->operate_type == OPERATE_SET ? HAS_VALUE : 0);

	return (found->seen & members) == members && (found->pairs_have & pairs) == pairs &&
	    (event->pairs != NULL || event->operate_type == OPERATE_CLEAR);
}

/* Makes room for what a line of that length can hold. */
static bool
shape_fit(struct shape *shape, size_t length)
{
	size_t size = length + length / 2 + 64;
	size_t pairs = (size / PAIR_LENGTH_MIN + 1) * sizeof(*shape->pairs);
	size_t names = (size / MEMBER_LENGTH_MIN + 1) * sizeof(*shape->names);

	if (length <= shape->size)
		return true;
	shape_free(shape);
	shape->pairs = malloc(pairs + names + size);
	if (shape->pairs == NULL)
		return false;
	shape->names = (const char **)(void *)((char *)shape->pairs + pairs);
	shape->text = (char *)shape->names + names;
	shape->size = size;
	return true;
}

/*
 * Empties a record.  One member after the other: an empty struct's copy costs a third of all the time
 * that a line takes.
 */
static inline void
record_clear(struct record *record)
{
	struct event *event = &record->event;

	record->is_snapshot = false;
	record->kind = NULL;
	record->time = 0;
	event->group_id = NULL;
	event->msg_seq = event->seq = event->event_time = 0;
	event->operate_type = (enum operate_type)0;
	event->pairs = NULL;
	event->pair_count = 0;
	record->clear_seq = record->complete_up_to = record->first_seq = record->replaces = 0;
	record->deleted = record->unlisted = NULL;
	record->deleted_count = record->unlisted_count = 0;
	record->missing = NULL;
	record->missing_count = 0;
	record->erased = NULL;
	record->erased_count = 0;
}

/* Takes the body's members to the end of the bytes.  The cursor's place is their first comma. */
static bool
event_take(struct shape *shape, struct cursor *cursor, struct event *event, struct found *found)
{
	cursor->text = shape->text;
	cursor->names = shape->names;
	if (!members_take(shape, cursor, event, found) || cursor->at != cursor->end ||
	    found->type < OPERATE_SET || found->type > OPERATE_CLEAR)
		return false;
	event->operate_type = (enum operate_type)found->type;
	return event_is_whole(event, found) && names_end(cursor, shape->names);
}

bool
shape_read(struct shape *shape, const char *bytes, size_t length, struct record *record)
{
	struct cursor cursor = { .at = bytes, .end = bytes + length, .depth_max = LINE_DEPTH_MAX };
	struct event *event = &record->event;
	struct found found = { .pairs_have = ~0U };

	record_clear(record);
	if (!shape_fit(shape, length))
		return false;
	cursor.text = shape->text;
	if (!envelope_take(shape, &cursor, record))
		return false;
	shape->body = (size_t)(cursor.at - bytes);
	if (!event_take(shape, &cursor, event, &found))
		return false;
	if (event->operate_type == OPERATE_CLEAR)
		record->clear_seq = event->seq;
	return true;
}

bool
shape_fits(const char *bytes, size_t length)
{
	struct shape shape = { 0 };
	struct record record;
	bool fits = shape_read(&shape, bytes, length, &record);

	shape_free(&shape);
	return fits;
}

/* what a request brings */

/* What the receiver demands besides: see document_event. */
static bool
event_is_received(const struct event *event, const struct found *found)
{
	const char *group_id = event->group_id;

	while ((unsigned char)*group_id >= 0x20 && *group_id != 0x7f)
		group_id++;
	return *group_id == '\0' && (found->seen & HAS_TIME) != 0;
}

char *
shape_line(struct shape *shape, const struct shape_request *request, struct event *event,
    size_t *length)
{
	struct cursor cursor = { .depth_max = JSON_DEPTH_MAX };
	struct found found = { .pairs_have = ~0U };
	char *line, *members;
	size_t size;

	/* No value is shorter than a byte. */
	if (request->length > JSON_VALUES_MAX || !shape_fit(shape, request->length))
		return NULL;
	line = malloc(envelope_size(request->envelope) + request->length + 1);
	if (line == NULL)
		return NULL;
	members = line + envelope_put(line, request->envelope) - 1;
	size = json_compact(members, request->bytes, request->length);
	if (size == 0 || *members != '{')
		goto other;
	*members = ','; /* in place of the body's bracket */
	cursor.at = members;
	cursor.end = members + size;
	*event = (struct event){ 0 };
	if (!event_take(shape, &cursor, event, &found) || !event_is_received(event, &found))
		goto other;
	members[size] = '\n';
	*length = (size_t)(members - line) + size + 1;
	return line;
other:
	free(line);
	return NULL;
}

void
shape_free(struct shape *shape)
{
	free(shape->pairs);
	free(shape->erased);
	*shape = (struct shape){ 0 };
}

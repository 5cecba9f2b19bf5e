/*
 * shape.c - a line as msgext itself writes it, read without a parser.
 *
 * Nearly every line of a log has the members that the vendor documents, in the
 * order in which the vendor sends them, behind the envelope in the order in
 * which document_line puts it.  Such a line is compared with that text and
 * needs neither copies nor a tree.  This is no second parser: whatever departs
 * from the shape, be it valid or not, is left to parse.c, which decides.  So
 * what is taken here must be taken there, and as the same record;
 * tests/fuzz/fuzz-shape.c holds the two together.
 *
 * Since names and their order are fixed, none stands twice; since what stands
 * between strings and digits is fixed, only strings can hold invalid UTF-8.
 */
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "log/shape.h"
#include "base/base.h"
#include "base/fault.h"
#include "base/text.h"
#include "base/time.h"
#include "log/line.h"
#include "log/scan.h"
#include "parse.h"

#define PAIR_LENGTH_MIN 16 /* no pair is so short */

struct cursor {
	const char *at;
	const char *end;
	char *text; /* where the next decoded byte goes */
};

/* Takes the literal, which must come next. */
#define TAKE(cursor, literal) text_take(cursor, literal, sizeof(literal) - 1)

static inline bool
text_take(struct cursor *cursor, const char *text, size_t length)
{
	if ((size_t)(cursor->end - cursor->at) < length || memcmp(cursor->at, text, length) != 0)
		return false;
	cursor->at += length;
	return true;
}

/* Takes a plain integer, as integer_parse has it. */
static inline bool
integer_take(struct cursor *cursor, uint64_t *value)
{
	const char *from = cursor->at, *at = from;
	uint64_t sum = 0;

	while (at < cursor->end && *at >= '0' && *at <= '9' && at - from < 17)
		sum = sum * 10 + (uint64_t)(*at++ - '0');
	cursor->at = at;
	*value = sum;
	return at > from && at - from < 17 && (*from != '0' || at - from == 1) &&
	    sum <= INTEGER_MAX;
}

/* May the byte stand in a string, for itself and by itself? */
static inline bool
byte_is_plain(char c)
{
	return (unsigned char)c >= 0x20 && (unsigned char)c < 0x80 && c != '"' && c != '\\';
}

/*
 * How many of the next eight bytes are, up to the first that is not.  A borrow or
 * carry can only spoil what lies above a byte that is not plain.
 */
static inline size_t
bytes_plain(const char *at)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7;
	uint64_t word, quotes, slashes, found;

	memcpy(&word, at, sizeof(word));
	word = le64toh(word);
	quotes = word ^ ones * '"';
	slashes = word ^ ones * '\\';
	found = (word | (word - ones * 0x20) | (quotes - ones) | (slashes - ones)) & tops;
	return found == 0 ? 8 : (size_t)__builtin_ctzll(found) / 8;
}

/* The byte that \c stands for; 0: not for one, or left to the parser. */
static char
escape_value(char c)
{
	switch (c) {
	case '"':
	case '\\':
	case '/':
		return c;
	case 'b':
		return '\b';
	case 'f':
		return '\f';
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	default:
		return '\0';
	}
}

/* Decodes what is no plain character of ASCII: an escape, or a character of UTF-8. */
static bool
character_take(struct cursor *cursor)
{
	size_t length;
	char c = '\0';

	if (*cursor->at == '\\') {
		if (cursor->end - cursor->at >= 2)
			c = escape_value(cursor->at[1]);
		if (c == '\0')
			return false;
		*cursor->text++ = c;
		cursor->at += 2;
		return true;
	}
	if ((unsigned char)*cursor->at < 0x80)
		return false; /* a control character */
	length = utf8_length(cursor->at, cursor->end);
	memcpy(cursor->text, cursor->at, length);
	cursor->text += length;
	cursor->at += length;
	return length > 0;
}

/* Takes the rest of a string with its closing quote; *text: what it says, NUL-terminated. */
static inline bool
string_take(struct cursor *cursor, const char **text)
{
	const char *at = cursor->at;
	char *to = cursor->text;

	*text = to;
	for (;;) {
		if (cursor->end - at >= 8) {
			size_t count = bytes_plain(at);

			memcpy(to, at, 8); /* there is room; what is too much is overwritten */
			to += count;
			at += count;
			if (count == 8)
				continue;
		} else {
			while (at < cursor->end && byte_is_plain(*at))
				*to++ = *at++;
			if (at == cursor->end)
				return false;
		}
		if (*at == '"')
			break;
		cursor->at = at;
		cursor->text = to;
		if (!character_take(cursor))
			return false;
		at = cursor->at;
		to = cursor->text;
	}
	*to = '\0';
	cursor->at = at + 1;
	cursor->text = to + 1;
	return true;
}

static inline bool
digits_take(struct cursor *cursor, int count, int *value)
{
	*value = 0;
	for (int i = 0; i < count; i++, cursor->at++) {
		if (*cursor->at < '0' || *cursor->at > '9')
			return false;
		*value = *value * 10 + (*cursor->at - '0');
	}
	return true;
}

/* Takes the time, whose calendar is asked only when the day changes. */
static bool
time_take(struct shape *shape, struct cursor *cursor, int64_t *time)
{
	int hour, minute, second, millisecond;

	if (cursor->end - cursor->at < SHAPE_DATE_SIZE + 14)
		return false;
	if (shape->date[0] == '\0' || memcmp(cursor->at, shape->date, SHAPE_DATE_SIZE) != 0) {
		char midnight[] = "YYYY-MM-DDT00:00:00.000Z";

		memcpy(midnight, cursor->at, SHAPE_DATE_SIZE);
		*time = time_parse(midnight);
		if (*time < 0)
			return false;
		memcpy(shape->date, midnight, SHAPE_DATE_SIZE);
		shape->midnight = *time;
	}
	cursor->at += SHAPE_DATE_SIZE;
	if (!TAKE(cursor, "T") || !digits_take(cursor, 2, &hour) || !TAKE(cursor, ":") ||
	    !digits_take(cursor, 2, &minute) || !TAKE(cursor, ":") ||
	    !digits_take(cursor, 2, &second) || !TAKE(cursor, ".") ||
	    !digits_take(cursor, 3, &millisecond) || !TAKE(cursor, "Z") || hour > 23 ||
	    minute > 59 || second > 59)
		return false;
	second += (hour * 60 + minute) * 60;
	*time = shape->midnight + (int64_t)second * 1000 + millisecond;
	return true;
}

/*
 * Takes a member of the body that bore a name of the envelope's: the rest of its name, and a
 * number or a string.  taken: a bit for each that was there already.
 */
static bool
own_take(struct cursor *cursor, unsigned *taken)
{
	static const char *const names[] = { "time\":", "SdkAppid\":", "ClientIP\":",
		"OptPlatform\":" };
	const char *text;
	uint64_t number;

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!text_take(cursor, names[i], strlen(names[i])))
			continue;
		if ((*taken & 1U << i) != 0)
			return false;
		*taken |= 1U << i;
		return TAKE(cursor, "\"") ? string_take(cursor, &text)
					  : integer_take(cursor, &number);
	}
	return false;
}

/* Takes the envelope, of which the receiver may leave out address and platform. */
static bool
envelope_take(struct shape *shape, struct cursor *cursor, int64_t *time, unsigned *taken)
{
	const char *text;
	uint64_t number;

	if (!TAKE(cursor, "{\"time\":\"") || !time_take(shape, cursor, time) ||
	    !TAKE(cursor, "\",\"SdkAppid\":") || !integer_take(cursor, &number) ||
	    !TAKE(cursor, ",\""))
		return false;
	if (TAKE(cursor, "ClientIP\":\"") && (!string_take(cursor, &text) || !TAKE(cursor, ",\"")))
		return false;
	if (TAKE(cursor, "OptPlatform\":\"") &&
	    (!string_take(cursor, &text) || !TAKE(cursor, ",\"")))
		return false;
	while (TAKE(cursor, "body."))
		if (!own_take(cursor, taken) || !TAKE(cursor, ",\""))
			return false;
	return TAKE(cursor, "CallbackCommand\":\"" COMMAND_OURS "\",\"GroupId\":\"");
}

/* Takes the group's id, which mostly is that of the line before. */
static bool
group_take(struct shape *shape, struct cursor *cursor)
{
	const char *text, *from = cursor->at;
	size_t length;

	if (shape->group_length > 0 && text_take(cursor, shape->group_id, shape->group_length)) {
		if (TAKE(cursor, "\""))
			return true;
		cursor->at = from;
	}
	if (!string_take(cursor, &text))
		return false;
	length = (size_t)(cursor->at - from) - 1;
	if (length < 1 || length > GROUP_ID_MAX || memchr(from, '\\', length) != NULL ||
	    memchr(from, 0x7f, length) != NULL)
		return false;
	memcpy(shape->group_id, text, length + 1);
	shape->group_length = length;
	return true;
}

static inline bool
pair_take(struct cursor *cursor, enum operate_type type, struct event_pair *pair)
{
	if (!TAKE(cursor, "{\"Key\":\"") || !string_take(cursor, &pair->key))
		return false;
	pair->value = "";
	if (TAKE(cursor, ",\"Value\":\"")) {
		if (!string_take(cursor, &pair->value))
			return false;
	} else if (type == OPERATE_SET) {
		return false;
	}
	return TAKE(cursor, ",\"Seq\":") && integer_take(cursor, &pair->seq) && TAKE(cursor, "}");
}

/* Takes the pairs and the bracket that ends them. */
static bool
pairs_take(struct shape *shape, struct cursor *cursor, struct event *event)
{
	event->pairs = shape->pairs;
	if (TAKE(cursor, "]"))
		return true;
	do
		if (!pair_take(cursor, event->operate_type, &shape->pairs[event->pair_count++]))
			return false;
	while (TAKE(cursor, ","));
	return TAKE(cursor, "]");
}

/* Makes room for what a line of that length can hold. */
static bool
shape_fit(struct shape *shape, size_t length)
{
	size_t size = length + length / 2 + 4096;

	if (length <= shape->size)
		return true;
	shape_free(shape);
	shape->text = malloc(size);
	shape->pairs = malloc((size / PAIR_LENGTH_MIN + 1) * sizeof(*shape->pairs));
	if (shape->text == NULL || shape->pairs == NULL) {
		shape_free(shape);
		return false;
	}
	shape->size = size;
	return true;
}

bool
shape_read(struct shape *shape, const char *bytes, size_t length, struct record *record)
{
	struct cursor cursor = { .at = bytes, .end = bytes + length };
	struct event *event = &record->event;
	unsigned taken = 0;
	uint64_t type;

	*record = (struct record){ 0 };
	if (!shape_fit(shape, length))
		return false;
	cursor.text = shape->text;
	if (!envelope_take(shape, &cursor, &record->time, &taken) || !group_take(shape, &cursor) ||
	    !TAKE(&cursor, ",\"MsgSeq\":") || !integer_take(&cursor, &event->msg_seq) ||
	    !TAKE(&cursor, ",\"OperateType\":") || !integer_take(&cursor, &type) ||
	    type < OPERATE_SET || type > OPERATE_CLEAR || !TAKE(&cursor, ",\"ExtensionList\":["))
		return false;
	event->operate_type = (enum operate_type)type;
	if (!pairs_take(shape, &cursor, event) || !TAKE(&cursor, ",\"Seq\":") ||
	    !integer_take(&cursor, &event->seq) || !TAKE(&cursor, ",\"EventTime\":") ||
	    !integer_take(&cursor, &event->event_time))
		return false;
	while (TAKE(&cursor, ",\"body."))
		if (!own_take(&cursor, &taken))
			return false;
	if (!TAKE(&cursor, "}") || cursor.at != cursor.end)
		return false;
	event->group_id = shape->group_id;
	if (event->operate_type == OPERATE_CLEAR)
		record->clear_seq = event->seq;
	return true;
}

void
shape_free(struct shape *shape)
{
	free(shape->text);
	free(shape->pairs);
	*shape = (struct shape){ 0 };
}

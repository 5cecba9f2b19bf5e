/*
 * json.c - the strict check that a text passes before cJSON sees it.
 *
 * cJSON accepts what a log must not hold: invalid UTF-8, raw control bytes, "01", and text after
 * the end; and it cuts strings at \u0000.  It also refuses what RFC 8259 allows: lone surrogates,
 * and numbers of 64 characters.  So one pass of our own decides what is JSON.  It writes two
 * copies:
 *
 *  - text: the document byte for byte, without the white space between tokens.  This is what is
 *    stored.  Nothing in it is ever printed again from values.
 *  - view: what cJSON gets.  Tokens that cJSON cannot hold are replaced by ones that it can.  They
 *    are chosen so that reading a field still fails where it must: a number that is not a plain
 *    integer becomes -1, and a character that no C string can hold becomes a byte that UTF-8 does
 *    not have.
 *
 * The pass is recursive descent, one function for each production of the RFC's grammar.  The depth
 * limit bounds the stack.  It allocates one block, whose size depends only on the input's: no token
 * grows by more than its mark, and only tokens that hold an escape are marked.
 */
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "base/fault.h"
#include "base/text.h"

struct gate {
	const unsigned char *start;
	const unsigned char *at;
	const unsigned char *end;
	char *text; /* where the next byte of the copies goes; or both NULL */
	char *view;
	int depth_max;
	size_t values;
	struct fault *fault;
};

static int value_check(struct gate *gate, int depth);

static int
refuse(struct gate *gate, enum fault_code code, const char *reason)
{
	return fault_set(gate->fault, code, "body: not strict JSON at byte %zu: %s",
	    (size_t)(gate->at - gate->start), reason);
}

static void
put(char **to, const void *bytes, size_t length)
{
	if (*to == NULL)
		return;
	memcpy(*to, bytes, length);
	*to += length;
}

static void
put_both(struct gate *gate, const void *bytes, size_t length)
{
	put(&gate->text, bytes, length);
	put(&gate->view, bytes, length);
}

/* The next byte, or -1 at the end. */
static int
peek(const struct gate *gate)
{
	return gate->at < gate->end ? *gate->at : -1;
}

static void
space_skip(struct gate *gate)
{
	for (int c = peek(gate); c == ' ' || c == '\n' || c == '\r' || c == '\t'; c = peek(gate))
		gate->at++;
}

/* Takes the byte c, which must come next, and writes it to both copies. */
static int
expect(struct gate *gate, char c, const char *reason)
{
	if (peek(gate) != c)
		return refuse(gate, FAULT_JSON_MALFORMED, reason);
	gate->at++;
	put_both(gate, &c, 1);
	return 0;
}

/* The value of the \uXXXX at p, or -1 where there is none before end. */
static int32_t
unicode_escape(const char *p, const char *end)
{
	int32_t value = 0;

	if (end - p < 6 || p[0] != '\\' || p[1] != 'u')
		return -1;
	for (int i = 2; i < 6; i++) {
		int digit = hex_digit(p[i]);

		if (digit < 0)
			return -1;
		value = value << 4 | digit;
	}
	return value;
}

size_t
json_escape(const char *at, const char *end, int32_t *character)
{
	static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
	const char *letter = end - at < 2 || at[1] == '\0' ? NULL : strchr(letters, at[1]);
	int32_t first, second;

	if (letter != NULL) {
		*character = (unsigned char)meanings[letter - letters];
		return 2;
	}
	first = unicode_escape(at, end);
	if (first < 0)
		return 0;
	*character = first == 0 || (first >= 0xd800 && first <= 0xdfff) ? -1 : first;
	if (first < 0xd800 || first > 0xdbff)
		return 6;
	second = unicode_escape(at + 6, end);
	if (second < 0xdc00 || second > 0xdfff)
		return 6;
	*character = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
	return 12;
}

/* As json_escape.  usable: can a C string in UTF-8 hold the character? */
static size_t
escape_length(const unsigned char *p, const unsigned char *end, bool *usable)
{
	int32_t character = -1;
	size_t length = json_escape((const char *)p, (const char *)end, &character);

	*usable = character >= 0;
	return length;
}

/* Copies the inside of a checked string to the view, and marks what cJSON cannot hold. */
static void
view_put_marked(struct gate *gate, const unsigned char *p, const unsigned char *end)
{
	static const unsigned char mark = JSON_MARK_UNUSABLE;

	while (p < end) {
		bool usable = true;
		size_t length = *p == '\\' ? escape_length(p, end, &usable) : 1;

		if (usable) {
			put(&gate->view, p, length);
		} else {
			put(&gate->view, &mark, 1);
			/*
			 * In small letters: names that differ only in the case of digits are the
			 * same.
			 */
			for (int i = 2; i < 6; i++)
				put(&gate->view, &hex_digits[hex_digit(p[i])], 1);
		}
		p += length;
	}
}

/* Checks the inside of a string up to its closing quote, and stops at the quote. */
static int
string_scan(struct gate *gate, bool *escaped, bool *all_usable)
{
	int c;

	for (;;) {
		size_t length = 1;

		while (gate->end - gate->at >= 8) {
			size_t plain = json_plain_length((const char *)gate->at);

			gate->at += plain;
			if (plain < 8)
				break;
		}
		c = peek(gate);
		if (c == '"')
			return 0;
		if (c < 0)
			return refuse(gate, FAULT_JSON_MALFORMED, "the string does not end");
		if (c < 0x20)
			return refuse(gate, FAULT_JSON_MALFORMED,
			    "raw control character in a string");
		if (c == '\\') {
			bool usable;

			length = escape_length(gate->at, gate->end, &usable);
			if (length == 0)
				return refuse(gate, FAULT_JSON_MALFORMED, "unknown escape");
			*escaped = true;
			*all_usable = *all_usable && usable;
		} else if (c >= 0x80) {
			length = utf8_length((const char *)gate->at, (const char *)gate->end);
			if (length == 0)
				return refuse(gate, FAULT_JSON_ENCODING, "invalid UTF-8");
		}
		gate->at += length;
	}
}

static int
string_check(struct gate *gate, bool is_name)
{
	static const unsigned char mark = JSON_MARK_ESCAPED_NAME;
	const unsigned char *inside;
	size_t length;
	bool escaped = false, all_usable = true;

	if (expect(gate, '"', "expected a string") != 0)
		return -1;
	inside = gate->at;
	if (string_scan(gate, &escaped, &all_usable) != 0)
		return -1;
	length = (size_t)(gate->at - inside);
	put(&gate->text, inside, length);
	if (is_name && escaped)
		put(&gate->view, &mark, 1);
	if (all_usable)
		put(&gate->view, inside, length);
	else if (gate->view != NULL)
		view_put_marked(gate, inside, gate->at);
	return expect(gate, '"', "the string does not end");
}

/* Skips ASCII digits.  False: there is none. */
static bool
digits_skip(struct gate *gate)
{
	const unsigned char *from = gate->at;

	while (peek(gate) >= '0' && peek(gate) <= '9')
		gate->at++;
	return gate->at > from;
}

static int
number_check(struct gate *gate)
{
	const unsigned char *from = gate->at;
	size_t length;
	uint64_t value;

	if (peek(gate) == '-')
		gate->at++;
	if (peek(gate) == '0')
		gate->at++;
	else if (!digits_skip(gate))
		return refuse(gate, FAULT_JSON_MALFORMED, "expected a value");
	if (peek(gate) == '.') {
		gate->at++;
		if (!digits_skip(gate))
			return refuse(gate, FAULT_JSON_MALFORMED, "expected a digit");
	}
	if (peek(gate) == 'e' || peek(gate) == 'E') {
		gate->at++;
		if (peek(gate) == '+' || peek(gate) == '-')
			gate->at++;
		if (!digits_skip(gate))
			return refuse(gate, FAULT_JSON_MALFORMED, "expected a digit");
	}
	length = (size_t)(gate->at - from);
	put(&gate->text, from, length);
	if (integer_parse((const char *)from, length, &value))
		put(&gate->view, from, length);
	else
		put(&gate->view, "-1", 2);
	return 0;
}

static int
literal_check(struct gate *gate, const char *literal)
{
	size_t length = strlen(literal);

	if ((size_t)(gate->end - gate->at) < length || memcmp(gate->at, literal, length) != 0)
		return refuse(gate, FAULT_JSON_MALFORMED, "expected a value");
	gate->at += length;
	put_both(gate, literal, length);
	return 0;
}

/* Checks the name and the colon before an object's value. */
static int
name_check(struct gate *gate)
{
	space_skip(gate);
	if (peek(gate) != '"')
		return refuse(gate, FAULT_JSON_MALFORMED, "expected a member name");
	if (string_check(gate, true) != 0)
		return -1;
	space_skip(gate);
	return expect(gate, ':', "expected ':'");
}

/* Checks an object (close '}') or an array (close ']'). */
static int
container_check(struct gate *gate, int depth, char close)
{
	const char *expected = close == '}' ? "expected ',' or '}'" : "expected ',' or ']'";

	if (depth > gate->depth_max)
		return refuse(gate, FAULT_JSON_DEPTH, "nested too deep");
	put_both(gate, gate->at++, 1);
	space_skip(gate);
	if (peek(gate) == close)
		return expect(gate, close, expected);
	for (;;) {
		if (close == '}' && name_check(gate) != 0)
			return -1;
		if (value_check(gate, depth) != 0)
			return -1;
		space_skip(gate);
		if (peek(gate) == close)
			return expect(gate, close, expected);
		if (expect(gate, ',', expected) != 0)
			return -1;
	}
}

static int
value_check(struct gate *gate, int depth)
{
	gate->values++;
	space_skip(gate);
	switch (peek(gate)) {
	case '{':
		return container_check(gate, depth + 1, '}');
	case '[':
		return container_check(gate, depth + 1, ']');
	case '"':
		return string_check(gate, false);
	case 't':
		return literal_check(gate, "true");
	case 'f':
		return literal_check(gate, "false");
	case 'n':
		return literal_check(gate, "null");
	default:
		return number_check(gate);
	}
}

int
json_check(const char *bytes, size_t length, int depth_max, struct json_copy *copy,
    struct fault *fault)
{
	struct gate gate = { .depth_max = depth_max, .fault = fault };

	gate.start = gate.at = (const unsigned char *)bytes;
	gate.end = gate.start + length;
	if (copy != NULL) {
		/*
		 * Only a name's mark makes a copy longer, and the name's escape has at least 2
		 * bytes, plus quotes.
		 */
		copy->text = malloc(length + 1 + length + length / 2 + 1);
		if (copy->text == NULL)
			return fault_memory(fault);
		copy->view = copy->text + length + 1;
		gate.text = copy->text;
		gate.view = copy->view;
	}
	if (value_check(&gate, 0) != 0)
		goto fail;
	space_skip(&gate);
	if (gate.at < gate.end) {
		refuse(&gate, FAULT_JSON_MALFORMED, "text after the end");
		goto fail;
	}
	if (copy != NULL) {
		copy->text_length = (size_t)(gate.text - copy->text);
		copy->view_length = (size_t)(gate.view - copy->view);
		copy->values = gate.values;
		*gate.text = *gate.view = '\0';
	}
	return 0;
fail:
	if (copy != NULL)
		json_copy_free(copy);
	return -1;
}

void
json_copy_free(struct json_copy *copy)
{
	free(copy->text);
	*copy = (struct json_copy){ 0 };
}

static bool
byte_is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* Can the byte be at the edge of a number or a literal? */
static bool
byte_is_of_word(char c)
{
	return strchr("{}[],:\"", c) == NULL || c == '\0';
}

/* The length of the string that begins at text with its quotes; what does not end ends at end. */
static size_t
string_length(const char *text, const char *end)
{
	const char *at = text + 1;

	while (at < end) {
		size_t plain = end - at >= 8 ? json_plain_length(at) : 0;

		at += plain;
		if (plain == 8)
			continue;
		if (*at == '"')
			return (size_t)(at + 1 - text);
		at += *at == '\\' ? 2 : 1;
	}
	return (size_t)(end - text);
}

/* Has the text a byte that may be white space, or another of 0x20 or below? */
static bool
text_has_space(const char *text, size_t length)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7;
	uint64_t found = 0, word;
	size_t at = 0;

	for (; at + sizeof(word) <= length; at += sizeof(word)) {
		memcpy(&word, text + at, sizeof(word));
		found |= (word - ones * 0x21) & ~word & tops;
	}
	for (; at < length; at++)
		found |= (unsigned char)text[at] <= 0x20;
	return found != 0;
}

size_t
json_compact(char *to, const char *text, size_t length)
{
	const char *at = text, *from = text, *end = text + length;
	char *start = to;

	if (!text_has_space(text, length)) { /* nor in its strings, as most bodies */
		memcpy(to, text, length);
		return length;
	}
	while (at < end) {
		if (*at == '"') {
			at += string_length(at, end);
		} else if (!byte_is_space(*at)) {
			at++;
		} else {
			memcpy(to, from, (size_t)(at - from));
			to += at - from;
			while (at < end && byte_is_space(*at))
				at++;
			if (to > start && at < end && byte_is_of_word(to[-1]) &&
			    byte_is_of_word(*at))
				return 0;
			from = at;
		}
	}
	memcpy(to, from, (size_t)(at - from));
	return (size_t)(to - start) + (size_t)(at - from);
}

const char *
json_token_end(const char *at)
{
	for (int depth = 0;; at++) {
		if (*at == '"')
			for (at++; *at != '"'; at++)
				at += *at == '\\';
		else if (*at == '{' || *at == '[')
			depth++;
		else if (depth == 0 && (*at == ',' || *at == ':' || *at == '}' || *at == ']'))
			return at;
		else if (*at == '}' || *at == ']')
			depth--;
	}
}

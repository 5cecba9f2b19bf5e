/*
 * All short texts: what json_check takes for JSON, and what it copies, against a decoder that was
 * written from RFC 8259 and from what json.h promises, in another way.
 *
 * json.c is one pass of recursive descent over bytes.  This is three passes: bytes to characters,
 * characters to tokens, and tokens to a value, by a stack.
 */
#include "base/fault.h"
#include "json.h"
#include "short.h"
#include "unit.h"

#define DEPTH_MAX 2

int __wrap_fault_set(struct fault *fault, enum fault_code code, const char *format, ...);

/* Millions of texts are refused: what a fault says takes longer than to find it. */
int
__wrap_fault_set(struct fault *fault, enum fault_code code, const char *format, ...)
{
	(void)format;
	fault->code = code;
	return -1;
}

/* the first pass: RFC 3629 */

struct character {
	uint32_t code;
	size_t at; /* its first byte */
};

/* How many characters the bytes are; -1: they are not UTF-8. */
static int
characters_read(const char *bytes, size_t length, struct character *to)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	int count = 0;

	for (size_t i = 0; i < length;) {
		unsigned char head = (unsigned char)bytes[i];
		size_t ones = 0;
		uint32_t code;

		while (ones < 8 && (head >> (7 - ones) & 1) != 0)
			ones++;
		if (ones == 1 || ones > 4)
			return -1;
		code = ones == 0 ? head : head & (0x7fU >> ones);
		for (size_t j = 1; j < ones; j++) {
			if (i + j >= length || ((unsigned char)bytes[i + j] >> 6) != 2)
				return -1;
			code = code * 64 + (unsigned char)bytes[i + j] % 64;
		}
		if (code < least[ones] || code > 0x10ffff || code / 0x800 == 0x1b)
			return -1;
		to[count++] = (struct character){ code, i };
		i += ones == 0 ? 1 : ones;
	}
	to[count] = (struct character){ UINT32_MAX, length };
	return count;
}

/* the second pass: tokens */

/* A token's kind: its only byte, or '"' for a string, '0' for a number, 'n' for a literal. */
struct token {
	char kind;
	size_t start, end; /* bytes */
	bool escaped;
};

static bool
code_is_in(uint32_t code, const char *set)
{
	return code > 0 && code < 0x80 && strchr(set, (int)code) != NULL;
}

static size_t
digits_count(const struct character *from)
{
	size_t count = 0;

	while (code_is_in(from[count].code, "0123456789"))
		count++;
	return count;
}

/* How many characters the number at the beginning has; 0: there is none. */
static size_t
number_length(const struct character *from)
{
	size_t at = from[0].code == '-', digits = digits_count(from + at);

	if (digits == 0 || (digits > 1 && from[at].code == '0'))
		return 0;
	at += digits;
	if (from[at].code == '.') {
		digits = digits_count(from + at + 1);
		if (digits == 0)
			return 0;
		at += 1 + digits;
	}
	if (code_is_in(from[at].code, "eE")) {
		at += 1 + (size_t)code_is_in(from[at + 1].code, "+-");
		digits = digits_count(from + at);
		at = digits == 0 ? 0 : at + digits;
	}
	return at;
}

/* How many characters the string at the beginning has, with its quotes; 0: there is none. */
static size_t
string_length(const struct character *from, bool *escaped)
{
	size_t at = 1;

	for (; from[at].code != '"'; at++) {
		if (from[at].code == UINT32_MAX || from[at].code < 0x20)
			return 0;
		if (from[at].code != '\\')
			continue;
		*escaped = true;
		at++;
		if (from[at].code == 'u') {
			for (int i = 0; i < 4; i++)
				if (!code_is_in(from[++at].code, "0123456789abcdefABCDEF"))
					return 0;
		} else if (!code_is_in(from[at].code, "\"\\/bfnrt")) {
			return 0;
		}
	}
	return at + 1;
}

static size_t
literal_length(const struct character *from, const char *bytes)
{
	static const char *const literals[] = { "true", "false", "null" };

	for (size_t i = 0; i < 3; i++)
		if (strncmp(bytes + from[0].at, literals[i], strlen(literals[i])) == 0)
			return strlen(literals[i]);
	return 0;
}

/* How many tokens the characters are; -1: they are not tokens. */
static int
tokens_read(const char *bytes, const struct character *at, struct token *to)
{
	int count = 0;

	while (at->code != UINT32_MAX) {
		struct token token = { .kind = 'n', .start = at->at };
		size_t length = 1;

		if (code_is_in(at->code, " \t\r\n")) {
			at++;
			continue;
		}
		if (code_is_in(at->code, "[]{},:")) {
			token.kind = (char)at->code;
		} else if (at->code == '"') {
			token.kind = '"';
			length = string_length(at, &token.escaped);
		} else if (code_is_in(at->code, "-0123456789")) {
			token.kind = '0';
			length = number_length(at);
		} else {
			length = literal_length(at, bytes);
		}
		if (length == 0)
			return -1;
		at += length;
		token.end = at->at;
		to[count++] = token;
	}
	return count;
}

/* the third pass: a value */

/* What may come next. */
enum state { VALUE, FIRST_VALUE, FIRST_NAME, NAME, COLON, AFTER };

/* One token.  open: the brackets that are open.  False: it must not stand there. */
static bool
token_take(struct token *token, char *open, size_t *depth, enum state *state)
{
	char kind = token->kind, inner = *depth > 0 ? open[*depth - 1] : '\0';
	bool ends = (kind == ']' && inner == '[' && (*state == FIRST_VALUE || *state == AFTER)) ||
	    (kind == '}' && inner == '{' && (*state == FIRST_NAME || *state == AFTER));

	if (ends) {
		--*depth;
		*state = AFTER;
		return true;
	}
	switch (*state) {
	case VALUE:
	case FIRST_VALUE:
		if (strchr("]},:", kind) != NULL)
			return false;
		*state = kind == '[' ? FIRST_VALUE : kind == '{' ? FIRST_NAME : AFTER;
		if (*state != AFTER)
			open[(*depth)++] = kind;
		return true;
	case FIRST_NAME:
	case NAME:
		*state = COLON;
		token->kind = 'N';
		return kind == '"';
	case COLON:
		*state = VALUE;
		return kind == ':';
	default:
		*state = inner == '{' ? NAME : VALUE;
		return kind == ',' && *depth > 0;
	}
}

/* Are the tokens one value?  deepest: receives how deep it is nested. */
static bool
value_is_one(struct token *tokens, int count, size_t *deepest)
{
	char open[257];
	size_t depth = 0;
	enum state state = VALUE;

	*deepest = 0;
	for (int i = 0; i < count; i++) {
		if (!token_take(&tokens[i], open, &depth, &state))
			return false;
		if (depth > *deepest)
			*deepest = depth;
	}
	return state == AFTER && depth == 0;
}

/* what the copies must be */

static size_t
number_view(const char *bytes, size_t length, char *to)
{
	char *end;
	double value;

	memcpy(to, bytes, length);
	to[length] = '\0';
	value = strtod(to, &end);
	if (strspn(to, "0123456789") == length && value <= 9007199254740992.0 &&
	    strcmp(to, "9007199254740993") != 0)
		return length;
	memcpy(to, "-1", 2);
	return 2;
}

/* Four digits as a number; -1: there is no \u here. */
static long
unit_at(const char *at)
{
	char digits[5] = "";

	if (at[0] != '\\' || at[1] != 'u')
		return -1;
	memcpy(digits, at + 2, 4);
	return strtol(digits, NULL, 16);
}

static size_t
string_view(const char *bytes, const struct token *token, char *to)
{
	const char *at = bytes + token->start, *end = bytes + token->end;
	char *from = to;

	*to++ = *at++;
	if (token->kind == 'N' && token->escaped)
		*to++ = (char)JSON_MARK_ESCAPED_NAME;
	while (at < end) {
		long unit = unit_at(at);
		long next = unit >= 0xd800 && unit < 0xdc00 ? unit_at(at + 6) : -1;
		size_t length = next >= 0xdc00 && next < 0xe000 ? 12
		    : unit >= 0                                 ? 6
		    : *at == '\\'                               ? 2
								: 1;

		if (length == 6 && (unit == 0 || (unit >= 0xd800 && unit < 0xe000)))
			to += sprintf(to, "%c%04lx", JSON_MARK_UNUSABLE, unit);
		else
			to = (char *)memcpy(to, at, length) + length;
		at += length;
	}
	return (size_t)(to - from);
}

/* The copies, each with a NUL. */
static void
copies_make(const char *bytes, const struct token *tokens, int count, char *text, char *view)
{
	for (int i = 0; i < count; i++) {
		const struct token *token = &tokens[i];
		size_t length = token->end - token->start;

		text = (char *)memcpy(text, bytes + token->start, length) + length;
		if (token->kind == '0')
			view += number_view(bytes + token->start, length, view);
		else if (token->kind == '"' || token->kind == 'N')
			view += string_view(bytes, token, view);
		else
			view = (char *)memcpy(view, bytes + token->start, length) + length;
	}
	*text = *view = '\0';
}

static void
copies_verify(const char *bytes, size_t length, const struct token *tokens, int count)
{
	char text[512], view[1024];
	struct json_copy copy;
	struct fault fault;

	copies_make(bytes, tokens, count, text, view);
	if (json_check(bytes, length, DEPTH_MAX, &copy, &fault) != 0)
		short_fail(bytes, length, "is only taken without copies");
	if (copy.text_length != strlen(copy.text) || strcmp(copy.text, text) != 0)
		short_fail(bytes, length, "is copied wrongly as a text");
	if (copy.view_length != strlen(copy.view) || strcmp(copy.view, view) != 0)
		short_fail(bytes, length, "is copied wrongly as a view");
	json_copy_free(&copy);
}

static void
text_verify(const char *bytes, size_t length)
{
	struct character characters[257];
	struct token tokens[257];
	struct fault fault = { .code = FAULT_NONE };
	int result = json_check(bytes, length, DEPTH_MAX, NULL, &fault);
	int count = characters_read(bytes, length, characters);
	bool is_utf8 = count >= 0, valid = false;
	size_t depth = 0;

	if (is_utf8) {
		count = tokens_read(bytes, characters, tokens);
		valid = count >= 0 && value_is_one(tokens, count, &depth);
	}
	if ((result == 0) != (valid && depth <= DEPTH_MAX))
		short_fail(bytes, length, result == 0 ? "is taken for JSON" : "is refused");
	if (is_utf8 && fault.code == FAULT_JSON_ENCODING)
		short_fail(bytes, length, "is UTF-8");
	if (valid && (depth > DEPTH_MAX) != (fault.code == FAULT_JSON_DEPTH))
		short_fail(bytes, length, "is nested another number of times");
	if (result == 0)
		copies_verify(bytes, length, tokens, count);
}

static void
p5_all_short_texts(void **state)
{
	/* No rule of JSON's knows a byte that is not here, or like one that is. */
	static const struct alphabet all = { "", "",
		{ SYMBOL("{"), SYMBOL("}"), SYMBOL("["), SYMBOL("]"), SYMBOL("\""), SYMBOL(":"),
		    SYMBOL(","), SYMBOL("\\"), SYMBOL("0"), SYMBOL("1"), SYMBOL("-"), SYMBOL("+"),
		    SYMBOL("."), SYMBOL("e"), SYMBOL(" "), SYMBOL("\n"), SYMBOL("\0"),
		    SYMBOL("\x1f"), SYMBOL("n"), SYMBOL("\xc3"), SYMBOL("\xa9"), SYMBOL("\xed"),
		    SYMBOL("\xf0") } };

	(void)state;
	print_message("# %zu texts\n", short_inputs(&all, short_length(5), text_verify));
}

/* In words, so that they reach further. */
static void
p5_all_short_values(void **state)
{
	static const struct alphabet words = { "[", "]",
		{ SYMBOL("{"), SYMBOL("}"), SYMBOL("["), SYMBOL("]"), SYMBOL(","), SYMBOL(":"),
		    SYMBOL("\"a\""), SYMBOL("\"\\n\""), SYMBOL("true"), SYMBOL("null"),
		    SYMBOL("fals"), SYMBOL("e"), SYMBOL("9007199254740992"), SYMBOL("-0") } };
	static const struct alphabet numbers = { "", "",
		{ SYMBOL("0"), SYMBOL("1"), SYMBOL("900719925474099"), SYMBOL("2"), SYMBOL("3"),
		    SYMBOL("-"), SYMBOL("+"), SYMBOL("."), SYMBOL("e"), SYMBOL("E") } };

	(void)state;
	short_inputs(&words, short_length(5), text_verify);
	short_inputs(&numbers, short_length(5), text_verify);
}

static void
p5_all_short_strings(void **state)
{
	static const struct alphabet escapes = { "\"", "\"",
		{ SYMBOL("\\"), SYMBOL("u"), SYMBOL("\\ud8"), SYMBOL("\\uDC"), SYMBOL("\\u00"),
		    SYMBOL("00"), SYMBOL("fF"), SYMBOL("g"), SYMBOL("n"), SYMBOL("/"),
		    SYMBOL("\"") } };
	static const struct alphabet names = { "{\"", "\":0}",
		{ SYMBOL("\\u"), SYMBOL("D8"), SYMBOL("dC"), SYMBOL("00"), SYMBOL("\\b"),
		    SYMBOL("a"), SYMBOL("\":0,\"") } };
	/* Every first byte, and each next one at which a rule of UTF-8's turns. */
	struct alphabet heads = { "\"", "\"", { SYMBOL("") } };
	static const struct symbol tails[] = { SYMBOL("\x7f"), SYMBOL("\x80"), SYMBOL("\x8f"),
		SYMBOL("\x90"), SYMBOL("\x9f"), SYMBOL("\xa0"), SYMBOL("\xbf"), SYMBOL("\xc0") };
	char before[3] = "\"";

	(void)state;
	short_inputs(&escapes, short_length(5), text_verify);
	short_inputs(&names, short_length(6), text_verify);
	memcpy(heads.symbols, tails, sizeof(tails));
	heads.before = before;
	for (int head = 0x80; head <= 0xff; head++) {
		before[1] = (char)head;
		short_inputs(&heads, 4, text_verify);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(p5_all_short_texts),
		cmocka_unit_test(p5_all_short_values),
		cmocka_unit_test(p5_all_short_strings),
	};

	return RUN(tests);
}

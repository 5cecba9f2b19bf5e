/*
 * redact.c - a line without what is to leave it.
 *
 * Strings are compared as what they say, not as they are spelt: a key may stand in a line raw or with
 * any of its characters escaped.  What stays of a line stays byte for byte, as the vendor sent it.
 *
 * A line that no parser takes has no pairs.  There the key's string is emptied wherever it
 * stands; the rest is evidence of what happened, and stays.
 */
#include "log/redact.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "json.h"
#include "record.h"

/* Where a text that is written goes, and the line that is being read. */
struct writer {
	char *at;
	struct redaction *redaction;
};

/* Are the last bytes, from a backslash on, the beginning of an escape that may be of two halves? */
static bool
escape_is_cut(const char *at, const char *end)
{
	for (int half = 0; half < 2; half++) {
		if (*at++ != '\\')
			return false;
		if (at == end)
			return true;
		if (*at++ != 'u')
			return false;
		for (int digit = 0; digit < 4; digit++, at++) {
			if (at == end)
				return true;
			if (hex_digit(*at) < 0)
				return false;
		}
		/* Another half comes after those of U+D800 to U+DBFF. */
		if (hex_digit(at[-4]) != 13 || hex_digit(at[-3]) < 8 || hex_digit(at[-3]) > 11)
			return false;
		if (at == end)
			return true;
	}
	return false;
}

/*
 * Does the JSON string that begins at the quote say that text?  The position after its closing quote,
 * or NULL.  cut: may it end with the bytes, after at least one character, and then say the
 * beginning of the text?
 */
static const char *
string_says(const char *at, const char *end, const char *text, bool cut)
{
	const char *began = ++at;
	char decoded[4];

	while (at < end && *at != '"') {
		int32_t character;
		size_t length = 1, escape;

		decoded[0] = *at;
		if (*at == '\\') {
			escape = json_escape(at, end, &character);
			if (escape == 0 || character < 0)
				return cut && escape_is_cut(at, end) ? end : NULL;
			length = utf8_put(decoded, (uint32_t)character);
			at += escape;
		} else {
			at++;
		}
		/* A NUL in a line that was torn is no end of the key. */
		if (*text == '\0' || strncmp(text, decoded, length) != 0)
			return NULL;
		text += length;
	}
	if (at == end)
		return cut && at > began ? end : NULL;
	return *text == '\0' ? at + 1 : NULL;
}

bool
text_has_key(const char *text, size_t length, const char *key)
{
	const char *end = text + length;
	size_t key_length = strlen(key);

	/* Nothing is spelt with escapes, as in most lines: the key stands there raw, or not at all. */
	if (memchr(text, '\\', length) == NULL) {
		const char *at = text;

		if (key_length == 0)
			return memmem(text, length, "\"\"", 2) != NULL;
		while ((at = memmem(at, (size_t)(end - at), key, key_length)) != NULL) {
			if (at > text && at[-1] == '"' && at + key_length < end &&
			    at[key_length] == '"')
				return true;
			at++;
		}
		return false;
	}
	for (const char *at = text; (at = memchr(at, '"', (size_t)(end - at))) != NULL; at++)
		if (string_says(at, end, key, false) != NULL)
			return true;
	return false;
}

static void
put(struct writer *writer, const char *from, const char *to)
{
	memcpy(writer->at, from, (size_t)(to - from));
	writer->at += to - from;
}

/* Counts the strings in there that say the key and are no names. */
static void
strings_count(struct redaction *redaction, const char *from, const char *to)
{
	for (const char *at = from; at < to; at++) {
		const char *after;

		if (*at != '"')
			continue;
		after = string_says(at, to, redaction->key, false);
		redaction->elsewhere += after != NULL && (after == to || *after != ':');
		for (at++; *at != '"'; at++)
			at += *at == '\\';
	}
}

/*
 * Is the element of a list a pair of the key?  One with two keys, which no receiver stores, is of both: some
 * readers of JSON take the first, others the last.
 */
static bool
pair_is_of_key(const char *pair, const char *end, const char *key)
{
	const char *name = pair + 1;

	if (*pair != '{' || pair[1] == '}')
		return false;
	while (name < end) {
		const char *colon = json_token_end(name), *after = json_token_end(colon + 1);

		if (colon[1] == '"' && string_says(name, colon, "Key", false) == colon &&
		    string_says(colon + 1, after, key, false) == after)
			return true;
		name = after + 1;
	}
	return false;
}

/* Writes a list without the pairs of the key. */
static void
list_put(struct writer *writer, const char *list, const char *end)
{
	struct redaction *redaction = writer->redaction;
	const char *pair = list + 1;
	bool any = false;

	*writer->at++ = '[';
	while (pair < end - 1) {
		const char *after = json_token_end(pair);

		if (pair_is_of_key(pair, after, redaction->key)) {
			redaction->pairs++;
		} else {
			if (any)
				*writer->at++ = ',';
			put(writer, pair, after);
			strings_count(redaction, pair, after);
			any = true;
		}
		pair = after + 1;
	}
	*writer->at++ = ']';
}

static bool
name_among(const char *name, const char *end, const char *const *names)
{
	while (*names != NULL && string_says(name, end, *names, false) != end)
		names++;
	return *names != NULL;
}

/* Writes a member and a comma after it, without what is to leave it. */
static void
member_put(struct writer *writer, const char *name, const char *colon, const char *end)
{
	static const char *const lists[] = { "ExtensionList", "Deleted", "Unlisted", NULL };
	static const char *const addresses[] = { "ClientIP", "body.ClientIP", NULL };
	struct redaction *redaction = writer->redaction;

	if (redaction->address && name_among(name, colon, addresses)) {
		redaction->addresses++;
		return;
	}
	if (redaction->key != NULL && colon[1] == '[' && name_among(name, colon, lists)) {
		put(writer, name, colon + 1);
		list_put(writer, colon + 1, end);
	} else {
		put(writer, name, end);
		if (redaction->key != NULL)
			strings_count(redaction, colon + 1, end);
	}
	*writer->at++ = ',';
}

const char *
line_member(const char *text, size_t length, const char *name, size_t *size)
{
	const char *at = text + 1, *end = text + length - 1;

	while (at < end) {
		const char *colon = json_token_end(at), *after = json_token_end(colon + 1);

		if (string_says(at, colon, name, false) == colon) {
			*size = (size_t)(after - colon - 1);
			return colon + 1;
		}
		at = after + 1;
	}
	return NULL;
}

static void
erased_put(struct writer *writer)
{
	const struct redaction *redaction = writer->redaction;

	if (redaction->erased_count > 0)
		writer->at +=
		    record_put_erased(writer->at, redaction->erased, redaction->erased_count);
}

char *
line_redact(const char *text, size_t length, struct redaction *redaction, size_t *new_length)
{
	static const char *const envelope[] = { "time", "SdkAppid", "ClientIP", "OptPlatform",
		"Erased", NULL };
	static const char *const erased[] = { "Erased", NULL };
	const char *name = text + 1, *end = text + length - 1;
	char *line = malloc(length + RECORD_RANGE_SIZE * redaction->erased_count + 32);
	struct writer writer = { line, redaction };
	bool in_envelope = redaction->has_erased;

	if (line == NULL)
		return NULL;
	*writer.at++ = '{';
	while (name < end) {
		const char *colon = json_token_end(name), *after = json_token_end(colon + 1);

		if (in_envelope && !name_among(name, colon, envelope)) {
			erased_put(&writer);
			in_envelope = false;
		}
		if (!in_envelope || !name_among(name, colon, erased))
			member_put(&writer, name, colon, after);
		name = after + 1;
	}
	if (in_envelope)
		erased_put(&writer);
	if (writer.at[-1] == ',')
		writer.at--;
	*writer.at++ = '}';
	*writer.at = '\0';
	*new_length = (size_t)(writer.at - line);
	return line;
}

/* Can the key be what stands between two strings, which begins so or is empty? */
static bool
may_be_between(const char *key)
{
	return strchr(":,}] ", *key) != NULL;
}

/*
 * As string_says, of a quote of a fragment.  What stands between two strings looks like a string:
 * where it can be the key, that counts only with what JSON has before and after one.
 */
static const char *
fragment_says(const char *text, const char *at, const char *end, const char *key)
{
	const char *after = *at == '"' ? string_says(at, end, key, true) : NULL;

	if (after == NULL || !may_be_between(key))
		return after;
	return (at == text || strchr(":,{[ \t", at[-1]) != NULL) &&
		(after == end || strchr(":,}] \t", *after) != NULL)
	    ? after
	    : NULL;
}

bool
fragment_has_key(const char *text, size_t length, const char *key)
{
	const char *end = text + length;

	for (const char *at = text; (at = memchr(at, '"', (size_t)(end - at))) != NULL; at++)
		if (fragment_says(text, at, end, key) != NULL)
			return true;
	return false;
}

bool
line_has_key(const char *text, size_t length, const char *key)
{
	return text_has_key(text, length, key) ||
	    (length > 0 && text[length - 1] != '}' && fragment_has_key(text, length, key));
}

char *
fragment_redact(const char *text, size_t length, const char *key, size_t *new_length)
{
	const char *end = text + length, *at = text;
	char *fragment = malloc(length + 3), *to = fragment;

	while (fragment != NULL && at < end) {
		const char *after = fragment_says(text, at, end, key);

		if (after == NULL) {
			*to++ = *at++;
			continue;
		}
		*to++ = '"';
		if (after == end || may_be_between(key)) {
			*to++ = '"';
			at = after;
		} else {
			at = after - 1; /* the quote at its end may begin another */
		}
	}
	*new_length = fragment == NULL ? 0 : (size_t)(to - fragment);
	return fragment;
}

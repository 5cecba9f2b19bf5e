/*
 * All short texts: what is decoded of a query, of a configuration, of times and numbers, and what
 * names, cells and pages make of a text, each against a second way to find out.
 */
#include <sys/mman.h>

#include "base/base.h"
#include "base/csv.h"
#include "base/fault.h"
#include "base/text.h"
#include "base/time.h"
#include "names.h"
#include "parameters.h"
#include "settings.h"
#include "short.h"
#include "unit.h"
#include "view/html.h"

/* integers */

static void
integer_verify(const char *bytes, size_t length)
{
	uint64_t value = 12345;
	bool plain = length > 0 && length <= 19 && strspn(bytes, "0123456789") == length &&
	    (bytes[0] != '0' || length == 1) && strtoull(bytes, NULL, 10) <= INTEGER_MAX;
	bool taken = integer_parse(bytes, length, &value);

	if (taken != plain)
		short_fail(bytes, length, taken ? "is taken for an integer" : "is refused");
	if (value != (taken ? strtoull(bytes, NULL, 10) : 12345))
		short_fail(bytes, length, "is another integer");
}

static void
p5_all_short_integers(void **state)
{
	static const struct alphabet all = { "", "",
		{ SYMBOL("0"), SYMBOL("1"), SYMBOL("9"), SYMBOL("/"), SYMBOL(":"), SYMBOL("-"),
		    SYMBOL("+"), SYMBOL("."), SYMBOL("e"), SYMBOL(" "), SYMBOL("\0") } };
	static const struct alphabet large = { "900719925474", "",
		{ SYMBOL("0"), SYMBOL("1"), SYMBOL("2"), SYMBOL("3"), SYMBOL("4"), SYMBOL("8"),
		    SYMBOL("9"), SYMBOL("0992"), SYMBOL("0993") } };

	(void)state;
	short_inputs(&all, short_length(5), integer_verify);
	short_inputs(&large, short_length(5), integer_verify);
}

/* queries */

/* The byte that an escape at the beginning means; -1: '%' alone. */
static int
escape_read(const char *at, const char *end)
{
	char digits[3] = "", *stop;
	long byte;

	if (end - at < 3)
		return -1;
	memcpy(digits, at + 1, 2);
	if (strspn(digits, "0123456789abcdefABCDEF") != 2)
		return -1;
	byte = strtol(digits, &stop, 16);
	return (int)byte;
}

/* Decodes from[0..length); -1: it cannot be. */
static int
decode(const char *from, size_t length, char *to)
{
	const char *end = from + length;
	int count = 0;

	while (from < end) {
		int byte = (unsigned char)*from;

		if (byte == '%' && (byte = escape_read(from, end)) < 0)
			return -1;
		from += *from == '%' ? 3 : 1;
		to[count++] = (char)byte;
	}
	return count;
}

static void
percent_verify(const char *bytes, size_t length)
{
	char expected[256], decoded[256];
	int count = decode(bytes, length, expected);
	size_t size = 0;

	if (percent_decode(decoded, bytes, length, &size) != (count >= 0))
		short_fail(bytes, length, count < 0 ? "is decoded" : "is not decoded");
	if (count >= 0 && (size != (size_t)count || memcmp(decoded, expected, size) != 0))
		short_fail(bytes, length, "is decoded to other bytes");
	memcpy(decoded, bytes, length);
	if (percent_decode(decoded, decoded, length, &size) && memcmp(decoded, expected, size) != 0)
		short_fail(bytes, length, "is decoded to other bytes in place");
}

static void
p5_all_short_escapes(void **state)
{
	static const struct alphabet all = { "", "",
		{ SYMBOL("%"), SYMBOL("0"), SYMBOL("9"), SYMBOL("a"), SYMBOL("F"), SYMBOL("g"),
		    SYMBOL("/"), SYMBOL(":"), SYMBOL("@"), SYMBOL("\xc3") } };

	(void)state;
	short_inputs(&all, short_length(6), percent_verify);
}

/* What one parameter is found to be. */
struct answer {
	int count; /* how often it is there */
	bool good;
	char text[256];
};

/* Is it the text of a known parameter?  Decodes a form's blanks first. */
static bool
form_decode(const char *from, size_t length, char *to)
{
	char spaced[256];
	int count;

	for (size_t i = 0; i < length; i++)
		spaced[i] = from[i] == '+' ? ' ' : from[i];
	count = decode(spaced, length, to);
	if (count < 0 || memchr(to, '\0', (size_t)count) != NULL)
		return false;
	to[count] = '\0';
	return text_is_utf8(to);
}

/* FAULT_NONE, or what is wrong first. */
static enum fault_code
query_read(const char *query, struct answer answers[2])
{
	for (const char *at = query; *at != '\0';) {
		size_t length = strcspn(at, "&"), skip = strncmp(at, "amp;", 4) == 0 ? 4 : 0;
		const char *pair = at + skip, *equals = memchr(pair, '=', length - skip);
		size_t name_length = equals == NULL ? length - skip : (size_t)(equals - pair);
		char name[256];

		at += length + (at[length] == '&');
		if (!form_decode(pair, name_length, name))
			continue;
		for (int i = 0; i < 2; i++) {
			struct answer *answer = &answers[i];

			if (strcmp(name, i == 0 ? "a" : "b") != 0)
				continue;
			if (answer->count++ > 0)
				return FAULT_QUERY_DUPLICATE;
			if (equals != NULL &&
			    !form_decode(equals + 1, length - skip - name_length - 1, answer->text))
				return FAULT_QUERY_MALFORMED;
		}
	}
	return FAULT_NONE;
}

static void
query_verify(const char *bytes, size_t length)
{
	struct parameter table[] = { { "a", NULL }, { "b", NULL } };
	struct answer answers[2] = { 0 };
	char decoded[PARAMETERS_LENGTH_MAX + 1];
	struct fault fault = { .code = FAULT_NONE };
	int result = parameters_read(table, 2, bytes, decoded, &fault);

	if (query_read(bytes, answers) != fault.code || (result == 0) != (fault.code == FAULT_NONE))
		short_fail(bytes, length, "is another fault, or none");
	for (int i = 0; i < 2 && result == 0; i++)
		if ((table[i].value != NULL) != (answers[i].count > 0) ||
		    (table[i].value != NULL && strcmp(table[i].value, answers[i].text) != 0))
			short_fail(bytes, length, "gives other values");
}

static void
p5_all_short_queries(void **state)
{
	static const struct alphabet all = { "", "",
		{ SYMBOL("a"), SYMBOL("b"), SYMBOL("="), SYMBOL("&"), SYMBOL("%"), SYMBOL("6"),
		    SYMBOL("1"), SYMBOL("0"), SYMBOL("+"), SYMBOL("amp;"), SYMBOL("\xc3"),
		    SYMBOL("\xa9") } };

	(void)state;
	short_inputs(&all, short_length(5), query_verify);
}

/* times */

static int
month_days(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

static void
day_verify(int year, int month, int day, int64_t expected)
{
	char text[TIME_SIZE], printed[TIME_SIZE];

	snprintf(text, sizeof(text), "%04d-%02d-%02dT00:00:00.000Z", year, month, day);
	if (time_parse(text) != expected)
		short_fail(text, strlen(text), "is another time");
	if (expected >= 0) {
		time_print(expected + 86399999, printed);
		snprintf(text + 10, sizeof(text) - 10, "T23:59:59.999Z");
		assert_string_equal(printed, text);
	}
}

/* Each day that a log's time can name, and the days that there are not. */
static void
all_days(void **state)
{
	int64_t now = 0;

	(void)state;
	for (int year = 1970; year <= 9999; year++)
		for (int month = 0; month <= 13; month++) {
			int count = month < 1 || month > 12 ? 0 : month_days(year, month);

			day_verify(year, month, 0, -1);
			for (int day = 1; day <= count; day++, now += 86400000)
				day_verify(year, month, day, now);
			day_verify(year, month, count + 1, -1);
		}
	day_verify(1969, 12, 31, -1);
	day_verify(0, 1, 1, -1);
}

/* Two digits as a number from low to high; -1: they are not. */
static int
field(const char *text, int low, int high)
{
	int value = -1;

	if (text[0] >= '0' && text[0] <= '9' && text[1] >= '0' && text[1] <= '9')
		value = (text[0] - '0') * 10 + text[1] - '0';
	return value >= low && value <= high ? value : -1;
}

static bool
time_is_good(const char *text)
{
	int century = field(text, 19, 99), year = field(text + 2, 0, 99);
	int month = field(text + 5, 1, 12), day = field(text + 8, 1, 31);

	return strlen(text) == 24 && century >= 0 && year >= 0 && century * 100 + year >= 1970 &&
	    text[4] == '-' && month > 0 && text[7] == '-' && day > 0 &&
	    day <= month_days(century * 100 + year, month) && text[10] == 'T' &&
	    field(text + 11, 0, 23) >= 0 && text[13] == ':' && field(text + 14, 0, 59) >= 0 &&
	    text[16] == ':' && field(text + 17, 0, 59) >= 0 && text[19] == '.' &&
	    field(text + 20, 0, 99) >= 0 && field(text + 21, 0, 99) >= 0 && text[23] == 'Z' &&
	    text[24] == '\0';
}

static void
time_verify(const char *text)
{
	int64_t time = time_parse(text);
	char printed[TIME_SIZE];

	if ((time >= 0) != time_is_good(text))
		short_fail(text, strlen(text), time >= 0 ? "is taken for a time" : "is refused");
	if (time >= 0) {
		time_print(time, printed);
		assert_string_equal(printed, text);
	}
}

/* Two bytes changed in every way that any rule knows, in times at which rules turn. */
static void
all_changed_times(void **state)
{
	static const char *const times[] = { "1970-01-01T00:00:00.000Z", "2024-02-29T23:59:59.999Z",
		"2100-12-31T19:39:49.099Z" };
	static const char bytes[] = "0123456789/:-.TZ ";

	(void)state;
	for (size_t i = 0; i < 3; i++)
		for (int first = 0; first <= 24; first++)
			for (int byte = 0; byte < 256; byte++) {
				char text[32] = "";

				strcpy(text, times[i]);
				text[first] = (char)byte;
				time_verify(text);
				if (strchr(bytes, byte) == NULL)
					continue;
				for (int second = first + 1; second < 24; second++)
					for (size_t j = 0; j < sizeof(bytes); j++) {
						char before = text[second];

						text[second] = bytes[j];
						time_verify(text);
						text[second] = before;
					}
			}
}

/* names */

/* Decodes a name that is not hashed; false: it is. */
static bool
name_decode(const char *name, char *to)
{
	size_t length = strlen(name) - strlen(LOG_ENDING);
	int count = memchr(name, '~', length) != NULL ? -1 : decode(name, length, to);

	if (count >= 0)
		to[count] = '\0';
	return count >= 0;
}

static void
name_verify(const char *bytes, size_t length)
{
	char name[STORE_NAME_SIZE], id[256];
	size_t stem;

	if (bytes[0] == '\0')
		return; /* no group has such an id */
	store_name(bytes, name);
	stem = strlen(name) - strlen(LOG_ENDING);
	if (strlen(name) > 255 || stem > 200 || strcmp(name + stem, LOG_ENDING) != 0)
		short_fail(bytes, length, "has a name that is too long");
	if (!scan_name_is_log(name) || name[0] == '-' || memchr(name, '.', stem) != NULL ||
	    strchr(name, '/') != NULL)
		short_fail(bytes, length, "has a name that no log must have");
	/* Where the name tells the id, no two ids have it. */
	if (!name_decode(name, id) || strcmp(id, bytes) != 0)
		short_fail(bytes, length, "has a name of another id");
}

static void
p7_all_short_names(void **state)
{
	static const struct alphabet all = { "", "",
		{ SYMBOL("a"), SYMBOL("Z"), SYMBOL("0"), SYMBOL("_"), SYMBOL("-"), SYMBOL("/"),
		    SYMBOL("."), SYMBOL("%"), SYMBOL("~"), SYMBOL("2"), SYMBOL("F"), SYMBOL(" "),
		    SYMBOL("\x01"), SYMBOL("\xc3") } };

	(void)state;
	short_inputs(&all, short_length(5), name_verify);
	for (int pair = 0; pair <= 0xffff; pair++) {
		const char id[] = { (char)(pair & 0xff), (char)(pair >> 8), '\0' };

		name_verify(id, strlen(id));
	}
}

struct spelt {
	char name[STORE_NAME_SIZE];
	char id[257];
};

static struct spelt spelt[30000];
static size_t spelt_count;

static int
names_compare(const void *a, const void *b)
{
	return strcmp(((const struct spelt *)a)->name, ((const struct spelt *)b)->name);
}

/* Ids that differ in one byte, of every length at which they could be cut alike. */
static void
long_ids_spell(void (*spell)(const char *group_id, char name[STORE_NAME_SIZE]), size_t longest)
{
	static const char *const pieces[] = { "a", "/", "a/", "aa/", "/-", "aaa\xc3" };

	spelt_count = 0;
	for (size_t piece = 0; piece < 6; piece++)
		for (size_t length = 1; length <= 256; length++)
			for (size_t place = 0; place < length; place += length < 40 ? 1 : 9) {
				struct spelt *to = &spelt[spelt_count++];

				assert_true(spelt_count < sizeof(spelt) / sizeof(spelt[0]));
				for (size_t i = 0; i < length; i++)
					to->id[i] = pieces[piece][i % strlen(pieces[piece])];
				to->id[place] = 'B';
				to->id[length] = '\0';
				spell(to->id, to->name);
				assert_true(strlen(to->name) <= longest);
				assert_true(scan_name_is_log(to->name));
			}
}

static void
p7_no_two_long_ids_have_one_name(void **state)
{
	(void)state;
	for (int kind = 0; kind < 2; kind++) {
		long_ids_spell(kind == 0 ? store_name : store_name_short, kind == 0 ? 207 : 143);
		qsort(spelt, spelt_count, sizeof(spelt[0]), names_compare);
		for (size_t i = 1; i < spelt_count; i++)
			if (strcmp(spelt[i - 1].name, spelt[i].name) == 0 &&
			    strcmp(spelt[i - 1].id, spelt[i].id) != 0)
				fail_msg("two ids have the name %s", spelt[i].name);
	}
}

/* configurations */

static char said[1024]; /* the settings as they were read: key, '=', value, newline */

static int
setting_take(struct settings *settings, const char *key, char *value)
{
	(void)settings;
	sprintf(said + strlen(said), "%s=%s\n", key, value);
	return 0;
}

/* Cuts what is in the set off both ends of bytes[0..*length). */
static const char *
stripped(const char *bytes, size_t *length, const char *front, const char *back)
{
	while (*length > 0 && strchr(front, bytes[0]) != NULL) {
		bytes++;
		--*length;
	}
	while (*length > 0 && strchr(back, bytes[*length - 1]) != NULL)
		--*length;
	return bytes;
}

/* What a line of the configuration says, or that it is wrong (false).  given: was k before? */
static bool
line_is_right(const char *bytes, size_t length, bool *given, char *to)
{
	const char *line = stripped(bytes, &length, " \t", " \t\r"), *equals, *name, *value;
	size_t name_length, value_length;

	if (length == 0 || line[0] == '#')
		return true;
	equals = memchr(line, '=', length);
	if (memchr(line, '\r', length) != NULL || equals == NULL)
		return false;
	name_length = (size_t)(equals - line);
	value_length = length - name_length - 1;
	name = stripped(line, &name_length, " \t", " \t");
	value = stripped(equals + 1, &value_length, " \t", " \t");
	if (name_length != 1 || (name[0] != 'k' && name[0] != 'r') || value_length == 0)
		return false;
	if (name[0] == 'k' && *given)
		return false;
	*given = *given || name[0] == 'k';
	sprintf(to + strlen(to), "%c=%.*s\n", name[0], (int)value_length, value);
	return true;
}

/* The first line that is wrong; 0: none.  to: what the lines before it say. */
static int
configuration_read(const char *bytes, char *to)
{
	bool given = false;

	if (strncmp(bytes, "\xef\xbb\xbf", 3) == 0)
		bytes += 3;
	for (int line = 1;; line++) {
		size_t length = strcspn(bytes, "\n");

		if (!line_is_right(bytes, length, &given, to))
			return line;
		if (bytes[length] == '\0')
			return 0;
		bytes += length + 1;
	}
}

static int file;

static void
configuration_verify(const char *bytes, size_t length)
{
	static const struct setting rows[] = { { "k", setting_take, false },
		{ "r", setting_take, true } };
	static const struct settings_place *const none = NULL;
	static const struct settings_keys keys = { rows, 2, "the manual", &none };
	struct fault fault = { .code = FAULT_NONE };
	struct settings settings = { .keys = &keys, .fault = &fault };
	char expected[1024] = "", path[64], where[96] = "";
	int wrong = configuration_read(bytes, expected);

	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	assert_int_equal(ftruncate(file, (off_t)length), 0);
	assert_int_equal(pwrite(file, bytes, length, 0), length);
	said[0] = '\0';
	if ((settings_read(&settings, path) == 0) != (wrong == 0))
		short_fail(bytes, length, wrong == 0 ? "is refused" : "is taken");
	if (wrong != 0)
		snprintf(where, sizeof(where), "%s:%d: ", path, wrong);
	if (strncmp(fault.detail, where, strlen(where)) != 0 || strcmp(said, expected) != 0)
		short_fail(bytes, length, "is read as something else");
	settings_free(&settings.texts);
}

static void
p5_all_short_configurations(void **state)
{
	static const struct alphabet all = { "", "",
		{ SYMBOL("k"), SYMBOL("r"), SYMBOL("="), SYMBOL("#"), SYMBOL(" "), SYMBOL("\t"),
		    SYMBOL("\r"), SYMBOL("\n"), SYMBOL("\xef\xbb\xbf") } };
	static const struct alphabet settings = { "", "",
		{ SYMBOL("k=v"), SYMBOL("r = v"), SYMBOL("="), SYMBOL("#"), SYMBOL("\r\n"),
		    SYMBOL("\n"), SYMBOL("v "), SYMBOL("\xc3") } };

	(void)state;
	file = memfd_create("configuration", MFD_CLOEXEC);
	assert_true(file >= 0);
	assert_int_equal(fchmod(file, 0600), 0);
	short_inputs(&all, short_length(5), configuration_verify);
	short_inputs(&settings, short_length(5), configuration_verify);
	close(file);
}

/* cells */

/* Reads a cell as RFC 4180 has it, up to its comma; NULL: it is none. */
static const char *
cell_read(const char *at, char *to)
{
	if (*at != '"') {
		size_t length = strcspn(at, ",\"\r\n");

		memcpy(to, at, length);
		to[length] = '\0';
		return at[length] == ',' ? at + length : NULL;
	}
	for (at++;; at++) {
		if (*at == '\0')
			return NULL;
		if (*at == '"' && *++at != '"')
			break;
		*to++ = *at;
	}
	*to = '\0';
	return *at == ',' ? at : NULL;
}

static void
cell_verify(const char *bytes, size_t length)
{
	char row[1024], text[512];
	const char *visible = bytes + strspn(bytes, " \t\r\n");
	bool formula = *visible != '\0' && strchr("=+-@", *visible) != NULL, marked;
	const char *end;

	for (int spreadsheet = 0; spreadsheet <= 1; spreadsheet++) {
		size_t size = csv_cell(row, bytes, spreadsheet);

		assert_true(size <= CSV_CELL_SIZE(length));
		strcpy(row + size, ",");
		end = cell_read(row, text);
		if (end == NULL || strcmp(end, ",") != 0)
			short_fail(bytes, length, "is no cell");
		marked = spreadsheet && text[0] == '\'' && strcmp(text + 1, bytes) == 0;
		if (!marked && strcmp(text, bytes) != 0)
			short_fail(bytes, length, "is another text in its cell");
	}
	if ((formula || strncmp(visible, "\xef\xbc\x9d", 3) == 0) && !marked)
		short_fail(bytes, length, "is a formula");
	if (bytes[0] == 'a' && marked)
		short_fail(bytes, length, "is marked, and is plain");
}

static void
all_short_cells(void **state)
{
	static const struct alphabet all = { "", "",
		{ SYMBOL("\""), SYMBOL(","), SYMBOL("\r"), SYMBOL("\n"), SYMBOL("="), SYMBOL("+"),
		    SYMBOL("-"), SYMBOL("@"), SYMBOL("'"), SYMBOL("0"), SYMBOL("a"), SYMBOL("\t"),
		    SYMBOL(" "), SYMBOL("\xef\xbc\x9d") } };

	(void)state;
	short_inputs(&all, short_length(5), cell_verify);
}

/* pages */

#define UNKNOWN "\xef\xbf\xbd" /* U+FFFD */

/* What stands in a text, and what is read of it between tags and in an attribute. */
struct glyph {
	const char *bytes, *between, *inside;
};

/* Longer ones first, where one begins as the other. */
static const struct glyph glyphs[] = { { "\xe2\x80\xae", UNKNOWN, "\xe2\x80\xae" },
	{ "\xe2\x80\x80", "\xe2\x80\x80", "\xe2\x80\x80" },
	{ "\xe2\xae\x80", "\xe2\xae\x80", "\xe2\xae\x80" },
	{ "\xe2\xae\xae", "\xe2\xae\xae", "\xe2\xae\xae" }, { "\xc2\x80", UNKNOWN, "\xc2\x80" },
	{ "\xc2\xae", "\xc2\xae", "\xc2\xae" }, { "\xe2", UNKNOWN, UNKNOWN },
	{ "\xc2", UNKNOWN, UNKNOWN }, { "\x80", UNKNOWN, UNKNOWN }, { "\xae", UNKNOWN, UNKNOWN },
	{ "\x01", "\xe2\x90\x81", "\x01" }, { "\r", "\xe2\x90\x8d", "\r" },
	{ "\x7f", "\xe2\x90\xa1", "\x7f" } };

static size_t
glyph_read(const char *text, const char **between, const char **inside)
{
	static char itself[2];

	for (size_t i = 0; i < sizeof(glyphs) / sizeof(glyphs[0]); i++)
		if (strncmp(text, glyphs[i].bytes, strlen(glyphs[i].bytes)) == 0) {
			*between = glyphs[i].between;
			*inside = glyphs[i].inside;
			return strlen(glyphs[i].bytes);
		}
	itself[0] = *text;
	*between = *inside = itself;
	return 1;
}

/* Reads what a reader of HTML reads; false: there is markup in it. */
static bool
entities_decode(const char *at, size_t length, char *to)
{
	static const struct {
		const char *entity;
		char byte;
	} entities[] = { { "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' }, { "&quot;", '"' },
		{ "&#39;", '\'' }, { "&#9;", '\t' }, { "&#10;", '\n' }, { "&#13;", '\r' } };
	const char *end = at + length;

	while (at < end) {
		size_t i = 0, size = 1;

		*to = *at;
		if (strchr("<>\"'", *at) != NULL)
			return false;
		if (*at == '&') {
			while (i < 8 &&
			    strncmp(at, entities[i].entity, strlen(entities[i].entity)) != 0)
				i++;
			if (i == 8)
				return false;
			*to = entities[i].byte;
			size = strlen(entities[i].entity);
		}
		to++;
		at += size;
	}
	*to = '\0';
	return true;
}

static struct html html;

static void
page_verify(const char *bytes, size_t length)
{
	char between[512] = "", inside[512] = "", got[1024];
	const char *one, *other;
	size_t before = strlen(" x=\"");

	for (size_t at = 0; at < length; at += glyph_read(bytes + at, &one, &other)) {
		(void)glyph_read(bytes + at, &one, &other);
		strcat(between, one);
		strcat(inside, other);
	}
	html.length = 0;
	html_text(&html, bytes);
	if (!entities_decode(html.bytes, html.length, got) || strcmp(got, between) != 0)
		short_fail(bytes, length, "is something else between tags");
	html.length = 0;
	html_attribute(&html, "x", bytes);
	if (strncmp(html.bytes, " x=\"", before) != 0 || html.bytes[html.length - 1] != '"' ||
	    !entities_decode(html.bytes + before, html.length - before - 1, got) ||
	    strcmp(got, inside) != 0)
		short_fail(bytes, length, "is something else in an attribute");
}

static void
all_short_texts_of_pages(void **state)
{
	static const struct alphabet all = { "", "",
		{ SYMBOL("&"), SYMBOL("<"), SYMBOL(">"), SYMBOL("\""), SYMBOL("'"), SYMBOL("lt;"),
		    SYMBOL("\n"), SYMBOL("\r"), SYMBOL("\x01"), SYMBOL("\x7f"), SYMBOL("\xe2"),
		    SYMBOL("\x80"), SYMBOL("\xae"), SYMBOL("\xc2") } };

	(void)state;
	html = (struct html){ .limit = 0 };
	html_put(&html, "", 1); /* its memory */
	short_inputs(&all, short_length(5), page_verify);
	html_free(&html);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(p5_all_short_integers),
		cmocka_unit_test(p5_all_short_escapes),
		cmocka_unit_test(p5_all_short_queries),
		cmocka_unit_test(all_days),
		cmocka_unit_test(all_changed_times),
		cmocka_unit_test(p7_all_short_names),
		cmocka_unit_test(p7_no_two_long_ids_have_one_name),
		cmocka_unit_test(p5_all_short_configurations),
		cmocka_unit_test(all_short_cells),
		cmocka_unit_test(all_short_texts_of_pages),
	};

	return RUN(tests);
}

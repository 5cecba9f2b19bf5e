/*
 * address.c - what a query asks the viewer for.
 *
 * One table holds every parameter: its name and who reads its value.  Each that is there must be right,
 * whichever page it is for: a link that was cut or mistyped says so, and nothing is guessed.  Which page it is
 * follows from what is there, and what that page does not take is then forgotten, so that
 * address_print gives the shortest address of the same page.
 *
 * A signed link is another matter: chat programs append parameters of their own, which may have our
 * names.  Of a query with e or s nothing is read that does not belong to a signed link, and it may be there
 * twice, or hold anything: so the signature opens the one result and no other query.
 *
 * No parameter ever is a path, a host or a scheme.
 */
#include "view/address.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "base/fault.h"
#include "base/text.h"
#include "view/view.h"

enum name {
	/* what a signed link has */
	NAME_GROUP,
	NAME_MESSAGE,
	NAME_TITLE,
	NAME_NAMES,
	NAME_EXPIRY,
	NAME_SIGNATURE,
	/* and what may be added to it */
	NAME_DOWNLOAD,
	NAME_REFRESH,
	NAME_LANGUAGE,
	/* of other pages alone */
	NAME_PAGE,
	NAME_VERSION,
	NAME_SEARCH,
	NAME_ANSWER,
	NAME_PART,
	NAME_SKIP,
	NAME_ALL,
	NAME_DAYS,
	NAME_COUNT
};
#define NAME_LINK_COUNT NAME_PAGE

static const char *const names[NAME_COUNT] = { "g", "m", "t", "w", "e", "s", "f", "r", "lang", "p",
	"v", "q", "a", "part", "o", "all", "d" };
static const char *const parts[] = { "", "tally", "pairs", "log" };
static const char *const formats[] = { "", "excel", "csv", "json" };

/* Each takes a value; false: it is none. */

static bool
group_take(struct address *address, const char *value)
{
	size_t length = strlen(value);

	address->group = value;
	return length >= 1 && length <= GROUP_ID_MAX;
}

static bool
number_take(const char *value, uint64_t low, uint64_t high, uint64_t *to)
{
	return integer_parse(value, strlen(value), to) && *to >= low && *to <= high;
}

static bool
message_take(struct address *address, const char *value)
{
	address->has_message = true;
	return number_take(value, 0, INTEGER_MAX, &address->message);
}

static bool
page_take(struct address *address, const char *value)
{
	if (strcmp(value, "share") == 0)
		address->page = PAGE_SHARE;
	else if (strcmp(value, "events") == 0)
		address->page = PAGE_EVENTS;
	else if (strcmp(value, "check") == 0)
		address->page = PAGE_CHECK;
	else
		return false;
	return true;
}

static bool
version_take(struct address *address, const char *value)
{
	return number_take(value, 1, INTEGER_MAX, &address->version);
}

static bool
search_take(struct address *address, const char *value)
{
	if (value[0] != '\0')
		address->search = value;
	return strlen(value) <= ADDRESS_SEARCH_MAX;
}

static bool
answer_take(struct address *address, const char *value)
{
	address->answer = value;
	return strlen(value) == ADDRESS_ANSWER_LENGTH &&
	    strspn(value, hex_digits) == ADDRESS_ANSWER_LENGTH;
}

/* The place of the value among those of the table, but the first; 0: it is none of them. */
static size_t
value_find(const char *const *table, size_t count, const char *value)
{
	size_t i = count - 1;

	while (i > 0 && strcmp(table[i], value) != 0)
		i--;
	return i;
}

static bool
part_take(struct address *address, const char *value)
{
	address->part = (enum page_part)value_find(parts, sizeof(parts) / sizeof(parts[0]), value);
	return address->part != PART_ALL;
}

/* The time and line of events: TIME.N */
static bool
moment_take(struct address *address, const char *value)
{
	const char *point = strchr(value, '.');
	uint64_t time, line;

	if (point == NULL || !integer_parse(value, (size_t)(point - value), &time) || time == 0 ||
	    !number_take(point + 1, 0, ADDRESS_SKIP_MAX, &line))
		return false;
	address->before = (int64_t)time;
	address->before_line = (unsigned)line;
	return true;
}

static bool
skip_take(struct address *address, const char *value)
{
	return moment_take(address, value) ||
	    number_take(value, 0, ADDRESS_SKIP_MAX, &address->skip);
}

static bool
download_take(struct address *address, const char *value)
{
	address->download =
	    (enum download_format)value_find(formats, sizeof(formats) / sizeof(formats[0]), value);
	return address->download != DOWNLOAD_NONE;
}

static bool
all_take(struct address *address, const char *value)
{
	address->all = strcmp(value, "1") == 0;
	return address->all;
}

/* Is it one of the three numbers? */
static bool
choice_take(const char *value, const unsigned choices[3], unsigned *to)
{
	uint64_t number;

	if (!integer_parse(value, strlen(value), &number) || number > choices[2])
		return false;
	*to = (unsigned)number;
	return *to == choices[0] || *to == choices[1] || *to == choices[2];
}

static bool
refresh_take(struct address *address, const char *value)
{
	return choice_take(value, (const unsigned[]){ 30, 60, 300 }, &address->refresh);
}

static bool
title_take(struct address *address, const char *value)
{
	size_t length = strlen(value);

	if (value[0] != '\0')
		address->title = value;
	return length <= LINK_TITLE_MAX && text_is_plain(value, length);
}

static bool
days_take(struct address *address, const char *value)
{
	return choice_take(value, (const unsigned[]){ 1, 7, 30 }, &address->days);
}

static bool
names_take(struct address *address, const char *value)
{
	address->names = strcmp(value, "1") == 0;
	return address->names;
}

static bool
language_take(struct address *address, const char *value)
{
	address->language = language_read(value);
	return true;
}

static const struct {
	bool (*take)(struct address *address, const char *value);
	const char *range;
} rules[NAME_COUNT] = {
	[NAME_GROUP] = { group_take, "must have 1 to 256 bytes" },
	[NAME_MESSAGE] = { message_take, "must be a number from 0 to 9007199254740992" },
	[NAME_PAGE] = { page_take, "must be share, events or check" },
	[NAME_VERSION] = { version_take, "must be a number from 1 to 9007199254740992" },
	[NAME_SEARCH] = { search_take, "must have at most 100 bytes" },
	[NAME_ANSWER] = { answer_take, "must be 16 hexadecimal digits in small letters" },
	[NAME_PART] = { part_take, "must be tally, pairs or log" },
	[NAME_SKIP] = { skip_take, "must be a number from 0 to 1000000, or a time of events" },
	[NAME_DOWNLOAD] = { download_take, "must be excel, csv or json" },
	[NAME_ALL] = { all_take, "must be 1" },
	[NAME_REFRESH] = { refresh_take, "must be 30, 60 or 300" },
	[NAME_TITLE] = { title_take, "must have at most 100 bytes, without control characters" },
	[NAME_DAYS] = { days_take, "must be 1, 7 or 30" },
	[NAME_NAMES] = { names_take, "must be 1" },
	[NAME_LANGUAGE] = { language_take, "" },
};

/* reading */

static int
wrong_set(struct address *address, enum name name, const char *value, struct fault *fault)
{
	address->wrong = names[name];
	address->wrong_value = value;
	return fault_set(fault, FAULT_FIELD_RANGE, "%s: %s", names[name], rules[name].range);
}

static int
values_take(struct address *address, const struct parameter *table, struct fault *fault)
{
	/* First, for what is said of a value that is wrong. */
	if (table[NAME_LANGUAGE].value != NULL)
		language_take(address, table[NAME_LANGUAGE].value);
	for (size_t i = 0; i < NAME_COUNT; i++)
		if (table[i].value != NULL && rules[i].take != NULL &&
		    !rules[i].take(address, table[i].value))
			return wrong_set(address, (enum name)i, table[i].value, fault);
	return 0;
}

/* Could link_sign have written it?  Then its strings are short. */
static bool
link_is_shaped(const struct link_values *link)
{
	uint64_t message, expiry;
	uint8_t code[HMAC_SIZE];

	return link->group != NULL && link->group[0] != '\0' &&
	    strlen(link->group) <= GROUP_ID_MAX && link->msg_seq != NULL &&
	    integer_parse(link->msg_seq, strlen(link->msg_seq), &message) &&
	    (link->title == NULL || strlen(link->title) <= LINK_TITLE_MAX) &&
	    (link->names == NULL || strcmp(link->names, "1") == 0) && link->expiry != NULL &&
	    integer_parse(link->expiry, strlen(link->expiry), &expiry) && link->signature != NULL &&
	    hmac_parse(link->signature, code);
}

/* All that counts of a signed link. */
static int
shared_take(struct address *address, struct parameter *table, struct fault *fault)
{
	struct link_values *link = &address->link;

	*link = (struct link_values){ table[NAME_GROUP].value, table[NAME_MESSAGE].value,
		table[NAME_TITLE].value, table[NAME_NAMES].value, table[NAME_EXPIRY].value,
		table[NAME_SIGNATURE].value };
	for (size_t i = 0; i < NAME_DOWNLOAD; i++)
		table[i].value = NULL;
	address->page = PAGE_SHARED;
	if (!link_is_shaped(link))
		return values_take(address, table, fault);
	address->group = link->group;
	address->title = link->title;
	address->names = link->names != NULL;
	message_take(address, link->msg_seq);
	return values_take(address, table, fault);
}

/* A parameter that says nothing without the group, or without the message, that it is of. */
static int
needs_check(struct address *address, const struct parameter *table, struct fault *fault)
{
	static const enum name of_message[] = { NAME_VERSION, NAME_ANSWER, NAME_PART,
		NAME_DOWNLOAD };

	if (address->group == NULL && (address->has_message || address->page == PAGE_SHARE)) {
		address->wrong = names[NAME_GROUP];
		return fault_set(fault, FAULT_FIELD_MISSING, "g: is missing");
	}
	for (size_t i = 0; i < sizeof(of_message) / sizeof(of_message[0]); i++)
		if (table[of_message[i]].value != NULL && !address->has_message)
			goto fail;
	if (address->page != PAGE_SHARE || address->has_message)
		return 0;
fail:
	address->wrong = names[NAME_MESSAGE];
	return fault_set(fault, FAULT_FIELD_MISSING, "m: is missing");
}

/* Whose rows o counts; a time is that of events alone. */
static int
skip_check(struct address *address, const char *value, struct fault *fault)
{
	static const unsigned rows[] = { [PAGE_GROUPS] = ROWS_GROUPS,
		[PAGE_GROUP] = ROWS_MESSAGES,
		[PAGE_MESSAGE] = ROWS_PAIRS, /* ROWS_PART too is a multiple of that */
		[PAGE_CHECK] = 1 };
	bool events = address->page == PAGE_EVENTS;

	if (value == NULL || address->page == PAGE_SHARE)
		return 0;
	address->wrong = names[NAME_SKIP];
	address->wrong_value = value;
	if (events != (address->before > 0))
		return fault_set(fault, FAULT_FIELD_RANGE, "o: must be %s",
		    events ? "a time and a line of it, as 1764688294360.0"
			   : "a number from 0 to 1000000");
	if (!events && address->skip % rows[address->page] != 0)
		return fault_set(fault, FAULT_FIELD_RANGE, "o: must be a multiple of %u",
		    rows[address->page]);
	address->wrong = address->wrong_value = NULL;
	return 0;
}

/* Keeps of what was read what its page takes. */
static void
address_reduce(struct address *address)
{
	enum page page = address->page;
	bool message = page == PAGE_MESSAGE, share = page == PAGE_SHARE;

	if (page == PAGE_EVENTS || page == PAGE_CHECK) {
		address->group = NULL;
		address->has_message = false;
		address->message = 0;
	}
	if (!message) {
		address->version = 0;
		address->answer = NULL;
		address->part = PART_ALL;
		address->download = DOWNLOAD_NONE;
	}
	if (!message && page != PAGE_GROUPS)
		address->search = NULL;
	if (share || page == PAGE_CHECK)
		address->skip = 0;
	if (page != PAGE_GROUP)
		address->all = false;
	if (!message && page != PAGE_EVENTS)
		address->refresh = 0;
	if (!share) {
		address->title = NULL;
		address->days = 0;
		address->names = false;
	}
}

/* Which parameter parameters_read has complained of: what its detail begins with. */
static const char *
parameter_at_fault(const struct fault *fault)
{
	for (size_t i = 0; i < NAME_COUNT; i++) {
		size_t length = strlen(names[i]);

		if (strncmp(fault->detail, names[i], length) == 0 && fault->detail[length] == ':')
			return names[i];
	}
	return NULL;
}

int
address_read(struct address *address, const char *query, char decoded[PARAMETERS_LENGTH_MAX + 1],
    struct fault *fault)
{
	struct parameter table[NAME_COUNT];
	bool shared;
	int read;

	*address = (struct address){ .language = LANGUAGE_NONE };
	for (size_t i = 0; i < NAME_COUNT; i++)
		table[i] = (struct parameter){ names[i], NULL };
	if (query == NULL)
		query = "";
	read = parameters_read(table, NAME_LINK_COUNT, query, decoded, fault);
	shared = table[NAME_EXPIRY].value != NULL || table[NAME_SIGNATURE].value != NULL;
	if (read == 0 && !shared)
		read = parameters_read(table, NAME_COUNT, query, decoded, fault);
	if (read != 0) {
		address->wrong = parameter_at_fault(fault);
		return -1;
	}
	if (shared)
		return shared_take(address, table, fault);
	if (values_take(address, table, fault) != 0 || needs_check(address, table, fault) != 0)
		return -1;
	if (address->page == PAGE_GROUPS && address->has_message)
		address->page = PAGE_MESSAGE;
	else if (address->page == PAGE_GROUPS && address->group != NULL)
		address->page = PAGE_GROUP;
	if (skip_check(address, table[NAME_SKIP].value, fault) != 0)
		return -1;
	address_reduce(address);
	return 0;
}

/* printing */

static char *
name_put(char *at, enum name name)
{
	return at + sprintf(at, "%s%s=", at[-1] == '?' ? "" : "&", names[name]);
}

/* A text; nothing where it is NULL or empty. */
static char *
text_put(char *at, enum name name, const char *text)
{
	if (text == NULL || text[0] == '\0')
		return at;
	at = name_put(at, name);
	return at + parameter_print(at, text);
}

/* A number; nothing where it is 0. */
static char *
number_put(char *at, enum name name, uint64_t number)
{
	if (number == 0)
		return at;
	at = name_put(at, name);
	return at + sprintf(at, "%" PRIu64, number);
}

static char *
skip_put(char *at, const struct address *address)
{
	if (address->before > 0) {
		at = name_put(at, NAME_SKIP);
		return at + sprintf(at, "%" PRId64 ".%u", address->before, address->before_line);
	}
	return number_put(at, NAME_SKIP, address->skip);
}

static const char *
page_word(enum page page)
{
	switch (page) {
	case PAGE_SHARE:
		return "share";
	case PAGE_EVENTS:
		return "events";
	case PAGE_CHECK:
		return "check";
	default:
		return NULL;
	}
}

size_t
address_print(const struct address *address, char text[ADDRESS_SIZE])
{
	const struct link_values *link = &address->link;
	bool shared = address->page == PAGE_SHARED && link_is_shaped(link);
	char *at = text;

	*at++ = '?';
	*at = '\0';
	if (address->page != PAGE_SHARED || shared) {
		at = text_put(at, NAME_GROUP, address->group);
		if (address->has_message) {
			at = name_put(at, NAME_MESSAGE);
			at += sprintf(at, "%" PRIu64, address->message);
		}
		at = text_put(at, NAME_PAGE, page_word(address->page));
		at = number_put(at, NAME_VERSION, address->version);
		at = text_put(at, NAME_SEARCH, address->search);
		at = text_put(at, NAME_ANSWER, address->answer);
		at = text_put(at, NAME_PART, parts[address->part]);
		at = skip_put(at, address);
		at = text_put(at, NAME_DOWNLOAD, formats[address->download]);
		at = number_put(at, NAME_ALL, address->all);
		at = number_put(at, NAME_REFRESH, address->refresh);
		at = text_put(at, NAME_TITLE, address->title);
		at = number_put(at, NAME_DAYS, address->days);
		at = number_put(at, NAME_NAMES, address->names);
	}
	if (address->language != LANGUAGE_NONE)
		at = text_put(at, NAME_LANGUAGE, language_tag(address->language));
	if (shared) {
		at = text_put(at, NAME_SIGNATURE, link->signature);
		at = text_put(at, NAME_EXPIRY, link->expiry);
	}
	return (size_t)(at - text);
}

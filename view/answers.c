/*
 * answers.c - a message's answers: counted, and one by one.
 *
 * The first answer's bar, and all that equal it, stand out: who won is seen before anything is read.
 * Bars are of all answers, not of the greatest, so that half is half.
 *
 * A filter names an answer by a part of its hash: what users wrote stays out of addresses, and so
 * out of logs and histories.  Two answers of one name would be filtered as one; for that to happen by
 * chance a message would need billions of answers.
 */
#include <stdlib.h>
#include <string.h>

#include "view/answers.h"
#include "base/text.h"
#include "base/hmac.h"
#include "log/tally.h"
#include "view/address.h"
#include "view/html.h"
#include "view/layout.h"
#include "view/navigation.h"
#include "view/result.h"
#include "view/table.h"
#include "view/view.h"

#define ROW_MARKUP 32 /* bytes that a row has at least, without its texts */
#define DIFFER_MIN 5  /* four answers to four choices may all differ */

bool
answers_differ(const struct result *result)
{
	return result->pair_count >= DIFFER_MIN && result->tally_count == result->pair_count;
}

static void
answer_name(const char *text, size_t length, char digits[ADDRESS_ANSWER_LENGTH + 1])
{
	uint8_t hash[HMAC_SIZE];

	sha256(text, length, hash);
	for (size_t i = 0; i < ADDRESS_ANSWER_LENGTH; i++)
		digits[i] = hex_digits[hash[i / 2] >> (i % 2 == 0 ? 4 : 0) & 15];
	digits[ADDRESS_ANSWER_LENGTH] = '\0';
}

const char *
answer_find(const struct result *result, const char *digits)
{
	char name[ADDRESS_ANSWER_LENGTH + 1];

	for (size_t i = 0; i < result->tally_count; i++) {
		answer_name(result->tally[i].text, result->tally[i].length, name);
		if (strcmp(name, digits) == 0)
			return result->tally[i].text;
	}
	return NULL;
}

/* The number of an answer's row, as a link to who chose it. */
static void
count_link(struct view *view, const struct tally_row *row)
{
	struct address to = message_address(view);
	char name[ADDRESS_ANSWER_LENGTH + 1];

	answer_name(row->text, row->length, name);
	to.answer = name;
	to.part = PART_PAIRS;
	html_markup(&view->html, "<a");
	view_href(view, &to);
	html_markup(&view->html, ">");
	html_number(&view->html, row->count);
	html_markup(&view->html, "</a>");
}

static void
bar_print(struct html *html, const struct result *result, const struct tally_row *row)
{
	html_markup(html,
	    "<svg aria-hidden=\"true\" focusable=\"false\"><rect class=\"track\" "
	    "width=\"100%\" height=\"100%\" rx=\"2\"/><rect");
	html_attribute(html, "class", row->count == result->tally[0].count ? "bar" : "bar2");
	html_attribute_percent(html, "width", row->count, result->pair_count);
	html_markup(html, " height=\"100%\" rx=\"2\"/></svg>");
}

static void
tally_row_print(struct view *view, const struct result *result, const struct tally_row *row,
    bool revealed)
{
	html_markup(&view->html, "<tr><th scope=\"row\">");
	user_text(view, row->text, revealed);
	bar_print(&view->html, result, row);
}

/* How many of total rows are shown. */
static size_t
rows_shown(struct rows rows, size_t total)
{
	size_t rest = rows.skip >= total ? 0 : total - (size_t)rows.skip;

	return rest < rows.count ? rest : rows.count;
}

/*
 * How many of so many rows the page may have room for: a text takes its own length at least.  What is
 * done for rows that nobody sees, a stranger with a link could ask for again and again.
 */
static size_t
tally_room(const struct html *html, const struct tally_row *rows, size_t count)
{
	size_t used = html->length, room = 0;

	while (room < count && (html->limit == 0 || used <= html->limit))
		used += ROW_MARKUP + rows[room++].length;
	return room;
}

static size_t
pairs_room(const struct html *html, const struct result_pair *const *pairs, size_t count)
{
	size_t used = html->length, room = 0;

	for (; room < count && (html->limit == 0 || used <= html->limit); room++)
		used += ROW_MARKUP + strlen(pairs[room]->key) + strlen(pairs[room]->value);
	return room;
}

static const char *
text_of(const void *rows, size_t index)
{
	return ((const struct tally_row *)rows)[index].text;
}

size_t
tally_print(struct view *view, const struct result *result, struct rows rows, bool links)
{
	struct html *html = &view->html;
	size_t some = rows_shown(rows, result->tally_count), shown = 0;
	const struct tally_row *row = some == 0 ? NULL : result->tally + rows.skip;
	size_t count = tally_room(html, row, some);
	bool *revealed;

	if (count == 0 || html->full)
		return 0;
	revealed = rows_reveal(view, row, text_of, count);
	if (revealed == NULL)
		return 0;
	table_begin(view, "big", STRING_RESULT);
	table_column(view, STRING_ANSWER, false);
	table_column(view, STRING_ANSWERS, false);
	table_column(view, STRING_SHARE_PCT, false);
	html_markup(html, "<tbody>");
	for (; shown < count && !html->full; shown++) {
		tally_row_print(view, result, &row[shown], revealed[shown]);
		html_markup(html, "<td class=\"n\">");
		if (links)
			count_link(view, &row[shown]);
		else
			html_number(html, row[shown].count);
		html_markup(html, "<td class=\"n\">");
		percent_print(view, row[shown].count, result->pair_count);
	}
	table_end(view);
	free(revealed);
	return shown;
}

/* pairs */

/* Is the word in the text, letters of ASCII in either case? */
static bool
text_has(const char *text, const char *word)
{
	return strcasestr(text, word) != NULL;
}

/* The pairs that match the address, in an array for free(); NULL: no memory. */
static const struct result_pair **
pairs_choose(const struct view *view, const struct result *result, size_t *count)
{
	const struct address *address = view->address;
	const struct result_pair **chosen = calloc(result->pair_count + 1, sizeof(*chosen));
	bool shared = view->link != NULL;
	const char *answer = NULL;

	*count = 0;
	if (chosen == NULL)
		return NULL;
	if (!shared && address->answer != NULL) {
		answer = answer_find(result, address->answer);
		if (answer == NULL)
			return chosen;
	}
	for (size_t i = 0; i < result->pair_count; i++) {
		const struct result_pair *pair = &result->pairs[i];

		if (answer != NULL && strcmp(answer, pair->value) != 0)
			continue;
		if (!shared && address->search != NULL && !text_has(pair->key, address->search) &&
		    !text_has(pair->value, address->search))
			continue;
		chosen[(*count)++] = pair;
	}
	return chosen;
}

static const char *
key_of(const void *rows, size_t index)
{
	return ((const struct result_pair *const *)rows)[index]->key;
}

static const char *
value_of(const void *rows, size_t index)
{
	return ((const struct result_pair *const *)rows)[index]->value;
}

/* Returns how many rows there was room for. */
static size_t
pairs_rows(struct view *view, const struct result_pair *const *pairs, size_t count)
{
	struct html *html = &view->html;
	bool *keys, *values;
	size_t shown = 0;

	count = pairs_room(html, pairs, count);
	keys = rows_reveal(view, pairs, key_of, count);
	values = rows_reveal(view, pairs, value_of, count);
	if (keys == NULL || values == NULL)
		goto out;
	table_begin(view, "pairs", STRING_WHO_WHAT);
	table_column(view, STRING_WHO, false);
	table_column(view, STRING_ANSWER, false);
	table_column(view, STRING_WHEN, true);
	html_markup(html, "<tbody>");
	for (; shown < count && !html->full; shown++) {
		html_markup(html, "<tr><th scope=\"row\">");
		user_text(view, pairs[shown]->key, keys[shown]);
		html_markup(html, "<td>");
		user_text(view, pairs[shown]->value, values[shown]);
		html_markup(html, "<td class=\"n\">");
		view_time(view, pairs[shown]->time);
	}
	table_end(view);
out:
	free(keys);
	free(values);
	return shown;
}

size_t
pairs_print(struct view *view, const struct result *result, struct rows rows, uint64_t *total)
{
	size_t matching = 0, count, shown = 0;
	const struct result_pair **pairs = pairs_choose(view, result, &matching);

	*total = matching;
	if (pairs == NULL) {
		view->html.failed = true;
		return 0;
	}
	count = rows_shown(rows, matching);
	if (count > 0 && !view->html.full)
		shown = pairs_rows(view, pairs + rows.skip, count);
	free(pairs);
	return shown;
}

/*
 * tally.c - pairs counted by their values, or by the beginnings of their keys.
 *
 * All texts are sorted, so that equal ones stand together: n log n, whoever chose them.
 */
#include <stdlib.h>
#include <string.h>

#include "log/tally.h"
#include "record.h"

static int
text_compare(const struct tally_row *left, const struct tally_row *right)
{
	size_t shorter = left->length < right->length ? left->length : right->length;
	int order = memcmp(left->text, right->text, shorter);

	return order != 0 ? order : (left->length > right->length) - (left->length < right->length);
}

static int
row_compare_text(const void *a, const void *b)
{
	return text_compare(a, b);
}

static int
row_compare(const void *a, const void *b)
{
	const struct tally_row *left = a, *right = b;

	if (left->count != right->count)
		return left->count < right->count ? 1 : -1;
	return text_compare(left, right);
}

struct tally_row *
tally_make(const struct event_pair *pairs, size_t total, const char *separator, size_t *count)
{
	struct tally_row *rows = calloc(total + 1, sizeof(*rows));
	size_t used = 0;

	if (rows == NULL)
		return NULL;
	for (size_t i = 0; i < total; i++) {
		const char *text = separator == NULL ? pairs[i].value : pairs[i].key;
		const char *end = separator == NULL ? NULL : strstr(text, separator);

		rows[i] = (struct tally_row){ text,
			end == NULL ? strlen(text) : (size_t)(end - text), 1 };
	}
	qsort(rows, total, sizeof(*rows), row_compare_text);
	for (size_t i = 0; i < total; i++) {
		if (used > 0 && text_compare(&rows[used - 1], &rows[i]) == 0)
			rows[used - 1].count++;
		else
			rows[used++] = rows[i];
	}
	qsort(rows, used, sizeof(*rows), row_compare);
	*count = used;
	return rows;
}

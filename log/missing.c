/*
 * missing.c - the versions of a message that never arrived, counted and in text.
 *
 * They are the holes between the versions that arrived (log/state.c): each costs a look at a tree,
 * so that a message with a million holes is no burden.
 */
#include <stdio.h>
#include <stdlib.h>

#include "log/missing.h"
#include "log/state.h"
#include "record.h"

uint64_t
missing_count(const struct message *message)
{
	struct seq_range gap;
	uint64_t count = 0;

	for (size_t i = 0; message_gap(message, i, &gap); i++)
		count += gap.last - gap.first + 1;
	return count;
}

char *
missing_text(const struct message *message, bool is_json)
{
	struct seq_range gap;
	const char *open = is_json ? "[" : "", *between = is_json ? ",[" : ", ";
	size_t count = 0;
	char *text, *at;

	while (message_gap(message, count, &gap))
		count++;
	at = text = calloc(count + 1, 48);
	if (text == NULL)
		return NULL;
	at += sprintf(at, "%s", is_json ? "[" : "");
	for (size_t i = 0; message_gap(message, i, &gap); i++) {
		at += sprintf(at, "%s%llu", i == 0 ? open : between, (unsigned long long)gap.first);
		if (is_json || gap.last > gap.first)
			at +=
			    sprintf(at, is_json ? ",%llu]" : "-%llu", (unsigned long long)gap.last);
	}
	sprintf(at, "%s", is_json ? "]" : "");
	return text;
}

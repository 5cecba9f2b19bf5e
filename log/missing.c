/*
 * missing.c - the versions of a message that never arrived, in text.
 *
 * They are the holes between the versions that arrived (log/state.c), all taken at once, so that a message
 * with a million holes is no burden.
 */
#include <stdio.h>
#include <stdlib.h>

#include "log/missing.h"
#include "log/state.h"
#include "record.h"

char *
missing_text(const struct message *message, bool is_json)
{
	size_t count;
	struct seq_range *gaps = message_gaps(message, &count);
	const char *open = is_json ? "[" : "", *between = is_json ? ",[" : ", ";
	char *text, *at;

	at = text = gaps == NULL ? NULL : calloc(count + 1, 48);
	if (text == NULL) {
		free(gaps);
		return NULL;
	}
	at += sprintf(at, "%s", is_json ? "[" : "");
	for (size_t i = 0; i < count; i++) {
		at += sprintf(at, "%s%llu", i == 0 ? open : between,
		    (unsigned long long)gaps[i].first);
		if (is_json || gaps[i].last > gaps[i].first)
			at += sprintf(at, is_json ? ",%llu]" : "-%llu",
			    (unsigned long long)gaps[i].last);
	}
	free(gaps);
	sprintf(at, "%s", is_json ? "]" : "");
	return text;
}

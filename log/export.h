/* export.h - a message's pairs, as other programs take them: CSV, CSV for spreadsheets, JSON */
#ifndef LOG_EXPORT_H
#define LOG_EXPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event_pair;

struct export
{
	const char *group;
	uint64_t msg_seq, latest_seq, clear_seq;
	const struct event_pair *pairs; /* by Seq, then key */
	size_t pair_count;
};

/*
 * The message in the shape of the vendor's group_get_key_values answer, without a newline at the end;
 * or a row for each pair below the columns' names.  The caller frees it.  NULL: no memory.
 */
char *export_json(const struct export *message, size_t *length);
char *export_csv(const struct export *message, bool spreadsheet, size_t *length);

/* Of export_csv's columns. */
#define EXPORT_KEY "Key"
#define EXPORT_VALUE "Value"
#define EXPORT_SEQ "Seq"

#endif

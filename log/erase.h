/*
 * erase.h - what is to leave a file's lines: the pairs of a key, or clients' addresses
 *
 *	struct erasure erasure = { .key = key, .group_id = group_id };
 *
 *	if (erasure_begin(&erasure, fault) != 0)           for each file anew
 *		...
 *	while (there is a line)
 *		erasure_look(&erasure, &line, fault)
 *	if (erasure.found) {
 *		if (erasure_gathers(&erasure))
 *			while (there is a line, from the first one again)
 *				erasure_gather(&erasure, &line, fault)
 *		while (there is a line, from the first one again)
 *			erasure_line(&erasure, &line, &bytes, &length, fault)
 *	}
 *	erasure_end(&erasure);
 */
#ifndef LOG_ERASE_H
#define LOG_ERASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "log/line.h"

struct fault;
struct line;
struct state;

struct erased_count {
	uint64_t pairs;
	uint64_t lines;     /* that had them */
	uint64_t fragments; /* lines that cannot be read, and had the key */
	uint64_t
	    elsewhere; /* lines that have the key as a value, or in a member that is not known: it stays */
	uint64_t addresses; /* lines that had one */
};

#define ERASED_TEXT_SIZE 160

/* "5 pairs in 4 lines of 3 files erased", or "would be erased". */
void erased_text(const struct erased_count *count, uint64_t files, bool dry_run,
    char text[ERASED_TEXT_SIZE]);

struct erasure {
	/* set by the caller */
	const char *key; /* NULL: no pair */
	int64_t before;  /* > 0: addresses of lines that arrived before; milliseconds since 1970 */
	const char *group_id; /* whose lines they are */
	/* what became of it */
	struct erased_count count; /* since the caller set it to 0 */
	bool found;                /* is anything to leave this file? */
	/* private */
	struct line_reader reader;
	struct state *erased; /* of each message, the versions that had a pair of the key */
	struct state *named;  /* of each message, the versions that a line named as erased before */
	struct state *compacted; /* messages of which snapshots of compactions had one */
	char *line;
};

/*
 * All of these fail with MEMORY, and LOG_UNSAFE or FIELD_RANGE where a line is too long.  Without a
 * key erasure_line needs nothing before it.
 */
int erasure_begin(struct erasure *erasure, struct fault *fault);
void erasure_end(struct erasure *erasure);

/* Counts what is to leave the line. */
int erasure_look(struct erasure *erasure, const struct line *line, struct fault *fault);
/* Must the lines be gathered from, too? */
bool erasure_gathers(const struct erasure *erasure);
int erasure_gather(struct erasure *erasure, const struct line *line, struct fault *fault);
/*
 * The line as it is to be, which lives until the next call, without a newline: 1; 0: it stays as it
 * is, and bytes and length as they were; -1.
 */
int erasure_line(struct erasure *erasure, const struct line *line, const char **bytes,
    size_t *length, struct fault *fault);

#endif

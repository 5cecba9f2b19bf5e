/*
 * recent.h - the last events of all groups, newest first
 *
 * The ends of the logs that changed last are read, and nothing else: the newest rows are sure, and
 * after some hundreds the list ends.
 */
#ifndef VIEW_RECENT_H
#define VIEW_RECENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "record.h"
#include "view/result.h"

struct fault;

#define RECENT_LOGS 32
#define RECENT_TAIL ((off_t)64 << 10) /* bytes of each log's end */

/* A line of a log. */
struct recent_row {
	const char *group;
	uint64_t message;
	enum change_kind kind; /* CHANGE_SET to CHANGE_SNAPSHOT */
	uint64_t seq;
	int64_t time;            /* when it arrived, in milliseconds since 1970; -1: not known */
	const char *key, *value; /* of its first pair, as struct result_change has them */
	size_t pairs;            /* how many it has */
	unsigned number;         /* of those of its millisecond, from 1: for the page after it */
};

struct recent_query {
	const char *data_dir;
	int64_t before;       /* only what stands after that millisecond's row of this number; */
	unsigned before_line; /* before 0: from the newest on */
	size_t rows;          /* at most */
};

struct recent {
	struct recent_row *rows;
	size_t count;
	bool more; /* there are others after them */
	uint64_t unreadable;
	/* private */
	char **texts;
	size_t text_count;
};

/*
 * 0; -1: DATA_DIR, MEMORY.  A log that cannot be opened is passed over.  The caller calls
 * recent_free in any case.
 */
int recent_read(struct recent *recent, const struct recent_query *query, struct fault *fault);
void recent_free(struct recent *recent);

#endif

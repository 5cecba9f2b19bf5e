/*
 * find.h - which messages are to be asked for
 *
 *	struct tasks tasks = { 0 };
 *	const struct find find = { .options = &store, .repairs = &repairs, ... };
 *
 *	if (find_tasks(&find, &tasks, fault) == 0)
 *		for (size_t i = 0; i < tasks.count; i++)
 *			use(&tasks.list[i]);
 *	tasks_free(&tasks);
 */
#ifndef REPAIR_FIND_H
#define REPAIR_FIND_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "log/repairs.h"

struct fault;
struct store_options;

enum task_kind {
	TASK_GAP,   /* versions between others are missing, */
	TASK_START, /* or may be before the first, */
	TASK_END    /* or after the last */
};

enum task_result {
	TASK_OPEN,     /* not asked, or not to the end */
	TASK_KNOWN,    /* there is nothing new */
	TASK_REPAIRED, /* imported, and no gap is left */
	TASK_LEFT,     /* nobody knows why; the next run asks again */
	TASK_REFUSED   /* cannot be repaired */
};

/* A message that is to be asked for. */
struct task {
	char *group_id;
	uint64_t msg_seq;
	uint64_t latest_seq; /* the last version that is known */
	uint64_t
	    needed_seq; /* a version that is missing: an answer that ends before it does not help */
	enum task_kind kind;
	enum task_result result;
	bool remembered; /* a run before could not repair it */
};

struct tasks {
	struct task *list;
	size_t count, size;
	size_t kinds[TASK_END + 1]; /* how many of each */
	/* Messages that were asked for less than a week ago, and have a gap still. */
	struct repairs resting;
	size_t resting_gaps;
	/* what was met on the way */
	uint64_t unreadable; /* lines that are no records of their log's group */
	uint64_t foreign;    /* lines of other apps */
	int skipped;         /* the exit status for logs that could not be read, or 0 */
};

struct find {
	const struct store_options *options;
	const char *from;              /* an engine to read, too; or NULL */
	const struct repairs *repairs; /* what the last run could not repair */
	uint64_t sdk_app_id;           /* whose messages are asked for */
	int64_t now;                   /* milliseconds since 1970 */
	int64_t recent; /* ask for what changed since that time, too; INT64_MAX: no */
	const volatile sig_atomic_t *stopping; /* it is to end */
	/* Reports a log that cannot be read. */
	void (*tell)(const struct fault *fault);
};

/* 0; 1: it was told to end before; -1: fault. */
int find_tasks(const struct find *find, struct tasks *tasks, struct fault *fault);
void tasks_free(struct tasks *tasks);

#endif

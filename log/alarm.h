/*
 * alarm.h - is anything wrong that the owner should hear of?
 *
 *	struct alarm alarm = { .store = &store, .state_path = path, .now = time_now() };
 *
 *	if (alarm_run(&alarm, fault) == 0)
 *		for (size_t i = 0; i < alarm.line_count; i++)
 *			use(alarm.lines[i]);
 *	alarm_end(&alarm);
 */
#ifndef LOG_ALARM_H
#define LOG_ALARM_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "log/alarm_state.h"
#include "log/repairs.h"
#include "log/watch.h"
#include "store/options.h"
#include "store/refused.h"

struct fault;

#define ALARM_LINE_SIZE (4 * STORE_NAME_SIZE + 600)
#define ALARM_LINES_MAX (ALARM_KINDS + 4) /* the state, and several of the space */

/* The fullest of disk and quota, of bytes and files. */
struct alarm_space {
	unsigned percent; /* used; 0: not known */
	uint64_t free;    /* bytes that we can still use */
};

/* What is known at the moment, and cheap to know. */
struct alarm_facts {
	struct refused refused[REFUSED_MAX];
	int refused_count;       /* of reasons; -1: the file is not ours */
	uint64_t refused_events; /* of all reasons */
	struct repairs repairs;
	bool ship_is_known; /* msgext-ship has been at work here, */
	int64_t ship_done;  /* and had shipped all then: milliseconds since 1970 */
	struct alarm_space space;
};

struct alarm {
	/* set by the caller */
	const struct store_options *store;
	const char *state_path; /* NULL: the one in the data directory */
	bool all;               /* tells all that there is, and keeps nothing of it in mind */
	int64_t now;            /* milliseconds since 1970 */
	/* what was found */
	struct alarm_facts facts;
	struct watch watch;
	struct alarm_state before, after;
	char lines[ALARM_LINES_MAX][ALARM_LINE_SIZE]; /* printable ASCII, to be told */
	size_t line_count;
	bool stands[ALARM_KINDS]; /* what is so now */
	/* private */
	int lock;
	char path[PATH_MAX];
};

/*
 * Looks at everything, and keeps in mind what is to be told.  Fails with DATA_DIR, OPEN_FAILED,
 * LOCK_FAILED, LOCK_TIMEOUT, MEMORY.  alarm_end is called either way.
 */
int alarm_run(struct alarm *alarm, struct fault *fault);
/* The caller has told the lines: writes down that they were.  Fails as alarm_state_write. */
int alarm_keep(struct alarm *alarm, struct fault *fault);
void alarm_end(struct alarm *alarm);

/* Of the facts, what a page may ask for each time.  alarm_facts_free releases them. */
void alarm_facts_read(struct alarm_facts *facts, const char *data_dir);
void alarm_facts_free(struct alarm_facts *facts);

/* Whether something is wrong, of what facts alone tell. */
bool alarm_ship_stands_still(const struct alarm_facts *facts, int64_t logs_changed, int64_t now);
bool alarm_repair_stands_still(const struct alarm_facts *facts, int64_t now);
bool alarm_repair_fails(const struct alarm_facts *facts, int64_t now);
/* 0: the signature is good for a week or more, or not known of; 1, 2, 4: worse and worse. */
unsigned alarm_signature_level(const struct alarm_facts *facts, int64_t now);
/* 0: there is room; 1, 2, 4: less and less. */
unsigned alarm_space_level(const struct alarm_space *space);

/*
 * What was found as metrics, in Prometheus's text format; for free().  No name of a group is in
 * it.  NULL: no memory.
 */
char *alarm_metrics(const struct alarm *alarm, size_t *length);

#endif

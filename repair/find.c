/*
 * find.c - which messages are to be asked for.
 *
 * Versions that are missing between others are a gap, as msgextctl gaps has it.  What was lost
 * after the last version, or before the first, leaves no trace: it is asked for where the message
 * changed not long ago.
 *
 * With an engine, what all nodes have shipped is folded together with what this node has: an
 * answer that was imported a moment ago may not be shipped yet.  So are logs that only this node
 * has.
 *
 * A receiver may take events of several apps (sdk_app_id = any).  The vendor is asked as one of
 * them, and a group of another app may have the same id: lines of others do not count.
 *
 * What could not be repaired rests for a week.
 */
#include "repair/find.h"

#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "base/text.h"
#include "log/line.h"
#include "log/scan.h"
#include "log/source.h"
#include "log/state.h"
#include "names.h"
#include "record.h"
#include "store/options.h"

#define WEEK_MILLISECONDS (INT64_C(7) * 24 * 3600 * 1000)

/* A log's messages, while they are folded. */
struct fold {
	const struct find *find;
	struct tasks *tasks;
	struct fault *fault;
	struct line_reader reader;
	struct state *state;
	char log_name[STORE_NAME_SIZE];
	char group_id[GROUP_ID_MAX + 1]; /* "": no record yet */
	struct scan_names names;         /* with an engine: this node's logs, sorted; */
	bool *looked;                    /* which of them were read with the engine's */
};

#define APP_HEAD 64 /* bytes of an event's line, among which its app stands */

/* Is it an event of another app?  A snapshot names none. */
static bool
line_is_foreign(const struct fold *fold, const struct line *line)
{
	static const char name[] = "\"SdkAppid\":";
	size_t head = line->length < APP_HEAD ? line->length : APP_HEAD;
	const char *at = memmem(line->bytes, head, name, sizeof(name) - 1);
	uint64_t app;

	if (at == NULL)
		return false;
	at += sizeof(name) - 1;
	return integer_parse(at, strspn(at, "0123456789"), &app) && app != fold->find->sdk_app_id;
}

/* Is that log the group's, in either spelling? */
static bool
group_has(struct fold *fold, const char *group_id)
{
	char name[STORE_NAME_SIZE];

	if (fold->group_id[0] != '\0')
		return strcmp(group_id, fold->group_id) == 0;
	store_name(group_id, name);
	if (strcmp(name, fold->log_name) != 0)
		store_name_short(group_id, name);
	if (strcmp(name, fold->log_name) != 0)
		return false;
	strcpy(fold->group_id, group_id);
	return true;
}

/* Folds what a line says of versions. */
static int
line_fold(struct fold *fold, const struct line *line)
{
	struct record record;
	int result;

	if (line_is_foreign(fold, line)) {
		fold->tasks->foreign++;
		return 0;
	}
	result = line_record(&fold->reader, line, &record, fold->fault);
	if (result < 0)
		return -1;
	if (result == 0 || !group_has(fold, record.event.group_id)) {
		fold->tasks->unreadable++;
		return 0;
	}
	record.event.pair_count = record.deleted_count = record.unlisted_count = 0;
	return state_fold(fold->state, &record) == 0 ? 0 : fault_memory(fold->fault);
}

static int
name_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Where it is noted that this log of this node was read; NULL: nowhere. */
static bool *
name_looked(const struct fold *fold, const char *name)
{
	char **found = fold->looked == NULL
	    ? NULL
	    : bsearch(&name, fold->names.names, fold->names.count, sizeof(name), name_compare);

	return found == NULL ? NULL : &fold->looked[found - fold->names.names];
}

/* Folds this node's log of the group, too. */
static int
local_fold(struct fold *fold)
{
	char name[STORE_NAME_SIZE];
	struct scan scan;
	struct line line;
	bool *looked;
	int more;

	if (fold->group_id[0] == '\0')
		return 0;
	store_name_find(fold->find->options->data_dir, fold->group_id, name);
	looked = name_looked(fold, name);
	if (looked != NULL)
		*looked = true;
	more = scan_open(&scan, fold->find->options->data_dir, name, fold->fault);
	if (more != 1)
		return more;
	while ((more = scan_next(&scan, &line, fold->fault)) == 1)
		if (line_fold(fold, &line) != 0) {
			more = -1;
			break;
		}
	scan_close(&scan);
	return more;
}

/* Is it to be asked for?  What for, in that case, goes to kind. */
static bool
message_asks(const struct find *find, const struct message *message, enum task_kind *kind)
{
	struct seq_range gap;

	if (message_gap(message, 0, &gap))
		*kind = TASK_GAP;
	else if (message->time < find->recent)
		return false;
	else
		*kind = message_first_seq(message) > 1 ? TASK_START : TASK_END;
	return true;
}

/* The version that an answer must reach, or it leaves the gap, or opens one. */
static uint64_t
needed_seq(const struct message *message, enum task_kind kind)
{
	struct seq_range gap;

	if (kind == TASK_GAP && message_gap(message, 0, &gap))
		return gap.first;
	return kind == TASK_START ? message_first_seq(message) - 1 : message->latest_seq + 1;
}

static int
task_add(struct fold *fold, const struct message *message, enum task_kind kind, bool remembered)
{
	struct tasks *tasks = fold->tasks;
	struct task *task;

	if (tasks->count == tasks->size) {
		size_t size = tasks->size == 0 ? 64 : 2 * tasks->size;
		struct task *larger = realloc(tasks->list, size * sizeof(*larger));

		if (larger == NULL)
			return fault_memory(fold->fault);
		tasks->list = larger;
		tasks->size = size;
	}
	task = &tasks->list[tasks->count];
	*task = (struct task){ .msg_seq = message->msg_seq,
		.latest_seq = message->latest_seq,
		.needed_seq = needed_seq(message, kind),
		.kind = kind,
		.remembered = remembered };
	task->group_id = strdup(fold->group_id);
	if (task->group_id == NULL)
		return fault_memory(fold->fault);
	tasks->count++;
	tasks->kinds[kind]++;
	return 0;
}

/* Finds what of the log that was folded is to be asked for. */
static int
messages_look(struct fold *fold)
{
	const struct find *find = fold->find;
	size_t count = 0;
	struct message **messages = state_messages(fold->state, &count);

	if (messages == NULL)
		return fault_memory(fold->fault);
	for (size_t i = 0; i < count; i++) {
		const struct repair *repair;
		enum task_kind kind;

		if (!message_asks(find, messages[i], &kind))
			continue;
		repair = repairs_find(find->repairs, fold->group_id, messages[i]->msg_seq);
		/* A time to come is that of a clock that was wrong. */
		if (repair == NULL || repair->asked > find->now ||
		    repair->asked <= find->now - WEEK_MILLISECONDS) {
			if (task_add(fold, messages[i], kind, repair != NULL) != 0)
				return -1;
			continue;
		}
		fold->tasks->resting_gaps += kind == TASK_GAP;
		if (repairs_add(&fold->tasks->resting, fold->group_id, messages[i]->msg_seq,
			repair) != 0)
			return fault_memory(fold->fault);
	}
	return 0;
}

/* Reads the log at hand, and finds what of it is to be asked for. */
static int
log_look(struct fold *fold, struct source *source)
{
	struct line line;
	int more, result = -1;

	fold->state = state_new();
	fold->group_id[0] = '\0';
	memcpy(fold->log_name, source->name, sizeof(fold->log_name));
	if (fold->state == NULL)
		return fault_memory(fold->fault);
	while ((more = source_line(source, &line, fold->fault)) == 1)
		if (*fold->find->stopping || line_fold(fold, &line) != 0)
			goto out;
	if (more != 0)
		goto out;
	if (source->from == NULL || local_fold(fold) == 0)
		result = messages_look(fold);
out:
	state_free(fold->state);
	fold->state = NULL;
	return result;
}

/* Is it the fault of one log alone?  Then it is reported, and the others go on. */
static bool
fault_skipped(struct fold *fold)
{
	struct fault *fault = fold->fault;

	if (fault->code != FAULT_OPEN_FAILED && fault->code != FAULT_LOG_UNSAFE)
		return false;
	fold->find->tell(fault);
	fold->tasks->skipped = fault_exit_status(fault->code);
	fault->code = FAULT_NONE;
	return true;
}

/* Looks at all logs of this node, or of the engine: 0; 1: it was told to end before; -1: fault. */
static int
logs_look(struct fold *fold, const char *from)
{
	static const struct selection everything = { .group = NULL };
	const struct find *find = fold->find;
	struct source source;
	bool *looked;
	int more, result = 0;

	if (source_open(&source, find->options->data_dir, from, &everything, fold->fault) != 0)
		return -1;
	do {
		more = source_log(&source, fold->fault);
		looked = more == 1 && from == NULL ? name_looked(fold, source.name) : NULL;
		if (looked != NULL && *looked)
			continue;
		if (more == 1 ? log_look(fold, &source) != 0 : more < 0)
			result = *find->stopping ? 1 : fault_skipped(fold) ? 0 : -1;
	} while (more != 0 && result == 0 && !*find->stopping);
	source_close(&source);
	return result == 0 && *find->stopping ? 1 : result;
}

/* Looks at what the engine has. */
static int
engine_look(struct fold *fold)
{
	const struct find *find = fold->find;

	if (scan_list(find->options->data_dir, &fold->names, fold->fault) != 0)
		return -1;
	fold->looked = calloc(fold->names.count + 1, sizeof(*fold->looked));
	return fold->looked == NULL ? fault_memory(fold->fault) : logs_look(fold, find->from);
}

int
find_tasks(const struct find *find, struct tasks *tasks, struct fault *fault)
{
	struct fold fold = { .find = find, .tasks = tasks, .fault = fault };
	int result = 0;

	tasks->resting.ended = -1;
	if (find->from != NULL)
		result = engine_look(&fold);
	if (result == 0)
		result = logs_look(&fold, NULL);
	scan_names_free(&fold.names);
	free(fold.looked);
	line_reader_free(&fold.reader);
	return result;
}

void
tasks_free(struct tasks *tasks)
{
	for (size_t i = 0; i < tasks->count; i++)
		free(tasks->list[i].group_id);
	free(tasks->list);
	repairs_free(&tasks->resting);
	*tasks = (struct tasks){ 0 };
}

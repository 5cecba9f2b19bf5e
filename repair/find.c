/*
 * find.c - which messages are to be asked for.
 *
 * Versions that are missing between others are a gap, as msgextctl gaps has it.  What was lost
 * after the last version, or before the first, leaves no trace: it is asked for where the message
 * changed not long ago.
 *
 * With an engine, what all nodes have shipped is folded together with what this node has: an
 * answer that was imported a moment ago may not be shipped yet.
 *
 * What could not be repaired rests for a week.
 */
#include "repair/find.h"

#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
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
};

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
	int result = line_record(&fold->reader, line, &record, fold->fault);

	if (result < 0)
		return -1;
	if (result == 0 || !group_has(fold, record.event.group_id)) {
		fold->tasks->unreadable++;
		return 0;
	}
	record.event.pair_count = record.deleted_count = record.unlisted_count = 0;
	return state_fold(fold->state, &record) == 0 ? 0 : fault_memory(fold->fault);
}

/* Folds this node's log of the group, too. */
static int
local_fold(struct fold *fold)
{
	char name[STORE_NAME_SIZE];
	struct scan scan;
	struct line line;
	int more;

	if (fold->group_id[0] == '\0')
		return 0;
	store_name_find(fold->find->options->data_dir, fold->group_id, name);
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

static int
task_add(struct fold *fold, const struct message *message, enum task_kind kind,
    const struct repair *repair)
{
	struct tasks *tasks = fold->tasks;
	struct seq_range gap;
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
		.kind = kind,
		.remembered = repair != NULL };
	if (kind == TASK_GAP && message_gap(message, 0, &gap))
		task->gap_first = gap.first;
	if (repair != NULL)
		task->repair = *repair;
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
			if (task_add(fold, messages[i], kind, repair) != 0)
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
	strcpy(fold->log_name, source->name);
	if (fold->state == NULL)
		return fault_memory(fold->fault);
	while ((more = source_line(source, &line, fold->fault)) == 1)
		if (*fold->find->stopping || line_fold(fold, &line) != 0)
			goto out;
	if (more == 0 && (fold->find->from == NULL || local_fold(fold) == 0))
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

int
find_tasks(const struct find *find, struct tasks *tasks, struct fault *fault)
{
	static const struct selection everything = { .group = NULL };
	struct fold fold = { .find = find, .tasks = tasks, .fault = fault };
	struct source source;
	int more, result = 0;

	tasks->resting.ended = -1;
	if (source_open(&source, find->options->data_dir, find->from, &everything, fault) != 0)
		return -1;
	do {
		more = source_log(&source, fault);
		if (more == 1 ? log_look(&fold, &source) != 0 : more < 0)
			result = *find->stopping ? 1 : fault_skipped(&fold) ? 0 : -1;
	} while (more != 0 && result == 0 && !*find->stopping);
	source_close(&source);
	line_reader_free(&fold.reader);
	return result == 0 && *find->stopping ? 1 : result;
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

/*
 * fold.c - what a log holds, folded by several threads.
 *
 * Each part of the log (parts.c) has a fold of its own, and the folds are added up at the end.  What
 * is asked of a log here must therefore not depend on the order of its lines; only the group's name is the first
 * record's, and that is the first part's that has one.
 */
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "ctl/ctl.h"
#include "ctl/fold.h"
#include "ctl/parts.h"
#include "ctl/progress.h"
#include "ctl/read.h"
#include "log/source.h"
#include "log/state.h"

/* Is the record younger than what ctl asks for?  Remembers what is. */
static bool
record_is_later(const struct ctl *ctl, const struct record *record, struct fold *fold)
{
	bool later = record->time > ctl->at, higher = record->event.seq > ctl->as_of;

	if (later && record->time < fold->first_time)
		fold->first_time = record->time;
	if (higher && record->event.seq < fold->first_seq)
		fold->first_seq = record->event.seq;
	if ((later || higher) && record->is_snapshot && strcmp(record->kind, SNAPSHOT_COMPACT) == 0)
		fold->snapshot_passed = true;
	return later || higher;
}

static void
record_count(struct fold *fold, const struct record *record)
{
	if (fold->group_id[0] == '\0')
		strcpy(fold->group_id, record->event.group_id);
	if (record->is_snapshot)
		fold->snapshots++;
	else
		fold->events++;
	if (record->time >= 0 && (fold->first < 0 || record->time < fold->first))
		fold->first = record->time;
	if (record->time > fold->last)
		fold->last = record->time;
}

/* -1: ctl->fault. */
static int
record_fold(struct ctl *ctl, struct fold *fold, struct record *record)
{
	if (record_is_later(ctl, record, fold))
		return 0;
	record_count(fold, record);
	if (fold->look != NULL && fold->look(fold->context, record) != 0)
		return fault_memory(&ctl->fault);
	if (fold->versions)
		return ctl_fold_versions(ctl, fold->state, record);
	return state_fold(fold->state, record) == 0 ? 0 : fault_memory(&ctl->fault);
}

/* A thread's work.  Faults are in the part's ctl. */
static void
part_fold(struct part *part)
{
	struct fold *fold = part->context;
	struct item item;

	while (ctl_next(part->ctl, part->source, &item) == 1) {
		if (fold->progress != NULL)
			progress_show(fold->progress, fold->done + item.line.offset, fold->total);
		if (record_fold(part->ctl, fold, &item.record) != 0)
			return;
	}
	if (state_flush(fold->state) != 0)
		fault_memory(&part->ctl->fault);
}

/* Adds a part's fold to that of the parts before it.  -1: no memory. */
static int
fold_add(struct fold *fold, const struct fold *part)
{
	if (fold->group_id[0] == '\0')
		strcpy(fold->group_id, part->group_id);
	fold->events += part->events;
	fold->snapshots += part->snapshots;
	if (part->first >= 0 && (fold->first < 0 || part->first < fold->first))
		fold->first = part->first;
	if (part->last > fold->last)
		fold->last = part->last;
	fold->snapshot_passed = fold->snapshot_passed || part->snapshot_passed;
	if (part->first_time < fold->first_time)
		fold->first_time = part->first_time;
	if (part->first_seq < fold->first_seq)
		fold->first_seq = part->first_seq;
	return state_merge(fold->state, part->state);
}

static void
fold_begin(struct fold *fold)
{
	fold->group_id[0] = '\0';
	fold->events = fold->snapshots = 0;
	fold->first = fold->last = -1;
	fold->snapshot_passed = false;
	fold->first_time = INT64_MAX;
	fold->first_seq = UINT64_MAX;
}

/* Gives each part of the log a fold.  -1: no memory. */
static int
folds_make(struct parts *parts, struct fold *folds, const struct fold *fold)
{
	for (size_t i = 1; i < parts->count; i++) {
		folds[i] =
		    (struct fold){ .versions = fold->versions, .state = state_part(fold->state) };
		if (folds[i].state == NULL)
			return -1;
		fold_begin(&folds[i]);
		parts->list[i].context = &folds[i];
	}
	return 0;
}

int
fold_log(struct ctl *ctl, struct source *source, struct fold *fold)
{
	size_t wanted = fold->look != NULL ? 1 : parts_wanted(ctl, source->size);
	struct parts parts;
	struct fold *folds = calloc(PARTS_MAX, sizeof(*folds));
	int result = -1;

	fold_begin(fold);
	fold->state = state_new();
	if (fold->state == NULL || folds == NULL) {
		free(folds);
		return fault_memory(&ctl->fault);
	}
	if (parts_make(&parts, ctl, source, wanted) != 0)
		goto out;
	parts.list[0].context = fold;
	if (folds_make(&parts, folds, fold) != 0)
		fault_memory(&ctl->fault);
	else
		parts_run(&parts, part_fold);
	result = parts_end(&parts);
	for (size_t i = 1; i < parts.count && result == 0; i++)
		if (fold_add(fold, &folds[i]) != 0)
			result = fault_memory(&ctl->fault);
out:
	for (size_t i = 1; i < parts.count; i++)
		state_free(folds[i].state);
	free(folds);
	return result;
}

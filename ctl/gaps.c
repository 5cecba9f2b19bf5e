/*
 * gaps.c - msgextctl gaps: the versions that never arrived.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/fault.h"
#include "ctl/ctl.h"
#include "ctl/print.h"
#include "ctl/read.h"
#include "log/missing.h"
#include "log/source.h"
#include "log/state.h"
#include "record.h"

static int
gap_print(struct ctl *ctl, const char *group_id, const struct message *message)
{
	struct printer *printer = &ctl->printer;
	char *missing = missing_text(message, printer->format == PRINT_JSON);

	if (missing == NULL)
		return fault_memory(&ctl->fault);
	table_text(printer, group_id);
	table_number(printer, message->msg_seq);
	if (ctl->rest) {
		table_number(printer, 0);
	} else {
		table_number(printer, missing_count(message));
		table_value(printer, missing);
	}
	free(missing);
	return 0;
}

/* Prints the messages that have gaps: how many; -1: ctl->fault. */
static int64_t
gaps_print(struct ctl *ctl, const char *group_id, struct state *state)
{
	size_t count = 0;
	struct message **messages = state_messages(state, &count);
	struct seq_range gap;
	int64_t found = 0;

	if (messages == NULL)
		return fault_memory(&ctl->fault);
	for (size_t i = 0; i < count; i++) {
		if (!message_gap(messages[i], 0, &gap))
			continue;
		if (gap_print(ctl, group_id, messages[i]) != 0)
			return -1;
		found++;
	}
	return found;
}

/* Reads the log at hand, and prints its gaps: how many; -1: ctl->fault. */
static int64_t
log_gaps(struct ctl *ctl, struct source *source)
{
	struct state *state = state_new();
	char group_id[GROUP_ID_MAX + 1] = "";
	struct item item;
	int64_t found = -1;
	int more = -1;

	if (state == NULL)
		return fault_memory(&ctl->fault);
	while ((more = ctl_next(ctl, source, &item)) == 1) {
		if (group_id[0] == '\0')
			strcpy(group_id, item.record.event.group_id);
		if (ctl_fold_versions(ctl, state, &item.record) != 0)
			break;
	}
	if (more == 0)
		found = gaps_print(ctl, group_id, state);
	state_free(state);
	return found;
}

/*
 * Of --rest: the body of a group_get_key_values request.  StartSeq is 0: an answer that began at
 * the gap would not tell a key that was deleted in it from one that was not touched, and could
 * not close the gap.
 */
static const struct column request_layout[] = { { .name = "GroupId" }, { .name = "MsgSeq" },
	{ .name = "StartSeq" } };

int
ctl_gaps(struct ctl *ctl)
{
	static const struct column layout[] = { { .name = "GroupId" },
		{ .name = "MsgSeq", .right = true },
		{ .name = "Count", .right = true, .table_only = true }, { .name = "Missing" } };
	struct source source;
	int64_t found = 0, logs = 0;
	int status;

	if (ctl_open(ctl, &source) != 0)
		return ctl_fail(ctl);
	if (ctl->rest)
		ctl->printer.format = PRINT_JSON;
	table_open(&ctl->printer, ctl->rest ? request_layout : layout, ctl->rest ? 3 : 4);
	for (; ctl_next_log(ctl, &source) == 1; logs++) {
		int64_t count = log_gaps(ctl, &source);

		found += count < 0 ? 0 : count;
	}
	source_close(&source);
	if (found > 0)
		table_close(&ctl->printer);
	status = ctl_end(ctl);
	if (status != EX_OK)
		return status;
	ctl_tell_archives(ctl);
	if (ctl->selection.group != NULL && logs == 0)
		return ctl_nothing(ctl);
	return found > 0 ? CTL_NOTHING : EX_OK;
}

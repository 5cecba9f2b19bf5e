/*
 * gaps.c - msgextctl gaps: the versions that never arrived.
 *
 * What msgext-repair could not repair comes last, with the reason: the other rows are what there is
 * to do.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/fault.h"
#include "ctl/ctl.h"
#include "ctl/fold.h"
#include "ctl/group.h"
#include "ctl/print.h"
#include "ctl/read.h"
#include "log/missing.h"
#include "log/repairs.h"
#include "log/source.h"
#include "log/state.h"
#include "record.h"

/* A message with a gap that cannot be repaired. */
struct hopeless {
	char *group_id;
	uint64_t msg_seq, count;
	char *missing;
	const char *reason;
};

struct gaps {
	struct ctl *ctl;
	struct repairs repairs; /* what msgext-repair could not repair */
	struct hopeless *list;
	size_t count, size;
};

/* Prints a message's row. */
static void
row_print(struct ctl *ctl, const struct hopeless *row, bool with_reason)
{
	struct printer *printer = &ctl->printer;

	table_text(printer, row->group_id);
	table_number(printer, row->msg_seq);
	if (ctl->rest) {
		table_number(printer, 0);
		return;
	}
	table_number(printer, row->count);
	table_value(printer, row->missing);
	if (with_reason)
		table_text(printer, row->reason == NULL ? "" : row->reason);
}

/* Keeps a row for the second table. */
static int
row_keep(struct gaps *gaps, struct hopeless *row)
{
	if (gaps->count == gaps->size) {
		size_t size = gaps->size == 0 ? 16 : 2 * gaps->size;
		struct hopeless *larger = realloc(gaps->list, size * sizeof(*larger));

		if (larger == NULL)
			return -1;
		gaps->list = larger;
		gaps->size = size;
	}
	gaps->list[gaps->count] = *row;
	gaps->list[gaps->count].group_id = strdup(row->group_id);
	if (gaps->list[gaps->count].group_id == NULL)
		return -1;
	gaps->count++;
	row->missing = NULL;
	return 0;
}

static int
gap_print(struct gaps *gaps, char *group_id, const struct message *message)
{
	struct ctl *ctl = gaps->ctl;
	enum print_format format = ctl->printer.format;
	const struct repair *repair = repairs_find(&gaps->repairs, group_id, message->msg_seq);
	struct hopeless row = { .group_id = group_id,
		.msg_seq = message->msg_seq,
		.count = message_missing(message),
		.missing = missing_text(message, format == PRINT_JSON),
		.reason = repair == NULL ? NULL : repair->reason };
	int result = row.missing == NULL ? -1 : 0;

	if (result == 0 && row.reason != NULL && format != PRINT_CSV && !ctl->rest)
		result = row_keep(gaps, &row);
	else if (result == 0)
		row_print(ctl, &row, format == PRINT_CSV);
	free(row.missing);
	return result == 0 ? 0 : fault_memory(&ctl->fault);
}

/* Prints the messages that have gaps: how many; -1: ctl->fault. */
static int64_t
gaps_print(struct gaps *gaps, char *group_id, struct state *state)
{
	size_t count = 0;
	struct message **messages = state_messages(state, &count);
	struct seq_range gap;
	int64_t found = 0;

	if (messages == NULL)
		return fault_memory(&gaps->ctl->fault);
	for (size_t i = 0; i < count; i++) {
		if (!message_gap(messages[i], 0, &gap))
			continue;
		if (gap_print(gaps, group_id, messages[i]) != 0)
			return -1;
		found++;
	}
	return found;
}

/* Reads the log at hand, and prints its gaps: how many; -1: ctl->fault. */
static int64_t
log_gaps(struct gaps *gaps, struct source *source)
{
	struct ctl *ctl = gaps->ctl;
	struct fold fold = { .versions = true };
	int64_t found = -1;

	if (fold_log(ctl, source, &fold) == 0)
		found = gaps_print(gaps, fold.group_id, fold.state);
	state_free(fold.state);
	return found;
}

/* Prints what cannot be repaired, apart from the rest. */
static void
hopeless_print(struct gaps *gaps, bool first)
{
	static const struct column layout[] = { { .name = "GroupId", .cuts = true },
		{ .name = "MsgSeq", .right = true },
		{ .name = "Count", .right = true, .table_only = true },
		{ .name = "Missing", .cuts = true, .lost = true }, { .name = "Unrepairable" } };
	static const struct column titles[] = { { .name = "GroupId", .cuts = true },
		{ .name = "MsgSeq", .right = true }, { .name = "Count", .right = true },
		{ .name = "Missing", .cuts = true, .lost = true },
		{ .name = "Cannot be repaired", .cuts = true } };
	bool is_table = gaps->ctl->printer.format == PRINT_TABLE;

	if (gaps->count == 0)
		return;
	if (is_table && !first)
		putchar('\n');
	table_open(&gaps->ctl->printer, is_table ? titles : layout, 5);
	for (size_t i = 0; i < gaps->count; i++)
		row_print(gaps->ctl, &gaps->list[i], true);
	table_close(&gaps->ctl->printer);
}

/* Reads what msgext-repair remembers; it only adds to what the logs say, so they go on without. */
static void
repairs_load(struct gaps *gaps)
{
	struct fault fault;

	gaps->repairs.ended = -1;
	if (gaps->ctl->store.data_dir != NULL &&
	    repairs_read(&gaps->repairs, gaps->ctl->store.data_dir, &fault) != 0)
		fprintf(stderr, "msgextctl: %s: %s; cannot tell what cannot be repaired\n",
		    fault_slug(fault.code), fault.detail);
}

static void
gaps_free(struct gaps *gaps)
{
	for (size_t i = 0; i < gaps->count; i++) {
		free(gaps->list[i].group_id);
		free(gaps->list[i].missing);
	}
	free(gaps->list);
	repairs_free(&gaps->repairs);
}

/*
 * Of --rest: the body of a group_get_key_values request.  StartSeq is 0: an answer that began at
 * the gap would not tell a key that was deleted in it from one that was not touched, and could
 * not close the gap.
 */
static const struct column request_layout[] = { { .name = "GroupId", .cuts = true },
	{ .name = "MsgSeq" }, { .name = "StartSeq" } };

/* A person is told that there are no gaps; a script is not, and finds nothing new. */
static void
none_tell(struct ctl *ctl, int64_t logs)
{
	if (logs == 0)
		ctl_tell_next(ctl);
	else
		fprintf(stderr,
		    "msgextctl: no gaps: all versions from the first to the last have arrived%s\n",
		    ctl->from == NULL ? "" : ", on one node or another");
}

int
ctl_gaps(struct ctl *ctl)
{
	static const struct column layout[] = { { .name = "GroupId", .cuts = true },
		{ .name = "MsgSeq", .right = true },
		{ .name = "Count", .right = true, .table_only = true },
		{ .name = "Missing", .cuts = true, .lost = true }, { .name = "Unrepairable" } };
	bool is_csv = ctl->printer.format == PRINT_CSV;
	struct gaps gaps = { .ctl = ctl };
	struct source source;
	int64_t found = 0, logs = 0;
	int status;

	if (ctl_open(ctl, &source) != 0)
		return ctl_fail(ctl);
	repairs_load(&gaps);
	if (ctl->rest)
		ctl->printer.format = PRINT_JSON;
	table_open(&ctl->printer, ctl->rest ? request_layout : layout,
	    ctl->rest    ? 3
		: is_csv ? 5
			 : 4);
	for (; ctl_next_log(ctl, &source) == 1; logs++) {
		int64_t count = log_gaps(&gaps, &source);

		found += count < 0 ? 0 : count;
	}
	source_close(&source);
	if (found > (int64_t)gaps.count)
		table_close(&ctl->printer);
	hopeless_print(&gaps, found == (int64_t)gaps.count);
	gaps_free(&gaps);
	status = ctl_end(ctl);
	if (status != EX_OK)
		return status;
	ctl_tell_archives(ctl);
	if (ctl->selection.group != NULL && logs == 0)
		return ctl_nothing(ctl);
	if (found == 0 && isatty(STDERR_FILENO) == 1)
		none_tell(ctl, logs);
	return found > 0 ? CTL_NOTHING : EX_OK;
}

/*
 * read.h - how commands read logs, say what is wrong, and end
 *
 *	struct source source;
 *	struct item item;
 *
 *	if (ctl_open(ctl, &source) != 0)
 *		return ctl_fail(ctl);
 *	while (ctl_next_log(ctl, &source) == 1)
 *		while (ctl_next(ctl, &source, &item) == 1)
 *			if (use(&item.record) != 0)
 *				break;
 *	source_close(&source);
 *	return ctl_end(ctl);
 *
 * Whoever fails leaves the fault in ctl->fault, and need not look at it: ctl_next_log reports and
 * skips a log that cannot be read, and ends where anything else is wrong; ctl_end reports that.
 */
#ifndef CTL_READ_H
#define CTL_READ_H

#include <stdbool.h>
#include <sys/types.h>

#include "log/scan.h"
#include "record.h"

struct ctl;
struct source;
struct state;

/* A record, and the line that it is. */
struct item {
	struct line line;
	struct record record;
};

/* Opens what ctl selects.  -1: ctl->fault, and there is nothing to close. */
int ctl_open(struct ctl *ctl, struct source *source);
/* 1: the next log is at hand; 0: there is no other log; -1: ctl->fault. */
int ctl_next_log(struct ctl *ctl, struct source *source);
/* 1: the next selected record of the log at hand, valid until the next call; 0: none; -1: ctl->fault. */
int ctl_next(struct ctl *ctl, struct source *source, struct item *item);

/*
 * Reads a line as a record of the log of that name: 1, and the record is valid until the next call;
 * 0: it is no such record, and is counted in ctl->unreadable; -1: ctl->fault.
 */
int ctl_record(struct ctl *ctl, const char *log_name, const struct line *line,
    struct record *record);
/* Is the record of the message that ctl selects? */
bool ctl_selects(const struct ctl *ctl, const struct record *record);
/* Is that log the group's, in either spelling? */
bool ctl_group_has(struct ctl *ctl, const char *group_id, const char *log_name);
/* The bytes of all logs of the directory, for the progress; 0 where no terminal shows that. */
off_t ctl_measure(const struct ctl *ctl);
/* Folds what a record says of versions; the record loses its pairs.  -1: ctl->fault. */
int ctl_fold_versions(struct ctl *ctl, struct state *state, struct record *record);

/* Begins the message of an error on standard error, in its colour. */
void ctl_error(const struct ctl *ctl);
/* Begins a line on standard error about a group or a file, as people may see what that is called. */
void ctl_tell_of(const struct ctl *ctl, const char *name);
/* Reports ctl's fault; the exit status. */
int ctl_fail(struct ctl *ctl);
/* Reports a fault of one log, and forgets it.  False: it is not of one log alone. */
bool ctl_skip(struct ctl *ctl);
/* Reports lines that could not be read, and ctl's fault if there is one: the exit status. */
int ctl_end(struct ctl *ctl);
/* Reports that there is nothing of the group or message: the exit status. */
int ctl_nothing(struct ctl *ctl);
/* Reports, once, what helps where this user may not read. */
void ctl_tell_closed(struct ctl *ctl);
/* Reports where older lines of ctl's group are, which an archive or a compaction took out. */
void ctl_tell_archives(const struct ctl *ctl);
/* Reports how many lines could not be read. */
void ctl_tell_unreadable(const struct ctl *ctl);

#endif

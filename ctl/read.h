/* read.h - what the commands share */
#ifndef CTL_READ_H
#define CTL_READ_H

#include <stdbool.h>
#include <stdint.h>

struct ctl;
struct document;
struct line;
struct message;
struct printer;
struct record;
struct source;

/*
 * May a command over many logs go on where one cannot be read?  Tells of it
 * then, and keeps the exit status in ctl->passed.
 */
bool ctl_pass_over(struct ctl *ctl);

struct log_record {
	const struct line *line;
	const struct record *record;
};

/* Is that log the group's, in either spelling? */
bool ctl_group_has(struct ctl *ctl, const char *group_id, const char *log_name);

/*
 * Reads a line as a record of the log of that name.  1: it lives until the next
 * call, and as long as *document (or NULL), which is for document_free; 0: it
 * is none; -1: ctl->fault.
 */
int ctl_record(struct ctl *ctl, const char *log_name, const struct line *line,
    struct document **document, struct record *record);

/* Begins to read what ctl selects. */
int ctl_open(struct ctl *ctl, struct source *source);

/* Calls take with each record of the log at hand, in order: 0; -1: ctl->fault, or take's. */
int ctl_read_log(struct ctl *ctl, struct source *source,
    int (*take)(struct ctl *ctl, const struct log_record *item, void *context), void *context);

/*
 * Calls read for one log after the other, and closes the source: 0; -1: ctl->fault.  A log that cannot
 * be read is told of and passed over.
 */
int ctl_read_logs(struct ctl *ctl, struct source *source,
    int (*read)(struct ctl *ctl, struct source *source, void *context), void *context);

/* The versions that never arrived: how many, and as "57, 60-62", for free; NULL: no memory. */
uint64_t ctl_missing_count(const struct message *message);
char *ctl_missing_text(const struct message *message);
/* And as JSON: "Missing":[[57,57],[60,62]]. */
void ctl_missing_print(struct printer *printer, const struct message *message);

/* Says that there is nothing of the group or message: the exit status. */
int ctl_nothing(struct ctl *ctl);

/* Where ctl's fault is that this user may not read: tells, once, what helps. */
void ctl_tell_closed(struct ctl *ctl);

/* Tells where older lines of ctl's group stand, which an archive or a compaction took out. */
void ctl_tell_archives(const struct ctl *ctl);

/* Tells of lines that were passed over. */
void ctl_tell_unreadable(const struct ctl *ctl);

#endif

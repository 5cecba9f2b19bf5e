/* ctl.h - the reader's commands */
#ifndef CTL_CTL_H
#define CTL_CTL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fault.h"
#include "config.h"
#include "ctl/human.h"
#include "ctl/print.h"
#include "log/line.h"
#include "log/source.h"
#include "names.h"
#include "record.h"
#include "store/options.h"

#define CTL_NOTHING 1 /* exit: nothing found, or problems found */

/* The command line, parsed, and what a command needs. */
struct ctl {
	struct printer printer;
	struct fault fault;  /* what went wrong; of the configuration where not configured */
	const char *command; /* its name; NULL: not known yet */
	const char *config_path;
	const char *config_source; /* how it was found */
	const char *data_dir;      /* of -d, or NULL */
	const char *from;          /* the engine to read from, or NULL */
	bool configured;
	struct config config;
	struct store_options store; /* where the logs are, and how to append */
	enum print_format format;   /* that is asked for; the printer has what is printed */
	bool spreadsheet;           /* PRINT_CSV is for one */
	struct selection selection; /* what the command is about */
	const char *file;           /* each NULL where not given */
	const char *separator;
	const char *as_user;
	const char *url;
	const char *title;
	const char *verify;           /* a link */
	const char *state, *textfile; /* alarm's */
	uint64_t as_of;
	uint64_t days;                    /* UINT64_MAX: not given */
	int64_t since, until, at, before; /* milliseconds since 1970 */
	int64_t keep;                     /* likewise: archives from then on; 0: all */
	enum colours colours;
	const char *sort;
	const char *key;
	uint64_t last;    /* UINT64_MAX: all */
	uint64_t threads; /* 0: as many as are worth it */
	bool local;
	bool all, follow, newest, rest, discard, force, dry_run, undo, names;
	char group_found[GROUP_ID_MAX + 1]; /* for ctl_group_find */
	uint64_t unreadable;                /* lines met that are no records of their log's group */
	/* private to read.c */
	bool closed_told;
	int skipped;                     /* the exit status for logs that were skipped, or EX_OK */
	struct line_reader reader;       /* what the record at hand lives in */
	char known_log[STORE_NAME_SIZE]; /* the log that was found to be of */
	char known_group[GROUP_ID_MAX + 1];
};

/* Each command prints its answer and returns the exit status. */
int ctl_groups(struct ctl *ctl);
int ctl_log(struct ctl *ctl);
int ctl_show(struct ctl *ctl);
int ctl_tally(struct ctl *ctl);
int ctl_gaps(struct ctl *ctl);
int ctl_import(struct ctl *ctl);
int ctl_verify(struct ctl *ctl);
int ctl_compact(struct ctl *ctl);
int ctl_erase(struct ctl *ctl);
int ctl_export(struct ctl *ctl);
int ctl_link(struct ctl *ctl);
int ctl_check(struct ctl *ctl);
int ctl_alarm(struct ctl *ctl);
int ctl_sample(struct ctl *ctl);

/* Says what is wrong with the command line, and where help is: the exit status. */
int ctl_usage(const struct ctl *ctl, const char *what, const char *why);

/* Addresses leave lines that arrived before that; 0: the configuration says no such age. */
int64_t ctl_addresses_before(const struct ctl *ctl);
/* Takes such addresses out of a group's archives and .torn file.  -1: ctl->fault. */
int ctl_archives_redact(struct ctl *ctl, const char *group_id);

/* May this process change the logs?  -1: ctl->fault says who may. */
int ctl_owner_check(struct ctl *ctl);

#endif

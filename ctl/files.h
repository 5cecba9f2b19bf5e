/* files.h - all files of each group in the data directory: log, archives, .torn */
#ifndef CTL_FILES_H
#define CTL_FILES_H

#include "log/scan.h"
#include "names.h"

struct ctl;

struct files {
	struct scan_names groups; /* their ids, each once; of ctl's group, it alone */
	struct scan_names
	    strange; /* files of which nobody can tell whose they are; without ctl's group */
	struct scan_names
	    others; /* files that are none of ours, or renamed; of ctl's group, those of its NAME */
};

/* Lists what there is.  -1: ctl->fault; files_free frees in any case. */
int files_list(struct ctl *ctl, struct files *files);
/* Is anything there of ctl's group?  1; 0: not; -1: ctl->fault. */
int files_has_group(struct ctl *ctl, const struct files *files);
void files_free(struct files *files);

/* The names of a group's files. */
struct group_files {
	char log[STORE_NAME_SIZE];
	struct scan_names archives;
	char torn[STORE_NAME_SIZE];
};

/* Names the log and the .torn file; no archive is listed. */
void group_files_name(const struct ctl *ctl, const char *group_id, struct group_files *files);
/*
 * Lists the archives that are there now; group_files_free frees them.  Whoever looks at the log,
 * too, does so before: another process may move lines from it into an archive.  -1: ctl->fault.
 */
int group_files_list(struct ctl *ctl, const char *group_id, struct group_files *files);
void group_files_free(struct group_files *files);

/*
 * Gives each line of a file to take, until that fails: 0; -1: ctl->fault, of the file or of take.
 * A file that is gone has no line.
 */
int file_lines(struct ctl *ctl, const char *name,
    int (*take)(void *context, const char *name, const struct line *line), void *context);

#endif

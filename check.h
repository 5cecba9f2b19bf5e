/* check.h - is this installation right? */
#ifndef CHECK_H
#define CHECK_H

#include <limits.h>
#include <stdbool.h>

#include "base/fault.h"
#include "store/options.h"

struct stat;
struct config;

struct check {
	struct config *config;     /* loaded again from */
	const char *config_path;   /* NULL: from nowhere, store is set */
	const char *config_source; /* how that was found */
	const char *data_dir;      /* in place of the configuration's, or NULL */
	const char *document_root; /* or NULL */
	const char *user_source;   /* why this user looks; NULL: nobody said so */
	bool names_logs;           /* may a line show a log's name? */
	void (*tell)(void *context, const char *line);
	void *context;
	struct store_options store;
	struct fault fault;
	unsigned warnings, errors; /* counted */
};

/* Tells, in lines, what is right and what is not.  No line holds a token. */
void check_run(struct check *check);

/*
 * Who else, apart from root and us, may put another directory in its place?  The nearest directory
 * above it that others may write, or that another user owns, goes to parent: 1; 0: there is
 * no such directory; -1 and errno: it is not known.
 */
int check_parents(const char *directory, char parent[PATH_MAX], struct stat *status);

/*
 * Does the directory take upper and lower case for one?  name: of something in it, with
 * letters of one case at least.
 */
bool check_folds_case(int directory, const char *name);

#endif

/*
 * archives.h - the archives next to the logs, NAME.TIME.jsonl.gz, and the end of old ones
 *
 *	struct archives archives;
 *
 *	archives_list(&archives, data_dir, NULL, before, fault);
 *	... what makes new archives ...
 *	archives_remove(&archives, data_dir, removed, context, fault);
 *	archives_free(&archives);
 */
#ifndef LOG_ARCHIVES_H
#define LOG_ARCHIVES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "log/scan.h"

struct fault;

/* Names of files in the data directory, sorted. */
struct archives {
	struct scan_names names;
	size_t
	    busy; /* of those, how many archives_remove left, for their logs are being replaced */
};

/*
 * Is it the name of an archive?  The length of NAME, or 0; time: of TIME, milliseconds since 1970.
 * What cannot be a time makes no archive's name.
 */
size_t archive_name_read(const char *name, int64_t *time);

/*
 * Lists the archives whose TIME is before that time; stem: only those of that NAME, or NULL.  The
 * time in the name counts: a copy or a restore changes that of the file.  Fails with DATA_DIR,
 * MEMORY; then there is nothing to free.
 */
int archives_list(struct archives *archives, const char *data_dir, const char *stem, int64_t before,
    struct fault *fault);

/* Lists the NAMEs of logs that are being replaced, or whose replacement was killed; likewise. */
int archives_list_unfinished(struct scan_names *stems, const char *data_dir, struct fault *fault);
/* Is that text among the names? */
bool archives_has(const struct scan_names *names, const char *text);

/*
 * Removes what is listed, once all that happened in the directory is durable, and makes that
 * durable.  An archive whose log is being replaced stays listed, and is counted in busy; what is
 * gone already is no fault.  told gets each file: with its bytes where it was removed, with a
 * fault where it was not: it is no regular file, another user's, or the system refuses.
 * -1: fault, of the directory itself; nothing more is removed.
 */
int archives_remove(struct archives *archives, const char *data_dir,
    void (*told)(void *context, const char *name, off_t bytes, const struct fault *fault),
    void *context, struct fault *fault);

void archives_free(struct archives *archives);

#endif

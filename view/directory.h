/* directory.h - the logs of the data directory, those that changed last first */
#ifndef VIEW_DIRECTORY_H
#define VIEW_DIRECTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "log/scan.h"
#include "record.h"

struct fault;

struct directory_log {
	const char *name;
	off_t size;   /* bytes */
	int64_t time; /* of its last change, in milliseconds since 1970 */
};

struct directory {
	struct directory_log *logs; /* newest first, then by name */
	size_t count;
	/* private */
	struct scan_names names;
};

/* Logs that are empty, or no regular files, are not there.  0; -1: DATA_DIR, MEMORY; then nothing is to be freed. */
int directory_read(struct directory *directory, const char *data_dir, struct fault *fault);
void directory_free(struct directory *directory);

enum directory_group {
	DIRECTORY_GROUP,  /* the name tells the group */
	DIRECTORY_HASHED, /* the group's id was too long: the log's lines tell it */
	DIRECTORY_OTHER   /* no group's log has that name */
};

/* Which group's log has that name? */
enum directory_group directory_group(const char *name, char group[GROUP_ID_MAX + 1]);

#endif

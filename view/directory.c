/*
 * directory.c - the logs of the data directory, those that changed last first.
 *
 * No log is opened: names and times of change are enough to say which groups there are and in which
 * order, however many.
 */
#include <sys/stat.h>

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "view/directory.h"
#include "base/fault.h"
#include "base/text.h"
#include "names.h"

static int
log_compare(const void *a, const void *b)
{
	const struct directory_log *left = a, *right = b;

	if (left->time != right->time)
		return left->time < right->time ? 1 : -1;
	return strcmp(left->name, right->name);
}

/* Looks at a log: true, if there is something in it. */
static bool
log_look(const char *data_dir, const char *name, struct directory_log *log)
{
	char path[PATH_MAX];
	struct stat status;
	int length = snprintf(path, sizeof(path), "%s/%s", data_dir, name);

	if (length < 0 || (size_t)length >= sizeof(path) || lstat(path, &status) != 0 ||
	    !S_ISREG(status.st_mode) || status.st_size == 0)
		return false;
	*log = (struct directory_log){ name, status.st_size,
		(int64_t)status.st_mtim.tv_sec * 1000 + status.st_mtim.tv_nsec / 1000000 };
	return true;
}

int
directory_read(struct directory *directory, const char *data_dir, struct fault *fault)
{
	*directory = (struct directory){ 0 };
	if (scan_list(data_dir, &directory->names, fault) != 0)
		return -1;
	directory->logs = calloc(directory->names.count + 1, sizeof(*directory->logs));
	if (directory->logs == NULL) {
		directory_free(directory);
		return fault_memory(fault);
	}
	for (size_t i = 0; i < directory->names.count; i++)
		directory->count += log_look(data_dir, directory->names.names[i],
		    &directory->logs[directory->count]);
	qsort(directory->logs, directory->count, sizeof(*directory->logs), log_compare);
	return 0;
}

void
directory_free(struct directory *directory)
{
	free(directory->logs);
	scan_names_free(&directory->names);
	*directory = (struct directory){ 0 };
}

enum directory_group
directory_group(const char *name, char group[GROUP_ID_MAX + 1])
{
	size_t length = strlen(name) - strlen(LOG_ENDING), used = 0;
	char again[STORE_NAME_SIZE];

	if (memchr(name, '~', length) != NULL)
		return DIRECTORY_HASHED;
	for (size_t i = 0; i < length && used < GROUP_ID_MAX; i++) {
		int high, low;

		if (name[i] != '%') {
			group[used++] = name[i];
			continue;
		}
		high = hex_digit((unsigned char)name[i + 1]);
		low = high < 0 ? -1 : hex_digit((unsigned char)name[i + 2]);
		if (high < 0 || low < 0)
			return DIRECTORY_OTHER;
		group[used++] = (char)(high << 4 | low);
		i += 2;
	}
	group[used] = '\0';
	store_name(group, again);
	return used == strlen(group) && strcmp(again, name) == 0 ? DIRECTORY_GROUP
								 : DIRECTORY_OTHER;
}

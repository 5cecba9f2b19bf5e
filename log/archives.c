/*
 * archives.c - the archives next to the logs, and the end of old ones.
 *
 * An archive has its name and is durable before its log is replaced, so after a crash it may be
 * the only place of its lines, or a second one.  Which it is does not matter here: it is removed
 * for its age alone.  What matters is that the log is not in between.  As long as a replacement is
 * at work, or was killed and not completed, a NAME.ID.new is there, and the archives of that NAME
 * stay.  The first removal waits for a sync of the directory, so that none is on the disk before
 * a replacement that it follows.
 *
 * Whoever is to keep what he makes himself, be the clock as wrong as it likes, lists first.
 */
#include "log/archives.h"

#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/time.h"
#include "names.h"
#include "store/replace.h"

#define ARCHIVE_FORM ".00000000T000000000Z" LOG_ENDING ".gz"
#define TIME_DIGITS 18 /* of a name, from the year on, with the T */

/* Has the text that form, in which 0 stands for any digit? */
static bool
form_has(const char *form, const char *text)
{
	while (*form != '\0' && (*form == '0' ? *text >= '0' && *text <= '9' : *text == *form)) {
		form++;
		text++;
	}
	return *form == '\0' && *text == '\0';
}

size_t
archive_name_read(const char *name, int64_t *time)
{
	size_t stem = strcspn(name, ".");
	char log_name[STORE_NAME_SIZE], text[TIME_SIZE], back[TIME_SIZE];
	const char *at = name + stem + 1;

	if (stem + sizeof(LOG_ENDING) > sizeof(log_name) || !form_has(ARCHIVE_FORM, name + stem))
		return 0;
	sprintf(log_name, "%.*s" LOG_ENDING, (int)stem, name);
	if (!scan_name_is_log(log_name))
		return 0;
	snprintf(text, sizeof(text), "%.4s-%.2s-%.2sT%.2s:%.2s:%.2s.%.3sZ", at, at + 4, at + 6,
	    at + 9, at + 11, at + 13, at + 15);
	*time = time_parse(text);
	if (*time < 0)
		return 0;
	time_print(*time, back); /* no 31st of February */
	return strcmp(text, back) == 0 ? stem : 0;
}

/* What is listed of a directory. */
struct wanted {
	const char *stem; /* archives of that NAME, or of all */
	int64_t before;
	bool unfinished; /* in place of archives, the NAMEs of what is unfinished */
};

/* The length of what is listed of a name, or 0. */
static size_t
name_wanted(const struct wanted *wanted, const char *name)
{
	int64_t time;
	size_t stem;

	if (wanted->unfinished)
		return store_name_unfinished(name);
	stem = archive_name_read(name, &time);
	if (stem == 0 || time >= wanted->before ||
	    (wanted->stem != NULL &&
		(strlen(wanted->stem) != stem || strncmp(name, wanted->stem, stem) != 0)))
		return 0;
	return strlen(name);
}

static int
list(struct scan_names *names, const char *data_dir, const struct wanted *wanted,
    struct fault *fault)
{
	DIR *directory = opendir(data_dir);
	const struct dirent *entry;
	int result = 0;

	*names = (struct scan_names){ 0 };
	if (directory == NULL)
		return fault_set(fault, errno == ENOMEM ? FAULT_MEMORY : FAULT_DATA_DIR, "%s: %s",
		    data_dir, strerror(errno));
	for (errno = 0; result == 0 && (entry = readdir(directory)) != NULL; errno = 0) {
		size_t length = name_wanted(wanted, entry->d_name);

		if (length > 0 && scan_names_add(names, entry->d_name, length) != 0)
			result = fault_memory(fault);
	}
	if (result == 0 && errno != 0)
		result = fault_set(fault, FAULT_DATA_DIR, "%s: cannot list it: %s", data_dir,
		    strerror(errno));
	closedir(directory);
	if (result != 0)
		scan_names_free(names);
	else
		scan_names_sort(names);
	return result;
}

int
archives_list(struct archives *archives, const char *data_dir, const char *stem, int64_t before,
    struct fault *fault)
{
	const struct wanted wanted = { .stem = stem, .before = before };

	archives->busy = 0;
	return list(&archives->names, data_dir, &wanted, fault);
}

int
archives_list_unfinished(struct scan_names *stems, const char *data_dir, struct fault *fault)
{
	return list(stems, data_dir, &(struct wanted){ .unfinished = true }, fault);
}

static int
text_compare(const void *key, const void *element)
{
	return strcmp(key, *(char *const *)element);
}

bool
archives_has(const struct scan_names *names, const char *text)
{
	return names->count > 0 &&
	    bsearch(text, names->names, names->count, sizeof(*names->names), text_compare) != NULL;
}

/* 1: removed, and bytes is its size; 0: it is gone; -1: fault. */
static int
archive_remove(int directory, const char *name, off_t *bytes, struct fault *fault)
{
	struct stat status;

	if (fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT
		    ? 0
		    : fault_set(fault, FAULT_OPEN_FAILED, "%s: %s", name, strerror(errno));
	if (!S_ISREG(status.st_mode))
		return fault_set(fault, FAULT_LOG_UNSAFE, "%s: is %s", name,
		    S_ISLNK(status.st_mode) ? "a symbolic link" : "not a regular file");
	if (status.st_uid != geteuid())
		return fault_set(fault, FAULT_LOG_UNSAFE, "%s: belongs to another user", name);
	*bytes = status.st_size;
	if (unlinkat(directory, name, 0) == 0)
		return 1;
	return errno == ENOENT ? 0
			       : fault_set(fault, FAULT_WRITE_FAILED, "%s: cannot remove it: %s",
				     name, strerror(errno));
}

static int
directory_sync(int directory, const char *data_dir, struct fault *fault)
{
	int result;

	do
		result = fsync(directory);
	while (result != 0 && errno == EINTR);
	return result == 0 ? 0
			   : fault_set(fault, FAULT_SYNC_FAILED, "%s: cannot sync it: %s", data_dir,
				 strerror(errno));
}

/* Is the log of that archive being replaced? */
static bool
archive_is_busy(const struct scan_names *unfinished, const char *name)
{
	char stem[STORE_NAME_SIZE];

	snprintf(stem, sizeof(stem), "%.*s", (int)strcspn(name, "."), name);
	return archives_has(unfinished, stem);
}

int
archives_remove(struct archives *archives, const char *data_dir,
    void (*told)(void *context, const char *name, off_t bytes, const struct fault *fault),
    void *context, struct fault *fault)
{
	struct scan_names *names = &archives->names, unfinished = { 0 };
	int directory = -1, result = -1;

	archives->busy = 0;
	if (names->count == 0)
		return 0;
	directory = open(data_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (directory < 0) {
		fault_set(fault, FAULT_DATA_DIR, "%s: %s", data_dir, strerror(errno));
		goto out;
	}
	if (directory_sync(directory, data_dir, fault) != 0 ||
	    archives_list_unfinished(&unfinished, data_dir, fault) != 0)
		goto out;
	for (size_t i = 0; i < names->count; i++) {
		struct fault of_file = { .code = FAULT_NONE };
		off_t bytes = 0;
		int removed;

		if (archive_is_busy(&unfinished, names->names[i])) {
			names->names[archives->busy++] = names->names[i];
			continue;
		}
		removed = archive_remove(directory, names->names[i], &bytes, &of_file);
		if (removed != 0)
			told(context, names->names[i], bytes, removed < 0 ? &of_file : NULL);
		free(names->names[i]);
	}
	names->count = archives->busy;
	result = directory_sync(directory, data_dir, fault);
out:
	scan_names_free(&unfinished);
	if (directory >= 0)
		close(directory);
	return result;
}

void
archives_free(struct archives *archives)
{
	scan_names_free(&archives->names);
}

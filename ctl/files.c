/*
 * files.c - all files of each group in the data directory: log, archives, .torn.
 *
 * Readers read logs.  Whoever looks for a person must look at what lies beside them, too, also
 * where the log itself was renamed or removed since.  Which group's a file is, the first record says
 * whose group has files of that name.  What has another name than any of ours is not looked at, but
 * told; of one group, where the name begins as the group's do: an older version's NAME.new, or a
 * log that was renamed.
 */
#include "ctl/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/file.h"
#include "ctl/ctl.h"
#include "ctl/group.h"
#include "log/archives.h"
#include "log/scan.h"
#include "log/zip.h"
#include "store/replace.h"

#define ARCHIVE_ENDING ".00000000T000000000Z.jsonl.gz"
#define TORN_ENDING ".torn"

static bool
name_ends(const char *name, const char *ending)
{
	size_t length = strlen(name), size = strlen(ending);

	return length > size && strcmp(name + length - size, ending) == 0;
}

/* Is it the name of a .torn file? */
static bool
name_is_torn(const char *name)
{
	return name_ends(name, TORN_ENDING) &&
	    strcspn(name, ".") + strlen(TORN_ENDING) == strlen(name);
}

/* lines */

/* Opens an archive: the descriptor; -1 with ctl->fault, of no code where it is gone. */
static int
archive_open(struct ctl *ctl, const char *name)
{
	char path[PATH_MAX];
	int length = snprintf(path, sizeof(path), "%s/%s", ctl->store.data_dir, name), fd;

	if (length < 0 || (size_t)length >= sizeof(path))
		return fault_set(&ctl->fault, FAULT_DATA_DIR, "data_dir: the path is too long");
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 && errno != ENOENT)
		fault_set(&ctl->fault, FAULT_OPEN_FAILED, "%s: %s", name, file_open_reason(errno));
	return fd;
}

static int
archive_lines(struct ctl *ctl, const char *name,
    int (*take)(void *context, const char *name, const struct line *line), void *context)
{
	struct zip_reader reader;
	struct line line;
	int fd = archive_open(ctl, name), more;

	if (fd < 0)
		return ctl->fault.code == FAULT_NONE ? 0 : -1;
	more = zip_read(&reader, fd, &ctl->fault);
	while (more == 0 && (more = zip_next(&reader, &line, &ctl->fault)) == 1)
		more = take(context, name, &line);
	if (more < 0)
		fault_name(&ctl->fault, name);
	zip_close(&reader);
	close(fd);
	return more < 0 ? -1 : 0;
}

int
file_lines(struct ctl *ctl, const char *name,
    int (*take)(void *context, const char *name, const struct line *line), void *context)
{
	struct scan scan;
	struct line line;
	int more;

	if (name_ends(name, ".gz"))
		return archive_lines(ctl, name, take, context);
	more = scan_open(&scan, ctl->store.data_dir, name, &ctl->fault);
	if (more <= 0)
		return more;
	more = 0;
	while (more == 0 && (more = scan_next(&scan, &line, &ctl->fault)) == 1)
		more = take(context, name, &line);
	if (more == 0 && (more = scan_rest(&scan, &line, &ctl->fault)) == 1)
		more = take(context, name, &line);
	scan_close(&scan);
	return more < 0 ? -1 : 0;
}

/* groups */

static int
name_add(struct ctl *ctl, struct scan_names *names, const char *name)
{
	return scan_names_add(names, name, strlen(name)) == 0 ? 0 : fault_memory(&ctl->fault);
}

/* Has it the name of a file that has lines? */
static bool
name_has_lines(const char *name)
{
	int64_t time;

	return scan_name_is_log(name) || archive_name_read(name, &time) > 0 || name_is_torn(name) ||
	    (store_name_unfinished(name) > 0 && !name_ends(name, ".gz.new"));
}

/* Is it none of the names that any of ours has? */
static bool
name_is_other(const char *name)
{
	return !name_has_lines(name) && name[0] != '.' && store_name_unfinished(name) == 0 &&
	    strncmp(name, "msgext-", strlen("msgext-")) != 0;
}

/* The NAMEs that a group's files begin with: of its log, and the shorter ones beside it. */
static int
stems_add(struct ctl *ctl, struct scan_names *stems, const char *group_id)
{
	static const char *const endings[] = { LOG_ENDING, TORN_ENDING, ARCHIVE_ENDING };
	char log[STORE_NAME_SIZE], stem[STORE_NAME_SIZE];

	store_name_find(ctl->store.data_dir, group_id, log);
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		name_sibling(group_id, log, strlen(endings[i]), stem);
		if (name_add(ctl, stems, stem) != 0)
			return -1;
	}
	return 0;
}

/* Has the file a name of that group's?  1, 0, or -1: no memory. */
static int
name_is_of_group(struct ctl *ctl, const char *name, const char *group_id)
{
	size_t length = store_name_unfinished(name);
	struct scan_names stems = { 0 };
	char stem[NAME_MAX + 1];
	int result = stems_add(ctl, &stems, group_id);

	snprintf(stem, sizeof(stem), "%.*s", (int)(length > 0 ? length : strcspn(name, ".")), name);
	scan_names_sort(&stems);
	if (result == 0)
		result = archives_has(&stems, stem);
	scan_names_free(&stems);
	return result;
}

/* Who is looked for in a file's lines. */
struct owner {
	struct ctl *ctl;
	char group_id[GROUP_ID_MAX + 1]; /* "": not found yet */
	bool own;                        /* the file has a name of that group's */
};

#define OWNER_FOUND (-2)

/* A line of another group, wherever it comes from, does not hide those of the group whose name it is. */
static int
owner_look(void *context, const char *name, const struct line *line)
{
	struct owner *owner = context;
	struct record record;
	int result = line_record(&owner->ctl->reader, line, &record, &owner->ctl->fault), own;

	if (result != 1 || strcmp(record.event.group_id, owner->group_id) == 0)
		return result < 0 ? -1 : 0;
	own = name_is_of_group(owner->ctl, name, record.event.group_id);
	if (own < 0)
		return -1;
	if (own == 1 || owner->group_id[0] == '\0')
		strcpy(owner->group_id, record.event.group_id);
	owner->own = own == 1;
	return owner->own ? OWNER_FOUND : 0;
}

/*
 * Whose file is it?  "": nobody can tell.  1: it has a name of that group's; 0: it has not; -1: no
 * memory.
 */
static int
owner_find(struct ctl *ctl, const char *name, char group_id[GROUP_ID_MAX + 1])
{
	struct owner owner = { .ctl = ctl };
	int result = file_lines(ctl, name, owner_look, &owner);

	strcpy(group_id, owner.group_id);
	if (result < 0 && ctl->fault.code == FAULT_MEMORY)
		return -1;
	ctl->fault.code = FAULT_NONE; /* a file that cannot be read is told when its turn comes */
	return owner.own;
}

static int
files_identify(struct ctl *ctl, struct files *files, const struct scan_names *stems,
    const char *name)
{
	char group_id[GROUP_ID_MAX + 1], stem[NAME_MAX + 1];
	int own;

	if (name_is_other(name)) {
		snprintf(stem, sizeof(stem), "%.*s", (int)strcspn(name, "."), name);
		return ctl->selection.group == NULL || archives_has(stems, stem)
		    ? name_add(ctl, &files->others, name)
		    : 0;
	}
	if (!name_has_lines(name) || ctl->selection.group != NULL)
		return 0;
	own = owner_find(ctl, name, group_id);
	if (own < 0)
		return -1;
	if (own == 0 && store_name_unfinished(name) > 0)
		return 0; /* of no use to anyone */
	/* Under a name that is not its group's, a copy, nobody looks for it with the group. */
	return name_add(ctl, own == 0 ? &files->strange : &files->groups,
	    own == 0 ? name : group_id);
}

/* Sorts the names, and keeps one of a kind. */
static void
names_unique(struct scan_names *names)
{
	size_t used = 0;

	scan_names_sort(names);
	for (size_t i = 0; i < names->count; i++) {
		if (used > 0 && strcmp(names->names[used - 1], names->names[i]) == 0)
			free(names->names[i]);
		else
			names->names[used++] = names->names[i];
	}
	names->count = used;
}

/* Files that nobody can tell the owner of by their lines, but by their names, are no strange ones. */
static int
strange_claim(struct ctl *ctl, struct files *files)
{
	struct scan_names stems = { 0 }, *strange = &files->strange;
	size_t used = 0;
	int result = 0;

	for (size_t i = 0; result == 0 && strange->count > 0 && i < files->groups.count; i++)
		result = stems_add(ctl, &stems, files->groups.names[i]);
	scan_names_sort(&stems);
	for (size_t i = 0; i < strange->count; i++) {
		char *name = strange->names[i], *dot = strchr(name, '.');
		bool claimed;

		*dot = '\0';
		claimed = archives_has(&stems, name);
		*dot = '.';
		if (claimed)
			free(name);
		else
			strange->names[used++] = name;
	}
	strange->count = used;
	scan_names_free(&stems);
	return result;
}

/* Reads the directory.  stems: of ctl's group. */
static int
directory_list(struct ctl *ctl, struct files *files, const struct scan_names *stems)
{
	const struct dirent *entry;
	DIR *directory;
	int result = 0;

	directory = opendir(ctl->store.data_dir);
	if (directory == NULL)
		return fault_set(&ctl->fault, FAULT_DATA_DIR, "%s: %s", ctl->store.data_dir,
		    strerror(errno));
	while (result == 0) {
		errno = 0;
		entry = readdir(directory);
		if (entry == NULL)
			break;
		result = files_identify(ctl, files, stems, entry->d_name);
	}
	if (result == 0 && errno != 0)
		result = fault_set(&ctl->fault, FAULT_DATA_DIR, "%s: cannot list it: %s",
		    ctl->store.data_dir, strerror(errno));
	closedir(directory);
	return result;
}

int
files_list(struct ctl *ctl, struct files *files)
{
	const char *group_id = ctl->selection.group;
	struct scan_names stems = { 0 };
	int result = 0;

	*files = (struct files){ 0 };
	if (group_id != NULL &&
	    (name_add(ctl, &files->groups, group_id) != 0 || stems_add(ctl, &stems, group_id) != 0))
		result = -1;
	scan_names_sort(&stems);
	if (result == 0)
		result = directory_list(ctl, files, &stems);
	scan_names_free(&stems);
	names_unique(&files->groups);
	scan_names_sort(&files->strange);
	scan_names_sort(&files->others);
	return result == 0 ? strange_claim(ctl, files) : result;
}

int
files_has_group(struct ctl *ctl, const struct files *files)
{
	const char *group_id = ctl->selection.group;
	char path[PATH_MAX], stem[STORE_NAME_SIZE];
	struct scan_names unfinished;
	struct group_files group;
	int length, result;

	if (files->others.count > 0 || !ctl_group_is_missing(ctl))
		return 1;
	group_files_name(ctl, group_id, &group);
	if (group_files_list(ctl, group_id, &group) != 0)
		return -1;
	length = snprintf(path, sizeof(path), "%s/%s", ctl->store.data_dir, group.torn);
	name_sibling(group_id, group.log, strlen(".0000000000000000.new"), stem);
	result = archives_list_unfinished(&unfinished, ctl->store.data_dir, &ctl->fault);
	if (result == 0) {
		result = group.archives.count > 0 || archives_has(&unfinished, stem) ||
		    length >= (int)sizeof(path) || access(path, F_OK) == 0 || errno != ENOENT;
		scan_names_free(&unfinished);
	}
	group_files_free(&group);
	return result;
}

void
files_free(struct files *files)
{
	scan_names_free(&files->groups);
	scan_names_free(&files->strange);
	scan_names_free(&files->others);
}

void
group_files_name(const struct ctl *ctl, const char *group_id, struct group_files *files)
{
	char stem[STORE_NAME_SIZE];

	*files = (struct group_files){ 0 };
	store_name_find(ctl->store.data_dir, group_id, files->log);
	name_sibling(group_id, files->log, strlen(TORN_ENDING), stem);
	snprintf(files->torn, sizeof(files->torn), "%.200s" TORN_ENDING, stem);
}

int
group_files_list(struct ctl *ctl, const char *group_id, struct group_files *files)
{
	char stem[STORE_NAME_SIZE];
	struct archives archives;

	name_sibling(group_id, files->log, strlen(ARCHIVE_ENDING), stem);
	if (archives_list(&archives, ctl->store.data_dir, stem, INT64_MAX, &ctl->fault) != 0)
		return -1;
	files->archives = archives.names;
	return 0;
}

void
group_files_free(struct group_files *files)
{
	scan_names_free(&files->archives);
}

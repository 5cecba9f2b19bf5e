/*
 * mount.c - the file system that holds a directory, and what it is known for.
 *
 * A device's number finds no mount: btrfs and overlays give their files one
 * that stands in no list of mounts, and one device may be mounted in several places with
 * several options.  So the directory is opened, the kernel says which mount the descriptor is
 * of, and that one is looked up by its number: it does not matter then how the path is
 * spelt, what is bound where, or what was mounted over what.
 *
 * What makes an ext4 lose synced lines stands in its superblock, which root alone reads, and in no
 * list of mounts; but its kernel tells everyone whether it has a journal, and how many fast commits
 * it has done.
 *
 * What is not known here is not called right.  A lock over a network cannot be
 * tried from one machine, and what was measured with two is told instead: over NFSv3 two
 * machines can hold one lock at once, and where locks stay on the machine they always can.
 */
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mount.h"
#include "base/filesystem.h"
#include "config.h"

bool
mount_is_local(const struct mount *mount)
{
	const struct filesystem *kind = filesystem_find(mount->magic);

	return kind != NULL && !kind->remote;
}

/* Fills in what a line of mountinfo says: the mount's options, " - ", type, source, the file system's options. */
static void
line_take(struct mount *mount, char *line)
{
	char *options = line, *rest = strstr(line, " - "), *end = NULL;
	char *type = rest == NULL ? NULL : strtok_r(rest + 3, " \n", &end);
	char *super = type == NULL ? NULL : strtok_r(NULL, " \n", &end);
	char *last = super == NULL ? NULL : strtok_r(NULL, " \n", &end);

	if (last != NULL) /* else the source was an empty one */
		super = last;
	/* Number, parent, device, root and place stand before the mount's options. */
	for (int i = 0; i < 5 && options != NULL; i++) {
		options = strchr(options, ' ');
		options += options != NULL;
	}
	if (super == NULL || options == NULL || options > rest)
		return;
	snprintf(mount->type, sizeof(mount->type), "%s", type);
	if (asprintf(&mount->options, ",%.*s,%s,", (int)strcspn(options, " "), options, super) < 0)
		mount->options = NULL;
}

void
mount_read(struct mount *mount, FILE *list, unsigned long number)
{
	char *line = NULL;
	size_t size = 0;

	while (mount->options == NULL && getline(&line, &size, list) > 0)
		if (strtoul(line, NULL, 10) == number)
			line_take(mount, line);
	free(line);
}

/* The number of the mount that an open file is of; 0: the kernel does not say. */
static unsigned long
number_find(int fd)
{
	char path[64], line[128];
	unsigned long number = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	file = fopen(path, "re");
	if (file == NULL)
		return 0;
	while (number == 0 && fgets(line, sizeof(line), file) != NULL)
		if (strncmp(line, "mnt_id:", 7) == 0)
			number = strtoul(line + 7, NULL, 10);
	fclose(file);
	return number;
}

void
mount_find(struct mount *mount, int fd)
{
	struct statfs status;
	unsigned long number = number_find(fd);
	FILE *list = number == 0 ? NULL : fopen("/proc/self/mountinfo", "re");

	*mount = (struct mount){ .magic = 0 };
	if (fstatfs(fd, &status) == 0)
		mount->magic = (unsigned long)status.f_type & 0xffffffff;
	if (list == NULL)
		return;
	mount_read(mount, list, number);
	fclose(list);
}

static void
option_add(struct mount *mount, const char *option)
{
	char *options = NULL;

	if (mount->options == NULL || asprintf(&options, "%s%s,", mount->options, option) < 0)
		return;
	free(mount->options);
	mount->options = options;
}

/* Has a file of the kernel's a line that begins with the text, or has a number over 0 before it? */
static bool
kernel_tells(const char *path, const char *text)
{
	char line[128];
	bool found = false;
	FILE *file = fopen(path, "re");

	if (file == NULL)
		return false;
	while (!found && fgets(line, sizeof(line), file) != NULL) {
		const char *at = strstr(line, text);

		found = at != NULL && (at == line || strtoul(line, NULL, 10) > 0);
	}
	fclose(file);
	return found;
}

void
mount_look(struct mount *mount, int fd)
{
	char path[64 + NAME_MAX], target[PATH_MAX];
	const char *device;
	struct stat status;
	ssize_t length;

	if (mount->magic != FILESYSTEM_EXT4 || fstat(fd, &status) != 0)
		return;
	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u", major(status.st_dev),
	    minor(status.st_dev));
	length = readlink(path, target, sizeof(target) - 1);
	if (length < 0)
		return;
	target[length] = '\0';
	device = strrchr(target, '/') == NULL ? target : strrchr(target, '/') + 1;
	snprintf(path, sizeof(path), "/sys/fs/ext4/%.*s/journal_task", NAME_MAX, device);
	if (kernel_tells(path, "<none>"))
		option_add(mount, "no_journal");
	snprintf(path, sizeof(path), "/proc/fs/ext4/%.*s/fc_info", NAME_MAX, device);
	if (kernel_tells(path, " commits"))
		option_add(mount, "fast_commit");
}

void
mount_free(struct mount *mount)
{
	free(mount->options);
	mount->options = NULL;
}

static bool
mount_has(const struct mount *mount, const char *option)
{
	char text[64];

	snprintf(text, sizeof(text), ",%s,", option);
	return mount->options != NULL && strstr(mount->options, text) != NULL;
}

/* The first of the options that the mount has, or NULL. */
static const char *
mount_has_any(const struct mount *mount, const char *const *list)
{
	while (*list != NULL && !mount_has(mount, *list))
		list++;
	return *list;
}

static enum verdict
nfs_judge(const struct mount *mount, char text[MOUNT_TEXT_SIZE])
{
	/* flock(2)'s alone may stay on the machine: nothing here uses them. */
	static const char *const unlocked[] = { "nolock", "local_lock=all", "local_lock=posix",
		NULL };
	static const char *const sound[] = { "vers=4", "vers=4.0", "vers=4.1", "vers=4.2", NULL };
	const char *option = mount_has_any(mount, unlocked), *version = mount_has_any(mount, sound);

	if (option != NULL) {
		snprintf(text, MOUNT_TEXT_SIZE,
		    "NFS, mounted with %s: locks stay on this machine, so events are lost if "
		    "another machine writes too (mount it without, as version 4.1 or later)",
		    option);
		return VERDICT_ERROR;
	}
	if (version == NULL)
		snprintf(text, MOUNT_TEXT_SIZE,
		    "NFS, %s: only one machine may write here, because two can hold one lock at "
		    "once (give each a local disk, and use msgext-ship)",
		    mount_has(mount, "vers=3") ? "version 3" : "of a version that is not known");
	else
		snprintf(text, MOUNT_TEXT_SIZE,
		    "NFS, version %s: is slower than a disk, and locks depend on the server (give "
		    "each of several machines a local disk, and use msgext-ship)",
		    version + strlen("vers="));
	return VERDICT_WARNING;
}

enum verdict
mount_judge(const struct mount *mount, char text[MOUNT_TEXT_SIZE])
{
	static const char *const careless[] = { "nobarrier", "barrier=0", "barrier=none",
		"fsync_mode=nobarrier", "nointegrity", "volatile", NULL };
	static const char *const unsound[] = { "no_journal", "fast_commit", NULL };
	const struct filesystem *kind = filesystem_find(mount->magic);
	const char *name = mount->type[0] != '\0' ? mount->type
	    : kind == NULL                        ? "of a kind that is not known"
						  : kind->name;
	const char *option = mount_has_any(mount, careless);

	if (mount->magic == FILESYSTEM_NFS)
		return nfs_judge(mount, text);
	if (option != NULL)
		snprintf(text, MOUNT_TEXT_SIZE,
		    "%s, mounted with %s: a power cut loses acknowledged events", name, option);
	else if (mount_has(mount, "no_journal"))
		snprintf(text, MOUNT_TEXT_SIZE,
		    "%s without a journal: a power cut loses acknowledged events (unmount it, and "
		    "tune2fs -O has_journal)",
		    name);
	else if (mount_has(mount, "fast_commit"))
		snprintf(text, MOUNT_TEXT_SIZE,
		    "%s with fast_commit: on Linux 6.18 a power cut can lose acknowledged events "
		    "(unmount it, and tune2fs -O ^fast_commit)",
		    name);
	else if (kind == NULL)
		snprintf(text, MOUNT_TEXT_SIZE,
		    "%s (type %lx): msgext was not tested on it; its locks and syncs may not work",
		    name, mount->magic);
	else if (kind->warning != NULL)
		snprintf(text, MOUNT_TEXT_SIZE, "%s: %s", kind->name, kind->warning);
	else if (mount->options == NULL)
		snprintf(text, MOUNT_TEXT_SIZE,
		    "%s; cannot find out how it is mounted: without barriers a power cut loses "
		    "events",
		    name);
	else
		snprintf(text, MOUNT_TEXT_SIZE, "%s, with barriers: no known problem", name);
	return option == NULL && mount_has_any(mount, unsound) == NULL && kind != NULL &&
		kind->warning == NULL && mount->options != NULL
	    ? VERDICT_OK
	    : VERDICT_WARNING;
}

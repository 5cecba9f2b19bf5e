/*
 * mount.c - the file system that holds a directory, and what it is known for.
 *
 * A device's number finds no mount: btrfs and overlays give their files one
 * that stands in no list of mounts, and one device may be mounted in several places with
 * several options.  So the directory is opened, the kernel says which mount the descriptor is
 * of, and that one is looked up by its number: it does not matter then how the path is
 * spelt, what is bound where, or what was mounted over what.
 *
 * What is not known here is not called right.  A lock over a network cannot be
 * tried from one machine, and what was measured with two is told instead: over NFSv3 two
 * machines can hold one lock at once, and where locks stay on the machine they always can.
 */
#include <sys/vfs.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "msgext.h"

#define MAGIC_NFS 0x6969
#define MAGIC_OVERLAY 0x794c7630

/* NULL: nothing speaks against it. */
static const struct kind {
	unsigned long magic;
	const char *name;
	bool local; /* other machines do not write it */
	const char *warning;
} kinds[] = {
	{ 0xef53, "ext4", true, NULL },
	{ 0x58465342, "xfs", true, NULL },
	{ 0x9123683e, "btrfs", true, NULL },
	{ 0xf2f52010, "f2fs", true, NULL },
	{ 0x2fc12fc1, "zfs", true, NULL },
	{ 0xca451a4e, "bcachefs", true, NULL },
	{ 0x3153464a, "jfs", true, NULL },
	{ 0x52654973, "reiserfs", true, NULL },
	{ MAGIC_NFS, "NFS", false, "is slower than a disk" },
	{ 0x01021994, "tmpfs", true, "what it holds is gone after a restart" },
	{ 0x858458f6, "ramfs", true, "what it holds is gone after a restart" },
	{ MAGIC_OVERLAY, "overlay", true, "a container's own files go with it: mount a volume" },
	{ 0xf15f, "eCryptfs", true, "what a sync means depends on the file system below" },
	{ 0x4d44, "FAT", true, "has no owners, no modes, no journal" },
	{ 0x2011bab0, "exFAT", true, "has no owners, no modes, no journal" },
	{ 0x517b, "SMB", false, "locks and modes depend on the server" },
	{ 0xff534d42, "CIFS", false, "locks and modes depend on the server" },
	{ 0xfe534d42, "SMB", false, "locks and modes depend on the server" },
	{ 0x65735546, "FUSE", false, "what a lock and a sync mean depends on what is behind it" },
	{ 0x01021997, "9p", false, "what a lock and a sync mean depends on the host behind it" },
	{ 0x00c36400, "Ceph", false, "locks depend on its servers, and it is slower than a disk" },
};

static const struct kind *
kind_find(unsigned long magic)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].magic == magic)
			return &kinds[i];
	return NULL;
}

bool
mount_is_local(const struct mount *mount)
{
	const struct kind *kind = kind_find(mount->magic);

	return kind != NULL && kind->local;
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
		    "NFS, mounted with %s: locks do not leave this machine, and events are lost "
		    "where another writes too (mount it without, as version 4.1 or later)",
		    option);
		return VERDICT_ERROR;
	}
	if (version == NULL)
		snprintf(text, MOUNT_TEXT_SIZE,
		    "NFS, %s: one machine only may write here, for two can hold one lock at once "
		    "(give each a local disk, and msgext-ship)",
		    mount_has(mount, "vers=3") ? "version 3" : "of a version that is not known");
	else
		snprintf(text, MOUNT_TEXT_SIZE,
		    "NFS, version %s: is slower than a disk, and locks depend on the server (for "
		    "several machines: a local disk each, and msgext-ship)",
		    version + strlen("vers="));
	return VERDICT_WARNING;
}

enum verdict
mount_judge(const struct mount *mount, char text[MOUNT_TEXT_SIZE])
{
	static const char *const careless[] = { "nobarrier", "barrier=0", "barrier=none",
		"fsync_mode=nobarrier", "nointegrity", "volatile", NULL };
	const struct kind *kind = kind_find(mount->magic);
	const char *name = mount->type[0] != '\0' ? mount->type
	    : kind == NULL                        ? "of a kind that is not known"
						  : kind->name;
	const char *option = mount_has_any(mount, careless);

	if (mount->magic == MAGIC_NFS)
		return nfs_judge(mount, text);
	if (option != NULL)
		snprintf(text, MOUNT_TEXT_SIZE,
		    "%s, mounted with %s: a power cut loses acknowledged events", name, option);
	else if (kind == NULL)
		snprintf(text, MOUNT_TEXT_SIZE,
		    "%s (type %lx): msgext was not tried on it, and its locks and syncs are not "
		    "known",
		    name, mount->magic);
	else if (kind->warning != NULL)
		snprintf(text, MOUNT_TEXT_SIZE, "%s: %s", kind->name, kind->warning);
	else if (mount->options == NULL)
		snprintf(text, MOUNT_TEXT_SIZE,
		    "%s; how it is mounted is not known: without barriers a power cut loses events",
		    name);
	else
		snprintf(text, MOUNT_TEXT_SIZE, "%s, with barriers: no known trouble", name);
	return option == NULL && kind != NULL && kind->warning == NULL && mount->options != NULL
	    ? VERDICT_OK
	    : VERDICT_WARNING;
}

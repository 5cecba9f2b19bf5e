/*
 * space.c - how full a directory's file system is, and its user's quota.
 *
 * The kernel tells a user his own quota, by a descriptor since Linux 5.14.  Before that it wanted
 * the device, which /proc/self/mountinfo names; such kernels have no Landlock that would close it.
 * Quotas of directories (projects) need no call of their own: statvfs(3) counts by them.
 *
 * A soft limit can be exceeded for some days only: so it is the limit, where there is one.
 */
#include "base/space.h"

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

/* Younger than some C libraries; these kinds of machine share one number. */
#if !defined(SYS_quotactl_fd) &&                                                                   \
    ((defined(__x86_64__) && !defined(__ILP32__)) || defined(__i386__) || defined(__aarch64__) ||  \
	defined(__arm__) || defined(__riscv))
#define SYS_quotactl_fd 443
#endif

/* What quotactl(2) has, whose header some C libraries take from the kernel, which is not everywhere. */
#define QUOTA_GET(kind) (0x800007U << 8 | (kind))
#define QUOTA_USER 0U
#define QUOTA_GROUP 1U
#define QUOTA_BLOCK 1024 /* bytes, of limits */

struct quota {
	uint64_t hard, soft, bytes; /* limits in blocks; 0: there is none */
	uint64_t files_hard, files_soft, files;
	uint64_t times[2];
	uint32_t valid;
};

/* the file system */

static void
disk_look(struct space *space, int directory)
{
	struct statvfs status;

	/* A block that root alone may use is free, but not available. */
	if (fstatvfs(directory, &status) != 0 || status.f_bfree > status.f_blocks ||
	    status.f_bavail > status.f_bfree)
		return;
	space->disk.used = (uint64_t)(status.f_blocks - status.f_bfree) * status.f_frsize;
	space->disk.most = space->disk.used + (uint64_t)status.f_bavail * status.f_frsize;
	if (status.f_ffree > status.f_files || status.f_favail > status.f_ffree)
		return;
	space->disk_files.used = status.f_files - status.f_ffree;
	space->disk_files.most = space->disk_files.used + status.f_favail;
}

/* the quota */

/* The device that the directory's file system is mounted from; false: it is not known. */
static bool
device_find(dev_t device, char *line, size_t size)
{
	FILE *list = fopen("/proc/self/mountinfo", "re");
	bool found = false;
	char wanted[64];

	snprintf(wanted, sizeof(wanted), " %u:%u ", major(device), minor(device));
	while (list != NULL && !found && fgets(line, (int)size, list) != NULL) {
		const char *number = strstr(line, wanted);
		char *rest = strstr(line, " - "),
		     *source = rest == NULL ? NULL : strchr(rest + 3, ' ');

		/* Number and parent stand before it, and nothing else. */
		found = source != NULL && number != NULL &&
		    strspn(line, "0123456789 ") ==
			(size_t)(number - line) + 1 + strspn(number + 1, "0123456789");
		if (found) {
			source[1 + strcspn(source + 1, " \n")] = '\0';
			memmove(line, source + 1, strlen(source + 1) + 1);
		}
	}
	if (list != NULL)
		fclose(list);
	return found;
}

/* 0, or -1 and errno. */
static int
quota_ask(int directory, dev_t device, unsigned kind, unsigned id, struct quota *quota)
{
	char line[4096];

#ifdef SYS_quotactl_fd
	if (syscall(SYS_quotactl_fd, directory, QUOTA_GET(kind), id, quota) == 0)
		return 0;
	if (errno != ENOSYS)
		return -1;
#else
	(void)directory;
#endif
	if (!device_find(device, line, sizeof(line)))
		return -1;
	return (int)syscall(SYS_quotactl, QUOTA_GET(kind), line, id, quota);
}

static uint64_t
limit(uint64_t soft, uint64_t hard)
{
	return soft > 0 && (hard == 0 || soft < hard) ? soft : hard;
}

/* Takes a part, if it leaves less than what is known. */
static void
part_take(struct space_part *part, uint64_t used, uint64_t most)
{
	const struct space_part taken = { used, most };

	if (most > 0 && (part->most == 0 || space_left(&taken) < space_left(part)))
		*part = taken;
}

static void
quota_look(struct space *space, int directory)
{
	static const unsigned kinds[] = { QUOTA_USER, QUOTA_GROUP };
	struct stat status;

	if (fstat(directory, &status) != 0)
		return;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		unsigned group = (status.st_mode & S_ISGID) != 0 ? status.st_gid : getegid();
		unsigned id = kinds[i] == QUOTA_USER ? status.st_uid : group;
		struct quota quota = { 0 };

		if (quota_ask(directory, status.st_dev, kinds[i], id, &quota) != 0)
			continue;
		space->quota_known = true;
		part_take(&space->quota, quota.bytes, limit(quota.soft, quota.hard) * QUOTA_BLOCK);
		part_take(&space->quota_files, quota.files,
		    limit(quota.files_soft, quota.files_hard));
	}
}

void
space_look(struct space *space, int directory)
{
	*space = (struct space){ 0 };
	disk_look(space, directory);
	quota_look(space, directory);
}

/* what it means */

uint64_t
space_left(const struct space_part *part)
{
	return part->used < part->most ? part->most - part->used : 0;
}

/* As far as that matters: no disk is so large that a double's 53 bits would not do. */
static double
part_percent(const struct space_part *part)
{
	return part->most == 0 ? 0 : 100.0 * (double)part->used / (double)part->most;
}

unsigned
space_percent(const struct space_part *part)
{
	double percent = part_percent(part);

	return percent < 1e6 ? (unsigned)percent : 1000000;
}

bool
space_is_low(const struct space_part *part)
{
	return part_percent(part) >= SPACE_LOW_PERCENT;
}

static bool
low_tell(const struct space *space, char text[SPACE_TEXT_SIZE])
{
	char left[BYTES_SIZE];
	const struct space_part *part = space_is_low(&space->quota) ? &space->quota : &space->disk;

	if (space_is_low(part)) {
		bytes_print(space_left(part), left);
		snprintf(text, SPACE_TEXT_SIZE, "%s: %u %% are used, %s are left",
		    part == &space->quota ? "the quota" : "the disk", space_percent(part), left);
		return true;
	}
	part = space_is_low(&space->quota_files) ? &space->quota_files : &space->disk_files;
	if (!space_is_low(part))
		return false;
	snprintf(text, SPACE_TEXT_SIZE, "%s: %u %% of the files are used, %llu are left",
	    part == &space->quota_files ? "the quota" : "the disk", space_percent(part),
	    (unsigned long long)space_left(part));
	return true;
}

bool
space_tell_low(const char *path, char text[SPACE_TEXT_SIZE])
{
	int directory = openat(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct space space;

	if (directory < 0)
		return false;
	space_look(&space, directory);
	close(directory);
	return low_tell(&space, text);
}

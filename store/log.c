/*
 * log.c - a group's log as a file: its name, how it is opened, and its errors.
 *
 * P7: a group's id never becomes a path (names.c).  Symbolic links, hard links, devices and other
 * users' files are refused.
 */
#include "store/log.h"

#include <sys/random.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/filesystem.h"

#define OPEN_TRIES 100

/* Member by member: to empty all that a path has room for costs more than to fill in a usual one. */
void
log_make(struct log *log, const struct store_options *options, const char *group_id,
    struct fault *fault)
{
	log->options = options;
	log->fault = fault;
	log->group_id = group_id;
	log->batch = NULL;
	log->fd = -1;
	log->device = 0;
	log->inode = 0;
	log->size = 0;
	log->before_start = false;
	log->path[0] = '\0';
	store_name_find(options->data_dir, group_id, log->name);
}

int
log_path(char path[PATH_MAX], const struct log *log, const char *ending)
{
	char stem[STORE_NAME_SIZE];
	size_t stem_length = name_sibling(log->group_id, log->name, strlen(ending), stem);
	size_t directory = strlen(log->options->data_dir), length = strlen(ending);
	char *at = path;

	if (directory + 1 + stem_length + length >= PATH_MAX)
		return fault_set(log->fault, FAULT_DATA_DIR, "data_dir: the path is too long");
	at = (char *)mempcpy(at, log->options->data_dir, directory);
	*at++ = '/';
	at = (char *)mempcpy(at, stem, stem_length);
	memcpy(at, ending, length + 1);
	return 0;
}

int
log_fault(const struct log *log, enum fault_code code, const char *doing)
{
	int error = errno;

	if (error == ENOSPC || error == EDQUOT)
		code = FAULT_DISK_FULL;
	return fault_set(log->fault, code, "%s: cannot %s: %s", log->name, doing, strerror(error));
}

int
log_look_fault(const struct log *log, enum fault_code code, const char *doing)
{
	return errno == ESTALE ? LOG_RETRY : log_fault(log, code, doing);
}

/*
 * Is there room for one more log?  Anyone who may post can name any number of groups, but must not
 * use up all files that the disk can hold.  The logs are counted for each new group, which is rare.
 */
static int
groups_check(const struct log *log)
{
	uint64_t count = 0, most = log->options->max_groups;
	const struct dirent *entry;
	DIR *directory;
	int error;

	if (most == 0)
		return 0;
	directory = opendir(log->options->data_dir);
	if (directory == NULL)
		return log_fault(log, FAULT_OPEN_FAILED, "count the logs beside it");
	for (errno = 0; count < most && (entry = readdir(directory)) != NULL; errno = 0) {
		const char *ending = strchr(entry->d_name, '.');

		count += ending != NULL && strcmp(ending, LOG_ENDING) == 0;
	}
	error = errno; /* a name that could not be read is not the end of the list */
	closedir(directory);
	errno = error;
	if (error != 0)
		return log_fault(log, FAULT_OPEN_FAILED, "count the logs beside it");
	if (count < most)
		return 0;
	return fault_set(log->fault, FAULT_GROUPS_FULL,
	    "%s: would be one more than max_groups, %llu logs", log->name,
	    (unsigned long long)most);
}

/* Over NFS, opening a file that another machine has just made can fail once. */
int
log_open_file(const struct log *log, const char *path)
{
	const int flags = O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	bool refused = false;

	for (int i = 0; i < OPEN_TRIES; i++) {
		int fd = openat(AT_FDCWD, path, flags); /* musl's open takes two calls */

		if (fd < 0 && errno == ENOENT) {
			if (path == log->path && groups_check(log) != 0)
				return -1;
			fd = openat(AT_FDCWD, path, flags | O_CREAT | O_EXCL,
			    log->options->file_mode);
		}
		if (fd >= 0)
			return fd;
		if (errno == EACCES && !refused)
			refused = true;
		else if (errno != EEXIST && errno != EINTR && errno != ESTALE)
			break;
	}
	if (errno == ELOOP)
		return fault_set(log->fault, FAULT_LOG_UNSAFE, "%s: is a symbolic link", log->name);
	return log_fault(log, FAULT_OPEN_FAILED, "open");
}

int
log_check_file(const struct log *log, const struct stat *status)
{
	const char *reason = NULL;

	if (!S_ISREG(status->st_mode))
		reason = "is not a regular file";
	else if (status->st_nlink > 1)
		reason = "has more than one link";
	else if (status->st_uid != log->options->owner)
		reason = "belongs to another user";
	if (reason != NULL)
		return fault_set(log->fault, FAULT_LOG_UNSAFE, "%s: %s", log->name, reason);
	return 0;
}

/*
 * For a network file system: opening a directory makes the kernel ask the server for it, and forget
 * the names that it remembers if the directory has changed.  A device with a major number is a disk
 * of this machine, and needs none of that.
 */
static void
names_refresh(const struct log *log, dev_t device)
{
	int fd;

	if (major(device) != 0 || !filesystem_is_remote(log->options->data_dir))
		return;
	fd = openat(AT_FDCWD, log->options->data_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		close(fd);
}

/*
 * Was the last write to the file before this machine started, as far as its clock tells?  In the
 * second where it is not certain, yes.  A time in the future comes from a clock that was set back
 * later, as a clock without a battery is: also yes.
 */
static bool
file_is_before_start(const struct stat *status)
{
#ifdef CLOCK_BOOTTIME
	struct timespec now, up;

	return clock_gettime(CLOCK_REALTIME, &now) == 0 &&
	    clock_gettime(CLOCK_BOOTTIME, &up) == 0 &&
	    (status->st_mtime <= now.tv_sec - up.tv_sec || status->st_mtime > now.tv_sec);
#else
	(void)status;
	return false;
#endif
}

int
log_look(struct log *log)
{
	struct stat opened, named;

	if (fstat(log->fd, &opened) != 0)
		return log_look_fault(log, FAULT_OPEN_FAILED, "examine");
	names_refresh(log, opened.st_dev);
	if (fstatat(AT_FDCWD, log->path, &named, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT ? LOG_RETRY
				       : log_look_fault(log, FAULT_OPEN_FAILED, "examine");
	if (opened.st_dev != named.st_dev || opened.st_ino != named.st_ino || opened.st_nlink == 0)
		return LOG_RETRY;
	log->device = opened.st_dev;
	log->inode = opened.st_ino;
	log->size = opened.st_size;
	log->before_start = file_is_before_start(&opened);
	return log_check_file(log, &opened);
}

int
log_sync_directory(const struct log *log)
{
	int fd = openat(AT_FDCWD, log->options->data_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int result;

	if (fd < 0)
		return log_fault(log, FAULT_SYNC_FAILED, "open its directory");
	do
		result = fsync(fd);
	while (result != 0 && errno == EINTR);
	if (result != 0)
		log_fault(log, FAULT_SYNC_FAILED, "sync its directory");
	close(fd);
	return result;
}

int
log_close(const struct log *log)
{
	return close(log->fd) == 0 || errno == EINTR ? 0 : -1;
}

uint64_t
log_id_make(void)
{
	struct timespec now;
	uint64_t id;

	if (getrandom(&id, sizeof(id), GRND_NONBLOCK) == (ssize_t)sizeof(id))
		return id;
	clock_gettime(CLOCK_REALTIME, &now);
	return ((uint64_t)now.tv_sec << 32 | (uint64_t)now.tv_nsec) ^ (uint64_t)getpid();
}

struct store_span
log_span(const struct log *log)
{
	return (struct store_span){ log->device, log->inode, log->size };
}

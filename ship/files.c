/*
 * files.c - the files of a data directory, and how far each is shipped.
 *
 * A file is known by what is never used again: the directory's incarnation, which is a random
 * number that the directory keeps; the inode; and the inode's time of birth.  A rotated log has the
 * same under its new name.  A compacted log is a new file.  A file that was cut or rewritten in
 * place has another hash of the bytes before its position: it begins a new generation and is
 * shipped from its start.
 *
 * What is kept here is only a cache, about 150 bytes for each inode.  The engine says how far a
 * file is shipped, and is asked again after each connect.  A file that is gone is forgotten at the
 * next look at the directory, or when another file gets its inode.  A file that was forgotten too
 * early counts as a new one when it is seen again.
 *
 * inotify reports files that a writer has closed, which is when a line is whole, and names that
 * appear and disappear.
 *
 * Only ENOENT says that a file is gone.  A file that cannot be examined or read for another reason
 * is reported by name, and the others go on.  Where the directory itself cannot be read, nothing
 * goes on.
 *
 * Anyone who may write the directory can put anything there under our names: a FIFO, a link, a
 * number that is not ours.  So we examine what we opened, and never rely on a name.
 */
#include <sys/inotify.h>
#include <sys/random.h>
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ship/files.h"
#include "base/fault.h"
#include "base/fingerprint.h"
#include "base/hash.h"
#include "base/text.h"
#include "names.h"

#define IDENTITY_NAME "msgext-ship.id"
#define DONE_NAME "msgext-ship.done"
/*
 * How many bytes before a position tell a file from another one.  They hold the beginning of the
 * last line, and so the time when it came.  The end of a line is not enough: two lines can end
 * alike, and repairing a torn end removes broken lines before them.
 */
#define MARK_SIZE (64 << 10)
/*
 * The lowest digits of a mark.  A mark of an earlier version does not end in them, and covers this
 * many bytes.
 */
#define MARK_TAG UINT64_C(0x4d36)
#define MARK_TAG_BITS UINT64_C(0xffff)
#define MARK_SIZE_BEFORE 64
#define WATCHED                                                                                    \
	(IN_CLOSE_WRITE | IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_DELETE_SELF |   \
	    IN_MOVE_SELF | IN_ONLYDIR)

/* the table */

/* The pointer to the entry of that inode, or the place where it belongs. */
static struct ship_file **
slot_find(const struct ship_files *files, uint64_t inode)
{
	uint64_t hash = hash_number(&files->seed, inode);
	struct ship_file **at = &files->slots[hash & (files->slot_count - 1)];

	while (*at != NULL && (*at)->inode != inode)
		at = &(*at)->next_in_slot;
	return at;
}

static int
slots_grow(struct ship_files *files)
{
	struct ship_file **old = files->slots, **slots;
	size_t old_count = files->slot_count, count = old_count == 0 ? 1024 : 2 * old_count;

	slots = calloc(count, sizeof(struct ship_file *));
	if (slots == NULL)
		return -1;
	files->slots = slots;
	files->slot_count = count;
	for (size_t i = 0; i < old_count; i++)
		for (struct ship_file *file = old[i], *next; file != NULL; file = next) {
			struct ship_file **slot = slot_find(files, file->inode);

			next = file->next_in_slot;
			file->next_in_slot = NULL;
			*slot = file;
		}
	free(old);
	return 0;
}

/* Forgets what the engine has of it. */
static void
file_forget(struct ship_file *file)
{
	file->row = 0;
	file->shipped = file->batched = (struct ship_point){ 0, 0 };
}

/*
 * Returns the inode's entry, with that name and birth.  Makes it where there is none.  NULL: no
 * memory.
 */
static struct ship_file *
file_get(struct ship_files *files, uint64_t inode, int64_t born, const char *name)
{
	struct ship_file **slot, *file;
	char *copy = strdup(name);

	if (copy == NULL || (files->count >= files->slot_count && slots_grow(files) != 0)) {
		free(copy);
		return NULL;
	}
	slot = slot_find(files, inode);
	file = *slot;
	if (file == NULL) {
		file = calloc(1, sizeof(*file));
		if (file == NULL) {
			free(copy);
			return NULL;
		}
		file->inode = inode;
		*slot = file;
		files->count++;
	}
	free(file->name);
	file->name = copy;
	if (file->born != born) { /* another file has the inode now */
		file->born = born;
		file->generation = 0;
		file->is_new_generation = false;
		file_forget(file);
	}
	return file;
}

void
ship_files_requeue(struct ship_files *files, struct ship_file *file)
{
	if (file->dirty)
		return;
	file->dirty = true;
	file->next_dirty = files->dirty;
	files->dirty = file;
}

struct ship_file *
ship_files_dequeue(struct ship_files *files)
{
	struct ship_file *file = files->dirty;

	if (file != NULL) {
		files->dirty = file->next_dirty;
		file->dirty = false;
	}
	return file;
}

off_t
ship_files_shipped(const struct ship_files *files, ino_t inode)
{
	const struct ship_file *file = files->slot_count == 0 ? NULL : *slot_find(files, inode);

	return file == NULL || file->dirty ? 0 : file->shipped.offset;
}

/* looking */

/* A log, or a renamed log: NAME.jsonl with anything after it, but not compressed. */
static bool
name_is_ours(const char *name)
{
	static const char *const compressed[] = { ".gz", ".bz2", ".xz", ".zst", ".lz4", ".Z" };
	const char *ending = strstr(name, ".jsonl"), *last = strrchr(name, '.');

	if (ending == NULL || ending == name || name[0] == '.')
		return false;
	for (size_t i = 0; i < sizeof(compressed) / sizeof(compressed[0]); i++)
		if (strcmp(last, compressed[i]) == 0)
			return false;
	return true;
}

/* Examines the name, or fd if the name is "". 0; -1: errno, which examine_fault explains. */
static int
file_examine(int fd, const char *name, struct statx *status, int64_t *born)
{
	if (statx(fd, name, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_BTIME,
		status) != 0)
		return -1;
	*born = (int64_t)status->stx_btime.tv_sec * 1000000000 + status->stx_btime.tv_nsec;
	return 0;
}

static int
examine_fault(const char *name, struct fault *fault)
{
	/* A container's filter may not know the call. */
	if (errno == ENOSYS || errno == EPERM)
		return fault_set(fault, FAULT_DATA_DIR,
		    "statx: %s: this system does not tell when a file was created (a container may "
		    "forbid it)",
		    strerror(errno));
	return fault_set(fault, FAULT_OPEN_FAILED, "%s: %s", name, strerror(errno));
}

/* Reports a fault of one file and goes on: 0.  Of another: -1. */
static int
file_skip(const struct ship_files *files, const struct fault *fault)
{
	if (fault->code != FAULT_OPEN_FAILED && fault->code != FAULT_LOG_UNSAFE)
		return -1;
	files->skipped(files->context, fault);
	return 0;
}

/* Looks at the file of a name: it may have something new, or another file's bytes. */
static int
name_look(struct ship_files *files, const char *name, struct fault *fault)
{
	struct statx status;
	struct ship_file *file;
	int64_t born;

	if (!name_is_ours(name))
		return 0;
	if (file_examine(files->directory, name, &status, &born) != 0) {
		if (errno == ENOENT)
			return 0;
		examine_fault(name, fault);
		return file_skip(files, fault);
	}
	if (!S_ISREG(status.stx_mode)) {
		if (!scan_name_is_log(name))
			return 0;
		fault_set(fault, FAULT_LOG_UNSAFE, "%s: is not a regular file", name);
		return file_skip(files, fault);
	}
	/*
	 * An inode can be used again: without a birth, a rewritten log could pass for the one
	 * before.
	 */
	if ((status.stx_mask & STATX_BTIME) == 0)
		return fault_set(fault, FAULT_DATA_DIR,
		    "%s: this file system does not tell when a file was created", files->data_dir);
	file = file_get(files, status.stx_ino, born, name);
	if (file == NULL)
		return fault_memory(fault);
	ship_files_requeue(files, file);
	return 0;
}

/* Looks at each name in the directory. */
static int
names_look(struct ship_files *files, struct fault *fault)
{
	int fd = openat(files->directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), result = 0;
	DIR *directory = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (directory == NULL) {
		fault_set(fault, FAULT_DATA_DIR, "%s: %s", files->data_dir, strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	while (errno = 0, result == 0 && (entry = readdir(directory)) != NULL)
		result = name_look(files, entry->d_name, fault);
	if (result == 0 && errno != 0)
		result = fault_set(fault, FAULT_DATA_DIR, "%s: its names: %s", files->data_dir,
		    strerror(errno));
	closedir(directory);
	return result;
}

/* Forgets the files that the look at the directory did not put into the queue. */
static void
gone_forget(struct ship_files *files)
{
	for (size_t i = 0; i < files->slot_count; i++)
		for (struct ship_file **at = &files->slots[i]; *at != NULL;) {
			struct ship_file *file = *at;

			if (file->dirty) {
				at = &file->next_in_slot;
				continue;
			}
			*at = file->next_in_slot;
			free(file->name);
			free(file);
			files->count--;
		}
}

/*
 * Does the path lead to the directory that is open?  inotify does not report a symbolic link that
 * leads elsewhere now, nor that a directory above was renamed.
 */
static int
place_check(const struct ship_files *files, struct fault *fault)
{
	struct stat opened, named;
	int found = stat(files->data_dir, &named);

	if ((found != 0 && errno != ENOENT) || fstat(files->directory, &opened) != 0)
		return fault_set(fault, FAULT_DATA_DIR, "%s: %s", files->data_dir, strerror(errno));
	if (found != 0 || opened.st_dev != named.st_dev || opened.st_ino != named.st_ino)
		return fault_set(fault, FAULT_LOG_CHANGED, "%s: was removed or replaced",
		    files->data_dir);
	return 0;
}

int
ship_files_look(struct ship_files *files, struct fault *fault)
{
	struct ship_file *file;

	if (place_check(files, fault) != 0)
		return -1;
	while (ship_files_dequeue(files) != NULL)
		;
	for (size_t i = 0; i < files->slot_count; i++)
		for (file = files->slots[i]; file != NULL; file = file->next_in_slot)
			file_forget(file);
	if (names_look(files, fault) != 0)
		return -1;
	gone_forget(files);
	return 0;
}

static int
event_take(struct ship_files *files, const struct inotify_event *event, struct fault *fault)
{
	if ((event->mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT)) != 0 ||
	    ((event->mask & (IN_DELETE | IN_MOVED_FROM)) != 0 &&
		strcmp(event->name, IDENTITY_NAME) == 0))
		return fault_set(fault, FAULT_LOG_CHANGED, "%s: was removed or replaced",
		    files->data_dir);
	if ((event->mask & IN_Q_OVERFLOW) != 0)
		return ship_files_look(files, fault);
	return event->len > 0 ? name_look(files, event->name, fault) : 0;
}

int
ship_files_events(struct ship_files *files, struct fault *fault)
{
	union {
		struct inotify_event align;
		char bytes[65536];
	} block;
	ssize_t length;

	while ((length = read(files->notify, block.bytes, sizeof(block.bytes))) > 0)
		for (ssize_t at = 0; at < length;) {
			const struct inotify_event *event = (const void *)(block.bytes + at);

			if (event_take(files, event, fault) != 0)
				return -1;
			at += (ssize_t)(sizeof(*event) + event->len);
		}
	if (length < 0 && errno != EAGAIN && errno != EINTR)
		return fault_set(fault, FAULT_DATA_DIR, "%s: inotify: %s", files->data_dir,
		    strerror(errno));
	return 0;
}

/* one file */

/*
 * Makes a hash of the bytes before an offset, at most size of them; the engine keeps it. 1; 0: the
 * file does not reach so far; -1: errno.
 */
static int
mark_make(int fd, off_t offset, off_t size, uint64_t *mark)
{
	struct fingerprint read;
	int result = fingerprint_read(&read, fd, offset < size ? 0 : offset - size, offset);

	*mark = size == MARK_SIZE ? (read.hash & ~MARK_TAG_BITS) | MARK_TAG : read.hash;
	return result;
}

/*
 * The file is not the one that the engine knows: it begins a new generation, of which the engine
 * can have nothing.
 */
static int
file_begin_generation(struct ship_files *files, struct ship_file *file, struct fault *fault)
{
	if (file->is_new_generation)
		return fault_set(fault, FAULT_ENGINE,
		    "the engine's answer makes no sense: %s is shipped where it was not",
		    file->name);
	file_forget(file);
	file->generation++;
	file->is_new_generation = true;
	ship_files_requeue(files, file);
	return -1;
}

/* Is the open file the one that was seen?  -1: it is not, or a fault. */
static int
file_check(const struct ship_file *file, int fd, struct fault *fault)
{
	struct statx status;
	int64_t born;

	if (file_examine(fd, "", &status, &born) != 0)
		return examine_fault(file->name, fault);
	return status.stx_ino == file->inode && born == file->born ? 0 : -1;
}

int
ship_file_open(struct ship_files *files, struct ship_file *file, struct fault *fault)
{
	int fd = openat(files->directory, file->name,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	fault->code = FAULT_NONE;
	if (fd < 0 && errno == ENOENT)
		return -1;
	if (fd < 0)
		return fault_set(fault, FAULT_OPEN_FAILED, "%s: %s", file->name, strerror(errno));
	if (file_check(file, fd, fault) == 0)
		return fd;
	close(fd);
	return -1;
}

int
ship_file_verify(struct ship_files *files, struct ship_file *file, int fd, struct fault *fault)
{
	uint64_t mark;

	fault->code = FAULT_NONE;
	if (file->shipped.offset > 0) {
		bool before = (file->shipped.mark & MARK_TAG_BITS) != MARK_TAG;
		int result = mark_make(fd, file->shipped.offset,
		    before ? MARK_SIZE_BEFORE : MARK_SIZE, &mark);

		if (result < 0)
			return fault_set(fault, FAULT_OPEN_FAILED, "%s: %s", file->name,
			    strerror(errno));
		if (result == 0 || mark != file->shipped.mark)
			return file_begin_generation(files, file, fault);
	}
	file->is_new_generation = false;
	return 0;
}

void
ship_file_batched(struct ship_file *file, int fd, off_t offset)
{
	file->batched.offset = offset;
	/* No file has that mark: so the file is shipped again. */
	if (mark_make(fd, offset, MARK_SIZE, &file->batched.mark) != 1)
		file->batched.mark = 0;
}

/* the directory */

/*
 * Opens and locks the file with the directory's number.  Returns the descriptor, which keeps the
 * lock; or -1.
 */
static int
identity_open(const struct ship_files *files, struct fault *fault)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	struct stat status, directory;
	const char *reason = NULL;
	/* Opened for reading and writing, not even a FIFO blocks. */
	int fd = openat(files->directory, IDENTITY_NAME,
	    O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0600);

	if (fd < 0 || fstat(fd, &status) != 0 || fstat(files->directory, &directory) != 0) {
		fault_set(fault, FAULT_OPEN_FAILED, "%s/%s: %s", files->data_dir, IDENTITY_NAME,
		    strerror(errno));
		goto fail;
	}
	if (!S_ISREG(status.st_mode))
		reason = "is not a regular file";
	else if (status.st_nlink != 1)
		reason = "has more than one link";
	else if (status.st_uid != geteuid() && status.st_uid != directory.st_uid &&
	    status.st_uid != 0)
		reason = "belongs to another user";
	else if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		reason = "others can write to it (chmod 600)";
	if (reason != NULL) {
		fault_set(fault, FAULT_LOG_UNSAFE, "%s/%s: %s", files->data_dir, IDENTITY_NAME,
		    reason);
		goto fail;
	}
	if (fcntl(fd, F_SETLK, &lock) == 0)
		return fd;
	if (errno == EAGAIN || errno == EACCES)
		fault_set(fault, FAULT_LOCK_TIMEOUT, "%s: another msgext-ship is running here",
		    files->data_dir);
	else
		fault_set(fault, FAULT_LOCK_FAILED, "%s/%s: %s", files->data_dir, IDENTITY_NAME,
		    strerror(errno));
fail:
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Reads the directory's random number, or makes it where there is none.  Keeps it locked. */
static int
identity_get(struct ship_files *files, struct fault *fault)
{
	unsigned char random[SHIP_IDENTITY_SIZE / 2];
	int fd = identity_open(files, fault);
	ssize_t length;

	if (fd < 0)
		return -1;
	length = pread(fd, files->identity, SHIP_IDENTITY_SIZE, 0);
	if (length < 0) {
		/* With another number all logs would be shipped once more. */
		fault_set(fault, FAULT_OPEN_FAILED, "%s/%s: %s", files->data_dir, IDENTITY_NAME,
		    strerror(errno));
		goto fail;
	}
	if (length == SHIP_IDENTITY_SIZE &&
	    strspn(files->identity, hex_digits) == SHIP_IDENTITY_SIZE)
		return 0; /* the descriptor stays, for the lock */
	if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random)) {
		fault_set(fault, FAULT_OPEN_FAILED, "random numbers: %s", strerror(errno));
		goto fail;
	}
	for (size_t i = 0; i < sizeof(random); i++)
		sprintf(files->identity + 2 * i, "%02x", random[i]);
	if (pwrite(fd, files->identity, SHIP_IDENTITY_SIZE, 0) == SHIP_IDENTITY_SIZE &&
	    fsync(fd) == 0 && fsync(files->directory) == 0)
		return 0;
	fault_set(fault, FAULT_WRITE_FAILED, "%s/%s: %s", files->data_dir, IDENTITY_NAME,
	    strerror(errno));
fail:
	close(fd);
	return -1;
}

/* Makes inotify report on the directory that is open, and on no other. */
static int
notify_begin(struct ship_files *files, struct fault *fault)
{
	const char *limit = "";

	files->notify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (files->notify < 0 || inotify_add_watch(files->notify, files->data_dir, WATCHED) < 0) {
		if (errno == EMFILE)
			limit = " (see fs.inotify.max_user_instances)";
		else if (errno == ENOSPC)
			limit = " (see fs.inotify.max_user_watches)";
		return fault_set(fault, FAULT_DATA_DIR, "%s: inotify: %s%s", files->data_dir,
		    strerror(errno), limit);
	}
	return place_check(files, fault);
}

int
ship_files_open(struct ship_files *files, const char *data_dir, struct fault *fault)
{
	*files = (struct ship_files){ .data_dir = data_dir, .notify = -1 };
	hash_seed_make(&files->seed);
	files->directory = open(data_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (files->directory < 0)
		return fault_set(fault, FAULT_DATA_DIR, "%s: %s", data_dir, strerror(errno));
	return notify_begin(files, fault) != 0 ? -1 : identity_get(files, fault);
}

/* It is opened for reading only, so that inotify does not report it to us as written. */
void
ship_files_done(const struct ship_files *files)
{
	int fd = openat(files->directory, DONE_NAME,
	    O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0600);
	struct stat status;

	if (fd < 0)
		return;
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_nlink == 1)
		(void)futimens(fd, NULL);
	close(fd);
}

/*
 * refused.c - how many genuine events were refused, by reason: the counter file .refused.
 *
 * It tells an owner that events were lost here, where nobody reads an error log.  It is a help and
 * nothing more, so it must never be in the way: it is written after the answer, its lock is tried
 * and not waited for, nothing is synced, and whatever fails is let be.  So it can count too few,
 * and never too many.
 *
 * It is wanted most where the disk is full.  So it has a fixed size, and is written whole while
 * there is room; later its bytes are only overwritten.  On btrfs that takes a file that is not
 * copied when it is written, which an empty file can be made.
 *
 * The file is lines of one length, filled up with blanks: a head that says whose it is, and one
 * line for each reason, which has its place for ever.  Each is read and written by itself; one that
 * cannot be read begins again.  A file with another head is somebody else's and is left alone.
 */
#include "store/refused.h"

#include <sys/stat.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#if defined(__has_include)
#if __has_include(<linux/fs.h>)
#include <linux/fs.h>
#endif
#endif

#include "base/lock.h"
#include "base/text.h"
#include "base/time.h"
#include "store/options.h"

#define LINE_SIZE 128
#define FILE_SIZE ((off_t)LINE_SIZE * (REFUSED_MAX + 1))
#define LOCK_TRIES 32 /* whoever has it needs it for two calls */
#define TIME_LENGTH 24
#define REASON_OTHER "other"

static const char head[] = "{\"msgext\":\"refused\",\"version\":1}";

/*
 * The reasons, each with its line: the first one has line 1.  Add at the end only, since an older
 * build may write the same file.
 */
static const enum fault_code reasons[] = { FAULT_DATA_DIR, FAULT_LOG_UNSAFE, FAULT_LOG_CHANGED,
	FAULT_LOCK_TIMEOUT, FAULT_LOCK_FAILED, FAULT_OPEN_FAILED, FAULT_TAIL_FAILED,
	FAULT_WRITE_FAILED, FAULT_SYNC_FAILED, FAULT_DISK_FULL, FAULT_GROUPS_FULL, FAULT_MEMORY };

#define REASON_COUNT (sizeof(reasons) / sizeof(reasons[0]))

_Static_assert(REASON_COUNT < REFUSED_MAX, "the last line is for all others");

/* lines */

static void
line_fill(char line[LINE_SIZE], const char *text)
{
	memset(line, ' ', LINE_SIZE);
	memcpy(line, text, strnlen(text, LINE_SIZE - 1));
	line[LINE_SIZE - 1] = '\n';
}

static void
line_print(char line[LINE_SIZE], const struct refused *refused)
{
	char text[LINE_SIZE], first[TIME_SIZE], last[TIME_SIZE];

	time_print(refused->first, first);
	time_print(refused->last, last);
	snprintf(text, sizeof(text),
	    "{\"Reason\":\"%s\",\"Count\":%llu,\"First\":\"%.24s\",\"Last\":\"%.24s\"}",
	    refused->reason, (unsigned long long)refused->count, first, last);
	line_fill(line, text);
}

static bool
time_take(const char **at, int64_t *time)
{
	char text[TIME_LENGTH + 1];

	if (strlen(*at) < TIME_LENGTH)
		return false;
	memcpy(text, *at, TIME_LENGTH);
	text[TIME_LENGTH] = '\0';
	*time = time_parse(text);
	*at += TIME_LENGTH;
	return *time >= 0;
}

/* Reads a line, whatever bytes it has; false: it counts nothing. */
static bool
line_parse(const char line[LINE_SIZE], struct refused *refused)
{
	char text[LINE_SIZE + 1];
	const char *at = text;
	size_t length;

	memcpy(text, line, LINE_SIZE);
	text[LINE_SIZE] = '\0';
	if (!text_skip(&at, "{\"Reason\":\""))
		return false;
	length = strspn(at, "abcdefghijklmnopqrstuvwxyz-");
	if (length == 0 || length >= REFUSED_REASON_SIZE)
		return false;
	memcpy(refused->reason, at, length);
	refused->reason[length] = '\0';
	at += length;
	if (!text_skip(&at, "\",\"Count\":"))
		return false;
	length = strspn(at, "0123456789");
	if (!integer_parse(at, length, &refused->count) || refused->count == 0)
		return false;
	at += length;
	return text_skip(&at, ",\"First\":\"") && time_take(&at, &refused->first) &&
	    text_skip(&at, "\",\"Last\":\"") && time_take(&at, &refused->last) &&
	    text_skip(&at, "\"}") && strspn(at, " ") == strlen(at) - 1 &&
	    at[strlen(at) - 1] == '\n';
}

/* the file */

static int
file_open(const char *data_dir, int flags, mode_t mode)
{
	char path[PATH_MAX];
	int length = snprintf(path, sizeof(path), "%s/" REFUSED_NAME, data_dir);

	if (length < 0 || (size_t)length >= sizeof(path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return openat(AT_FDCWD, path, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, mode);
}

/* Do these first bytes of a file begin as a head does?  A full disk may have cut it. */
static bool
head_fits(const char *bytes, size_t length)
{
	char expected[LINE_SIZE];

	line_fill(expected, head);
	return memcmp(bytes, expected, length < LINE_SIZE ? length : LINE_SIZE) == 0;
}

/* Is the open file ours to write?  Fills in its size. */
static bool
file_is_ours(int fd, const struct store_options *options, off_t *size)
{
	struct stat status;
	char line[LINE_SIZE];
	ssize_t length;

	if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) || status.st_nlink > 1 ||
	    status.st_uid != options->owner)
		return false;
	*size = status.st_size;
	length = pread(fd, line, LINE_SIZE, 0);
	return length >= 0 && head_fits(line, (size_t)length);
}

/* Locks without waiting.  False: another has the lock. */
static bool
file_lock(int fd)
{
	for (int i = 0; i < LOCK_TRIES; i++) {
		if (lock_try(fd, F_WRLCK) == 0)
			return true;
		if (errno != EAGAIN && errno != EACCES)
			return false;
		sched_yield();
	}
	return false;
}

/* Lets later writes overwrite the same bytes of the disk, where a file system does otherwise. */
static void
file_overwrites(int fd)
{
#ifdef FS_NOCOW_FL
	int flags = 0;

	/* C libraries differ in the type of ioctl(2)'s request. */
	if (syscall(SYS_ioctl, fd, FS_IOC_GETFLAGS, &flags) == 0 && (flags & FS_NOCOW_FL) == 0) {
		flags |= FS_NOCOW_FL;
		(void)!syscall(SYS_ioctl, fd, FS_IOC_SETFLAGS, &flags);
	}
#else
	(void)fd;
#endif
}

/* Writes what the file has not yet, up to its full size. */
static void
file_complete(int fd, off_t size)
{
	char bytes[FILE_SIZE];

	if (size >= FILE_SIZE)
		return;
	if (size == 0)
		file_overwrites(fd);
	line_fill(bytes, head);
	for (size_t i = 1; i <= REFUSED_MAX; i++)
		line_fill(bytes + i * LINE_SIZE, "");
	(void)!pwrite(fd, bytes + size, (size_t)(FILE_SIZE - size), size);
}

/* Opens and locks the file, made where it is missing: a descriptor, or -1. */
static int
file_begin(const struct store_options *options)
{
	int fd = file_open(options->data_dir, O_RDWR, 0);
	off_t size;

	if (fd < 0 && errno == ENOENT)
		fd = file_open(options->data_dir, O_RDWR | O_CREAT, options->file_mode);
	if (fd < 0)
		return -1;
	if (file_lock(fd) && file_is_ours(fd, options, &size)) {
		file_complete(fd, size);
		return fd;
	}
	close(fd);
	return -1;
}

void
refused_prepare(const struct store_options *options)
{
	struct stat status;
	int fd = file_open(options->data_dir, O_RDONLY, 0);
	bool whole = fd >= 0 && fstat(fd, &status) == 0 && status.st_size >= FILE_SIZE;

	if (fd < 0 && errno != ENOENT)
		return;
	if (fd >= 0)
		close(fd);
	if (whole)
		return;
	fd = file_begin(options);
	if (fd >= 0)
		close(fd);
}

void
refused_count(const struct store_options *options, enum fault_code code, int64_t now)
{
	struct refused refused = { .first = now };
	char line[LINE_SIZE];
	size_t i = 0;
	int fd = file_begin(options);
	off_t offset;

	if (fd < 0)
		return;
	while (i < REASON_COUNT && reasons[i] != code)
		i++;
	offset = (off_t)(i < REASON_COUNT ? i + 1 : REFUSED_MAX) * LINE_SIZE;
	if (pread(fd, line, LINE_SIZE, offset) != LINE_SIZE || !line_parse(line, &refused))
		refused = (struct refused){ .first = now };
	strcpy(refused.reason, i < REASON_COUNT ? fault_slug(code) : REASON_OTHER);
	refused.count += refused.count < INTEGER_MAX;
	refused.last = now;
	line_print(line, &refused);
	(void)!pwrite(fd, line, LINE_SIZE, offset);
	close(fd);
}

int
refused_read(struct refused list[REFUSED_MAX], const char *data_dir, struct fault *fault)
{
	char bytes[FILE_SIZE];
	struct stat status;
	int fd = file_open(data_dir, O_RDONLY, 0), count = 0;
	ssize_t length = -1;

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
		length = pread(fd, bytes, sizeof(bytes), 0);
	else if (fd >= 0)
		errno = EINVAL;
	if (length < 0)
		fault_set(fault, FAULT_OPEN_FAILED, REFUSED_NAME ": %s", strerror(errno));
	if (length > 0 && !head_fits(bytes, (size_t)length)) {
		fault_set(fault, FAULT_OPEN_FAILED,
		    REFUSED_NAME ": is no file of ours, so that nothing is counted (remove it)");
		length = -1;
	}
	for (ssize_t at = LINE_SIZE; at + LINE_SIZE <= length; at += LINE_SIZE)
		count += line_parse(bytes + at, &list[count]);
	if (fd >= 0)
		close(fd);
	return length < 0 ? -1 : count;
}

/*
 * scan.c - log file -> lines, without a lock.
 *
 * Reading needs no lock, because writers only ever add whole lines or take an
 * unfinished one away: what ends in a newline is a line, and what does not is
 * not there yet.  So a reader never makes a writer wait.  The mark at the end of a log
 * that was replaced (store/mark.c) is for writers, and is skipped.
 *
 * One buffer, refilled in place; it grows only where a single line is larger
 * and never beyond what the receiver can have written, so memory is flat
 * however large the log is.  At the end scan_next says so and can be asked
 * again when the file has grown.
 */
#include <sys/stat.h>

#ifdef __x86_64__
#include <cpuid.h>
#endif
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log/scan.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/fingerprint.h"
#include "names.h"
#include "store/mark.h"
#include "store/options.h"

#ifndef SCAN_BUFFER /* fuzzing asks for a small one */
#define SCAN_BUFFER (256 << 10)
#endif
#define WIDE_MIN ((size_t)64 << 10) /* what is searched: fewer bytes take less time than asking */
#define SCAN_BUFFER_MIN (SCAN_BUFFER < 4096 ? SCAN_BUFFER : 4096)

/* The buffer for a file of that size, which grows with it. */
static int
buffer_make(struct scan *scan, off_t file_size, struct fault *fault)
{
	scan->size = file_size < SCAN_BUFFER_MIN ? SCAN_BUFFER_MIN : SCAN_BUFFER;
	scan->buffer = malloc(scan->size);
	return scan->buffer != NULL ? 0 : fault_memory(fault);
}

int
scan_prepare(struct scan *scan, struct fault *fault)
{
	*scan = (struct scan){ .fd = -1 };
	return buffer_make(scan, SCAN_BUFFER, fault);
}

int
scan_open_ahead(struct scan *scan, const char *data_dir, const char *name, struct fault *fault)
{
	char path[PATH_MAX];
	struct stat status;
	int length = snprintf(path, sizeof(path), "%s/%s", data_dir, name);

	int fd;

	*scan = (struct scan){ .fd = -1 };
	if (length < 0 || (size_t)length >= sizeof(path))
		return fault_set(fault, FAULT_DATA_DIR, "%s: the path is too long", name);
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		return fault_set(fault, FAULT_OPEN_FAILED, "%s: %s", path, file_open_reason(errno));
	scan->fd = fd;
	if (fstat(fd, &status) != 0) {
		fault_set(fault, FAULT_OPEN_FAILED, "%s: %s", path, strerror(errno));
		scan_close(scan);
		return -1;
	}
	if (!S_ISREG(status.st_mode)) {
		scan_close(scan);
		return fault_set(fault, FAULT_LOG_UNSAFE, "%s: is not a regular file", path);
	}
	scan->device = status.st_dev;
	scan->inode = status.st_ino;
	scan->file_size = status.st_size;
	return 1;
}

int
scan_begin(struct scan *scan, struct fault *fault)
{
	if (buffer_make(scan, scan->file_size, fault) == 0)
		return 1;
	scan_close(scan);
	return -1;
}

int
scan_open(struct scan *scan, const char *data_dir, const char *name, struct fault *fault)
{
	int result = scan_open_ahead(scan, data_dir, name, fault);

	return result == 1 ? scan_begin(scan, fault) : result;
}

void
scan_fetch(const struct scan *scan)
{
	posix_fadvise(scan->fd, 0, SCAN_BUFFER, POSIX_FADV_WILLNEED);
}

void
scan_close(struct scan *scan)
{
	free(scan->buffer);
	if (scan->fd >= 0 && !scan->shares)
		close(scan->fd);
	*scan = (struct scan){ .fd = -1 };
}

off_t
scan_line_begin(const struct scan *scan, off_t offset, struct fault *fault)
{
	char bytes[4096];
	off_t at = offset - 1; /* a newline there counts */
	ssize_t count;

	do {
		const char *newline;

		count = pread(scan->fd, bytes, sizeof(bytes), at);
		newline = count <= 0 ? NULL : memchr(bytes, '\n', (size_t)count);
		if (newline != NULL)
			return at + (newline - bytes) + 1;
		at += count > 0 ? count : 0;
	} while (count > 0 || (count < 0 && errno == EINTR));
	return count == 0 ? 0
			  : fault_set(fault, FAULT_OPEN_FAILED, "cannot read: %s", strerror(errno));
}

int
scan_part(const struct scan *scan, off_t first, off_t limit, struct scan *part, struct fault *fault)
{
	*part = (struct scan){ .fd = scan->fd,
		.shares = true,
		.device = scan->device,
		.inode = scan->inode,
		.file_size = scan->file_size,
		.offset = first,
		.limit = limit };
	return buffer_make(part, scan->file_size, fault);
}

/* Reads from the file: as read(2), and nothing behind the limit. */
static ssize_t
bytes_read(const struct scan *scan, char *bytes, size_t size)
{
	off_t from = scan->offset + (off_t)(scan->end - scan->start);

	if (scan->limit > 0 && scan->limit - from < (off_t)size)
		size = scan->limit > from ? (size_t)(scan->limit - from) : 0;
	return scan->shares ? pread(scan->fd, bytes, size, from) : read(scan->fd, bytes, size);
}

/* Reads more into the buffer: 1, 0 at the file's end, -1. */
static int
scan_fill(struct scan *scan, struct fault *fault)
{
	size_t wanted;
	ssize_t count;

	if (scan->at_end) { /* the last call met it already */
		scan->at_end = false;
		return 0;
	}
	scan->lines_end = 0;
	if (scan->start > 0) {
		memmove(scan->buffer, scan->buffer + scan->start, scan->end - scan->start);
		scan->end -= scan->start;
		scan->start = 0;
	}
	if (scan->end == scan->size && scan->size < LINE_SIZE_MAX) {
		size_t size = SCAN_BUFFER + 2 * scan->size;
		char *larger;

		if (size > LINE_SIZE_MAX)
			size = LINE_SIZE_MAX;
		larger = realloc(scan->buffer, size);
		if (larger == NULL)
			return fault_memory(fault);
		scan->buffer = larger;
		scan->size = size;
	}
	if (scan->end == scan->size) {
		/* No line of ours is so long: only its end matters. */
		scan->overlong = true;
		scan->offset += (off_t)scan->end;
		scan->skipped += scan->end;
		scan->end = scan->searched = 0;
	}
	wanted = scan->size - scan->end;
	do
		count = bytes_read(scan, scan->buffer + scan->end, wanted);
	while (count < 0 && errno == EINTR);
	if (count < 0)
		return fault_set(fault, FAULT_OPEN_FAILED, "cannot read: %s", strerror(errno));
	scan->end += (size_t)count;
	scan->at_end = count > 0 && (size_t)count < wanted &&
	    scan->offset + (off_t)scan->end >= scan->file_size;
	return count > 0;
}

/* Hands out buffer[start..start + length), which a newline follows. */
static void
line_take(struct scan *scan, size_t length, struct line *line)
{
	line->bytes = scan->buffer + scan->start;
	line->length = length;
	line->offset = scan->offset;
	line->overlong = scan->overlong;
	if (scan->overlong)
		line->offset -= (off_t)scan->skipped;
	line->number = ++scan->number;
	scan->start += length + 1;
	scan->offset += (off_t)length + 1;
	scan->searched = 0;
	scan->skipped = 0;
	scan->overlong = false;
}

void
line_fingerprint(const struct line *line, off_t end, struct fingerprint *print)
{
	fingerprint_set(print, line->bytes, line->length + 1, end);
}

int
scan_next(struct scan *scan, struct line *line, struct fault *fault)
{
	for (;;) {
		const char *from = scan->buffer + scan->start;
		size_t held = scan->end - scan->start;
		const char *newline = held == scan->searched
		    ? NULL
		    : memchr(from + scan->searched, '\n', held - scan->searched);
		int filled;

		if (newline != NULL) {
			line_take(scan, (size_t)(newline - from), line);
			if (!line->overlong && store_line_is_mark(line->bytes, line->length))
				continue;
			return 1;
		}
		scan->searched = held;
		filled = scan_fill(scan, fault);
		if (filled <= 0)
			return filled;
	}
}

int
scan_rest(struct scan *scan, struct line *line, struct fault *fault)
{
	size_t held = scan->end - scan->start;

	if (held == 0)
		return 0;
	if (scan->end == scan->size) {
		char *larger = realloc(scan->buffer, scan->size + 1);

		if (larger == NULL)
			return fault_memory(fault);
		scan->buffer = larger;
		scan->size++;
	}
	scan->buffer[scan->end++] = '\n';
	line_take(scan, held, line);
	return line->overlong || !store_line_is_mark(line->bytes, line->length);
}

/* Bytes that the compiler handles at once, or in as many parts as the machine needs. */
typedef unsigned char bytes32 __attribute__((vector_size(32)));
typedef uint64_t words4 __attribute__((vector_size(32)));

#define PROBE_BLOCK 64
#define INLINE static inline __attribute__((always_inline))

/* Does any of a block's bytes equal first while the one at the same place of behind equals second? */
INLINE bool
block_probe(const char *at, const char *behind, char first, char second)
{
	bytes32 a, b;
	words4 found = { 0, 0, 0, 0 };

	for (size_t i = 0; i < PROBE_BLOCK; i += sizeof(a)) {
		memcpy(&a, at + i, sizeof(a));
		memcpy(&b, behind + i, sizeof(b));
		found |= (words4)((a == (unsigned char)first) & (b == (unsigned char)second));
	}
	return (found[0] | found[1] | found[2] | found[3]) != 0;
}

/*
 * As memmem, and faster where nothing is found for long: looks for two bytes
 * of the needle, its second and its last, that rarely stand so far apart.
 */
INLINE const char *
needle_probe(const char *from, const char *end, const char *needle, size_t length)
{
	for (; (size_t)(end - from) >= PROBE_BLOCK + length; from += PROBE_BLOCK) {
		const char *hit;

		if (!block_probe(from + 1, from + length - 1, needle[1], needle[length - 1]))
			continue;
		hit = memmem(from, PROBE_BLOCK + length - 1, needle, length);
		if (hit != NULL)
			return hit;
	}
	return memmem(from, (size_t)(end - from), needle, length);
}

static const char *
probe_plain(const char *from, const char *end, const char *needle, size_t length)
{
	return needle_probe(from, end, needle, length);
}

bool scan_plain;

#ifdef __x86_64__
__attribute__((target("avx2"))) static const char *
probe_avx2(const char *from, const char *end, const char *needle, size_t length)
{
	return needle_probe(from, end, needle, length);
}

/*
 * The compiler's own way asks before main, in every process; in a virtual machine each question
 * takes microseconds.
 */
static bool
processor_has_avx2(void)
{
	unsigned a, b, c, d, low, high;

	if (!__get_cpuid(1, &a, &b, &c, &d) || (c & bit_OSXSAVE) == 0 || (c & bit_AVX) == 0)
		return false;
	__asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	return (low & 6) == 6 && __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_AVX2) != 0;
}

/* Is it worth asking for so many bytes, and is it there? */
static bool
have_avx2(size_t bytes)
{
	enum { UNKNOWN, MISSING, THERE };
	static atomic_int known; /* threads may find out at the same time, and the same */
	int has;

	if (scan_plain || bytes < WIDE_MIN)
		return false;
	has = atomic_load_explicit(&known, memory_order_relaxed);
	if (has == UNKNOWN) {
		has = processor_has_avx2() ? THERE : MISSING;
		atomic_store_explicit(&known, has, memory_order_relaxed);
	}
	return has == THERE;
}
#else
#define probe_avx2 probe_plain
#define have_avx2(bytes) false
#endif

/* The first needle that no further digit follows, before end; NULL: none. */
static const char *
needle_find(const char *from, const char *end, const char *needle, size_t length)
{
	bool wide = have_avx2((size_t)(end - from));

	while ((from = wide ? probe_avx2(from, end, needle, length)
			    : probe_plain(from, end, needle, length)) != NULL) {
		from += length;
		if (*from < '0' || *from > '9') /* there is a newline at end */
			return from - length;
	}
	return NULL;
}

/* Is there a newline in the buffer?  What follows the last one may be long, and is looked at once. */
static bool
lines_held(struct scan *scan)
{
	const char *from = scan->buffer + scan->start, *last;

	if (scan->lines_end <= scan->start) {
		last = memrchr(from, '\n', scan->end - scan->start);
		scan->lines_end = last == NULL ? 0 : (size_t)(last - from) + scan->start + 1;
	}
	return scan->lines_end > scan->start;
}

int
scan_find(struct scan *scan, const char *needle, struct line *line, struct fault *fault)
{
	size_t length = strlen(needle);

	for (;;) {
		const char *from = scan->buffer + scan->start;
		bool held = lines_held(scan);
		const char *last, *hit, *begin;
		int filled;

		if (held && !scan->overlong) {
			last = scan->buffer + scan->lines_end - 1;
			hit = needle_find(from, last, needle, length);
			begin = hit == NULL ? NULL : memrchr(from, '\n', (size_t)(hit - from));
			begin = hit == NULL ? last + 1 : begin == NULL ? from : begin + 1;
			scan->offset += begin - from;
			scan->start += (size_t)(begin - from);
			scan->searched = 0;
			if (hit != NULL)
				return scan_next(scan, line, fault);
		} else if (held) {
			scan_next(scan, line, fault); /* the end of an overlong one */
			continue;
		}
		filled = scan_fill(scan, fault);
		if (filled <= 0)
			return filled;
	}
}

void
scan_seek(struct scan *scan, off_t offset, uint64_t number)
{
	scan->start = scan->end = scan->searched = scan->skipped = scan->lines_end = 0;
	scan->overlong = scan->at_end = false;
	scan->offset = lseek(scan->fd, offset, SEEK_SET);
	scan->number = number;
}

off_t
scan_offset(const struct scan *scan)
{
	return scan->offset - (off_t)scan->skipped;
}

size_t
scan_unfinished(const struct scan *scan)
{
	return scan->end - scan->start + scan->skipped;
}

off_t
scan_size(const char *data_dir, const char *name)
{
	char path[PATH_MAX];
	struct stat status;
	int length = snprintf(path, sizeof(path), "%s/%s", data_dir, name);

	if (length < 0 || (size_t)length >= sizeof(path) || lstat(path, &status) != 0)
		return 0;
	return status.st_size;
}

static int
text_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int
scan_names_add(struct scan_names *names, const char *name, size_t length)
{
	if (names->count == names->size) {
		size_t size = names->size == 0 ? 64 : 2 * names->size;
		char **larger = realloc(names->names, size * sizeof(*larger));

		if (larger == NULL)
			return -1;
		names->names = larger;
		names->size = size;
	}
	names->names[names->count] = strndup(name, length);
	if (names->names[names->count] == NULL)
		return -1;
	names->count++;
	return 0;
}

void
scan_names_sort(struct scan_names *names)
{
	if (names->count > 0)
		qsort(names->names, names->count, sizeof(*names->names), text_compare);
}

int
scan_list(const char *data_dir, struct scan_names *names, struct fault *fault)
{
	DIR *directory = opendir(data_dir);
	const struct dirent *entry;
	int error;

	*names = (struct scan_names){ 0 };
	if (directory == NULL)
		return fault_set(fault, errno == ENOMEM ? FAULT_MEMORY : FAULT_DATA_DIR, "%s: %s",
		    data_dir, strerror(errno));
	/* What could not be read is not the list's end. */
	for (errno = 0; (entry = readdir(directory)) != NULL; errno = 0) {
		if (scan_name_is_log(entry->d_name) &&
		    scan_names_add(names, entry->d_name, strlen(entry->d_name)) != 0) {
			closedir(directory);
			scan_names_free(names);
			return fault_memory(fault);
		}
	}
	error = errno;
	closedir(directory);
	if (error != 0) {
		scan_names_free(names);
		return fault_set(fault, FAULT_DATA_DIR, "%s: cannot list it: %s", data_dir,
		    strerror(error));
	}
	scan_names_sort(names);
	return 0;
}

void
scan_names_free(struct scan_names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->names[i]);
	free(names->names);
	*names = (struct scan_names){ 0 };
}

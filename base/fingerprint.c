/*
 * fingerprint.c - does a file still hold what was read of it?
 *
 * A log only grows, with three exceptions: a writer takes its own line back, a torn end is set
 * aside, or someone rewrites the log by hand.  A reader that goes on after a line asks first
 * whether that line is still there.  The hash has no seed, since one program keeps it in a
 * database.  A sender that finds two texts with one hash gains nothing.
 */
#include "base/fingerprint.h"

#include <errno.h>
#include <unistd.h>

#define BLOCK_SIZE 4096

static void
fingerprint_add(struct fingerprint *print, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		print->hash = (print->hash ^ (unsigned char)bytes[i]) * UINT64_C(0x100000001b3);
}

static void
fingerprint_begin(struct fingerprint *print, off_t start, off_t end)
{
	*print = (struct fingerprint){ start, end, UINT64_C(0xcbf29ce484222325) };
}

void
fingerprint_set(struct fingerprint *print, const char *bytes, size_t length, off_t end)
{
	fingerprint_begin(print, end - (off_t)length, end);
	fingerprint_add(print, bytes, length);
}

int
fingerprint_read(struct fingerprint *print, int fd, off_t start, off_t end)
{
	char block[BLOCK_SIZE];

	fingerprint_begin(print, start, end);
	while (start < end) {
		size_t length =
		    end - start < (off_t)sizeof(block) ? (size_t)(end - start) : sizeof(block);
		ssize_t count = pread(fd, block, length, start);

		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0)
			return count < 0 ? -1 : 0;
		fingerprint_add(print, block, (size_t)count);
		start += count;
	}
	return 1;
}

int
fingerprint_holds(const struct fingerprint *print, int fd)
{
	struct fingerprint now;
	int result = 1;

	if (print->start < print->end)
		result = fingerprint_read(&now, fd, print->start, print->end);
	return result == 1 && print->start < print->end ? now.hash == print->hash : result;
}

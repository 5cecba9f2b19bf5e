/* zip.h - an archive's lines, in gzip's format; the only code of the logs that knows zlib */
#ifndef LOG_ZIP_H
#define LOG_ZIP_H

#include <stddef.h>

struct fault;
struct line;

/*
 * Writes an archive:
 *
 *     struct zip *zip = zip_write(fd);              fd stays the caller's; NULL: errno
 *     zip_put(zip, bytes, length);                  a line, without its newline; -1: errno
 *     result = zip_end(zip);                        all is written to fd, and not synced; -1: errno
 */
struct zip;

struct zip *zip_write(int fd);
int zip_put(struct zip *zip, const char *bytes, size_t length);
int zip_end(struct zip *zip);

/*
 * Reads one:
 *
 *     struct zip_reader reader;
 *     if (zip_read(&reader, fd, &fault) == 0)
 *         while ((result = zip_next(&reader, &line, &fault)) == 1)
 *             use(&line);                           until the next call
 *     zip_close(&reader);                           in any case; fd stays the caller's
 *
 * A last line without a newline is a line, too; line.offset is not set.  zip_rewind: the first line
 * is next.  Fails with OPEN_FAILED where it is no whole archive, and MEMORY.
 */
struct zip_reader {
	/* private */
	void *file;
	char *buffer;
	size_t size, start, end;
	unsigned long long number;
};

int zip_read(struct zip_reader *reader, int fd, struct fault *fault);
int zip_next(struct zip_reader *reader, struct line *line, struct fault *fault);
int zip_rewind(struct zip_reader *reader, struct fault *fault);
void zip_close(struct zip_reader *reader);

#endif

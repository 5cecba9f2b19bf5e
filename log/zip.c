/*
 * zip.c - an archive's lines, in gzip's format.
 *
 * One buffer, refilled in place, that grows with the longest line: so memory is flat however large
 * the archive is.  A line longer than any of a log makes an archive that is none of ours.
 */
#include "log/zip.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zlib.h>

#include "base/fault.h"
#include "log/scan.h"
#include "store/options.h"

#define ZIP_BUFFER ((size_t)256 << 10)

struct zip {
	gzFile file;
};

/* Opens a descriptor of our own, which ends with the file. */
static gzFile
file_open(int fd, const char *mode)
{
	int own = dup(fd);
	gzFile file;

	if (own < 0)
		return NULL;
	errno = ENOMEM; /* zlib does not say why */
	file = gzdopen(own, mode);
	if (file == NULL)
		close(own);
	return file;
}

struct zip *
zip_write(int fd)
{
	struct zip *zip = malloc(sizeof(*zip));

	if (zip == NULL)
		return NULL;
	zip->file = file_open(fd, "wb");
	if (zip->file != NULL)
		return zip;
	free(zip);
	return NULL;
}

int
zip_put(struct zip *zip, const char *bytes, size_t length)
{
	return gzfwrite(bytes, 1, length, zip->file) == length && gzputc(zip->file, '\n') >= 0 ? 0
											       : -1;
}

int
zip_end(struct zip *zip)
{
	int result = gzclose(zip->file);

	free(zip);
	return result == Z_OK ? 0 : -1;
}

int
zip_read(struct zip_reader *reader, int fd, struct fault *fault)
{
	*reader = (struct zip_reader){ .size = ZIP_BUFFER };
	reader->buffer = malloc(reader->size + 1);
	if (reader->buffer == NULL)
		return fault_memory(fault);
	reader->file = lseek(fd, 0, SEEK_SET) == 0 ? file_open(fd, "rb") : NULL;
	return reader->file != NULL
	    ? 0
	    : fault_set(fault, FAULT_OPEN_FAILED, "cannot read it: %s", strerror(errno));
}

/* zlib's reason without the name that it gives to a descriptor, as in "<fd:4>: ". */
static const char *
reason_alone(const char *reason)
{
	const char *behind = reason[0] == '<' ? strstr(reason, ">: ") : NULL;

	return behind == NULL ? reason : behind + strlen(">: ");
}

/* Reads on: 1; 0: at the end; -1: fault. */
static int
buffer_fill(struct zip_reader *reader, struct fault *fault)
{
	int got, error;
	const char *reason;

	memmove(reader->buffer, reader->buffer + reader->start, reader->end - reader->start);
	reader->end -= reader->start;
	reader->start = 0;
	if (reader->end == reader->size) {
		char *larger = reader->size > LINE_SIZE_MAX
		    ? NULL
		    : realloc(reader->buffer, 2 * reader->size + 1);

		if (larger == NULL && reader->size > LINE_SIZE_MAX)
			return fault_set(fault, FAULT_OPEN_FAILED,
			    "line %llu is longer than any of a log", reader->number + 1);
		if (larger == NULL)
			return fault_memory(fault);
		reader->buffer = larger;
		reader->size *= 2;
	}
	got = gzread(reader->file, reader->buffer + reader->end,
	    (unsigned)(reader->size - reader->end));
	reason = gzerror(reader->file, &error);
	if (got < 0 || (error != Z_OK && error != Z_STREAM_END))
		return fault_set(fault, FAULT_OPEN_FAILED, "is no whole archive: %s",
		    error == Z_ERRNO ? strerror(errno) : reason_alone(reason));
	reader->end += (size_t)got;
	return got > 0;
}

int
zip_next(struct zip_reader *reader, struct line *line, struct fault *fault)
{
	size_t searched = 0;
	char *newline;
	int more = 1;

	for (;;) {
		size_t held = reader->end - reader->start;

		newline = memchr(reader->buffer + reader->start + searched, '\n', held - searched);
		if (newline != NULL || more == 0)
			break;
		searched = held;
		more = buffer_fill(reader, fault);
		if (more < 0)
			return -1;
	}
	if (newline == NULL && reader->start == reader->end)
		return 0;
	if (newline == NULL)
		newline = reader->buffer + reader->end;
	*line = (struct line){ .bytes = reader->buffer + reader->start,
		.length = (size_t)(newline - reader->buffer) - reader->start,
		.number = ++reader->number };
	reader->start = (size_t)(newline - reader->buffer) + 1;
	if (reader->start > reader->end)
		reader->start = reader->end;
	return 1;
}

int
zip_rewind(struct zip_reader *reader, struct fault *fault)
{
	reader->start = reader->end = 0;
	reader->number = 0;
	return gzrewind(reader->file) == 0
	    ? 0
	    : fault_set(fault, FAULT_OPEN_FAILED, "cannot read it again");
}

void
zip_close(struct zip_reader *reader)
{
	if (reader->file != NULL)
		gzclose(reader->file);
	free(reader->buffer);
	*reader = (struct zip_reader){ 0 };
}

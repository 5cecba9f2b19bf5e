/* file.h - reading and writing an open file as a whole, by its descriptor */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* All of the bytes, or -1 with errno. */
int file_write(int fd, const char *bytes, size_t length);

/* All of the bytes from offset on, or -1 with errno: EIO where the file ends before. */
int file_read(int fd, char *bytes, size_t length, off_t offset);

/* Appends what one file holds from start to end to another one.  0, or -1 with errno. */
int file_copy(int from, off_t start, off_t end, int to);

/*
 * Makes the file's content durable: fdatasync(2).  Only an interruption is tried again: after a
 * failure the kernel has dropped what it could not write, and a second call would lie.
 */
int file_sync(int fd);

/* Is the open file the one of that name? */
bool path_is_file(const char *path, int fd);

#endif

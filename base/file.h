/* file.h - an open file as a whole, by its descriptor; what was printed; and where a program is */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <sys/stat.h>

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

/* Writes all of the bytes.  -1: errno. */
int file_write(int fd, const char *bytes, size_t length);

/* Reads all of the bytes, from offset on.  -1: errno, EIO where the file ends before. */
int file_read(int fd, char *bytes, size_t length, off_t offset);

/* Appends the bytes of one file from start to end to another file.  -1: errno. */
int file_copy(int from, off_t start, off_t end, int to);

/*
 * Makes the file's content durable: fdatasync(2).  Only an interrupted call is tried again: after a
 * failure the kernel has dropped what it could not write, and a second call would report success.
 */
int file_sync(int fd);

/*
 * Takes the numbers of standard input, output and error where they are closed, so that no file gets
 * them and what is printed does not end in a log: reading and writing there fail.  -1: errno.
 */
int file_standard(void);

/* Writes out what was printed: EX_OK; EX_IOERR: it could not all be written, and standard error says why. */
int output_end(const char *program);

/*
 * Gives a file that replaces another its permissions, and its group; where it cannot have that, for
 * whoever replaces it is not in it, the group that it has gets none.  -1: errno.
 */
int file_permit(int fd, const struct stat *replaced);

/* Why a file could not be opened with O_NOFOLLOW, of errno's value; as strerror's, to be used at once. */
const char *file_open_reason(int error);

/* Does that path lead to the open file? */
bool path_is_file(const char *path, int fd);

/*
 * Finds a program in PATH, whose relative directories depend on where we are and do not count.
 * False: it is not there, and path is "".
 */
bool program_find(const char *name, char path[PATH_MAX]);

#endif

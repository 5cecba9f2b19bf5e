/*
 * file.c - reading and writing an open file as a whole, by its descriptor; and where a program is.
 */
#include "base/file.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#define BLOCK_SIZE 2048 /* uses few pages */

int
file_write(int fd, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t count = write(fd, bytes, length);

		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0)
			return -1;
		bytes += count;
		length -= (size_t)count;
	}
	return 0;
}

int
file_read(int fd, char *bytes, size_t length, off_t offset)
{
	while (length > 0) {
		ssize_t count = pread(fd, bytes, length, offset);

		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0) {
			if (count == 0)
				errno = EIO; /* the file is shorter than the caller knew */
			return -1;
		}
		bytes += count;
		offset += count;
		length -= (size_t)count;
	}
	return 0;
}

int
file_copy(int from, off_t start, off_t end, int to)
{
	char block[BLOCK_SIZE];

	while (start < end) {
		size_t length = end - start < BLOCK_SIZE ? (size_t)(end - start) : BLOCK_SIZE;

		if (file_read(from, block, length, start) != 0 ||
		    file_write(to, block, length) != 0)
			return -1;
		start += (off_t)length;
	}
	return 0;
}

int
file_sync(int fd)
{
	int result;

	do
		result = fdatasync(fd);
	while (result != 0 && errno == EINTR);
	return result;
}

int
file_standard(void)
{
	/* The lowest number that is free is taken. */
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 &&
		    openat(AT_FDCWD, "/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) < 0)
			return -1;
	return 0;
}

int
output_end(const char *program)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return EX_OK;
	fprintf(stderr, "%s: cannot write: %s\n", program, strerror(errno));
	return EX_IOERR;
}

int
file_permit(int fd, const struct stat *replaced)
{
	mode_t mode = replaced->st_mode & (S_IRWXU | S_IRWXG | S_IRWXO);
	struct stat status;

	if (fstat(fd, &status) != 0)
		return -1;
	if (status.st_gid != replaced->st_gid && fchown(fd, (uid_t)-1, replaced->st_gid) != 0)
		mode &= (mode_t)~S_IRWXG;
	return fchmod(fd, mode);
}

const char *
file_open_reason(int error)
{
	return error == ELOOP ? "is a symbolic link" : strerror(error);
}

bool
path_is_file(const char *path, int fd)
{
	struct stat opened, named;

	return fstat(fd, &opened) == 0 && lstat(path, &named) == 0 &&
	    opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

bool
program_find(const char *name, char path[PATH_MAX])
{
	const char *at = getenv("PATH");

	if (at == NULL || at[0] == '\0')
		at = "/usr/local/bin:/usr/bin:/bin";
	for (; *at != '\0'; at += *at == ':') {
		int length = (int)strcspn(at, ":"), used;

		used = snprintf(path, PATH_MAX, "%.*s/%s", length, at, name);
		at += length;
		if (path[0] == '/' && used < PATH_MAX && access(path, X_OK) == 0)
			return true;
	}
	path[0] = '\0';
	return false;
}

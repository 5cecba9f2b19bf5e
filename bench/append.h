/* append.h - the least that an append can be. */
#ifndef APPEND_H
#define APPEND_H

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

/* Open, lock, write, sync, unlock, close; 0, or -1 where one of them fails. */
static inline int
append_bare(const char *path, bool sync)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char line[343]; /* as long as the event that is posted */
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);

	memset(line, ' ', sizeof(line));
	line[0] = '{';
	memcpy(line + sizeof(line) - 2, "}\n", 2);
	if (fd < 0 || fcntl(fd, F_OFD_SETLKW, &lock) != 0 ||
	    write(fd, line, sizeof(line)) != (ssize_t)sizeof(line) || (sync && fdatasync(fd) != 0))
		return -1;
	lock.l_type = F_UNLCK;
	fcntl(fd, F_OFD_SETLK, &lock);
	return close(fd);
}

#endif

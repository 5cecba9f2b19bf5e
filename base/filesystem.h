/* filesystem.h - kinds of file systems, and what each is known for */
#ifndef BASE_FILESYSTEM_H
#define BASE_FILESYSTEM_H

#include <stdbool.h>

#define FILESYSTEM_NFS 0x6969

struct filesystem {
	unsigned long magic; /* as statfs(2) gives it */
	const char *name;
	bool remote;         /* other machines may write it, too */
	const char *warning; /* what a user of it should know, or NULL */
};

/* NULL: the kind is not known. */
const struct filesystem *filesystem_find(unsigned long magic);

/*
 * Is the path on a file system that is known to be a network's, or that may be one (FUSE)?  False
 * where the path cannot be looked at.
 */
bool filesystem_is_remote(const char *path);

#endif

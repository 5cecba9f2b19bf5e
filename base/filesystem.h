/* filesystem.h - kinds of file systems, and what is known of each */
#ifndef BASE_FILESYSTEM_H
#define BASE_FILESYSTEM_H

#include <stdbool.h>

#define FILESYSTEM_EXT4 0xef53 /* ext2 and ext3, too */
#define FILESYSTEM_NFS 0x6969

struct filesystem {
	unsigned long magic; /* as statfs(2) gives it */
	const char *name;
	bool remote;         /* other machines may write to it, too */
	const char *warning; /* what a user of it should know, or NULL */
};

/* Returns NULL where the kind is not known. */
const struct filesystem *filesystem_find(unsigned long magic);

/*
 * Is the path on a network file system, or on one that may be (FUSE)?  False where the path cannot
 * be examined.
 */
bool filesystem_is_remote(const char *path);

#endif

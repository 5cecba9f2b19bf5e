/* mount.h - the file system that holds a directory, and what it is known for */
#ifndef MOUNT_H
#define MOUNT_H

#include <stdbool.h>
#include <stdio.h>

#include "config.h"

#define MOUNT_TEXT_SIZE 256

struct mount {
	unsigned long magic; /* as statfs(2) gives it; 0: not known */
	char type[32];       /* "ext4"; "": not known */
	char *options;       /* ",rw,relatime,rw,vers=3,", for mount_free; NULL: not known */
};

/* Which mount is an open file or directory of?  What is not known stays empty. */
void mount_find(struct mount *mount, int fd);
/*
 * Adds to an ext4's options what its superblock says: no_journal; fast_commit, where something was
 * synced there since it was mounted.
 */
void mount_look(struct mount *mount, int fd);
/* Fills in type and options from a list like /proc/self/mountinfo, of the mount of that number. */
void mount_read(struct mount *mount, FILE *list, unsigned long number);
void mount_free(struct mount *mount);

/* Is it known that no other machine writes there? */
bool mount_is_local(const struct mount *mount);
/* What is to be said of a data directory there, one line of printable text. */
enum verdict mount_judge(const struct mount *mount, char text[MOUNT_TEXT_SIZE]);

#endif

/* directory.h - the data directory: is it there, ours, and which one? */
#ifndef STORE_DIRECTORY_H
#define STORE_DIRECTORY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct fault;
struct store_options;

/*
 * Is the data directory there, a directory, and not for others to write?
 * store_check_access: and can we?  Both fail with DATA_DIR.
 */
int store_check(const struct store_options *options, struct fault *fault);
int store_check_access(const struct store_options *options, struct fault *fault);

/* Which directory a path leads to. */
struct store_place {
	dev_t device;
	ino_t inode;
	int64_t born; /* nanoseconds since 1970; 0 where the file system does not say */
};

/* As store_check, and which directory is it? */
int store_look(const struct store_options *options, struct store_place *place, struct fault *fault);
bool store_place_equals(const struct store_place *one, const struct store_place *other);

/* As access(2), with the rights that are in force; may fail with EPERM under no filter of a container's. */
int directory_may(const char *path, int mode);

#endif

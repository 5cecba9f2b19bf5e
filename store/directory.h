/* directory.h - the data directory: is it there, ours, and which one? */
#ifndef STORE_DIRECTORY_H
#define STORE_DIRECTORY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct fault;
struct store_options;

/*
 * Is the data directory there, is it a directory, and can no other user write it?
 * store_check_access: can we also use it?  Both fail with DATA_DIR.
 */
int store_check(const struct store_options *options, struct fault *fault);
int store_check_access(const struct store_options *options, struct fault *fault);

/* Which directory a path leads to. */
struct store_place {
	dev_t device;
	ino_t inode;
	int64_t born; /* nanoseconds since 1970; 0 where the file system does not say */
};

/* As store_check, and fills in which directory it is. */
int store_look(const char *data_dir, struct store_place *place, struct fault *fault);
bool store_place_equals(const struct store_place *one, const struct store_place *other);

/* Fails with CONFIG_UNSAFE if the data directory is document_root or below it. */
int directory_check_root(const char *data_dir, const char *document_root, struct fault *fault);

/*
 * As access(2), but asks for the rights that are in force (the effective user).  Never fails with
 * EPERM because a container's filter does not know the call.
 */
int directory_may(const char *path, int mode);

#endif

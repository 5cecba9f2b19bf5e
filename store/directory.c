/* directory.c - the data directory: is it there, is it ours, and which one is it? */
#include "store/directory.h"

#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#if defined(__has_include) && !defined(STATX_BTIME) /* musl has none of it before 1.2.5 */
#if __has_include(<linux/stat.h>)
#include <linux/stat.h>
#endif
#endif

#include "base/fault.h"
#include "store/options.h"

/*
 * Fills in the directory's mode and which directory it is.  The time of birth counts, since some
 * file systems, ext4 for example, give a freed inode number to the next file at once.  A
 * container's filter can answer EPERM to a call that it does not know.
 */
static int
directory_examine(const char *path, mode_t *mode, struct store_place *place)
{
	struct stat status;

	*place = (struct store_place){ 0 };
#if defined(SYS_statx) && defined(STATX_BTIME)
	struct statx more;

	if (syscall(SYS_statx, AT_FDCWD, path, 0, STATX_TYPE | STATX_MODE | STATX_INO | STATX_BTIME,
		&more) == 0) {
		*mode = more.stx_mode;
		place->device = makedev(more.stx_dev_major, more.stx_dev_minor);
		place->inode = more.stx_ino;
		if ((more.stx_mask & STATX_BTIME) != 0)
			place->born =
			    (int64_t)more.stx_btime.tv_sec * 1000000000 + more.stx_btime.tv_nsec;
		return 0;
	}
	if (errno != EPERM && errno != ENOSYS)
		return -1;
#endif
	if (stat(path, &status) != 0)
		return -1;
	*mode = status.st_mode;
	place->device = status.st_dev;
	place->inode = status.st_ino;
	return 0;
}

int
store_look(const char *data_dir, struct store_place *place, struct fault *fault)
{
	mode_t mode;

	if (directory_examine(data_dir, &mode, place) != 0)
		return fault_set(fault, FAULT_DATA_DIR, "data_dir: %s: %s", data_dir,
		    strerror(errno));
	if (!S_ISDIR(mode))
		return fault_set(fault, FAULT_DATA_DIR, "data_dir: %s: is not a directory",
		    data_dir);
	if ((mode & S_IWOTH) != 0)
		return fault_set(fault, FAULT_DATA_DIR, "data_dir: %s: others can write to it",
		    data_dir);
	return 0;
}

bool
store_place_equals(const struct store_place *one, const struct store_place *other)
{
	return one->device == other->device && one->inode == other->inode &&
	    one->born == other->born;
}

int
store_check(const struct store_options *options, struct fault *fault)
{
	struct store_place ignored;

	return store_look(options->data_dir, &ignored, fault);
}

/*
 * AT_EACCESS needs a call of Linux 5.8.  Where a filter does not know that call, the old call asks
 * for the real user, who usually is the effective user.
 */
int
directory_may(const char *path, int mode)
{
	if (faccessat(AT_FDCWD, path, mode, AT_EACCESS) == 0)
		return 0;
	if (errno != EPERM && errno != ENOSYS)
		return -1;
	return access(path, mode); /* faccessat may use the new call again */
}

int
store_check_access(const struct store_options *options, struct fault *fault)
{
	if (store_check(options, fault) != 0)
		return -1;
	if (directory_may(options->data_dir, R_OK | W_OK | X_OK) != 0)
		return fault_set(fault, FAULT_DATA_DIR, "data_dir: %s: %s", options->data_dir,
		    strerror(errno));
	return 0;
}

/* Compares directories, not spellings: walks from data_dir up to the root. */
int
directory_check_root(const char *data_dir, const char *document_root, struct fault *fault)
{
	struct stat root, at, above;
	char path[PATH_MAX];
	size_t length = strlen(data_dir);

	if (document_root == NULL || document_root[0] == '\0' || stat(document_root, &root) != 0)
		return 0; /* nothing is served from there */
	if (length + 1 > sizeof(path) || stat(data_dir, &at) != 0)
		return 0; /* store_look tells */
	memcpy(path, data_dir, length + 1);
	for (;;) {
		if (at.st_dev == root.st_dev && at.st_ino == root.st_ino)
			return fault_set(fault, FAULT_CONFIG_UNSAFE,
			    "data_dir: lies inside the document root %s", document_root);
		if (length + sizeof("/..") > sizeof(path))
			return 0;
		memcpy(path + length, "/..", sizeof("/.."));
		length += sizeof("/..") - 1;
		if (stat(path, &above) != 0 ||
		    (above.st_dev == at.st_dev && above.st_ino == at.st_ino))
			return 0;
		at = above;
	}
}

/*
 * faults.h - calls into the system that fail when a test wants it.
 *
 * The linker's --wrap (Makefile) puts the functions below between the modules and the C library.
 */
#ifndef TESTS_FAULTS_H
#define TESTS_FAULTS_H

#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "unit.h"

#define SHORT_WRITE 0 /* an "errno": write writes one byte, pread finds the end */

static struct {
	int countdown; /* the call that fails; 0: none */
	int error;
	bool stays;        /* its like fail from then on */
	const char *fired; /* what failed */
} fault_plan;

static bool
fails(const char *name)
{
	bool again =
	    fault_plan.fired != NULL && fault_plan.stays && strcmp(fault_plan.fired, name) == 0;

	if (!again && (fault_plan.countdown == 0 || --fault_plan.countdown > 0))
		return false;
	if (!again)
		fault_plan.fired = name;
	errno = fault_plan.error;
	return true;
}

/* Memory is had or not, whatever the errno: it fails with one of them alone. */
static bool
memory_fails(const char *name)
{
	return fault_plan.error == ENOMEM && fails(name);
}

WRAP(int, open64, -1, (const char *path, int flags, mode_t mode), (path, flags, mode))
WRAP(int, openat64, -1, (int directory, const char *path, int flags, mode_t mode),
    (directory, path, flags, mode))
WRAP(int, fstat64, -1, (int fd, struct stat *status), (fd, status))
WRAP(int, fstatat64, -1, (int fd, const char *path, struct stat *status, int flags),
    (fd, path, status, flags))
WRAP(int, stat64, -1, (const char *path, struct stat *status), (path, status))
WRAP(int, ftruncate64, -1, (int fd, off_t size), (fd, size))
WRAP(ssize_t, pread64, fault_plan.error == SHORT_WRITE ? 0 : -1,
    (int fd, void *bytes, size_t size, off_t offset), (fd, bytes, size, offset))
WRAP(ssize_t, read, -1, (int fd, void *bytes, size_t size), (fd, bytes, size))
WRAP(DIR *, opendir, NULL, (const char *path), (path))
#define WRAP_MEMORY(name, parameters, arguments)                                                   \
	WRAP_WHERE(memory_fails(#name), void *, name, NULL, parameters, arguments)

WRAP_MEMORY(malloc, (size_t size), (size))
WRAP_MEMORY(calloc, (size_t members, size_t size), (members, size))
WRAP_MEMORY(realloc, (void *block, size_t size), (block, size))

/* What a test does before a lock is asked for; false: another has it. */
static bool (*lock_hook)(void);

int __real_fcntl64(int fd, int command, void *argument);
int __wrap_fcntl64(int fd, int command, void *argument);
int
__wrap_fcntl64(int fd, int command, void *argument)
{
	if (lock_hook != NULL && (command == F_OFD_SETLK || command == F_SETLK) && !lock_hook()) {
		errno = EAGAIN;
		return -1;
	}
	return fails("fcntl64") ? -1 : __real_fcntl64(fd, command, argument);
}

/* Nobody cuts the power here: what does not fail does nothing, and takes no time. */
#define WRAP_SYNC(name)                                                                            \
	int __wrap_##name(int fd);                                                                 \
	int __wrap_##name(int fd)                                                                  \
	{                                                                                          \
		(void)fd;                                                                          \
		return fails(#name) ? -1 : 0;                                                      \
	}

WRAP_SYNC(fdatasync)
WRAP_SYNC(fsync)

/* Some file systems write out at once what takes the place of another file: so it takes an empty one. */
int __real_rename(const char *from, const char *to);
int __wrap_rename(const char *from, const char *to);
int
__wrap_rename(const char *from, const char *to)
{
	if (fails("rename"))
		return -1;
	if (faccessat(AT_FDCWD, from, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		remove(to);
	return __real_rename(from, to);
}

int __real_close(int fd);
int __wrap_close(int fd);
int
__wrap_close(int fd)
{
	int result = __real_close(fd); /* it is closed even where it fails */

	return fails("close") ? -1 : result;
}

ssize_t __real_write(int fd, const void *bytes, size_t size);
ssize_t __wrap_write(int fd, const void *bytes, size_t size);
ssize_t
__wrap_write(int fd, const void *bytes, size_t size)
{
	if (!fails("write"))
		return __real_write(fd, bytes, size);
	return fault_plan.error == SHORT_WRITE ? __real_write(fd, bytes, 1) : -1;
}

static const int errors[] = { EIO, ENOSPC, EINTR, ENOMEM, EACCES, ENOENT, ENOLCK, EINVAL,
	SHORT_WRITE };

static void
plan(int countdown, int error, bool stays)
{
	fault_plan.countdown = countdown;
	fault_plan.error = error;
	fault_plan.stays = stays;
	fault_plan.fired = NULL;
}

/* Ends the plan; what failed, or NULL. */
static const char *
plan_end(void)
{
	const char *fired = fault_plan.fired;

	plan(0, 0, false);
	return fired;
}

#endif

/*
 * lock.h - a lock on a whole file, with a wait that ends.
 *
 * Uses open-file-description locks where the kernel has them.  A POSIX lock vanishes when anything
 * in the process closes the file, and flock(2) does not exclude programs that use fcntl(2).
 */
#ifndef BASE_LOCK_H
#define BASE_LOCK_H

#include <stdint.h>

/*
 * Tries to lock.  type: F_RDLCK or F_WRLCK. 0, or -1 with errno: EAGAIN or EACCES where another has
 * the lock.
 */
int lock_try(int fd, short type);

/*
 * Waits for the lock until that time of clock_milliseconds.  -1: errno, EINTR where the time was
 * over. Uses SIGALRM and ITIMER_REAL.
 */
int lock_wait(int fd, short type, int64_t until);

/* Releases the lock.  Closing the file releases it, too. */
void lock_end(int fd);

#endif

/*
 * lock.h - a lock on a whole file, waited for as long as there is time.
 *
 * Open-file-description locks where the kernel has them: POSIX locks vanish when anything in the
 * process closes the file, and flock(2) does not exclude programs that use fcntl(2).
 */
#ifndef BASE_LOCK_H
#define BASE_LOCK_H

#include <stdint.h>

/* type: F_RDLCK or F_WRLCK.  0, or -1 with errno: EAGAIN or EACCES where another has it. */
int lock_try(int fd, short type);

/*
 * Waits for it until then, in milliseconds of clock_milliseconds.  -1: errno, EINTR where it was not
 * had in time.  Uses SIGALRM and ITIMER_REAL.
 */
int lock_wait(int fd, short type, int64_t until);

/* Gives it back; closing the file does so, too. */
void lock_end(int fd);

#endif

/* fingerprint.h - does a file still hold what was read of it? */
#ifndef BASE_FINGERPRINT_H
#define BASE_FINGERPRINT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * The bytes that were read of a file, from offset start to end.  To ask later whether they are still there:
 *
 *     struct fingerprint print = { 0 };              no bytes: every file holds them
 *     fingerprint_set(&print, bytes, length, end);   length bytes, which end at that offset
 *     ...
 *     result = fingerprint_holds(&print, fd);        1: they are; 0: they are not; -1: errno
 *
 * fingerprint_read makes it from the file itself: 1; 0: the file ends before end; -1: errno.
 */
struct fingerprint {
	off_t start, end;
	uint64_t hash; /* FNV-1a of the bytes, the same in every process */
};

void fingerprint_set(struct fingerprint *print, const char *bytes, size_t length, off_t end);
int fingerprint_read(struct fingerprint *print, int fd, off_t start, off_t end);
int fingerprint_holds(const struct fingerprint *print, int fd);

#endif

/*
 * refused.h - how many genuine events were refused, by reason: the counter file .refused
 *
 * The receiver writes it after its answer; msgextctl alarm and the viewer read it.
 */
#ifndef STORE_REFUSED_H
#define STORE_REFUSED_H

#include <stdint.h>

#include "base/fault.h"

struct store_options;

#define REFUSED_NAME ".refused" /* it begins with a dot: no log's name does */
#define REFUSED_MAX 31          /* reasons that the file has room for */
#define REFUSED_REASON_SIZE 25

/*
 * Makes the file, with all of its bytes on the disk, so that it can be written once the disk is
 * full.  Nothing happens where it is there, and where it cannot be made.
 */
void refused_prepare(const struct store_options *options);

/*
 * Counts one event that was refused because of that fault, now: milliseconds since 1970.  Waits for
 * nobody, and counts nothing where the file is another's, or cannot be written.
 */
void refused_count(const struct store_options *options, enum fault_code code, int64_t now);

/* What was counted for one reason. */
struct refused {
	char reason[REFUSED_REASON_SIZE]; /* a fault's slug: letters and '-' */
	uint64_t count;                   /* at least so many; 1 or more */
	int64_t first, last;              /* milliseconds since 1970 */
};

/*
 * Reads what stands in the file; what is none of ours is skipped.  The number of reasons, 0 also
 * where there is no file; -1: OPEN_FAILED.
 */
int refused_read(struct refused list[REFUSED_MAX], const char *data_dir, struct fault *fault);

#endif

/* space.h - how full a directory's file system is, and its user's quota */
#ifndef BASE_SPACE_H
#define BASE_SPACE_H

#include <stdbool.h>
#include <stdint.h>

#define SPACE_LOW_PERCENT 80
#define SPACE_TEXT_SIZE 128

/* What there is of one kind, bytes or files. */
struct space_part {
	uint64_t used;
	uint64_t most; /* 0: not known, or there is no limit */
};

struct space {
	struct space_part disk, disk_files;
	struct space_part quota, quota_files;
	bool quota_known; /* the system told; most is 0 where no limit is set */
};

/*
 * Looks at the file system of an open directory, as far as this user may use it, and at the quota
 * of the user and the group that new files there belong to, whichever of the two leaves less.
 * What the system does not tell, for it has no quotas or a filter refuses the call, is not known,
 * which is no fault.
 */
void space_look(struct space *space, int directory);

/* What is left of it. */
uint64_t space_left(const struct space_part *part);
/* How much is used, in percent rounded down; 0 where that is not known. */
unsigned space_percent(const struct space_part *part);
/* Is so much used, SPACE_LOW_PERCENT, that somebody should know? */
bool space_is_low(const struct space_part *part);

/* Says what is low of a directory's space, in one line for an error log; false: nothing that is known. */
bool space_tell_low(const char *path, char text[SPACE_TEXT_SIZE]);

#endif

/* sound.h - the beginning of a log of which verify has nothing to say, read by several threads */
#ifndef CTL_SOUND_H
#define CTL_SOUND_H

#include <stdint.h>
#include <sys/types.h>

struct ctl;
struct progress;
struct scan;
struct state;

struct sound {
	/* the caller's: shows how many of total bytes are read, the log's after done */
	struct progress *progress;
	off_t done, total;
	/* what there is */
	struct state
	    *state; /* of the lines read, without pairs; for state_free, even where this fails */
	uint64_t lines;
};

/*
 * Reads a log of that name, which was just opened, and leaves the scan where the first line begins that has to be
 * looked at: all before are events of the usual shape, of this group, of versions that stand once or whose
 * repetitions are the same.  -1: ctl->fault.
 */
int sound_read(struct ctl *ctl, const char *name, struct scan *scan, struct sound *sound);

#endif

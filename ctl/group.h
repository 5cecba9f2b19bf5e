/* group.h - the groups and messages that people name, and those that they mean */
#ifndef CTL_GROUP_H
#define CTL_GROUP_H

#include <stdbool.h>
#include <stdint.h>

#include "record.h"

struct ctl;

/*
 * The group whose log has that file name: 1; 0: there is no line yet, or no such file; -1: ctl->fault,
 * LOG_UNSAFE where no line is of a group whose log it could be.
 */
int ctl_log_group(struct ctl *ctl, const char *name, char group_id[GROUP_ID_MAX + 1]);

/*
 * Where the data directory has no log of ctl's group, but a log of that file name, with or without
 * its ending and the directory: ctl's group is then the one whose log that is.
 */
void ctl_group_find(struct ctl *ctl);
/* Has the data directory no log of ctl's group?  False also where that cannot be told. */
bool ctl_group_is_missing(const struct ctl *ctl);
/*
 * Reports what helps whoever was shown nothing: which messages the group has, where ctl's is none
 * of them; that there are no events at all; or which group may be meant.
 */
void ctl_tell_next(struct ctl *ctl);

/* Tells a person who waits that the group, or the message, has no events yet. */
void ctl_tell_waiting(struct ctl *ctl);

#endif

/* follow.h - the events of logs as they come */
#ifndef CTL_FOLLOW_H
#define CTL_FOLLOW_H

struct ctl;

/* Prints what ctl selects, from the beginning, until nobody reads it any more: 0; -1: ctl->fault. */
int log_follow(struct ctl *ctl);

#endif

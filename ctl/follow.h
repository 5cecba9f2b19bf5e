/* follow.h - the records of logs as they come */
#ifndef CTL_FOLLOW_H
#define CTL_FOLLOW_H

struct ctl;
struct item;

struct follow {
	/* Takes a record that ctl selects, of the log of that name.  -1: ctl->fault. */
	int (*take)(struct ctl *ctl, const char *log_name, const struct item *item, void *context);
	/* All that is there was taken.  1: nobody wants more; -1: ctl->fault. */
	int (*rest)(struct ctl *ctl, void *context);
	void *context;
	int wake; /* rest is called after so many milliseconds again, come what may; -1: it is not */
};

/* Takes what ctl selects, from the beginning, until nobody wants it any more: 0; -1: ctl->fault. */
int log_follow(struct ctl *ctl, const struct follow *follow);

#endif

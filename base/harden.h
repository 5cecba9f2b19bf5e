/* harden.h - give up what the process will not need */
#ifndef BASE_HARDEN_H
#define BASE_HARDEN_H

enum harden_access {
	HARDEN_READ,   /* the files of the directory can be read, */
	HARDEN_APPEND, /* and made, and written, */
	HARDEN_REPLACE /* and removed, or put in others' places */
};

/*
 * Until the process ends, it gets no new privileges.  Where the kernel has Landlock, it can open
 * files in the data directory only.
 */
void harden(const char *data_dir, enum harden_access access);

/*
 * The same for a program that starts others: they all can also read, and run, what is at these
 * paths and below, a list that NULL ends.
 */
void harden_with(const char *data_dir, enum harden_access access, const char *const *others);

#endif

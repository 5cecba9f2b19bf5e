/* harden.h - give up what the process will not need */
#ifndef BASE_HARDEN_H
#define BASE_HARDEN_H

enum harden_access {
	HARDEN_READ,  /* the files of the directory can be read */
	HARDEN_APPEND /* and made, and written */
};

/*
 * Until the process ends, it gets no new privileges.  Where the kernel has Landlock, it can open
 * files in the data directory only.
 */
void harden(const char *data_dir, enum harden_access access);

#endif

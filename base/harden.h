/* harden.h - give up what the process will not need */
#ifndef BASE_HARDEN_H
#define BASE_HARDEN_H

/*
 * Until the process ends, it gets no new privileges.  Where the kernel has Landlock, it can open
 * files in the data directory only.
 */
void harden(const char *data_dir);

#endif
